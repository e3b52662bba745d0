// What a Session is made of: its connection of one engine, and the statements prepared on it. For session.cpp and rows.cpp alone: here is
// SOCI, and beside it MariaDB's own client.
#pragma once

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/sql/error_map.hpp"
#include "adapters/sql/mariadb.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/sql/silence.hpp"

namespace stemma::sql {

using SqliteSession = soci::sqlite3_session_backend;
using SqliteStatement = sqlite_api::sqlite3_stmt;
using PostgresqlSession = soci::postgresql_session_backend;
using PostgresqlStatement = soci::postgresql_statement_backend;

/// One parameter of a PostgreSQL statement. SOCI keeps references to these members, so a slot never moves once bound.
struct Slot {
    bool is_integer{false};
    long long number{0};
    std::string text;
    soci::indicator indicator{soci::i_null};
};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

/// A statement that was prepared once: SQLite's own, MariaDB's own, or SOCI's for PostgreSQL with room for its values and one row.
struct Prepared {
    explicit Prepared(Session::Impl& impl) : owner{impl} {}
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    ~Prepared();

    Session::Impl& owner;
    std::string name;
    std::string sql;
    std::vector<std::string> names;  ///< of the parameters, without the colon
    std::vector<bool> given;         ///< parameters that the current binds have given a value

    SqliteStatement* native{nullptr};
    bool finished{false};  ///< SQLite would begin anew when stepped after the last row

    std::unique_ptr<MariadbStatement> mariadb;

    std::optional<soci::statement> statement;
    std::vector<Slot> slots;  ///< beside `names`
    std::vector<std::string> cells;
    std::vector<soci::indicator> nulls;
    bool bound{false};

    bool open{false};  ///< a Rows reads from it
    std::optional<Error> misread;

    void attach();
    void put(Slot& slot, const Value::Held& held, bool& stale) const;
    /// `borrowed`: the texts live until the statement has run to its end.
    [[nodiscard]] Result<void> take(Binds binds, bool borrowed);
    [[nodiscard]] std::optional<std::size_t> parameter(std::string_view wanted, std::size_t likely) const;
    [[nodiscard]] bool bind_native(std::size_t parameter, const Value::Held& held, bool borrowed) const;
    void close() noexcept;
};

struct Session::Impl {
    explicit Impl(Engine which) : engine{which} {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();

    Engine engine;
    soci::session session;                                                                       ///< SQLite and PostgreSQL
    std::unique_ptr<MariadbConnection> mariadb;                                                  ///< MariaDB, without SOCI
    std::unordered_map<std::string, std::shared_ptr<Prepared>, TextHash, std::equal_to<>> kept;  // dies before the connection
    std::array<std::shared_ptr<Prepared>, 64> by_address;  ///< some of `kept`, by where their texts are
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>>
        binary_names;  ///< of statements with binary parameters, by text
    bool lost{false};
    bool reads_only{false};          ///< opened so; else a refusal to write means that the server is no longer the one that takes writes
    std::string warning;             ///< the newest one that PostgreSQL sent: "01000: canceling wait ..."
    std::optional<Silence> silence;  ///< of PostgreSQL's connection

    /// To be held while an answer is awaited.
    [[nodiscard]] Silence::Waiting await() noexcept { return Silence::Waiting{silence ? &*silence : nullptr}; }

    [[nodiscard]] SqliteSession& sqlite() { return *static_cast<SqliteSession*>(session.get_backend()); }
    [[nodiscard]] PostgresqlSession& postgresql() { return *static_cast<PostgresqlSession*>(session.get_backend()); }

    [[nodiscard]] Error caught(std::string_view name);
    [[nodiscard]] Error sqlite_failure(std::string_view name);
    [[nodiscard]] Error failed_result(const PGresult* result, std::string_view name);
    [[nodiscard]] std::string silence_or(std::string said) const;
    [[nodiscard]] Result<std::shared_ptr<Prepared>> prepared(const Query& query);
    [[nodiscard]] Result<std::shared_ptr<Prepared>> prepare(const Query& query);
    [[nodiscard]] Result<std::shared_ptr<Prepared>> prepare_sqlite(const Query& query);
    [[nodiscard]] Result<std::shared_ptr<Prepared>> prepare_postgresql(const Query& query);
    [[nodiscard]] Result<std::shared_ptr<Prepared>> prepare_mariadb(const Query& query);
    [[nodiscard]] Result<std::vector<std::string>> column_names(Prepared& made);
    [[nodiscard]] Result<std::string> binary_statement(const Query& query);
    void note_lost(Cause cause) noexcept;
    void forget(const Prepared& broken);
    [[nodiscard]] Result<bool> start(Prepared& statement, Binds binds, bool borrowed);
    [[nodiscard]] Result<bool> start_mariadb(Prepared& statement, Binds binds);
    [[nodiscard]] Result<bool> step(Prepared& statement);
    [[nodiscard]] Result<bool> fetch(Prepared& statement);
    [[nodiscard]] Result<void> connect(const Connection& connection);
    [[nodiscard]] Result<void> set_up_sqlite(Session& self, const Connection& connection);
    [[nodiscard]] Result<void> set_up_postgresql(Session& self, const Connection& connection);
};

}  // namespace stemma::sql
