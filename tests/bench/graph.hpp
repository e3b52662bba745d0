// The bare sparse-row graph and its walk: the limit that every index is held against. Offsets and neighbours in 32 bits on huge pages;
// the queue is the answer; the visited set is a bitmap, cleared through the queue; neighbours are pushed without a branch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

inline constexpr std::uint32_t kNone = ~std::uint32_t{0};

struct HugeUnmap {
    std::size_t bytes{0};
    void operator()(std::uint32_t* data) const noexcept;
};

/// An array of numbers straight from the kernel, zeroed, on huge pages where it gives them.
class HugeArray {
public:
    HugeArray() = default;
    explicit HugeArray(std::size_t count);  ///< throws std::bad_alloc
    [[nodiscard]] std::uint32_t* data() noexcept { return data_.get(); }
    [[nodiscard]] const std::uint32_t* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::uint32_t operator[](std::size_t at) const noexcept { return data_.get()[at]; }
    [[nodiscard]] std::uint32_t& operator[](std::size_t at) noexcept { return data_.get()[at]; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

private:
    std::unique_ptr<std::uint32_t, HugeUnmap> data_;
    std::size_t count_{0};
};

/// Edges in order of their making.
struct EdgeList {
    std::vector<std::uint32_t> from;
    std::vector<std::uint32_t> to;
};

/// One direction of a graph: the neighbours of node n are neighbours[offsets[n] .. offsets[n + 1]).
struct Rows {
    HugeArray offsets;
    HugeArray neighbours;
    [[nodiscard]] std::size_t nodes() const noexcept { return offsets.size() - 1; }
    [[nodiscard]] std::uint32_t degree(std::uint32_t node) const noexcept { return offsets[node + 1] - offsets[node]; }
};
[[nodiscard]] Rows make_rows(std::size_t nodes, std::span<const std::uint32_t> from, std::span<const std::uint32_t> to);

class BareWalk {
public:
    explicit BareWalk(std::size_t nodes);
    /// Every node that can be reached from the seed, itself first; valid until the next run.
    std::span<const std::uint32_t> run(const Rows& rows, std::uint32_t seed);

private:
    HugeArray queue_;
    HugeArray visited_;
};

/// One plant's graph in two forms: items alone, as a table of links holds it, and items with transformations between them, as the lineage
/// index holds it, so that N inputs and M outputs are N + M edges.
struct Graph {
    test::SupplyChainTotals totals;
    Rows item_out;
    Rows item_in;
    Rows node_out;
    Rows node_in;
    std::vector<std::uint32_t> node_of_item;
    std::vector<std::uint32_t> item_of_node;   ///< kNone for a transformation
    std::vector<std::uint32_t> supplier_lots;  ///< items, in order of arrival
    std::vector<std::uint32_t> units;          ///< finished ones: what was packed into cartons
};
[[nodiscard]] Graph make_graph(const test::SupplyChainOptions& options);

/// The edges of the index's own graph in the order of their making, and the item of each node (kNone for a transformation).
[[nodiscard]] EdgeList make_node_edges(const test::SupplyChainOptions& options, std::vector<std::uint32_t>& item_of_node);

/// Sets of items are compared by size and by a sum of mixed numbers, which no order changes.
struct SetDigest {
    std::uint64_t count{0};
    std::uint64_t sum{0};
    friend bool operator==(const SetDigest&, const SetDigest&) = default;
};
[[nodiscard]] SetDigest digest_of(std::span<const std::uint32_t> items);

}  // namespace stemma::bench
