// A small reach: the walk of reach.hpp for questions that are answered at once where little is to be found, and differently where there
// is more. It ends with the first node that is one too many, for a node may have a million edges, and keeps nothing of the index's room.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/lineage/trace.hpp"

namespace stemma::lineage {

/// A walk that came to its end. All of it is certain, but where `inferred` is true.
struct SmallReach {
    std::vector<Node> nodes;            ///< as Reach::nodes(): breadth first, seeds first
    std::vector<std::uint32_t> levels;  ///< where the nodes of each depth end, from depth 0
    std::size_t transformations{0};     ///< how many of them are
    /// Stock whose goods cannot be told apart was met, followed or not: that the walk is small is all that is known, ask reach().
    bool inferred{false};

    /// As Reach::depth().
    [[nodiscard]] std::uint32_t depth(std::size_t place) const noexcept;
};

/// The walk of at most options.items_max items and as many transformations; nothing where there are more. Also nothing where so few nodes
/// have more than twice as many edges in one row. Seeds as for reach(); options.timed and options.cancel are not looked at.
[[nodiscard]] std::optional<SmallReach> reach_small(const View& view, std::span<const Node> seeds, Direction direction,
                                                    const TraceOptions& options);

}  // namespace stemma::lineage
