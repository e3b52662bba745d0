#include "tests/bench/feed.hpp"

#include <fmt/format.h>

#include "tests/bench/measure.hpp"

namespace stemma::bench {
namespace {

constexpr std::uint64_t kIndexBytesPerLink = 100;  // measured by the bench `memory`, with events and names; capacity doubles on the way
constexpr std::uint64_t kGraphBytesPerLink = 50;   // both forms in both directions, and the edge lists they are made from
constexpr const char* kPieces = "C62";

std::vector<ItemQuantity> items_of(std::span<const test::Part> parts) {
    std::vector<ItemQuantity> items;
    items.reserve(parts.size());
    for (const test::Part& part : parts) {
        items.push_back({ItemId{test::item_name(part.item)}, std::nullopt});
        if (part.micros != 0) items.back().quantity = Quantity{part.micros, kPieces};
    }
    return items;
}

}  // namespace

Event event_of(const test::Step& step) {
    Event event;
    event.id = EventId{fmt::format("urn:ev:ST-2026-{:012}", step.number)};
    event.time.instant.us = step.time_us;
    event.read_point = PlaceId{"urn:place:plant-1"};
    switch (step.kind) {
        case test::Step::Kind::received:
            event.type = EventType::object;
            event.action = Action::observe;
            event.biz_step = "receiving";
            event.items = items_of(step.outputs);
            event.sources.push_back({"possessing_party", fmt::format("urn:party:supplier-{:03}", step.partner)});
            break;
        case test::Step::Kind::transformed:
            event.type = EventType::transformation;
            event.biz_step = "assembling";
            event.inputs = items_of(step.inputs);
            event.outputs = items_of(step.outputs);
            break;
        case test::Step::Kind::packed:
            event.type = EventType::aggregation;
            event.action = Action::add;
            event.biz_step = "packing";
            event.items = items_of(step.inputs);
            event.parent = ItemId{test::item_name(step.outputs.front().item)};
            break;
    }
    return event;
}

Entry entry_of(const test::Step& step) {
    Entry entry;
    entry.recorded_at.us = step.time_us;
    entry.actor = "erp:plant";
    entry.body = event_of(step);
    return entry;
}

std::string why_it_does_not_fit(std::uint64_t links) {
    const std::uint64_t needed = links * (kIndexBytesPerLink + kGraphBytesPerLink);
    const std::uint64_t available = available_bytes();
    if (needed <= available) return {};
    return fmt::format("needs about {:.0f} GB of memory, {:.0f} GB are free", static_cast<double>(needed) / 1e9,
                       static_cast<double>(available) / 1e9);
}

test::SupplyChainTotals fill(lineage::Index& index, const test::SupplyChainOptions& options) {
    return test::run_supply_chain(options, [&](const test::Step& step) { index.apply(step.number, entry_of(step)); });
}

}  // namespace stemma::bench
