// What a reading costs the ERP's server before it is done: the database's own plan of each query, the tables that it would read from end
// to end, and the index that would spare it that. Asks for plans alone: nothing is run, nothing is ever created.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/erp/mapping.hpp"
#include "adapters/sql/session.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

/// Rows from which on reading a whole table for the few that changed is worth a word.
inline constexpr std::uint64_t kBigTableRows = 10'000;

/// A plan as EXPLAIN (PostgreSQL, MariaDB) or EXPLAIN QUERY PLAN (SQLite) tells it.
struct Plan {
    std::optional<double> cost;         ///< in the engine's own measure; SQLite tells none
    std::optional<std::uint64_t> rows;  ///< PostgreSQL: rows that come out; MariaDB: rows that are looked at; both estimates
    std::set<std::string> whole;        ///< what is read from end to end: a table's name (PostgreSQL), else the name it has in the query
};

/// Errors: what the database says, where it gives the login no plan.
[[nodiscard]] Result<Plan> plan_of(sql::Session& session, const std::string& select);

/// The tables that `name` stands for in the queries' FROM and JOIN: a table itself, or those that have it as their alias.
[[nodiscard]] std::set<std::string> tables_called(const std::string& name, const Mapping& mapping, const MappedQuery& query);

/// Where the change time of a query comes from, by its SELECT list.
struct ChangeTime {
    std::set<std::string> tables;  ///< whose columns it is made of; empty where the SQL does not show it (UNION, a part's column)
    std::string column;            ///< where it is one column as it stands
    std::string expression;        ///< otherwise, without the table's alias
    [[nodiscard]] bool known() const noexcept { return !tables.empty(); }
};
[[nodiscard]] ChangeTime change_time_of(const Mapping& mapping, const MappedQuery& query);

/// The index that lets `engine` find the changed rows of `table` without reading it whole, as a line for the ERP's database administrator;
/// or "" where none would, with `why` telling it. Tried on PostgreSQL 15, MariaDB 10.11 and SQLite 3.40.
[[nodiscard]] std::string helpful_index(const ChangeTime& changed, const std::string& table, sql::Engine engine, std::string& why);

/// The columns of `table` that a query joins or filters by: those that stand beside a '=' in its SQL or its parts'.
[[nodiscard]] std::set<std::string> joined_by(const std::string& table, const Mapping& mapping, const MappedQuery& query);

/// Table -> the columns that an index begins with. Errors: what the database says.
[[nodiscard]] Result<std::map<std::string, std::set<std::string>>> indexed_columns(sql::Session& session);

}  // namespace stemma::erp
