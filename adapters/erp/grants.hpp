// The SQL that makes a login which may read exactly what a mapping reads, for the ERP's database administrator to look at and to run. Text
// alone: Stemma never runs it. Every name is quoted; a login whose name cannot be written safely is refused.
#pragma once

#include <string>
#include <string_view>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/mapping.hpp"
#include "adapters/sql/connection.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

inline constexpr std::string_view kReaderLogin = "stemma_ro";  ///< where nobody gives another name
inline constexpr std::size_t kPostgresLoginBytesMax = 63;      ///< bytes of a role's name: PostgreSQL cuts longer ones silently
inline constexpr std::size_t kMariadbLoginCharactersMax = 80;  ///< of a user's name; MySQL takes 32
inline constexpr int kReaderConnections = 4;                   ///< that the login may have at a time

struct GrantOrder {
    sql::Engine engine{sql::Engine::postgresql};
    std::string login{kReaderLogin};  ///< MariaDB: "name" or "name@host", the host that Stemma comes from ("%" where none is said)
    std::string database{};           ///< "" where it is not known: then the SQL is to be run inside of it
    bool whole_tables{false};         ///< tables instead of their columns
    const Catalogue* there{nullptr};  ///< what the database has, where somebody could look: names that it lacks are left out
};

/// The line that lets the login of `there` read one table more.
[[nodiscard]] std::string grant_sql(sql::Engine engine, const Catalogue& there, const std::string& table);

/// Errors: Errc::invalid_input for SQLite, which has no logins, and for a login's name that is empty, too long, reserved, or holds a
/// control character (MariaDB: a backslash too, whose meaning is a setting).
[[nodiscard]] Result<std::string> grants_sql(const Mapping& mapping, const GrantOrder& order);

}  // namespace stemma::erp
