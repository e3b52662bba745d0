#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kSameShown = 6;  ///< causes shown that cannot be told apart from one

/// "lot S4-L17", "supplier S4", "JACKET produced on 2026-03-16".
std::string cause_text(const Json& cause) {
    const std::string kind = text_at(cause, "kind");
    const std::string step = text_at(cause, "step");
    const std::string label = text_at(cause, "label");
    if (!step.empty()) return fmt::format("{} {} {}", step, kind == "day" ? "on" : "at", label);
    if (kind == "production" && !list_at(cause, "documents").empty()) return documents_text(cause, "documents", "id", "number");
    return fmt::format("{} {}", words(kind), label);
}

/// With its product.
std::string whole_cause_text(const Json& cause) {
    const std::string product = text_at(cause, "kind") == "product" ? text_at(cause, "product") : product_text(cause);
    return fmt::format("{}{}{}", cause_text(cause), product.empty() ? "" : " of ", product);
}

constexpr double kWholeFrom = 100;  ///< from here on a number is shown whole
constexpr double kWholeBelow = 1e9;

/// Three significant digits are enough.
std::string real_text(double value) {
    return value >= kWholeFrom && value < kWholeBelow ? grouped(fmt::format("{:.0f}", value)) : fmt::format("{:.3g}", value);
}

std::string real_text(const Json& from, std::string_view name) {
    const Json& number = at(from, name);
    return number.is_number() ? real_text(number.to_number<double>()) : std::string{};
}

std::string interval_text(const Json& hypothesis) {
    const std::string low = real_text(hypothesis, "riskRatioLow");
    return low.empty() ? std::string{} : fmt::format("{} to {}", low, real_text(hypothesis, "riskRatioHigh"));
}

/// Where no item without it failed there is no finite ratio; shown is that of the interval, its geometric middle, with 1/2 added to each
/// count (Haldane and Anscombe: core/base/statistics.hpp).
std::string ratio_text(const Json& hypothesis) {
    if (!at(hypothesis, "riskRatio").is_null()) return real_text(hypothesis, "riskRatio");
    if (interval_text(hypothesis).empty()) return {};
    const auto end = [&](std::string_view name) { return at(hypothesis, name).to_number<double>(); };
    return "about " + real_text(std::sqrt(end("riskRatioLow") * end("riskRatioHigh")));
}

std::string recall_text(const Json& hypothesis) {
    const Json& recall = at(hypothesis, "recall");
    return recall.is_null() ? std::string{"too many to count"} : grouped(count_at(recall, "ofProducts"));
}

std::uint64_t exposed(const Json& hypothesis) {
    const Json& table = at(hypothesis, "table");
    return count_at(table, "failedExposed") + count_at(table, "soundExposed");
}

std::string same_text(const Json& hypothesis) {
    const auto same = list_at(hypothesis, "same");
    std::string out;
    for (const Json& cause : same.first(std::min(same.size(), kSameShown))) out += (out.empty() ? "" : "; ") + whole_cause_text(cause);
    if (same.size() > kSameShown) out += fmt::format("; {}, --json has all", counted(same.size() - kSameShown, "more", "more"));
    return out;
}

std::string named_text(const Json& hypothesis, const Look& look) {
    const Json& recall = at(hypothesis, "recall");
    Facts facts;
    facts.add("why", text_at(hypothesis, "reason"));
    facts.add("cannot be told apart", same_text(hypothesis));
    facts.add("recall", recall.is_null()
                            ? recall_text(hypothesis)
                            : fmt::format("{} of the products compared, {} in all", counted(count_at(recall, "ofProducts"), "item"),
                                          grouped(count_at(recall, "items"))));
    return paint(look, Tone::bad, printable("Named: " + whole_cause_text(hypothesis))) + '\n' + facts.text(look) + '\n';
}

std::string population_text(const Json& population) {
    std::string products;
    for (const Json& product : list_at(population, "products")) products += (products.empty() ? "" : ", ") + product_text(product);
    const std::string from = text_at(population, "from");
    const std::string to = text_at(population, "to");
    return fmt::format("{}{}{}{}{}", counted(count_at(population, "items"), "item"), products.empty() ? "" : " of ", products,
                       from.empty() ? "" : ", from " + from, to.empty() ? "" : ", to " + to);
}

Table hypotheses_table(const Json& answer) {
    Table table{{{"hypothesis"},
                 {"of"},
                 {"failed", Align::right},
                 {"exposed", Align::right},
                 {"risk ratio", Align::right},
                 {"95 %", Align::right},
                 {"p", Align::right},
                 {"q", Align::right},
                 {"recall", Align::right},
                 {""}}};
    const auto all = list_at(answer, "hypotheses");
    for (const Json& hypothesis : all) {
        const bool named = flag_at(hypothesis, "named");
        std::string remark = named ? "named" : "";
        if (const Json& by = at(hypothesis, "explainedBy"); !by.is_null() && count_at(hypothesis, "explainedBy") < all.size())
            remark = "explained by " + cause_text(all[count_at(hypothesis, "explainedBy")]);
        const std::size_t same = list_at(hypothesis, "same").size();
        table.add({Cell{cause_text(hypothesis) + (same == 0 ? "" : fmt::format(" (+{})", same)), named ? Tone::bad : Tone::plain},
                   text_at(hypothesis, "sku").empty() ? text_at(hypothesis, "product") : text_at(hypothesis, "sku"),
                   grouped(count_at(at(hypothesis, "table"), "failedExposed")), grouped(exposed(hypothesis)), ratio_text(hypothesis),
                   interval_text(hypothesis), real_text(hypothesis, "p"), real_text(hypothesis, "q"), recall_text(hypothesis), remark});
    }
    return table;
}

}  // namespace

std::string render_attribution(const Json& answer, const Look& look) {
    const Json& population = at(answer, "population");
    const Json& method = at(answer, "method");
    std::string out = heading(look, fmt::format("What is behind {}, as of ledger position {}",
                                                counted(count_at(population, "failed"), "failed item"), text_at(answer, "asOf")));
    out += stale_text(answer, look);
    Facts facts;
    facts.add("compared with", population_text(population));
    facts.add("tested", fmt::format("{}: {}, {}", counted(count_at(answer, "tests"), "hypothesis", "hypotheses"), text_at(method, "test"),
                                    text_at(method, "correction")));
    facts.add("named", fmt::format("with q <= {} and at least {} failed", text_at(method, "alpha"), text_at(method, "failedMin")));
    for (const Json& product : list_at(population, "productsWithoutItems")) facts.add("has no items", product_text(product), Tone::warn);
    if (const std::size_t left = list_at(population, "leftOut").size(); left > 0)
        facts.add("left out", fmt::format("{} outside the population", counted(left, "failed item")), Tone::warn);
    if (const std::uint64_t left = count_at(answer, "notCounted"); left > 0)
        facts.add("not compared", fmt::format("{} that fewer failed items share", counted(left, "hypothesis", "hypotheses")), Tone::warn);
    if (const std::uint64_t left = count_at(answer, "conditionsLeftOut"); left > 0)
        facts.add("not looked at", fmt::format("attributes of {} that are not shared", counted(left, "item")));
    out += facts.text(look) + '\n';

    const auto all = list_at(answer, "hypotheses");
    bool any = false;
    for (const Json& hypothesis : all) {
        if (!flag_at(hypothesis, "named")) continue;
        any = true;
        out += named_text(hypothesis, look);
    }
    if (!any) out += paint(look, Tone::good, "Nobody is named: nothing is over-represented beyond what chance allows.") + "\n\n";
    if (all.empty()) return out;
    out += heading(look, fmt::format("Most over-represented: {} of {}", all.size(), grouped(count_at(answer, "candidates"))));
    return out + hypotheses_table(answer).text(look) + "  (+N): so many others have exactly the same items and cannot be told apart\n";
}

}  // namespace stemma::cli
