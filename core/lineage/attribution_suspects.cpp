#include "core/lineage/attribution_suspects.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 4096;  // nodes between two looks at the cancel flag
constexpr std::size_t kPlaceDepthMax = 16;  // places above a place that are looked at: a cycle of parents ends there

bool is_set(const std::atomic<bool>* cancel) { return cancel != nullptr && cancel->load(std::memory_order_relaxed); }

/// When an item came into being, or none when nothing ever happened to it.
std::optional<Instant> birth_of(const View& view, Node node) {
    std::optional<Instant> birth;
    std::optional<Instant> other;
    view.for_each_movement(node, [&](const Movement& movement) {
        const bool born =
            movement.kind == MovementKind::produced || movement.kind == MovementKind::received || movement.kind == MovementKind::found;
        std::optional<Instant>& first = born ? birth : other;
        if (!first || movement.time < *first) first = movement.time;
    });
    return birth ? birth : other;
}

void keep_each_once(auto& list) {
    std::ranges::sort(list);
    const auto rest = std::ranges::unique(list);
    list.erase(rest.begin(), rest.end());
}

std::vector<ProductNo> products_of(const View& view, std::span<const Node> items) {
    std::vector<ProductNo> products;
    for (const Node item : items)
        if (const ProductNo product = view.product(item); product != ProductNo::none) products.push_back(product);
    keep_each_once(products);
    return products;
}

/// The items of the products that came into being in time.
Result<std::vector<Node>> items_of(const View& view, const Population& population, std::span<const ProductNo> products,
                                   const AttributionOptions& options) {
    std::vector<Node> items;
    for (std::size_t i = 0; i < view.node_count(); ++i) {
        if (i % kCancelEvery == 0 && is_set(options.cancel)) return fail(Errc::unavailable, "cancelled");
        const Node node{static_cast<std::uint32_t>(i)};
        if (view.is_transformation(node) || std::ranges::find(products, view.product(node)) == products.end() || view.is_untracked(node))
            continue;
        const std::optional<Instant> birth = birth_of(view, node);
        if (!birth || (population.from && *birth < *population.from) || (population.before && *birth >= *population.before)) continue;
        if (items.size() == options.items_max)
            return fail(Errc::too_large, fmt::format("the population has more than {} items", options.items_max), "/population",
                        "compare within a shorter time (from, to), or raise limits.trace_items_max in stemma.yaml");
        items.push_back(node);
    }
    return items;
}

}  // namespace

Result<Chosen> choose(const View& view, std::span<const Node> failed, const Population& population, const AttributionOptions& options) {
    std::vector<Node> bad;
    for (const Node node : failed)
        if (node != Node::none && slot(node) < view.node_count()) bad.push_back(node);
    keep_each_once(bad);
    Chosen chosen;
    if (!population.items) {
        chosen.products = population.products.empty() ? products_of(view, bad) : population.products;
        if (chosen.products.empty() && !bad.empty())
            return fail(Errc::invalid_input, "none of the failed items has a product, so it is not known what to compare them with",
                        "/failed", "list the items to compare with: population.items, --among FILE");
        auto items = items_of(view, population, chosen.products, options);
        if (!items) return std::unexpected(items.error());
        chosen.items = *std::move(items);
    } else {
        for (const Node node : *population.items)
            if (node != Node::none && slot(node) < view.node_count()) chosen.items.push_back(node);
        if (chosen.items.empty())
            return fail(Errc::invalid_input, "nothing is recorded of the items to compare with", "/population/items",
                        "list items that took part in an event by then, or leave the list out to compare with the failed ones' products");
        chosen.items.insert(chosen.items.end(), bad.begin(), bad.end());
        keep_each_once(chosen.items);
        chosen.products = products_of(view, chosen.items);
    }
    for (const Node node : bad) {
        const auto place = std::ranges::lower_bound(chosen.items, node);
        if (place != chosen.items.end() && *place == node)
            chosen.failed.push_back(static_cast<std::size_t>(place - chosen.items.begin()));
        else
            chosen.left_out.push_back(node);
    }
    if (chosen.failed.empty() && bad.empty())
        return fail(Errc::invalid_input, "nothing is recorded of the failed items", "/failed",
                    "name items that took part in an event by then");
    if (chosen.failed.empty())
        return fail(Errc::invalid_input, "none of the failed items is in the population", "/failed",
                    population.from || population.before
                        ? "they came into being on other days than from and to allow, or are of other products"
                        : "the population is all items of the failed ones' products that came into being, unless you name another");
    return chosen;
}

std::size_t Suspects::Hash::operator()(const Cause& cause) const noexcept {
    const std::uint64_t high = static_cast<std::uint64_t>(std::to_underlying(cause.kind)) << 8 | std::to_underlying(cause.step);
    std::uint64_t mixed = (high << 32 | std::to_underlying(cause.product)) * 0x9E3779B97F4A7C15U ^ cause.number;
    mixed = (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9U;
    return mixed ^ mixed >> 32;
}

void Suspects::add(const Cause& cause, std::uint32_t number) {
    const auto [place, fresh] = known_.try_emplace(cause, static_cast<std::uint32_t>(causes_.size()));
    if (fresh) causes_.push_back(cause);
    found_.emplace_back(place->second, number);
}

void causes_of(const View& view, ProductNo product, const Movement& movement, const std::function<void(const Cause&)>& visit) {
    if (movement.kind != MovementKind::received && movement.kind != MovementKind::produced) return;
    if (movement.kind == MovementKind::received && movement.party != PartyNo::none)
        visit({CauseKind::supplier, MovementKind::moved, product, static_cast<std::uint32_t>(movement.party)});
    PlaceNo place = movement.to == PlaceNo::none ? movement.from : movement.to;
    for (std::size_t depth = 0; place != PlaceNo::none && depth < kPlaceDepthMax; ++depth, place = view.place(place).parent)
        visit({CauseKind::place, movement.kind, product, static_cast<std::uint32_t>(place)});
    const std::int64_t us = movement.time.us;
    const std::int64_t day = (us - (us % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay) / kMicrosPerDay;
    visit({CauseKind::day, movement.kind, product, static_cast<std::uint32_t>(static_cast<std::int32_t>(day))});
}

void Suspects::collect(const View& view, const ReachGraph& graph, const std::atomic<bool>* cancel) {
    for (std::uint32_t number = 0; number < graph.size(); ++number) {
        if (number % kCancelEvery == 0 && is_set(cancel)) return;
        const Node node = graph.node(number);
        const bool production = graph.is_transformation(number);
        // Each node comes once: no look-up.
        found_.emplace_back(static_cast<std::uint32_t>(causes_.size()), number);
        causes_.push_back(
            {production ? CauseKind::production : CauseKind::item, MovementKind::moved, ProductNo::none, static_cast<std::uint32_t>(node)});
        if (production) continue;
        const ProductNo product = view.product(node);
        if (product != ProductNo::none) add({CauseKind::product, MovementKind::moved, product, kNone}, number);
        view.for_each_movement(
            node, [&](const Movement& movement) { causes_of(view, product, movement, [&](const Cause& cause) { add(cause, number); }); });
    }
}

void Suspects::seal() {
    begins_.assign(causes_.size() + 1, 0);
    for (const auto& [suspect, number] : found_) ++begins_[suspect + 1];
    for (std::size_t i = 0; i < causes_.size(); ++i) begins_[i + 1] += begins_[i];
    members_.resize(found_.size());
    std::vector<std::uint32_t> place(begins_.begin(), begins_.end() - 1);
    for (const auto& [suspect, number] : found_) members_[place[suspect]++] = number;
}

Shared::Shared(const ReachGraph& graph, std::span<const std::uint32_t> items, std::size_t least)
    : least_{std::min(least, kFailedMinMax)}, few_(graph.components(), Few{{}, 0}) {
    for (std::uint32_t i = 0; i < items.size(); ++i) put(few_[graph.component(items[i])], i);
    for (std::size_t component = graph.components(); component-- > 0;)
        for (const std::uint32_t other : graph.next(component)) join(few_[other], few_[component]);
}

void Shared::put(Few& few, std::uint32_t item) const noexcept {
    const std::span held = std::span{few.items}.first(few.count);
    if (few.count < least_ && std::ranges::find(held, item) == held.end()) few.items[few.count++] = item;
}

void Shared::join(Few& into, const Few& from) const noexcept {
    for (std::size_t i = 0; i < from.count && into.count < least_; ++i) put(into, from.items[i]);
}

bool Shared::holds(const ReachGraph& graph, std::span<const std::uint32_t> nodes) const {
    Few together{{}, 0};
    for (const std::uint32_t node : nodes) join(together, few_[graph.component(node)]);
    return together.count >= least_;
}

}  // namespace stemma::lineage
