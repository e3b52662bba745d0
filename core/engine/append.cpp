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
    if (auto checked = check_newest(); !checked) return checked;
    if (auto checked = check_outside(**snapshot); !checked) return checked;
    return load_index(**snapshot);
}

/// The newest checkpoint in the database is this key's and signs exactly the entries that are there.
Result<void> Appender::check_newest() const {
    const auto refuse = [](std::string why) { return fail(Errc::storage, std::move(why), {}, "run: stemma ledger verify"); };
    if (!checkpoint_) {
        if (head_.size() == 0) return {};
        return refuse(fmt::format("the ledger has {} entries and no signed checkpoint: its checkpoints were deleted", head_.size()));
    }
    const auto newest = open_checkpoint(checkpoint_->note, note_key());
    if (!newest) return refuse("the newest checkpoint in the database is damaged or signed by another key: " + newest.error().message);
    if (newest->size != head_.size())
        return refuse(fmt::format("the ledger has {} entries, its newest checkpoint signs {}", head_.size(), newest->size));
    if (newest->root != head_.root()) return refuse("the ledger's entries are not those that its newest checkpoint signs");
    return {};
}

/// The copy outside the database may lag by one commit (a stop between commit and copy); it may never be ahead, nor of another history.
Result<void> Appender::check_outside(ReadSnapshot& snapshot) {
    const auto refuse = [&](std::string why) {
        return fail(Errc::storage, std::move(why), seal_.outside.path(), "run: stemma ledger verify");
    };
    const auto note = seal_.outside.read();
    if (!note) return std::unexpected(note.error());
    if (*note) {
        const auto outside = open_checkpoint(**note, note_key());
        if (!outside) return refuse("the checkpoint outside the database is damaged or signed by another key: " + outside.error().message);
        if (outside->size > head_.size())
            return refuse(
                fmt::format("the ledger has {} entries, but its checkpoint outside the database covers {}: entries were cut off, or an old "
                            "backup was restored",
                            head_.size(), outside->size));
        const auto root = head_.tree().root(outside->size, leaves_of(snapshot));
        if (!root) return std::unexpected(root.error());
        if (*root != outside->root)
            return refuse(
                fmt::format("the ledger's first {} entries are not those that its checkpoint outside the database signs", outside->size));
    } else if (checkpoint_) {
        log::warn("LEDGER_CHECKPOINT_FILE_MISSING",
                  fmt::format("{} is not there and is written again; that entries were cut off while it was gone cannot be excluded",
                              seal_.outside.path()));
    }
    if (checkpoint_ && (!*note || **note != checkpoint_->note)) copy_outside();
    return {};
}

Result<void> Appender::load_index(ReadSnapshot& snapshot) {
    for (Sequence first = index_.position(); first < head_.size();) {
        const auto rows = snapshot.entries(first, kLoadPage);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) {
            if (to_hex(leaf_hash(row.bytes)) != row.leaf_hash)
                return fail(Errc::storage, fmt::format("entry {} was changed: its bytes do not give its leaf hash", row.sequence), {},
                            "run: stemma ledger verify");
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
        if (auto loaded = load_locked(); !loaded) {
            tell_trouble(loaded);
            return loaded;
        }
        outcome_unknown_ = false;
    }
    const LedgerHead::Mark mark = head_.mark();
    bool commit_failed = false;
    outcome_unknown_ = true;  // an exception leaves it so
    Result<void> done = run_locked(work, commit_failed);
    outcome_unknown_ = commit_failed;
    if (!done) head_.reset(mark);
    tell_trouble(done);
    return done;
}

/// Keeps for /health what a disk or database refused. Refusals of the work itself say nothing about either.
void Appender::tell_trouble(const Result<void>& done) {
    const bool broken = !done && (done.error().code == Errc::storage || done.error().code == Errc::unavailable);
    if (!done && !broken) return;
    const std::lock_guard lock{trouble_mutex_};
    if (broken && trouble_.store.empty()) log::error("LEDGER_WRITE_FAILED", done.error().text());
    if (!broken && !trouble_.store.empty()) log::info("LEDGER_WRITE_RESUMED", "entries are recorded again");
    trouble_.store = broken ? "the last write failed: " + done.error().text() : "";
}

WriterTrouble Appender::trouble() const {
    const std::lock_guard lock{trouble_mutex_};
    return trouble_;
}

Result<void> Appender::run_locked(const std::function<Result<void>(Appending&)>& work, bool& commit_failed) {
    auto unit = store_.begin();
    if (!unit) return std::unexpected(unit.error());
    // The ledger's order never runs backwards, whatever the clock does.
    dates_.begin_unit(head_.size());
    Appending tx{**unit, head_, dates_, std::max(clock_.now(), newest_)};
    if (auto worked = work(tx); !worked) return worked;
    if (tx.added_.empty()) return (*unit)->commit();
    StoredCheckpoint checkpoint = sign();
    if (auto put = (*unit)->put_checkpoint(checkpoint); !put) return put;
    if (auto committed = (*unit)->commit(); !committed) {
        commit_failed = true;
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
    copy_outside();
}

/// The copy may lag, so that it cannot be written stops neither a command nor a start: on a full disk questions are still answered.
void Appender::copy_outside() {
    const auto written = seal_.outside.write(checkpoint_->note);
    if (!written) log::error("LEDGER_CHECKPOINT_FILE_FAILED", written.error().text());
    const std::lock_guard lock{trouble_mutex_};
    trouble_.checkpoint_file = written ? "" : written.error().text();
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
