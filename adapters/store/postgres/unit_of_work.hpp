// A unit of work on PostgreSQL: what it writes is gathered, part by part, and written when somebody is about to read it, when much waits,
// or at the commit. Reads of what waits are answered from there where they are frequent; all others write it first.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "adapters/store/postgres/batch.hpp"
#include "adapters/store/postgres/batch_writer.hpp"
#include "adapters/store/postgres/ledger_tables.hpp"
#include "adapters/store/postgres/reading.hpp"
#include "adapters/store/postgres/writer_session.hpp"

namespace stemma::store::postgres {

/// Gives the writer's turn within this program back.
struct GiveBack {
    void operator()(WriterSession* writer) const noexcept { writer->turn.release(); }
};
using Turn = std::unique_ptr<WriterSession, GiveBack>;

class Work final : public Reading<UnitOfWork> {
public:
    Work(Turn turn, sql::Transaction transaction, Sequence next);
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() override;

    Result<Sequence> size() override { return next_; }
    Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) override;
    Result<void> visit_entries(Sequence first, std::uint64_t count, const EntryVisitor& visit) override;
    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences) override;
    Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) override;
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override;
    Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count) override;
    Result<std::optional<SubjectRow>> subject(const std::string& id) override;
    Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) override;
    Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit) override;
    Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before) override;
    Result<std::vector<SubjectRow>> subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) override;
    Result<std::vector<IdentifierRow>> find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) override;
    Result<std::optional<EventRow>> event(const EventId& id) override;
    Result<std::optional<SourceRowState>> source_row(const std::string& source, const std::string& query, const std::string& key) override;
    Result<std::vector<std::string>> source_keys(const std::string& source, const std::string& query, const std::string& after,
                                                 std::uint64_t limit) override;
    Result<std::optional<CommandRow>> command(const std::string& key) override;
    Result<std::optional<CaseState>> case_state(const CaseId& id) override;
    Result<std::vector<CaseState>> cases(const std::string& workflow, std::uint64_t limit) override;
    Result<Digest> read_model_digest() override;
    Result<std::optional<Person>> person(const PartyId& party) override;
    Result<std::vector<Person>> persons(const std::string& after, std::uint64_t limit) override;
    Result<std::vector<SourceState>> source_states() override;
    Result<std::vector<RejectRow>> rejects(const std::string& source, std::uint64_t limit) override;
    Result<std::vector<AccessRow>> access_rows() override;

    Result<void> append(const StoredEntry& entry) override;
    Result<void> apply(const ReadModelChange& what) override;
    Result<void> put_checkpoint(const StoredCheckpoint& checkpoint) override;
    Result<void> put_person(const Person& person) override;
    Result<void> redact_person(const PartyId& party) override;
    Result<void> put_source_state(const SourceState& state) override;
    Result<void> put_reject(const RejectRow& reject) override;
    Result<void> clear_reject(const std::string& source, const std::string& query, const std::string& key) override;
    Result<void> put_access(const AccessRow& row) override;
    Result<void> remove_access(const std::string& kind, const std::string& id) override;
    Result<void> drop_read_models() override;
    Result<void> begin_part() override;
    Result<void> undo_part() override;
    Result<void> commit() override;

private:
    using Base = Reading<UnitOfWork>;

    /// Does one change, unless the unit is over. The first failure ends it, until the part is taken back: half of a change is never
    /// committed.
    template <class Act>
    [[nodiscard]] Result<void> change(Act&& act) {
        if (over_) return std::unexpected(*over_);
        wrote_ = true;
        auto done = act();
        if (done && part_.rows() + part_.bytes / kBytesPerRow >= kRowsMax) done = settle();
        if (!done) over_ = done.error();
        return done;
    }
    /// Writes what waits, then reads.
    template <class Read>
    [[nodiscard]] auto settled(Read&& read) -> decltype(read()) {
        if (auto done = settle(); !done) return fail(std::move(done));
        return read();
    }
    [[nodiscard]] Result<void> settle();
    [[nodiscard]] Result<void> write_earlier();
    [[nodiscard]] Result<void> write_part();
    [[nodiscard]] Result<void> open_savepoint();
    void forget_names();
    [[nodiscard]] Result<void> run(const sql::Query& query);
    /// Reads that begin and end in the table need nothing written.
    [[nodiscard]] Result<void> settle_up_to(Sequence first, std::uint64_t count);

    [[nodiscard]] Result<NameRef> intern(Subject::Kind kind, const std::string& uri) { return intern(kind, uri, BatchNames::hash_of(uri)); }
    [[nodiscard]] Result<NameRef> intern(Subject::Kind kind, const std::string& uri, std::uint64_t hash);
    [[nodiscard]] Result<void> apply_subjects(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_identifiers(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_event(const ReadModelChange& change);
    [[nodiscard]] Result<void> apply_source(const SourceRowState& state);
    [[nodiscard]] Result<void> apply_command(Sequence sequence, const std::pair<std::string, std::string>& command);
    [[nodiscard]] Result<std::optional<EventRow>> known_event(const std::string& uri, std::uint64_t hash);

    static constexpr std::size_t kRowsMax = std::size_t{1} << 17;  ///< gathered rows of a part; then they are written
    static constexpr std::size_t kBytesPerRow = 512;               ///< of an entry, beyond which it counts as several rows

    Turn turn_;  // given back last
    sql::Transaction transaction_;
    BatchNames names_;
    BatchWriter writer_;
    Batch earlier_;  ///< of the parts before, in no table yet
    Batch part_;     ///< of this part, in no table yet
    Sequence next_;
    Sequence written_;              ///< entries in the table
    Sequence part_start_;           ///< next_ at the start of the part
    std::size_t part_names_{0};     ///< names at the start of the part
    std::int64_t part_subject_{0};  ///< next subject's number at the savepoint
    Sequence part_written_{0};      ///< written_ at the savepoint
    bool savepoint_{false};         ///< this part has rows in the tables, and a savepoint before them
    bool broken_{false};            ///< a statement failed: the transaction goes on from its savepoint alone
    bool wrote_{false};             ///< anything at all
    bool dropped_{false};           ///< this part dropped the read models
    bool committed_{false};
    std::optional<Error> over_{};                                               ///< why nothing more can be done
    std::unordered_map<std::string, std::optional<CommandRow>> commands_read_;  ///< as the tables have them
    std::unordered_set<std::size_t> masters_waiting_;                           ///< hashes of subjects whose master record waits
    std::string absent_event_;                                                  ///< the one that was looked for last and is not there
};

}  // namespace stemma::store::postgres
