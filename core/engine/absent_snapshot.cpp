#include "core/engine/absent_snapshot.hpp"

#include <utility>

namespace stemma::engine {
namespace {

class AbsentSnapshot final : public ReadSnapshot {
public:
    explicit AbsentSnapshot(Error why) : why_{std::move(why)} {}

    Result<Sequence> size() override { return no(); }
    Result<std::vector<StoredEntry>> entries(Sequence, std::uint64_t) override { return no(); }
    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>&) override { return no(); }
    Result<std::vector<std::string>> leaf_hashes(Sequence, std::uint64_t) override { return no(); }
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override { return no(); }
    Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t, std::uint64_t) override { return no(); }
    Result<std::optional<SubjectRow>> subject(const std::string&) override { return no(); }
    Result<void> visit_masters(std::span<const std::string* const>, const PlacedEntryVisitor&) override { return no(); }
    Result<std::vector<Sequence>> subject_entries(const std::string&, Sequence, std::uint64_t) override { return no(); }
    Result<std::vector<Sequence>> subject_entries_from(const std::string&, Sequence, Sequence) override { return no(); }
    Result<std::vector<SubjectRow>> subjects(Subject::Kind, std::uint64_t, std::uint64_t) override { return no(); }
    Result<std::vector<IdentifierRow>> find_identifiers(const std::string&, bool, std::uint64_t) override { return no(); }
    Result<std::optional<EventRow>> event(const EventId&) override { return no(); }
    Result<std::optional<SourceRowState>> source_row(const std::string&, const std::string&, const std::string&) override { return no(); }
    Result<std::vector<std::string>> source_keys(const std::string&, const std::string&, const std::string&, std::uint64_t) override {
        return no();
    }
    Result<std::optional<CommandRow>> command(const std::string&) override { return no(); }
    Result<std::optional<CaseState>> case_state(const CaseId&) override { return no(); }
    Result<std::vector<CaseState>> cases(const std::string&, std::uint64_t) override { return no(); }
    Result<Digest> read_model_digest() override { return no(); }
    Result<std::optional<Person>> person(const PartyId&) override { return no(); }
    Result<std::vector<Person>> persons(const std::string&, std::uint64_t) override { return no(); }
    Result<std::vector<SourceState>> source_states() override { return no(); }
    Result<std::vector<RejectRow>> rejects(const std::string&, std::uint64_t) override { return no(); }
    Result<std::vector<AccessRow>> access_rows() override { return no(); }

private:
    [[nodiscard]] std::unexpected<Error> no() const { return std::unexpected(why_); }

    Error why_;
};

}  // namespace

std::unique_ptr<ReadSnapshot> absent_snapshot(Error why) { return std::make_unique<AbsentSnapshot>(std::move(why)); }

}  // namespace stemma::engine
