#include "core/engine/try_rate.hpp"

namespace stemma::engine {

/// The key's window, if it is not over. A clock that was set back begins a window anew.
TryRate::Window* TryRate::find(const std::string& key, Instant now) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    Window& window = *found->second;
    if (now >= window.began && now.us - window.began.us < kWindowUs) return &window;
    windows_.erase(found->second);
    by_key_.erase(found);
    return nullptr;
}

std::uint64_t TryRate::wait_seconds(const std::string& key, Instant now) {
    const std::lock_guard lock{mutex_};
    const Window* window = find(key, now);
    if (window == nullptr || window->failures < tries_max_) return 0;
    const std::int64_t left = window->began.us + kWindowUs - now.us;
    return static_cast<std::uint64_t>((left + kMicrosPerSecond - 1) / kMicrosPerSecond);
}

void TryRate::count_failure(const std::string& key, Instant now) {
    const std::lock_guard lock{mutex_};
    if (Window* window = find(key, now)) {
        ++window->failures;
        return;
    }
    if (windows_.size() == kKeysMax) {
        by_key_.erase(windows_.front().key);
        windows_.pop_front();
    }
    by_key_[key] = windows_.insert(windows_.end(), Window{key, now, 1});
}

}  // namespace stemma::engine
