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
    struct Edge {
        Node from;
        Node to;
        std::uint32_t next_out;  // number + 1 of the next edge from the same node; 0: none
        std::uint32_t next_in;
        EdgeFacts facts;
    };

    /// Nodes below `first_node` have rows in segments, too.
    explicit Delta(std::uint32_t first_node) : first_node_{first_node} {}

    /// Writer only.
    void add(Node from, Node to, const EdgeFacts& facts);

    [[nodiscard]] std::uint32_t first_node() const noexcept { return first_node_; }
    [[nodiscard]] std::size_t size() const noexcept { return edges_.size(); }
    [[nodiscard]] const Edge& operator[](std::uint32_t edge) const noexcept { return edges_[edge]; }

    /// The number + 1 of the node's first edge, 0 for none; next() likewise.
    [[nodiscard]] std::uint32_t first(Node node, Direction direction) const noexcept;
    [[nodiscard]] std::uint32_t next(std::uint32_t edge, Direction direction) const noexcept {
        const Edge& here = edges_[edge];
        return load_from(direction == Direction::forward ? here.next_out : here.next_in);
    }
    /// Calls visit(Node) for each node below first_node() that has edges here. Writer only.
    template <class Visit>
    void for_each_older(Visit&& visit) const {
        older_.for_each([&](Node node, std::uint32_t) { visit(node); });
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
    struct Heads {
        std::uint32_t first_out;  // numbers + 1; 0: none
        std::uint32_t last_out;
        std::uint32_t first_in;
        std::uint32_t last_in;
    };
    Heads& heads_of(Node node);
    void link(std::uint32_t& first, std::uint32_t& last, std::uint32_t& next_of_last, std::uint32_t edge) noexcept;

    std::uint32_t first_node_;
    Column<Edge> edges_;
    Column<Heads> heads_;  // of nodes from first_node_ on, by number
    NodeMap older_;        // of the others: number in older_heads_
    Column<Heads> older_heads_;
};

}  // namespace stemma::lineage
