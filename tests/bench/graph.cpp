#include "tests/bench/graph.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace stemma::bench {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
constexpr std::size_t kOffsetsAhead = 16;    // queue places between an offset's prefetch and its use
constexpr std::size_t kRowsAhead = 8;        // likewise of a row of neighbours
constexpr std::size_t kPrefetchFrom = 1000;  // below so many nodes waiting everything is near: the plain loop wins

/// The finalizer of MurmurHash3 (Appleby): each bit of the number changes half of the result's.
std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 33U;
    value *= 0xFF51AFD7ED558CCDU;
    value ^= value >> 33U;
    value *= 0xC4CEB9FE1A85EC53U;
    return value ^ (value >> 33U);
}

/// Turns the stream of steps into edge lists, numbering nodes as the lineage index does: in order of first appearance, a transformation
/// before what goes into it.
class Collector {
public:
    explicit Collector(Graph& graph) : graph_{graph} {}

    void take(const test::Step& step) {
        using Kind = test::Step::Kind;
        const std::uint32_t event = step.kind == Kind::transformed ? new_node(kNone) : kNone;
        if (step.kind == Kind::received) graph_.supplier_lots.push_back(step.outputs.front().item);
        for (const test::Part& output : step.outputs) {
            if (step.kind == Kind::packed) node_of(output.item);
            for (const test::Part& input : step.inputs) {
                links.from.push_back(input.item);
                links.to.push_back(output.item);
            }
        }
        for (const test::Part& input : step.inputs) {
            const std::uint32_t node = node_of(input.item);
            edge(node, event != kNone ? event : node_of(step.outputs.front().item));
        }
        for (const test::Part& output : step.outputs) {
            const std::uint32_t node = node_of(output.item);
            if (event != kNone) edge(event, node);
        }
        if (step.kind == Kind::transformed && step.outputs.size() == 1 && step.inputs.size() > 1)
            last_made_.push_back(step.outputs[0].item);
    }

    EdgeList links;
    EdgeList edges;

    /// Units are assembled and never assembled into anything else.
    void find_units() {
        for (const std::uint32_t item : last_made_) {
            const std::uint32_t node = graph_.node_of_item[item];
            bool consumed = false;
            for (std::uint32_t at = graph_.node_out.offsets[node]; at < graph_.node_out.offsets[node + 1]; ++at)
                consumed = consumed || graph_.item_of_node[graph_.node_out.neighbours[at]] == kNone;
            if (!consumed && graph_.node_out.degree(node) > 0) graph_.units.push_back(item);
        }
    }

private:
    std::uint32_t new_node(std::uint32_t item) {
        graph_.item_of_node.push_back(item);
        return static_cast<std::uint32_t>(graph_.item_of_node.size() - 1);
    }
    std::uint32_t node_of(std::uint32_t item) {
        if (item >= graph_.node_of_item.size()) graph_.node_of_item.resize(item + 1, kNone);
        if (graph_.node_of_item[item] == kNone) graph_.node_of_item[item] = new_node(item);
        return graph_.node_of_item[item];
    }
    void edge(std::uint32_t from, std::uint32_t to) {
        edges.from.push_back(from);
        edges.to.push_back(to);
    }

    Graph& graph_;
    std::vector<std::uint32_t> last_made_;
};

}  // namespace

void HugeUnmap::operator()(std::uint32_t* data) const noexcept { munmap(data, bytes); }

HugeArray::HugeArray(std::size_t count) : count_{count} {
    const std::size_t bytes = std::max(kHugePage, (count * sizeof(std::uint32_t) + kHugePage - 1) / kHugePage * kHugePage);
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without it the array is only slower
    data_ = std::unique_ptr<std::uint32_t, HugeUnmap>{static_cast<std::uint32_t*>(memory), HugeUnmap{bytes}};
}

Rows make_rows(std::size_t nodes, std::span<const std::uint32_t> from, std::span<const std::uint32_t> to) {
    Rows rows{HugeArray{nodes + 1}, HugeArray{from.size()}};
    for (const std::uint32_t node : from) ++rows.offsets[node + 1];
    for (std::size_t node = 0; node < nodes; ++node) rows.offsets[node + 1] += rows.offsets[node];
    std::vector<std::uint32_t> next(rows.offsets.data(), rows.offsets.data() + nodes);
    for (std::size_t edge = 0; edge < from.size(); ++edge) rows.neighbours[next[from[edge]]++] = to[edge];
    return rows;
}

BareWalk::BareWalk(std::size_t nodes) : queue_{nodes + 1}, visited_{nodes / 32 + 1} {}

std::span<const std::uint32_t> BareWalk::run(const Rows& rows, std::uint32_t seed) {
    const std::uint32_t* const offsets = rows.offsets.data();
    const std::uint32_t* const neighbours = rows.neighbours.data();
    std::uint32_t* const queue = queue_.data();
    std::uint32_t* const visited = visited_.data();
    std::size_t tail = 0;
    const auto push = [&](std::uint32_t node) {
        std::uint32_t& word = visited[node >> 5U];
        const std::uint32_t bit = node & 31U;
        queue[tail] = node;
        tail += ~(word >> bit) & 1U;
        word |= std::uint32_t{1} << bit;
    };
    push(seed);
    for (std::size_t head = 0; head < tail; ++head) {
        if (tail - head > kPrefetchFrom) {
            __builtin_prefetch(&offsets[queue[head + kOffsetsAhead]]);
            __builtin_prefetch(&neighbours[offsets[queue[head + kRowsAhead]]]);
        }
        const std::uint32_t node = queue[head];
        for (std::uint32_t at = offsets[node]; at < offsets[node + 1]; ++at) push(neighbours[at]);
    }
    for (std::size_t i = 0; i < tail; ++i) visited[queue[i] >> 5U] = 0;
    return {queue, tail};
}

Graph make_graph(const test::SupplyChainOptions& options) {
    Graph graph;
    Collector collector{graph};
    collector.links.from.reserve(options.links + 100);
    collector.links.to.reserve(options.links + 100);
    graph.totals = test::run_supply_chain(options, [&](const test::Step& step) { collector.take(step); });
    const EdgeList& links = collector.links;
    graph.item_out = make_rows(graph.totals.items, links.from, links.to);
    graph.item_in = make_rows(graph.totals.items, links.to, links.from);
    collector.links = {};
    const std::size_t nodes = graph.item_of_node.size();
    graph.node_out = make_rows(nodes, collector.edges.from, collector.edges.to);
    graph.node_in = make_rows(nodes, collector.edges.to, collector.edges.from);
    collector.find_units();
    return graph;
}

EdgeList make_node_edges(const test::SupplyChainOptions& options, std::vector<std::uint32_t>& item_of_node) {
    Graph graph;
    Collector collector{graph};
    test::run_supply_chain(options, [&](const test::Step& step) { collector.take(step); });
    item_of_node = std::move(graph.item_of_node);
    return std::move(collector.edges);
}

SetDigest digest_of(std::span<const std::uint32_t> items) {
    SetDigest digest{items.size(), 0};
    for (const std::uint32_t item : items) digest.sum += mixed(item);
    return digest;
}

}  // namespace stemma::bench
