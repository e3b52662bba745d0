#include "tests/integration/engine/lineage_picture.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/lineage/index.hpp"

namespace stemma::test {
namespace {

using lineage::Direction;
using lineage::Node;

std::set<std::string> items_of(EngineRig& rig) {
    std::set<std::string> ids;
    for (const Entry& entry : rig.entries()) {
        if (const Master* master = std::get_if<Master>(&entry.body)) {
            if (const Item* item = std::get_if<Item>(master)) ids.insert(item->id.str());
            if (const Product* product = std::get_if<Product>(master)) ids.insert(product->id.str());
        }
        if (const Event* event = std::get_if<Event>(&entry.body))
            for (const auto* list : {&event->items, &event->inputs, &event->outputs})
                for (const ItemQuantity& one : *list) ids.insert(one.item.str());
    }
    return ids;
}

}  // namespace

std::map<std::string, std::vector<std::string>> picture(EngineRig& rig) {
    const std::set<std::string> items = items_of(rig);
    const lineage::View view = rig.index().view();
    std::map<std::string, std::vector<std::string>> all;
    for (const std::string& item : items) {
        const Node node = view.find(ItemId{item});
        if (node == Node::none) continue;
        std::vector<std::string>& facts = all[item];
        view.for_each_movement(node, [&](const lineage::Movement& movement) {
            const auto place = [&](lineage::PlaceNo one) { return one == lineage::PlaceNo::none ? "" : view.place(one).id; };
            facts.push_back(fmt::format("{} {} {} {} {} {}", format_instant(movement.time), to_string(movement.kind),
                                        movement.amount.micros, place(movement.from), place(movement.to),
                                        movement.party == lineage::PartyNo::none ? "" : view.party(movement.party).id));
        });
        for (const Direction direction : {Direction::back, Direction::forward})
            view.for_each_edge(node, direction, [&](lineage::EdgeNo edge, Node other) {
                facts.push_back(fmt::format("{} {} {}", to_string(direction), view.id(other), view.edge(edge).amount.micros));
            });
        std::ranges::sort(facts);
        facts.insert(facts.begin(), std::string{view.label(node)});
    }
    return all;
}

std::multiset<std::string> standing_events(EngineRig& rig) {
    std::map<std::string, std::string> standing;
    for (const Entry& entry : rig.entries()) {
        const Event* event = std::get_if<Event>(&entry.body);
        if (event == nullptr) continue;
        if (event->error) {
            standing.erase(event->id.str());
            continue;
        }
        Event content = *event;
        content.id = EventId{};
        standing[event->id.str()] = engine::content_id(content).str();
    }
    std::multiset<std::string> all;
    for (const auto& [id, content] : standing) all.insert(content);
    return all;
}

void expect_same_lineage(EngineRig& followed, EngineRig& fresh) {
    EXPECT_EQ(standing_events(followed), standing_events(fresh));
    const auto expected = picture(fresh);
    const auto found = picture(followed);
    for (const auto& [item, facts] : expected) {
        const auto there = found.find(item);
        EXPECT_EQ(there == found.end() ? std::vector<std::string>{} : there->second, facts) << item;
    }
    for (const auto& [item, facts] : found)
        if (!expected.contains(item)) {
            EXPECT_EQ(facts.size(), 1U) << item << " is not in the ERP any more";
        }
}

}  // namespace stemma::test
