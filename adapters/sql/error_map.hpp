// What an engine's error code means to us: the one place that knows SQLite's result codes, PostgreSQL's SQLSTATEs and MariaDB's numbers.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sql/connection.hpp"

namespace stemma::sql {

/// What went wrong, the same words for all engines.
enum class Cause : unsigned char {
    unique,       ///< a row with this key is there already
    foreign_key,  ///< the row pointed to is missing
    constraint,   ///< NOT NULL, CHECK, a trigger's refusal
    busy,         ///< another connection holds the lock, or transactions met
    timeout,      ///< the statement ran longer than allowed
    lost,         ///< the connection or the file is gone
    read_only,    ///< a write on a connection for reading
    login,        ///< the server lets this user, password or database name not in
    denied,       ///< the account has no right to it
    full,         ///< no space left
    damaged,      ///< the file is not what it should be
    no_such,      ///< table, column or function does not exist, or the SQL is wrong
    other,
};

[[nodiscard]] Cause cause_of_sqlite(int extended_code) noexcept;              ///< sqlite3_extended_errcode
[[nodiscard]] Cause cause_of_postgresql(std::string_view sqlstate) noexcept;  ///< five characters; PostgreSQL 15 appendix A
/// mysql_errno: of the server (1000 and up) or of the client library (2000 to 2999). The SQLSTATE decides where the number is not known.
[[nodiscard]] Cause cause_of_mariadb(unsigned code, std::string_view sqlstate) noexcept;

/// The error for a cause; `detail` is the engine's own sentence, `name` the query's name ("" = none).
/// Codes: unique -> conflict; busy, timeout, lost, login -> unavailable; denied, no_such -> config; all else -> storage.
/// `message` of a damaged file begins with "file damaged: ".
[[nodiscard]] Error error_of(Cause cause, std::string_view detail, std::string_view name);

}  // namespace stemma::sql
