// After a start from a snapshot, looks at the entries that the start did not read: each one's bytes against its leaf hash, and all of them
// against the root that was signed. Slowly, on a thread of its own, once. What it finds is logged and kept for status and health; nothing
// is changed.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/digest.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// Of its thread's time, the check works one part in so many.
inline constexpr int kCheckShare = 5;

class LedgerCheck {
public:
    struct State {
        std::uint64_t checked{0};  ///< entries
        std::uint64_t of{0};       ///< to be checked: those that the start did not read
        std::string found;         ///< what is wrong; "" as long as nothing is
        [[nodiscard]] bool done() const noexcept { return checked == of || !found.empty(); }
    };

    /// Of the first `size` entries, whose signed root is given. The store outlives the check.
    LedgerCheck(Store& store, std::uint64_t size, const Digest& root);
    ~LedgerCheck() { stop(); }
    LedgerCheck(const LedgerCheck&) = delete;
    LedgerCheck& operator=(const LedgerCheck&) = delete;

    /// Ends it, finished or not. Any thread but its own.
    void stop();
    [[nodiscard]] State state() const;

private:
    void run(const std::stop_token& stop);
    void tell(std::string found);

    Store& store_;
    const Digest root_;
    mutable std::mutex mutex_;  ///< guards the next one
    State state_;
    std::jthread thread_;
};

}  // namespace stemma::engine
