#include <fmt/format.h>

#include <functional>
#include <set>
#include <span>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

using NameOf = std::function<std::string(const Json&)>;

std::string product_of_line(const Json& line) {
    if (flag_at(line, "logisticUnits")) return "logistic units";
    return at(line, "product").is_null() ? "product not known" : sku_and_name(text_at(line, "sku"), text_at(line, "name"));
}

/// Whether the lines are of several products together, so that a quantity says nothing without its product.
bool are_of_several_products(std::span<const Json> lines) {
    std::set<std::string> products;
    for (const Json& line : lines)
        for (const Json& part : list_at(line, "byProduct")) products.insert(text_at(part, "product") + '\n' + product_of_line(part));
    return products.size() > 1;
}

/// A row for each line, or where the goods are of several products one for each of them, for their amounts do not add up.
std::string tallies(const Json& roll_up, std::string_view list, const char* title, const NameOf& name_of, const Look& look,
                    std::uint64_t limit) {
    const auto lines = list_at(roll_up, list);
    const bool per_product = list != "byProduct" && (list_at(roll_up, "byProduct").size() > 1 || are_of_several_products(lines));
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
    for (const Json& line : lines) {
        const auto parts = list_at(line, "byProduct");
        if (!per_product || parts.empty()) {
            add(line, name_of(line), "");
            continue;
        }
        for (const Json& part : parts) add(part, &part == &parts.front() ? name_of(line) : std::string{}, product_of_line(part));
    }
    return table.empty() ? "" : table.text(look) + cap.note() + '\n';
}

std::string parties_text(const Json& roll_up, const Look& look, std::uint64_t limit) {
    Table table{{{"party"}, {"contact"}, {"what"}, {"items", Align::right}, {"quantity", Align::right}}};
    Cap cap{limit};
    for (const Json& line : list_at(roll_up, "byParty"))
        if (cap.take())
            table.add({name_with_code(line), text_at(line, "contact"), words(text_at(line, "movement")), grouped(count_at(line, "items")),
                       amounts_text(line, "amounts")});
    return table.empty() ? "" : table.text(look) + cap.note() + '\n';
}

std::string documents_text(const Json& roll_up, const Look& look, std::uint64_t limit) {
    Table table{{{"document"}, {"number"}, {"what"}, {"items", Align::right}, {"quantity", Align::right}}};
    Cap cap{limit};
    for (const Json& line : list_at(roll_up, "byDocument")) {
        if (!cap.take()) continue;
        const std::string id = text_at(line, "id");
        table.add({document_word(text_at(line, "type"), id), document_number(text_at(line, "number"), id), words(text_at(line, "movement")),
                   grouped(count_at(line, "items")), amounts_text(line, "amounts")});
    }
    return table.empty() ? "" : table.text(look) + cap.note() + '\n';
}

}  // namespace

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
    out += tallies(
        roll_up, "byCustomer", "customer",
        [](const Json& line) {
            return name_with_code(line) + (flag_at(line, "overReturned") ? " (more came back than was delivered)" : "");
        },
        look, limit);
    out += tallies(roll_up, "byProduct", "product", product_of_line, look, limit);
    return out + parties_text(roll_up, look, limit) + documents_text(roll_up, look, limit);
}

std::string roll_up_counts(const Json& roll_up) {
    return fmt::format("{}, {} of them not used in anything further", counted(count_at(roll_up, "items"), "item"),
                       grouped(count_at(roll_up, "endItems")));
}

std::string render_roll_up(const Json& answer, const Look& look, std::uint64_t limit) {
    std::string out = heading(look, trace_title(answer, seeds_text(answer))) + stale_text(answer, look) + cut_text(answer, look) + '\n';
    out += heading(look, "Certain: " + roll_up_counts(at(answer, "certain"))) + roll_up_text(at(answer, "certain"), look, limit);
    const Json& possible = at(answer, "possible");
    if (count_at(possible, "items") == 0)
        out += heading(look, no_possible_text(answer));
    else
        out += heading(look, "Possible on top of it, by way of goods without a lot number: " + roll_up_counts(possible)) +
               roll_up_text(possible, look, limit);
    if (out.ends_with("\n\n")) out.pop_back();
    return out;
}

}  // namespace stemma::cli
