#include "adapters/sql/transaction.hpp"

#include <utility>

namespace stemma::sql {
namespace {

// SQLite's BEGIN takes no snapshot: the first read does. PostgreSQL's first statement takes it, whatever it reads.
constexpr Query kSqliteWrite{"transaction.begin", "BEGIN IMMEDIATE"};
constexpr Query kSqliteRead{"transaction.begin", "BEGIN DEFERRED"};
constexpr Query kPostgresqlWrite{"transaction.begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr Query kPostgresqlRead{"transaction.begin", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Query kMariadbWrite{"transaction.begin", "START TRANSACTION READ WRITE"};
constexpr Query kMariadbRead{"transaction.begin", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"};  // of InnoDB's tables
constexpr Query kSqliteSnapshot{"transaction.snapshot", "SELECT 1 FROM sqlite_master LIMIT 1"};
constexpr Query kPostgresqlSnapshot{"transaction.snapshot", "SELECT 1"};

Query begin_of(Engine engine, bool reading) noexcept {
    switch (engine) {
        case Engine::sqlite: return reading ? kSqliteRead : kSqliteWrite;
        case Engine::postgresql: return reading ? kPostgresqlRead : kPostgresqlWrite;
        case Engine::mariadb: break;
    }
    return reading ? kMariadbRead : kMariadbWrite;
}

}  // namespace

Result<Transaction> Transaction::begin(Session& session, Mode mode) {
    const bool reading = mode == Mode::read;
    auto begun = session.execute_as_is(begin_of(session.engine(), reading));
    if (!begun) return fail(std::move(begun));
    Transaction transaction{session, mode};
    if (!reading || session.engine() == Engine::mariadb) return transaction;
    const bool sqlite = session.engine() == Engine::sqlite;
    if (auto taken = session.execute(sqlite ? kSqliteSnapshot : kPostgresqlSnapshot); !taken) return fail(std::move(taken));
    return transaction;
}

Transaction::Transaction(Transaction&& other) noexcept : session_{std::exchange(other.session_, nullptr)}, mode_{other.mode_} {}

Transaction::~Transaction() {
    if (session_ != nullptr) session_->roll_back();
}

Result<void> Transaction::commit() {
    if (session_ == nullptr) return fail(Errc::internal, "the transaction has ended already", "sql:transaction.commit");
    if (auto done = session_->commit(); !done) {
        std::exchange(session_, nullptr)->roll_back();
        return done;
    }
    session_ = nullptr;
    return {};
}

Result<void> Transaction::start_over() {
    if (session_ == nullptr) return fail(Errc::internal, "the transaction has ended already", "sql:transaction.rollback");
    Session& session = *std::exchange(session_, nullptr);
    session.roll_back();
    auto again = begin(session, mode_);
    if (!again) return fail(std::move(again));
    session_ = std::exchange(again->session_, nullptr);
    return {};
}

}  // namespace stemma::sql
