// The reading half of the port over one session, for a snapshot and for a unit of work of any engine.
#pragma once

#include "adapters/store/tables/read_model_tables.hpp"
#include "adapters/store/tables/state_tables.hpp"

namespace stemma::store {

/// `LedgerRows` reads the ledger's rows as its engine does best.
template <class Port, class LedgerRows>
class Reading : public Port {
public:
    explicit Reading(sql::Session& session) noexcept : ledger_{session}, models_{session}, state_{session} {}

    Result<Sequence> size() override { return ledger_.size(); }
    Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) override { return ledger_.entries(first, count); }
    Result<void> visit_entries(Sequence first, std::uint64_t count, const EntryVisitor& visit) override {
        return ledger_.visit_entries(first, count, visit);
    }
    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences) override { return ledger_.entries_at(sequences); }
    Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) override { return ledger_.leaf_hashes(first, count); }
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override { return ledger_.latest_checkpoint(); }
    Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count) override {
        return ledger_.checkpoints(size_from, count);
    }

    Result<std::optional<SubjectRow>> subject(const std::string& id) override { return models_.subject(id); }
    Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) override {
        return models_.visit_masters(ids, visit);
    }
    Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit) override {
        return models_.subject_entries(id, before, limit);
    }
    Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before) override {
        return models_.subject_entries_from(id, from, before);
    }
    Result<std::vector<SubjectRow>> subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit) override {
        return models_.subjects(kind, after, limit);
    }
    Result<std::vector<IdentifierRow>> find_identifiers(const std::string& form, bool prefix, std::uint64_t limit) override {
        return models_.find_identifiers(form, prefix, limit);
    }
    Result<std::optional<EventRow>> event(const EventId& id) override { return models_.event(id); }
    Result<std::optional<SourceRowState>> source_row(const std::string& source, const std::string& query, const std::string& key) override {
        return models_.source_row(source, query, key);
    }
    Result<std::vector<std::string>> source_keys(const std::string& source, const std::string& query, const std::string& after,
                                                 std::uint64_t limit) override {
        return models_.source_keys(source, query, after, limit);
    }
    Result<std::optional<CommandRow>> command(const std::string& key) override { return models_.command(key); }
    Result<std::optional<CaseState>> case_state(const CaseId& id) override { return models_.case_state(id); }
    Result<std::vector<CaseState>> cases(const std::string& workflow, std::uint64_t limit) override {
        return models_.cases(workflow, limit);
    }
    Result<Digest> read_model_digest() override { return models_.digest(); }

    Result<std::optional<Person>> person(const PartyId& party) override { return state_.person(party); }
    Result<std::vector<Person>> persons(const std::string& after, std::uint64_t limit) override { return state_.persons(after, limit); }
    Result<std::vector<SourceState>> source_states() override { return state_.source_states(); }
    Result<std::vector<RejectRow>> rejects(const std::string& source, std::uint64_t limit) override {
        return state_.rejects(source, limit);
    }
    Result<std::vector<AccessRow>> access_rows() override { return state_.access_rows(); }

protected:
    LedgerRows ledger_;
    ReadModelTables models_;
    StateTables state_;
};

}  // namespace stemma::store
