// What the core needs from Stemma's own database: the ledger's rows, the read models projected from them, and the little state
// that is not in the ledger (persons' names, sync cursors, rejects). One contract suite (tests/contract) holds for every engine.
//
// Sequence numbers are dense from 0. Entry bytes are kept exactly as given. Everything a UnitOfWork wrote becomes visible
// together at commit() or not at all. Errors are Errc::storage with where "sql:<statement>", Errc::unavailable when the engine is busy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/domain/entry.hpp"

namespace stemma {

/// A ledger row: the bytes are the truth, the leaf hash is SHA-256(0x00 ‖ bytes) (RFC 6962 section 2.1).
struct StoredEntry {
    Sequence sequence{0};
    std::string bytes;
    std::string leaf_hash;   ///< lower-case hex as stored; not trusted by verify
    std::string chain_hash;  ///< hex SHA-256(chain hash of the entry before ‖ leaf hash), raw bytes, 32 zero bytes before entry 0;
                             ///< lets verify name the very entry that was moved, where the signed tree only names its commit group
};

/// A row as the database hands it out: the texts live until the visit is over.
struct EntryView {
    Sequence sequence{0};
    std::string_view bytes;
    std::string_view leaf_hash;  ///< as in StoredEntry
};
using EntryVisitor = std::function<void(const EntryView&)>;
/// An entry that was found for the `place`-th of the ids that were asked for.
using PlacedEntryVisitor = std::function<void(std::size_t place, const EntryView&)>;

/// A signed checkpoint (C2SP tlog-checkpoint) over the first `size` entries.
struct StoredCheckpoint {
    std::uint64_t size{0};
    std::string note;
};

/// Name and contact of a party. Lives outside the ledger so that it can be redacted; the ledger holds its salted digest.
struct Person {
    PartyId party;
    std::string name;
    std::string contact;
    std::string salt;  ///< hex
};

/// Read model: the newest master record of a subject, and what it is.
struct SubjectRow {
    Subject::Kind kind{Subject::Kind::item};
    std::string id;
    std::optional<Sequence> master;  ///< sequence of its newest master record, absent when known from events alone
};

/// Read model: one identifier of an item, or of a product, whose id is that of its stock without lots, as found by a search.
struct IdentifierRow {
    ItemId item;
    Identifier identifier;
    friend bool operator==(const IdentifierRow&, const IdentifierRow&) = default;
};

/// Read model: the newest entry that a source row led to.
struct SourceRowState {
    SourceRow row;
    Sequence sequence{0};
    EventId event;             ///< empty for master records
    std::uint32_t version{1};  ///< how many times the row's content has been recorded
};

/// Read model: where an event id stands, and whether a later entry declared it wrong.
struct EventRow {
    Sequence sequence{0};
    std::optional<Sequence> voided_by;
};

/// Read model: what a command with this idempotency key led to.
struct CommandRow {
    std::string digest;
    Sequence first{0};
    std::uint64_t count{0};
};

/// What one entry changes in the read models; made by engine/project, written by the store as it is.
struct ReadModelChange {
    Sequence sequence{0};
    std::vector<Subject> touched;                                 ///< subject -> entry index rows
    std::optional<Subject> master;                                ///< this entry is the newest master record of that subject
    std::optional<ItemId> identifiers_of;                         ///< replace this item's identifiers by `identifiers`
    std::vector<std::pair<Identifier, std::string>> identifiers;  ///< with their search form
    std::optional<EventId> event;                                 ///< a new event id
    std::optional<EventId> voids;                                 ///< an event id that this entry declares wrong
    std::optional<SourceRowState> source;
    std::optional<std::pair<std::string, std::string>> command;  ///< key, digest
    std::optional<CaseState> case_state;
};

/// How far a source has been read, and how it stands. Not a read model: rebuild leaves it alone.
struct SourceState {
    std::string source;
    std::string query;      ///< "" = the source as a whole
    std::string cursor;     ///< the adapter's own text; "" = from the beginning. Of the source as a whole: time of its last full reading
    std::string paused;     ///< why the mapping is paused; "" = it runs
    Instant read_at;        ///< end of the last reading
    std::uint64_t rows{0};  ///< rows read by the last reading
};

/// A source row that could not become a record. Stops no other row.
struct RejectRow {
    std::string source;
    std::string query;
    std::string key;
    std::string table;
    std::string reason;
    Instant at;
};

/// What is known of who may act: a user with the hash of the password, a token's hash, a command that waits for a second person. Outside
/// the ledger, since hashes and names of persons must not stand there; each change of it comes with a ledger entry that says so.
struct AccessRow {
    std::string kind;     ///< "user", "token", "approval"
    std::string id;       ///< unique within its kind
    std::string content;  ///< JSON of engine/access_records
    friend bool operator==(const AccessRow&, const AccessRow&) = default;
};

/// One consistent view. One thread at a time.
class ReadSnapshot {
public:
    virtual ~ReadSnapshot() = default;

    // ledger
    [[nodiscard]] virtual Result<Sequence> size() = 0;                                                        ///< number of entries
    [[nodiscard]] virtual Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) = 0;  ///< fewer at the end
    /// The same entries one by one, without copies where the engine can.
    [[nodiscard]] virtual Result<void> visit_entries(Sequence first, std::uint64_t count, const EntryVisitor& visit) {
        const auto rows = entries(first, count);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) visit({row.sequence, row.bytes, row.leaf_hash});
        return {};
    }
    [[nodiscard]] virtual Result<std::vector<StoredEntry>> entries_at(
        const std::vector<Sequence>& sequences) = 0;  ///< in that order; Errc::not_found
    [[nodiscard]] virtual Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) = 0;  ///< hex as stored
    [[nodiscard]] virtual Result<std::optional<StoredCheckpoint>> latest_checkpoint() = 0;
    [[nodiscard]] virtual Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count) = 0;  ///< by size

    // read models
    [[nodiscard]] virtual Result<std::optional<SubjectRow>> subject(const std::string& id) = 0;
    /// The entries of the newest master records of many subjects, each shown once for each time it is asked for, in any order; ids without
    /// one are passed over. As subject() and entries_at() tell of each, in fewer steps where the engine can. No id is null.
    [[nodiscard]] virtual Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) {
        for (std::size_t place = 0; place < ids.size(); ++place) {
            const auto row = subject(*ids[place]);
            if (!row) return std::unexpected(row.error());
            if (!*row || !(*row)->master) continue;
            const auto entry = entries_at({*(*row)->master});
            if (!entry) return std::unexpected(entry.error());
            visit(place, {entry->front().sequence, entry->front().bytes, entry->front().leaf_hash});
        }
        return {};
    }
    /// Sequences of entries that touch a subject, below `before`, ascending, at most `limit` (the newest ones).
    [[nodiscard]] virtual Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit) = 0;
    /// Sequences of entries that touch a subject, in [from, before), ascending.
    [[nodiscard]] virtual Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before) = 0;
    /// Subjects of one kind in order of first appearance, after the `after`-th.
    [[nodiscard]] virtual Result<std::vector<SubjectRow>> subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) = 0;
    /// Identifiers whose search form equals `form`, or begins with it.
    [[nodiscard]] virtual Result<std::vector<IdentifierRow>> find_identifiers(const std::string& form, bool prefix,
                                                                              std::uint64_t limit) = 0;
    [[nodiscard]] virtual Result<std::optional<EventRow>> event(const EventId& id) = 0;
    [[nodiscard]] virtual Result<std::optional<SourceRowState>> source_row(const std::string& source, const std::string& query,
                                                                           const std::string& key) = 0;
    /// Keys of a query whose newest entry is not a vanishing, in key order, after `after`.
    [[nodiscard]] virtual Result<std::vector<std::string>> source_keys(const std::string& source, const std::string& query,
                                                                       const std::string& after, std::uint64_t limit) = 0;
    [[nodiscard]] virtual Result<std::optional<CommandRow>> command(const std::string& key) = 0;
    [[nodiscard]] virtual Result<std::optional<CaseState>> case_state(const CaseId& id) = 0;
    [[nodiscard]] virtual Result<std::vector<CaseState>> cases(const std::string& workflow,
                                                               std::uint64_t limit) = 0;  ///< "" = all; newest first
    /// Digest over all read-model rows in key order: equal before and after a rebuild.
    [[nodiscard]] virtual Result<Digest> read_model_digest() = 0;

    // state outside the ledger
    [[nodiscard]] virtual Result<std::optional<Person>> person(const PartyId& party) = 0;
    /// Persons in order of their party's id, after `after`.
    [[nodiscard]] virtual Result<std::vector<Person>> persons(const std::string& after, std::uint64_t limit) = 0;
    [[nodiscard]] virtual Result<std::vector<SourceState>> source_states() = 0;
    [[nodiscard]] virtual Result<std::vector<RejectRow>> rejects(const std::string& source, std::uint64_t limit) = 0;  ///< "" = all sources
    [[nodiscard]] virtual Result<std::vector<AccessRow>> access_rows() = 0;  ///< in order of kind and id
};

/// The writer's transaction; reads see its own writes. Destroyed without commit() = rolled back.
class UnitOfWork : public ReadSnapshot {
public:
    virtual Result<void> append(const StoredEntry& entry) = 0;  ///< the sequence must be the next one
    virtual Result<void> apply(const ReadModelChange& change) = 0;
    virtual Result<void> put_checkpoint(const StoredCheckpoint& checkpoint) = 0;
    virtual Result<void> put_person(const Person& person) = 0;  ///< replaces
    virtual Result<void> redact_person(const PartyId& party) = 0;
    virtual Result<void> put_source_state(const SourceState& state) = 0;
    virtual Result<void> put_reject(const RejectRow& reject) = 0;  ///< replaces the one with the same source, query and key
    virtual Result<void> clear_reject(const std::string& source, const std::string& query, const std::string& key) = 0;
    virtual Result<void> put_access(const AccessRow& row) = 0;  ///< replaces the one with the same kind and id
    virtual Result<void> remove_access(const std::string& kind, const std::string& id) = 0;
    virtual Result<void> drop_read_models() = 0;
    /// Parts let several commands share a unit: what one of them wrote can be taken back alone. A unit begins with its first part.
    /// Begins a new part; the writes of the part before stay.
    virtual Result<void> begin_part() = 0;
    /// Takes back what was written in this part, a change that failed included; the unit goes on, with an empty part. After an error here
    /// the unit is over.
    virtual Result<void> undo_part() = 0;
    virtual Result<void> commit() = 0;  ///< durable when it returns; an error leaves the outcome unknown: re-read by key
};

/// What an engine says of its own settings, by the name it gives them; "engine" is one of sqlite, postgresql. Empty: nothing to be said.
using StoreSettings = std::map<std::string, std::string>;

/// Who writes the ledger. Of all programs that have a store open on one ledger, one has the seat; the others read.
struct Seat {
    bool held{true};         ///< by this store
    std::string holder{};    ///< else who has it, in words; "" = nobody is known
    std::uint64_t taken{0};  ///< how often this store has taken it: another number, and others may have written in between
};

class Store {
public:
    virtual ~Store() = default;
    /// Takes the seat, or looks whether it is still had; waits for nobody. Once lost (with its connection), it is never taken again by
    /// itself: begin() fails until this is called, and who has it anew reads what others wrote meanwhile. Nothing of what was begun under
    /// a seat before is still under way then. Errors: Errc::unavailable.
    [[nodiscard]] virtual Result<Seat> take_seat() { return Seat{}; }
    /// Leaves the seat to others: who cannot use it must not keep it. Without it, nothing happens.
    virtual void leave_seat() {}
    /// The single writer. Waits at most the busy timeout, then Errc::unavailable; so it fails without the seat.
    [[nodiscard]] virtual Result<std::unique_ptr<UnitOfWork>> begin() = 0;
    /// A reader; any number at once, each on its own connection. Any thread.
    [[nodiscard]] virtual Result<std::unique_ptr<ReadSnapshot>> read() = 0;
    /// The engine's own check of its file: empty when sound, else what it says ("file damaged: ...").
    [[nodiscard]] virtual Result<std::vector<std::string>> check_integrity() = 0;
    /// One line for doctor: engine, version, file, journal and sync mode.
    [[nodiscard]] virtual Result<std::string> describe() = 0;
    /// For the durability doctor: what decides whether a commit survives (core/engine/durability.hpp). Reads the engine each time.
    [[nodiscard]] virtual Result<StoreSettings> settings() { return StoreSettings{}; }
};

}  // namespace stemma
