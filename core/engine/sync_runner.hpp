// Runs syncs: every source by its interval, or at once on request, several sources at a time and each by one thread; tells how each
// stands. A source that cannot be reached is tried again with growing pauses, from its cursors; the others go on. A daemon that does not
// write reads no source: what it tells of them is what the store has from the one that does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/backoff.hpp"
#include "core/engine/sync.hpp"

namespace stemma::engine {

/// How a source stands right now.
struct SourceStatus {
    std::string source;
    bool running{false};
    std::string query;                      ///< being read, while running
    SyncCounts progress;                    ///< of the running sync's current query
    std::optional<SyncReport> last;         ///< the newest finished sync since start
    std::string error;                      ///< of the newest sync, "" when it went well
    std::string paused;                     ///< why the mapping is paused, "" when it runs
    std::string not_run;                    ///< why a sync that was asked for here was not begun; "" since the next one was asked for
    Instant finished_at;                    ///< of the newest finished sync, failed and paused ones too; 0 = none
    Instant good_at;                        ///< of the newest that read the source: what is served is as of then; 0 = none
    std::uint64_t runs{0};                  ///< finished since start
    std::uint64_t failures{0};              ///< of these, those that failed
    SourceCost cost;                        ///< of all since start
    std::map<std::string, Instant> newest;  ///< query -> newest change time met, by the ERP's account

    /// The state served may be behind the ERP: its mapping is paused, or its newest sync failed.
    [[nodiscard]] bool stale() const noexcept { return !paused.empty() || !error.empty(); }
    /// Why: what the newest sync met first, and then the pause that lasts beside it; "" where it is not stale.
    [[nodiscard]] std::string why_stale() const {
        return error.empty() ? paused : paused.empty() ? error : error + "; still paused: " + paused;
    }
};

struct ScheduledSource {
    ErpSource* source{nullptr};                                    ///< outlives the runner
    std::chrono::microseconds every{0};                            ///< 0 = on request only
    std::string paused;                                            ///< why its mapping was paused when Stemma last ran; "" = it was not
    Instant full_read_at;                                          ///< of its last full reading; 0 = never
    std::chrono::microseconds sweep_every{std::chrono::hours{1}};  ///< between two sweeps of all keys; 0 = by full readings alone
};

inline constexpr BackoffSpan kSyncRetry{std::chrono::milliseconds{50}, std::chrono::seconds{300}};  ///< pauses after failures in a row
inline constexpr std::chrono::hours kFullReadingEvery{24};  ///< a scheduled sync reads everything: vanished rows leave no change time

/// When a source is to be read again. Knows no clock: it is told the time.
class SyncDue {
public:
    using Time = std::chrono::steady_clock::time_point;

    SyncDue(std::chrono::microseconds every, Time first) : every_{every}, at_{first} {}
    void went_well(Time now);  ///< next after the interval
    void failed(Time now);     ///< next after a pause that grows, whatever the interval is
    [[nodiscard]] Time at() const noexcept { return at_; }

private:
    std::chrono::microseconds every_;
    Backoff retry_{kSyncRetry};
    Time at_;
};

inline constexpr std::chrono::milliseconds kSyncRoleEvery{
    500};                                          ///< a daemon that may not read looks so often whether it may, and how all stand
inline constexpr std::size_t kSyncThreadsMax = 4;  ///< sources read at a time: one that is slow must not keep the others waiting

class SyncRunner {
public:
    SyncRunner(Syncing& syncing, const Clock& clock, const std::vector<ScheduledSource>& sources);
    ~SyncRunner();
    SyncRunner(const SyncRunner&) = delete;
    SyncRunner& operator=(const SyncRunner&) = delete;

    /// Sources are read only while `allowed`: where several daemons share a ledger, the one that writes it reads them. Before start().
    void only_while(std::function<bool()> allowed) { allowed_ = std::move(allowed); }
    /// Starts the threads; `scheduled` false leaves the intervals out and runs on request only.
    void start(bool scheduled);
    /// Ends after the batch in hand. Idempotent.
    void stop();
    /// Asks for a sync at once; returns the number of the run to wait for (SourceStatus::runs reaches it). Errors: Errc::not_found;
    /// Errc::unavailable where another daemon reads the sources.
    [[nodiscard]] Result<std::uint64_t> request(const std::string& source, const SyncOrder& order);
    [[nodiscard]] std::vector<SourceStatus> status() const;
    [[nodiscard]] Result<ErpSource*> find(const std::string& source) const;

private:
    struct Slot {
        ScheduledSource scheduled;
        SourceStatus status;
        bool wanted{false};
        SyncReach reach{SyncReach::changes};
        bool accept_vanished{false};
        std::string refused;  ///< by the newest reading that looked for what vanished
        SyncDue due{{}, {}};
        std::chrono::steady_clock::time_point full_due;
        std::chrono::steady_clock::time_point sweep_due;
    };

    void loop(bool scheduled);
    void stand_by(std::unique_lock<std::mutex>& lock);
    void end_wanted();
    bool look_up(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] std::optional<std::string> pause_of(const ErpSource& source);
    void keep_outcome(const ErpSource& source, const std::string& error, bool good);
    void set_due(Slot& slot) const;
    [[nodiscard]] Slot* next_due(bool scheduled, SyncDue::Time now);
    [[nodiscard]] SyncDue::Time next_time(bool scheduled, SyncDue::Time now) const;
    [[nodiscard]] static SyncReach reach_of(const Slot& slot, bool scheduled, SyncDue::Time now);
    void run_one(Slot& slot, const SyncOrder& order);
    [[nodiscard]] Result<SyncReport> run_guarded(ErpSource& source, const SyncOrder& order, const SyncProgress& progress,
                                                 const std::function<bool()>& stop);
    [[nodiscard]] Result<std::size_t> index_of(const std::string& source) const;

    Syncing& syncing_;
    const Clock& clock_;
    std::function<bool()> allowed_;
    mutable std::mutex mutex_;  ///< guards all that follows but the threads
    std::condition_variable wake_;
    std::vector<Slot> slots_;
    bool stopping_{false};
    bool stands_by_{false};  ///< another daemon reads the sources: what is told of them, and when they are due, is looked up before reading
    bool looking_up_{false};  ///< a thread does
    std::vector<std::thread> threads_;
};

}  // namespace stemma::engine
