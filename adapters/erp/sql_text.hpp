// The SQL of a mapping: what form it must have, and how a query is put together from its parts, its cursor and its limit.
// Mapping files are trusted as configuration, yet cannot do more than read: one SELECT, no statement that changes anything, no comment
// or placeholder, and the session refuses writes besides. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "adapters/erp/mapping.hpp"
#include "adapters/sql/connection.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

/// Whether `sql` is one SELECT that may be put in brackets: quotes and brackets closed, none of `: ; \ $ ? #`, no backquote and no comment,
/// no word that changes data, session or files. Errors: Errc::config naming the offending text.
[[nodiscard]] Result<void> check_sql_form(std::string_view sql);

/// What a composed query is limited to.
struct Selection {
    std::optional<std::string> since;  ///< SQL for the moment (a literal or ":since"); rows changed then or later, or without a change time
    std::optional<std::string> keys{};        ///< SQL of a set, "(1, 2)" or "(SELECT ...)": rows of these keys; with `since`, these as well
    std::string more{};                       ///< named SELECTs behind the parts, each with ", " in front, for `keys`
    bool inlined{};                           ///< lets PostgreSQL plan through the parts: for a few rows
    bool ordered{false};                      ///< by the cursor's columns, where the query has a cursor
    std::optional<std::uint64_t> rows;        ///< at most so many
    sql::Engine engine{sql::Engine::sqlite};  ///< whose names for types stand in parts that are absent
};

/// The whole statement. Parts in `absent` (indexes into Mapping::parts) become empty tables with their declared columns.
[[nodiscard]] std::string compose(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent,
                                  const Selection& selection);

/// The same, of the keys of its rows alone and in no order.
[[nodiscard]] std::string compose_keys(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent,
                                       const Selection& selection);

/// The parts and `more` in front of a SELECT of the caller's: "WITH RECURSIVE ... ".
[[nodiscard]] std::string with_parts(const Mapping& mapping, const MappedQuery& query, const std::set<std::size_t>& absent,
                                     const Selection& selection);

/// A text in single quotes, quotes in it doubled. Sessions have no escapes by backslash (PostgreSQL's standard_conforming_strings).
[[nodiscard]] inline std::string quoted_text(std::string_view text) { return sql::quoted(text, '\''); }

/// A row's key as an SQL literal. Errors: Errc::config for a text that is no key as decode() makes them: nothing else is put into SQL.
[[nodiscard]] Result<std::string> key_literal(const MappedQuery& query, std::string_view key);

using sql::quoted_name;

}  // namespace stemma::erp
