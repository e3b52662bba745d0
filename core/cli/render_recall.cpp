#include <fmt/format.h>

#include <algorithm>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string documents_text(const Json& recall, const Look& look, std::uint64_t limit) {
    Table table{{{"document"}, {"number"}, {"what"}, {"items", Align::right}, {"quantity", Align::right}, {""}}};
    Cap cap{limit};
    const auto documents = list_at(recall, "documents");
    for (const Json& line : documents) {
        if (!cap.take()) continue;
        const std::string id = text_at(line, "id");
        table.add({document_word(text_at(line, "type"), id), document_number(text_at(line, "number"), id), words(text_at(line, "movement")),
                   grouped(count_at(line, "items")), amounts_text(line, "amounts"), flag_at(line, "certain") ? "" : "possible"});
    }
    return documents.empty()
               ? ""
               : heading(look, fmt::format("Documents: {}", grouped(documents.size()))) + table.text(look) + cap.note() + '\n';
}

std::string parties_text(const Json& recall, const Look& look, std::uint64_t limit) {
    Table table{{{"party"}, {"contact"}, {"what"}, {"items", Align::right}, {"quantity", Align::right}, {""}}};
    Cap cap{limit};
    const auto parties = list_at(recall, "parties");
    for (const Json& line : parties)
        if (cap.take())
            table.add({name_with_code(line), text_at(line, "contact"), words(text_at(line, "movement")), grouped(count_at(line, "items")),
                       amounts_text(line, "amounts"), flag_at(line, "certain") ? "" : "possible"});
    return parties.empty() ? "" : heading(look, "Parties") + table.text(look) + cap.note() + '\n';
}

/// How many balances do not close beside those of the items asked about, which the answer counts with them and shows apart.
std::uint64_t open_balances(const Json& recall) {
    std::uint64_t open = count_at(recall, "unbalancedItems");
    for (const Json& seed : list_at(recall, "massBalances"))
        if (open > 0 && !flag_at(at(seed, "balance"), "closes")) --open;
    return std::max<std::uint64_t>(open, list_at(recall, "unbalanced").size());
}

/// Affected items whose balance does not close, those asked about left out.
std::string unbalanced_text(const Json& recall, const Look& look, std::uint64_t limit) {
    const auto unbalanced = list_at(recall, "unbalanced");
    if (unbalanced.empty()) return {};
    std::string out = heading(look, fmt::format("Balances of other affected items that do not close: {}", grouped(open_balances(recall))));
    Cap cap{limit};
    for (const Json& item : unbalanced)
        if (cap.take()) out += fmt::format("  {}\n", printable(text_at(item, "label"))) + render_balance(at(item, "balance"), look, 4);
    return out + cap.note() + '\n';
}

std::string balances_text(const Json& recall, const Look& look) {
    std::string out;
    for (const Json& seed : list_at(recall, "massBalances")) {
        const Json& balance = at(seed, "balance");
        const bool closes = flag_at(balance, "closes");
        out += fmt::format("  {}: {}\n", printable(text_at(seed, "label")),
                           paint(look, closes ? Tone::good : Tone::bad, closes ? "closes" : "does not close"));
        out += render_balance(balance, look, 4);
        const std::string where = whereabouts(seed);
        if (!where.empty()) out += fmt::format("    now: {}\n", printable(where));
    }
    return out.empty() ? "" : heading(look, "Mass balance") + out + '\n';
}

std::string items_text(const Json& recall, const Look& look, std::uint64_t limit) {
    Table table{{{"item"}, {"kind"}, {"product"}, {"status"}, {"where"}, {""}}};
    Cap cap{limit};
    const auto items = list_at(recall, "items");
    for (const Json& item : items)
        if (cap.take())
            table.add({text_at(item, "label"), words(text_at(item, "kind")), product_text(item), words(text_at(item, "status")),
                       whereabouts(item), flag_at(item, "certain") ? "" : "possible"});
    return items.empty() ? "" : heading(look, fmt::format("Items: {}", grouped(items.size()))) + table.text(look) + cap.note() + '\n';
}

/// What is in the cartons that were asked about, and whether it counts.
std::string units_text(const Json& recall, const Look& look) {
    const bool counted_too = flag_at(recall, "contents");
    std::string out;
    for (const Json& unit : list_at(recall, "units")) {
        const std::uint64_t items = count_at(unit, "items");
        const std::uint64_t taken_out = count_at(unit, "takenOut");
        std::string text = fmt::format("{} holds {}", printable(text_at(unit, "label")), counted(items, "item"));
        if (items > 0) text += counted_too ? ", counted as asked about" : ", NOT counted: --contents counts them as well";
        if (const std::uint64_t lots = count_at(unit, "lots"); lots > 0)
            text += counted_too ? fmt::format("; of {} all that there is, not only what is in it", counted(lots, "lot"))
                                : fmt::format("; of {} all that there is", counted(lots, "lot"));
        if (taken_out > 0) text += fmt::format("; {} taken out of it before, not counted", grouped(taken_out));
        out += paint(look, counted_too && taken_out == 0 ? Tone::plain : Tone::warn, text) + '\n';
    }
    return out.empty() ? out : out + '\n';
}

}  // namespace

std::string render_recall(const Json& recall, const Look& look, std::uint64_t limit) {
    const auto seeds = list_at(recall, "seeds");
    std::string out = heading(look, fmt::format("Recall of {}, as of ledger position {}{}", counted(seeds.size(), "item"),
                                                text_at(recall, "asOf"), walked_text(recall)));
    out += stale_text(recall, look);
    if (flag_at(recall, "truncated"))
        out += paint(look, Tone::bad, "CUT: limits.trace_items_max was reached, there is more than this") + '\n';
    Table table{{{"item"}, {"kind"}, {"product"}, {"attributes"}}};
    for (const Json& seed : seeds)
        table.add({text_at(seed, "label"), words(text_at(seed, "kind")), product_text(at(seed, "product")),
                   attributes_text(at(seed, "attributes"))});
    out += table.text(look) + '\n' + units_text(recall, look);

    out += heading(look, "Certain: " + roll_up_counts(at(recall, "certain"))) + roll_up_text(at(recall, "certain"), look, limit);
    const Json& possible = at(recall, "possible");
    if (count_at(possible, "items") == 0)
        out += heading(look, no_possible_text(recall)) + '\n';
    else
        out += heading(look, "Possible on top of it, by way of goods without a lot number: " + roll_up_counts(possible)) +
               roll_up_text(possible, look, limit);
    out += documents_text(recall, look, limit) + parties_text(recall, look, limit) + balances_text(recall, look) +
           unbalanced_text(recall, look, limit) + items_text(recall, look, limit);
    if (const std::string digest = text_at(recall, "digest"); !digest.empty()) out += "Digest of this answer: " + digest + '\n';
    if (out.ends_with("\n\n")) out.pop_back();
    return out;
}

}  // namespace stemma::cli
