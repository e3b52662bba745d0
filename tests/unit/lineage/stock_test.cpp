// Stock, status and mass balance of one item, by hand.
#include "core/lineage/stock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

ItemStock stock(const Fed& fed, const std::string& id, Sequence as_of = kLatest) {
    const View view = fed.index.view(as_of);
    return stock_of(view, node_of(view, id));
}
MassBalance balance(const Fed& fed, const std::string& id) {
    const View view = fed.index.view();
    return balance_of(view, node_of(view, id));
}
Status status(const Fed& fed, const std::string& id, Sequence as_of = kLatest) { return stock(fed, id, as_of).status; }

std::string place_id(const Fed& fed, PlaceNo place) {
    const View view = fed.index.view();
    return std::string{view.place(place).id};
}

/// Places of each kind, a lot of a product counted in kilograms, and a serial.
struct Shop : Fed {
    Shop() {
        add_master(place("urn:in", PlaceKind::stock));
        add_master(place("urn:store", PlaceKind::stock));
        add_master(place("urn:truck", PlaceKind::transit));
        add_master(place("urn:street", PlaceKind::outside));
        add_master(product("urn:p:flour", Tracking::lot, "KGM"));
        add_master(product("urn:p:phone", Tracking::serial));
        add_master(item("urn:lot", ItemKind::lot, "urn:p:flour"));
        add_master(item("urn:sn", ItemKind::serial, "urn:p:phone"));
    }
};

TEST(Stock, follows_a_lot_from_receipt_to_its_last_gram) {
    Shop shop;
    shop.add(received({some("urn:lot", 100, "KGM")}, "urn:sup", "urn:in"));
    shop.add(moved({some("urn:lot", 90, "KGM")}, "urn:in", "urn:store"));
    shop.add(moved({some("urn:lot", 20, "KGM")}, "urn:store", "urn:truck"));
    shop.add(shipped({some("urn:lot", 30, "KGM")}, "urn:store", "urn:cust:1"));
    shop.add(returned({some("urn:lot", 5, "KGM")}, "urn:cust:1", "urn:in"));
    shop.add(with_places(transformation("urn:t", {some("urn:lot", 25, "KGM")}, {}), "urn:store", ""));
    Event scrap = with_places(object("destroying", {some("urn:lot", 3, "KGM")}), "urn:in", "");
    scrap.action = Action::remove;
    shop.add(scrap);
    Event back = shipped({some("urn:lot", 7, "KGM")}, "urn:in", "urn:sup");
    back.disposition = "returned";
    shop.add(back);
    Event count = with_places(object("stock_taking", {some("urn:lot", 1, "KGM")}), "", "urn:store");
    count.action = Action::add;
    shop.add(count);

    const MassBalance found = balance(shop, "urn:lot");
    ASSERT_EQ(found.stock.units.size(), 1U);
    const UnitStock& unit = found.stock.units[0];
    EXPECT_EQ(unit.received, 100 * kOne);
    EXPECT_EQ(unit.shipped, 30 * kOne);
    EXPECT_EQ(unit.returned_by_customer, 5 * kOne);
    EXPECT_EQ(unit.consumed, 25 * kOne);
    EXPECT_EQ(unit.written_off, 3 * kOne);
    EXPECT_EQ(unit.returned_to_supplier, 7 * kOne);
    EXPECT_EQ(unit.found, 1 * kOne);
    ASSERT_EQ(unit.on_hand.size(), 2U);  // in: 100 - 90 + 5 - 3 - 7, store: 90 - 20 - 30 - 25 + 1
    EXPECT_EQ(place_id(shop, unit.on_hand[0].place), "urn:in");
    EXPECT_EQ(unit.on_hand[0].micros, 5 * kOne);
    EXPECT_EQ(unit.on_hand[1].micros, 16 * kOne);
    EXPECT_EQ(unit.in_transit_total(), 20 * kOne);
    EXPECT_EQ(unit.with_customer_total(), 25 * kOne);
    EXPECT_TRUE(found.closes());
    EXPECT_EQ(found.units[0].inflow, 106 * kOne);
    EXPECT_EQ(found.units[0].outflow, 65 * kOne);
    EXPECT_EQ(found.units[0].difference, 0);
}

TEST(Stock, of_an_item_without_movements_is_empty_and_its_status_unknown) {
    const Shop shop;
    const ItemStock found = stock(shop, "urn:lot");
    EXPECT_EQ(found.status, Status::unknown);
    ASSERT_EQ(found.units.size(), 1U);
    const View view = shop.index.view();
    EXPECT_EQ(view.unit(found.units[0].unit), "KGM");
}

TEST(Stock, waste_is_produced_and_at_once_gone) {
    Shop shop;
    Event waste = with_places(transformation("urn:t", {}, {some("urn:lot", 4, "KGM")}), "", "urn:street");
    waste.disposition = "disposed";
    shop.add(waste);
    const MassBalance found = balance(shop, "urn:lot");
    EXPECT_EQ(found.stock.units[0].produced, 4 * kOne);
    EXPECT_EQ(found.stock.units[0].wasted, 4 * kOne);
    EXPECT_TRUE(found.stock.units[0].on_hand.empty());
    EXPECT_TRUE(found.closes());
    EXPECT_EQ(found.stock.status, Status::written_off);
}

TEST(Status, of_a_serial_from_receipt_to_its_return) {
    Shop shop;
    const Sequence start = shop.index.position();
    shop.add(received({instance("urn:sn")}, "urn:sup", "urn:in"));
    shop.add(moved({instance("urn:sn")}, "urn:in", "urn:store"));
    shop.add(moved({instance("urn:sn")}, "urn:store", "urn:truck"));
    shop.add(moved({instance("urn:sn")}, "urn:truck", "urn:store"));
    shop.add(shipped({instance("urn:sn")}, "urn:store", "urn:cust"));
    shop.add(returned({instance("urn:sn")}, "urn:cust", "urn:in"));
    shop.add(moved({instance("urn:sn")}, "urn:in", "urn:store"));
    shop.add(shipped({instance("urn:sn")}, "urn:store", "urn:cust"));
    const std::vector<Status> expected{Status::unknown, Status::received, Status::in_stock, Status::in_transit, Status::in_stock,
                                       Status::shipped, Status::returned, Status::returned, Status::shipped};
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(status(shop, "urn:sn", start + i), expected[i]) << i;
}

TEST(Status, of_a_serial_that_another_than_the_buyer_brought_back_is_returned_and_nobody_has_it) {
    Shop shop;
    shop.add(received({instance("urn:sn")}, "urn:sup", "urn:in"));
    shop.add(shipped({instance("urn:sn")}, "urn:in", "urn:cust:1"));
    EXPECT_EQ(stock(shop, "urn:sn").units[0].with_customer_total(), kOne);
    shop.add(returned({instance("urn:sn")}, "urn:cust:2", "urn:in"));
    EXPECT_EQ(status(shop, "urn:sn"), Status::returned);
    EXPECT_TRUE(stock(shop, "urn:sn").units[0].with_customer.empty());
    EXPECT_TRUE(balance(shop, "urn:sn").closes());
    Shop nowhere;  // it came back, and nobody says where to
    nowhere.add(received({instance("urn:sn")}, "urn:sup", "urn:in"));
    nowhere.add(shipped({instance("urn:sn")}, "urn:in", "urn:cust:1"));
    nowhere.add(returned({instance("urn:sn")}, "urn:cust:1", ""));
    EXPECT_EQ(status(nowhere, "urn:sn"), Status::returned);
    EXPECT_TRUE(stock(nowhere, "urn:sn").units[0].with_customer.empty());
}

TEST(Status, of_a_serial_that_left_by_other_doors) {
    Shop shop;
    shop.add_master(item("urn:sn:2", ItemKind::serial, "urn:p:phone"));
    shop.add_master(item("urn:sn:3", ItemKind::serial, "urn:p:phone"));
    shop.add(received({instance("urn:sn"), instance("urn:sn:2"), instance("urn:sn:3")}, "urn:sup", "urn:in"));
    shop.add(with_places(transformation("urn:t", {instance("urn:sn")}, {}), "urn:in", ""));
    Event back = shipped({instance("urn:sn:2")}, "urn:in", "urn:sup");
    back.disposition = "returned";
    shop.add(back);
    shop.add(with_places(object("destroying", {instance("urn:sn:3")}), "urn:in", ""));
    EXPECT_EQ(status(shop, "urn:sn"), Status::consumed);
    EXPECT_EQ(status(shop, "urn:sn:2"), Status::returned_to_supplier);
    EXPECT_EQ(status(shop, "urn:sn:3"), Status::written_off);
}

TEST(Status, of_a_serial_that_was_returned_taken_apart_and_built_again_is_in_stock) {
    Shop shop;
    shop.add(at_hour(received({instance("urn:sn")}, "urn:sup", "urn:in"), 1));
    shop.add(at_hour(shipped({instance("urn:sn")}, "urn:in", "urn:cust"), 2));
    shop.add(at_hour(returned({instance("urn:sn")}, "urn:cust", "urn:in"), 3));
    shop.add(at_hour(with_places(transformation("urn:t", {instance("urn:sn")}, {instance("urn:sn")}), "urn:in", "urn:in"), 4));
    EXPECT_EQ(status(shop, "urn:sn"), Status::in_stock);
}

TEST(Status, of_a_serial_that_went_without_saying_from_where_is_gone) {
    Shop shop;
    shop.add(received({instance("urn:sn")}, "urn:sup", "urn:in"));
    shop.add(shipped({instance("urn:sn")}, "", "urn:cust"));
    EXPECT_EQ(status(shop, "urn:sn"), Status::shipped);
    EXPECT_FALSE(balance(shop, "urn:sn").closes());
}

TEST(Status, of_a_lot_is_where_most_of_it_is_and_of_equals_the_nearest) {
    Shop shop;
    shop.add(received({some("urn:lot", 10, "KGM")}, "urn:sup", "urn:in"));
    EXPECT_EQ(status(shop, "urn:lot"), Status::received);
    shop.add(shipped({some("urn:lot", 5, "KGM")}, "urn:in", "urn:cust"));
    EXPECT_EQ(status(shop, "urn:lot"), Status::in_stock);
    shop.add(shipped({some("urn:lot", 1, "KGM")}, "urn:in", "urn:cust"));
    EXPECT_EQ(status(shop, "urn:lot"), Status::shipped);
}

TEST(Status, of_an_item_without_master_data_goes_by_its_quantities) {
    Shop shop;
    shop.add(received({instance("urn:foreign")}, "urn:sup", "urn:in"));
    EXPECT_EQ(status(shop, "urn:foreign"), Status::received);
    shop.add(shipped({instance("urn:foreign")}, "urn:in", "urn:cust"));
    EXPECT_EQ(status(shop, "urn:foreign"), Status::shipped);
}

TEST(Consumed, entirely_means_that_nothing_that_came_into_being_is_left_over) {
    Shop shop;
    shop.add(received({some("urn:lot", 10, "KGM")}, "urn:sup", "urn:in"));
    EXPECT_FALSE(is_consumed_entirely(stock(shop, "urn:lot")));
    shop.add(with_places(transformation("urn:t:1", {some("urn:lot", 9, "KGM")}, {}), "urn:in", ""));
    EXPECT_FALSE(is_consumed_entirely(stock(shop, "urn:lot")));
    shop.add(with_places(transformation("urn:t:2", {some("urn:lot", 1, "KGM")}, {}), "urn:in", ""));
    EXPECT_TRUE(is_consumed_entirely(stock(shop, "urn:lot")));
    EXPECT_FALSE(is_consumed_entirely(stock(shop, "urn:sn")));
}

TEST(Balance, names_the_place_with_negative_stock_and_the_documents_that_took_from_it) {
    Shop shop;
    shop.add(with_document(received({some("urn:lot", 10, "KGM")}, "urn:sup", "urn:in"), "recadv", "urn:d:receipt"));
    shop.add(with_document(shipped({some("urn:lot", 4, "KGM")}, "urn:store", "urn:cust"), "desadv", "urn:d:delivery"));
    const MassBalance found = balance(shop, "urn:lot");
    ASSERT_EQ(found.discrepancies.size(), 1U);
    const Discrepancy& one = found.discrepancies[0];
    EXPECT_EQ(one.kind, Discrepancy::Kind::negative_stock);
    EXPECT_EQ(place_id(shop, one.place), "urn:store");
    EXPECT_EQ(one.amount.micros, -4 * kOne);
    ASSERT_EQ(one.documents.size(), 1U);
    const View view = shop.index.view();
    EXPECT_EQ(view.document(one.documents[0]).id, "urn:d:delivery");
    EXPECT_EQ(found.units[0].difference, 0);
    EXPECT_FALSE(found.closes());
}

TEST(Balance, names_so_many_documents_each_once_and_counts_the_others) {
    for (const std::size_t more : {0U, 1U, 30U}) {
        Shop shop;
        for (std::size_t i = 0; i < kGapDocumentsMax + more; ++i)
            for (int twice = 0; twice < 2; ++twice)
                shop.add(
                    with_document(shipped({some("urn:lot", 1, "KGM")}, "urn:store", "urn:cust"), "desadv", fmt::format("urn:d:{}", i)));
        const MassBalance found = balance(shop, "urn:lot");
        ASSERT_EQ(found.discrepancies.size(), 1U);
        const Discrepancy& one = found.discrepancies[0];
        ASSERT_EQ(one.documents.size(), kGapDocumentsMax);
        EXPECT_EQ(one.more_documents, more);
        const View view = shop.index.view();
        for (std::size_t i = 0; i < kGapDocumentsMax; ++i) EXPECT_EQ(view.document(one.documents[i]).id, fmt::format("urn:d:{}", i));
    }
}

TEST(Balance, tells_each_place_apart_that_does_not_add_up) {
    Shop shop;
    shop.add(with_document(shipped({some("urn:lot", 4, "KGM")}, "urn:store", "urn:cust"), "desadv", "urn:d:store"));
    shop.add(with_document(moved({some("urn:lot", 3, "KGM")}, "urn:in", "urn:street"), "inv", "urn:d:street"));
    const MassBalance found = balance(shop, "urn:lot");
    ASSERT_EQ(found.discrepancies.size(), 3U);
    std::map<std::string, std::string> documents;
    const View view = shop.index.view();
    for (const Discrepancy& one : found.discrepancies) {
        ASSERT_EQ(one.documents.size(), 1U);
        documents[place_id(shop, one.place)] = view.document(one.documents[0]).id;
    }
    const std::map<std::string, std::string> expected{
        {"urn:store", "urn:d:store"}, {"urn:in", "urn:d:street"}, {"urn:street", "urn:d:street"}};
    EXPECT_EQ(documents, expected);
}

TEST(Balance, tells_so_many_movements_of_a_kind_and_counts_the_others) {
    for (const std::size_t more : {0U, 1U}) {
        Shop shop;
        shop.add(received({some("urn:lot", 500, "KGM")}, "urn:sup", "urn:in"));
        for (std::size_t i = 0; i < kMovementRemarksMax + more; ++i) shop.add(shipped({some("urn:lot", 1, "KGM")}, "", "urn:cust"));
        const Sequence odd = shop.add(received({some("urn:lot", 7, "LTR")}, "urn:sup", "urn:in"));
        const MassBalance found = balance(shop, "urn:lot");
        ASSERT_EQ(found.discrepancies.size(), kMovementRemarksMax + 1);
        EXPECT_EQ(found.discrepancies.back().sequence, odd);  // another kind is not crowded out
        EXPECT_EQ(found.more_discrepancies, more);
        EXPECT_FALSE(found.closes());
    }
}

TEST(Balance, lists_movements_without_a_place_that_is_needed) {
    Shop shop;
    shop.add(received({some("urn:lot", 10, "KGM")}, "urn:sup", ""));
    const Sequence to_nowhere = shop.add(moved({some("urn:lot", 2, "KGM")}, "urn:in", ""));
    const Sequence from_nowhere = shop.add(moved({some("urn:lot", 3, "KGM")}, "", "urn:in"));
    const MassBalance found = balance(shop, "urn:lot");
    ASSERT_EQ(found.discrepancies.size(), 3U);
    EXPECT_EQ(found.discrepancies[0].kind, Discrepancy::Kind::missing_from);
    EXPECT_EQ(found.discrepancies[0].sequence, from_nowhere);
    EXPECT_EQ(found.discrepancies[1].kind, Discrepancy::Kind::missing_to);
    EXPECT_EQ(found.discrepancies[2].sequence, to_nowhere);
    EXPECT_EQ(found.units[0].difference, 10 * kOne);
    EXPECT_TRUE(found.stock.units[0].on_hand.empty());  // half a move makes and loses nothing
}

TEST(Balance, keeps_another_unit_apart_and_reports_it) {
    Shop shop;
    shop.add(received({some("urn:lot", 10, "KGM")}, "urn:sup", "urn:in"));
    const Sequence odd = shop.add(received({some("urn:lot", 7, "LTR")}, "urn:sup", "urn:in"));
    const MassBalance found = balance(shop, "urn:lot");
    ASSERT_EQ(found.units.size(), 2U);
    EXPECT_EQ(found.units[0].on_hand, 10 * kOne);
    EXPECT_EQ(found.units[1].on_hand, 7 * kOne);
    ASSERT_EQ(found.discrepancies.size(), 1U);
    EXPECT_EQ(found.discrepancies[0].kind, Discrepancy::Kind::unit_mismatch);
    EXPECT_EQ(found.discrepancies[0].sequence, odd);
}

TEST(Balance, reports_goods_that_moved_outside_without_a_delivery) {
    Shop shop;
    shop.add(received({some("urn:lot", 10, "KGM")}, "urn:sup", "urn:in"));
    shop.add(with_document(moved({some("urn:lot", 3, "KGM")}, "urn:in", "urn:street"), "inv", "urn:d:1"));
    const MassBalance found = balance(shop, "urn:lot");
    EXPECT_EQ(found.units[0].difference, 3 * kOne);
    ASSERT_EQ(found.discrepancies.size(), 1U);
    EXPECT_EQ(found.discrepancies[0].kind, Discrepancy::Kind::outside);
    EXPECT_EQ(found.discrepancies[0].amount.micros, 3 * kOne);
    EXPECT_EQ(found.discrepancies[0].documents.size(), 1U);
}

TEST(Balance, holds_at_the_ends_of_the_range) {
    Shop shop;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 3; ++i) {
        Event event = received({}, "urn:sup", "urn:in");
        event.items.push_back({ItemId{"urn:lot"}, Quantity{most, "KGM"}});
        shop.add(event);
    }
    EXPECT_EQ(stock(shop, "urn:lot").units[0].received, most);
}

}  // namespace
}  // namespace stemma::lineage
