// How many large traces may run at a time, and what became of traces and recalls since the start. A large trace takes memory for as long as
// it is walked and sent; small ones need no lease.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace stemma::http {

/// Any thread. Outlives its leases.
class LargeTraces {
    struct GiveBack {
        std::atomic<std::size_t>* running;
        void operator()(const void*) const noexcept { running->fetch_sub(1, std::memory_order_relaxed); }
    };

public:
    /// Given back when it ends.
    using Lease = std::unique_ptr<const LargeTraces, GiveBack>;

    /// Null when `most` are running.
    [[nodiscard]] Lease take(std::size_t most) noexcept {
        std::size_t now = running_.load(std::memory_order_relaxed);
        do {
            if (now >= most) {
                refused.fetch_add(1, std::memory_order_relaxed);
                return Lease{nullptr, GiveBack{&running_}};
            }
        } while (!running_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
        return Lease{this, GiveBack{&running_}};
    }
    [[nodiscard]] static Lease none() noexcept { return Lease{nullptr, GiveBack{nullptr}}; }  ///< for what is not large

    [[nodiscard]] std::size_t running() const noexcept { return running_.load(std::memory_order_relaxed); }

    std::atomic<std::uint64_t> asked{0};      ///< traces and recalls that were taken
    std::atomic<std::uint64_t> refused{0};    ///< large ones that were not, since enough were running
    std::atomic<std::uint64_t> cancelled{0};  ///< ended before the answer was whole: its reader left, or the time was over
    std::atomic<std::uint64_t> rows{0};       ///< given out as NDJSON or CSV

    // Answers in rows.
    std::atomic<std::uint64_t> streams_running{0};
    std::atomic<std::uint64_t> streams_whole{0};
    std::atomic<std::uint64_t> streams_cut{0};  ///< the reader left, was too slow, or the answer broke

private:
    std::atomic<std::size_t> running_{0};
};

}  // namespace stemma::http
