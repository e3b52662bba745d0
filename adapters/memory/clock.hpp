// A clock that shows what it was set to. Any thread.
#pragma once

#include <atomic>

#include "core/ports/clock.hpp"

namespace stemma::memory {

class SetClock final : public Clock {
public:
    explicit SetClock(Instant now = {}) noexcept : us_{now.us} {}
    [[nodiscard]] Instant now() const override { return {us_.load()}; }
    void set(Instant now) noexcept { us_ = now.us; }
    void advance(std::int64_t us) noexcept { us_ += us; }

private:
    std::atomic<std::int64_t> us_;
};

}  // namespace stemma::memory
