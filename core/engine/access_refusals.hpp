// Refused attempts, as ledger entries that nobody can flood: the first of an actor is written at once, what follows is counted and
// written as one entry when a span has passed. Counts are in memory until then: a kill loses those of one span at most.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/domain/entry.hpp"

namespace stemma::engine {

/// One refused attempt.
struct Refusal {
    std::string actor;  ///< "user:ada", "token:line-3"; "unknown" for one who is nobody
    std::string what;   ///< the command: "plugins.change"; "sign-in"
    std::string from;   ///< address
};

/// Any thread. Writes on a thread of its own.
class RefusalLog {
public:
    /// Puts a change into the ledger. Errors: those of Appender::run.
    using Record = std::function<Result<void>(const SystemChange& change, const std::string& actor)>;
    static constexpr std::size_t kActorsMax = 1'000;  ///< counted apart; more are counted together as "others"
    static constexpr std::size_t kKindsMax = 20;      ///< of attempts, and of addresses, told apart in an entry; more as "others"

    RefusalLog(Record record, std::chrono::milliseconds span);
    ~RefusalLog() { stop(); }
    RefusalLog(const RefusalLog&) = delete;
    RefusalLog& operator=(const RefusalLog&) = delete;

    void note(const Refusal& refusal);
    /// Writes what is counted and ends the thread; notes after it are lost. Idempotent.
    void stop();

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Counted {
        std::uint64_t count{0};
        std::map<std::string, std::uint64_t> what;
        std::map<std::string, std::uint64_t> from;
        Time next{};  ///< when the next entry may be written
    };

    void run();
    [[nodiscard]] Time write_due(std::unique_lock<std::mutex>& lock, bool all);

    const Record record_;
    const std::chrono::milliseconds span_;
    std::mutex mutex_;  ///< guards the next three
    std::map<std::string, Counted> actors_;
    bool noted_{false};  ///< something came that was not looked at
    bool ending_{false};
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace stemma::engine
