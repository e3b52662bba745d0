// Rebuild: drops the read models and projects them again from the ledger, in one transaction. The result must have the same digest.
#pragma once

#include <functional>

#include "core/ports/store.hpp"

namespace stemma::engine {

struct RebuildReport {
    std::uint64_t entries{0};
    std::string digest_before;  ///< hex, over all read-model rows
    std::string digest_after;
};

/// Projects one entry of the ledger into the read models. Errors: Errc::storage.
[[nodiscard]] Result<void> project_row(UnitOfWork& unit, const StoredEntry& row);

/// `progress` gets the number of entries done so far. The caller makes sure that nobody else writes. Errors: Errc::storage; nothing changes
/// then.
[[nodiscard]] Result<RebuildReport> rebuild(Store& store, const std::function<void(std::uint64_t)>& progress);

}  // namespace stemma::engine
