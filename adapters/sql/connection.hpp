// Where a database is and how it is to be opened. One place reads connection text; nothing is opened here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma::sql {

enum class Engine : unsigned char { sqlite, postgresql };

struct Connection {
    Engine engine{Engine::sqlite};
    std::string target{};                  ///< SQLite: a file's path. PostgreSQL: libpq's "host=... dbname=..." or "postgresql://..."
    bool read_only{false};                 ///< refused writes by the engine itself; a missing SQLite file is an error and is never created
    bool durable{false};                   ///< SQLite: WAL, synchronous=FULL, foreign keys on: what a ledger needs. Ignored when read_only
    std::uint32_t busy_timeout_ms{5'000};  ///< how long a lock is waited for
    std::uint32_t statement_timeout_ms{60'000};  ///< PostgreSQL: longest run of one statement; 0 = none
};

/// Reads "sqlite:/path/file" or "postgresql:host=... dbname=..." ("postgresql://user@host/db" too). Only engine and target are set.
/// Errors: Errc::config for an unknown engine or an empty target, with the nearest engine as hint.
[[nodiscard]] Result<Connection> parse_connection(std::string_view text);

/// "SQLite /path/file", "PostgreSQL host=db dbname=erp user=reader": never a password.
[[nodiscard]] std::string describe(const Connection& connection);

[[nodiscard]] std::string_view to_string(Engine engine) noexcept;  ///< "SQLite", "PostgreSQL"

/// PostgreSQL connection text as a URI whose parts are percent-encoded: the one form that SOCI hands on unharmed.
/// Errors: Errc::config with libpq's words.
[[nodiscard]] Result<std::string> postgresql_uri(const std::string& target);

}  // namespace stemma::sql
