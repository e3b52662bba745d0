// Looks after the writer's seat and the ledger's end at a fixed pace, on a thread of its own: where several daemons share one ledger, the
// writer notices that it lost the seat, and the others take in what it wrote and take over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/engine/append.hpp"

namespace stemma::engine {

class Follower {
public:
    /// The appender outlives the follower and is loaded.
    Follower(Appender& appender, std::chrono::milliseconds every) : appender_{appender}, every_{every} {}
    ~Follower() { stop(); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    void start();
    void stop();  ///< idempotent

private:
    void run();

    Appender& appender_;
    const std::chrono::milliseconds every_;
    std::mutex mutex_;  ///< guards the next one
    bool ending_{false};
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace stemma::engine
