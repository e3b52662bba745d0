#include "adapters/sql/silence.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace stemma::sql {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kOff = 0;
constexpr std::int64_t kOverdue = -1;

std::int64_t ticks(Steady::time_point at) noexcept { return at.time_since_epoch().count(); }

}  // namespace

struct Silence::Watch {
    Watch(int from, std::chrono::milliseconds most) : socket{fcntl(from, F_DUPFD_CLOEXEC, 0)}, longest{most} {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        if (socket >= 0) close(socket);
    }

    const int socket;
    const std::chrono::milliseconds longest;
    std::atomic<std::int64_t> due{kOff};  ///< ticks of the steady clock, kOff or kOverdue
};

namespace {

/// The one thread that watches. It sleeps until the first deadline there is, or that could have come since it looked.
class Watcher {
public:
    static Watcher& get() {
        static Watcher one;
        return one;
    }

    void add(const std::shared_ptr<Silence::Watch>& watch) {
        {
            const std::lock_guard lock{mutex_};
            watches_.push_back(watch);
        }
        changed_.notify_one();
    }

    void remove(const std::shared_ptr<Silence::Watch>& watch) {
        const std::lock_guard lock{mutex_};
        std::erase(watches_, watch);
    }

    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

private:
    Watcher() : thread_{[this] { run(); }} {}
    ~Watcher() {
        {
            const std::lock_guard lock{mutex_};
            ending_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

    void run() {
        std::unique_lock lock{mutex_};
        while (!ending_) {
            if (watches_.empty())
                changed_.wait(lock);
            else
                changed_.wait_until(lock, look(Steady::now()));
        }
    }

    /// Shuts down what is overdue; when to look again.
    Steady::time_point look(Steady::time_point now) {
        Steady::time_point next = Steady::time_point::max();
        for (const std::shared_ptr<Silence::Watch>& watch : watches_) {
            std::int64_t due = watch->due;
            if (due > kOff && due <= ticks(now) && watch->due.compare_exchange_strong(due, kOverdue)) {
                shutdown(watch->socket, SHUT_RDWR);
                continue;
            }
            const Steady::time_point soonest = now + watch->longest;
            next = std::min(next, due > ticks(now) ? Steady::time_point{Steady::duration{due}} : soonest);
        }
        return next == Steady::time_point::max() ? now + std::chrono::hours{1} : next;
    }

    std::mutex mutex_;  ///< guards watches_ and ending_
    std::condition_variable changed_;
    std::vector<std::shared_ptr<Silence::Watch>> watches_;
    bool ending_{false};
    std::thread thread_;
};

}  // namespace

Silence::Silence(int socket, std::chrono::milliseconds longest) {
    if (socket < 0 || longest.count() <= 0) return;
    watch_ = std::make_shared<Watch>(socket, longest);
    Watcher::get().add(watch_);
}

Silence::~Silence() {
    if (watch_) Watcher::get().remove(watch_);
}

Silence::Waiting::Waiting(Silence* of) noexcept : of_{of != nullptr && of->watch_ ? of : nullptr} {
    if (of_ == nullptr) return;
    std::int64_t off = kOff;
    if (!of_->watch_->due.compare_exchange_strong(off, ticks(Steady::now() + of_->watch_->longest))) of_ = nullptr;  // one further out does
}

Silence::Waiting::~Waiting() {
    if (of_ == nullptr) return;
    std::int64_t due = of_->watch_->due;
    while (due != kOverdue && !of_->watch_->due.compare_exchange_weak(due, kOff)) {
    }
}

bool Silence::overdue() const noexcept { return watch_ && watch_->due == kOverdue; }
std::chrono::milliseconds Silence::longest() const noexcept { return watch_ ? watch_->longest : std::chrono::milliseconds{0}; }

}  // namespace stemma::sql
