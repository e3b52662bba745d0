#include "core/engine/follower.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace stemma::engine {

void Follower::start() {
    thread_ = std::thread{[this] { run(); }};
}

void Follower::stop() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

/// What goes wrong is the appender's to tell; no exception may end the thread.
void Follower::run() {
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, every_, [&] { return ending_; })) {
        lock.unlock();
        try {
            [[maybe_unused]] const Result<void> followed = appender_.follow();
        } catch (const std::exception& thrown) {
            log::error("LEDGER_FOLLOW_FAILED", thrown.what());
        }
        lock.lock();
    }
}

}  // namespace stemma::engine
