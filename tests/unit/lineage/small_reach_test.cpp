// Small reaches: the very answer of reach() up to the limit, nothing one past it, in every kind of layer; and the index's room as it was.
#include "core/lineage/small_reach.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/lineage/reach.hpp"
#include "tests/unit/lineage/builders.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

std::optional<SmallReach> from(const View& view, const std::string& seed, std::size_t items, Direction direction = Direction::forward) {
    TraceOptions options;
    options.items_max = items;
    return reach_small(view, std::vector{node_of(view, seed)}, direction, options);
}

/// Oil goes into so many orders, each of which makes a lamp.
void feed_lamps(Fed& fed, int lamps) {
    for (int i = 0; i < lamps; ++i)
        fed.add(transformation(fmt::format("urn:order:{}", i), {instance("urn:oil")}, {instance(fmt::format("urn:lamp:{}", i))}));
}

TEST(SmallReach, is_whole_at_its_limit_of_items_and_nothing_one_below) {
    for (const bool merged : {false, true}) {
        Fed fed{small_segments(1000)};
        feed_lamps(fed, 9);  // with the oil itself 10 items, and 9 transformations
        if (merged) fed.index.merge();
        const View view = fed.index.view();
        EXPECT_FALSE(from(view, "urn:oil", 9));
        const auto whole = from(view, "urn:oil", 10);
        ASSERT_TRUE(whole);
        EXPECT_EQ(whole->nodes.size(), 19U);
        EXPECT_EQ(whole->transformations, 9U);
        EXPECT_EQ(whole->levels, (std::vector<std::uint32_t>{1, 10, 19}));
        EXPECT_EQ(whole->depth(0), 0U);
        EXPECT_EQ(whole->depth(9), 1U);
        EXPECT_EQ(whole->depth(10), 2U);
        EXPECT_FALSE(whole->inferred);
    }
}

TEST(SmallReach, has_at_most_as_many_transformations_as_items_are_allowed) {
    for (const bool merged : {false, true}) {
        Fed fed{small_segments(1000)};
        for (const char* order : {"urn:t:1", "urn:t:2", "urn:t:3"}) fed.add(transformation(order, {instance("urn:oil")}, {}));
        if (merged) fed.index.merge();
        const View view = fed.index.view();
        EXPECT_TRUE(from(view, "urn:oil", 3));
        EXPECT_FALSE(from(view, "urn:oil", 2));
    }
}

TEST(SmallReach, of_nothing_is_empty_and_needs_no_room) {
    Fed fed;
    feed_lamps(fed, 1);
    const View view = fed.index.view();
    EXPECT_FALSE(from(view, "urn:oil", 0));
    const auto unknown = from(view, "urn:unknown", 0);
    ASSERT_TRUE(unknown);
    EXPECT_TRUE(unknown->nodes.empty());
    EXPECT_TRUE(unknown->levels.empty());
}

TEST(SmallReach, leaves_a_row_that_has_more_than_twice_as_many_edges_as_it_may_have_items) {
    Fed fed{small_segments(1000)};
    fed.add(transformation("urn:t:two", {instance("urn:oil"), instance("urn:oil")}, {}));
    fed.add(transformation("urn:t:three", {instance("urn:wax"), instance("urn:wax"), instance("urn:wax")}, {}));
    fed.index.merge();
    const View view = fed.index.view();
    EXPECT_TRUE(from(view, "urn:oil", 1));
    EXPECT_FALSE(from(view, "urn:wax", 1));
    EXPECT_TRUE(from(view, "urn:wax", 2));
}

TEST(SmallReach, says_when_goods_cannot_be_told_apart_whether_or_not_it_follows_them) {
    Fed fed;
    fed.add_master(product("urn:screw", Tracking::none));
    fed.add(transformation("urn:t:1", {instance("urn:steel")}, {some("urn:screw", 100)}));
    fed.add(transformation("urn:t:2", {some("urn:screw", 4)}, {instance("urn:lamp")}));
    const View view = fed.index.view();
    TraceOptions options;
    const auto followed = reach_small(view, std::vector{node_of(view, "urn:steel")}, Direction::forward, options);
    ASSERT_TRUE(followed);
    EXPECT_TRUE(followed->inferred);
    EXPECT_EQ(followed->nodes.size(), 5U);
    options.include_inferred = false;
    const auto left = reach_small(view, std::vector{node_of(view, "urn:steel")}, Direction::forward, options);
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->inferred);
    EXPECT_EQ(left->nodes.size(), 2U);
}

/// Whatever its limit, it leaves no marks behind: the walk after it finds all.
TEST(SmallReach, of_random_ledgers_is_the_reach_or_nothing_at_every_limit) {
    std::size_t compared = 0;
    for (std::uint32_t seed = 0; seed < 1500; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger ledger{seed};
        const auto entries = static_cast<int>(ledger.fed.entries.size());
        const View view = ledger.fed.index.view(seed % 2 == 0 ? kLatest : static_cast<Sequence>(ledger.dice().below(entries + 1)));
        const std::vector<Node> seeds{node_of(view, ledger.any_item()), node_of(view, ledger.any_item())};
        for (const Direction direction : {Direction::forward, Direction::back}) {
            const Reach whole = reach(view, seeds, direction);
            const std::size_t enough = std::max(whole.items(), whole.transformations());
            for (std::size_t limit = 0; limit <= enough + 1; ++limit) {
                TraceOptions options;
                options.items_max = limit <= enough ? limit : 1001;
                const auto small = reach_small(view, seeds, direction, options);
                if (limit != enough) {
                    ASSERT_EQ(small.has_value(), limit > enough);  // at the limit itself a row may be too long that names a node often
                }
                if (!small || small->inferred) continue;
                ++compared;
                ASSERT_EQ(small->transformations, whole.transformations());
                ASSERT_EQ(whole.certain(), whole.nodes().size());
                ASSERT_TRUE(std::ranges::equal(small->nodes, whole.nodes()));
                ASSERT_EQ(small->levels, whole.certain_levels());
                for (std::size_t i = 0; i < small->nodes.size(); ++i) ASSERT_EQ(small->depth(i), whole.depth(i));
            }
        }
    }
    EXPECT_GT(compared, 4000U);  // the ledgers are not all of untracked stock
}

}  // namespace
}  // namespace stemma::lineage
