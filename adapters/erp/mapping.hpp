// An ERP mapping as data: which tables are read, by which SELECTs, and what each row becomes. Read from YAML once, immutable afterwards.
// It holds no code and no traceability logic. Templates are compiled: they name columns by their index, never by text.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/erp/text_template.hpp"
#include "core/base/error.hpp"
#include "core/config/tree.hpp"
#include "core/domain/event.hpp"

namespace stemma::erp {

enum class ColumnType : unsigned char { integer, decimal, text, date, time, boolean };

/// A column that a SELECT gives. `nullable` is written as '?' behind the type.
struct Column {
    std::string name;
    ColumnType type{ColumnType::text};
    bool nullable{false};
};

/// Table name -> the columns that are read of it.
using Tables = std::map<std::string, std::vector<std::string>>;

/// A table, or one of its columns.
struct CatalogueName {
    std::string table;
    std::string column;  ///< "" = the table itself
    [[nodiscard]] std::string text() const { return column.empty() ? table : table + '.' + column; }
};

/// A named SELECT that queries and later parts may join.
struct Part {
    std::string name;
    std::vector<CatalogueName> optional;  ///< where none of these is there, the part is empty; empty = must always be there
    std::string without;                  ///< what the absence means, for people
    std::vector<std::size_t> uses;        ///< earlier parts
    Tables tables;
    std::vector<Column> columns;
    std::string sql;
};

struct ProductTemplate {
    IdTemplate id;
    TextTemplate sku, name, tracking, category;
    std::size_t unit{0};  ///< column
    std::map<std::string, TextTemplate> attributes;
};

struct PlaceTemplate {
    IdTemplate id;
    TextTemplate code, name, kind;
    IdTemplate parent;
    std::map<std::string, TextTemplate> attributes{};  ///< is_open_attribute() alone
};

struct PartyTemplate {
    IdTemplate id;
    TextTemplate code, name, contact;
    std::map<std::string, TextTemplate> attributes{};  ///< is_open_attribute() alone
};

struct IdentifierTemplate {
    TextTemplate scheme, value;
};

struct ItemTemplate {
    IdTemplate id;
    TextTemplate kind;
    IdTemplate product;
    std::vector<IdentifierTemplate> identifiers;
    std::map<std::string, TextTemplate> attributes;
};

struct ItemQuantityTemplate {
    IdTemplate item;
    std::optional<std::size_t> quantity;  ///< column; NULL = this one instance
    std::optional<std::size_t> unit;      ///< column
};

struct DocumentTemplate {
    TextTemplate type;
    IdTemplate id;
    TextTemplate number;
};

struct SourceDestTemplate {
    std::string type;
    IdTemplate id;
};

struct EventTemplate {
    IdTemplate id;
    EventType type{EventType::object};
    Action action{Action::observe};
    std::size_t time{0};  ///< column
    std::string biz_step, disposition;
    IdTemplate read_point, biz_location, parent, transformation;
    std::vector<ItemQuantityTemplate> items, inputs, outputs;
    std::vector<DocumentTemplate> documents;
    std::vector<SourceDestTemplate> sources, destinations;
    std::map<std::string, TextTemplate> ilmd;
};

/// Events whose template follows from the value of one column.
struct EventTemplates {
    std::optional<std::size_t> choose;           ///< column; none = one template, under ""
    std::map<std::string, EventTemplate> cases;  ///< complete templates: what the record says, overlaid by what the case says
};

using RecordTemplate = std::variant<ProductTemplate, PlaceTemplate, PartyTemplate, ItemTemplate, EventTemplates>;

/// A SELECT of keys of a query's rows that `touched_<table>` names: rows of those tables that changed since the last reading.
struct TouchedKeys {
    std::string sql;
    std::vector<std::string> tables;
};

/// Which rows of a query a changed row of some table makes something else of.
struct Touched {
    Tables tables;  ///< table -> the columns that hold its change times; none = its changes show by the transaction horizon alone
    std::vector<TouchedKeys> keys;
};

struct CursorColumns {
    std::size_t changed{0};
    std::size_t id{0};
    std::optional<Touched> touched{};  ///< none = every reading looks through the whole query for change times
};

struct MappedQuery {
    std::string name;
    std::uint32_t revision{1};  ///< one more each time keys or ids were made otherwise than before
    std::string table;          ///< whose rows these are: where rejects point to
    std::size_t key{0};
    std::optional<CursorColumns> cursor;  ///< none = read in full each time
    std::vector<std::size_t> uses;        ///< parts, those they use included, in the order of the file
    Tables tables;
    std::vector<Column> columns;
    std::string sql;
    RecordTemplate record;
    std::string where;  ///< "tryton-6.0.yaml:120:5"
};

struct Mapping {
    std::string name;                                                     ///< "tryton-6.0"
    std::string erp;                                                      ///< "Tryton"
    std::string version;                                                  ///< "6.0"
    Tables fingerprint;                                                   ///< must be there
    std::vector<std::vector<CatalogueName>> one_of;                       ///< of each list at least one must be there
    std::vector<std::pair<CatalogueName, std::string>> other_version_if;  ///< must not be there -> the version it would mean
    std::map<std::string, std::string> units;                             ///< the ERP's symbol -> UN/CEFACT Rec 20 code
    std::vector<Part> parts;
    std::vector<MappedQuery> queries;  ///< in reading order

    /// The query of that name, or null.
    [[nodiscard]] const MappedQuery* find(std::string_view query) const noexcept;
};

/// Reads and checks a mapping: unknown keys, wrong types, names of columns and parts, templates, the SQL's form (see sql_text.hpp).
/// Errors: every mistake found, Errc::config, with file:line:column and the nearest name.
[[nodiscard]] std::expected<Mapping, std::vector<Error>> read_mapping(const config::Node& root);
[[nodiscard]] std::expected<Mapping, std::vector<Error>> read_mapping_file(const std::filesystem::path& file);

/// The JSON Schema (draft 7) that a mapping is checked against first, as text.
[[nodiscard]] std::string_view mapping_schema() noexcept;

/// Adds the tables and columns of `more` that `all` lacks, in their order.
void merge(Tables& all, const Tables& more);

/// Every table and column that the mapping may read, optional parts included: what the login must be allowed to SELECT. Without the parts
/// in `absent`: what is read where these are not there.
[[nodiscard]] Tables tables_read(const Mapping& mapping, const std::set<std::size_t>& absent = {});

/// The columns that a query and its parts, but for those in `absent`, read of `table`.
[[nodiscard]] std::vector<std::string> columns_read(const Mapping& mapping, const MappedQuery& query, const std::string& table,
                                                    const std::set<std::size_t>& absent = {});

/// What a query's rows become: "products", "events: receiving, shipping".
[[nodiscard]] std::string becomes(const MappedQuery& query);

[[nodiscard]] std::string_view to_string(ColumnType type) noexcept;  ///< as the mapping writes it: "int", "text", ...

}  // namespace stemma::erp
