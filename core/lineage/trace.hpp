// A trace: everything that items came from, or went into, over any depth. Iterative, safe in cycles, bounded, never cut silently.
//
// Forward follows item -> transformation -> item, and child -> parent for what is packed or installed and not taken out again as of
// the view: a recall of a lot lists the cartons it sits in and the units it is built into. Back follows the same edges the other
// way: parent -> children. Without `timed` there is no time filter: a lot that two orders made mixes both ancestries, as the ERPs' own
// answers do.
//
// Certain: reached by recorded edges alone. Possible: only by way of untracked stock, whose goods cannot be told apart: production A
// puts out product X without a lot, production B takes in product X. An untracked node itself is possible (unless it is a seed), and
// so is all beyond it.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

struct TraceOptions {
    std::size_t items_max{1'000'000};          ///< most items in an answer, untracked stock included; and as many transformations
    bool include_inferred{true};               ///< follow untracked stock; without it the answer is the certain part alone
    bool timed{false};                         ///< leave an item only after coming into it: the answer of timed_trace() (timed.hpp)
    const std::atomic<bool>* cancel{nullptr};  ///< set from another thread to end the walk early
};

/// A node of the answer. `previous` and `edge` say by what it was first reached.
struct Reached {
    Node node{Node::none};
    std::uint32_t depth{0};  ///< edges from a seed along the path first found; a certain node's path is all recorded
    bool certain{true};
    std::uint32_t previous{kNone};  ///< place in Trace::nodes of the node before it; kNone for a seed
    EdgeNo edge{EdgeNo::none};      ///< the edge from there: View::edge gives kind and quantity
};

/// Untracked stock met at a transformation: an input going back, an output going forward.
struct UntrackedMet {
    Node transformation{Node::none};
    Node product{Node::none};  ///< the untracked node; View::product(node) names the product
    bool certain{true};        ///< whether the transformation is
};

struct Trace {
    Direction direction{Direction::forward};
    Sequence as_of{0};
    std::vector<Reached> nodes;           ///< the certain ones, then the possible ones, both breadth first; seeds first, at depth 0
    std::size_t certain{0};               ///< how many of `nodes` are certain: those in front
    std::size_t items{0};                 ///< how many are items or untracked stock
    std::size_t transformations{0};       ///< how many are transformations
    std::size_t seen{0};                  ///< nodes met: more than `nodes` when truncated, and then a lower bound
    bool truncated{false};                ///< one more would pass items_max: `nodes` is the beginning of the whole answer
    bool cancelled{false};                ///< ended early by `cancel`: there may be more
    std::vector<UntrackedMet> untracked;  ///< listed with and without include_inferred
};

/// Seeds that are none or come twice are left out. Its nodes mean the same in any view, its edges in `view` and its copies.
[[nodiscard]] Trace trace(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options = {});

/// The way from a seed to the node, both included: the first step has no edge. Empty when the trace does not hold the node.
[[nodiscard]] std::vector<Reached> path(const Trace& trace, Node node);

}  // namespace stemma::lineage
