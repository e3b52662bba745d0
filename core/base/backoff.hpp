// Pauses between tries at something that is down: they double from the first to the longest, and each is drawn at random from the upper
// half of its span, so that many who lost the same server do not all come back at once. Knows no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace stemma {

struct BackoffSpan {
    std::chrono::microseconds first{std::chrono::milliseconds{50}};
    std::chrono::microseconds longest{std::chrono::seconds{5}};
};

class Backoff {
public:
    /// `seed` repeats a run of pauses; without one they are the process's own.
    explicit Backoff(BackoffSpan span = {}) : Backoff{span, std::random_device{}()} {}
    Backoff(BackoffSpan span, std::uint64_t seed) : span_{span}, random_{seed} {}

    /// The pause after one more failure: from half of first * 2^n up to all of it, n failures having gone before; never over the longest.
    [[nodiscard]] std::chrono::microseconds next();
    void reset() noexcept { failures_ = 0; }                                ///< it went well
    [[nodiscard]] unsigned failures() const noexcept { return failures_; }  ///< in a row

private:
    BackoffSpan span_;
    std::minstd_rand random_;
    unsigned failures_{0};
};

}  // namespace stemma
