// Whether one thing, a serial or a logistic unit, is in the world more than once: received at two places, made by two orders, counted in
// pieces other than one. No sum over its movements shows it, for two receipts and two deliveries add up.
#pragma once

#include <optional>

#include "core/lineage/containment.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::lineage {

/// The discrepancy serial_twice: the most that is there at once, the first movement that makes it so, and the documents of each such
/// movement and of the one that brought it in before. `item` is one thing.
[[nodiscard]] std::optional<Discrepancy> serial_twice(CountedMovements& counted, Node item);

}  // namespace stemma::lineage
