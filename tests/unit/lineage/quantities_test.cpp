// Quantities along a trace: cases worked out by hand. quantities_random_test.cpp has a simulation.
#include "core/lineage/quantities.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

struct Bounds {
    std::int64_t certain;
    std::int64_t possible;
    std::int64_t at_most;
    friend bool operator==(const Bounds&, const Bounds&) = default;
};
std::ostream& operator<<(std::ostream& out, const Bounds& bounds) {
    return out << bounds.certain << '/' << bounds.possible << '/' << bounds.at_most;
}
constexpr Bounds kNotComparable{-1, -1, -1};

std::map<std::string, Bounds> bounds_of(const Fed& fed, const std::vector<std::string>& seeds) {
    const View view = fed.index.view();
    std::vector<Node> nodes;
    nodes.reserve(seeds.size());
    for (const std::string& seed : seeds) nodes.push_back(node_of(view, seed));
    const Trace found = trace(view, nodes, Direction::forward);
    std::map<std::string, Bounds> bounds;
    for (const Content& content : contents_of(view, found).items)
        bounds[std::string{view.id(found.nodes[content.in_trace].node)}] =
            content.comparable ? Bounds{content.certain / kOne, content.possible / kOne, content.at_most / kOne} : kNotComparable;
    return bounds;
}

ItemQuantity kilos(const std::string& id, std::int64_t n) { return some(id, n, "KGM"); }

Event delivery(const std::string& id, std::int64_t n) { return received({kilos(id, n)}, "sup", "store"); }

TEST(Contents, of_a_split_lie_between_what_the_others_can_take_and_all) {
    Fed fed;
    fed.add(delivery("a", 10));
    fed.add(transformation("split", {kilos("a", 10)}, {kilos("b", 7), kilos("c", 3)}));
    // nothing else was taken in: 7 and 3 are all of a
    EXPECT_EQ(bounds_of(fed, {"a"}), (std::map<std::string, Bounds>{{"a", {10, 10, 10}}, {"b", {7, 7, 7}}, {"c", {3, 3, 3}}}));
}

TEST(Contents, of_a_blend_may_all_be_in_one_part) {
    Fed fed;
    fed.add(delivery("a", 10));
    fed.add(delivery("other", 5));
    fed.add(transformation("blend", {kilos("a", 10), kilos("other", 5)}, {kilos("b", 12), kilos("c", 3)}));
    // b: at most the 10 of a; the 5 others can all be in b, so 12 - 5 are of a. c: 3 can be all of a, or all of the other
    EXPECT_EQ(bounds_of(fed, {"a"}), (std::map<std::string, Bounds>{{"a", {10, 10, 10}}, {"b", {7, 10, 10}}, {"c", {0, 3, 3}}}));
}

TEST(Contents, count_what_was_lost_as_if_it_had_been_all_of_it) {
    Fed fed;
    fed.add(delivery("a", 10));
    fed.add(transformation("dry", {kilos("a", 10)}, {kilos("b", 6)}));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("b"), (Bounds{6, 6, 6}));
    fed.add(delivery("other", 10));
    fed.add(transformation("dry more", {kilos("b", 6), kilos("other", 10)}, {kilos("c", 12)}));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("c"), (Bounds{2, 6, 6}));  // 4 were lost: 12 - 10 others at least
}

TEST(Contents, of_a_part_taken_from_a_lot_may_miss_what_is_in_the_rest) {
    Fed fed;
    fed.add(delivery("a", 4));
    fed.add(delivery("clean", 6));
    fed.add(transformation("mix", {kilos("a", 4), kilos("clean", 6)}, {kilos("silo", 10)}));
    fed.add(transformation("draw 1", {kilos("silo", 3)}, {kilos("x", 3)}));
    fed.add(transformation("draw 2", {kilos("silo", 7)}, {kilos("y", 7)}));
    const auto bounds = bounds_of(fed, {"a"});
    EXPECT_EQ(bounds.at("silo"), (Bounds{4, 4, 4}));
    EXPECT_EQ(bounds.at("x"), (Bounds{0, 3, 3}));
    EXPECT_EQ(bounds.at("y"), (Bounds{1, 4, 4}));  // the other 3 can hold 3 of the 4
}

TEST(Contents, of_goods_without_lots_are_only_at_most) {
    Fed fed;
    fed.add_master(product("p", Tracking::none, "KGM"));
    fed.add(delivery("a", 4));
    fed.add(transformation("in", {kilos("a", 4)}, {kilos("p", 4)}));
    fed.add(transformation("out", {kilos("p", 9)}, {kilos("b", 3)}));
    const auto bounds = bounds_of(fed, {"a"});
    EXPECT_EQ(bounds.at("p"), (Bounds{0, 0, 4}));
    EXPECT_EQ(bounds.at("b"), (Bounds{0, 0, 3}));
}

TEST(Contents, are_not_comparable_where_the_unit_changes_nor_beyond) {
    Fed fed;
    fed.add(delivery("a", 4));
    fed.add(transformation("t", {kilos("a", 4)}, {some("tablets", 1000), kilos("rest", 1)}));
    fed.add(transformation("u", {some("tablets", 1000)}, {kilos("paste", 3)}));
    const auto bounds = bounds_of(fed, {"a"});
    EXPECT_EQ(bounds.at("tablets"), kNotComparable);
    EXPECT_EQ(bounds.at("paste"), kNotComparable);
    EXPECT_EQ(bounds.at("rest"), (Bounds{0, 1, 1}));  // all of it may be in the tablets
}

TEST(Contents, in_pieces_are_comparable_as_long_as_it_stays_one_product) {
    Fed fed;
    for (const char* id : {"a", "b", "c"}) fed.add_master(item(id, ItemKind::lot, "bolt"));
    fed.add_master(item("box", ItemKind::lot, "boxed bolts"));
    fed.add(received({some("a", 10)}, "sup", "store"));
    fed.add(transformation("split", {some("a", 10)}, {some("b", 6), some("c", 4)}));
    fed.add(transformation("box", {some("b", 6)}, {some("box", 1)}));
    EXPECT_EQ(bounds_of(fed, {"a"}),
              (std::map<std::string, Bounds>{{"a", {10, 10, 10}}, {"b", {6, 6, 6}}, {"c", {4, 4, 4}}, {"box", kNotComparable}}));
}

TEST(Contents, of_serials_are_one_or_none) {
    Fed fed;
    for (const char* id : {"s1", "s2", "s3", "unit", "whole"}) fed.add_master(item(id, ItemKind::serial, ""));
    fed.add(delivery("a", 4));
    fed.add(transformation("two", {kilos("a", 2)}, {instance("s1"), instance("s2")}));
    fed.add(transformation("one", {kilos("a", 2)}, {instance("s3")}));
    fed.add(transformation("unit", {instance("s1")}, {instance("unit")}));
    fed.add(packing(Action::add, "whole", {instance("s3")}));
    const auto bounds = bounds_of(fed, {"a"});
    EXPECT_EQ(bounds.at("s1"), (Bounds{0, 1, 1}));
    EXPECT_EQ(bounds.at("s2"), (Bounds{0, 1, 1}));
    EXPECT_EQ(bounds.at("s3"), (Bounds{1, 1, 1}));  // the one output has in it what was taken in
    EXPECT_EQ(bounds.at("unit"), (Bounds{0, 1, 1}));
    EXPECT_EQ(bounds.at("whole"), (Bounds{1, 1, 1}));
}

TEST(Contents, of_a_serial_are_not_sure_where_all_may_have_been_lost) {
    Fed fed;
    fed.add_master(item("s1", ItemKind::serial, ""));
    fed.add(delivery("a", 1));
    fed.add(delivery("other", 3));
    fed.add(transformation("dry", {kilos("a", 1), kilos("other", 3)}, {kilos("b", 2)}));
    fed.add(transformation("fill", {kilos("b", 2)}, {instance("s1")}));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("b"), (Bounds{0, 1, 1}));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("s1"), (Bounds{0, 1, 1}));  // 2 of 4 were lost, the 1 of a may be among them
    EXPECT_EQ(bounds_of(fed, {"b"}).at("s1"), (Bounds{1, 1, 1}));
}

TEST(Contents, of_a_serial_seed_go_with_it) {
    Fed fed;
    for (const char* id : {"part", "unit", "crate"}) fed.add_master(item(id, ItemKind::serial, ""));
    fed.add(transformation("build", {instance("part"), kilos("glue", 1)}, {instance("unit")}));
    fed.add(packing(Action::add, "crate", {instance("unit")}));
    EXPECT_EQ(bounds_of(fed, {"part"}), (std::map<std::string, Bounds>{{"part", {1, 1, 1}}, {"unit", {1, 1, 1}}, {"crate", {1, 1, 1}}}));
}

TEST(Contents, of_several_seeds_are_of_all_of_them_together) {
    Fed fed;
    fed.add(delivery("a", 4));
    fed.add(delivery("b", 5));
    fed.add(delivery("c", 1));
    fed.add(transformation("mix", {kilos("a", 4), kilos("b", 5), kilos("c", 1)}, {kilos("m", 10)}));
    EXPECT_EQ(bounds_of(fed, {"a", "b"}).at("m"), (Bounds{9, 9, 9}));
}

TEST(Contents, in_a_cycle_are_at_most_what_came_in_and_never_sure) {
    Fed fed;
    fed.add(delivery("a", 4));
    fed.add(transformation("in", {kilos("a", 4)}, {kilos("x", 4)}));
    fed.add(transformation("there", {kilos("x", 4)}, {kilos("y", 3)}));
    fed.add(transformation("back", {kilos("y", 3)}, {kilos("x", 2)}));
    fed.add(transformation("out", {kilos("y", 1)}, {kilos("z", 1)}));
    EXPECT_EQ(bounds_of(fed, {"a"}),
              (std::map<std::string, Bounds>{{"a", {4, 4, 4}}, {"x", {0, 4, 4}}, {"y", {0, 3, 3}}, {"z", {0, 1, 1}}}));
}

TEST(Contents, of_a_seed_that_comes_back_to_itself_count_that_once) {
    Fed fed;
    fed.add(delivery("a", 4));
    fed.add(transformation("stir", {kilos("a", 3)}, {kilos("a", 3)}));
    EXPECT_EQ(bounds_of(fed, {"a"}), (std::map<std::string, Bounds>{{"a", {4, 7, 7}}}));
}

// --- what an item's own records leave open -----------------------------------------------------------------------------

/// `a` becomes `x`, which is then used in two parts.
struct UsedInTwo {
    Fed fed;
    UsedInTwo() {
        fed.add(delivery("a", 10));
        fed.add(at_hour(transformation("make", {kilos("a", 10)}, {kilos("x", 10)}), 1));
    }
    std::map<std::string, Bounds> use(std::int64_t first, std::int64_t second, int hour = 10) {
        fed.add(at_hour(transformation("use 1", {kilos("x", first)}, {kilos("y1", first)}), hour));
        fed.add(at_hour(transformation("use 2", {kilos("x", second)}, {kilos("y2", second)}), hour + 1));
        return bounds_of(fed, {"a"});
    }
};

TEST(Contents, of_what_customers_brought_back_are_counted_once) {
    UsedInTwo plant;
    plant.fed.add(at_hour(shipped({kilos("x", 4)}, "store", "ann"), 2));
    plant.fed.add(at_hour(returned({kilos("x", 4)}, "ann", "store"), 3));
    const auto bounds = plant.use(6, 4);
    EXPECT_EQ(bounds.at("y1"), (Bounds{6, 6, 6}));
    EXPECT_EQ(bounds.at("y2"), (Bounds{4, 4, 4}));
}

TEST(Contents, of_returns_beyond_what_was_delivered_may_be_from_elsewhere) {
    UsedInTwo plant;
    plant.fed.add(at_hour(shipped({kilos("x", 2)}, "store", "ann"), 2));
    plant.fed.add(at_hour(returned({kilos("x", 4)}, "ann", "store"), 3));
    // 12 were used, at most 10 of a: the other 2 can both be in the one or in the other
    const auto bounds = plant.use(6, 6);
    EXPECT_EQ(bounds.at("y1"), (Bounds{4, 6, 6}));
    EXPECT_EQ(bounds.at("y2"), (Bounds{4, 6, 6}));
}

TEST(Contents, of_returns_without_a_delivery_may_be_from_elsewhere) {
    UsedInTwo plant;
    plant.fed.add(at_hour(returned({kilos("x", 5)}, "ann", "store"), 3));
    const auto bounds = plant.use(8, 7);
    EXPECT_EQ(bounds.at("y1"), (Bounds{3, 8, 8}));
    EXPECT_EQ(bounds.at("y2"), (Bounds{2, 7, 7}));
}

TEST(Contents, of_returns_by_another_customer_may_be_from_elsewhere) {
    UsedInTwo plant;
    plant.fed.add(at_hour(shipped({kilos("x", 4)}, "store", "ann"), 2));
    plant.fed.add(at_hour(returned({kilos("x", 4)}, "bob", "store"), 3));
    EXPECT_EQ(plant.use(6, 4).at("y1"), (Bounds{2, 6, 6}));  // ann may have all 4 still
}

TEST(Contents, of_returns_by_nobody_named_are_of_what_anybody_has) {
    UsedInTwo plant;
    Event back = returned({kilos("x", 4)}, "", "store");
    back.sources.clear();
    plant.fed.add(at_hour(shipped({kilos("x", 4)}, "store", "ann"), 2));
    plant.fed.add(at_hour(back, 3));
    plant.fed.add(at_hour(back, 4));  // nobody had these
    EXPECT_EQ(plant.use(6, 8).at("y1"), (Bounds{2, 6, 6}));
}

TEST(Contents, of_returns_before_the_delivery_may_be_from_elsewhere) {
    UsedInTwo plant;
    plant.fed.add(at_hour(returned({kilos("x", 4)}, "ann", "store"), 2));
    plant.fed.add(at_hour(shipped({kilos("x", 4)}, "store", "ann"), 3));
    EXPECT_EQ(plant.use(6, 4).at("y1"), (Bounds{2, 6, 6}));
}

TEST(Contents, of_returns_on_the_day_of_the_delivery_are_of_it) {
    UsedInTwo plant;
    Event back = returned({kilos("x", 4)}, "ann", "store");
    back.time.date_only = true;
    plant.fed.add(back);
    plant.fed.add(at_hour(shipped({kilos("x", 4)}, "store", "ann"), 2));
    EXPECT_EQ(plant.use(6, 4).at("y1"), (Bounds{6, 6, 6}));
}

TEST(Contents, of_more_than_had_come_in_by_then_may_be_from_elsewhere) {
    UsedInTwo plant;
    // 6 were gone before the 10 came: 6 others were there, and 16 in all
    plant.fed.add(shipped({kilos("x", 6)}, "store", "ann"));
    EXPECT_EQ(plant.use(8, 2).at("y1"), (Bounds{2, 8, 8}));
}

TEST(Contents, of_what_came_in_on_the_day_of_its_use_are_in_it) {
    Fed fed;
    Event use = transformation("use", {kilos("x", 10)}, {kilos("y", 10)});
    use.time.date_only = true;
    fed.add(use);
    fed.add(delivery("a", 4));
    fed.add(at_hour(transformation("make", {kilos("a", 4)}, {kilos("x", 4)}), 1));
    fed.add(at_hour(delivery("x", 6), 5));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("y"), (Bounds{4, 4, 4}));  // used at the end of the day there were 10, all of which it took
}

TEST(Contents, of_what_was_written_off_or_found_may_lie_in_the_rest) {
    UsedInTwo plant;
    plant.fed.add(at_hour(object("decommissioning", {kilos("x", 3)}), 2));
    plant.fed.add(at_hour(object("commissioning", {kilos("x", 1)}), 3));
    EXPECT_EQ(plant.use(6, 2).at("y1"), (Bounds{5, 6, 6}));  // 10 + 1 in all: of a can be 5 in the rest, the one found is in it
}

TEST(Contents, of_a_seed_are_at_least_what_cannot_have_come_back) {
    const auto of_a = [](const std::vector<Event>& events) {
        Fed fed;
        int hour = 0;
        fed.add(delivery("a", 10));
        for (const Event& event : events) fed.add(at_hour(event, ++hour));
        return bounds_of(fed, {"a"}).at("a");
    };
    const Event delivered = shipped({kilos("a", 10)}, "store", "ann");
    const Event back = returned({kilos("a", 4)}, "ann", "store");
    const Event used = transformation("t", {kilos("a", 4)}, {kilos("b", 4)});
    const Event off = object("decommissioning", {kilos("a", 4)});
    const Event found = object("commissioning", {kilos("a", 4)});
    EXPECT_EQ(of_a({back}), (Bounds{10, 14, 14}));  // a delivery that was not recorded, or 4 from elsewhere
    EXPECT_EQ(of_a({delivered, back}), (Bounds{10, 10, 10}));
    EXPECT_EQ(of_a({delivered, used}), (Bounds{10, 14, 14}));  // a return that was not recorded, or 4 from elsewhere
    EXPECT_EQ(of_a({off, found}), (Bounds{10, 14, 14}));       // may be the same 4
    EXPECT_EQ(of_a({found, off}), (Bounds{14, 14, 14}));       // cannot
    EXPECT_EQ(of_a({with_places(off, "store", ""), delivery("a", 4)}), (Bounds{14, 14, 14}));
    Event sent_back = shipped({kilos("a", 4)}, "store", "sup");
    sent_back.disposition = "returned";
    EXPECT_EQ(of_a({sent_back, delivery("a", 4)}), (Bounds{10, 14, 14}));  // the supplier may have sent the same 4 again
    // and still may where a customer brought back 4 of a delivery that was not recorded
    EXPECT_EQ(of_a({sent_back, back, delivery("a", 4)}), (Bounds{10, 18, 18}));
}

TEST(Contents, of_a_seed_with_nothing_but_moves_are_what_was_moved) {
    Fed fed;
    fed.add(at_hour(moved({kilos("a", 8)}, "here", "there"), 1));
    fed.add(at_hour(moved({kilos("a", 8)}, "there", "here"), 2));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("a"), (Bounds{8, 8, 8}));
}

TEST(Contents, of_a_lot_that_its_customer_moves_on_are_not_more) {
    Fed fed;
    fed.add(delivery("a", 8));
    fed.add(at_hour(shipped({kilos("a", 8)}, "store", "ann"), 1));
    fed.add(at_hour(moved({kilos("a", 8)}, "truck", "shop"), 2));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("a"), (Bounds{8, 8, 8}));
}

TEST(Contents, are_in_the_unit_of_the_records_whatever_the_products_unit) {
    Fed fed;
    fed.add_master(product("bolt", Tracking::lot, "C62"));
    for (const char* id : {"a", "b"}) fed.add_master(item(id, ItemKind::lot, "bolt"));
    fed.add(delivery("a", 10));
    fed.add(transformation("split", {kilos("a", 4)}, {kilos("b", 4)}));
    EXPECT_EQ(bounds_of(fed, {"a"}), (std::map<std::string, Bounds>{{"a", {10, 10, 10}}, {"b", {4, 4, 4}}}));
}

TEST(Contents, of_a_seed_with_records_in_two_units_are_not_comparable) {
    Fed fed;
    fed.add(delivery("a", 10));
    fed.add(received({some("a", 5000, "GRM")}, "sup", "store"));
    fed.add(transformation("use", {kilos("a", 4)}, {kilos("b", 4)}));
    EXPECT_EQ(bounds_of(fed, {"a"}), (std::map<std::string, Bounds>{{"a", kNotComparable}, {"b", kNotComparable}}));
}

TEST(Contents, of_a_lot_with_records_in_two_units_say_nothing_of_its_rest) {
    UsedInTwo plant;
    plant.fed.add(received({some("x", 5000, "GRM")}, "sup", "store"));
    const auto bounds = plant.use(6, 4);
    EXPECT_EQ(bounds.at("x"), (Bounds{10, 10, 10}));
    EXPECT_EQ(bounds.at("y1"), (Bounds{0, 6, 6}));  // how much the grams are is not known here
}

TEST(Contents, of_a_seed_of_which_no_amount_is_recorded_are_not_comparable) {
    Fed fed;
    fed.add_master(product("flour", Tracking::lot, "KGM"));
    fed.add_master(item("a", ItemKind::lot, "flour"));
    EXPECT_EQ(bounds_of(fed, {"a"}).at("a"), kNotComparable);
}

TEST(Contents, end_early_when_called_off) {
    Fed fed;
    fed.add(delivery("a", 4));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "a")};
    const Trace found = trace(view, seeds, Direction::forward);
    const std::atomic<bool> cancel{true};
    EXPECT_TRUE(contents_of(view, found, &cancel).cancelled);
    EXPECT_TRUE(contents_of(view, found, &cancel).items.empty());
}

}  // namespace
}  // namespace stemma::lineage
