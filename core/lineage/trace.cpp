// Two walks: breadth first over recorded edges, which settles what is certain; then breadth first from the inferred edges that the
// first walk met. So a possible way never makes a certain node look possible, and never takes its place under the limit.
#include "core/lineage/trace.hpp"

#include <algorithm>

#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 1024;  // nodes between two looks at the cancel flag

class Walk {
public:
    Walk(const View& view, Direction direction, const TraceOptions& options, Marks& marks) : view_{view}, options_{options}, marks_{marks} {
        answer_.direction = direction;
        answer_.as_of = view.as_of();
    }

    Trace run(std::span<const Node> seeds) {
        for (const Node seed : seeds)
            if (seed != Node::none && slot(seed) < view_.node_count()) reach({seed, 0, true, kNone, EdgeNo::none});
        walk_recorded();
        answer_.certain = answer_.nodes.size();
        if (options_.include_inferred) walk_inferred();  // lists nothing more when the first walk filled the answer
        for (const Reached& reached : answer_.nodes) marks_.unmark(reached.node);
        for (const Node node : left_out_) marks_.unmark(node);
        return std::move(answer_);
    }

private:
    /// An inferred edge met by the first walk, from a place in the answer.
    struct Pending {
        std::uint32_t from;
        EdgeNo edge;
        Node to;
    };

    void reach(const Reached& next) {
        if (!marks_.mark(next.node)) return;
        ++answer_.seen;
        std::size_t& count = view_.is_transformation(next.node) ? answer_.transformations : answer_.items;
        if (answer_.truncated || count == options_.items_max) {
            answer_.truncated = true;
            left_out_.push_back(next.node);
            return;
        }
        ++count;
        answer_.nodes.push_back(next);
    }

    bool cancelled(std::size_t step) {
        if (step % kCancelEvery == 0 && options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed))
            answer_.cancelled = true;
        return answer_.cancelled;
    }

    void walk_recorded() {
        for (std::size_t i = 0; i < answer_.nodes.size() && !cancelled(i); ++i) {
            const Reached here = answer_.nodes[i];
            const auto place = static_cast<std::uint32_t>(i);
            const bool from_untracked = view_.is_untracked(here.node);
            const std::size_t met_before = answer_.untracked.size();
            view_.for_each_edge(here.node, answer_.direction, [&](EdgeNo edge, Node other) {
                const bool to_untracked = view_.is_untracked(other);
                if (to_untracked) meet_untracked(here, other, met_before);
                if (!from_untracked && !to_untracked)
                    reach({other, here.depth + 1, true, place, edge});
                else
                    pending_.push_back({place, edge, other});
            });
        }
    }

    /// Pending edges stand in order of depth, and so does what the second walk adds: taking the less deep of the two keeps it so.
    void walk_inferred() {
        std::size_t pending = 0;
        std::size_t next = answer_.certain;
        for (std::size_t step = 0; (pending < pending_.size() || next < answer_.nodes.size()) && !cancelled(step); ++step) {
            const bool take_pending =
                pending < pending_.size() &&
                (next == answer_.nodes.size() || answer_.nodes[pending_[pending].from].depth <= answer_.nodes[next].depth);
            if (take_pending) {
                const Pending& edge = pending_[pending++];
                reach({edge.to, answer_.nodes[edge.from].depth + 1, false, edge.from, edge.edge});
                continue;
            }
            const auto place = static_cast<std::uint32_t>(next);
            const Reached here = answer_.nodes[next++];
            const std::size_t met_before = answer_.untracked.size();
            view_.for_each_edge(here.node, answer_.direction, [&](EdgeNo edge, Node other) {
                if (view_.is_untracked(other)) meet_untracked(here, other, met_before);
                reach({other, here.depth + 1, false, place, edge});
            });
        }
    }

    void meet_untracked(const Reached& here, Node product, std::size_t met_before) {
        if (!view_.is_transformation(here.node)) return;
        const auto first = answer_.untracked.begin() + static_cast<std::ptrdiff_t>(met_before);
        if (std::ranges::find(first, answer_.untracked.end(), product, &UntrackedMet::product) != answer_.untracked.end()) return;
        answer_.untracked.push_back({here.node, product, here.certain});
    }

    const View& view_;
    const TraceOptions& options_;
    Marks& marks_;
    Trace answer_;
    std::vector<Pending> pending_;
    std::vector<Node> left_out_;
};

}  // namespace

Trace trace(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options) {
    if (options.timed) return timed_trace(view, seeds, direction, options).trace;
    const Pool<Marks>::Lease marks = view.room().marks->take();
    marks->reserve(view.node_count());
    return Walk{view, direction, options, *marks}.run(seeds);
}

std::vector<Reached> path(const Trace& trace, Node node) {
    std::vector<Reached> steps;
    auto found = std::ranges::find(trace.nodes, node, &Reached::node);
    if (found == trace.nodes.end()) return steps;
    for (steps.push_back(*found); steps.back().previous != kNone;) steps.push_back(trace.nodes[steps.back().previous]);
    std::ranges::reverse(steps);
    return steps;
}

}  // namespace stemma::lineage
