// Step "query": the revisions and process conditions of items, read from the ledger for an attribution.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "core/lineage/attribution.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// What the newest master record below `as_of` says of each item, and the events by which it came into being: attributes, instance and lot
/// master data (ILMD), sensor reports ("Temperature (CEL)"). An attribute called "revision" is one. In no order that matters; a value may
/// come twice. Holds no view. Errors: those of the store; Errc::unavailable when cancelled.
[[nodiscard]] Result<std::vector<lineage::ItemCondition>> read_conditions(ReadSnapshot& snapshot, std::span<const lineage::AskedItem> items,
                                                                          Sequence as_of, const std::atomic<bool>* cancel = nullptr);

}  // namespace stemma::engine
