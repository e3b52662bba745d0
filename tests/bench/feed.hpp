// Steps of the made-up plant as Stemma's own events and entries.
#pragma once

#include <string>

#include "core/domain/entry.hpp"
#include "core/lineage/index.hpp"
#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

[[nodiscard]] Event event_of(const test::Step& step);
[[nodiscard]] Entry entry_of(const test::Step& step);

/// An index of so many links, the graph beside it and room to breathe: "" where the machine has that much memory, else why not.
[[nodiscard]] std::string why_it_does_not_fit(std::uint64_t links);

/// The index learns the whole stream, an entry at a time, as the writer teaches it.
test::SupplyChainTotals fill(lineage::Index& index, const test::SupplyChainOptions& options);

}  // namespace stemma::bench
