// Sync: brings what an ERP source says into the ledger, exactly once in effect. A batch is one unit of work: its entries, the rows'
// digests and the query's cursor become visible together, so that a kill at any moment is answered by reading the batch again.
// A row seen before with the same digest adds nothing. A row that changed is answered by declaring the old event wrong and recording the
// new one; a row that vanished (noticed by a full reading, or by a sweep of the keys alone) by declaring its event wrong. A party's name
// that the ERP no longer has is no longer kept. Entries for rows never seen are encoded and hashed before the batch's turn, so that the one
// writer does not.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/append.hpp"
#include "core/engine/limits.hpp"
#include "core/engine/meetings.hpp"
#include "core/engine/source_memory.hpp"
#include "core/ports/erp_source.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

/// How much of a source a sync reads.
enum class SyncReach : unsigned char {
    changes,  ///< what changed since the last one
    keys,     ///< that, and the keys of all rows: finds rows that vanished, and rows that no reading has met
    all,      ///< everything: finds also what changed without a trace
};

struct SyncOrder {
    SyncOrder(SyncReach how_much = SyncReach::changes, bool vanished = false) : reach{how_much}, accept_vanished{vanished} {}

    SyncReach reach;
    bool accept_vanished;  ///< also where most of a query's rows are gone: somebody has looked
};

/// Counts of one sync, per query and in sum.
struct SyncCounts {
    std::uint64_t rows{0};       ///< rows read
    std::uint64_t added{0};      ///< entries for rows never seen
    std::uint64_t changed{0};    ///< rows whose content changed
    std::uint64_t vanished{0};   ///< rows no longer there
    std::uint64_t unchanged{0};  ///< rows seen before, the same
    std::uint64_t rejected{0};   ///< rows that could not be mapped
    std::uint64_t findings{0};   ///< remarks by rules and numbering plugins
    std::uint64_t future{0};     ///< events dated after now; kept, since the ERP's dates are its own
    std::uint64_t keys{0};       ///< compared with those of the rows that are known
    Instant newest{};            ///< newest change time met, by the ERP's account; 0 = none
};

struct SyncReport {
    std::string source;
    std::vector<std::pair<std::string, SyncCounts>> queries;
    SyncCounts sum;
    std::string paused;       ///< why nothing was read: the mapping no longer fits; names table and column
    std::string refused;      ///< why rows that are gone were not taken back: they are too many; "" = none were refused
    bool full{false};         ///< read from the beginning, which also finds what vanished
    bool keys{false};         ///< compared the keys of all rows, which finds what vanished
    bool complete{false};     ///< every query was read to its end
    SourceCost cost;          ///< to the source
    std::int64_t took_us{0};  ///< from beginning to end, microseconds
};

/// Adds up; of the longest statement the longer one.
void add_to(SourceCost& sum, const SourceCost& part);

/// How far a sync is, after each batch.
using SyncProgress = std::function<void(const std::string& query, const SyncCounts& so_far)>;

class Syncing {
public:
    Syncing(Store& store, Appender& appender, const PluginCatalog& plugins, const Clock& clock, const Limits& limits);
    /// What products and items of several sources meet by. Before run(); outlives this.
    void meet_by(MeetingDesk& meetings) { meetings_ = &meetings; }

    /// Reads `source` from its cursors, or from the beginning. A mapping that does not fit is paused and reported, not an error. `stop` is
    /// asked between batches. Errors: Errc::unavailable (the ERP cannot be reached), Errc::storage. Any thread, one per source.
    [[nodiscard]] Result<SyncReport> run(ErpSource& source, const SyncOrder& order, const SyncProgress& progress,
                                         const std::function<bool()>& stop);
    /// Keeps in the store how a sync went: why it failed, "" where it did not, and whether what is served is as of now. Errors: those of
    /// Appender::run.
    [[nodiscard]] Result<void> remember(const std::string& source, const std::string& error, bool good);
    /// As the store has them: by whichever daemon. Any thread.
    [[nodiscard]] Result<std::map<std::string, SourceMemory>> memories();

private:
    struct Pass;
    struct RecordMet {
        const SourceRecord& record;
        bool again;  ///< another row of this reading had its key
    };
    Result<std::map<std::string, std::string>> cursors_of(const std::string& source, bool full);
    Result<SourceState> whole_state(const std::string& source);
    Result<void> meet_all();
    Result<void> count_conflicts(const std::function<bool()>& stop);
    Result<void> keep_full_reading(const std::string& source);
    Result<void> pause(const std::string& source, const std::string& why);
    /// Reads to the end or until stopped; false = the mapping was paused on the way, or it was stopped.
    Result<bool> read(Pass& pass, ErpSource& source, const ReadPlan& plan, const SyncProgress& progress, const std::function<bool()>& stop);
    Result<bool> read_unmet(Pass& pass, ErpSource& source, const SyncProgress& progress, const std::function<bool()>& stop);
    static void end_query(Pass& pass);
    Result<void> begin_query(Pass& pass, const std::string& query);
    Result<void> store_batch(Pass& pass, const SourceBatch& batch);
    [[nodiscard]] Result<EntryBody> body_of(const SourceRecord& record, const std::optional<SourceRowState>& known, Instant at) const;
    Result<std::vector<std::optional<Draft>>> prepare(const Pass& pass, const SourceBatch& batch, Instant at);
    Result<void> store_record(Appending& tx, const Pass& pass, const RecordMet& met, std::optional<Draft> draft, SyncCounts& counts);
    Result<void> store_event(Appending& tx, const Pass& pass, const SourceRecord& record, const std::optional<SourceRowState>& known,
                             Draft draft, SyncCounts& counts);
    Result<void> store_master(Appending& tx, const Pass& pass, const std::optional<SourceRowState>& known, Draft draft, SyncCounts& counts);
    static Result<void> reject(Appending& tx, const std::string& source, const SourceRecord& record, const Error& why, SyncCounts& counts);
    Result<void> declare_wrong(Appending& tx, const Pass& pass, const SourceRowState& known, const char* reason, const EventId& corrective,
                               bool vanished);

    // sync_sweep.cpp
    template <class Each, class Page>
    Result<void> for_each_key(const Pass& pass, const std::string& query, Each each, Page page);
    Result<void> store_keys(Pass& pass, const SourceBatch& batch);
    Result<std::uint64_t> count_gone(const Pass& pass, const SourceBatch& batch);
    Result<void> sweep_vanished(Pass& pass, const SourceBatch& batch);
    Result<void> take_back(Pass& pass, const std::string& query, const std::vector<std::string>& gone);
    static Result<void> master_gone(Appending& tx, const Pass& pass, const SourceRowState& known);

    Store& store_;
    Appender& appender_;
    const PluginCatalog& plugins_;
    const Clock& clock_;
    const Limits& limits_;
    MeetingDesk* meetings_{nullptr};
    std::mutex met_all_mutex_;  ///< guards the next one
    bool met_all_{false};       ///< all products were looked at since the start: the settings may be others than before
};

}  // namespace stemma::engine
