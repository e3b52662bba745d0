// Reading a mapping: first its shape by the JSON Schema, then its names: columns, parts, templates, and the form of its SQL.
#include "adapters/erp/mapping.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "adapters/erp/record_reader.hpp"
#include "adapters/erp/sql_text.hpp"
#include "core/base/text.hpp"
#include "core/config/schema.hpp"
#include "embedded/erp.hpp"

namespace stemma::erp {
namespace {

using config::Node;

constexpr std::array<std::pair<ColumnType, std::string_view>, 6> kTypes{{{ColumnType::integer, "int"},
                                                                         {ColumnType::decimal, "decimal"},
                                                                         {ColumnType::text, "text"},
                                                                         {ColumnType::date, "date"},
                                                                         {ColumnType::time, "time"},
                                                                         {ColumnType::boolean, "bool"}}};

bool is_sql_name(std::string_view name, bool lower_only) noexcept {
    if (name.empty() || name.size() > 63 || name.back() == ' ') return false;
    return std::ranges::all_of(name, [&](char c) {
        const bool lower = (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9' && c != name.front());
        return lower || (!lower_only && ((c >= 'A' && c <= 'Z') || ((c == '-' || c == '$' || c == ' ') && &c != name.data())));
    });
}

class MappingReader {
public:
    std::expected<Mapping, std::vector<Error>> read(const Node& root) {
        Mapping mapping;
        mapping.name = root.find("mapping")->raw();
        mapping.erp = root.find("erp")->raw();
        mapping.version = root.find("version")->raw();
        read_fingerprint(*root.find("fingerprint"), mapping);
        for (const Node::Entry& entry : root.find("units")->entries()) mapping.units.emplace(entry.key, entry.value.raw());
        if (const Node* parts = root.find("parts"))
            for (const Node::Entry& entry : parts->entries()) read_part(entry, mapping);
        for (const Node& node : root.find("queries")->items()) read_query(node, mapping);
        check_every_part_is_used(root, mapping);
        if (!errors_.empty()) return std::unexpected(std::move(errors_));
        return mapping;
    }

private:
    void complain(const config::Mark& mark, std::string message, std::string hint = {}) {
        errors_.push_back({Errc::config, std::move(message), mark.text(), std::move(hint)});
    }

    void check_name(const config::Mark& mark, std::string_view name, bool lower_only) {
        if (is_sql_name(name, lower_only)) return;
        complain(mark, fmt::format("'{}' is not a name for this place", clip(name)),
                 lower_only
                     ? "lower-case letters, digits and '_', at most 63 characters, no digit in front"
                     : "letters, digits, '_', '-', '$' and blanks, at most 63 characters, a letter or '_' in front, no blank at the end");
    }

    CatalogueName catalogue_name(const config::Mark& mark, const std::string& text) {
        const std::size_t point = text.find('.');
        CatalogueName name{text.substr(0, point), point == std::string::npos ? std::string{} : text.substr(point + 1)};
        check_name(mark, name.table, false);
        if (point != std::string::npos) check_name(mark, name.column, false);
        return name;
    }

    void read_fingerprint(const Node& node, Mapping& mapping) {
        mapping.fingerprint = tables(*node.find("tables"));
        if (const Node* lists = node.find("one_of"))
            for (const Node& list : lists->items()) {
                std::vector<CatalogueName>& names = mapping.one_of.emplace_back();
                for (const Node& element : list.items()) names.push_back(catalogue_name(element.mark(), element.raw()));
            }
        if (const Node* absent = node.find("absent"))
            for (const Node::Entry& entry : absent->entries())
                mapping.other_version_if.emplace_back(catalogue_name(entry.key_mark, entry.key), entry.value.raw());
    }

    Tables tables(const Node& node) {
        Tables made;
        for (const Node::Entry& entry : node.entries()) {
            check_name(entry.key_mark, entry.key, false);
            std::vector<std::string>& columns = made[entry.key];
            for (const Node& column : entry.value.items()) columns.push_back(column.raw());
        }
        return made;
    }

    std::vector<Column> columns(const Node& node) {
        std::vector<Column> made;
        for (const Node::Entry& entry : node.entries()) {
            check_name(entry.key_mark, entry.key, true);
            std::string_view type = entry.value.raw();
            const bool nullable = type.ends_with('?');
            if (nullable) type.remove_suffix(1);
            const auto found = std::ranges::find(kTypes, type, &std::pair<ColumnType, std::string_view>::second);
            made.push_back({entry.key, found == kTypes.end() ? ColumnType::text : found->first, nullable});
        }
        return made;
    }

    std::string sql(const Node& node) {
        if (const Result<void> form = check_sql_form(node.raw()); !form)
            complain(node.mark(), fmt::format("'sql': {}", form.error().message), form.error().hint);
        return node.raw();
    }

    /// The parts that `node` names under `uses`, and those that they use, each once, in the order of the file.
    std::vector<std::size_t> uses(const Node& node, const Mapping& mapping) {
        std::set<std::size_t> used;
        std::vector<std::string> names;
        names.reserve(mapping.parts.size());
        for (const Part& part : mapping.parts) names.push_back(part.name);
        const Node* list = node.find("uses");
        if (list == nullptr) return {};
        for (const Node& element : list->items()) {
            const auto found = std::ranges::find(names, element.raw());
            if (found == names.end()) {
                complain(element.mark(), fmt::format("there is no part '{}' above", clip(element.raw())),
                         did_you_mean(element.raw(), names));
                continue;
            }
            const auto index = static_cast<std::size_t>(found - names.begin());
            used.insert(mapping.parts[index].uses.begin(), mapping.parts[index].uses.end());
            used.insert(index);
        }
        return {used.begin(), used.end()};
    }

    void read_part(const Node::Entry& entry, Mapping& mapping) {
        check_name(entry.key_mark, entry.key, true);
        Part part;
        part.name = entry.key;
        if (const Node* optional = entry.value.find("optional"))
            for (const Node& element : optional->items()) part.optional.push_back(catalogue_name(element.mark(), element.raw()));
        if (const Node* without = entry.value.find("without")) part.without = without->raw();
        part.uses = uses(entry.value, mapping);
        part.tables = tables(*entry.value.find("tables"));
        part.columns = columns(*entry.value.find("columns"));
        part.sql = sql(*entry.value.find("sql"));
        for (const CatalogueName& name : part.optional)
            if (!part.tables.contains(name.table))
                complain(entry.value.find("optional")->mark(), fmt::format("'{}' is optional, yet not among the tables", name.text()));
        mapping.parts.push_back(std::move(part));
    }

    void read_query(const Node& node, Mapping& mapping) {
        MappedQuery query;
        query.where = node.mark().text();
        query.name = node.find("name")->raw();
        if (mapping.find(query.name) != nullptr) complain(node.find("name")->mark(), fmt::format("there are two queries '{}'", query.name));
        if (const Node* revision = node.find("revision")) query.revision = revision_of(*revision);
        query.table = node.find("table")->raw();
        query.uses = uses(node, mapping);
        query.tables = tables(*node.find("tables"));
        query.columns = columns(*node.find("columns"));
        query.sql = sql(*node.find("sql"));
        query.key = read_column(*node.find("key"), query.columns, errors_);
        if (query.columns[query.key].nullable) complain(node.find("key")->mark(), "'key': the key may not be NULL", "leave out its '?'");
        if (const ColumnType type = query.columns[query.key].type; type != ColumnType::integer && type != ColumnType::text)
            complain(node.find("key")->mark(), "'key': a key is of type int or text",
                     "rows are asked for by their keys: make a text of it in the SQL");
        if (!query.tables.contains(query.table))
            complain(node.find("table")->mark(), fmt::format("'{}' is not among the tables of the query", query.table));
        if (const Node* cursor = node.find("cursor")) {
            const std::size_t changed = read_column(*cursor->find("changed"), query.columns, errors_);
            query.cursor = CursorColumns{changed, read_column(*cursor->find("id"), query.columns, errors_)};
            if (query.columns[changed].type != ColumnType::time)
                complain(cursor->find("changed")->mark(),
                         fmt::format("'changed': column '{}' is not of type time", query.columns[changed].name));
            if (const Node* touched = cursor->find("touched")) query.cursor->touched = read_touched(*touched, query, mapping);
        }
        query.record = read_record(*node.find("record"), query.columns, errors_);
        mapping.queries.push_back(std::move(query));
    }

    /// The schema has checked its range.
    static std::uint32_t revision_of(const Node& node) {
        std::uint32_t revision = 1;
        const std::string_view text = node.raw();
        std::from_chars(text.data(), text.data() + text.size(), revision);
        return revision;
    }

    Touched read_touched(const Node& node, const MappedQuery& query, const Mapping& mapping) {
        Touched touched;
        for (const Node::Entry& entry : node.find("tables")->entries()) {
            const std::vector<std::string> known = columns_read(mapping, query, entry.key);
            if (known.empty()) complain(entry.key_mark, fmt::format("'{}' is not among the tables of the query", entry.key));
            std::vector<std::string>& times = touched.tables[entry.key];
            for (const Node& time : entry.value.items()) {
                times.push_back(time.raw());
                if (std::ranges::find(known, time.raw()) == known.end())
                    complain(time.mark(), fmt::format("'{}' is not among the columns read of '{}'", time.raw(), entry.key),
                             did_you_mean(time.raw(), known));
            }
        }
        if (!touched.tables.contains(query.table))
            complain(node.find("tables")->mark(), fmt::format("'touched' does not name the query's own table, '{}'", query.table));
        for (const Node& element : node.find("keys")->items()) {
            TouchedKeys keys{sql(element), {}};
            find_touched(element, touched.tables, keys);
            touched.keys.push_back(std::move(keys));
        }
        return touched;
    }

    /// The tables of which `keys` names the changed rows: "touched_stock_move".
    void find_touched(const Node& element, const Tables& known, TouchedKeys& keys) {
        constexpr std::string_view front = "touched_";
        const std::string_view text = keys.sql;
        for (std::size_t at = text.find(front); at != std::string_view::npos; at = text.find(front, at + 1)) {
            const std::string_view rest = text.substr(at + front.size());
            std::string_view named;
            for (const auto& [table, times] : known)
                if (rest.starts_with(table) && table.size() > named.size()) named = table;
            const bool whole = !named.empty() && (rest.size() == named.size() || !is_sql_name(rest.substr(named.size(), 1), true));
            if (!whole)
                complain(element.mark(), fmt::format("'{}': no such table stands under 'tables'", clip(text.substr(at, 40))));
            else if (std::ranges::find(keys.tables, named) == keys.tables.end())
                keys.tables.emplace_back(named);
        }
        if (keys.tables.empty()) complain(element.mark(), "these keys follow from no changed row", "read FROM touched_<table>");
    }

    void check_every_part_is_used(const Node& root, const Mapping& mapping) {
        std::set<std::size_t> used;
        for (const MappedQuery& query : mapping.queries) used.insert(query.uses.begin(), query.uses.end());
        for (std::size_t i = 0; i < mapping.parts.size(); ++i)
            if (!used.contains(i))
                complain(root.find("parts")->entries()[i].key_mark, fmt::format("no query uses the part '{}'", mapping.parts[i].name));
    }

    std::vector<Error> errors_;
};

std::string steps_of(const EventTemplates& events) {
    std::vector<std::string> steps;
    for (const auto& [value, event] : events.cases)
        if (!event.biz_step.empty() && std::ranges::find(steps, event.biz_step) == steps.end()) steps.push_back(event.biz_step);
    std::ranges::sort(steps);
    return steps.empty() ? "events" : fmt::format("events: {}", fmt::join(steps, ", "));
}

}  // namespace

const MappedQuery* Mapping::find(std::string_view query) const noexcept {
    const auto found = std::ranges::find(queries, query, &MappedQuery::name);
    return found == queries.end() ? nullptr : &*found;
}

std::expected<Mapping, std::vector<Error>> read_mapping(const Node& root) {
    auto schema = config::Schema::compile(mapping_schema(), "erp-mapping.schema.json");
    if (!schema) return std::unexpected(std::vector{std::move(schema).error()});
    std::vector<Error> errors = schema->check(root);
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return MappingReader{}.read(root);
}

std::expected<Mapping, std::vector<Error>> read_mapping_file(const std::filesystem::path& file) {
    auto tree = config::read_yaml_file(file);
    if (!tree) return std::unexpected(std::vector{std::move(tree).error()});
    return read_mapping(tree->root());
}

std::string_view mapping_schema() noexcept { return embedded::erp::erp_mapping_schema_json(); }

void merge(Tables& all, const Tables& more) {
    for (const auto& [table, columns] : more) {
        std::vector<std::string>& known = all[table];
        for (const std::string& column : columns)
            if (std::ranges::find(known, column) == known.end()) known.push_back(column);
    }
}

Tables tables_read(const Mapping& mapping, const std::set<std::size_t>& absent) {
    Tables all;
    for (std::size_t i = 0; i < mapping.parts.size(); ++i)
        if (!absent.contains(i)) merge(all, mapping.parts[i].tables);
    for (const MappedQuery& query : mapping.queries) merge(all, query.tables);
    return all;
}

std::vector<std::string> columns_read(const Mapping& mapping, const MappedQuery& query, const std::string& table,
                                      const std::set<std::size_t>& absent) {
    Tables all;
    merge(all, query.tables);
    for (const std::size_t part : query.uses)
        if (!absent.contains(part)) merge(all, mapping.parts[part].tables);
    const auto found = all.find(table);
    return found == all.end() ? std::vector<std::string>{} : found->second;
}

std::string becomes(const MappedQuery& query) {
    struct Words {
        std::string operator()(const ProductTemplate&) const { return "products"; }
        std::string operator()(const PlaceTemplate&) const { return "places"; }
        std::string operator()(const PartyTemplate&) const { return "parties"; }
        std::string operator()(const ItemTemplate&) const { return "items"; }
        std::string operator()(const EventTemplates& events) const { return steps_of(events); }
    };
    return std::visit(Words{}, query.record);
}

std::string_view to_string(ColumnType type) noexcept {
    for (const auto& [known, name] : kTypes)
        if (known == type) return name;
    return {};
}

}  // namespace stemma::erp
