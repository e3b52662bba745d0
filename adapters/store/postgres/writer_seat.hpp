// The seat of the ledger's one writer: an advisory lock on the very connection that writes. Who loses the connection has lost the lock, and
// cannot write any more; the server frees the lock when the connection's transaction has ended, so that who has it next sees all of it.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/sql/session.hpp"
#include "core/ports/store.hpp"

namespace stemma::store::postgres {

class WriterSeat {
public:
    /// `ledger`: the origin of its checkpoints. `name`: how this program is told to others; what is over 63 bytes is cut off.
    WriterSeat(const std::string& ledger, const std::string& schema, std::string name);

    /// Prepares a new connection: its name, and that the server notices within seconds when this machine is gone. Errors: of the session.
    [[nodiscard]] Result<void> introduce(sql::Session& session) const;
    /// Tries to take the lock, without waiting. A connection of ours that lingers in the server, and has it, is ended there.
    [[nodiscard]] Result<Seat> take(sql::Session& session);
    /// Holds a unit against its seat: the process in the server that runs it must be the one that has the lock. Behind a pooler that gives
    /// each transaction another connection it is not, and two programs would both write. Errors: Errc::storage.
    [[nodiscard]] Result<void> must_be_of(std::int64_t backend) const;
    /// The connection is gone, and the lock with it.
    void lose() noexcept { held_ = false; }
    [[nodiscard]] bool held() const noexcept { return held_; }
    [[nodiscard]] Seat ours() const { return {true, {}, taken_}; }

private:
    [[nodiscard]] Result<Seat> who_has_it(sql::Session& session) const;

    std::int64_t lock_;
    std::string name_;
    std::int64_t last_backend_{0};  ///< process in the server that had the lock for us last
    bool held_{false};
    std::uint64_t taken_{0};
};

/// The number of the lock of a ledger's writer: the first 8 bytes of SHA-256("stemma writer\n" ledger "\n" schema), as signed big-endian.
[[nodiscard]] std::int64_t seat_lock(const std::string& ledger, const std::string& schema);

/// The same of SHA-256("stemma schema\n" schema): the lock of the program that makes or changes a schema's tables.
[[nodiscard]] std::int64_t making_lock(const std::string& schema);

}  // namespace stemma::store::postgres
