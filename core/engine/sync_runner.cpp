#include "core/engine/sync_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/log.hpp"
#include "core/base/text.hpp"

namespace stemma::engine {

using Steady = std::chrono::steady_clock;

void SyncDue::went_well(Time now) {
    retry_.reset();
    at_ = now + every_;
}

void SyncDue::failed(Time now) { at_ = now + retry_.next(); }

SyncRunner::SyncRunner(Syncing& syncing, const Clock& clock, const std::vector<ScheduledSource>& sources)
    : syncing_{syncing}, clock_{clock} {
    for (const ScheduledSource& source : sources) {
        Slot slot;
        slot.scheduled = source;
        slot.status.source = source.source->name();
        slot.status.paused = source.paused;
        slots_.push_back(std::move(slot));
    }
}

SyncRunner::~SyncRunner() { stop(); }

void SyncRunner::start(bool scheduled) {
    const std::lock_guard lock{mutex_};
    for (Slot& slot : slots_) {
        const SyncDue::Time now = Steady::now();
        slot.due = {slot.scheduled.every, now};
        const auto since_full = std::chrono::microseconds{clock_.now().us - slot.scheduled.full_read_at.us};
        slot.sweep_due = now + slot.scheduled.sweep_every;
        slot.full_due = now + std::clamp<std::chrono::microseconds>(kFullReadingEvery - since_full, {}, kFullReadingEvery);
    }
    thread_ = std::thread{[this, scheduled] { loop(scheduled); }};
}

void SyncRunner::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<std::size_t> SyncRunner::index_of(const std::string& source) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].status.source == source) return i;
        names.push_back(slots_[i].status.source);
    }
    std::string hint = did_you_mean(source, names);
    if (hint.empty())
        hint = names.empty() ? "add one under erp.sources in stemma.yaml" : fmt::format("there is {}", fmt::join(names, ", "));
    return fail(Errc::not_found, fmt::format("no ERP source is named '{}'", clip(source)), {}, std::move(hint));
}

Result<std::uint64_t> SyncRunner::request(const std::string& source, const SyncOrder& order) {
    std::uint64_t run = 0;
    {
        const std::lock_guard lock{mutex_};
        const auto index = index_of(source);
        if (!index) return std::unexpected(index.error());
        if (allowed_ && !allowed_())
            return fail(Errc::unavailable, "this daemon is a standby: the one that writes the ledger reads the sources", {},
                        "ask that one");
        Slot& slot = slots_[*index];
        slot.wanted = true;
        slot.reach = std::max(slot.reach, order.reach);
        slot.accept_vanished = slot.accept_vanished || order.accept_vanished;
        run = slot.status.runs + (slot.status.running ? 2 : 1);
    }
    wake_.notify_all();
    return run;
}

std::vector<SourceStatus> SyncRunner::status() const {
    const std::lock_guard lock{mutex_};
    std::vector<SourceStatus> all;
    all.reserve(slots_.size());
    for (const Slot& slot : slots_) all.push_back(slot.status);
    return all;
}

Result<ErpSource*> SyncRunner::find(const std::string& source) const {
    const std::lock_guard lock{mutex_};
    const auto index = index_of(source);
    if (!index) return std::unexpected(index.error());
    return slots_[*index].scheduled.source;
}

SyncRunner::Slot* SyncRunner::next_due(bool scheduled, SyncDue::Time now) {
    for (Slot& slot : slots_)
        if (slot.wanted) return &slot;
    if (!scheduled) return nullptr;
    for (Slot& slot : slots_)
        if (slot.scheduled.every.count() > 0 && slot.due.at() <= now) return &slot;
    return nullptr;
}

/// When the next source is due; whoever asks for one at once wakes the thread.
SyncDue::Time SyncRunner::next_time(bool scheduled, SyncDue::Time now) const {
    SyncDue::Time next = now + std::chrono::hours{1};
    for (const Slot& slot : slots_)
        if (scheduled && slot.scheduled.every.count() > 0) next = std::min(next, slot.due.at());
    return next;
}

/// What was asked for, and more where it is time.
SyncReach SyncRunner::reach_of(const Slot& slot, bool scheduled, Steady::time_point now) {
    if (scheduled && now >= slot.full_due) return SyncReach::all;
    const bool sweeps = slot.scheduled.sweep_every.count() > 0;
    return scheduled && sweeps && now >= slot.sweep_due ? std::max(slot.reach, SyncReach::keys) : slot.reach;
}

void SyncRunner::loop(bool scheduled) {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (allowed_ && !allowed_()) {
            wake_.wait_for(lock, kSyncRoleEvery);
            continue;
        }
        Slot* slot = next_due(scheduled, Steady::now());
        if (slot == nullptr) {
            wake_.wait_until(lock, next_time(scheduled, Steady::now()));
            continue;
        }
        const SyncOrder order{reach_of(*slot, scheduled, Steady::now()), std::exchange(slot->accept_vanished, false)};
        slot->wanted = false;
        slot->reach = SyncReach::changes;
        slot->status.running = true;
        lock.unlock();
        run_one(*slot, order);
        lock.lock();
    }
}

/// No exception may end the thread that all sources share.
Result<SyncReport> SyncRunner::run_guarded(ErpSource& source, const SyncOrder& order, const SyncProgress& progress,
                                           const std::function<bool()>& stop) {
    try {
        return syncing_.run(source, order, progress, stop);
    } catch (const std::exception& thrown) {
        return fail(Errc::storage, fmt::format("the sync ended by an exception: {}", thrown.what()));
    }
}

void SyncRunner::run_one(Slot& slot, const SyncOrder& order) {
    const auto progress = [&](const std::string& query, const SyncCounts& counts) {
        const std::lock_guard lock{mutex_};
        slot.status.query = query;
        slot.status.progress = counts;
    };
    const auto stop = [&] {
        const std::lock_guard lock{mutex_};
        return stopping_;
    };
    const auto report = run_guarded(*slot.scheduled.source, order, progress, stop);
    const std::lock_guard lock{mutex_};
    slot.status.running = false;
    slot.status.query.clear();
    slot.status.finished_at = clock_.now();
    ++slot.status.runs;
    if (report) {
        slot.due.went_well(Steady::now());
        if (report->keys && report->refused != std::exchange(slot.refused, report->refused) && !slot.refused.empty())
            log::warn("ERP_SYNC_FAILED", fmt::format("{}: {}", slot.status.source, slot.refused));
        slot.status.error = slot.refused;
        slot.status.paused = report->paused;
        slot.status.last = *report;
        add_to(slot.status.cost, report->cost);
        for (const auto& [query, counts] : report->queries)
            if (counts.newest.us != 0) slot.status.newest[query] = counts.newest;
        if (report->paused.empty()) slot.status.good_at = slot.status.finished_at;
        if (report->full && report->complete) slot.full_due = Steady::now() + kFullReadingEvery;
        if (report->keys && report->complete) slot.sweep_due = Steady::now() + slot.scheduled.sweep_every;
    } else {
        ++slot.status.failures;
        slot.due.failed(Steady::now());  // a source that is down costs next to nothing, and is back soon after it returns
        std::string error = report.error().text();
        const bool told = error == slot.status.error;  // a day without the ERP is not a day of the same line
        slot.status.error = std::move(error);
        if (!told) log::warn("ERP_SYNC_FAILED", fmt::format("{}: {}", slot.status.source, slot.status.error));
    }
}

}  // namespace stemma::engine
