// A bounded pool of sessions to one database. Sessions are opened when first needed; one that comes back is rolled back, one whose
// connection was lost is thrown away, one that lay idle is pinged before it is lent again. A server that is away is not stormed. Any
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "adapters/sql/session.hpp"
#include "core/base/backoff.hpp"

namespace stemma::sql {

struct PoolLimits {
    std::size_t sessions_max{4};
    std::chrono::milliseconds wait{5'000};  ///< for a session to come back, then Errc::unavailable
    std::chrono::milliseconds ping_after_idle{30'000};
    std::optional<BackoffSpan> pause{};  ///< after an opening that failed: until it is over all are answered by that error
};

class Pool;

/// Exclusive use of one session. Returned at the end of its life; may outlive its pool.
class Lease {
public:
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

    [[nodiscard]] Session& operator*() const noexcept { return *session_; }
    [[nodiscard]] Session* operator->() const noexcept { return session_.get(); }

private:
    friend class Pool;
    struct Shared;
    Lease(std::shared_ptr<Shared> pool, std::unique_ptr<Session> session) noexcept;
    std::shared_ptr<Shared> pool_;
    std::unique_ptr<Session> session_;
};

class Pool {
public:
    Pool(Connection connection, PoolLimits limits);

    /// Errors: Errc::unavailable when all sessions are lent for the whole wait, or what Session::open says.
    [[nodiscard]] Result<Lease> lease();
    /// One was found dead: those that lie idle are as old, and are thrown away.
    void drop_idle();
    /// The server was seen alive elsewhere: no pause is waited for.
    void end_pause();
    [[nodiscard]] std::size_t open_sessions() const;  ///< lent and idle
    [[nodiscard]] const Connection& connection() const noexcept;

private:
    std::shared_ptr<Lease::Shared> shared_;
};

}  // namespace stemma::sql
