// When a trace still follows a unit: each way into and out of it, for things of one piece and for lots, and that the stock says the same.
#include "core/lineage/packed_in.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

using Names = std::set<std::string>;

Names reached(const Fed& fed, const std::string& seed, Direction direction = Direction::forward, Sequence as_of = kLatest) {
    const View view = fed.index.view(as_of);
    const std::vector<Node> seeds{node_of(view, seed)};
    Names names;
    const Trace found = trace(view, seeds, direction);
    for (const Reached& node : found.nodes)
        if (node.node != seeds.front() && !view.is_transformation(node.node)) names.emplace(view.id(node.node));
    return names;
}

/// A place, a product, a lot "lot", serials "s" and "t", boxes "box", "other" and "pallet".
struct Plant : Fed {
    Plant() {
        add_master(place("A", PlaceKind::stock));
        add_master(product("p", Tracking::serial));
        add_master(item("lot", ItemKind::lot, "p"));
        for (const char* serial : {"s", "t"}) add_master(item(serial, ItemKind::serial, "p"));
        for (const char* unit : {"box", "other", "pallet"}) add_master(item(unit, ItemKind::logistic_unit, ""));
        add(received({some("lot", 10), instance("s"), instance("t")}, "SUP", "A"));
    }
    void pack(int hour, const std::string& unit, const ItemQuantity& goods) { add(at_hour(packing(Action::add, unit, {goods}), hour)); }
    void unpack(int hour, const std::string& unit, const ItemQuantity& goods) {
        add(at_hour(packing(Action::remove, unit, {goods}), hour));
    }
    void ship(int hour, std::vector<ItemQuantity> goods, const std::string& customer) {
        add(at_hour(shipped(std::move(goods), "A", customer), hour));
    }
};

// --- lots -----------------------------------------------------------------------------------------------------------

TEST(PackedLot, that_was_packed_without_an_amount_stays_in_when_a_part_is_taken_out) {
    Plant plant;
    plant.pack(1, "box", instance("lot"));
    plant.unpack(2, "box", some("lot", 1));
    plant.add(at_hour(transformation("t", {instance("box")}, {instance("t")}), 3));
    EXPECT_EQ(reached(plant, "lot"), (Names{"box", "t"}));
    EXPECT_EQ(reached(plant, "t", Direction::back), (Names{"box", "lot"}));
    plant.unpack(4, "box", instance("lot"));
    EXPECT_EQ(reached(plant, "lot"), Names{});
}

TEST(PackedLot, is_never_in_by_less_than_nothing) {
    Plant plant;
    plant.pack(1, "box", some("lot", 10));
    plant.unpack(2, "box", some("lot", 15));
    EXPECT_EQ(reached(plant, "lot"), Names{});
    plant.pack(3, "box", some("lot", 3));
    EXPECT_EQ(reached(plant, "lot"), Names{"box"});
}

TEST(PackedLot, stays_followed_when_a_part_of_it_goes_its_own_way) {
    Plant plant;
    plant.pack(1, "box", some("lot", 4));
    plant.ship(2, {some("lot", 6)}, "C1");
    EXPECT_EQ(reached(plant, "lot"), Names{"box"});
}

// --- things of one piece --------------------------------------------------------------------------------------------

TEST(PackedThing, is_out_once_it_is_delivered_by_itself) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    plant.ship(2, {instance("s")}, "C1");
    plant.add(at_hour(transformation("t", {instance("box")}, {instance("t")}), 3));
    plant.ship(4, {instance("t")}, "C2");
    EXPECT_EQ(reached(plant, "s"), Names{});
    EXPECT_EQ(reached(plant, "t", Direction::back), Names{"box"});
}

TEST(PackedThing, is_out_once_it_is_used_or_comes_back_by_itself) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    plant.pack(1, "pallet", instance("box"));
    plant.ship(2, {instance("pallet")}, "C1");
    plant.add(at_hour(returned({instance("box")}, "C1", "A"), 3));
    EXPECT_EQ(reached(plant, "s"), Names{"box"});
    EXPECT_EQ(reached(plant, "pallet", Direction::back), Names{});
    plant.add(at_hour(transformation("t", {instance("s")}, {}), 4));
    EXPECT_EQ(reached(plant, "s"), Names{});
    EXPECT_EQ(reached(plant, "box", Direction::back), Names{});
}

TEST(PackedThing, stays_in_when_the_same_event_takes_its_unit_or_what_that_is_in) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    plant.ship(2, {instance("s"), instance("box")}, "C1");
    EXPECT_EQ(reached(plant, "s"), Names{"box"});
    Plant nested;
    nested.pack(1, "box", instance("s"));
    nested.pack(1, "pallet", instance("box"));
    nested.ship(2, {instance("s"), instance("pallet")}, "C1");
    EXPECT_EQ(reached(nested, "s"), (Names{"box", "pallet"}));
}

TEST(PackedThing, stays_in_when_it_is_moved_or_received) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    plant.add(at_hour(moved({instance("s")}, "A", "B"), 2));
    plant.add(at_hour(received({instance("s")}, "SUP", "A"), 3));
    EXPECT_EQ(reached(plant, "s"), Names{"box"});
}

TEST(PackedThing, is_in_the_last_unit_alone) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    plant.pack(2, "other", instance("s"));
    EXPECT_EQ(reached(plant, "s"), Names{"other"});
    EXPECT_EQ(reached(plant, "box", Direction::back), Names{});
    plant.unpack(3, "box", instance("s"));
    EXPECT_EQ(reached(plant, "s"), Names{"other"});
    plant.add(at_hour(packing(Action::remove, "other", {}), 4));
    EXPECT_EQ(reached(plant, "s"), Names{});
}

TEST(PackedThing, is_out_by_a_delete_of_either_type_of_event) {
    Plant plant;
    plant.add(at_hour(installing(Action::add, "t", {instance("s")}), 1));
    plant.pack(1, "box", instance("t"));
    EXPECT_EQ(reached(plant, "s"), (Names{"t", "box"}));
    plant.unpack(2, "t", instance("s"));
    EXPECT_EQ(reached(plant, "s"), Names{});
}

TEST(PackedThing, is_packed_again_after_it_came_back) {
    Plant plant;
    plant.ship(1, {instance("s")}, "C1");
    plant.add(at_hour(returned({instance("s")}, "C1", "A"), 2));
    plant.pack(3, "box", instance("s"));
    EXPECT_EQ(reached(plant, "s"), Names{"box"});
}

TEST(PackedThing, goes_by_the_time_of_its_events_not_by_when_they_were_recorded) {
    Plant plant;
    plant.ship(5, {instance("s")}, "C1");
    plant.pack(3, "box", instance("s"));  // recorded late
    EXPECT_EQ(reached(plant, "s"), Names{});
    plant.pack(6, "other", instance("s"));
    plant.pack(2, "pallet", instance("other"));
    EXPECT_EQ(reached(plant, "s"), (Names{"other", "pallet"}));
}

TEST(PackedThing, is_back_in_when_what_took_it_out_is_declared_wrong) {
    Plant plant;
    plant.pack(1, "box", instance("s"));
    const Event delivery = with_id(at_hour(shipped({instance("s")}, "A", "C1"), 2), "e");
    const Sequence before = plant.add(delivery);
    plant.add(declared_wrong(delivery));
    EXPECT_EQ(reached(plant, "s"), Names{"box"});
    EXPECT_EQ(reached(plant, "s", Direction::forward, before + 1), Names{});
    EXPECT_EQ(reached(plant, "s", Direction::forward, before), Names{"box"});
}

TEST(PackedThing, may_be_known_as_one_only_later) {
    Fed fed;
    fed.add(received({instance("u")}, "SUP", "A"));
    fed.add(at_hour(packing(Action::add, "box", {instance("u")}), 1));
    fed.add(at_hour(shipped({instance("u")}, "A", "C1"), 2));
    EXPECT_EQ(reached(fed, "u"), Names{"box"});  // a lot, for all that is known: a part may be in there still
    fed.add_master(item("u", ItemKind::serial, ""));
    EXPECT_EQ(reached(fed, "u"), Names{});
    EXPECT_EQ(reached(fed, "box", Direction::back), Names{});
}

TEST(PackedThing, is_delivered_with_its_unit_exactly_when_a_trace_follows_the_unit) {
    for (const bool by_itself : {false, true}) {
        Plant plant;
        plant.pack(1, "box", instance("s"));
        if (by_itself) plant.ship(2, {instance("s")}, "C1");
        plant.ship(3, {instance("box")}, "C2");
        const View view = plant.index.view();
        const ItemStock stock = stock_of(view, node_of(view, "s"));
        ASSERT_EQ(stock.units.front().with_customer.size(), 1U);
        EXPECT_EQ(view.party(stock.units.front().with_customer.front().party).id, by_itself ? "C1" : "C2");
        EXPECT_EQ(reached(plant, "s"), by_itself ? Names{} : Names{"box"});
    }
}

}  // namespace
}  // namespace stemma::lineage
