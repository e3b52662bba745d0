// The work of a long answer, counted: every so many steps it looks whether anybody still waits for the answer.
#pragma once

#include <atomic>
#include <cstddef>

namespace stemma::lineage {

/// One thread. The flag outlives it.
class Steps {
public:
    explicit Steps(const std::atomic<bool>* cancel = nullptr) noexcept : cancel_{cancel} {}

    /// So many more are done. Whether the answer is not waited for any more: true from then on, and what was found by then is not whole.
    bool over(std::size_t steps = 1) noexcept {
        count_ += steps;
        if (count_ >= next_look_) look();
        return over_;
    }
    [[nodiscard]] bool is_over() const noexcept { return over_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    static constexpr std::size_t kLookEvery = 1024;

    void look() noexcept {
        next_look_ = count_ + kLookEvery;
        over_ = over_ || (cancel_ != nullptr && cancel_->load(std::memory_order_relaxed));
    }

    const std::atomic<bool>* cancel_;
    std::size_t count_{0};
    std::size_t next_look_{0};
    bool over_{false};
};

}  // namespace stemma::lineage
