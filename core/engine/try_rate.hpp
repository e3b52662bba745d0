// How often somebody may be wrong: failed tries are counted by key (a user's name, an address) over a minute from the first; once there
// were as many as are allowed, the key waits for the minute's end. Bounded: among too many keys the oldest is forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/base/time.hpp"

namespace stemma::engine {

/// Any thread.
class TryRate {
public:
    static constexpr std::int64_t kWindowUs = 60 * kMicrosPerSecond;
    static constexpr std::size_t kKeysMax = 10'000;

    explicit TryRate(std::uint64_t tries_max) : tries_max_{tries_max} {}

    /// Whole seconds that a key has to wait before its next try; 0: none.
    [[nodiscard]] std::uint64_t wait_seconds(const std::string& key, Instant now);
    void count_failure(const std::string& key, Instant now);

private:
    struct Window {
        std::string key;
        Instant began;
        std::uint64_t failures{0};
    };
    using Windows = std::list<Window>;  ///< the oldest first

    [[nodiscard]] Window* find(const std::string& key, Instant now);

    const std::uint64_t tries_max_;
    std::mutex mutex_;  ///< guards the next two
    Windows windows_;
    std::unordered_map<std::string, Windows::iterator> by_key_;
};

}  // namespace stemma::engine
