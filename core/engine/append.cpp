#include "core/engine/append.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/project.hpp"
#include "core/engine/stored.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kLoadPage = 5000;  ///< entries read at once at start

}  // namespace

Sequence Appending::position() const noexcept { return head_.size(); }

Result<Sequence> Appending::add(Entry entry) {
    entry.recorded_at = recorded_at_;
    if (Event* event = std::get_if<Event>(&entry.body)) *event = normalised(std::move(*event));
    std::optional<SourceRowState> previous;
    if (entry.source) {
        auto known = unit_.source_row(entry.source->source, entry.source->query, entry.source->key);
        if (!known) return std::unexpected(known.error());
        previous = *std::move(known);
    }
    const StoredEntry row = head_.next(encode(entry));
    if (auto appended = unit_.append(row); !appended) return std::unexpected(appended.error());
    if (auto applied = unit_.apply(project(row.sequence, entry, previous)); !applied) return std::unexpected(applied.error());
    added_.emplace_back(row.sequence, std::move(entry));
    return row.sequence;
}

Appender::Appender(Store& store, lineage::Index& index, const Clock& clock, Seal seal)
    : store_{store}, index_{index}, clock_{clock}, seal_{std::move(seal)} {}

Result<void> Appender::load() {
    const std::lock_guard lock{mutex_};
    return load_locked();
}

Result<void> Appender::load_locked() {
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    auto head = LedgerHead::load(**snapshot);
    if (!head) return std::unexpected(head.error());
    head_ = *std::move(head);
    const auto latest = (*snapshot)->latest_checkpoint();
    if (!latest) return std::unexpected(latest.error());
    checkpoint_ = *latest;
    if (auto checked = check_outside(); !checked) return checked;
    return load_index(**snapshot);
}

/// The copy outside the database may lag by one commit (a stop between commit and copy); it may never be ahead.
Result<void> Appender::check_outside() {
    const auto note = seal_.outside.read();
    if (!note) return std::unexpected(note.error());
    if (*note) {
        const auto outside = open_checkpoint(**note, note_key());
        if (!outside)
            return fail(Errc::storage,
                        "the checkpoint outside the database is damaged or signed by another key: " + outside.error().message,
                        seal_.outside.path(), "run: stemma ledger verify");
        if (outside->size > head_.size())
            return fail(
                Errc::storage,
                fmt::format("the ledger has {} entries, but its checkpoint outside the database covers {}: entries were cut off, or an old "
                            "backup was restored",
                            head_.size(), outside->size),
                seal_.outside.path(), "run: stemma ledger verify");
    }
    if (checkpoint_ && (!*note || **note != checkpoint_->note)) return seal_.outside.write(checkpoint_->note);
    return {};
}

Result<void> Appender::load_index(ReadSnapshot& snapshot) {
    for (Sequence first = index_.position(); first < head_.size();) {
        const auto rows = snapshot.entries(first, kLoadPage);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) {
            const Result<Entry> entry = decode_stored(row);
            if (!entry) return std::unexpected(entry.error());
            index_.apply(row.sequence, *entry);
            newest_ = std::max(newest_, entry->recorded_at);
        }
        first += rows->size();
        if (rows->empty()) break;
    }
    return {};
}

StoredCheckpoint Appender::sign() const { return {head_.size(), sign_checkpoint({seal_.origin, head_.size(), head_.root()}, seal_.key)}; }

Result<void> Appender::run(const std::function<Result<void>(Appending&)>& work) {
    const std::lock_guard lock{mutex_};
    if (outcome_unknown_) {
        if (auto loaded = load_locked(); !loaded) return loaded;
        outcome_unknown_ = false;
    }
    const LedgerHead::Mark mark = head_.mark();
    Result<void> done = run_locked(work);
    if (!done) head_.reset(mark);
    return done;
}

Result<void> Appender::run_locked(const std::function<Result<void>(Appending&)>& work) {
    auto unit = store_.begin();
    if (!unit) return std::unexpected(unit.error());
    // The ledger's order never runs backwards, whatever the clock does.
    Appending tx{**unit, head_, std::max(clock_.now(), newest_)};
    if (auto worked = work(tx); !worked) return worked;
    if (tx.added_.empty()) return (*unit)->commit();
    StoredCheckpoint checkpoint = sign();
    if (auto put = (*unit)->put_checkpoint(checkpoint); !put) return put;
    if (auto committed = (*unit)->commit(); !committed) {
        outcome_unknown_ = true;
        return committed;
    }
    newest_ = tx.recorded_at_;
    checkpoint_ = std::move(checkpoint);
    publish(tx.added_);
    return {};
}

/// After the commit: nothing here may fail the command that is already durable.
void Appender::publish(const std::vector<std::pair<Sequence, Entry>>& added) {
    for (const auto& [sequence, entry] : added) index_.apply(sequence, entry);
    if (auto written = seal_.outside.write(checkpoint_->note); !written)
        log::error("LEDGER_CHECKPOINT_FILE_FAILED", written.error().text());
}

std::optional<StoredCheckpoint> Appender::checkpoint() const {
    const std::lock_guard lock{mutex_};
    return checkpoint_;
}

MerkleTree Appender::tree() const {
    const std::lock_guard lock{mutex_};
    return head_.tree();
}

Result<Proof> Appender::inclusion_proof(std::uint64_t index, std::uint64_t size) const {
    const MerkleTree copy = tree();
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return copy.inclusion_proof(index, size, leaves_of(**snapshot));
}

Result<Proof> Appender::consistency_proof(std::uint64_t old_size, std::uint64_t size) const {
    const MerkleTree copy = tree();
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return copy.consistency_proof(old_size, size, leaves_of(**snapshot));
}

Result<Digest> Appender::root(std::uint64_t size) const {
    const MerkleTree copy = tree();
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return copy.root(size, leaves_of(**snapshot));
}

}  // namespace stemma::engine
