#include "core/engine/append.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.hpp"
#include "core/engine/ledger_reading.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
Sequence Appending::position() const noexcept { return head_.size(); }

Result<Sequence> Appending::add(Entry entry) {
    entry.recorded_at = recorded_at_;
    return add(make_draft(std::move(entry)));
}

Result<Sequence> Appending::add(Draft draft, std::vector<Judgement> judgements, std::optional<std::uint32_t> version) {
    if (draft.entry.recorded_at != recorded_at_) draft.encoded.restate(recorded_at_);
    draft.entry.recorded_at = recorded_at_;
    if (!judgements.empty()) {
        draft.encoded.add_judgements(judgements);
        draft.entry.judgements = std::move(judgements);
    }
    draft.change.sequence = position();
    if (auto& source = draft.change.source) {
        if (!version) {
            const auto known = unit_.source_row(source->row.source, source->row.query, source->row.key);
            if (!known) return std::unexpected(known.error());
            version = *known ? (*known)->version + 1 : 1;
        }
        source->sequence = position();
        source->version = *version;
    }
    const Digest leaf = draft.encoded.leaf();
    const StoredEntry row = head_.next(std::move(draft.encoded).take(), leaf);
    if (auto appended = unit_.append(row); !appended) return std::unexpected(appended.error());
    if (auto applied = unit_.apply(draft.change); !applied) return std::unexpected(applied.error());
    added_.emplace_back(row.sequence, std::move(draft.entry));
    return row.sequence;
}

Appender::Appender(Store& store, lineage::Index& index, const Clock& clock, Seal seal)
    : store_{store}, index_{index}, clock_{clock}, seal_{std::move(seal)}, sealer_{seal_.outside}, writer_{[this] { write(); }} {}

Appender::~Appender() {
    if (keeper_) keeper_->stop();
    queue_.close();
    writer_.join();
}

Result<void> Appender::load() {
    const std::lock_guard lock{mutex_};
    index_.read_ledger_by(reader_of(store_));
    if (auto loaded = load_locked(); !loaded) return loaded;
    reserve_.take();
    keep_snapshots();
    return {};
}

Result<void> Appender::load_locked() {
    const auto snapshot = store_.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto latest = (*snapshot)->latest_checkpoint();
    if (!latest) return std::unexpected(latest.error());
    set_checkpoint(*latest);
    folds_.clear();
    return index_.position() == 0 ? start(**snapshot) : catch_up(**snapshot);
}

/// Every entry is looked at once, from its row on: for its hash, the tree and the index.
Result<void> Appender::start(ReadSnapshot& ledger) {
    const auto size = ledger.size();
    if (!size) return std::unexpected(size.error());
    MerkleTree tree = snapshot_.load(index_, note_key(), ledger);
    snapshot_position_ = tree.size();
    if (snapshot_position_ != 0) {
        log::info("LINEAGE_SNAPSHOT_LOADED",
                  fmt::format("the lineage of {} entries was read from {}", snapshot_position_, snapshot_.file().string()));
        check_ = std::make_unique<LedgerCheck>(store_, snapshot_position_, tree.root());
    }
    const auto take = [&](Sequence sequence, const Digest& leaf, const Entry& entry) {
        tree.append(leaf);
        index_.apply(sequence, entry);
    };
    index_.take_in_many(true);
    auto read = read_ledger(ledger, tree.size(), *size, decoders_for_start(), take);
    index_.take_in_many(false);
    if (!read) return read;
    auto head = LedgerHead::load(ledger, std::move(tree));
    if (!head) return std::unexpected(head.error());
    head_ = *std::move(head);
    if (auto checked = check_signed(ledger); !checked) return checked;
    return load_newest_time(ledger);
}

/// After a commit whose outcome is not known: what the ledger has on top of what it had before.
Result<void> Appender::catch_up(ReadSnapshot& ledger) {
    LedgerHead::Mark mark = head_.mark();
    auto head = LedgerHead::load(ledger, head_.tree());
    if (!head) return std::unexpected(head.error());
    head_ = *std::move(head);
    if (auto checked = check_signed(ledger); !checked) {
        head_.reset(std::move(mark));
        return checked;
    }
    const auto take = [&](Sequence sequence, const Digest&, const Entry& entry) { take_in(sequence, entry); };
    index_.hold(true);
    auto read = read_ledger(ledger, index_.position(), head_.size(), 0, take);
    index_.hold(false);
    if (!read) return read;
    return load_newest_time(ledger);
}

Result<void> Appender::check_signed(ReadSnapshot& ledger) {
    if (auto checked = check_newest(); !checked) return checked;
    sealer_.flush();
    return check_outside(ledger);
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

/// The copy outside the database may lag by the commits of a moment (the sealer follows them); it may never be ahead, nor of another
/// history.
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
    // That the copy cannot be written stops no start: on a full disk questions are still answered.
    if (checkpoint_ && (!*note || **note != checkpoint_->note)) {
        sealer_.put(checkpoint_->note);
        sealer_.flush();
    }
    return {};
}

/// Record times never run backwards, so the last entry has the newest one, whoever read those before it.
Result<void> Appender::load_newest_time(ReadSnapshot& snapshot) {
    if (head_.size() == 0) return {};
    const auto rows = snapshot.entries_at({head_.size() - 1});
    if (!rows) return std::unexpected(rows.error());
    const Result<Entry> last = decode_stored(rows->front());
    if (!last) return std::unexpected(last.error());
    newest_ = std::max(newest_.load(), last->recorded_at.us);
    return {};
}

void Appender::keep_snapshots() {
    if (!snapshot_.kept() || snapshot_every_ == 0) return;
    const SnapshotKeeper::Sources sources{store_, index_, [this] { return tree(); }, [this] { return note_key(); }};
    keeper_ = std::make_unique<SnapshotKeeper>(sources, snapshot_, snapshot_every_, snapshot_position_);
    keeper_->note(head_.size());
}

Result<void> Appender::save_index() {
    if (keeper_) keeper_->stop();  // before the lock: it may wait for the tree
    const std::lock_guard lock{mutex_};
    if (keeper_) snapshot_position_ = keeper_->position();
    if (!snapshot_.kept() || outcome_unknown_ || index_.position() != head_.size() || snapshot_position_ == head_.size()) return {};
    if (auto saved = snapshot_.save(index_, head_.tree()); !saved) return saved;
    snapshot_position_ = head_.size();
    return {};
}

StoredCheckpoint Appender::sign() const { return {head_.size(), sign_checkpoint({seal_.origin, head_.size(), head_.root()}, seal_.key)}; }

Instant Appender::entry_time() const { return {std::max(clock_.now().us, newest_.load())}; }

void Appender::settle(Instant last) {
    const auto past = [&] { return std::min(last.us, clock_.now().us); };
    if (newest_ > past()) return;
    const std::lock_guard lock{mutex_};
    newest_ = std::max(newest_.load(), past() + 1);
}

Result<void> Appender::run(const Work& work, const Demand& demand) {
    if (const WriterRole now = role(); !now.writes) return std::unexpected(standby_error(now));
    WriterQueue::Command command{work, demand};
    if (auto taken = queue_.await(command); !taken) return taken;
    if (command.thrown) std::rethrow_exception(command.thrown);
    return std::move(command.result);
}

void Appender::write() {
    for (auto group = queue_.take(); !group.empty(); group = queue_.take()) {
        Appending::Added added;  // its texts are given back after the callers have gone on
        try {
            write_group(group, added);
        } catch (...) {  // what took hold is not known: outcome_unknown_ is set
            for (WriterQueue::Command* command : group) command->thrown = std::current_exception();
        }
        queue_.release(group);
    }
}

void Appender::write_group(const WriterQueue::Group& group, Appending::Added& added) {
    const std::lock_guard lock{mutex_};
    const Result<void> done = write_patiently(group, added);
    const std::optional<Error> trouble = tell_trouble(group, done);
    if (!done) {
        // Also those that were refused: what they were refused for may have been written by the group.
        for (WriterQueue::Command* command : group) command->result = std::unexpected(done.error());
    }
    if (!trouble)
        reserve_.take();
    else if (reserve_.give())
        record_full(*trouble);
}

Result<void> Appender::write_once(const WriterQueue::Group& group, Appending::Added& added, Reached& reached) {
    reached = Reached::nothing;
    Result<void> done = be_ready();
    if (done) {
        outcome_unknown_ = true;  // an exception leaves it so
        LedgerHead::Mark mark = head_.mark();
        try {
            done = write_locked(group, added, reached);
        } catch (...) {
            head_.reset(std::move(mark));
            throw;
        }
        if (!done) head_.reset(std::move(mark));
        outcome_unknown_ = !done && reached == Reached::commit;
    }
    if (!done && done.error().code == Errc::unavailable) seat_known_ = false;
    queue_.count_group(group, added.size(), done.has_value());
    if (!done) folds_.clear();
    if (!done || added.empty()) return done;
    publish(added);
    newest_ = added.back().second.recorded_at.us;  // not before the index knows them: settle()
    return done;
}

/// In the room that was kept back for it. Whether it succeeds or not, nothing more is written until there is space.
void Appender::record_full(const Error& why) {
    const Work work = [&](Appending& tx) -> Result<void> {
        Entry entry;
        entry.actor = "system";
        entry.body = SystemChange{"ledger", "disk_full", {{"error", why.text()}}};
        const auto added = tx.add(std::move(entry));
        return added ? Result<void>{} : std::unexpected(added.error());
    };
    const Demand demand;
    WriterQueue::Command command{work, demand};
    Appending::Added added;
    Reached reached{};
    if (const auto written = write_once({&command}, added, reached); !written || !command.result)
        log::warn("LEDGER_FULL_UNRECORDED", (written ? command.result : written).error().text());
}

/// Keeps for /health what a disk or database refused, and gives it. Refusals of the work itself say nothing about either.
std::optional<Error> Appender::tell_trouble(const WriterQueue::Group& group, const Result<void>& done) {
    const auto is_broken = [](const Result<void>& result) {
        return !result && (result.error().code == Errc::storage || result.error().code == Errc::unavailable);
    };
    const Result<void>* broken = is_broken(done) ? &done : nullptr;
    bool recorded = false;
    for (const WriterQueue::Command* command : group) {
        if (broken == nullptr && is_broken(command->result)) broken = &command->result;
        recorded = recorded || (done && command->result && !command->thrown);
    }
    if (broken == nullptr && !recorded) return std::nullopt;
    note_trouble(broken != nullptr ? &broken->error() : nullptr, recorded);
    return broken != nullptr ? std::optional{broken->error()} : std::nullopt;
}

/// Of a database that cannot be reached a connection is the end; of a disk that cannot be written, a record.
void Appender::note_trouble(const Error* broken, bool recorded) {
    const std::lock_guard lock{trouble_mutex_};
    if (broken == nullptr && !recorded && !store_away_) return;
    if (broken != nullptr && store_trouble_.empty()) log::error("LEDGER_WRITE_FAILED", broken->text());
    if (broken == nullptr && !store_trouble_.empty())
        log::info("LEDGER_WRITE_RESUMED", role_.writes ? "entries are recorded again" : "the store is there again; this daemon follows");
    store_trouble_ = broken != nullptr ? "the last write failed: " + broken->text() : "";
    store_away_ = broken != nullptr && broken->code == Errc::unavailable;
    if (!store_away_)
        away_since_ = {};
    else if (away_since_.us == 0)
        away_since_ = clock_.now();
}

WriterTrouble Appender::trouble() const {
    const std::lock_guard lock{trouble_mutex_};
    std::string store = store_trouble_;
    if (store.empty() && !role_.writes) store = standby_error(role_).message;
    return {std::move(store), away_since_, sealer_.trouble()};
}

Result<void> Appender::write_locked(const WriterQueue::Group& group, Appending::Added& added, Reached& reached) {
    auto unit = store_.begin();
    if (!unit) return std::unexpected(unit.error());
    reached = Reached::work;
    std::size_t records = 0;
    for (const WriterQueue::Command* command : group) records += command->demand.records;
    added.reserve(records);
    for (WriterQueue::Command* command : group)
        if (auto ran = run_part(**unit, *command, added); !ran) return ran;
    expected_size_ = head_.size();
    expected_root_ = head_.root();
    reached = Reached::commit;
    if (added.empty()) return (*unit)->commit();
    StoredCheckpoint checkpoint = sign();
    if (auto put = (*unit)->put_checkpoint(checkpoint); !put) return put;
    if (auto committed = (*unit)->commit(); !committed) return committed;
    reached = Reached::end;
    set_checkpoint(std::move(checkpoint));
    return {};
}

/// One command of a group. An error is the group's: it cannot go on.
Result<void> Appender::run_part(UnitOfWork& unit, WriterQueue::Command& command, Appending::Added& added) {
    if (auto begun = unit.begin_part(); !begun) return begun;
    LedgerHead::Mark mark = head_.mark();
    const std::size_t before = added.size();
    folds_.begin_unit(head_.size());
    // The ledger's order never runs backwards, whatever the clock does.
    const Instant newest = added.empty() ? Instant{newest_} : added.back().second.recorded_at;
    const Instant entered = command.demand.entered_at.us != 0 ? command.demand.entered_at : clock_.now();
    Appending tx{unit, head_, folds_, std::max(entered, newest), added};
    try {
        command.result = command.work(tx);
    } catch (...) {
        command.thrown = std::current_exception();
        folds_.clear();
    }
    if (command.result && !command.thrown && !tx.withdrawn_) return {};
    head_.reset(std::move(mark));
    added.erase(added.begin() + static_cast<std::ptrdiff_t>(before), added.end());
    auto undone = unit.undo_part();
    // A failure that the store cannot take back alone is the group's: its cause is told, not that there was nothing left to undo.
    return undone || command.thrown || command.result ? undone : command.result;
}

/// After the commit: nothing here may fail the commands that are already durable.
void Appender::publish(const Appending::Added& added) {
    try {
        index_.hold(true);  // meetings of one group read the ledger again once
        for (const auto& [sequence, entry] : added) take_in(sequence, entry);
        index_.hold(false);
    } catch (const std::exception& thrown) {
        outcome_unknown_ = true;  // the next group reads the ledger again, and the index with it
        log::error("LEDGER_INDEX_BEHIND", thrown.what());
    }
    sealer_.put(checkpoint()->note);
    if (keeper_) keeper_->note(head_.size());
}

void Appender::take_in(Sequence sequence, const Entry& entry) {
    const auto* change = std::get_if<SystemChange>(&entry.body);
    if (change != nullptr && change->subject == kAccess) access_changes_.fetch_add(1, std::memory_order_release);
    index_.apply(sequence, entry);
}

void Appender::set_checkpoint(std::optional<StoredCheckpoint> checkpoint) {
    const std::lock_guard lock{checkpoint_mutex_};
    checkpoint_ = std::move(checkpoint);
}

std::optional<StoredCheckpoint> Appender::checkpoint() const {
    const std::lock_guard lock{checkpoint_mutex_};
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
