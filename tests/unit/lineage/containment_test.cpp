// What moves along with its unit: cases derived by hand, one rule of containment.hpp each.
#include "core/lineage/containment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/lineage/broken_links.hpp"
#include "core/lineage/packed_inside.hpp"
#include "core/lineage/recall.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

Event at_place(Event event, const std::string& place) {
    event.biz_location = PlaceId{place};
    return event;
}

/// Three serials made at MAIN of lot L, a pallet, a box.
struct Packed : Fed {
    Packed() {
        add_master(product("urn:p:jacket", Tracking::serial));
        for (const char* serial : {"A", "B", "C"}) add_master(item(serial, ItemKind::serial, "urn:p:jacket"));
        for (const char* unit : {"BOX", "PALLET"}) add_master(item(unit, ItemKind::logistic_unit, ""));
        for (const char* id : {"MAIN", "DOCK", "SHOP"}) add_master(place(id, PlaceKind::stock));
        add(at_hour(received({some("L", 3)}, "SUPPLIER", "MAIN"), 0));
        add(at_hour(with_places(transformation("T", {some("L", 3)}, {instance("A"), instance("B"), instance("C")}), "MAIN", "MAIN"), 1));
    }
    void pack(const std::string& unit, std::vector<ItemQuantity> children, int hour) {
        add(at_hour(at_place(packing(Action::add, unit, std::move(children)), "MAIN"), hour));
    }
    void unpack(const std::string& unit, std::vector<ItemQuantity> children, int hour) {
        add(at_hour(packing(Action::remove, unit, std::move(children)), hour));
    }
};

Status status(const Fed& fed, const std::string& id, Sequence as_of = kLatest) {
    const View view = fed.index.view(as_of);
    return stock_of(view, node_of(view, id)).status;
}

bool closes(const Fed& fed, const std::string& id) {
    const View view = fed.index.view();
    return balance_of(view, node_of(view, id)).closes();
}

std::map<std::string, std::int64_t> customers(const Fed& fed, const std::string& id) {
    const View view = fed.index.view();
    std::map<std::string, std::int64_t> with;
    for (const UnitStock& unit : stock_of(view, node_of(view, id)).units)
        for (const PartyAmount& one : unit.with_customer) with[std::string{view.party(one.party).id}] += one.micros / kOne;
    return with;
}

std::map<std::string, std::int64_t> on_hand(const Fed& fed, const std::string& id) {
    const View view = fed.index.view();
    std::map<std::string, std::int64_t> there;
    for (const UnitStock& unit : stock_of(view, node_of(view, id)).units)
        for (const PlaceAmount& one : unit.on_hand) there[std::string{view.place(one.place).id}] += one.micros / kOne;
    return there;
}

using Amounts = std::map<std::string, std::int64_t>;

TEST(PackedGoods, are_with_the_customer_that_their_pallet_was_delivered_to) {
    Packed story;
    story.pack("PALLET", {instance("A"), instance("B")}, 2);
    story.add(at_hour(with_document(shipped({instance("PALLET")}, "MAIN", "NEW"), "desadv", "urn:d:1"), 3));
    EXPECT_EQ(status(story, "A"), Status::shipped);
    EXPECT_EQ(status(story, "B"), Status::shipped);
    EXPECT_EQ(status(story, "C"), Status::in_stock);
    EXPECT_EQ(status(story, "PALLET"), Status::shipped);
    EXPECT_EQ(customers(story, "A"), (Amounts{{"NEW", 1}}));
    for (const char* id : {"A", "B", "C", "PALLET"}) EXPECT_TRUE(closes(story, id)) << id;
    EXPECT_EQ(count_gaps(story.index.view(), {}).by_kind.at(std::to_underlying(GapKind::never_came_in)), 0U);

    const View view = story.index.view();
    const std::vector<Node> seeds{node_of(view, "L")};
    const RecallReport report = recall(view, seeds);
    ASSERT_EQ(report.certain.by_customer.size(), 1U);
    const PartyTally& customer = report.certain.by_customer.front();
    EXPECT_EQ(customer.tally, (Tally{3, 3, {{UnitNo::piece, 2 * kOne}}}));  // two jackets; the pallet is no jacket
    ASSERT_EQ(customer.by_product.size(), 2U);
    EXPECT_EQ(customer.by_product[0].tally, (Tally{2, 2, {{UnitNo::piece, 2 * kOne}}}));
    EXPECT_TRUE(customer.by_product[1].logistic_units);
    EXPECT_EQ(customer.by_product[1].tally, (Tally{1, 1, {{UnitNo::piece, kOne}}}));
    EXPECT_EQ(report.unbalanced_items, 0U);
    for (const DocumentLine& line : report.documents)
        if (line.kind == MovementKind::shipped) {
            EXPECT_EQ(line.amounts, (std::vector<Amount>{{UnitNo::piece, 2 * kOne}}));
        }
}

TEST(PackedGoods, go_through_boxes_on_pallets_and_come_back_with_them) {
    Packed story;
    story.pack("BOX", {instance("A")}, 2);
    story.pack("PALLET", {instance("BOX")}, 3);
    story.add(at_hour(moved({instance("PALLET")}, "MAIN", "DOCK"), 4));
    EXPECT_EQ(on_hand(story, "A"), (Amounts{{"DOCK", 1}}));
    EXPECT_EQ(on_hand(story, "BOX"), (Amounts{{"DOCK", 1}}));
    const Sequence sent = story.add(at_hour(shipped({instance("PALLET")}, "DOCK", "NEW"), 5));
    EXPECT_EQ(customers(story, "A"), (Amounts{{"NEW", 1}}));
    story.add(at_hour(returned({instance("PALLET")}, "NEW", "SHOP"), 6));
    EXPECT_EQ(status(story, "A"), Status::returned);
    EXPECT_EQ(on_hand(story, "A"), (Amounts{{"SHOP", 1}}));
    EXPECT_EQ(status(story, "A", sent + 1), Status::shipped);
    EXPECT_EQ(status(story, "A", sent), Status::in_stock);
}

TEST(PackedGoods, stay_where_they_are_once_they_are_unpacked) {
    for (const bool emptied : {false, true}) {
        Packed story;
        story.pack("PALLET", {instance("A"), instance("B")}, 2);
        story.unpack("PALLET", emptied ? std::vector<ItemQuantity>{} : std::vector{instance("A")}, 3);
        story.add(at_hour(shipped({instance("PALLET")}, "MAIN", "NEW"), 4));
        EXPECT_EQ(status(story, "A"), Status::in_stock);
        EXPECT_EQ(status(story, "B"), emptied ? Status::in_stock : Status::shipped);
    }
}

TEST(PackedGoods, do_not_go_along_with_what_their_unit_did_before_they_were_in_it) {
    Packed story;
    story.add(at_hour(shipped({instance("PALLET")}, "MAIN", "OLD"), 2));
    story.add(at_hour(returned({instance("PALLET")}, "OLD", "MAIN"), 3));
    story.pack("PALLET", {instance("A")}, 4);
    EXPECT_EQ(customers(story, "A"), Amounts{});
    EXPECT_EQ(status(story, "A"), Status::in_stock);
}

TEST(PackedGoods, are_counted_once_where_the_delivery_names_them_as_well) {
    for (const bool one_event : {true, false})
        for (const bool pallet_first : {true, false}) {
            Packed story;
            story.pack("PALLET", {instance("A")}, 2);
            std::vector<std::vector<ItemQuantity>> deliveries{{instance("A")}, {instance("PALLET")}};
            if (pallet_first) std::swap(deliveries[0], deliveries[1]);
            if (one_event) deliveries = {{deliveries[0][0], deliveries[1][0]}};
            for (const auto& items : deliveries) story.add(at_hour(shipped(items, "MAIN", "NEW"), 3));
            EXPECT_EQ(customers(story, "A"), (Amounts{{"NEW", 1}}));
            EXPECT_TRUE(closes(story, "A"));
            EXPECT_TRUE(closes(story, "PALLET"));
        }
}

TEST(PackedGoods, are_where_their_own_delivery_says_after_the_pallet_was_only_moved) {
    Packed story;
    story.pack("PALLET", {instance("A")}, 2);
    story.add(at_hour(moved({instance("PALLET")}, "MAIN", "DOCK"), 3));
    story.add(at_hour(shipped({instance("A")}, "MAIN", "NEW"), 4));  // an ERP that knows of no dock
    EXPECT_EQ(customers(story, "A"), (Amounts{{"NEW", 1}}));
    EXPECT_EQ(on_hand(story, "A"), Amounts{});
    EXPECT_TRUE(closes(story, "A"));
}

TEST(PackedGoods, move_with_what_they_are_installed_in_and_are_used_up_with_it) {
    Packed story;
    story.add_master(item("M", ItemKind::serial, "urn:p:jacket"));
    story.add(at_hour(received({instance("M")}, "SUPPLIER", "MAIN"), 0));
    story.add(at_hour(installing(Action::add, "M", {instance("A")}), 2));
    story.add(at_hour(moved({instance("M")}, "MAIN", "SHOP"), 3));
    EXPECT_EQ(on_hand(story, "A"), (Amounts{{"SHOP", 1}}));
    story.add(at_hour(with_places(transformation("T2", {instance("M")}, {some("SCRAP", 1)}), "SHOP", "SHOP"), 4));
    EXPECT_EQ(status(story, "A"), Status::consumed);
}

TEST(PackedGoods, of_a_lot_are_the_amount_that_was_packed_or_all_at_the_place_of_packing) {
    Packed story;
    story.add(at_hour(with_places(object("commissioning", {some("N", 10)}), "", "MAIN"), 1));
    story.add(at_hour(moved({some("N", 2)}, "MAIN", "SHOP"), 1));
    story.pack("BOX", {some("N", 3)}, 2);
    story.add(at_hour(shipped({instance("BOX")}, "MAIN", "NEW"), 3));
    EXPECT_EQ(customers(story, "N"), (Amounts{{"NEW", 3}}));
    EXPECT_EQ(on_hand(story, "N"), (Amounts{{"MAIN", 5}, {"SHOP", 2}}));
    story.pack("PALLET", {instance("N")}, 4);  // no amount: the five at MAIN
    story.add(at_hour(shipped({instance("PALLET")}, "MAIN", "OTHER"), 5));
    EXPECT_EQ(customers(story, "N"), (Amounts{{"NEW", 3}, {"OTHER", 5}}));
    EXPECT_EQ(on_hand(story, "N"), (Amounts{{"SHOP", 2}}));
}

TEST(PackedGoods, that_nothing_ever_brought_in_come_in_with_the_receipt_of_their_pallet) {
    Packed story;
    story.add_master(item("X", ItemKind::serial, "urn:p:jacket"));
    story.add(at_hour(packing(Action::add, "PALLET", {instance("X")}), 2));  // the supplier's packing list
    story.add(at_hour(received({instance("PALLET")}, "SUPPLIER", "DOCK"), 3));
    EXPECT_EQ(on_hand(story, "X"), (Amounts{{"DOCK", 1}}));
    EXPECT_EQ(status(story, "X"), Status::received);
    EXPECT_TRUE(closes(story, "X"));
}

TEST(PackedGoods, that_came_in_at_a_time_are_there_for_what_has_the_date_of_that_day_alone) {
    const auto dated = [](Event event) {
        event.time.instant.us -= event.time.instant.us % kMicrosPerDay;
        event.time.date_only = true;
        return event;
    };
    for (const auto& goods : {instance("urn:sn"), some("urn:lot", 10)}) {
        Fed fed;
        fed.add_master(place("urn:store", PlaceKind::stock));
        fed.add_master(product("urn:p:phone", Tracking::serial));
        fed.add_master(product("urn:p:flour", Tracking::lot));
        fed.add_master(item("urn:sn", ItemKind::serial, "urn:p:phone"));
        fed.add_master(item("urn:lot", ItemKind::lot, "urn:p:flour"));
        fed.add_master(item("urn:box", ItemKind::logistic_unit, ""));
        fed.add(received({goods}, "urn:sup", "urn:store"));
        fed.add(dated(packing(Action::add, "urn:box", {goods})));
        fed.add(dated(shipped({instance("urn:box")}, "urn:store", "urn:c")));
        const View view = fed.index.view();
        const ItemStock stock = stock_of(view, node_of(view, goods.item.str()));
        EXPECT_EQ(stock.status, Status::shipped);
        EXPECT_EQ(stock.units.front().on_hand_total(), 0);
        EXPECT_EQ(stock.units.front().with_customer_total(), stock.units.front().received);
    }
}

TEST(PackedGoods, forget_an_event_that_was_declared_wrong) {
    Packed story;
    story.pack("PALLET", {instance("A")}, 2);
    const Event delivery = with_id(at_hour(shipped({instance("PALLET")}, "MAIN", "NEW"), 3), "urn:e:1");
    story.add(delivery);
    const Sequence wrong = story.add(declared_wrong(delivery));
    EXPECT_EQ(status(story, "A"), Status::in_stock);
    EXPECT_EQ(status(story, "A", wrong), Status::shipped);
}

TEST(PackedGoods, end_where_units_are_in_each_other) {
    Packed story;
    story.pack("BOX", {instance("A"), instance("PALLET")}, 2);
    story.pack("PALLET", {instance("BOX")}, 3);
    story.add(at_hour(shipped({instance("BOX")}, "MAIN", "NEW"), 4));
    EXPECT_EQ(customers(story, "A"), (Amounts{{"NEW", 1}}));
    EXPECT_EQ(customers(story, "PALLET"), (Amounts{{"NEW", 1}}));
}

TEST(LogisticUnit, is_made_by_packing_where_its_first_movement_takes_it_from_when_packing_does_not_say) {
    Packed story;
    story.add(at_hour(packing(Action::add, "PALLET", {instance("A")}), 2));
    EXPECT_EQ(status(story, "PALLET"), Status::unknown);  // nobody says where it is
    EXPECT_TRUE(closes(story, "PALLET"));
    story.add(at_hour(moved({instance("PALLET")}, "MAIN", "DOCK"), 3));
    EXPECT_EQ(on_hand(story, "PALLET"), (Amounts{{"DOCK", 1}}));
    EXPECT_TRUE(closes(story, "PALLET"));
}

TEST(LogisticUnit, holds_what_is_packed_in_it_and_in_what_it_holds_each_once) {
    Fed fed;
    fed.add_master(product("flour", Tracking::lot));
    fed.add_master(item("L", ItemKind::lot, "flour"));
    for (const char* id : {"P", "K"}) fed.add_master(item(id, ItemKind::logistic_unit, ""));
    fed.add(at_hour(packing(Action::add, "K", {instance("A"), instance("B"), some("L", 3)}), 1));
    fed.add(at_hour(packing(Action::add, "P", {instance("K"), instance("C"), instance("D")}), 2));
    fed.add(at_hour(packing(Action::add, "P", {instance("D")}), 3));
    fed.add(at_hour(packing(Action::remove, "P", {instance("C")}), 4));
    const View view = fed.index.view();
    const auto ids = [&](const PackedInside& inside) {
        std::vector<std::string> all;
        for (const Node node : inside.items) all.emplace_back(view.id(node));
        std::ranges::sort(all);
        return all;
    };
    const PackedInside pallet = packed_inside(view, node_of(view, "P"), 10);
    EXPECT_EQ(ids(pallet), (std::vector<std::string>{"A", "B", "D", "K", "L"}));
    EXPECT_EQ(pallet.lots, 1U);
    EXPECT_EQ(pallet.taken_out, 1U);
    EXPECT_FALSE(pallet.truncated);
    EXPECT_FALSE(packed_inside(view, node_of(view, "P"), 5).truncated);
    EXPECT_TRUE(packed_inside(view, node_of(view, "P"), 4).truncated);
    EXPECT_EQ(packed_inside(view, node_of(view, "P"), 4).items.size(), 4U);
    EXPECT_TRUE(packed_inside(view, node_of(view, "A"), 10).items.empty());
}

TEST(LogisticUnit, that_is_in_itself_by_way_of_another_does_not_hold_itself) {
    Fed fed;
    for (const char* id : {"P", "K"}) fed.add_master(item(id, ItemKind::logistic_unit, ""));
    fed.add(packing(Action::add, "K", {instance("P")}));
    fed.add(packing(Action::add, "P", {instance("K")}));
    const View view = fed.index.view();
    EXPECT_EQ(packed_inside(view, node_of(view, "P"), 10).items, (std::vector<Node>{node_of(view, "K")}));
}

TEST(LogisticUnit, is_not_made_as_of_a_position_before_anything_was_packed_in_it) {
    Fed story;  // X has no master data: at first it is goods in a box, and no unit
    const Sequence boxed = story.add(at_hour(at_place(packing(Action::add, "BOX", {instance("X")}), "MAIN"), 0));
    const Sequence came_back = story.add(at_hour(returned({instance("X")}, "CUSTOMER", "MAIN"), 1));
    story.add(at_hour(at_place(packing(Action::add, "X", {instance("A")}), "MAIN"), 2));
    const auto found = [&](Sequence as_of) {
        const View view = story.index.view(as_of);
        return stock_of(view, node_of(view, "X")).units.at(0).found;
    };
    EXPECT_EQ(found(boxed + 1), 0);
    EXPECT_EQ(found(came_back + 1), 0);
    EXPECT_EQ(found(kLatest), kOne);
}

TEST(LogisticUnit, is_not_made_twice) {
    Packed story;
    story.add(at_hour(with_places(object("commissioning", {instance("PALLET")}), "", "MAIN"), 1));
    story.pack("PALLET", {instance("A")}, 2);
    EXPECT_EQ(on_hand(story, "PALLET"), (Amounts{{"MAIN", 1}}));
}

}  // namespace
}  // namespace stemma::lineage
