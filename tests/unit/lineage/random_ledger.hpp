// Small random ledgers, seeded: transformations, packing, repair, deliveries and returns, events declared wrong and repeated, products that
// become untracked stock and lots that stop being it, things of which there is one piece. Merged at random moments into segments of a few
// edges.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_{seed} {}
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    bool one_in(int n) { return below(n) == 0; }

private:
    std::mt19937 engine_;
};

/// Segments of at most so many edges, merged when the test says so.
inline IndexSettings small_segments(std::size_t edges) {
    IndexSettings settings;
    settings.graph.segment_edges_max = edges;
    settings.merge_in_background = false;
    return settings;
}

class RandomLedger {
public:
    explicit RandomLedger(std::uint32_t seed) : fed{small_segments(seed % 4 * 8)}, dice_{seed} {
        items_ = 3 + dice_.below(12);
        const int entries = 3 + dice_.below(38);
        for (int i = 0; i < entries; ++i) {
            add_one();
            if (dice_.one_in(5)) fed.index.merge();
        }
    }
    Fed fed;

    std::string any_item() {
        return dice_.one_in(5) ? fmt::format("urn:p:{}", dice_.below(3)) : fmt::format("urn:i:{}", dice_.below(items_));
    }
    Dice& dice() { return dice_; }

private:
    ItemQuantity quantity() {
        const std::string id = any_item();
        return dice_.one_in(2) ? instance(id) : some(id, 1 + dice_.below(3), dice_.one_in(4) ? "KGM" : "C62");
    }
    std::vector<ItemQuantity> list(int least) {
        std::vector<ItemQuantity> items;
        for (int n = least + dice_.below(3); n > 0; --n) items.push_back(quantity());
        return items;
    }

    Event movement() {
        const std::string place = fmt::format("urn:place:{}", dice_.below(2));
        switch (dice_.below(5)) {
            case 0: return received(list(1), "urn:party:s", place);
            case 1: return shipped(list(1), place, "urn:party:c");
            case 2: return returned(list(1), "urn:party:c", place);
            case 3: return moved(list(1), place, "urn:place:2");
            default: return with_places(object("destroying", list(1)), place, "");
        }
    }

    void add_one() {
        if (dice_.one_in(6)) {
            const std::string id = fmt::format("urn:p:{}", dice_.below(3));
            if (dice_.one_in(4))
                fed.add_master(item(id, ItemKind::lot, ""));
            else if (dice_.one_in(2))
                fed.add_master(item(any_item(), dice_.one_in(3) ? ItemKind::logistic_unit : ItemKind::serial, ""));
            else
                fed.add_master(product(id, Tracking::none));
            return;
        }
        if (dice_.one_in(8) && !events_.empty()) {
            fed.add(declared_wrong(events_[static_cast<std::size_t>(dice_.below(static_cast<int>(events_.size())))]));
            return;
        }
        Event event;
        if (dice_.one_in(3)) {
            const Action action = dice_.one_in(3) ? Action::remove : Action::add;
            event = packing(action, any_item(), list(action == Action::remove ? 0 : 1));
            if (dice_.one_in(3)) event.type = EventType::association;
        } else if (dice_.one_in(3)) {
            event = movement();
        } else {
            event = transformation(dice_.one_in(4) ? "" : fmt::format("urn:t:{}", dice_.below(items_)), list(0), list(0));
        }
        event = at_hour(event, dice_.below(5));
        if (!dice_.one_in(6))
            event.id = EventId{fmt::format("urn:e:{}", dice_.one_in(8) ? dice_.below(4) : static_cast<int>(events_.size()))};
        events_.push_back(event);
        fed.add(event);
    }

    Dice dice_;
    int items_{0};
    std::vector<Event> events_;
};

}  // namespace stemma::lineage
