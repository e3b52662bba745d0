// Step "append": the ledger's single writer. Takes the commands that wait in groups, runs each against the store, links entries into the
// ledger (leaf hash, chain, tree), projects them into the read models, signs one checkpoint per group and commits all of it in one
// transaction. A command that fails takes back its own writes and no other's. After the commit the lineage index learns the new entries
// and the callers go on together: each reads what it wrote. The checkpoint's copy outside the database follows a moment later.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/backoff.hpp"
#include "core/engine/draft.hpp"
#include "core/engine/facts.hpp"
#include "core/engine/index_snapshot.hpp"
#include "core/engine/ledger_check.hpp"
#include "core/engine/limits.hpp"
#include "core/engine/sealer.hpp"
#include "core/engine/snapshot_keeper.hpp"
#include "core/engine/space_reserve.hpp"
#include "core/engine/writer_queue.hpp"
#include "core/ledger/checkpoint.hpp"
#include "core/ledger/head.hpp"
#include "core/lineage/index.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// Where the writer signs and keeps its checkpoints.
struct Seal {
    std::string origin;      ///< first line of a checkpoint, names the ledger
    SigningKey key;          ///< Ed25519
    CheckpointFile outside;  ///< the copy outside the database
};

/// What the writer could not do when it last tried, in words for people; "" where the last try went well.
struct WriterTrouble {
    std::string store;            ///< nothing can be recorded
    Instant away_since;           ///< since when the store could not be reached; 0 = it could when it was tried last
    std::string checkpoint_file;  ///< all is recorded, but the copy outside the database lags behind
};

/// Whether this program writes the ledger, or follows the one that does.
struct WriterRole {
    bool writes{true};
    std::string holder;        ///< who writes instead, in words; "" = nobody that is known
    std::string unfit;         ///< why this program left the seat when it had it; "" = it did not, or has it again
    std::uint64_t behind{0};   ///< entries that the store had and this program had not taken in, when it last looked
    std::uint64_t changes{0};  ///< how often the role changed since the start
};

/// What a command is told by a program that does not write: Errc::unavailable, naming who does, or why this one does not.
[[nodiscard]] Error standby_error(const WriterRole& role);

inline constexpr unsigned kSeatTriesMax = 10;  ///< to read the ledger under a seat; then it is left to another program

/// One command at its turn: its part of the group's unit of work. Lives inside Appender::run only, on the writer's thread.
class Appending {
public:
    /// Number of entries before the next add: the position that facts are read at.
    [[nodiscard]] Sequence position() const noexcept;
    /// The transaction: its reads see what was added before, also by earlier commands of the group.
    [[nodiscard]] UnitOfWork& unit() noexcept { return unit_; }
    /// Facts as of position(), as the writer reads them. Valid within the command.
    [[nodiscard]] FactReader facts(const Limits& limits) { return {unit_, position(), limits, &folds_}; }
    /// Record time of everything this command adds; never before the newest entry's.
    [[nodiscard]] Instant recorded_at() const noexcept { return recorded_at_; }
    /// Appends and projects; sets entry.recorded_at. Returns its sequence.
    [[nodiscard]] Result<Sequence> add(Entry entry);
    /// The same for an entry that was made ready before. `judgements` are those of a draft that has none. `version` is how many times the
    /// source row's content will have been recorded, where the caller has looked at the row already.
    [[nodiscard]] Result<Sequence> add(Draft draft, std::vector<Judgement> judgements = {}, std::optional<std::uint32_t> version = {});
    /// What the command wrote is taken back, although it ends well.
    void withdraw() noexcept { withdrawn_ = true; }

private:
    friend class Appender;
    using Added = std::vector<std::pair<Sequence, Entry>>;
    Appending(UnitOfWork& unit, LedgerHead& head, ItemFolds& folds, Instant recorded_at, Added& added)
        : unit_{unit}, head_{head}, folds_{folds}, recorded_at_{recorded_at}, added_{added} {}

    UnitOfWork& unit_;
    LedgerHead& head_;
    ItemFolds& folds_;
    Instant recorded_at_;
    Added& added_;  ///< of the whole group
    bool withdrawn_{false};
};

class Appender {
public:
    /// The references outlive the appender. load() must succeed before run().
    Appender(Store& store, lineage::Index& index, const Clock& clock, Seal seal);
    ~Appender();
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// How many commands may wait (Limits::writer_queue_max and writer_queue_bytes_max).
    void set_limits(const Limits& limits) { queue_.set_limits(limits.writer_queue_max, limits.writer_queue_bytes_max); }

    /// Where the index's snapshot is kept, and after how many entries it is written anew while commands go on; 0: by save_index() alone.
    /// Before load().
    void keep_snapshot(IndexSnapshot snapshot, std::uint64_t every) {
        snapshot_ = std::move(snapshot);
        snapshot_every_ = every;
    }

    /// Room for one entry that says that the disk was full. Before load().
    void keep_reserve(SpaceReserve reserve) { reserve_ = std::move(reserve); }

    /// What is held before this program writes: at the start, and whenever it has the seat anew. Before load().
    void check_before_writing(std::function<Result<void>()> check) { check_ready_ = std::move(check); }
    /// How long the commands of a group wait for a database that is away; 0, as for a file: not at all. While it is away others are
    /// answered at once, and it is tried again after the pauses of `retry`. Before load().
    void wait_for_store(std::chrono::milliseconds at_most, BackoffSpan retry = {}) {
        patience_ = at_most;
        retry_ = Backoff{retry};
        seat_retry_ = Backoff{retry};
    }
    /// Takes the seat of the writer where it is free, takes in what another wrote where it is not, and finds out when a database that was
    /// away is back. Waits for the group that is being written. Errors: Errc::unavailable; those of load().
    [[nodiscard]] Result<void> follow();
    /// Any thread; does not wait for the writer.
    [[nodiscard]] WriterRole role() const;

    /// Reads the ledger: head, newest record time, and the lineage index; from the snapshot as far as that goes, the rest entry by entry.
    /// Errors: Errc::storage. Nothing is ever signed on top of entries that were not signed before: a ledger is refused when an entry it
    /// reads does not fit its hash, when its newest checkpoint is not this key's or does not cover exactly its entries, and when it is not
    /// a continuation of the one that the checkpoint outside the database signed (changed, cut off, or restored from an old backup).
    [[nodiscard]] Result<void> load();

    /// Runs `work` on the writer's thread, in a group with others, and commits. An error or exception of `work` takes back what it wrote
    /// and comes back here; the others of the group are not touched. When the group cannot be committed, all of them get that error, and
    /// whether they were recorded is only known after reading again; where wait_for_store() allows, that is done here, and the error says
    /// what is known. Errors: those of `work`; Errc::busy where `demand` is refusable; Errc::storage; Errc::unavailable, also where another
    /// program writes. Any thread that holds no lineage view, but never from within `work`.
    [[nodiscard]] Result<void> run(const Work& work, const Demand& demand = {});

    /// Waits until the copy of the checkpoint outside the database is the newest one; run() does not wait for it.
    void flush() { sealer_.flush(); }
    /// The record time of a command that comes in now: never before the newest entry's.
    [[nodiscard]] Instant entry_time() const;
    /// From here on nothing is recorded with a time up to `last`, as far as that is past: what is asked as of it keeps its answer. Waits
    /// for the group that is being written, unless a newer entry exists. Any thread that holds no lineage view.
    void settle(Instant last);
    [[nodiscard]] WriterStats writer() const { return queue_.stats(); }
    /// How the last try went. Any thread; does not wait for the writer.
    [[nodiscard]] WriterTrouble trouble() const;
    /// How far the check of what the start did not read is. After load(); any thread.
    [[nodiscard]] LedgerCheck::State ledger_check() const { return check_ ? check_->state() : LedgerCheck::State{}; }
    /// Counts the entries about who may act that this program has taken in, also those that another one wrote: a book of them that was read
    /// at another count is to be read again. Any thread; does not wait.
    [[nodiscard]] std::uint64_t access_changes() const noexcept { return access_changes_.load(std::memory_order_acquire); }
    /// Writes the index's snapshot, unless it has been written at this position, and none after it. Commands wait meanwhile. For the end.
    /// Errors: Errc::storage.
    [[nodiscard]] Result<void> save_index();

    /// The newest signed checkpoint, if any entry exists. Any thread.
    [[nodiscard]] std::optional<StoredCheckpoint> checkpoint() const;
    /// Proof that entry `index` is in the tree of the first `size` entries (RFC 9162 section 2.1.3). Errors: Errc::invalid_input.
    [[nodiscard]] Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size) const;
    /// Proof that the tree of `size` entries begins with that of `old_size` (RFC 9162 section 2.1.4). Errors: Errc::invalid_input.
    [[nodiscard]] Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size) const;
    /// Root of the first `size` entries.
    [[nodiscard]] Result<Digest> root(std::uint64_t size) const;

    /// Who signs: name (the origin) and public key.
    [[nodiscard]] NoteKey note_key() const { return {seal_.origin, seal_.key.public_key()}; }

private:
    [[nodiscard]] Result<void> check_newest() const;
    [[nodiscard]] Result<void> check_outside(ReadSnapshot& snapshot);
    [[nodiscard]] Result<void> load_locked();
    [[nodiscard]] Result<void> start(ReadSnapshot& ledger);
    [[nodiscard]] Result<void> catch_up(ReadSnapshot& ledger);
    [[nodiscard]] Result<void> check_signed(ReadSnapshot& ledger);
    void keep_snapshots();
    [[nodiscard]] Result<void> load_newest_time(ReadSnapshot& snapshot);
    [[nodiscard]] StoredCheckpoint sign() const;
    void write();
    void write_group(const WriterQueue::Group& group, Appending::Added& added);
    /// How far a try to write a group came.
    enum class Reached : unsigned char { nothing, work, commit, end };
    using Deadline = std::chrono::steady_clock::time_point;
    [[nodiscard]] Result<void> write_once(const WriterQueue::Group& group, Appending::Added& added, Reached& reached);
    [[nodiscard]] Result<void> write_patiently(const WriterQueue::Group& group, Appending::Added& added);
    [[nodiscard]] Result<void> find_out(const Error& lost, Deadline until);
    [[nodiscard]] Result<bool> took_hold();
    [[nodiscard]] Result<void> be_ready();
    [[nodiscard]] Result<void> settle_in();
    void leave_seat(const Error& why);
    [[nodiscard]] Result<void> tail();
    [[nodiscard]] bool rest(Deadline until);
    void take_role(const Seat& seat);
    void note_behind(std::uint64_t entries);
    void note_trouble(const Error* broken, bool recorded);
    void record_full(const Error& why);
    [[nodiscard]] Result<void> write_locked(const WriterQueue::Group& group, Appending::Added& added, Reached& reached);
    [[nodiscard]] Result<void> run_part(UnitOfWork& unit, WriterQueue::Command& command, Appending::Added& added);
    [[nodiscard]] std::optional<Error> tell_trouble(const WriterQueue::Group& group, const Result<void>& done);
    void publish(const Appending::Added& added);
    void take_in(Sequence sequence, const Entry& entry);
    void set_checkpoint(std::optional<StoredCheckpoint> checkpoint);
    [[nodiscard]] MerkleTree tree() const;

    Store& store_;
    lineage::Index& index_;
    const Clock& clock_;
    Seal seal_;
    mutable std::mutex mutex_;  ///< held by the writer over a whole group; also guards what follows up to newest_
    LedgerHead head_;
    ItemFolds folds_;
    IndexSnapshot snapshot_;
    std::uint64_t snapshot_every_{0};
    SpaceReserve reserve_;
    Sequence snapshot_position_{0};   ///< of the newest snapshot, 0 for none
    std::uint64_t seat_taken_{0};     ///< Seat::taken of the seat that this program writes under
    bool seat_known_{false};          ///< it was had a moment ago, and no connection was lost since
    std::uint64_t expected_size_{0};  ///< of the ledger, had the commit that failed taken hold
    Digest expected_root_{};          ///< and its root
    Backoff retry_;
    Deadline next_try_{};                  ///< the store is away until then, or longer
    Backoff seat_retry_;                   ///< after a seat that could not be used
    Deadline next_seat_{};                 ///< no seat is taken before
    unsigned seat_tries_{0};               ///< to read the ledger under the seat that is had, in a row
    bool outcome_unknown_{false};          ///< a commit failed: what took hold is only known after reading again
    std::atomic<std::int64_t> newest_{0};  ///< what comes is recorded at this time or later, microseconds: the newest entry's, or settled
    std::atomic<std::uint64_t> access_changes_{1};
    std::chrono::milliseconds patience_{0};
    std::function<Result<void>()> check_ready_;
    mutable std::mutex trouble_mutex_;  ///< for what follows up to role_ alone: /health must answer while a write hangs
    std::string store_trouble_;
    bool store_away_{false};  ///< that is the trouble: a connection is enough to end it
    Instant away_since_;      ///< the first of the tries in a row that did not reach it
    WriterRole role_;
    mutable std::mutex checkpoint_mutex_;  ///< guards the next one, for a moment only
    std::optional<StoredCheckpoint> checkpoint_;
    WriterQueue queue_;
    Sealer sealer_;
    std::unique_ptr<SnapshotKeeper> keeper_;  ///< none when snapshots are not kept, or at the end alone
    std::unique_ptr<LedgerCheck> check_;      ///< none when the start read every entry
    std::thread writer_;                      ///< last: it ends before what it uses
};

}  // namespace stemma::engine
