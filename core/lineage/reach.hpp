// Reach: which items a trace reaches, and how deep, for answers that go by the million. The same walk in the same order as trace.hpp,
// without the paths: the answer is the walk's own queue. Twice the cost of a bare walk over sparse rows, or less.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/lineage/marks.hpp"
#include "core/lineage/trace.hpp"

namespace stemma::lineage {

/// Whatever trace() says with the same options, but for `previous` and `edge` of each node. Movable; gives its room back at the end, so it
/// must not be kept longer than it is read: a walk that finds no room left makes its own.
class Reach {
public:
    [[nodiscard]] Direction direction() const noexcept { return direction_; }
    [[nodiscard]] Sequence as_of() const noexcept { return as_of_; }
    /// The certain ones, then the possible ones, both breadth first; seeds first.
    [[nodiscard]] std::span<const Node> nodes() const noexcept { return {queue_->data(), size_}; }
    [[nodiscard]] std::size_t certain() const noexcept { return certain_; }  ///< how many of nodes() are certain: those in front
    [[nodiscard]] std::size_t items() const noexcept { return size_ - transformations_; }
    [[nodiscard]] std::size_t transformations() const noexcept { return transformations_; }
    /// Nodes met, as Trace::seen: more than nodes() when truncated, and then a lower bound.
    [[nodiscard]] std::size_t seen() const noexcept { return seen_; }
    [[nodiscard]] bool truncated() const noexcept { return truncated_; }
    [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }
    [[nodiscard]] const std::vector<UntrackedMet>& untracked() const noexcept { return untracked_; }
    /// Where the nodes of each depth end, from depth 0: of the certain ones, and of all, where the possible ones begin again at 0.
    [[nodiscard]] const std::vector<std::uint32_t>& certain_levels() const noexcept { return certain_levels_; }
    [[nodiscard]] const std::vector<std::uint32_t>& possible_levels() const noexcept { return possible_levels_; }
    /// Edges from a seed to the node at this place along the path first found. Looks it up among the levels.
    [[nodiscard]] std::uint32_t depth(std::size_t place) const noexcept;

private:
    friend class ReachWalk;
    Direction direction_{Direction::forward};
    Sequence as_of_{0};
    Pool<NodeQueue>::Lease queue_;
    std::size_t size_{0};
    std::size_t certain_{0};
    std::size_t transformations_{0};
    std::size_t seen_{0};
    bool truncated_{false};
    bool cancelled_{false};
    std::vector<std::uint32_t> certain_levels_;
    std::vector<std::uint32_t> possible_levels_;
    std::vector<UntrackedMet> untracked_;
};

/// Seeds that are none or come twice are left out. TraceOptions::timed is not looked at: times need trace().
[[nodiscard]] Reach reach(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options = {});

/// Nodes of one kind in an answer.
struct KindCount {
    NodeKind kind{NodeKind::unknown};
    std::size_t nodes{0};
    std::size_t certain{0};
};
/// The kinds that the answer has, in the order of NodeKind. `view`: the one it was found with.
[[nodiscard]] std::vector<KindCount> count_kinds(const View& view, const Reach& reach);

}  // namespace stemma::lineage
