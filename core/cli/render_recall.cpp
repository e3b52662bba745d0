#include <fmt/format.h>

#include <functional>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

using NameOf = std::function<std::string(const Json&)>;

std::string product_of_line(const Json& line) {
    if (flag_at(line, "logisticUnits")) return "logistic units";
    return at(line, "product").is_null() ? "product not known" : sku_and_name(text_at(line, "sku"), text_at(line, "name"));
}

/// A row for each line, or where the goods are of several products one for each of them, for their amounts do not add up.
std::string tallies(const Json& roll_up, std::string_view list, const char* title, const NameOf& name_of, const Look& look,
                    std::uint64_t limit) {
    const bool per_product = list != "byProduct" && list_at(roll_up, "byProduct").size() > 1;
    std::vector<Column> columns{{title}, {"items", Align::right}, {"end items", Align::right}, {"quantity", Align::right}};
    if (per_product) columns.insert(columns.begin() + 1, {"product"});
    Table table{std::move(columns)};
    Cap cap{limit};
    const auto add = [&](const Json& line, std::string name, const std::string& product) {
        if (!cap.take()) return;
        std::vector<Cell> row{std::move(name), grouped(count_at(line, "items")), grouped(count_at(line, "endItems")),
                              amounts_text(line, "amounts")};
        if (per_product) row.insert(row.begin() + 1, product);
        table.add(std::move(row));
    };
    for (const Json& line : list_at(roll_up, list)) {
        const auto parts = list_at(line, "byProduct");
        if (!per_product || parts.empty()) {
            add(line, name_of(line), "");
            continue;
        }
        for (const Json& part : parts) add(part, &part == &parts.front() ? name_of(line) : std::string{}, product_of_line(part));
    }
    return table.empty() ? "" : table.text(look) + cap.note() + '\n';
}

std::string roll_up_text(const Json& roll_up, const Look& look, std::uint64_t limit) {
    std::uint64_t by_status = 0;
    for (const Json& line : list_at(roll_up, "byStatus")) by_status += count_at(line, "items");
    std::string out = tallies(
        roll_up, "byStatus", "status", [](const Json& line) { return words(text_at(line, "status")); }, look, limit);
    if (by_status > count_at(roll_up, "items")) {
        if (out.ends_with("\n\n")) out.pop_back();
        out += "  (a lot counts under each status that a part of it has)\n\n";
    }
    out += tallies(
        roll_up, "byPlace", "place",
        [](const Json& line) { return name_with_code(line) + (flag_at(line, "transit") ? " (in transit)" : ""); }, look, limit);
    out += tallies(roll_up, "byCustomer", "customer", name_with_code, look, limit);
    out += tallies(roll_up, "byProduct", "product", product_of_line, look, limit);
    return out;
}

std::string sum_text(const Json& roll_up) {
    return fmt::format("{}, {} of them not used in anything further", counted(count_at(roll_up, "items"), "item"),
                       grouped(count_at(roll_up, "endItems")));
}

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

/// Affected items whose balance does not close, those asked about left out.
std::string unbalanced_text(const Json& recall, const Look& look, std::uint64_t limit) {
    const auto unbalanced = list_at(recall, "unbalanced");
    if (unbalanced.empty()) return {};
    std::string out =
        heading(look, fmt::format("Balances of affected items that do not close: {}", grouped(count_at(recall, "unbalancedItems"))));
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

}  // namespace

std::string render_recall(const Json& recall, const Look& look, std::uint64_t limit) {
    const auto seeds = list_at(recall, "seeds");
    std::string out =
        heading(look, fmt::format("Recall of {}, as of ledger position {}", counted(seeds.size(), "item"), text_at(recall, "asOf")));
    out += stale_text(recall, look);
    if (flag_at(recall, "truncated"))
        out += paint(look, Tone::bad, "CUT: limits.trace_items_max was reached, there is more than this") + '\n';
    Table table{{{"item"}, {"kind"}, {"product"}, {"attributes"}}};
    for (const Json& seed : seeds)
        table.add({text_at(seed, "label"), words(text_at(seed, "kind")), product_text(at(seed, "product")),
                   attributes_text(at(seed, "attributes"))});
    out += table.text(look) + '\n';

    out += heading(look, "Certain: " + sum_text(at(recall, "certain"))) + roll_up_text(at(recall, "certain"), look, limit);
    const Json& possible = at(recall, "possible");
    if (count_at(possible, "items") == 0)
        out += heading(look, "Possible: nothing on top of it") + '\n';
    else
        out += heading(look, "Possible on top of it, by way of goods without a lot number: " + sum_text(possible)) +
               roll_up_text(possible, look, limit);
    out += documents_text(recall, look, limit) + parties_text(recall, look, limit) + balances_text(recall, look) +
           unbalanced_text(recall, look, limit) + items_text(recall, look, limit);
    if (const std::string digest = text_at(recall, "digest"); !digest.empty()) out += "Digest of this answer: " + digest + '\n';
    if (out.ends_with("\n\n")) out.pop_back();
    return out;
}

}  // namespace stemma::cli
