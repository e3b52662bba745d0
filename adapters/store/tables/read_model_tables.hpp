// The read models, as they are asked. See schemas/db/sqlite/0002_read_models.sql.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "adapters/store/tables/tables.hpp"

namespace stemma::store {

class ReadModelTables : public Tables {
public:
    using Tables::Tables;

    [[nodiscard]] Result<std::optional<SubjectRow>> subject(const std::string& id);
    [[nodiscard]] Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit);
    [[nodiscard]] Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit);
    [[nodiscard]] Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before);
    [[nodiscard]] Result<std::vector<SubjectRow>> subjects(Subject::Kind kind, std::uint64_t after, std::uint64_t limit);
    [[nodiscard]] Result<std::vector<IdentifierRow>> find_identifiers(const std::string& form, bool prefix, std::uint64_t limit);
    [[nodiscard]] Result<std::optional<EventRow>> event(const EventId& id);
    [[nodiscard]] Result<std::optional<SourceRowState>> source_row(const std::string& source, const std::string& query,
                                                                   const std::string& key);
    [[nodiscard]] Result<std::vector<std::string>> source_keys(const std::string& source, const std::string& query,
                                                               const std::string& after, std::uint64_t limit);
    [[nodiscard]] Result<std::optional<CommandRow>> command(const std::string& key);
    [[nodiscard]] Result<std::optional<CaseState>> case_state(const CaseId& id);
    [[nodiscard]] Result<std::vector<CaseState>> cases(const std::string& workflow, std::uint64_t limit);

    /// SHA-256 over every row in key order, each value with its length; no internal id is in it.
    [[nodiscard]] Result<Digest> digest();  // read_model_digest.cpp

private:
    [[nodiscard]] Result<void> read_fields(CaseState& state);
};

}  // namespace stemma::store
