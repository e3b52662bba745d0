// Broken links and amounts as tables.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// Nothing is broken where there is nothing, and that must not look as if all were well.
std::string empty_ledger_text(const Json& answer) {
    if (text_at(answer, "asOf") != "0") return {};
    return "  Nothing had been recorded by then: it is the time of recording that counts (stemma ledger show 0).\n";
}

std::string counts_text(const Json& counts, const Look& look) {
    std::string out = heading(look, fmt::format("{} among {}, as of ledger position {}", counted(count_at(counts, "count"), "broken link"),
                                                counted(count_at(counts, "nodes"), "item and production", "items and productions"),
                                                text_at(counts, "asOf"))) +
                      stale_text(counts, look) + empty_ledger_text(counts);
    Table table{{{"kind"}, {"count", Align::right}, {"what would mend it"}}};
    for (const Json& line : list_at(counts, "byKind"))
        table.add({words(text_at(line, "kind")), grouped(count_at(line, "count")), text_at(line, "mend")});
    return out + table.text(look);
}

/// An amount as it stands in the answer, without its unit.
std::string amount_at(const Json& from, std::string_view name) { return grouped(text_at(from, name)); }

/// Whether a serial holds some of the goods: it is one thing, of which the bounds are 0 or 1.
std::string in_serial(const Json& item) {
    const auto some = [&](std::string_view name) { return text_at(item, name) != "0"; };
    if (some("certain")) return "in it: yes";
    if (some("possible")) return "in it: maybe";
    return some("atMost") ? "in it: maybe, by way of goods without lots" : "in it: no";
}

}  // namespace

std::string render_gaps(const Json& gaps, const Look& look) {
    if (!at(gaps, "byKind").is_null()) return counts_text(gaps, look);
    const auto lines = list_at(gaps, "gaps");
    std::string out = heading(look, fmt::format("Broken links, as of ledger position {}", text_at(gaps, "asOf"))) + stale_text(gaps, look) +
                      empty_ledger_text(gaps);
    if (lines.empty()) return out + "  none\n";
    Table table{{{"kind"}, {"item"}, {"product"}, {"quantity", Align::right}, {"place"}, {"entry", Align::right}, {"documents"}}};
    std::vector<std::pair<std::string, std::string>> mends;  // of the kinds on this page
    for (const Json& gap : lines) {
        const std::string kind = words(text_at(gap, "kind"));
        const Json& item = at(gap, "item");
        const std::string documents = documents_text(gap, "documents", "id", "number") + more_documents_text(gap);
        table.add({kind, text_at(item, "label"), product_text(item), quantity_text(gap),
                   at(gap, "place").is_null() ? "" : name_with_code(gap), text_at(gap, "sequence"), documents});
        std::pair mend{kind, text_at(gap, "mend")};
        if (std::ranges::find(mends, mend) == mends.end()) mends.push_back(std::move(mend));
    }
    out += table.text(look) + '\n' + heading(look, "What would mend them");
    Facts facts;
    for (const auto& [kind, mend] : mends) facts.add(kind, mend);
    out += facts.text(look);
    if (!at(gaps, "next").is_null())
        out += fmt::format("There are more: --cursor {} --as-of {}\n", text_at(gaps, "next"), text_at(gaps, "asOf"));
    return out;
}

std::string render_amounts(const Json& amounts, const Look& look, std::uint64_t limit) {
    const auto items = list_at(amounts, "items");
    std::string out =
        heading(look, fmt::format("How much of {} is in what it went into, as of ledger position {}{}",
                                  printable(text_at(at(amounts, "seed"), "label")), text_at(amounts, "asOf"), walked_text(amounts))) +
        stale_text(amounts, look);
    if (items.empty()) return out + "Nothing is recorded about where it went.\n";
    Table table{
        {{"item"}, {"kind"}, {"product"}, {"at least", Align::right}, {"at most recorded", Align::right}, {"at most", Align::right}, {""}}};
    Cap cap{limit};
    for (const Json& item : items) {
        if (!cap.take()) continue;
        const bool comparable = flag_at(item, "comparable");
        const bool serial = text_at(item, "kind") == "serial";
        const auto amount = [&](std::string_view name) { return comparable && !serial ? amount_at(item, name) : std::string{}; };
        table.add({text_at(item, "label"), words(text_at(item, "kind")), product_text(item), amount("certain"), amount("possible"),
                   amount("atMost"),
                   !comparable ? "not comparable"
                   : serial    ? in_serial(item)
                               : unit_sign(text_at(item, "uom"))});
    }
    return out + table.text(look) + cap.note();
}

}  // namespace stemma::cli
