#include "adapters/erp/suggest_master.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "adapters/erp/sql_text.hpp"
#include "core/base/time.hpp"

namespace stemma::erp {
namespace {

bool is_text(const ForeignColumn& column) { return column.kind == ColumnType::text; }

std::string reasons_of(const Chosen& chosen) {
    return fmt::format("table {}, score {:.1f}: {}", chosen.table->name, chosen.score, fmt::join(chosen.reasons, ", "));
}

/// Sets the cursor where the table has a change time, and says so where it has none.
void set_cursor(Proposal& proposal, QueryText& query) {
    const std::string changed = change_time(proposal, query, query.main());
    if (changed.empty()) return query.check("no column says when a row changed: the table is read in full each time");
    query.select("changed", changed, ColumnType::time, true);
    query.set_cursor("changed");
}

/// The column that people know a row by.
const ForeignColumn* number_of(const ForeignTable& table) {
    const auto fits = [&](const ForeignColumn& column) {
        const Meaning& m = column.meaning;
        return is_text(column) && !m.is(Idea::contact) && !m.is(Idea::beside) && table.reference_of(column.name) == nullptr;
    };
    return surest(table, Idea::number, fits);
}

const ForeignColumn* name_of(const ForeignTable& table) {
    return surest(table, Idea::name, [](const ForeignColumn& column) {
        return is_text(column) && !column.meaning.is(Idea::number) && !column.meaning.is(Idea::beside);
    });
}

/// Number and name, selected where they are there; the YAML lines that use them.
std::string number_and_name(QueryText& query, const char* number_key, const char* key_column) {
    const ForeignTable& table = *query.main().table;
    const ForeignColumn* number = number_of(table);
    const ForeignColumn* name = name_of(table);
    std::string yaml = fmt::format("        {}: \"{{{}}}\"\n", number_key, number != nullptr ? "number" : key_column);
    if (number != nullptr) query.select("number", query.column(query.main(), number->name), ColumnType::text, true);
    if (number == nullptr) query.remark(fmt::format("no column looks like a number that people know; its key stands for it"));
    if (name != nullptr) {
        query.select("name", query.column(query.main(), name->name), ColumnType::text, true);
        yaml += "        name: \"{name}\"\n";
    } else {
        query.check("no column looks like a name");
    }
    return yaml;
}

QueryText begin(Proposal& proposal, std::string_view name, const Chosen& chosen, const char* key) {
    QueryText query{proposal.query_name(name), *chosen.table, proposal.engine()};
    query.remark(reasons_of(chosen));
    query.select(key, query.key(query.main(), chosen.table->key), query.key_type(*chosen.table, chosen.table->key), false);
    query.set_key(key);
    return query;
}

/// A column that says whether a product has lots or serials.
const ForeignColumn* tracking_flag(const ForeignTable& product, bool serial) {
    for (const ForeignColumn& column : product.columns) {
        const bool flag = column.kind == ColumnType::boolean || column.kind == ColumnType::integer;
        const Meaning& m = column.meaning;
        if (!flag || m.is(Idea::number) || m.is(Idea::id) || product.reference_of(column.name) != nullptr) continue;
        const bool says_serial =
            m.is(Idea::serial) || std::ranges::any_of(m.words, [](const std::string& w) { return w.starts_with("seriali"); });
        if (serial ? says_serial : !says_serial && (m.is(Idea::tracking) || m.is(Idea::lot))) return &column;
    }
    return nullptr;
}

std::string flag_is_set(QueryText& query, const Alias& product, const ForeignColumn& column) {
    const std::string name = query.column(product, column.name);
    return column.kind == ColumnType::boolean ? name : name + " <> 0";
}

/// Where no table holds the lots, the numbers in the movements are the lots: an item for each number of a product. False for none.
bool propose_numbers(Proposal& proposal) {
    std::vector<QueryText::NumberedIn> tables;
    const Movement* first = nullptr;
    for (const Movement& movement : proposal.roles.movements) {
        if (movement.lot_number == nullptr) continue;
        if (first == nullptr) first = &movement;
        tables.push_back({movement.table, movement.to_product->columns.front(), movement.lot_number->name});
    }
    if (first == nullptr) return false;
    QueryText query{proposal.query_name("lots"), *first->table, proposal.engine()};
    query.remark("no table holds lots or serials: each number of a product that a movement names is one");
    query.check("a number that is typed in two ways makes two lots");
    query.read_numbers_of(tables);
    query.select("lot_key", "t.product_key || '/' || t.number", ColumnType::text, false);
    query.set_key("lot_key");
    query.select("product_key", "t.product_key", query.key_type(*first->table, first->to_product->columns), false);
    query.select("number", "t.number", ColumnType::text, false);
    const char* kind = first->lot_number->meaning.is(Idea::serial) && !first->lot_number->meaning.is(Idea::lot) ? "serial" : "lot";
    query.set_record(
        fmt::format("      item:\n        id: \"lot:{{lot_key}}\"\n        kind: {0}\n        product: \"product:{{product_key}}\"\n"
                    "        identifiers: [{{scheme: {0}, value: \"{{number}}\"}}]\n",
                    kind));
    proposal.queries.push_back(std::move(query));
    return true;
}

}  // namespace

const std::vector<std::pair<std::string, std::uint64_t>>& Proposal::values(const ForeignTable& table, const ForeignColumn& column) {
    const auto [found, is_new] = seen.try_emplace(table.name + '.' + column.name);
    if (is_new && sample) found->second = values_of(*foreign.session, table.name, column.name);
    return found->second;
}

std::optional<ColumnType> Proposal::kind(const ForeignTable& table, const ForeignColumn& column) {
    const Meaning& m = column.meaning;
    const bool may_be_time = m.is(Idea::date) || m.is(Idea::expiry) || m.is(Idea::changed) || m.is(Idea::created) || m.is(Idea::made);
    if (engine() != sql::Engine::sqlite || column.kind != ColumnType::text || !may_be_time) return column.kind;
    const auto& some = values(table, column);
    std::optional<ColumnType> kind;
    for (const auto& [text, rows] : some) {
        const auto time = parse_time(text);
        const auto one = !time ? ColumnType::text : time->date_only ? ColumnType::date : ColumnType::time;
        if (kind && *kind != one) return ColumnType::text;
        kind = one;
    }
    return kind.value_or(ColumnType::text);
}

std::string Proposal::query_name(std::string_view wanted) const {
    const std::string plain = plain_word(wanted);
    std::string name = plain;
    for (int i = 2; std::ranges::any_of(queries, [&](const QueryText& query) { return query.name() == name; }); ++i)
        name = fmt::format("{}_{}", plain.substr(0, 26), i);
    return name;
}

std::string listed(const std::vector<std::pair<std::string, std::uint64_t>>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const auto& [value, rows] : values) texts.push_back(fmt::format("{} '{}'", rows, value));
    std::string text = fmt::format("{}", fmt::join(texts, ", "));
    return values.size() == kSampleValuesMax ? text + " and more" : text;
}

std::string change_time(Proposal& proposal, QueryText& query, const Alias& alias) {
    const auto is_time = [&](const ForeignColumn& column) { return proposal.kind(*alias.table, column) == ColumnType::time; };
    const ForeignColumn* changed = surest(*alias.table, Idea::changed, is_time);
    const ForeignColumn* created = surest(*alias.table, Idea::created, is_time);
    if (changed == nullptr) return {};
    if (!changed->nullable || created == nullptr || created == changed) return query.column(alias, changed->name);
    const std::string first = query.column(alias, changed->name);
    return fmt::format("COALESCE({}, {})", first, query.column(alias, created->name));
}

std::string product_unit(Proposal& proposal, QueryText& query, const Alias& product) {
    const ForeignColumn* unit = surest(*product.table, Idea::unit, [](const ForeignColumn& column) {
        return !column.meaning.is(Idea::quantity) && !column.meaning.is(Idea::beside);
    });
    if (unit == nullptr) return {};
    const ForeignReference* reference = product.table->reference_of(unit->name);
    const ForeignTable* units = reference == nullptr ? nullptr : proposal.foreign.find(reference->table);
    const auto note = [&](const ForeignTable& table, const ForeignColumn& column) {
        for (const auto& [symbol, rows] : proposal.values(table, column)) proposal.units[symbol] += rows;
    };
    if (units == nullptr) {
        if (!is_text(*unit)) return {};
        note(*product.table, *unit);
        return query.column(product, unit->name);
    }
    const ForeignColumn* symbol = surest(*units, Idea::number, is_text);
    if (symbol == nullptr) symbol = surest(*units, Idea::name, is_text);
    if (symbol == nullptr) return {};
    note(*units, *symbol);
    return query.column(query.join(product, *reference, *units, "u"), symbol->name);
}

std::string serial_condition(QueryText& query, const Alias& product) {
    const ForeignColumn* flag = tracking_flag(*product.table, true);
    return flag == nullptr ? std::string{} : flag_is_set(query, product, *flag);
}

void propose_products(Proposal& proposal) {
    const Chosen& chosen = proposal.roles.product;
    if (chosen.table == nullptr) {
        proposal.left_out.emplace_back("(products)", "no table looks like products: items will have none");
        return;
    }
    QueryText query = begin(proposal, "products", chosen, "product_key");
    const std::string texts = number_and_name(query, "sku", "product_key");
    const std::string unit = product_unit(proposal, query, query.main());
    if (unit.empty()) {
        query.check("no unit was found: all is counted in pieces");
        proposal.units["pcs"] += 0;
    }
    query.select("unit", unit.empty() ? "'pcs'" : unit, ColumnType::text, false);
    const ForeignColumn* serial = tracking_flag(*chosen.table, true);
    const ForeignColumn* lot = tracking_flag(*chosen.table, false);
    std::string tracking = "CASE";
    if (serial != nullptr) tracking += fmt::format(" WHEN {} THEN 'serial'", flag_is_set(query, query.main(), *serial));
    if (lot != nullptr) tracking += fmt::format(" WHEN {} THEN 'lot'", flag_is_set(query, query.main(), *lot));
    if (serial == nullptr && lot == nullptr) {
        tracking = proposal.roles.lot.table != nullptr && proposal.roles.lot.table->meaning.is(Idea::serial) ? "'serial'" : "'lot'";
        query.check("no column says which products have lots or serials: all are taken to have them");
    } else {
        tracking += " ELSE 'none' END";
        query.remark(fmt::format("tracking follows from {}", serial != nullptr && lot != nullptr ? serial->name + " and " + lot->name
                                                             : serial != nullptr                 ? serial->name
                                                                                                 : lot->name));
    }
    query.select("tracking", tracking, ColumnType::text, false);
    set_cursor(proposal, query);
    query.set_record("      product:\n        id: \"product:{product_key}\"\n" + texts +
                     "        tracking: \"{tracking}\"\n        unit: unit\n");
    proposal.queries.push_back(std::move(query));
}

void propose_places(Proposal& proposal) {
    const Chosen& chosen = proposal.roles.place;
    if (chosen.table == nullptr) {
        proposal.left_out.emplace_back("(places)", "no table looks like places of stock: events will not say where");
        return;
    }
    QueryText query = begin(proposal, "places", chosen, "place_key");
    const std::string texts = number_and_name(query, "code", "place_key");
    query.check("all are taken for places of stock; goods in transit and places outside are to be told apart by hand");
    set_cursor(proposal, query);
    query.set_record("      place:\n        id: \"place:{place_key}\"\n" + texts + "        kind: stock\n");
    proposal.queries.push_back(std::move(query));
}

void propose_parties(Proposal& proposal) {
    if (proposal.roles.parties.empty())
        proposal.left_out.emplace_back("(parties)",
                                       "no table looks like suppliers or customers: events will not say from whom and to whom");
    for (const auto& [word, chosen] : proposal.roles.parties) {
        QueryText query = begin(proposal, chosen.table->name, chosen, "party_key");
        const ForeignColumn* contact = surest(*chosen.table, Idea::contact, is_text);
        std::string yaml = number_and_name(query, "code", "party_key");
        if (contact != nullptr) {
            query.select("contact", fmt::format("NULLIF({}, '')", query.column(query.main(), contact->name)), ColumnType::text, true);
            yaml += "        contact: \"{contact}\"\n";
        }
        set_cursor(proposal, query);
        query.set_record(fmt::format("      party:\n        id: \"{}:{{party_key}}\"\n", word) + yaml);
        proposal.queries.push_back(std::move(query));
    }
}

namespace {

/// The column with a lot's number, and whether its name says that it is a serial's. `in_key`: the number may be a part of the key.
std::pair<const ForeignColumn*, bool> lot_number(const ForeignTable& table, bool in_key) {
    const auto fits = [&](const ForeignColumn& column) { return is_text(column) && table.reference_of(column.name) == nullptr; };
    const auto texts = [&](const ForeignColumn& column) { return in_key ? is_text(column) : fits(column); };
    if (const ForeignColumn* serial = surest(table, Idea::serial, texts)) return {serial, true};
    if (const ForeignColumn* lot = surest(table, Idea::lot, texts)) return {lot, false};
    return {surest(table, Idea::number, fits), false};
}

/// Selects when a lot expires and when it was made; the attributes that hold it.
template <class Aggregated>
std::string lot_days(Proposal& proposal, QueryText& query, Aggregated aggregated) {
    const ForeignTable& table = *query.main().table;
    const auto is_day = [&](const ForeignColumn& column) {
        const auto type = proposal.kind(table, column);
        return type == ColumnType::date || type == ColumnType::time;
    };
    std::string attributes;
    for (const auto& [idea, name] : {std::pair{Idea::expiry, "itemExpirationDate"}, std::pair{Idea::made, "productionDate"}}) {
        const ForeignColumn* day = surest(table, idea, is_day);
        if (day == nullptr) continue;
        const std::string alias = idea == Idea::expiry ? "expires" : "made";
        const std::string date = query.as_date(query.column(query.main(), day->name), *proposal.kind(table, *day));
        query.select(alias, aggregated(date), ColumnType::date, true);
        attributes += fmt::format("{}{}: \"{{{}}}\"", attributes.empty() ? "" : ", ", name, alias);
    }
    return attributes;
}

}  // namespace

void propose_lots(Proposal& proposal) {
    const Chosen& chosen = proposal.roles.lot;
    if (chosen.table == nullptr) {
        if (!propose_numbers(proposal))
            proposal.left_out.emplace_back("(lots)", "no table looks like lots or serials: traces follow products alone");
        return;
    }
    const ForeignTable& table = *chosen.table;
    const std::vector<std::string>& identity = proposal.roles.lot_identity;
    QueryText query{proposal.query_name("lots"), table, proposal.engine()};
    query.remark(reasons_of(chosen));
    const bool grouped = identity.size() < table.key.size();
    const std::string key = query.key(query.main(), identity);
    const auto aggregated = [&](const std::string& expression) { return grouped ? fmt::format("MAX({})", expression) : expression; };
    query.select("lot_key", key, query.key_type(table, identity), false);
    query.set_key("lot_key");
    if (identity.size() > 1) query.remark(fmt::format("a lot is known by {} together", fmt::join(identity, " and ")));
    if (grouped) {
        std::vector<std::string> columns;
        columns.reserve(identity.size());
        for (const std::string& one : identity) columns.push_back(query.column(query.main(), one));
        query.group_by(fmt::format("{}", fmt::join(columns, ", ")));
    }
    const auto [number, named_serial] = lot_number(table, identity.size() > 1);
    const ForeignReference* product = nullptr;
    for (const ForeignReference& reference : table.references)
        if (proposal.roles.product.table != nullptr && reference.table == proposal.roles.product.table->name) product = &reference;
    query.select("number", aggregated(number != nullptr ? query.column(query.main(), number->name) : query.as_text(key)), ColumnType::text,
                 true);
    if (number == nullptr) query.check("no column looks like the lot's number: its key stands for it");
    std::string condition;
    std::string yaml = "      item:\n        id: \"lot:{lot_key}\"\n        kind: \"{item_kind}\"\n";
    if (product != nullptr) {
        query.select("product_key", aggregated(query.column(query.main(), product->columns.front())),
                     query.key_type(table, {product->columns.front()}), true);
        yaml += "        product: \"product:{product_key}\"\n";
        if (tracking_flag(*proposal.roles.product.table, true) != nullptr)
            condition = serial_condition(query, query.join(query.main(), *product, *proposal.roles.product.table, "p"));
    }
    const std::string kind = !condition.empty() ? fmt::format("CASE WHEN {} THEN 'serial' ELSE 'lot' END", condition)
                             : named_serial && !table.meaning.is(Idea::lot) ? "'serial'"
                                                                            : "'lot'";
    query.select("item_kind", aggregated(kind), ColumnType::text, false);
    yaml += "        identifiers: [{scheme: \"{item_kind}\", value: \"{number}\"}]\n";
    const std::string attributes = lot_days(proposal, query, aggregated);
    if (!attributes.empty()) yaml += fmt::format("        attributes: {{{}}}\n", attributes);
    if (!attributes.contains("Expiration")) query.remark("no expiry date was found");
    if (grouped)
        query.check("several rows are one lot: their largest values count, and the table is read in full each time");
    else
        set_cursor(proposal, query);
    query.set_record(yaml);
    proposal.queries.push_back(std::move(query));
}

}  // namespace stemma::erp
