#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/cli/render.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// Names of places and parties by id, as far as the answer gives them.
using Names = std::map<std::string, std::string>;

/// What an entry says beside its event.
void collect_entry_names(const Json& entry, Names& names) {
    if (const auto* given = at(entry, "names").if_object())
        for (const auto& [id, name] : *given) names.emplace(std::string{id.data(), id.size()}, text_of(name));
}

/// What an item's stock says, for what no entry names.
void collect_stock_names(const Json& value, Names& names) {
    for (const Json& stock : list_at(value, "stock"))
        for (const char* list : {"onHand", "inTransit", "outside", "withCustomer"})
            for (const Json& entry : list_at(stock, list)) {
                const std::string place = text_at(entry, "place");
                const std::string& id = place.empty() ? text_at(entry, "party") : place;
                if (!id.empty()) names.emplace(id, name_with_code(entry));
            }
}

std::string name_of(const Names& names, const std::string& id) {
    const auto found = names.find(id);
    return found == names.end() ? short_id(id) : found->second;
}

/// The end of a movement: its place where one is named, else the party.
std::string end_of(const Json& event, const char* list, const char* member, const Names& names) {
    std::string id;
    for (const Json& end : list_at(event, list))
        if (id.empty() || text_at(end, "type") == "location") id = text_at(end, member);
    return id.empty() ? id : name_of(names, id);
}

struct ItemLists {
    const char* instances;
    const char* classes;
    const char* sign;
};
constexpr std::array kLists{ItemLists{"epcList", "quantityList", ""}, ItemLists{"childEPCs", "childQuantityList", ""},
                            ItemLists{"inputEPCList", "inputQuantityList", "-"}, ItemLists{"outputEPCList", "outputQuantityList", "+"}};

/// How much of the item an event speaks of: "-40 pcs" for an input, "+1 pcs" for an output.
std::string amount_in(const Json& event, std::string_view item) {
    for (const ItemLists& lists : kLists) {
        for (const Json& id : list_at(event, lists.instances))
            if (text_of(id) == item) return fmt::format("{}1 pcs", lists.sign);
        for (const Json& entry : list_at(event, lists.classes))
            if (text_at(entry, "epcClass") == item) return lists.sign + quantity_text(entry);
    }
    return {};
}

std::string documents_in(const Json& event) { return documents_text(event, "bizTransactionList", "bizTransaction", "stemma:number"); }

std::string when(const Json& event) {
    const std::string time = text_at(event, "eventTime");
    return flag_at(event, "stemma:dateOnly") ? time.substr(0, 10) : short_time(time);
}

std::string from_to(const Json& event, const Names& names) {
    const std::string from = end_of(event, "sourceList", "source", names);
    std::string to = end_of(event, "destinationList", "destination", names);
    if (to.empty()) to = name_of(names, text_at(at(event, "bizLocation"), "id"));
    return from.empty() && to.empty() ? "" : from.empty() ? to : to.empty() ? from : fmt::format("{} → {}", from, to);
}

Cell verdict_cell(const Json& entry) {
    if (!at(entry, "voidedBy").is_null()) return {fmt::format("declared wrong by entry {}", text_at(entry, "voidedBy")), Tone::faint};
    const Json& verdict = at(entry, "verdict");
    const std::string outcome = text_at(verdict, "outcome");
    return {verdict_text(verdict), outcome.empty() || outcome == "accepted" ? Tone::plain : Tone::warn};
}

std::vector<Cell> event_line(const Json& entry, std::string_view item, const Names& names) {
    const Json& event = at(entry, "event");
    std::string step = words(text_at(event, "bizStep"));
    if (step.empty()) step = text_at(event, "type");
    if (!at(event, "errorDeclaration").is_null()) step = "declared wrong: " + step;
    return {text_at(entry, "sequence"), when(event),        step, from_to(event, names), amount_in(event, item),
            documents_in(event),        verdict_cell(entry)};
}

std::vector<Cell> other_line(const Json& entry) {
    const std::string kind = text_at(entry, "kind");
    const Json& step = at(entry, "case");
    std::string what = kind == "case" ? fmt::format("case {}: {}", text_at(step, "case"), words(text_at(step, "type"))) : kind + " record";
    return {text_at(entry, "sequence"), short_time(text_at(entry, "recordedAt")), std::move(what), words(text_at(step, "state")), "", "",
            verdict_cell(entry)};
}

/// Its ids in each ERP, where there are several.
std::string known_as_text(const Json& item) {
    std::vector<std::string> names;
    for (const Json& name : list_at(item, "knownAs")) names.push_back(fmt::format("{} ({})", text_at(name, "source"), text_at(name, "id")));
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string identifiers_text(const Json& item) {
    std::string out;
    for (const Json& identifier : list_at(item, "identifiers"))
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", text_at(identifier, "scheme"), text_at(identifier, "value"));
    return out;
}

std::string product_line(const Json& product) {
    if (product.is_null()) return {};
    std::string out = product_text(product);
    std::string more;
    for (const char* name : {"tracking", "unit", "category"}) {
        const std::string value = text_at(product, name);
        if (!value.empty())
            more += fmt::format("{}{}: {}", more.empty() ? "" : ", ", name, std::string_view{name} == "unit" ? unit_sign(value) : value);
    }
    return more.empty() ? out : fmt::format("{} ({})", out, more);
}

struct Total {
    std::string_view name;
    std::string_view words;
};
constexpr std::array kTotals{Total{"received", "received"},
                             Total{"produced", "produced"},
                             Total{"found", "found"},
                             Total{"returnedByCustomer", "returned by customers"},
                             Total{"consumed", "consumed"},
                             Total{"shipped", "shipped"},
                             Total{"returnedToSupplier", "returned to supplier"},
                             Total{"writtenOff", "written off"},
                             Total{"wasted", "wasted"}};

std::string totals_text(const Json& stock) {
    std::string out;
    for (const auto& [name, words] : kTotals) {
        const std::string number = text_at(stock, name);
        if (!number.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", words, grouped(number));
    }
    return out.empty() ? out : fmt::format("{} {}", out, unit_sign(text_at(stock, "uom")));
}

std::string stock_text(const Json& item, const Look& look) {
    if (at(item, "stock").is_null()) return "  no movement is recorded\n";
    Table table{{{"where"}, {""}, {"quantity", Align::right}}};
    std::string totals;
    for (const Json& stock : list_at(item, "stock")) {
        const std::string unit = unit_sign(text_at(stock, "uom"));
        const auto put = [&](const char* list, const char* how) {
            for (const Json& entry : list_at(stock, list)) {
                const std::string name = name_with_code(entry);
                table.add({name.empty() ? "no place named" : name, how, fmt::format("{} {}", grouped(text_at(entry, "quantity")), unit)});
            }
        };
        put("onHand", "on hand");
        put("inTransit", "in transit");
        put("outside", "outside");
        put("withCustomer", "with customer");
        if (const std::string line = totals_text(stock); !line.empty()) totals += "  in all: " + line + '\n';
    }
    return table.text(look) + totals;
}

std::string cases_text(const Json& item, const Look& look) {
    std::map<std::string, const Json*> newest;
    for (const Json& entry : list_at(item, "history"))
        if (text_at(entry, "kind") == "case") newest[text_at(at(entry, "case"), "case")] = &at(entry, "case");
    if (newest.empty()) return {};
    Table table{{{"case"}, {"workflow"}, {"state"}, {"version", Align::right}}};
    for (const auto& [id, step] : newest)
        table.add({id, text_at(*step, "workflow"), words(text_at(*step, "state")), text_at(*step, "version")});
    return '\n' + heading(look, "Cases") + table.text(look);
}

/// A plugin's value: a code in words, a midnight as its date.
std::string answer_text(const Json& value) {
    if (const std::string quantity = quantity_text(value); !quantity.empty()) return quantity;
    const std::string text = text_of(value);
    if (text.empty()) return "not known";
    if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) return words(text);
    return text.ends_with("T00:00:00Z") ? text.substr(0, 10) : short_time(text);
}

/// Who recorded an entry, when, why and from where.
void add_recording(Facts& facts, const Json& entry) {
    facts.add("ledger entry", text_at(entry, "sequence"))
        .add("recorded", fmt::format("{} by {}", text_at(entry, "recordedAt"), text_at(entry, "actor")));
    facts.add("reason", text_at(entry, "reason"));
    if (const Json& source = at(entry, "source"); !source.is_null())
        facts.add("source",
                  fmt::format("{}, query {}, row {}", text_at(source, "source"), text_at(source, "query"), text_at(source, "key")));
}

/// Every value of a record, a line each: one inside another as "details: name", lists numbered from 1 where they have more than one.
void add_fields(Facts& facts, const Json& record, const std::string& before) {
    if (const auto* object = record.if_object()) {
        for (const auto& [name, value] : *object) {
            const std::string own = words({name.data(), name.size()});
            add_fields(facts, value, before.empty() ? own : fmt::format("{}: {}", before, own));
        }
    } else if (const auto* array = record.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            add_fields(facts, (*array)[i], array->size() == 1 ? before : fmt::format("{} {}", before, i + 1));
    } else {
        facts.add(before, text_of(record));
    }
}

/// Entries as lines: when, what, from where to where, how much of the item, document, verdict.
std::string render_history(const Json& item, const Look& look) {
    const auto entries = list_at(item, "history");
    const std::string id = text_at(item, "id");
    Names known;
    for (const Json& entry : entries) collect_entry_names(entry, known);
    collect_stock_names(item, known);
    Table table{{{"entry", Align::right}, {"date"}, {"step"}, {"from → to"}, {"quantity", Align::right}, {"document"}, {"verdict"}}};
    for (const Json& entry : entries) table.add(at(entry, "event").is_null() ? other_line(entry) : event_line(entry, id, known));
    return table.text(look);
}

}  // namespace

std::string render_item(const Json& item, const Look& look) {
    std::string out = heading(look, fmt::format("{} ({})", text_at(item, "label"), words(text_at(item, "kind")))) + stale_text(item, look);
    Facts facts;
    facts.add("id", text_at(item, "id"))
        .add("known as", known_as_text(item))
        .add("numbers", identifiers_text(item))
        .add("product", product_line(at(item, "product")));
    facts.add("status", words(text_at(item, "status")), Tone::strong);
    if (const auto* attributes = at(item, "attributes").if_object())
        for (const auto& [name, value] : *attributes) facts.add(words({name.data(), name.size()}), text_of(value));
    out += facts.text(look);

    out += '\n' + heading(look, fmt::format("Stock, as of ledger position {}", text_at(item, "asOf"))) + stock_text(item, look);
    if (const Json& balance = at(item, "massBalance"); !balance.is_null()) {
        const bool closes = flag_at(balance, "closes");
        out += fmt::format("  mass balance: {}\n", paint(look, closes ? Tone::good : Tone::bad, closes ? "closes" : "does not close"));
        if (!closes) out += render_balance(balance, look, 4);
    }
    const auto history = list_at(item, "history");
    const std::uint64_t entries = std::max<std::uint64_t>(count_at(item, "entries"), history.size());
    const std::string newest = entries == history.size() ? "" : fmt::format("newest {} of ", grouped(history.size()));
    out += '\n' + heading(look, fmt::format("History: {}{}", newest, counted(entries, "entry", "entries")));
    return out + render_history(item, look) + cases_text(item, look);
}

namespace {

/// An assessment's table as it came: its columns are the first row's keys; one that is empty in each row is left out.
std::string answer_table(std::string_view name, const Json& rows, const Look& look) {
    const auto* list = rows.if_array();
    const auto* first = list == nullptr || list->empty() ? nullptr : list->front().if_object();
    if (first == nullptr) return {};
    std::vector<std::string> keys;
    std::vector<Column> titles;
    for (const auto& [key, value] : *first) {
        if (std::ranges::all_of(*list, [&](const Json& row) { return text_at(row, key).empty(); })) continue;
        keys.emplace_back(key);
        titles.push_back({words(keys.back())});
    }
    Table table{std::move(titles)};
    for (const Json& row : *list) {
        std::vector<Cell> cells;
        cells.reserve(keys.size());
        for (const std::string& key : keys) cells.emplace_back(text_at(row, key).empty() ? std::string{} : answer_text(at(row, key)));
        table.add(std::move(cells));
    }
    return '\n' + heading(look, words(name)) + table.text(look);
}

}  // namespace

std::string render_assessment(const Json& assessment, const Look& look) {
    std::string out = heading(look, fmt::format("{} of {}", text_at(assessment, "assessment"), text_at(assessment, "label")));
    if (!flag_at(assessment, "decided")) out += paint(look, Tone::warn, "not decided: a fact it needs is missing") + '\n';
    Facts facts;
    if (const auto* answer = at(assessment, "answer").if_object())
        for (const auto& [name, value] : *answer) {
            facts.add(words({name.data(), name.size()}), answer_text(value));
        }
    out += facts.text(look);
    for (const Json& reason : list_at(assessment, "reasons")) out += fmt::format("  because {}\n", printable(text_of(reason)));
    if (const auto* tables = at(assessment, "tables").if_object())
        for (const auto& [name, rows] : *tables) out += answer_table({name.data(), name.size()}, rows, look);
    return out + fmt::format("  as of {}, ledger position {}, by {}\n", text_at(assessment, "asOf"), text_at(assessment, "position"),
                             text_at(assessment, "plugin"));
}

std::string render_hits(const Json& hits, const Look& look) {
    Table table{{{"item"}, {"kind"}, {"product"}, {"found by"}, {"id"}}};
    for (const Json& hit : list_at(hits, "items")) {
        const Json& matched = at(hit, "matched");
        table.add({text_at(hit, "label"), words(text_at(hit, "kind")), product_text(at(hit, "product")),
                   matched.is_null() ? "id" : fmt::format("{} {}", text_at(matched, "scheme"), text_at(matched, "value")),
                   text_at(hit, "id")});
    }
    if (table.empty()) return "Nothing has that number, and none begins with it.\n";
    if (!flag_at(hits, "more")) return table.text(look, 0);
    return table.text(look, 0) +
           fmt::format("{} shown, more match; --limit N shows more, up to limits.search_results_max\n", list_at(hits, "items").size());
}

std::string render_entry(const Json& entry, const Look& look) {
    const std::string kind = text_at(entry, "kind");
    if (kind == "event") return render_event(entry, look);
    const bool master = kind != "case" && kind != "system" && kind != "meeting";
    std::string out = heading(look, kind == "case"      ? "step of a case"
                                    : kind == "meeting" ? kind
                                    : master            ? kind + " record"
                                                        : kind + " change");
    Facts facts;
    add_fields(facts, at(entry, master ? "record" : kind), {});
    add_recording(facts, entry);
    out += facts.text(look);
    if (const Json& verdict = at(entry, "verdict"); !verdict.is_null())
        out += '\n' + heading(look, "Verdict") + render_verdict(verdict, look, at(entry, "names"));
    return out;
}

std::string render_event(const Json& entry, const Look& look) {
    const Json& event = at(entry, "event");
    std::string out = heading(look, fmt::format("{} {}", text_at(event, "type"), text_at(event, "eventID")));
    if (!at(entry, "voidedBy").is_null())
        out += paint(look, Tone::warn, fmt::format("declared wrong by entry {}", text_at(entry, "voidedBy"))) + '\n';
    Facts facts;
    facts.add("when", when(event)).add("action", text_at(event, "action")).add("step", words(text_at(event, "bizStep")));
    Names names;
    collect_entry_names(entry, names);
    facts.add("disposition", words(text_at(event, "disposition")))
        .add("from → to", from_to(event, names))
        .add("parent", text_at(event, "parentID"));
    facts.add("documents", documents_in(event)).add("attributes", attributes_text(at(event, "ilmd")));
    if (const Json& error = at(event, "errorDeclaration"); !error.is_null())
        facts.add("declares wrong",
                  fmt::format("{} at {}", words(text_at(error, "reason")), short_time(text_at(error, "declarationTime"))));
    add_recording(facts, entry);
    out += facts.text(look);

    const auto named = [&](const std::string& id) { return names.contains(id) ? names.at(id) : id; };
    const auto own = [&](const std::string& id) { return names.contains(id) ? id : std::string{}; };
    Table items{{{"item"}, {"quantity", Align::right}, {"id"}}};
    for (const ItemLists& lists : kLists) {
        for (const Json& id : list_at(event, lists.instances))
            items.add({named(text_of(id)), fmt::format("{}1 pcs", lists.sign), own(text_of(id))});
        for (const Json& one : list_at(event, lists.classes)) {
            const std::string id = text_at(one, "epcClass");
            items.add({named(id), lists.sign + quantity_text(one), own(id)});
        }
    }
    if (!items.empty()) out += '\n' + heading(look, "Items") + items.text(look);
    if (const Json& verdict = at(entry, "verdict"); !verdict.is_null())
        out += '\n' + heading(look, "Verdict") + render_verdict(verdict, look, at(entry, "names"));
    return out;
}

}  // namespace stemma::cli
