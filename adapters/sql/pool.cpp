#include "adapters/sql/pool.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace stemma::sql {

using SteadyClock = std::chrono::steady_clock;

struct Lease::Shared {
    struct Idle {
        std::unique_ptr<Session> session;
        SteadyClock::time_point since;
    };

    Shared(Connection where, PoolLimits at_most)
        : connection{std::move(where)}, limits{at_most}, pauses{at_most.pause.value_or(BackoffSpan{})} {}

    const Connection connection;
    const PoolLimits limits;
    std::mutex mutex;
    std::condition_variable returned;
    std::vector<Idle> idle;  ///< the one used last is lent first: its cache is warm
    std::size_t open{0};
    Backoff pauses;
    SteadyClock::time_point paused_until;
    Error away;  ///< why the last opening failed

    /// An opening that failed; the mutex is held.
    void note_failed(const Error& why) {
        --open;
        if (!limits.pause || why.code != Errc::unavailable || SteadyClock::now() < paused_until) return;
        paused_until = SteadyClock::now() + pauses.next();
        away = why;
    }
    void note_alive() {
        pauses.reset();
        paused_until = {};
    }

    void give_back(std::unique_ptr<Session> session) noexcept {
        session->roll_back();
        if (!session->usable()) session.reset();
        {
            const std::scoped_lock lock{mutex};
            if (session)
                idle.push_back({std::move(session), SteadyClock::now()});
            else
                --open;
        }
        returned.notify_one();
    }
};

Lease::Lease(std::shared_ptr<Shared> pool, std::unique_ptr<Session> session) noexcept
    : pool_{std::move(pool)}, session_{std::move(session)} {}

Lease::Lease(Lease&&) noexcept = default;

Lease::~Lease() {
    if (session_) pool_->give_back(std::move(session_));
}

Pool::Pool(Connection connection, PoolLimits limits) : shared_{std::make_shared<Lease::Shared>(std::move(connection), limits)} {}

Result<Lease> Pool::lease() {
    std::unique_lock lock{shared_->mutex};
    const auto free = [&] { return !shared_->idle.empty() || shared_->open < shared_->limits.sessions_max; };
    if (!shared_->returned.wait_for(lock, shared_->limits.wait, free))
        return fail(Errc::unavailable,
                    fmt::format("all {} sessions of {} are in use", shared_->limits.sessions_max, describe(shared_->connection)), {},
                    "try again, or allow more sessions");
    while (!shared_->idle.empty()) {
        Lease::Shared::Idle last = std::move(shared_->idle.back());
        shared_->idle.pop_back();
        if (SteadyClock::now() - last.since < shared_->limits.ping_after_idle) return Lease{shared_, std::move(last.session)};
        lock.unlock();
        if (last.session->ping()) return Lease{shared_, std::move(last.session)};
        // Those that lay idle longer are of the same server: each would wait for its own answer.
        std::vector<Lease::Shared::Idle> dropped;
        dropped.push_back(std::move(last));
        lock.lock();
        for (Lease::Shared::Idle& one : shared_->idle) dropped.push_back(std::move(one));
        shared_->idle.clear();
        shared_->open -= dropped.size();
        lock.unlock();
        shared_->returned.notify_all();
        dropped.clear();
        lock.lock();
        break;
    }
    if (SteadyClock::now() < shared_->paused_until) {
        Error away = shared_->away;
        lock.unlock();
        shared_->returned.notify_one();  // who waits for the same place shall hear it too
        return std::unexpected(std::move(away));
    }
    ++shared_->open;
    lock.unlock();
    auto opened = Session::open(shared_->connection);
    lock.lock();
    if (opened)
        shared_->note_alive();
    else
        shared_->note_failed(opened.error());
    lock.unlock();
    if (!opened) {
        shared_->returned.notify_one();
        return fail(std::move(opened));
    }
    return Lease{shared_, std::make_unique<Session>(std::move(*opened))};
}

void Pool::drop_idle() {
    std::vector<Lease::Shared::Idle> dropped;  // closed outside the lock
    {
        const std::scoped_lock lock{shared_->mutex};
        dropped = std::exchange(shared_->idle, {});
        shared_->open -= dropped.size();
    }
    shared_->returned.notify_all();
}

void Pool::end_pause() {
    const std::scoped_lock lock{shared_->mutex};
    shared_->note_alive();
}

std::size_t Pool::open_sessions() const {
    const std::scoped_lock lock{shared_->mutex};
    return shared_->open;
}

const Connection& Pool::connection() const noexcept { return shared_->connection; }

}  // namespace stemma::sql
