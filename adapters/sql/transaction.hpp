// A transaction as a scope: what was not committed is rolled back at its end. One thread, one session, not nested.
#pragma once

#include "adapters/sql/session.hpp"

namespace stemma::sql {

class Transaction {
public:
    /// read: one snapshot, taken before begin() returns (SQLite: deferred; PostgreSQL, MariaDB: repeatable read, read only).
    /// write: the writer's turn is taken at once (SQLite: immediate), so that a later write cannot find the snapshot outdated.
    enum class Mode : unsigned char { read, write };

    /// The session must outlive it. Errors: Errc::unavailable when the writer's turn is not had within the busy timeout.
    [[nodiscard]] static Result<Transaction> begin(Session& session, Mode mode);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// Durable when it returns. After an error the transaction is rolled back, unless the connection was lost: then nobody knows.
    [[nodiscard]] Result<void> commit();
    /// Rolls back and begins again in the same mode. After an error the transaction has ended.
    [[nodiscard]] Result<void> start_over();

private:
    Transaction(Session& session, Mode mode) noexcept : session_{&session}, mode_{mode} {}
    Session* session_;  ///< null once ended
    Mode mode_;
};

}  // namespace stemma::sql
