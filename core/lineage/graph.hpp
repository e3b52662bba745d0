// The graph: segments and deltas on top of each other, and how they become one. A reader takes the layers as they stand and keeps them
// as long as it likes; a merge builds a new segment beside them and swaps one pointer. Edges are added by one writer, which also begins
// and ends a merge; the work between the two may be done by any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/lineage/segment.hpp"

namespace stemma::lineage {

/// The layers at one moment. Edge numbers hold for these layers alone.
class Layers {
public:
    std::vector<std::shared_ptr<const Segment>> segments;  ///< oldest first; their homes follow each other without a gap
    std::shared_ptr<const Delta> frozen;                   ///< what a merge is taking in; null when there is none
    std::shared_ptr<const Delta> active;                   ///< never null; grows while these layers are looked at

    [[nodiscard]] EdgeFacts facts(EdgeNo edge) const noexcept;
    [[nodiscard]] Node from(EdgeNo edge) const noexcept;
    [[nodiscard]] Node to(EdgeNo edge) const noexcept;

    /// Calls visit(EdgeNo, Node other) for each edge of the node whose event is below `events_end`, in ledger order.
    template <class Visit>
    void for_each_edge(Node node, Direction direction, std::uint32_t events_end, Visit&& visit) const {
        std::uint32_t base = 0;
        for (const auto& segment : segments) {
            const Rows& rows = segment->rows(direction);
            const auto [first, last] = segment->row(node, direction);
            const bool whole = segment->events_end() <= events_end;
            for (std::uint32_t place = first; place < last; ++place) {
                const std::uint32_t edge = segment->edge_at(place, direction);
                if (!whole && slot(segment->event(edge)) >= events_end) break;
                visit(EdgeNo{base + edge}, rows.others[place]);
            }
            base += static_cast<std::uint32_t>(segment->size());
        }
        if (frozen != nullptr) {
            for_each_in(*frozen, base, node, direction, events_end, visit);
            base += static_cast<std::uint32_t>(frozen->size());
        }
        for_each_in(*active, base, node, direction, events_end, visit);
    }

private:
    template <class Visit>
    static void for_each_in(const Delta& delta, std::uint32_t base, Node node, Direction direction, std::uint32_t events_end,
                            Visit&& visit) {
        for (std::uint32_t next = delta.first(node, direction); next != 0; next = delta.next(next - 1, direction)) {
            if (slot(delta.facts(next - 1).event) >= events_end) return;
            visit(EdgeNo{base + next - 1}, delta.other(next - 1, direction));
        }
    }
    template <class InSegment, class InDelta>
    auto at(EdgeNo edge, const InSegment& in_segment, const InDelta& in_delta) const;
};

/// The edges of one node, one at a time, in ledger order; all that there are, whatever a view sees of them.
class EdgeWalk {
public:
    struct Step {
        EdgeNo edge{EdgeNo::none};
        Node other{Node::none};
    };
    /// The layers outlive the walk.
    EdgeWalk(const Layers& layers, Node node, Direction direction);
    [[nodiscard]] std::optional<Step> next();

private:
    const Layers& layers_;
    Node node_;
    Direction direction_;
    std::size_t layer_{0};    // the segments, then the frozen delta, then the active one
    std::uint32_t base_{0};   // of the layer's edge numbers
    std::uint32_t place_{0};  // in a segment: the next place; in a delta: number + 1 of the next edge
    std::uint32_t last_{0};   // in a segment: where the row ends
    bool entered_{false};
};

struct GraphSettings {
    std::size_t merge_edges_min{65'536};        ///< a delta below this is left alone
    std::size_t merge_percent{7};               ///< of the edges in segments: a delta as big as this is merged
    std::size_t segment_edges_max{48'000'000};  ///< a segment that has as many is left alone, the next one begins
};

class Graph {
public:
    /// The flags outlive the graph: it reads which nodes are transformations and sets their check flags.
    Graph(GraphSettings settings, Column<std::uint8_t>& flags);

    // Of the writer.
    void add(Node from, Node to, const EdgeFacts& facts);
    /// From now on each edge of the node in this direction is held to the view.
    void check(Node node, Direction direction);
    [[nodiscard]] bool wants_merge() const noexcept;
    [[nodiscard]] bool merging() const noexcept { return frozen_ != nullptr; }
    /// Freezes the delta; false when there is nothing to merge or a merge is under way. `nodes`: how many there are.
    bool begin_merge(std::uint32_t nodes);
    /// Builds the segment. Any thread, between begin_merge and end_merge; throws std::bad_alloc, and may be tried again.
    [[nodiscard]] std::shared_ptr<Segment> build() const;
    void end_merge(std::shared_ptr<Segment> built);
    void save(SnapshotWriter& out) const;  ///< without deltas: merge first
    void load(SnapshotReader& in, std::uint32_t nodes);

    // Of anyone.
    [[nodiscard]] std::shared_ptr<const Layers> layers() const;

    struct Size {
        std::size_t edges{0};
        std::size_t unmerged{0};
        std::size_t segments{0};
        std::size_t bytes{0};
    };
    [[nodiscard]] Size size() const;

private:
    void publish();
    void mark_special(Node node, Direction direction) const noexcept;
    [[nodiscard]] bool extends_last() const noexcept;

    GraphSettings settings_;
    Column<std::uint8_t>& flags_;
    std::vector<std::shared_ptr<const Segment>> segments_;
    std::size_t segment_edges_{0};
    std::shared_ptr<const Delta> frozen_;
    std::uint32_t frozen_nodes_{0};
    std::shared_ptr<Delta> active_;
    std::vector<std::pair<Node, Direction>> checked_;  // since the merge began
    std::shared_ptr<const Layers> layers_;
    mutable std::mutex layers_mutex_;
};

}  // namespace stemma::lineage
