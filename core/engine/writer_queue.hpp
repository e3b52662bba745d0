// Who waits for the ledger's one writer, and who is written together: commands are handed out in groups, in the order they came. Large
// commands (a sync's batch, a file of events) wait in a line of their own and are written alone, in turn with the groups of small ones,
// so that neither kind starves the other. Knows nothing of what a command does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace stemma::engine {

class Appending;
using Work = std::function<Result<void>(Appending&)>;

/// What a caller says of its command.
struct Demand {
    std::size_t records{1};  ///< how many entries it may add
    std::size_t bytes{0};    ///< what it holds in memory while it waits
    bool refusable{false};   ///< Errc::busy when too much is waiting; the others wait however long the line is
    Instant entered_at{};    ///< its record time, unless a newer entry exists by then; 0 = the time of its turn
};

inline constexpr std::size_t kGroupCommandsMax = 256;            ///< written in one transaction
inline constexpr std::size_t kSmallRecordsMax = 200;             ///< a command with more is large
inline constexpr std::size_t kReleasedTogether = 8;              ///< of these the writer wakes one, who wakes the others
inline constexpr std::chrono::microseconds kGroupWindow{1'000};  ///< longest wait for others; none while callers come one by one

/// How the writer is doing, since the start. Groups that added nothing count too.
struct WriterStats {
    std::uint64_t waiting{0};        ///< commands right now
    std::uint64_t waiting_bytes{0};  ///< of these commands
    std::uint64_t groups{0};         ///< committed transactions
    std::uint64_t commands{0};       ///< in them
    std::uint64_t entries{0};        ///< added by them
    std::uint64_t refused{0};        ///< commands turned away because too much was waiting
    std::uint64_t failed{0};         ///< groups that were not committed
};

class WriterQueue {
    /// Where one caller waits. Not under the queue's lock: all who are released together would stand in line for it, each woken to sleep
    /// again. The writer holds it as well, since the caller may be gone before the call that woke it has ended.
    class Waiting {
    public:
        void wait();  ///< and ends the waiting of the others
        void end(std::vector<std::shared_ptr<Waiting>> others = {});

    private:
        std::mutex mutex_;
        std::condition_variable ended_;
        bool is_over_{false};
        std::vector<std::shared_ptr<Waiting>> others_;
    };

public:
    /// A command in the line; lives in the frame of its caller, who waits for release().
    struct Command {
        Command(const Work& does, const Demand& asks) : work{does}, demand{asks} {}

        const Work& work;
        const Demand demand;
        Result<void> result;
        std::exception_ptr thrown;

    private:
        friend class WriterQueue;
        std::shared_ptr<Waiting> waiting_{std::make_shared<Waiting>()};
    };
    using Group = std::vector<Command*>;

    /// `waiting_max` commands or `bytes_max` bytes waiting: then refusable commands are refused. One is never too large for an empty line.
    void set_limits(std::size_t waiting_max, std::size_t bytes_max);

    /// Puts a command into the line and waits until it is released. Errors: Errc::busy. Any thread but the writer's.
    [[nodiscard]] Result<void> await(Command& command);

    /// The next group, at least one command; empty once the queue is closed and nobody waits. The writer's thread.
    [[nodiscard]] Group take();
    /// Hands the commands back to their callers: result or exception are set.
    void release(const Group& group);
    void close();
    /// The writer's thread waits, for a database that is away; false = the queue was closed meanwhile.
    [[nodiscard]] bool rest(std::chrono::microseconds pause);

    void count_group(const Group& group, std::size_t entries, bool committed);
    [[nodiscard]] WriterStats stats() const;

private:
    [[nodiscard]] bool is_full(const Demand& demand) const;
    void await_others(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Group take_small();
    [[nodiscard]] Command* pop(std::deque<Command*>& line);

    mutable std::mutex mutex_;  ///< guards everything below
    std::condition_variable came_;
    std::deque<Command*> small_;
    std::deque<Command*> large_;
    std::size_t waiting_max_{256};
    std::size_t bytes_max_{134'217'728};
    std::size_t expected_{1};  ///< callers that came together last time
    bool large_was_last_{false};
    bool gathering_{false};  ///< the writer waits for others
    bool closed_{false};
    WriterStats stats_;
};

}  // namespace stemma::engine
