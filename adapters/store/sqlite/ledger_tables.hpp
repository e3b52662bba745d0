// The ledger's rows and its checkpoints. Bytes and hashes pass through as they are: whether they are right is verify's business.
#pragma once

#include <optional>
#include <vector>

#include "adapters/store/tables/tables.hpp"

namespace stemma::store {

class LedgerTables : public Tables {
public:
    using Tables::Tables;

    [[nodiscard]] Result<Sequence> size();
    [[nodiscard]] Result<std::vector<StoredEntry>> entries(Sequence from, std::uint64_t count);
    [[nodiscard]] Result<void> visit_entries(Sequence from, std::uint64_t count, const EntryVisitor& visit);
    [[nodiscard]] Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences);
    [[nodiscard]] Result<std::vector<std::string>> leaf_hashes(Sequence from, std::uint64_t count);
    [[nodiscard]] Result<std::optional<StoredCheckpoint>> latest_checkpoint();
    [[nodiscard]] Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count);

    [[nodiscard]] Result<void> append(const StoredEntry& entry);
    [[nodiscard]] Result<void> put_checkpoint(const StoredCheckpoint& checkpoint);
};

}  // namespace stemma::store
