#include "tests/bench/seeds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/bench/report.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kSampled = 2000;  // supplier lots looked at, spread over the whole time
constexpr std::size_t kWidest = 64;     // and the lots with most direct uses
constexpr std::size_t kSmallSeeds = 64;

struct Reach {
    std::uint32_t item;
    std::size_t items;
};

std::vector<Reach> reaches(const Graph& graph) {
    std::vector<std::uint32_t> looked_at;
    const std::size_t step = std::max<std::size_t>(1, graph.supplier_lots.size() / kSampled);
    for (std::size_t i = 0; i < graph.supplier_lots.size(); i += step) looked_at.push_back(graph.supplier_lots[i]);
    std::vector<std::uint32_t> all(graph.item_out.nodes());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(kWidest, all.size()));
    std::ranges::partial_sort(all, end, std::greater{}, [&](std::uint32_t item) { return graph.item_out.degree(item); });
    looked_at.insert(looked_at.end(), all.begin(), end);
    BareWalk walk{graph.item_out.nodes()};
    std::vector<Reach> found;
    for (const std::uint32_t item : looked_at) found.push_back({item, walk.run(graph.item_out, item).size()});
    return found;
}

TraceCase nearest(std::vector<Reach> reach, TraceSize size, double wanted, std::size_t count) {
    std::ranges::stable_sort(reach, std::less{},
                             [&](const Reach& one) { return std::abs(std::log(static_cast<double>(one.items) / wanted)); });
    reach.resize(std::min(reach.size(), count));
    TraceCase result{size, Way::forward, {}, {}, true};
    std::size_t sum = 0;
    for (const Reach& one : reach) {
        result.seeds.push_back(one.item);
        sum += one.items;
    }
    const double mean = static_cast<double>(sum) / static_cast<double>(reach.size());
    result.as_asked = mean * 2 >= wanted && mean <= wanted * 2;
    result.name = fmt::format("forward, {} items{}", number(sum / reach.size()), result.as_asked ? "" : " (the nearest in this graph)");
    return result;
}

TraceCase backward(const Graph& graph) {
    TraceCase result{TraceSize::back, Way::back, {}, {}, true};
    BareWalk walk{graph.item_in.nodes()};
    const std::size_t step = std::max<std::size_t>(1, graph.units.size() / kSmallSeeds);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < graph.units.size() && result.seeds.size() < kSmallSeeds; i += step) {
        result.seeds.push_back(graph.units[i]);
        sum += walk.run(graph.item_in, graph.units[i]).size();
    }
    if (result.seeds.empty()) throw std::runtime_error("the graph is too small: no unit is finished");
    result.name = fmt::format("backward, {} items", number(sum / result.seeds.size()));
    return result;
}

}  // namespace

std::vector<TraceCase> trace_cases(const Graph& graph) {
    const std::vector<Reach> reach = reaches(graph);
    std::vector<TraceCase> cases;
    cases.push_back(nearest(reach, TraceSize::small, 100, kSmallSeeds));
    cases.push_back(nearest(reach, TraceSize::middle, 50'000, 1));
    cases.push_back(nearest(reach, TraceSize::large, 1'000'000, 1));
    cases.push_back(backward(graph));
    return cases;
}

std::vector<TraceCase> random_cases(const Graph& graph, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    TraceCase forward{TraceSize::small, Way::forward, {}, "forward, drawn at random", true};
    TraceCase back{TraceSize::back, Way::back, {}, "backward, drawn at random", true};
    for (std::size_t i = 0; i < count; ++i)
        (i % 2 == 0 ? forward : back).seeds.push_back(static_cast<std::uint32_t>(random() % graph.node_of_item.size()));
    return {forward, back};
}

}  // namespace stemma::bench
