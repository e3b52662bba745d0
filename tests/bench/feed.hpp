// Steps of the made-up plant as Stemma's own events and entries.
#pragma once

#include "core/domain/entry.hpp"
#include "core/lineage/index.hpp"
#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

[[nodiscard]] Event event_of(const test::Step& step);
[[nodiscard]] Entry entry_of(const test::Step& step);

/// The index learns the whole stream, an entry at a time, as the writer teaches it.
test::SupplyChainTotals fill(lineage::Index& index, const test::SupplyChainOptions& options);

}  // namespace stemma::bench
