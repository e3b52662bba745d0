// Persons, sync cursors, rejects and who may act: what a rebuild leaves alone.
#pragma once

#include <optional>
#include <vector>

#include "adapters/store/tables/tables.hpp"

namespace stemma::store {

class StateTables : public Tables {
public:
    using Tables::Tables;

    [[nodiscard]] Result<std::optional<Person>> person(const PartyId& party);
    [[nodiscard]] Result<std::vector<Person>> persons(const std::string& after, std::uint64_t limit);
    [[nodiscard]] Result<std::vector<SourceState>> source_states();
    [[nodiscard]] Result<std::vector<RejectRow>> rejects(const std::string& source, std::uint64_t limit);
    [[nodiscard]] Result<std::vector<AccessRow>> access_rows();

    [[nodiscard]] Result<void> put_person(const Person& person);
    [[nodiscard]] Result<void> redact_person(const PartyId& party);
    [[nodiscard]] Result<void> put_source_state(const SourceState& state);
    [[nodiscard]] Result<void> put_reject(const RejectRow& reject);
    [[nodiscard]] Result<void> clear_reject(const std::string& source, const std::string& query, const std::string& key);
    [[nodiscard]] Result<void> put_access(const AccessRow& row);
    [[nodiscard]] Result<void> remove_access(const std::string& kind, const std::string& id);
};

}  // namespace stemma::store
