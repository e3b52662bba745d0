#include "adapters/erp/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

constexpr sql::Query kSqliteColumns{"erp.catalogue",
                                    "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                                    "WHERE m.type IN ('table', 'view')"};

// pg_catalog, not information_schema: the latter hides what the login has no right to, so that a missing right looks like a missing column.
constexpr sql::Query kPostgresColumns{
    "erp.catalogue",
    "SELECT c.relname, a.attname, pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'), n.nspname "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped "
    "AND pg_catalog.pg_table_is_visible(c.oid) AND n.nspname NOT IN ('pg_catalog', 'information_schema')"};

constexpr sql::Query kPostgresWritable{
    "erp.rights",
    "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid) "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND (pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') "
    "OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE'))"};

constexpr sql::Query kPostgresLogin{"erp.login", "SELECT current_user, pg_catalog.current_database()"};

// MariaDB's information_schema shows what the login has any right to, with its rights from every level: server, database, table, column.
constexpr sql::Query kMariadbColumns{
    "erp.catalogue",
    "SELECT table_name, column_name, CASE WHEN FIND_IN_SET('select', privileges) > 0 THEN 't' ELSE 'f' END "
    "FROM information_schema.columns WHERE table_schema = DATABASE()"};

constexpr sql::Query kMariadbWritable{
    "erp.rights",
    "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() "
    "AND (FIND_IN_SET('insert', privileges) > 0 OR FIND_IN_SET('update', privileges) > 0) "
    "UNION SELECT table_name FROM information_schema.table_privileges "
    "WHERE table_schema = DATABASE() AND privilege_type IN ('DELETE', 'DROP', 'ALTER') "
    "UNION SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND ("
    "EXISTS (SELECT 1 FROM information_schema.schema_privileges p "
    "WHERE DATABASE() LIKE p.table_schema AND p.privilege_type IN ('DELETE', 'DROP', 'ALTER')) OR "
    "EXISTS (SELECT 1 FROM information_schema.user_privileges p WHERE p.privilege_type IN ('DELETE', 'DROP', 'ALTER')))"};

constexpr sql::Query kMariadbLogin{"erp.login", "SELECT CURRENT_USER(), DATABASE()"};

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
    std::vector<std::string> keys;
    keys.reserve(map.size());
    for (const auto& [key, value] : map) keys.push_back(key);
    return keys;
}

constexpr std::size_t kReasonsMax = 10;  ///< names told in one line

void find_missing(const Tables& wanted, const Catalogue& catalogue, std::vector<Missing>& missing) {
    for (const auto& [table, columns] : wanted) {
        const auto found = catalogue.tables.find(table);
        if (found == catalogue.tables.end()) {
            missing.push_back({{table, {}}, nearest_name(table, keys_of(catalogue.tables)), false, catalogue.hides_unreadable});
            continue;
        }
        const auto readable = [&](const std::string& column) {
            const auto there = found->second.columns.find(column);
            return there == found->second.columns.end() || there->second;
        };
        if (columns.size() > 1 && std::ranges::none_of(columns, readable)) {
            missing.push_back({{table, {}}, {}, true, false});
            continue;
        }
        for (const std::string& column : columns) {
            const auto there = found->second.columns.find(column);
            if (there == found->second.columns.end())
                missing.push_back(
                    {{table, column}, nearest_name(column, keys_of(found->second.columns)), false, catalogue.hides_unreadable});
            else if (!there->second)
                missing.push_back({{table, column}, {}, true, false});
        }
    }
}

}  // namespace

bool Catalogue::has(const CatalogueName& name) const {
    const auto found = tables.find(name.table);
    return found != tables.end() && (name.column.empty() || found->second.columns.contains(name.column));
}

Result<Catalogue> read_catalogue(sql::Session& session) {
    Catalogue catalogue;
    const bool sqlite = session.engine() == sql::Engine::sqlite;
    const bool mariadb = session.engine() == sql::Engine::mariadb;
    const auto note = [&](const sql::Row& row) {
        Catalogue::Table& table = catalogue.tables[std::string{row.text(0)}];
        table.columns[std::string{row.text(1)}] = sqlite || row.text(2) == "t";
        if (row.size() > 3) table.schema = row.text(3);
        return true;
    };
    auto columns = session.all(sqlite ? kSqliteColumns : mariadb ? kMariadbColumns : kPostgresColumns, {}, note);
    if (!columns) return fail(std::move(columns));
    if (sqlite) return catalogue;
    catalogue.hides_unreadable = mariadb;
    const auto writable = [&](const sql::Row& row) { return catalogue.tables[std::string{row.text(0)}].writable = true; };
    if (auto tables = session.all(mariadb ? kMariadbWritable : kPostgresWritable, {}, writable); !tables) return fail(std::move(tables));
    const auto who = [&](const sql::Row& row) {
        catalogue.database = row.text(1);
        return std::string{row.text(0)};
    };
    auto login = session.first(mariadb ? kMariadbLogin : kPostgresLogin, {}, who);
    if (!login) return fail(std::move(login));
    catalogue.login = login->value_or("");
    return catalogue;
}

Fit compare(const Mapping& mapping, const Catalogue& catalogue) {
    Fit fit;
    for (std::size_t i = 0; i < mapping.parts.size(); ++i) {
        const std::vector<CatalogueName>& optional = mapping.parts[i].optional;
        if (!optional.empty() && std::ranges::none_of(optional, [&](const CatalogueName& name) { return catalogue.has(name); }))
            fit.absent.insert(i);
    }
    const Tables read = tables_read(mapping, fit.absent);
    find_missing(read, catalogue, fit.missing);
    Tables marks;  // names that tell the version and that no query reads: they are there, whoever may read them
    for (const auto& [table, columns] : mapping.fingerprint) {
        const auto known = read.find(table);
        for (const std::string& column : columns)
            if (known == read.end() || std::ranges::find(known->second, column) == known->second.end()) marks[table].push_back(column);
        if (columns.empty() && known == read.end()) marks[table];
    }
    std::vector<Missing> of_marks;
    find_missing(marks, catalogue, of_marks);
    std::erase_if(of_marks, [](const Missing& missing) { return missing.unreadable; });
    fit.missing.insert(fit.missing.end(), of_marks.begin(), of_marks.end());
    for (const std::vector<CatalogueName>& names : mapping.one_of)
        if (std::ranges::none_of(names, [&](const CatalogueName& name) { return catalogue.has(name); }))
            for (const CatalogueName& name : names)
                find_missing({{name.table, name.column.empty() ? std::vector<std::string>{} : std::vector{name.column}}}, catalogue,
                             fit.missing);
    for (const auto& [name, version] : mapping.other_version_if)
        if (!fit.mistaken && catalogue.has(name)) fit.mistaken = fmt::format("{} is there: {}", name.text(), version);
    return fit;
}

std::string subject_of(const Missing& missing) {
    return fmt::format("{} {}", missing.name.column.empty() ? "table" : "column", missing.name.text());
}

std::string message_of(const Missing& missing) {
    if (missing.unreadable) return "the login may not read it";
    const std::string_view said = missing.unknown ? "missing, or the login may not read it" : "missing";
    return missing.nearest.empty() ? std::string{said} : fmt::format("{}; there is '{}'", said, missing.nearest);
}

Error misfit(const Mapping& mapping, const Fit& fit) {
    std::string reasons;
    for (const Missing& missing : fit.missing | std::views::take(kReasonsMax))
        reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", subject_of(missing), message_of(missing));
    if (fit.missing.size() > kReasonsMax) reasons += fmt::format("; and {} more", fit.missing.size() - kReasonsMax);
    if (fit.mistaken) reasons += fmt::format("{}{}", reasons.empty() ? "" : "; ", *fit.mistaken);
    return {Errc::config, fmt::format("the database does not fit the mapping: {}", reasons), fmt::format("mapping {}", mapping.name),
            "run 'stemma erp check'; nothing is read until it fits"};
}

}  // namespace stemma::erp
