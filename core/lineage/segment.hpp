// A segment: the edges of a stretch of time as sparse rows, both ways. A row is a run of one array; where it begins stands in an array
// by node number. Nodes born in the stretch are at home here; rows of older ones ("strangers") are found by a sorted list.
// Never changed once it is published, but for marks in its offsets that only ever tell a walk to look closer.
#pragma once

#include <cstdint>
#include <span>

#include "core/lineage/column.hpp"
#include "core/lineage/delta.hpp"
#include "core/lineage/memory.hpp"
#include "core/lineage/packed.hpp"
#include "core/lineage/snapshot_io.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

/// One way of a segment's rows.
struct Rows {
    // Offsets: bits 0..29 where the row begins, bit 30: the node is a transformation, bit 31: there is more to the node's edges than
    // this row (edges elsewhere, or some to be held to the view).
    static constexpr std::uint32_t kBegin = (std::uint32_t{1} << 30U) - 1;
    static constexpr std::uint32_t kTransformation = std::uint32_t{1} << 30U;
    static constexpr std::uint32_t kSpecial = std::uint32_t{1} << 31U;

    Array<std::uint32_t> offsets;           // of nodes at home, one more than there are
    Array<Node> strangers;                  // ascending
    Array<std::uint32_t> stranger_offsets;  // one more than there are; where the rows of those at home end, theirs begin
    Array<Node> others;                     // at the other end of each edge

    [[nodiscard]] std::uint32_t offset(std::uint32_t place) const noexcept { return load_from(offsets[place], std::memory_order_relaxed); }
    void mark_special(std::uint32_t place) const noexcept {
        std::atomic_ref<std::uint32_t>{offsets[place]}.fetch_or(kSpecial, std::memory_order_acq_rel);
    }
    /// Where the rows of the node's edges lie in `others`; empty for a node without.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> row_at_home(std::uint32_t place) const noexcept {
        return {offset(place) & kBegin, offset(place + 1) & kBegin};
    }
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> row_of_stranger(Node node) const noexcept;
    /// Whose row holds the edge at this place.
    [[nodiscard]] Node owner(std::uint32_t place, std::uint32_t first_node) const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return offsets.memory_bytes() + strangers.memory_bytes() + stranger_offsets.memory_bytes() + others.memory_bytes();
    }
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);
};

class Segment {
public:
    static constexpr std::size_t kEdgesMax = Rows::kBegin;

    /// The old segment's edges (null: none) and the delta's behind them. Nodes [first_node, node_end) are at home. `flags` tell which
    /// nodes are transformations and which must be marked special. Throws std::bad_alloc.
    Segment(const Segment* old, const Delta& delta, std::uint32_t first_node, std::uint32_t node_end, const Column<std::uint8_t>& flags);
    explicit Segment(SnapshotReader& in);

    [[nodiscard]] std::uint32_t first_node() const noexcept { return first_node_; }
    [[nodiscard]] std::uint32_t node_end() const noexcept { return node_end_; }
    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
    [[nodiscard]] std::uint32_t events_end() const noexcept { return events_end_; }  ///< all its edges' events are below

    [[nodiscard]] const Rows& rows(Direction direction) const noexcept { return direction == Direction::forward ? out_ : in_; }
    /// Where the node's row begins and ends.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> row(Node node, Direction direction) const noexcept;
    /// The edge at a place of a row, by its place in the forward rows; its facts go by that.
    [[nodiscard]] std::uint32_t edge_at(std::uint32_t place, Direction direction) const noexcept {
        return direction == Direction::forward ? place : in_edges_[place];
    }
    [[nodiscard]] EdgeFacts facts(std::uint32_t edge) const noexcept {
        const std::uint32_t bits = bits_[edge];
        return {event(edge), bits << 30U | bits >> 2U};
    }
    [[nodiscard]] EventNo event(std::uint32_t edge) const noexcept { return EventNo{first_event_ + events_[edge]}; }
    [[nodiscard]] Node from(std::uint32_t edge) const noexcept { return out_.owner(edge, first_node_); }
    [[nodiscard]] Node to(std::uint32_t edge) const noexcept { return out_.others[edge]; }

    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return out_.memory_bytes() + in_.memory_bytes() + in_edges_.memory_bytes() + events_.memory_bytes() + bits_.memory_bytes();
    }
    void save(SnapshotWriter& out) const;

private:
    class Builder;
    void keep(std::uint32_t edge, const EdgeFacts& facts) const noexcept;

    std::uint32_t first_node_{0};
    std::uint32_t node_end_{0};
    std::uint32_t first_event_{0};  // no edge's event is before
    std::uint32_t events_end_{0};
    std::uint32_t largest_amount_{0};
    Rows out_;
    Rows in_;
    Packed in_edges_;  // of each place of the backward rows: its place in the forward ones
    Packed events_;    // by place in the forward rows, from first_event_ on
    Packed bits_;      // likewise: number of the amount << 2 | kind
};

/// The rows of a segment's nodes at home, [first_node, first_node + nodes), as a walk needs them. Valid as long as the segment.
struct RowsAtHome {
    RowsAtHome(const Segment& segment, Direction direction) noexcept
        : first_node{segment.first_node()},
          nodes{segment.node_end() - segment.first_node()},
          offsets{segment.rows(direction).offsets.data()},
          others{segment.rows(direction).others.data()} {}

    /// A node's number at home; not below `nodes` for one that is not.
    [[nodiscard]] std::uint32_t number(Node node) const noexcept { return static_cast<std::uint32_t>(node) - first_node; }
    [[nodiscard]] std::uint32_t offset(std::uint32_t number) const noexcept {
        return load_from(offsets[number], std::memory_order_relaxed);
    }
    /// Where the node's row begins, and the one's before it ends.
    [[nodiscard]] const Node* row(std::uint32_t number) const noexcept { return others + (offset(number) & Rows::kBegin); }
    /// Asks the memory for where the node's row begins; for any node.
    void fetch_offset(Node node) const noexcept { __builtin_prefetch(offsets + number(node)); }

    std::uint32_t first_node;
    std::uint32_t nodes;
    const std::uint32_t* offsets;
    const Node* others;
};

}  // namespace stemma::lineage
