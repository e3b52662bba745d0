// Step "append": the ledger's single writer. Runs a unit of work against the store, turns entries into rows (bytes, leaf hash, chain),
// projects each into the read models, signs one checkpoint per unit and commits all of it in one transaction.
// After the commit the lineage index learns the new entries and the checkpoint's copy outside the database is replaced.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "core/engine/facts.hpp"
#include "core/engine/limits.hpp"
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
    std::string checkpoint_file;  ///< all is recorded, but the copy outside the database lags behind
};

/// One running unit of work. Lives inside Appender::run only.
class Appending {
public:
    /// Number of entries before the next add: the position that facts are read at.
    [[nodiscard]] Sequence position() const noexcept;
    /// The transaction: its reads see what was added before.
    [[nodiscard]] UnitOfWork& unit() noexcept { return unit_; }
    /// Facts as of position(), as the writer reads them. Valid within the unit.
    [[nodiscard]] FactReader facts(const Limits& limits) { return {unit_, position(), limits, &dates_}; }
    /// Record time of everything this unit adds; never before the newest entry's.
    [[nodiscard]] Instant recorded_at() const noexcept { return recorded_at_; }
    /// Appends and projects; sets entry.recorded_at. Returns its sequence.
    [[nodiscard]] Result<Sequence> add(Entry entry);

private:
    friend class Appender;
    Appending(UnitOfWork& unit, LedgerHead& head, ItemDatesCache& dates, Instant recorded_at)
        : unit_{unit}, head_{head}, dates_{dates}, recorded_at_{recorded_at} {}

    UnitOfWork& unit_;
    LedgerHead& head_;
    ItemDatesCache& dates_;
    Instant recorded_at_;
    std::vector<std::pair<Sequence, Entry>> added_;
};

class Appender {
public:
    /// The references outlive the appender. load() must succeed before run().
    Appender(Store& store, lineage::Index& index, const Clock& clock, Seal seal);

    /// Reads the ledger: head, newest record time, and the whole lineage index. Errors: Errc::storage.
    /// Nothing is ever signed on top of entries that were not signed before: a ledger is refused when an entry does not fit its hash, when
    /// its newest checkpoint is not this key's or does not cover exactly its entries, and when it is not a continuation of the one
    /// that the checkpoint outside the database signed (changed, cut off, or restored from an old backup).
    [[nodiscard]] Result<void> load();

    /// Runs `work` as the only writer and commits when it succeeds; an error of `work` rolls everything back. Any thread.
    [[nodiscard]] Result<void> run(const std::function<Result<void>(Appending&)>& work);

    /// How the last try went. Any thread; does not wait for the writer.
    [[nodiscard]] WriterTrouble trouble() const;

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
    [[nodiscard]] Result<void> load_index(ReadSnapshot& snapshot);
    [[nodiscard]] StoredCheckpoint sign() const;
    [[nodiscard]] Result<void> run_locked(const std::function<Result<void>(Appending&)>& work, bool& commit_failed);
    void tell_trouble(const Result<void>& done);
    void copy_outside();
    void publish(const std::vector<std::pair<Sequence, Entry>>& added);
    [[nodiscard]] MerkleTree tree() const;

    Store& store_;
    lineage::Index& index_;
    const Clock& clock_;
    Seal seal_;
    mutable std::mutex mutex_;  ///< one writer at a time; also guards all below
    LedgerHead head_;
    ItemDatesCache dates_;
    Instant newest_;  ///< record time of the newest entry
    std::optional<StoredCheckpoint> checkpoint_;
    bool outcome_unknown_{false};       ///< a commit failed or work threw: what took hold is only known after reading again
    mutable std::mutex trouble_mutex_;  ///< for trouble_ alone: /health must answer while a write hangs
    WriterTrouble trouble_;
};

}  // namespace stemma::engine
