// Quantities along a trace: cases worked out by hand, and random ledgers that a simulation fills with single kilos, mixed at random.
#include "core/lineage/quantities.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/lineage/timed.hpp"
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

// --- a simulation: every kilo is a thing of its own --------------------------------------------------------------------

constexpr int kLedgers = 10000;

struct Kilo {
    bool bad{false};      // was in a seed
    bool recorded{true};  // and came on since then by recorded edges alone
};

class Plant {
public:
    explicit Plant(std::uint32_t seed) : engine_{seed} {
        items_ = 3 + below(6);
        fed.add_master(product("p", Tracking::none, "KGM"));
        seeds.insert(any());
        if (below(3) == 0) seeds.insert(any());
        const int events = 3 + below(14);
        for (int i = 0; i < events; ++i) below(3) == 0 ? deliver() : make();
    }

    Fed fed;
    std::set<std::string> seeds;
    std::map<std::string, std::set<int>> ever;           // bad kilos that came into an item
    std::map<std::string, std::set<int>> ever_recorded;  // by recorded edges alone

private:
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    std::string any() { return below(7) == 0 ? "p" : fmt::format("i{}", below(items_)); }

    void put(const std::string& item, int kilo) {
        Kilo& one = kilos_.at(static_cast<std::size_t>(kilo));
        if (seeds.contains(item)) {
            one.bad = true;
            one.recorded = true;
        }
        if (item == "p" && !seeds.contains(item)) one.recorded = false;
        if (one.bad) ever[item].insert(kilo);
        if (one.bad && one.recorded) ever_recorded[item].insert(kilo);
        if (item == "p") one.recorded = false;  // what leaves it leaves it by an inferred edge
        pools_[item].push_back(kilo);
    }
    int fresh() {
        kilos_.push_back({});
        return static_cast<int>(kilos_.size()) - 1;
    }
    void deliver() {
        const std::string item = any();
        const int amount = 1 + below(6);
        fed.add(delivery(item, amount));
        for (int i = 0; i < amount; ++i) put(item, fresh());
    }
    void make() {
        Event event = transformation(fmt::format("t{}", made_++), {}, {});
        std::vector<int> inside;
        for (int n = 1 + below(3); n > 0; --n) {
            const std::string item = any();
            std::vector<int>& pool = pools_[item];
            std::ranges::shuffle(pool, engine_);
            const int take = below(3) == 0 ? static_cast<int>(pool.size()) : below(static_cast<int>(pool.size()) + 1);
            if (take == 0) continue;
            event.inputs.push_back(kilos(item, take));
            inside.insert(inside.end(), pool.end() - take, pool.end());
            pool.resize(pool.size() - static_cast<std::size_t>(take));
        }
        const int change = below(4);  // it gained, or it lost, or neither
        if (change == 0)
            for (int n = below(4); n > 0; --n) inside.push_back(fresh());
        std::ranges::shuffle(inside, engine_);
        if (change == 1) inside.resize(inside.size() - static_cast<std::size_t>(below(static_cast<int>(inside.size()) + 1)));
        while (!inside.empty()) {
            const std::string item = any();
            const int give = below(2) == 0 ? static_cast<int>(inside.size()) : 1 + below(static_cast<int>(inside.size()));
            event.outputs.push_back(kilos(item, give));
            for (int i = 0; i < give; ++i) {
                put(item, inside.back());
                inside.pop_back();
            }
        }
        if (!event.inputs.empty() || !event.outputs.empty()) fed.add(event);
    }

    std::mt19937 engine_;
    int items_{0};
    int made_{0};
    std::vector<Kilo> kilos_;
    std::map<std::string, std::vector<int>> pools_;
};

TEST(RandomContents, of_a_simulated_plant_lie_within_the_bounds) {
    std::size_t sure = 0;
    std::size_t narrowed = 0;
    for (std::uint32_t seed = 0; seed < kLedgers; ++seed) {
        SCOPED_TRACE(seed);
        const Plant plant{seed};
        const View view = plant.fed.index.view();
        std::vector<Node> seeds;
        seeds.reserve(plant.seeds.size());
        for (const std::string& name : plant.seeds) seeds.push_back(node_of(view, name));
        const Trace found = trace(view, seeds, Direction::forward);
        const auto count = [](const std::map<std::string, std::set<int>>& ever, const std::string& item) {
            const auto known = ever.find(item);
            return known == ever.end() ? 0 : static_cast<std::int64_t>(known->second.size()) * kOne;
        };
        std::set<std::string> reached;
        for (const Content& content : contents_of(view, found).items) {
            const std::string name{view.id(found.nodes[content.in_trace].node)};
            SCOPED_TRACE(name);
            reached.insert(name);
            ASSERT_TRUE(content.comparable);
            ASSERT_LE(content.certain, count(plant.ever_recorded, name));
            ASSERT_LE(count(plant.ever_recorded, name), content.possible);
            ASSERT_LE(count(plant.ever, name), content.at_most);
            ASSERT_LE(content.certain, content.possible);
            ASSERT_LE(content.possible, content.at_most);
            if (found.nodes[content.in_trace].depth == 0) continue;
            if (content.certain > 0) ++sure;
            if (content.certain > 0 && content.certain == content.at_most) ++narrowed;
        }
        for (const auto& [name, kilos_in] : plant.ever) ASSERT_TRUE(reached.contains(name)) << name;
    }
    EXPECT_GT(sure, 500U);  // the bounds say something
    EXPECT_GT(narrowed, 200U);
}

}  // namespace
}  // namespace stemma::lineage
