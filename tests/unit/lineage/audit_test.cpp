// The audit by hand: one small ledger per fault, each found once, and beside it what looks alike and is none.
#include "core/lineage/audit.hpp"

#include <gtest/gtest.h>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

/// Two stores, a truck and the sea; a product with lots a, b, one in kg with lots k, l, and serials s, t.
struct Shop : Fed {
    Shop() {
        for (const char* id : {"north", "south"}) add_master(place(id, PlaceKind::stock));
        add_master(place("truck", PlaceKind::transit));
        add_master(product("p", Tracking::lot));
        add_master(product("flour", Tracking::lot, "KGM"));
        add_master(product("q", Tracking::serial));
        for (const char* id : {"a", "b"}) add_master(item(id, ItemKind::lot, "p"));
        for (const char* id : {"k", "l"}) add_master(item(id, ItemKind::lot, "flour"));
        for (const char* id : {"s", "t"}) add_master(item(id, ItemKind::serial, "q"));
    }
    void receive(const std::string& id, int hour = 0, const std::string& to = "north") {
        add(at_hour(received({instance(id)}, "sup", to), hour));
    }
};

struct Found {
    std::string kind;
    std::string item;
    std::int64_t pieces;
    std::string place;
    std::size_t events;
    friend bool operator==(const Found&, const Found&) = default;
};
std::ostream& operator<<(std::ostream& out, const Found& found) {
    return out << found.kind << ' ' << found.item << ' ' << found.pieces << ' ' << found.place << ' ' << found.events;
}

std::vector<AuditFault> faults_of(const View& view, const AuditOptions& options = {}, const ItemLife& life = {}) {
    Audit audit{view, options};
    std::vector<AuditFault> all;
    for (std::uint32_t node = 0; node < view.node_count(); ++node)
        for (AuditFault& fault : audit.of(Node{node}, life)) all.push_back(std::move(fault));
    return all;
}

std::vector<Found> found_in(const Fed& fed, const AuditOptions& options = {}, const ItemLife& life = {}) {
    const View view = fed.index.view();
    std::vector<Found> all;
    for (const AuditFault& fault : faults_of(view, options, life))
        all.push_back({std::string{to_string(fault.kind)}, std::string{view.id(fault.item)}, fault.amount.micros / kOne,
                       fault.place == PlaceNo::none ? "" : std::string{view.place(fault.place).id}, fault.events.size()});
    return all;
}

using None = std::vector<Found>;

Event made(const std::string& id, std::vector<ItemQuantity> inputs, std::vector<ItemQuantity> outputs) {
    return with_places(transformation(id, std::move(inputs), std::move(outputs)), "north", "north");
}

Event on_day(Event event, int day) {
    event.time.instant.us = (kStart.us / kMicrosPerDay + day) * kMicrosPerDay;
    event.time.date_only = true;
    return event;
}

TEST(Audit, finds_nothing_in_a_life_without_faults) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(moved({instance("s")}, "north", "truck"), 1));
    shop.add(at_hour(moved({instance("s")}, "truck", "south"), 2));
    shop.add(at_hour(shipped({instance("s")}, "south", "ada"), 3));
    shop.add(at_hour(returned({instance("s")}, "ada", "south"), 4));
    shop.add(at_hour(shipped({instance("s")}, "south", "bob"), 5));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(Audit, kinds_that_broken_links_have_bear_their_names) {
    for (std::size_t kind = 0; kind < kGapKinds; ++kind)
        EXPECT_EQ(to_string(static_cast<AuditKind>(kind)), to_string(static_cast<GapKind>(kind)));
    for (std::size_t kind = 0; kind < kAuditKinds; ++kind) {
        EXPECT_NE(to_string(static_cast<AuditKind>(kind)), "");
        EXPECT_NE(meaning_of(static_cast<AuditKind>(kind)), "");
        EXPECT_NE(look_for(static_cast<AuditKind>(kind)), "");
    }
}

// --- one thing -------------------------------------------------------------------------------------------------------------

TEST(AuditOneThing, received_at_two_places_is_at_two_places) {
    Shop shop;
    shop.receive("s", 0, "north");
    shop.receive("s", 1, "south");
    EXPECT_EQ(found_in(shop), (None{{"two_places", "s", 2, "north", 2}}));
}

TEST(AuditOneThing, delivered_from_a_place_where_it_was_not_is_at_two_places) {
    Shop shop;
    shop.receive("s", 0, "north");
    shop.add(at_hour(shipped({instance("s")}, "south", "ada"), 1));
    EXPECT_EQ(found_in(shop), (None{{"two_places", "s", 2, "north", 2}}));
}

TEST(AuditOneThing, moved_and_then_delivered_from_there_is_at_one_place) {
    Shop shop;
    shop.receive("s", 0, "north");
    shop.add(at_hour(moved({instance("s")}, "north", "south"), 1));
    shop.add(at_hour(shipped({instance("s")}, "south", "ada"), 1));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditOneThing, received_twice_at_one_place_is_there_twice) {
    Shop shop;
    shop.receive("s", 0);
    shop.receive("s", 1);
    EXPECT_EQ(found_in(shop), (None{{"serial_twice", "s", 2, "", 2}}));
}

TEST(AuditOneThing, used_and_later_delivered_is_consumed_yet_available) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(made("w", {instance("s")}, {instance("t")}), 1));
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 2));
    EXPECT_EQ(found_in(shop), (None{{"consumed_yet_available", "s", 1, "", 2}}));
}

TEST(AuditOneThing, used_from_another_place_and_still_on_hand_is_consumed_yet_available) {
    Shop shop;
    shop.receive("s", 0, "south");
    shop.add(at_hour(made("w", {instance("s")}, {instance("t")}), 1));
    EXPECT_EQ(found_in(shop), (None{{"consumed_yet_available", "s", 2, "south", 2}}));
}

TEST(AuditOneThing, taken_apart_again_it_may_be_delivered) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(made("w", {instance("s")}, {instance("t")}), 1));
    shop.add(at_hour(made("unbuild", {instance("t")}, {instance("s")}), 2));
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 3));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditOneThing, a_repair_that_takes_it_in_and_puts_it_out_leaves_it_there) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(made("repair", {instance("s")}, {instance("s")}), 1));
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 2));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditOneThing, delivered_twice_without_coming_back) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 1));
    shop.add(at_hour(shipped({instance("s")}, "north", "bob"), 2));
    const View view = shop.index.view();
    EXPECT_EQ(found_in(shop), (None{{"delivered_twice", "s", 1, "", 2}}));
    const std::vector<AuditFault> faults = faults_of(view);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(view.time_of(faults[0].since).us, kStart.us + 2L * 3600 * kMicrosPerSecond) << "the second delivery is the moment";
    EXPECT_EQ(view.party(faults[0].events[0].party).id, "ada");
    EXPECT_EQ(view.party(faults[0].events[1].party).id, "bob");
}

TEST(AuditOneThing, back_on_the_day_of_the_next_delivery_is_in_time) {
    Shop shop;
    shop.add(on_day(received({instance("s")}, "sup", "north"), 0));
    shop.add(on_day(shipped({instance("s")}, "north", "ada"), 1));
    shop.add(on_day(shipped({instance("s")}, "north", "bob"), 2));
    shop.add(on_day(returned({instance("s")}, "ada", "north"), 2));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditOneThing, back_on_the_day_after_the_next_delivery_is_too_late) {
    Shop shop;
    shop.add(on_day(received({instance("s")}, "sup", "north"), 0));
    shop.add(on_day(shipped({instance("s")}, "north", "ada"), 1));
    shop.add(on_day(shipped({instance("s")}, "north", "bob"), 2));
    shop.add(on_day(returned({instance("s")}, "ada", "north"), 3));
    EXPECT_EQ(found_in(shop).front().kind, "delivered_twice");
}

TEST(AuditOneThing, a_delivery_that_was_declared_wrong_does_not_count) {
    Shop shop;
    shop.receive("s");
    shop.add(with_id(at_hour(shipped({instance("s")}, "north", "ada"), 1), "urn:e:1"));
    shop.add(declared_wrong(with_id(at_hour(shipped({instance("s")}, "north", "ada"), 1), "urn:e:1")));
    shop.add(at_hour(shipped({instance("s")}, "north", "bob"), 2));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditOneThing, written_off_and_then_delivered_left_twice) {
    Shop shop;
    shop.receive("s");
    shop.add(at_hour(with_places(object("destroying", {instance("s")}), "north", ""), 1));
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 2));
    EXPECT_EQ(found_in(shop), (None{{"left_twice", "s", 1, "", 2}}));
}

TEST(AuditOneThing, moves_in_pieces_other_than_one) {
    Shop shop;
    shop.add(received({some("s", 2)}, "sup", "north"));
    EXPECT_EQ(found_in(shop), (None{{"not_one_piece", "s", 2, "", 1}}));
}

TEST(AuditOneThing, shipped_before_received_and_never_received) {
    Shop shop;
    shop.receive("s", 2);
    shop.add(at_hour(shipped({instance("s")}, "north", "ada"), 1));
    shop.add(at_hour(shipped({instance("t")}, "north", "ada"), 1));
    EXPECT_EQ(found_in(shop), (None{{"out_before_in", "s", -1, "north", 2}, {"never_came_in", "t", 1, "north", 1}}));
    const View view = shop.index.view();
    EXPECT_EQ(view.time_of(faults_of(view)[0].since).us, kStart.us + 3600 * kMicrosPerSecond) << "the delivery is the moment";
}

TEST(AuditOneThing, shipped_at_the_time_of_its_receipt_is_in_time) {
    Shop shop;
    shop.add(shipped({instance("s")}, "north", "ada"));
    shop.receive("s");
    EXPECT_EQ(found_in(shop), None{});
}

// --- lots ------------------------------------------------------------------------------------------------------------------

TEST(AuditLot, below_zero_at_a_place_says_since_when_and_how_much) {
    Shop shop;
    shop.add(received({some("a", 10)}, "sup", "north"));
    shop.add(at_hour(moved({some("a", 6)}, "north", "south"), 1));
    shop.add(at_hour(shipped({some("a", 3)}, "north", "ada"), 2));
    shop.add(at_hour(shipped({some("a", 3)}, "north", "bob"), 3));
    const View view = shop.index.view();
    EXPECT_EQ(found_in(shop), (None{{"negative_stock", "a", -2, "north", 4}}));
    const std::vector<AuditFault> faults = faults_of(view);
    EXPECT_EQ(view.time_of(faults[0].since).us, kStart.us + 3L * 3600 * kMicrosPerSecond);
}

TEST(AuditLot, the_moment_is_named_though_it_is_past_the_events_that_are_shown) {
    Shop shop;
    shop.add(received({some("a", 30)}, "sup", "north"));
    for (int hour = 1; hour <= 31; ++hour) shop.add(at_hour(shipped({some("a", 1)}, "north", "ada"), hour));
    const View view = shop.index.view();
    const std::vector<AuditFault> faults = faults_of(view);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(view.time_of(faults[0].since).us, kStart.us + 31L * 3600 * kMicrosPerSecond);
    EXPECT_EQ(faults[0].events.size(), kAuditEventsMax);
    EXPECT_EQ(faults[0].events.back().event, faults[0].since);
    EXPECT_EQ(faults[0].more_events, 12U) << "32 in all";
}

TEST(AuditLot, short_at_a_place_until_more_was_put_there) {
    Shop shop;
    shop.add(received({some("a", 10)}, "sup", "north"));
    shop.add(at_hour(shipped({some("a", 4)}, "south", "ada"), 1));
    shop.add(at_hour(moved({some("a", 6)}, "north", "south"), 2));
    EXPECT_EQ(found_in(shop), (None{{"negative_for_a_time", "a", -4, "south", 2}}));
}

TEST(AuditLot, is_not_short_where_the_transfer_has_the_time_of_the_delivery) {
    Shop shop;
    shop.add(received({some("a", 10)}, "sup", "north"));
    shop.add(at_hour(shipped({some("a", 4)}, "south", "ada"), 1));
    shop.add(at_hour(moved({some("a", 6)}, "north", "south"), 1));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditLot, is_not_short_where_both_are_known_by_one_date) {
    Shop shop;
    shop.add(on_day(received({some("a", 10)}, "sup", "north"), 0));
    shop.add(on_day(shipped({some("a", 4)}, "south", "ada"), 1));
    shop.add(on_day(moved({some("a", 6)}, "north", "south"), 1));
    EXPECT_EQ(found_in(shop), None{});
}

TEST(AuditLot, returned_by_another_and_never_sold) {
    Shop shop;
    shop.add(received({some("a", 10), some("b", 10)}, "sup", "north"));
    shop.add(at_hour(shipped({some("a", 4)}, "north", "ada"), 1));
    shop.add(at_hour(returned({some("a", 1)}, "bob", "north"), 2));
    shop.add(at_hour(returned({some("b", 1)}, "bob", "north"), 2));
    EXPECT_EQ(found_in(shop), (None{{"returned_by_another", "a", 1, "", 1}, {"returned_never_shipped", "b", 1, "", 1}}));
}

TEST(AuditLot, moved_to_where_it_is) {
    Shop shop;
    shop.add(received({some("a", 10)}, "sup", "north"));
    shop.add(at_hour(moved({some("a", 4)}, "north", "north"), 1));
    EXPECT_EQ(found_in(shop), (None{{"moved_nowhere", "a", 4, "", 1}}));
}

TEST(AuditLot, dated_in_the_future_one_microsecond_past_the_limit) {
    Shop shop;
    shop.add(at_hour(received({some("a", 10)}, "sup", "north"), 1));
    const Instant at{kStart.us + 3600 * kMicrosPerSecond};
    EXPECT_EQ(found_in(shop, {at, nullptr}), None{});
    EXPECT_EQ(found_in(shop, {Instant{at.us - 1}, nullptr}), (None{{"in_the_future", "a", 10, "", 1}}));
}

TEST(AuditLot, expired_when_it_was_received) {
    Shop shop;
    shop.add(on_day(received({some("a", 10)}, "sup", "north"), 1));
    const Instant day{kStart.us / kMicrosPerDay * kMicrosPerDay};
    const auto expires_on = [&](int number) {
        const std::int64_t first = day.us + number * kMicrosPerDay;
        return ItemLife{EventSpan{Instant{first}, Instant{first + kMicrosPerDay - 1}}, std::nullopt};
    };
    EXPECT_EQ(found_in(shop, {}, expires_on(1)), None{}) << "on the last day";
    EXPECT_EQ(found_in(shop, {}, expires_on(0)), (None{{"expired_before_received", "a", 10, "", 1}}));
}

TEST(AuditLot, expires_before_it_was_made) {
    Shop shop;
    shop.add(on_day(received({some("a", 10)}, "sup", "north"), 0));
    const Instant day{kStart.us / kMicrosPerDay * kMicrosPerDay};
    const EventSpan expires{{day.us + 5 * kMicrosPerDay}, {day.us + 6 * kMicrosPerDay - 1}};
    const EventSpan same{{day.us + 5 * kMicrosPerDay}, {day.us + 6 * kMicrosPerDay - 1}};
    const EventSpan later{{day.us + 6 * kMicrosPerDay}, {day.us + 7 * kMicrosPerDay - 1}};
    const View view = shop.index.view();
    const Node node = node_of(view, "a");
    EXPECT_EQ(Audit{view}.of(node, {expires, same}).size(), 0U) << "on the day it was made";
    const std::vector<AuditFault> faults = Audit{view}.of(node, {expires, later});
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].kind, AuditKind::expires_before_made);
}

// --- productions -----------------------------------------------------------------------------------------------------------

TEST(AuditProduction, without_one_of_its_sides) {
    Shop shop;
    shop.add(received({some("a", 10)}, "sup", "north"));
    shop.add(at_hour(made("w1", {some("a", 1)}, {}), 1));
    shop.add(at_hour(made("w2", {}, {some("b", 1)}), 1));
    EXPECT_EQ(found_in(shop), (None{{"no_outputs", "a", 1, "", 1}, {"no_inputs", "b", 1, "", 1}}));
}

/// What is found where so much of a lot becomes so much of another lot of its product.
std::vector<Found> found_when_becoming(std::int64_t in, std::int64_t out, bool pieces = false) {
    Shop shop;
    const std::string unit = pieces ? "C62" : "KGM";
    const std::string from = pieces ? "a" : "k";
    shop.add(received({some(from, 1000, unit)}, "sup", "north"));
    shop.add(at_hour(made("w", {some(from, in, unit)}, {some(pieces ? "b" : "l", out, unit)}), 1));
    return found_in(shop);
}

TEST(AuditProduction, of_one_product_may_be_off_by_a_hundredth) {
    EXPECT_EQ(found_when_becoming(100, 101), None{});
    EXPECT_EQ(found_when_becoming(100, 99), None{});
    EXPECT_EQ(found_when_becoming(100, 102), (None{{"amounts_differ", "k", 2, "", 2}}));
    EXPECT_EQ(found_when_becoming(100, 98), (None{{"amounts_differ", "k", -2, "", 2}}));
    EXPECT_EQ(found_when_becoming(100, 98, true), (None{{"amounts_differ", "a", -2, "", 2}}));
}

TEST(AuditProduction, by_weight_may_lose_but_not_gain) {
    Shop shop;
    shop.add_master(product("bread", Tracking::lot, "KGM"));
    shop.add_master(item("loaf", ItemKind::lot, "bread"));
    shop.add_master(item("loaves", ItemKind::lot, "bread"));
    shop.add(received({some("k", 1000, "KGM")}, "sup", "north"));
    shop.add(at_hour(made("w1", {some("k", 100, "KGM")}, {some("loaf", 80, "KGM")}), 1));
    EXPECT_EQ(found_in(shop), None{}) << "what the oven takes";
    shop.add(at_hour(made("w2", {some("k", 100, "KGM")}, {some("loaves", 130, "KGM")}), 2));
    EXPECT_EQ(found_in(shop), (None{{"amounts_differ", "k", 30, "", 2}}));
}

TEST(AuditProduction, of_pieces_of_other_products_balances_whatever_the_numbers) {
    Shop shop;
    shop.add(received({some("a", 100)}, "sup", "north"));
    shop.add(at_hour(made("w", {some("a", 16)}, {instance("s")}), 1));
    shop.add(at_hour(made("cut", {some("a", 1)}, {instance("t")}), 1));
    EXPECT_EQ(found_in(shop), None{});
}

// --- numbers ---------------------------------------------------------------------------------------------------------------

TEST(NumberForm, parts_digits_from_letters_and_keeps_what_parts_digits) {
    EXPECT_EQ(number_form("S4-L017"), number_form("s4 l17"));
    EXPECT_EQ(number_form("S4-L017"), number_form("S4L17"));
    EXPECT_EQ(number_form("LOT 0042"), number_form("lot42"));
    EXPECT_EQ(number_form("2026-01-05"), number_form("2026/1/5"));
    EXPECT_EQ(number_form("\xC2\xA0"
                          "A-1 "),
              number_form("a1"));
    EXPECT_NE(number_form("L1-12"), number_form("L11-2"));
    EXPECT_NE(number_form("L1-12"), number_form("L112"));
    EXPECT_NE(number_form("AB-C"), number_form("A-BC"));
    EXPECT_NE(number_form("10"), number_form("1"));
    EXPECT_EQ(number_form("000"), "0");
    EXPECT_EQ(number_form(" - "), "");
}

TEST(AuditNumbers, of_one_product_that_are_one) {
    Fed fed;
    fed.add_master(product("p", Tracking::lot));
    fed.add_master(product("q", Tracking::lot));
    fed.add_master(item("i1", ItemKind::lot, "p", "L-007"));
    fed.add_master(item("i2", ItemKind::lot, "q", "l 7"));
    fed.add_master(item("i3", ItemKind::lot, "p", "L-8"));
    fed.add_master(item("i4", ItemKind::lot, "p", "l 7"));
    fed.add_master(item("i5", ItemKind::serial, "p", "L7"));
    fed.add_master(item("i6", ItemKind::lot, "p"));
    const View view = fed.index.view();
    const std::vector<AuditFault> faults = same_numbers(view);
    ASSERT_EQ(faults.size(), 1U) << "another product, another kind and no number are no fault";
    EXPECT_EQ(view.id(faults[0].item), "i1");
    ASSERT_EQ(faults[0].others.size(), 1U);
    EXPECT_EQ(view.id(faults[0].others[0]), "i4");
}

TEST(AuditNumbers, names_no_more_than_its_limit) {
    Fed fed;
    fed.add_master(product("p", Tracking::lot));
    for (std::size_t i = 0; i <= kAuditEventsMax + 1; ++i) fed.add_master(item(fmt::format("i{}", i), ItemKind::lot, "p", "X"));
    const std::vector<AuditFault> faults = same_numbers(fed.index.view());
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].others.size(), kAuditEventsMax);
    EXPECT_EQ(faults[0].more_others, 1U);
}

}  // namespace
}  // namespace stemma::lineage
