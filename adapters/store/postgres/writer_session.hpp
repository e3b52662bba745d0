// The one connection of a store that writes, and what the writer knows of the tables. Here stands what is checked when it is made, what
// happens when it is lost, and what counts as an acknowledged commit. One thread at a time: who has the store's turn.
#pragma once

#include <cstdint>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

#include "adapters/sql/session.hpp"
#include "adapters/sql/transaction.hpp"
#include "adapters/store/postgres/name_filter.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/writer_seat.hpp"
#include "adapters/store/tables/subject_ids.hpp"

namespace stemma::store::postgres {

/// The connection that these options describe, for writing or for reading.
[[nodiscard]] Result<sql::Connection> connection_of(const PostgresOptions& options, bool read_only);

class WriterSession {
public:
    explicit WriterSession(PostgresOptions options) : options_{std::move(options)} {
        if (!options_.ledger.empty()) seat_.emplace(options_.ledger, options_.schema, options_.name);
    }

    /// Makes the connection where there is none, or where the one before was lost or found to be read-only.
    /// Errors: Errc::unavailable; those of check_after_connect().
    [[nodiscard]] Result<void> connect();
    [[nodiscard]] sql::Session& session() noexcept { return *session_; }
    /// Takes the seat, or looks whether it is still had; the connection is made anew where it was lost.
    [[nodiscard]] Result<Seat> take_seat();
    /// Ends the connection, and the seat with it.
    void leave_seat();

    /// Begins a transaction and takes the turn among all programs that write to this ledger: the row of writer_turn, until its end.
    /// Errors: Errc::unavailable when it is not had within the busy timeout.
    [[nodiscard]] Result<sql::Transaction> begin_unit();
    /// Counts the unit and commits: the commit is acknowledged when the server says COMMIT without a warning (sql::Session::commit).
    [[nodiscard]] Result<void> commit_unit(sql::Transaction& transaction);
    /// What is known of the tables may be wrong: another program wrote.
    void forget();

    /// Whether a name is surely in no table, by its BatchNames::hash_of().
    [[nodiscard]] bool surely_new(std::uint64_t hash) const { return filter_complete_ && !filter_.may_have(hash); }
    /// A surely new name is one no longer.
    void met(std::uint64_t hash) { filter_.add(hash); }
    /// A name was looked for in the table by itself. Once reading all names would have cost less, they are read into the filter: then true,
    /// and the names that wait in memory are to be met.
    [[nodiscard]] Result<bool> count_look_up();
    /// All names are gone from the table.
    void dropped();

    std::binary_semaphore turn{1};  ///< within this program
    SubjectIds subjects;            ///< of names that are in the table for sure
    std::int64_t next_subject{1};   ///< the number that the next new subject gets

private:
    /// Held before the connection is used: a server that takes writes, with texts in UTF-8. Errors: Errc::unavailable, Errc::config.
    [[nodiscard]] Result<void> check_after_connect();
    [[nodiscard]] Result<void> read_names();

    PostgresOptions options_;
    std::optional<sql::Session> session_;
    std::optional<WriterSeat> seat_;  ///< where writers are elected
    std::int64_t units_{-1};          ///< of writer_turn, as this session saw or left it
    NameFilter filter_;
    bool filter_complete_{false};
    std::int64_t look_ups_{0};
};

}  // namespace stemma::store::postgres
