#include "adapters/erp/suggest_catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "adapters/erp/sql_text.hpp"
#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

// table, column, type, may be NULL, place in the primary key or 0; in the order of the table's columns.
constexpr sql::Query kSqliteColumns{"erp.foreign.columns",
                                    "SELECT m.name, c.name, c.type, CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 0 ELSE 1 END, c.pk "
                                    "FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                                    "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY m.name, c.cid"};
constexpr sql::Query kPostgresColumns{
    "erp.foreign.columns",
    "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 0 ELSE 1 END, "
    "COALESCE(array_position(k.conkey, a.attnum), 0) "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_catalog.pg_table_is_visible(c.oid) "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') "
    "ORDER BY c.relname, a.attnum"};
// Three plain readings: joined in the server, information_schema is worked out anew for each row.
constexpr sql::Query kMariadbColumns{
    "erp.foreign.columns",
    "SELECT table_name, column_name, column_type, CASE WHEN is_nullable = 'YES' THEN 1 ELSE 0 END, 0 FROM information_schema.columns "
    "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"};
constexpr sql::Query kMariadbKeys{"erp.foreign.keys",
                                  "SELECT table_name, seq_in_index, column_name FROM information_schema.statistics "
                                  "WHERE table_schema = DATABASE() AND index_name = 'PRIMARY'"};
constexpr sql::Query kMariadbViews{
    "erp.foreign.views", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'BASE TABLE'"};

// name of the constraint, table, column, table referred to, its column ("" = its key), in the constraint's order
constexpr sql::Query kSqliteReferences{
    "erp.foreign.references",
    "SELECT f.id, m.name, f.\"from\", f.\"table\", COALESCE(f.\"to\", '') FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f "
    "WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"};
constexpr sql::Query kPostgresReferences{
    "erp.foreign.references",
    "SELECT k.conname, c.relname, a.attname, t.relname, b.attname "
    "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_class t ON t.oid = k.confrelid "
    "CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(own, other, place) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own "
    "JOIN pg_catalog.pg_attribute b ON b.attrelid = t.oid AND b.attnum = u.other "
    "WHERE k.contype = 'f' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY c.relname, k.conname, u.place"};
constexpr sql::Query kMariadbReferences{
    "erp.foreign.references",
    "SELECT constraint_name, table_name, column_name, referenced_table_name, referenced_column_name "
    "FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE() "
    "ORDER BY table_name, constraint_name, ordinal_position"};

const sql::Query& of_engine(sql::Engine engine, const sql::Query& sqlite, const sql::Query& postgresql, const sql::Query& mariadb) {
    return engine == sql::Engine::sqlite ? sqlite : engine == sql::Engine::postgresql ? postgresql : mariadb;
}

std::string lower(std::string_view text) {
    std::string made{text};
    std::ranges::transform(made, made.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return made;
}

std::optional<ColumnType> kind_of(std::string_view written) {
    const std::string type = lower(written);
    const auto has = [&](std::string_view word) { return type.contains(word); };
    if (has("[]") || has("json") || has("blob") || has("bytea") || has("binary") || has("interval") || has("geometry") || has("tsvector"))
        return std::nullopt;
    if (has("bool")) return ColumnType::boolean;
    if (has("timestamp") || has("datetime")) return ColumnType::time;
    if (type == "date") return ColumnType::date;
    if (has("int") || has("serial") || has("year")) return ColumnType::integer;
    if (has("numeric") || has("decimal") || has("real") || has("double") || has("float") || has("money")) return ColumnType::decimal;
    if (has("char") || has("text") || has("enum") || has("clob") || has("uuid") || type.empty() || has("name")) return ColumnType::text;
    return std::nullopt;
}

/// The names that erp-mapping.schema.json takes for tables and columns.
bool is_plain_name(std::string_view name, bool column) {
    if (name.empty() || name.size() > 63 || name.back() == ' ') return false;
    const auto first = static_cast<unsigned char>(name.front());
    if (std::isalpha(first) == 0 && first != '_') return false;
    return std::ranges::all_of(name, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '$' || (c == ' ' && !column);
    });
}

/// A reference that the database does not declare: a column that is called like the only key of one other table, or like a table and its
/// key ("batch_id" of "batches").
void guess_references(std::vector<ForeignTable>& tables) {
    std::map<std::string, std::vector<const ForeignTable*>> by_key;
    for (const ForeignTable& table : tables)
        if (table.key.size() == 1) by_key[lower(table.key.front())].push_back(&table);
    const auto words_without_key = [](const Meaning& meaning) {
        std::vector<std::string> words;
        for (const std::string& word : meaning.words)
            if (const Meaning one = meaning_of(word); !one.is(Idea::id) && !one.is(Idea::number)) words.push_back(word);
        return words;
    };
    for (ForeignTable& table : tables)
        for (const ForeignColumn& column : table.columns) {
            if (table.reference_of(column.name) != nullptr || (table.key.size() == 1 && table.key.front() == column.name)) continue;
            const ForeignTable* found = nullptr;
            const auto keys = by_key.find(lower(column.name));
            const bool plain = column.meaning.words.size() < 2 && column.meaning.is(Idea::id);
            if (keys != by_key.end() && keys->second.size() == 1 && !plain) found = keys->second.front();
            const bool like_key = column.meaning.is(Idea::id);
            const std::vector<std::string> words = words_without_key(column.meaning);
            if (found == nullptr && like_key && !words.empty())
                for (const ForeignTable& other : tables)
                    if (other.key.size() == 1 && words_without_key(other.meaning) == words) found = &other;
            if (found == nullptr || found == &table) continue;
            table.references.push_back({{column.name}, found->name, {found->key.front()}, true});
        }
}

Result<void> read_references(sql::Session& session, Foreign& foreign) {
    std::string last;
    const auto note = [&](const sql::Row& row) {
        const auto table = std::ranges::find(foreign.tables, row.text(1), &ForeignTable::name);
        const auto other =
            std::ranges::find_if(foreign.tables, [&](const ForeignTable& one) { return lower(one.name) == lower(row.text(3)); });
        if (table == foreign.tables.end() || other == foreign.tables.end()) return;
        const std::string constraint = fmt::format("{}/{}", row.text(1), row.text(0));
        if (constraint != last) table->references.push_back({{}, other->name, {}, false});
        last = constraint;
        ForeignReference& reference = table->references.back();
        reference.columns.emplace_back(row.text(2));
        const std::size_t place = reference.to.size();
        const bool unsaid = row.text(4).empty();
        reference.to.emplace_back(!unsaid ? std::string{row.text(4)} : place < other->key.size() ? other->key[place] : std::string{});
    };
    return session.each(of_engine(session.engine(), kSqliteReferences, kPostgresReferences, kMariadbReferences), {}, note);
}

Result<void> read_tables(sql::Session& session, Foreign& foreign) {
    std::map<std::string, std::map<std::int64_t, std::string>> keys;
    const auto note = [&](const sql::Row& row) {
        if (foreign.tables.empty() || foreign.tables.back().name != row.text(0)) {
            ForeignTable& table = foreign.tables.emplace_back();
            table.name = row.text(0);
            table.meaning = meaning_of(table.name);
            if (!is_plain_name(table.name, false)) table.unreadable = "its name has characters that a mapping cannot hold";
        }
        ForeignColumn column{std::string{row.text(1)}, std::string{row.text(2)}, kind_of(row.text(2)), row.integer(3) != 0,
                             meaning_of(row.text(1))};
        if (!is_plain_name(column.name, true)) column.kind.reset();
        if (row.integer(4) > 0) keys[foreign.tables.back().name][row.integer(4)] = column.name;
        foreign.tables.back().columns.push_back(std::move(column));
    };
    if (auto read = session.each(of_engine(session.engine(), kSqliteColumns, kPostgresColumns, kMariadbColumns), {}, note); !read)
        return read;
    if (session.engine() == sql::Engine::mariadb) {
        const auto note_key = [&](const sql::Row& row) { keys[std::string{row.text(0)}][row.integer(1)] = row.text(2); };
        if (auto read = session.each(kMariadbKeys, {}, note_key); !read) return read;
        const auto drop = [&](const sql::Row& row) {
            std::erase_if(foreign.tables, [&](const auto& table) { return table.name == row.text(0); });
        };
        if (auto read = session.each(kMariadbViews, {}, drop); !read) return read;
    }
    for (ForeignTable& table : foreign.tables)
        for (const auto& [place, column] : keys[table.name]) table.key.push_back(column);
    return {};
}

}  // namespace

const ForeignColumn* ForeignTable::find(const std::string& column) const noexcept {
    const auto found = std::ranges::find(columns, column, &ForeignColumn::name);
    return found == columns.end() ? nullptr : &*found;
}

const ForeignReference* ForeignTable::reference_of(const std::string& column) const noexcept {
    const ForeignReference* best = nullptr;
    for (const ForeignReference& reference : references)
        if (std::ranges::find(reference.columns, column) != reference.columns.end() &&
            (best == nullptr || reference.columns.size() < best->columns.size()))
            best = &reference;
    return best;
}

const ForeignTable* Foreign::find(const std::string& table) const noexcept {
    const auto found = std::ranges::find(tables, table, &ForeignTable::name);
    return found == tables.end() ? nullptr : &*found;
}

Result<Foreign> open_foreign(const sql::Connection& connection) {
    sql::Connection reading = connection;
    reading.read_only = true;
    auto session = sql::Session::open(reading);
    if (!session) return fail(std::move(session));
    Foreign foreign;
    foreign.session = std::make_unique<sql::Session>(std::move(*session));
    auto transaction = sql::Transaction::begin(*foreign.session, sql::Transaction::Mode::read);
    if (!transaction) return fail(std::move(transaction));
    foreign.transaction = std::make_unique<sql::Transaction>(std::move(*transaction));
    auto catalogue = read_catalogue(*foreign.session);
    if (!catalogue) return fail(std::move(catalogue));
    foreign.catalogue = std::move(*catalogue);
    if (foreign.catalogue.tables.size() > kForeignTablesMax)
        return fail(Errc::too_large,
                    fmt::format("the database has {} tables, at most {} are looked at", foreign.catalogue.tables.size(), kForeignTablesMax),
                    {}, "use a login that sees the ERP's tables alone");
    if (auto read = read_tables(*foreign.session, foreign); !read) return fail(std::move(read));
    if (auto read = read_references(*foreign.session, foreign); !read) return fail(std::move(read));
    guess_references(foreign.tables);
    return foreign;
}

std::vector<std::pair<std::string, std::uint64_t>> values_of(sql::Session& session, const std::string& table, const std::string& column) {
    const std::string text = fmt::format(
        "SELECT v, count(*) AS n FROM (SELECT {0} AS v FROM {1} LIMIT {2}) AS s WHERE v IS NOT NULL GROUP BY v ORDER BY 2 DESC, 1 LIMIT "
        "{3}",
        quoted_name(column), quoted_name(table), kSampleRowsMax, kSampleValuesMax);
    std::vector<std::pair<std::string, std::uint64_t>> values;
    const auto note = [&](const sql::Row& row) { values.emplace_back(row.text(0), static_cast<std::uint64_t>(row.integer(1))); };
    if (const auto read = session.each({"erp.foreign.values", text.c_str()}, {}, note); !read) {
        session.roll_back();
        values.clear();
    }
    std::erase_if(values, [](const auto& value) { return !is_clean_utf8(value.first); });
    return values;
}

}  // namespace stemma::erp
