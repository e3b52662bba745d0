#include "core/lineage/attribution_graph.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 1024;  // nodes between two looks at the cancel flag

}  // namespace

std::uint32_t ReachGraph::number(Node node) const noexcept {
    const std::size_t page = slot(node) / kPage;
    return page < pages_.size() && pages_[page] != nullptr ? (*pages_[page])[slot(node) % kPage] : kNone;
}

std::uint32_t& ReachGraph::place_of(Node node) {
    std::unique_ptr<Page>& page = pages_[slot(node) / kPage];
    if (page == nullptr) {
        page = std::make_unique<Page>();
        page->fill(kNone);
    }
    return (*page)[slot(node) % kPage];
}

Result<ReachGraph::Steps> ReachGraph::walk(const View& view, std::span<const Node> seeds, Direction direction,
                                           const ReachOptions& options) {
    Steps steps;
    std::size_t items = 0;
    std::size_t transformations = 0;
    const auto reach = [&](Node node) {
        std::uint32_t& place = place_of(node);
        if (place == kNone) {
            place = static_cast<std::uint32_t>(nodes_.size());
            nodes_.push_back(node);
            transformation_.push_back(view.is_transformation(node) ? 1 : 0);
            ++(transformation_.back() != 0 ? transformations : items);
        }
        return place;
    };
    for (const Node seed : seeds)
        if (seed != Node::none && slot(seed) < view.node_count()) (void)reach(seed);
    for (std::size_t here = 0; here < nodes_.size(); ++here) {
        if (items > options.items_max || transformations > options.items_max)
            return fail(Errc::too_large, fmt::format("more than {} items are linked to what was asked about", options.items_max), {},
                        "ask about fewer items, or raise limits.trace_items_max in stemma.yaml");
        if (here % kCancelEvery == 0 && options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed))
            return fail(Errc::unavailable, "cancelled");
        steps.begins.push_back(static_cast<std::uint32_t>(steps.to.size()));
        const bool from_untracked = !options.include_inferred && view.is_untracked(nodes_[here]);
        if (from_untracked) continue;
        view.for_each_edge(nodes_[here], direction, [&](EdgeNo, Node other) {
            if (options.include_inferred || !view.is_untracked(other)) steps.to.push_back(reach(other));
        });
    }
    steps.begins.push_back(static_cast<std::uint32_t>(steps.to.size()));
    return steps;
}

/// Strongly connected components after R. Tarjan, SIAM J. Comput. 1:146 (1972), without recursion: a component is complete, and gets its
/// number, after all that it leads to.
void ReachGraph::find_components(const Steps& steps) {
    const auto count = static_cast<std::uint32_t>(nodes_.size());
    component_.assign(count, kNone);
    std::vector<std::uint32_t> met(count, kNone);  // order in which nodes were met
    std::vector<std::uint32_t> low(count, 0);
    std::vector<std::uint32_t> at(steps.begins.begin(), steps.begins.end() - 1);  // next step to take
    std::vector<std::uint32_t> open;                                              // met, in no component yet
    std::vector<std::uint32_t> path;
    std::uint32_t time = 0;
    std::uint32_t components = 0;
    const auto enter = [&](std::uint32_t node) {
        met[node] = low[node] = time++;
        open.push_back(node);
        path.push_back(node);
    };
    for (std::uint32_t root = 0; root < count; ++root) {
        if (met[root] != kNone) continue;
        for (enter(root); !path.empty();) {
            const std::uint32_t node = path.back();
            if (at[node] < steps.begins[node + 1]) {
                const std::uint32_t other = steps.to[at[node]++];
                if (met[other] == kNone)
                    enter(other);
                else if (component_[other] == kNone)
                    low[node] = std::min(low[node], met[other]);
                continue;
            }
            path.pop_back();
            if (!path.empty()) low[path.back()] = std::min(low[path.back()], low[node]);
            if (low[node] != met[node]) continue;
            for (std::uint32_t member = kNone; member != node; open.pop_back()) component_[member = open.back()] = components;
            ++components;
        }
    }
    begins_.assign(components + 1, 0);
}

void ReachGraph::join_components(const Steps& steps) {
    const std::size_t count = begins_.size() - 1;
    std::vector<std::uint32_t> first(count + 1, 0);  // nodes in order of their component
    for (const std::uint32_t component : component_) ++first[component + 1];
    for (std::size_t i = 0; i < count; ++i) first[i + 1] += first[i];
    std::vector<std::uint32_t> members(nodes_.size());
    std::vector<std::uint32_t> place(first.begin(), first.end() - 1);
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) members[place[component_[node]]++] = node;

    std::vector<std::uint32_t> joined_by(count, kNone);
    for (std::uint32_t component = 0; component < count; ++component) {
        begins_[component] = static_cast<std::uint32_t>(next_.size());
        for (std::uint32_t m = first[component]; m < first[component + 1]; ++m)
            for (std::uint32_t step = steps.begins[members[m]]; step < steps.begins[members[m] + 1]; ++step) {
                const std::uint32_t other = component_[steps.to[step]];
                if (other == component || joined_by[other] == component) continue;
                joined_by[other] = component;
                next_.push_back(other);
            }
    }
    begins_[count] = static_cast<std::uint32_t>(next_.size());
}

Result<ReachGraph> ReachGraph::build(const View& view, std::span<const Node> seeds, Direction direction, const ReachOptions& options) {
    ReachGraph graph;
    graph.pages_.resize(view.node_count() / kPage + 1);
    const Result<Steps> steps = graph.walk(view, seeds, direction, options);
    if (!steps) return std::unexpected(steps.error());
    graph.find_components(*steps);
    graph.join_components(*steps);
    return graph;
}

void ReachGraph::gather(std::span<std::uint64_t> words) const noexcept {
    for (std::size_t component = 0; component < components(); ++component)
        for (const std::uint32_t other : next(component)) words[component] |= words[other];
}

void ReachGraph::spread(std::span<std::uint64_t> words) const noexcept {
    for (std::size_t component = components(); component-- > 0;)
        for (const std::uint32_t other : next(component)) words[other] |= words[component];
}

}  // namespace stemma::lineage
