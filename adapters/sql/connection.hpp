// Where a database is and how it is to be opened. One place reads connection text; nothing is opened here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma::sql {

enum class Engine : unsigned char { sqlite, postgresql, mariadb };  ///< mariadb: MySQL too, which speaks the same protocol

struct Connection {
    Engine engine{Engine::sqlite};
    /// SQLite: a file's path. PostgreSQL: libpq's "host=... dbname=..." or "postgresql://...". MariaDB: "host=... db=..." (MariadbTarget).
    std::string target{};
    std::string search_path{};             ///< PostgreSQL: the schema whose tables are meant; "" = as the account has it
    bool read_only{false};                 ///< refused writes by the engine itself; a missing SQLite file is an error and is never created
    bool durable{false};                   ///< SQLite: WAL, synchronous=FULL, foreign keys on: what a ledger needs. Ignored when read_only
    std::uint32_t busy_timeout_ms{5'000};  ///< how long a lock is waited for
    std::uint32_t statement_timeout_ms{60'000};  ///< PostgreSQL, MariaDB: longest run of one statement; 0 = none
    std::uint32_t answer_slack_ms{5'000};        ///< PostgreSQL, MariaDB: silence beyond that, after which the server is taken as gone
};

inline constexpr std::uint32_t kConnectTimeoutS = 3;       ///< PostgreSQL, MariaDB: until a server has answered, where the text says none
inline constexpr std::uint32_t kSilenceMaxMs = 3'600'000;  ///< silence that means this where there is no statement timeout

/// PostgreSQL, MariaDB: how long an answer is awaited before the connection is given up.
[[nodiscard]] std::uint32_t answer_timeout_ms(const Connection& connection) noexcept;

/// What a MariaDB connection text says. An empty or zero member was not said.
struct MariadbTarget {
    std::string host, socket, db, user, password;
    std::string ssl_ca;                ///< file of certificates: the connection is encrypted and the server's certificate checked
    std::uint32_t port{0};             ///< 0 = 3306
    std::uint32_t connect_timeout{0};  ///< seconds; 0 = kConnectTimeoutS
    std::uint32_t read_timeout{0};     ///< seconds without a byte from the server; 0 = answer_timeout_ms()
};

/// Reads "sqlite:/path/file", "postgresql:host=... dbname=..." ("postgresql://user@host/db" too) or "mysql:host=... db=..." ("mariadb:"
/// too). Only engine and target are set. Errors: Errc::config for an unknown engine or an empty target, with the nearest engine as hint.
[[nodiscard]] Result<Connection> parse_connection(std::string_view text);

/// "SQLite /path/file", "PostgreSQL host=db dbname=erp user=reader": never a password.
[[nodiscard]] std::string describe(const Connection& connection);

/// Between two quotes, those in it doubled.
[[nodiscard]] std::string quoted(std::string_view text, char quote);
/// A name in double quotes, as standard SQL has it.
[[nodiscard]] inline std::string quoted_name(std::string_view name) { return quoted(name, '"'); }

[[nodiscard]] std::string_view to_string(Engine engine) noexcept;  ///< "SQLite", "PostgreSQL", "MariaDB"

/// PostgreSQL connection text as a URI whose parts are percent-encoded: the one form that SOCI hands on unharmed.
/// Errors: Errc::config with libpq's words.
[[nodiscard]] Result<std::string> postgresql_uri(const std::string& target);

/// Reads "host=db port=3306 db=erp user=reader password='a b'": blanks between, values with blanks in single quotes, \' and \\ inside them.
/// Errors: Errc::config for an unknown or repeated key (with the nearest as hint), a missing db, a number out of range.
[[nodiscard]] Result<MariadbTarget> parse_mariadb_target(std::string_view target);

}  // namespace stemma::sql
