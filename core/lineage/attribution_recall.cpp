// The recall that each hypothesis implies: all that is downstream of it in the whole ledger, up to 64 hypotheses in one walk.
#include <algorithm>
#include <bit>

#include "core/lineage/attribution_suspects.hpp"

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kCancelEvery = 4096;   // nodes between two looks at the cancel flag
using Seeds = std::vector<std::vector<Node>>;  // per hypothesis

bool has_seeds_of_its_own(CauseKind kind) { return kind != CauseKind::item && kind != CauseKind::production; }

/// What a hypothesis is about in the whole ledger: a supplier's lots that went elsewhere count as well. Of revisions and conditions, which
/// the index does not know, those that lie upstream of the population. Not all of it when cancelled.
Seeds seeds_of(const View& view, const Suspects& suspects, const ReachGraph& graph, const std::vector<std::size_t>& listed,
               const std::atomic<bool>* cancel) {
    Seeds seeds(listed.size());
    std::vector<ProductNo> products;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const Cause& cause = suspects.cause(listed[i]);
        if (!has_seeds_of_its_own(cause.kind))
            seeds[i].push_back(Node{cause.number});
        else if (cause.kind == CauseKind::revision || cause.kind == CauseKind::condition)
            for (const std::uint32_t number : suspects.members(listed[i])) seeds[i].push_back(graph.node(number));
        else
            products.push_back(cause.product);
    }
    if (products.empty()) return seeds;
    for (std::uint32_t number = 0; number < view.node_count(); ++number) {
        const Node node{number};
        if (number % kCancelEvery == 0 && cancel != nullptr && cancel->load(std::memory_order_relaxed)) return seeds;
        if (view.is_transformation(node)) continue;
        const ProductNo product = view.product(node);
        if (std::ranges::find(products, product) == products.end()) continue;
        const auto put = [&](const Cause& cause) {
            for (std::size_t i = 0; i < listed.size(); ++i)
                if (suspects.cause(listed[i]) == cause && (seeds[i].empty() || seeds[i].back() != node)) seeds[i].push_back(node);
        };
        put({CauseKind::product, MovementKind::moved, product, kNone});
        view.for_each_movement(node, [&](const Movement& movement) { causes_of(view, product, movement, put); });
    }
    return seeds;
}

/// Counts hypotheses [first, last) in one walk, at most 64.
Result<void> count(const View& view, const Seeds& seeds, std::size_t first, std::size_t last, const ReachOptions& reach,
                   Attribution& answer) {
    std::vector<Node> all;
    for (std::size_t i = first; i < last; ++i) all.insert(all.end(), seeds[i].begin(), seeds[i].end());
    const auto graph = ReachGraph::build(view, all, Direction::forward, reach);
    if (!graph) return std::unexpected(graph.error());
    std::vector<std::uint64_t> words(graph->components(), 0);
    for (std::size_t i = first; i < last; ++i)
        for (const Node seed : seeds[i]) words[graph->component(graph->number(seed))] |= std::uint64_t{1} << (i - first);
    graph->spread(words);
    for (std::size_t i = first; i < last; ++i) answer.hypotheses[i].recall = Recall{};
    for (std::size_t number = 0; number < graph->size(); ++number) {
        if (graph->is_transformation(number)) continue;
        const bool of_products = std::ranges::find(answer.products, view.product(graph->node(number))) != answer.products.end();
        for (std::uint64_t bits = words[graph->component(number)]; bits != 0; bits &= bits - 1) {
            Recall& recall = *answer.hypotheses[first + static_cast<std::size_t>(std::countr_zero(bits))].recall;
            ++recall.items;
            if (of_products) ++recall.of_products;
        }
    }
    return {};
}

}  // namespace

Result<void> count_recalls(const View& view, const Suspects& suspects, const ReachGraph& graph, const std::vector<std::size_t>& listed,
                           const AttributionOptions& options, Attribution& answer) {
    const Seeds seeds = seeds_of(view, suspects, graph, listed, options.cancel);
    if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) return fail(Errc::unavailable, "cancelled");
    const ReachOptions reach{options.items_max, options.include_inferred, options.cancel};
    Result<void> counted = count(view, seeds, 0, listed.size(), reach, answer);
    if (counted || counted.error().code != Errc::too_large) return counted;
    // One of them reaches too far: each for itself then.
    for (std::size_t i = 0; i < listed.size(); ++i)
        if (auto one = count(view, seeds, i, i + 1, reach, answer); !one && one.error().code != Errc::too_large) return one;
    return {};
}

}  // namespace stemma::lineage
