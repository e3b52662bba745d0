// The delta: edges added since the last merge, as lists linked through one column. One writer; readers take no lock and stop at the
// first edge that their cut does not see, for a list stands in ledger order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/lineage/column.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

/// What an edge carries: its event, and kind and amount in one word.
struct EdgeFacts {
    EventNo event{EventNo::none};
    std::uint32_t bits{0};  // kind << 30 | number of the amount

    [[nodiscard]] EdgeKind kind() const noexcept { return static_cast<EdgeKind>(bits >> 30U); }
    [[nodiscard]] std::uint32_t amount() const noexcept { return bits & kAmountMax; }
    static constexpr std::uint32_t kAmountMax = (std::uint32_t{1} << 30U) - 1;
};

/// Node -> number, for nodes that are few among many. One writer, readers without a lock: a table that was outgrown is kept until the
/// map goes, for readers may still look at it.
class NodeMap {
public:
    [[nodiscard]] std::uint32_t find(Node node) const noexcept;  ///< kNone when unknown
    void insert(Node node, std::uint32_t number);                ///< writer only; a new node
    /// Calls visit(Node, number) for each. Writer only.
    template <class Visit>
    void for_each(Visit&& visit) const {
        if (tables_.empty()) return;
        for (const std::uint64_t slot : tables_.back()->all())
            if (slot != 0) visit(Node{static_cast<std::uint32_t>(slot >> 32U)}, static_cast<std::uint32_t>(slot) - 1);
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
    std::vector<std::unique_ptr<Array<std::uint64_t>>> tables_;  // the newest last
    std::atomic<const Array<std::uint64_t>*> table_{nullptr};
    std::size_t used_{0};
};

class Delta {
public:
    static constexpr std::uint32_t kAhead = 16;
    /// A list's element: all that a walk reads of an edge.
    struct Link {
        Node other;
        std::uint32_t next;   // number + 1 of the node's next edge; 0: none
        std::uint32_t ahead;  // likewise of the one kAhead further
    };
    struct Heads {
        std::uint32_t first;  // numbers + 1; 0: none
        std::uint32_t last;
        std::uint32_t behind;  // the one kAhead before the next to come
        std::uint32_t count;   // up to kAhead
    };

    /// Nodes below `first_node` have rows in segments, too.
    explicit Delta(std::uint32_t first_node) : first_node_{first_node} {}

    /// Writer only.
    void add(Node from, Node to, const EdgeFacts& facts);

    [[nodiscard]] std::uint32_t first_node() const noexcept { return first_node_; }
    [[nodiscard]] std::size_t size() const noexcept { return facts_.size(); }
    [[nodiscard]] const EdgeFacts& facts(std::uint32_t edge) const noexcept { return facts_[edge]; }
    [[nodiscard]] Node from(std::uint32_t edge) const noexcept { return back_.links[edge].other; }
    [[nodiscard]] Node to(std::uint32_t edge) const noexcept { return forward_.links[edge].other; }
    /// How many edges there are whose event is below: the first ones.
    [[nodiscard]] std::uint32_t edges_below(std::uint32_t events_end) const noexcept;

    /// The number + 1 of the node's first edge, 0 for none; next() likewise.
    [[nodiscard]] std::uint32_t first(Node node, Direction direction) const noexcept;
    [[nodiscard]] std::uint32_t next(std::uint32_t edge, Direction direction) const noexcept {
        return load_from(side(direction).links[edge].next);
    }
    /// At the other end of an edge that the list of this direction gave.
    [[nodiscard]] Node other(std::uint32_t edge, Direction direction) const noexcept { return side(direction).links[edge].other; }

    /// The lists of one direction for a walk that goes by the million: what it will read is asked for early.
    class Lists {
    public:
        /// As first(), of a node that is not below first_node().
        [[nodiscard]] std::uint32_t first(std::uint32_t number) const noexcept {
            return number < homes_ ? load_from(home_[number].first) : 0;
        }
        [[nodiscard]] const Link& link(std::uint32_t edge) const noexcept { return links_[edge]; }
        void fetch_first(std::uint32_t number) const noexcept {
            if (number < homes_) __builtin_prefetch(&home_[number]);
        }
        void fetch_link(std::uint32_t number) const noexcept {
            if (const std::uint32_t edge = first(number); edge != 0) __builtin_prefetch(&links_[edge - 1]);
        }

    private:
        friend class Delta;
        Lists(const Column<Heads>& home, const Column<Link>& links) : home_{home}, links_{links}, homes_{home.size()} {}
        const Column<Heads>& home_;
        const Column<Link>& links_;
        std::size_t homes_;
    };
    [[nodiscard]] Lists lists(Direction direction) const noexcept { return {side(direction).home, side(direction).links}; }

    /// Calls visit(Node) for each node below first_node() that has edges here. Writer only.
    template <class Visit>
    void for_each_older(Visit&& visit) const {
        older_.for_each([&](Node node, std::uint32_t) { visit(node); });
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
    /// The lists of one direction.
    struct Side {
        Column<Link> links;  // by edge
        Column<Heads> home;  // of nodes from first_node_ on, by number
        Column<Heads> older;
    };
    [[nodiscard]] const Side& side(Direction direction) const noexcept { return direction == Direction::forward ? forward_ : back_; }
    Heads& heads_of(Side& side, Node node);
    void link(Side& side, Node node, std::uint32_t edge);

    std::uint32_t first_node_;
    Side forward_;
    Side back_;
    NodeMap older_;  // of nodes below first_node_: number in Side::older
    std::uint32_t older_count_{0};
    Column<EdgeFacts> facts_;  // its size is how many edges there are
};

}  // namespace stemma::lineage
