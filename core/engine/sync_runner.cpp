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
    const auto known = syncing_.memories();  // a store that is away is told by the syncs themselves
    const std::lock_guard lock{mutex_};
    for (Slot& slot : slots_) {
        set_due(slot);
        if (!known) continue;
        const auto memory = known->find(slot.status.source);
        if (memory == known->end()) continue;
        slot.status.error = memory->second.error;
        slot.status.good_at = memory->second.good_at;
        slot.status.finished_at = memory->second.finished_at;
    }
    for (std::size_t i = 0; i < std::min(slots_.size(), kSyncThreadsMax); ++i)
        threads_.emplace_back([this, scheduled] { loop(scheduled); });
}

void SyncRunner::set_due(Slot& slot) const {
    const SyncDue::Time now = Steady::now();
    slot.due = {slot.scheduled.every, now};
    const auto since_full = std::chrono::microseconds{clock_.now().us - slot.scheduled.full_read_at.us};
    slot.sweep_due = now + slot.scheduled.sweep_every;
    slot.full_due = now + std::clamp<std::chrono::microseconds>(kFullReadingEvery - since_full, {}, kFullReadingEvery);
}

void SyncRunner::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
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
        slot.status.not_run.clear();
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
        if (slot.wanted && !slot.status.running) return &slot;
    if (!scheduled) return nullptr;
    Slot* next = nullptr;  // the one that has waited longest: of more sources than threads each has its turn
    for (Slot& slot : slots_)
        if (slot.scheduled.every.count() > 0 && !slot.status.running && slot.due.at() <= now)
            if (next == nullptr || slot.due.at() < next->due.at()) next = &slot;
    return next;
}

/// When the next source is due; whoever asks for one at once wakes the threads.
SyncDue::Time SyncRunner::next_time(bool scheduled, SyncDue::Time now) const {
    SyncDue::Time next = now + std::chrono::hours{1};
    for (const Slot& slot : slots_)
        if (scheduled && slot.scheduled.every.count() > 0 && !slot.status.running) next = std::min(next, slot.due.at());
    return next;
}

/// What was asked for, and more where it is time.
SyncReach SyncRunner::reach_of(const Slot& slot, bool scheduled, Steady::time_point now) {
    if (scheduled && now >= slot.full_due) return SyncReach::all;
    const bool sweeps = slot.scheduled.sweep_every.count() > 0;
    return scheduled && sweeps && now >= slot.sweep_due ? std::max(slot.reach, SyncReach::keys) : slot.reach;
}

/// Reads nothing: tells how the sources stand by what the store has from the daemon that reads them.
void SyncRunner::stand_by(std::unique_lock<std::mutex>& lock) {
    stands_by_ = true;
    end_wanted();
    if (!looking_up_) look_up(lock);
    if (!stopping_) wake_.wait_for(lock, kSyncRoleEvery);
}

/// Whoever waits for a sync that was asked for while this daemon still wrote is told that there is none.
void SyncRunner::end_wanted() {
    for (Slot& slot : slots_) {
        if (!slot.wanted || slot.status.running) continue;
        slot.wanted = false;
        slot.reach = SyncReach::changes;
        slot.status.not_run = "this daemon is a standby now: the one that writes the ledger reads the sources";
        ++slot.status.runs;
    }
}

/// Takes over what the store has of each source. False: the store is away. The mutex is not held meanwhile.
bool SyncRunner::look_up(std::unique_lock<std::mutex>& lock) {
    looking_up_ = true;
    lock.unlock();
    const auto known = syncing_.memories();
    lock.lock();
    looking_up_ = false;
    if (!known) return false;
    for (Slot& slot : slots_) {
        const auto found = known->find(slot.status.source);
        const SourceMemory memory = found != known->end() ? found->second : SourceMemory{};
        slot.scheduled.full_read_at = memory.full_read_at;
        slot.status.paused = memory.paused;
        slot.status.error = memory.error;
        slot.status.good_at = memory.good_at;
        slot.status.finished_at = memory.finished_at;
    }
    return true;
}

void SyncRunner::loop(bool scheduled) {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (allowed_ && !allowed_()) {
            stand_by(lock);
            continue;
        }
        if (stands_by_) {  // and now reads: what another daemon read in full is not read in full again
            if (looking_up_ || !look_up(lock)) {
                wake_.wait_for(lock, kSyncRoleEvery / 10);
                continue;
            }
            for (Slot& slot : slots_) set_due(slot);
            stands_by_ = false;
            wake_.notify_all();
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

/// Whether the mapping is paused still: a sync that failed may have found before that it fits. None: the store is away.
std::optional<std::string> SyncRunner::pause_of(const ErpSource& source) {
    try {
        const auto known = syncing_.memories();
        if (!known) return std::nullopt;
        const auto memory = known->find(source.name());
        return memory != known->end() ? memory->second.paused : std::string{};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

/// For the other daemons and the next start. Where the store is away or the seat was lost, the sync itself has told.
void SyncRunner::keep_outcome(const ErpSource& source, const std::string& error, bool good) {
    try {
        [[maybe_unused]] const Result<void> kept = syncing_.remember(source.name(), error, good);
    } catch (const std::exception& thrown) {
        log::warn("ERP_SYNC_FAILED", fmt::format("{}: how it went is not kept: {}", source.name(), thrown.what()));
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
    const std::string error = !report ? report.error().text() : report->keys ? report->refused : slot.refused;
    const std::optional<std::string> paused = report ? report->paused : pause_of(*slot.scheduled.source);
    keep_outcome(*slot.scheduled.source, error, report && report->paused.empty());
    const std::lock_guard lock{mutex_};
    slot.status.running = false;
    slot.status.query.clear();
    slot.status.finished_at = clock_.now();
    if (paused) slot.status.paused = *paused;
    ++slot.status.runs;
    if (report) {
        slot.due.went_well(Steady::now());
        if (report->keys && report->refused != std::exchange(slot.refused, report->refused) && !slot.refused.empty())
            log::warn("ERP_SYNC_FAILED", fmt::format("{}: {}", slot.status.source, slot.refused));
        slot.status.error = slot.refused;
        slot.status.last = *report;
        add_to(slot.status.cost, report->cost);
        for (const auto& [query, counts] : report->queries)
            if (counts.newest.us != 0) slot.status.newest[query] = counts.newest;
        if (report->paused.empty()) slot.status.good_at = slot.status.finished_at;
        if (report->full && report->complete) slot.full_due = Steady::now() + kFullReadingEvery;
        if (report->keys && report->complete) slot.sweep_due = Steady::now() + slot.scheduled.sweep_every;
    } else {
        ++slot.status.failures;
        slot.due.failed(Steady::now());                // a source that is down costs next to nothing, and is back soon after it returns
        const bool told = error == slot.status.error;  // a day without the ERP is not a day of the same line
        slot.status.error = error;
        if (!told) log::warn("ERP_SYNC_FAILED", fmt::format("{}: {}", slot.status.source, slot.status.error));
    }
}

}  // namespace stemma::engine
