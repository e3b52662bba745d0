// What is packed in a logistic unit: in it, in what is in it, and so on. A trace goes from goods to their cartons and on, never from a
// carton to its goods: that a carton is affected says nothing of its other goods. So a question about a carton asks for these by
// themselves.
#pragma once

#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

struct PackedInside {
    std::vector<Node> items;   ///< that are in it, each once, nearest first; the unit itself is not among them
    std::size_t lots{0};       ///< of these: lots, of which a part may be elsewhere
    std::size_t taken_out{0};  ///< were packed in the unit itself, and are not in it any more
    bool truncated{false};     ///< there are more than `items_max`
};
/// As of the view, by packing alone: what is installed in a thing is a part of it. `unit` must be a node of the view.
[[nodiscard]] PackedInside packed_inside(const View& view, Node unit, std::size_t items_max);

}  // namespace stemma::lineage
