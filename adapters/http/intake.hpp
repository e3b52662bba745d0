// What the daemon has taken from the wire and not answered yet, and what it turned away because that was enough. The listener counts, the
// status and the metrics show it. Beside the writer's own line (engine/writer_queue), which knows only commands that reached it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace stemma::http {

/// Any thread. Outlives its places.
class CommandIntake {
    struct GiveBack {
        std::atomic<std::size_t>* taken;
        void operator()(const void*) const noexcept { taken->fetch_sub(1, std::memory_order_relaxed); }
    };

public:
    /// Given back when it ends: its command is answered then.
    using Place = std::unique_ptr<const CommandIntake, GiveBack>;

    /// Null, and counted, when `most` are taken.
    [[nodiscard]] Place take(std::size_t most) noexcept {
        std::size_t now = taken_.load(std::memory_order_relaxed);
        do {
            if (now >= most) {
                refused_.fetch_add(1, std::memory_order_relaxed);
                return Place{nullptr, GiveBack{&taken_}};
            }
        } while (!taken_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
        return Place{this, GiveBack{&taken_}};
    }

    [[nodiscard]] std::size_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }        ///< and not answered yet
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }  ///< since the start

private:
    std::atomic<std::size_t> taken_{0};
    std::atomic<std::uint64_t> refused_{0};
};

/// What all connections of a router's listener share.
struct Intake {
    CommandIntake commands{};
};

}  // namespace stemma::http
