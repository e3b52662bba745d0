// MariaDB and MySQL through MariaDB's own client library: a connection, and statements whose rows come from a cursor in the server.
// Used by Session alone, which hides it. One thread at a time; statements must not outlive their connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/session.hpp"

namespace stemma::sql {

/// SQL with '?' in place of each ":name" outside of quotes.
struct PositionalSql {
    std::string text;
    std::vector<std::string> names;      ///< each once, in the order of the text
    std::vector<std::size_t> positions;  ///< for each '?' the index of its name
};
[[nodiscard]] PositionalSql positional(std::string_view sql);

class MariadbConnection;

/// A statement that was prepared once. A row's cells are text: numbers in decimal, times as "2026-03-01 10:00:00", bytes as they are.
class MariadbStatement {
public:
    MariadbStatement(const MariadbStatement&) = delete;
    MariadbStatement& operator=(const MariadbStatement&) = delete;
    ~MariadbStatement();

    [[nodiscard]] const std::vector<std::string>& parameters() const noexcept { return sql_.names; }
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
    void put(std::size_t parameter, const Value::Held& value);  ///< text is copied

    /// Runs it. A query's rows stay with the server and come in blocks, so that memory is bounded, whatever their number.
    /// Errors: as error_map.hpp has them.
    [[nodiscard]] Result<void> execute(std::string_view name);
    [[nodiscard]] Result<bool> fetch(std::string_view name);  ///< false = no further row
    void close() noexcept;                                    ///< gives up the rows that were not fetched
    [[nodiscard]] std::int64_t affected_rows() const noexcept;

    [[nodiscard]] bool is_null(std::size_t column) const noexcept;
    [[nodiscard]] std::string_view text(std::size_t column) const noexcept;  ///< NULL as ""; valid until the next fetch

private:
    friend class MariadbConnection;
    struct Native;
    MariadbStatement(MariadbConnection& owner, PositionalSql sql);
    [[nodiscard]] Result<void> prepare(std::string_view name);
    void read_columns();
    [[nodiscard]] Error failure(std::string_view name);
    [[nodiscard]] bool bind_row();
    [[nodiscard]] bool widen_cells();

    MariadbConnection& owner_;
    PositionalSql sql_;
    bool has_cursor_;
    std::vector<std::string> columns_;
    std::unique_ptr<Native> native_;
    bool more_{false};  ///< rows may be waiting
};

class MariadbConnection {
public:
    /// Connects and sets the session up: UTF-8, UTC, standard quotes, repeatable read, the timeouts; read-only where that is asked.
    /// Errors: Errc::unavailable, Errc::config (bad text, refused login).
    [[nodiscard]] static Result<std::unique_ptr<MariadbConnection>> open(const Connection& connection);
    MariadbConnection(const MariadbConnection&) = delete;
    MariadbConnection& operator=(const MariadbConnection&) = delete;
    ~MariadbConnection();

    [[nodiscard]] Result<std::unique_ptr<MariadbStatement>> prepare(const Query& query);
    [[nodiscard]] Result<void> run(const Query& query);  ///< as it stands; rows are thrown away
    [[nodiscard]] bool in_transaction() const noexcept;
    [[nodiscard]] bool lost() const noexcept { return lost_; }  ///< the connection is gone: nothing works any more

private:
    friend class MariadbStatement;
    struct Native;
    MariadbConnection();
    [[nodiscard]] Result<void> connect(const Connection& connection, const MariadbTarget& target);
    [[nodiscard]] Result<void> set_up(const Connection& connection);
    [[nodiscard]] Error failure(unsigned code, const char* sqlstate, const char* sentence, std::string_view name);
    [[nodiscard]] Error failure(std::string_view name);
    std::unique_ptr<Native> native_;
    bool lost_{false};
};

}  // namespace stemma::sql
