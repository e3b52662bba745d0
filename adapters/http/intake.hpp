// What the daemon has taken from the wire and not answered yet, and what it turned away because that was enough. The listener counts, the
// status and the metrics show it. Beside the writer's own line (engine/writer_queue), which knows only commands that reached it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

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

    /// One that was turned away for another reason than their number.
    void count_refused() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> taken_{0};
    std::atomic<std::uint64_t> refused_{0};
};

inline constexpr std::uint64_t kSmallBodyBytes = 65'536;  ///< a body of no more is always taken, and not counted

/// The bytes of the bodies that are being read, or whose answers are being found. Any thread. Outlives its shares.
class BodyIntake {
public:
    /// What one body takes of them; given back when it ends. One thread.
    class Share {
    public:
        explicit Share(BodyIntake& of) noexcept : of_{of} {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { give_back(); }

        /// Makes it `bytes` in all. False, and counted, when all bodies together would take more than `most`; one alone is never too large.
        [[nodiscard]] bool grow(std::uint64_t bytes, std::uint64_t most) noexcept {
            if (bytes <= kSmallBodyBytes || bytes <= held_) return true;
            std::uint64_t now = of_.bytes_.load(std::memory_order_relaxed);
            do {
                const std::uint64_t others = now - held_;
                if (others != 0 && (bytes > most || others > most - bytes)) {
                    of_.refused_.fetch_add(1, std::memory_order_relaxed);
                    return false;
                }
            } while (!of_.bytes_.compare_exchange_weak(now, now - held_ + bytes, std::memory_order_relaxed));
            held_ = bytes;
            return true;
        }
        void give_back() noexcept { of_.bytes_.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed); }

    private:
        BodyIntake& of_;
        std::uint64_t held_{0};
    };

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }  ///< since the start

private:
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> refused_{0};
};

/// What all connections of a router's listener share.
struct Intake {
    CommandIntake commands{};
    BodyIntake bodies{};
};

}  // namespace stemma::http
