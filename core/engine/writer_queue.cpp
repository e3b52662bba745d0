#include "core/engine/writer_queue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma::engine {

void WriterQueue::set_limits(std::size_t waiting_max, std::size_t bytes_max) {
    const std::lock_guard lock{mutex_};
    waiting_max_ = waiting_max;
    bytes_max_ = bytes_max;
}

bool WriterQueue::is_full(const Demand& demand) const {
    if (!demand.refusable || stats_.waiting == 0) return false;
    return stats_.waiting >= waiting_max_ || stats_.waiting_bytes + demand.bytes > bytes_max_;
}

void WriterQueue::Waiting::wait() {
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [&] { return is_over_; });
    lock.unlock();
    for (const std::shared_ptr<Waiting>& other : others_) other->end();
}

void WriterQueue::Waiting::end(std::vector<std::shared_ptr<Waiting>> others) {
    {
        const std::lock_guard lock{mutex_};
        others_ = std::move(others);
        is_over_ = true;
    }
    ended_.notify_one();
}

Result<void> WriterQueue::await(Command& command) {
    std::unique_lock lock{mutex_};
    if (closed_) return fail(Errc::unavailable, "Stemma is stopping");
    if (is_full(command.demand)) {
        ++stats_.refused;
        return fail(Errc::busy, fmt::format("{} commands wait to be recorded; this one was not taken", stats_.waiting), {},
                    "nothing was recorded: send it again in a moment; limits.writer_queue_max in stemma.yaml sets the limit");
    }
    auto& line = command.demand.records > kSmallRecordsMax ? large_ : small_;
    line.push_back(&command);
    ++stats_.waiting;
    stats_.waiting_bytes += command.demand.bytes;
    // The writer gathers small commands until as many are there as came together last time: it need not wake for each.
    if (!gathering_ || small_.size() >= std::min(expected_, kGroupCommandsMax)) came_.notify_one();
    lock.unlock();
    command.waiting_->wait();
    return {};
}

/// Callers who were released together mostly come again together: one commit for all of them is worth a short wait.
void WriterQueue::await_others(std::unique_lock<std::mutex>& lock) {
    if (expected_ <= 1 || small_.size() >= expected_) return;
    gathering_ = true;
    came_.wait_for(lock, kGroupWindow, [&] { return closed_ || small_.size() >= expected_; });
    gathering_ = false;
}

WriterQueue::Command* WriterQueue::pop(std::deque<Command*>& line) {
    Command* const command = line.front();
    line.pop_front();
    --stats_.waiting;
    stats_.waiting_bytes -= command->demand.bytes;
    return command;
}

WriterQueue::Group WriterQueue::take_small() {
    Group group;
    std::size_t records = 0;
    while (!small_.empty() && group.size() < kGroupCommandsMax) {
        records += small_.front()->demand.records;
        if (!group.empty() && records > kGroupCommandsMax + kSmallRecordsMax) break;
        group.push_back(pop(small_));
    }
    expected_ = std::min(group.size(), kGroupCommandsMax);
    return group;
}

WriterQueue::Group WriterQueue::take() {
    std::unique_lock lock{mutex_};
    came_.wait(lock, [&] { return closed_ || !small_.empty() || !large_.empty(); });
    const bool large = !large_.empty() && (small_.empty() || !large_was_last_);
    large_was_last_ = large;
    if (large) return {pop(large_)};
    if (small_.empty()) return {};
    await_others(lock);
    return take_small();
}

void WriterQueue::release(const Group& group) {
    std::vector<std::shared_ptr<Waiting>> all;  // a command goes away with its caller
    all.reserve(group.size());
    for (const Command* command : group) all.push_back(command->waiting_);
    for (std::size_t first = 0; first < all.size(); first += kReleasedTogether) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(first + kReleasedTogether, all.size()));
        (*begin)->end({begin + 1, end});
    }
}

void WriterQueue::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    came_.notify_all();
}

bool WriterQueue::rest(std::chrono::microseconds pause) {
    std::unique_lock lock{mutex_};
    return !came_.wait_for(lock, pause, [&] { return closed_; });
}

void WriterQueue::count_group(const Group& group, std::size_t entries, bool committed) {
    const std::lock_guard lock{mutex_};
    if (!committed) {
        ++stats_.failed;
        return;
    }
    ++stats_.groups;
    stats_.commands += group.size();
    stats_.entries += entries;
}

WriterStats WriterQueue::stats() const {
    const std::lock_guard lock{mutex_};
    return stats_;
}

}  // namespace stemma::engine
