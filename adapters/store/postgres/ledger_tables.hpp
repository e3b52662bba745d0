// The ledger's rows and checkpoints, read in binary: bytes come as they are. Ranges come in steps, so that no result is large.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "adapters/store/tables/tables.hpp"

namespace stemma::store::postgres {

class LedgerTables : public Tables {
public:
    using Tables::Tables;

    static constexpr std::uint64_t kStepEntries = 256;  ///< rows of a range that are held at once

    [[nodiscard]] Result<Sequence> size();
    [[nodiscard]] Result<std::vector<StoredEntry>> entries(Sequence from, std::uint64_t count);
    [[nodiscard]] Result<void> visit_entries(Sequence from, std::uint64_t count, const EntryVisitor& visit);
    [[nodiscard]] Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences);
    [[nodiscard]] Result<std::vector<std::string>> leaf_hashes(Sequence from, std::uint64_t count);
    [[nodiscard]] Result<std::optional<StoredCheckpoint>> latest_checkpoint();
    [[nodiscard]] Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count);
    [[nodiscard]] Result<void> visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit);

private:
    /// The rows of a range, step by step, in order.
    [[nodiscard]] Result<void> in_steps(const sql::Query& query, Sequence from, std::uint64_t count,
                                        const std::function<void(const sql::BinaryRow&)>& look);
};

}  // namespace stemma::store::postgres
