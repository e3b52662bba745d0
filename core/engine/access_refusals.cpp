#include "core/engine/access_refusals.hpp"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "core/base/log.hpp"

namespace stemma::engine {
namespace {

constexpr const char* kOthers = "others";

void count(std::map<std::string, std::uint64_t>& in, const std::string& key) {
    const bool room = in.size() < RefusalLog::kKindsMax || in.contains(key);
    ++in[room ? key : kOthers];
}

/// "cases.act 3, plugins.change 1"
std::string listed(const std::map<std::string, std::uint64_t>& counts) {
    std::string out;
    for (const auto& [key, times] : counts) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, times);
    return out;
}

}  // namespace

RefusalLog::RefusalLog(Record record, std::chrono::milliseconds span)
    : record_{std::move(record)}, span_{span}, thread_{[this] { run(); }} {}

void RefusalLog::note(const Refusal& refusal) {
    const std::lock_guard lock{mutex_};
    if (ending_) return;
    const bool room = actors_.size() < kActorsMax || actors_.contains(refusal.actor);
    Counted& counted = actors_[room ? refusal.actor : kOthers];
    count(counted.what, refusal.what);
    count(counted.from, refusal.from);
    if (++counted.count > 1) return;
    noted_ = true;
    wake_.notify_one();
}

void RefusalLog::stop() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void RefusalLog::run() {
    std::unique_lock lock{mutex_};
    while (!ending_) {
        noted_ = false;
        const Time next = write_due(lock, false);
        const auto is_called = [this] { return noted_ || ending_; };
        if (next == Time::max())
            wake_.wait(lock, is_called);
        else
            wake_.wait_until(lock, next, is_called);
    }
    std::ignore = write_due(lock, true);
}

/// Writes an entry for each actor whose span has passed; the lock is let go meanwhile. When the next one is due; max for none.
RefusalLog::Time RefusalLog::write_due(std::unique_lock<std::mutex>& lock, bool all) {
    const Time now = std::chrono::steady_clock::now();
    std::map<std::string, Counted> due;
    Time next = Time::max();
    for (auto at = actors_.begin(); at != actors_.end();) {
        Counted& counted = at->second;
        if (!all && counted.next > now) {
            next = std::min(next, counted.next);
        } else if (counted.count == 0) {
            at = actors_.erase(at);
            continue;
        } else {
            due.emplace(at->first, std::exchange(counted, Counted{.what = {}, .from = {}, .next = now + span_}));
            next = std::min(next, now + span_);
        }
        ++at;
    }
    lock.unlock();
    for (const auto& [actor, counted] : due) {
        SystemChange change{"access", "refused", {{"count", std::to_string(counted.count)}, {"what", listed(counted.what)}}};
        change.details["from"] = listed(counted.from);
        if (const auto recorded = record_(change, actor); !recorded)
            log::warn("ACCESS_REFUSAL_UNRECORDED", fmt::format("{} refused attempts of {} ({}): {}", counted.count, actor,
                                                               change.details["what"], recorded.error().text()));
    }
    lock.lock();
    return next;
}

}  // namespace stemma::engine
