// Traces by hand-drawn graphs: direction, depth, cycles, packing, untracked stock, limits, cancelling, paths.
#include "core/lineage/trace.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

struct Found {
    std::uint32_t depth;
    bool certain;
    friend bool operator==(const Found&, const Found&) = default;
};

std::map<std::string, Found> nodes_of(const View& view, const Trace& trace) {
    std::map<std::string, Found> found;
    for (const Reached& reached : trace.nodes) found[std::string{view.id(reached.node)}] = {reached.depth, reached.certain};
    return found;
}

std::map<std::string, Found> walk(const Fed& fed, const std::string& seed, Direction direction, Sequence as_of = kLatest,
                                  const TraceOptions& options = {}) {
    const View view = fed.index.view(as_of);
    const std::vector<Node> seeds{node_of(view, seed)};
    return nodes_of(view, trace(view, seeds, direction, options));
}

TEST(Trace, goes_forward_and_back_through_transformations_and_lists_them) {
    Fed fed;
    fed.add(transformation("urn:t:1", {instance("urn:a")}, {}));
    fed.add(transformation("urn:t:1", {}, {instance("urn:b")}));
    fed.add(transformation("urn:t:2", {instance("urn:b")}, {instance("urn:c"), instance("urn:d")}));
    const std::map<std::string, Found> forward{{"urn:a", {0, true}},   {"urn:t:1", {1, true}}, {"urn:b", {2, true}},
                                               {"urn:t:2", {3, true}}, {"urn:c", {4, true}},   {"urn:d", {4, true}}};
    EXPECT_EQ(walk(fed, "urn:a", Direction::forward), forward);
    const std::map<std::string, Found> back{
        {"urn:d", {0, true}}, {"urn:t:2", {1, true}}, {"urn:b", {2, true}}, {"urn:t:1", {3, true}}, {"urn:a", {4, true}}};
    EXPECT_EQ(walk(fed, "urn:d", Direction::back), back);
}

TEST(Trace, ends_in_cycles_and_self_loops) {
    Fed fed;
    fed.add(transformation("urn:t:1", {instance("urn:a")}, {instance("urn:b"), instance("urn:a")}));
    fed.add(transformation("urn:t:2", {instance("urn:b")}, {instance("urn:a")}));
    fed.add(packing(Action::add, "urn:b", {instance("urn:b")}));
    EXPECT_EQ(walk(fed, "urn:a", Direction::forward).size(), 4U);
    EXPECT_EQ(walk(fed, "urn:a", Direction::back).size(), 4U);
}

TEST(Trace, forward_lists_the_containers_and_the_units_built_around_an_item) {
    Fed fed;
    fed.add(packing(Action::add, "urn:carton", {some("urn:lot", 40)}));
    fed.add(packing(Action::add, "urn:pallet", {instance("urn:carton")}));
    fed.add(installing(Action::add, "urn:engine", {instance("urn:lot")}));
    const std::map<std::string, Found> expected{
        {"urn:lot", {0, true}}, {"urn:carton", {1, true}}, {"urn:engine", {1, true}}, {"urn:pallet", {2, true}}};
    EXPECT_EQ(walk(fed, "urn:lot", Direction::forward), expected);
    const std::map<std::string, Found> back{{"urn:pallet", {0, true}}, {"urn:carton", {1, true}}, {"urn:lot", {2, true}}};
    EXPECT_EQ(walk(fed, "urn:pallet", Direction::back), back);
}

TEST(Trace, does_not_go_from_a_container_to_what_else_is_in_it) {
    Fed fed;
    fed.add(packing(Action::add, "urn:carton", {instance("urn:bad"), instance("urn:good")}));
    EXPECT_FALSE(walk(fed, "urn:bad", Direction::forward).contains("urn:good"));
}

TEST(Trace, what_was_unpacked_is_reached_only_as_of_before) {
    Fed fed;
    fed.add(packing(Action::add, "urn:carton", {instance("urn:a"), instance("urn:b")}));  // 0
    fed.add(at_hour(packing(Action::remove, "urn:carton", {instance("urn:a")}), 1));      // 1
    fed.add(at_hour(packing(Action::add, "urn:carton", {instance("urn:a")}), 2));         // 2
    EXPECT_TRUE(walk(fed, "urn:a", Direction::forward, 1).contains("urn:carton"));
    EXPECT_FALSE(walk(fed, "urn:a", Direction::forward, 2).contains("urn:carton"));
    EXPECT_TRUE(walk(fed, "urn:b", Direction::forward, 2).contains("urn:carton"));
    EXPECT_TRUE(walk(fed, "urn:a", Direction::forward, 3).contains("urn:carton"));
}

TEST(Trace, unpacking_goes_by_event_time_then_by_ledger_order) {
    Fed fed;
    fed.add(at_hour(packing(Action::remove, "urn:carton", {instance("urn:a")}), 2));  // recorded first, happened last
    fed.add(at_hour(packing(Action::add, "urn:carton", {instance("urn:a")}), 1));
    EXPECT_FALSE(walk(fed, "urn:a", Direction::forward).contains("urn:carton"));
    fed.add(packing(Action::add, "urn:box", {instance("urn:a")}));
    fed.add(packing(Action::remove, "urn:box", {instance("urn:a")}));
    EXPECT_FALSE(walk(fed, "urn:a", Direction::forward).contains("urn:box"));
}

TEST(Trace, taking_out_a_part_leaves_the_rest_in_and_the_edge_says_how_much) {
    Fed fed;
    fed.add(packing(Action::add, "urn:carton", {some("urn:lot", 40)}));
    fed.add(at_hour(packing(Action::remove, "urn:carton", {some("urn:lot", 15)}), 1));
    {
        const View view = fed.index.view();
        const std::vector<Node> seeds{node_of(view, "urn:lot")};
        const Trace found = trace(view, seeds, Direction::forward);
        ASSERT_EQ(found.nodes.size(), 2U);
        const Edge edge = view.edge(found.nodes[1].edge);
        EXPECT_EQ(edge.kind, EdgeKind::packed);
        EXPECT_EQ(edge.amount.micros, 25 * kOne);
        EXPECT_EQ(edge.sequence, 0U);
    }
    fed.add(at_hour(packing(Action::remove, "urn:carton", {some("urn:lot", 25)}), 2));
    EXPECT_FALSE(walk(fed, "urn:lot", Direction::forward).contains("urn:carton"));
}

TEST(Trace, a_delete_without_children_empties_the_container_and_leaves_installed_parts) {
    Fed fed;
    fed.add(packing(Action::add, "urn:carton", {instance("urn:a"), some("urn:b", 3)}));
    fed.add(installing(Action::add, "urn:carton", {instance("urn:sensor")}));
    fed.add(at_hour(packing(Action::remove, "urn:carton", {}), 1));
    EXPECT_EQ(walk(fed, "urn:carton", Direction::back, 2).size(), 4U);
    EXPECT_EQ(walk(fed, "urn:carton", Direction::back).size(), 2U);
    EXPECT_TRUE(walk(fed, "urn:carton", Direction::back).contains("urn:sensor"));
}

TEST(Trace, voiding_an_unpacking_puts_the_item_back_and_voiding_a_packing_takes_it_out) {
    Fed fed;
    const Event pack = with_id(packing(Action::add, "urn:carton", {instance("urn:a")}), "urn:e:1");
    const Event unpack = with_id(at_hour(packing(Action::remove, "urn:carton", {instance("urn:a")}), 1), "urn:e:2");
    fed.add(pack);
    fed.add(unpack);
    fed.add(declared_wrong(unpack));
    EXPECT_FALSE(walk(fed, "urn:a", Direction::forward, 2).contains("urn:carton"));
    EXPECT_TRUE(walk(fed, "urn:a", Direction::forward, 3).contains("urn:carton"));
    fed.add(declared_wrong(pack));
    EXPECT_FALSE(walk(fed, "urn:a", Direction::forward, 4).contains("urn:carton"));
}

/// steel -> screws without lot -> lamp: the screws join the two orders only as product.
void feed_untracked(Fed& fed) {
    fed.add_master(product("urn:p:screw", Tracking::none));
    fed.add(transformation("urn:t:1", {instance("urn:steel")}, {some("urn:p:screw", 1000)}));
    fed.add(transformation("urn:t:2", {some("urn:p:screw", 4), instance("urn:bulb")}, {instance("urn:lamp")}));
}

TEST(Trace, goes_through_untracked_stock_as_possible_and_only_when_asked) {
    Fed fed;
    feed_untracked(fed);
    const std::map<std::string, Found> expected{
        {"urn:steel", {0, true}}, {"urn:t:1", {1, true}}, {"urn:p:screw", {2, false}}, {"urn:t:2", {3, false}}, {"urn:lamp", {4, false}}};
    EXPECT_EQ(walk(fed, "urn:steel", Direction::forward), expected);
    TraceOptions recorded_only;
    recorded_only.include_inferred = false;
    EXPECT_EQ(walk(fed, "urn:steel", Direction::forward, kLatest, recorded_only).size(), 2U);
}

TEST(Trace, lists_the_untracked_inputs_it_met_whether_or_not_it_follows_them) {
    Fed fed;
    feed_untracked(fed);
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:lamp")};
    for (const bool follow : {true, false}) {
        TraceOptions options;
        options.include_inferred = follow;
        const Trace found = trace(view, seeds, Direction::back, options);
        ASSERT_EQ(found.untracked.size(), 1U);
        EXPECT_EQ(view.id(found.untracked[0].transformation), "urn:t:2");
        EXPECT_EQ(view.id(found.untracked[0].product), "urn:p:screw");
        EXPECT_TRUE(found.untracked[0].certain);
    }
}

TEST(Trace, a_node_with_a_recorded_way_is_certain_even_where_an_inferred_one_is_shorter) {
    Fed fed;
    feed_untracked(fed);
    fed.add(transformation("urn:t:3", {instance("urn:steel")}, {instance("urn:x1")}));
    fed.add(transformation("urn:t:4", {instance("urn:x1")}, {instance("urn:x2")}));
    fed.add(transformation("urn:t:5", {instance("urn:x2")}, {instance("urn:lamp")}));
    const auto found = walk(fed, "urn:steel", Direction::forward);
    EXPECT_EQ(found.at("urn:lamp"), (Found{6, true}));
    EXPECT_EQ(found.at("urn:t:2"), (Found{3, false}));
}

TEST(Trace, an_untracked_seed_is_certain_itself_and_all_beyond_is_possible) {
    Fed fed;
    feed_untracked(fed);
    const std::map<std::string, Found> expected{{"urn:p:screw", {0, true}}, {"urn:t:2", {1, false}}, {"urn:lamp", {2, false}}};
    EXPECT_EQ(walk(fed, "urn:p:screw", Direction::forward), expected);
}

TEST(Trace, puts_certain_before_possible_and_each_in_breadth_first_order) {
    Fed fed;
    feed_untracked(fed);
    fed.add(transformation("urn:t:3", {instance("urn:steel")}, {instance("urn:x1")}));
    fed.add(transformation("urn:t:4", {instance("urn:x1")}, {instance("urn:x2")}));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:steel")};
    const Trace found = trace(view, seeds, Direction::forward);
    std::vector<std::string> order;
    order.reserve(found.nodes.size());
    for (const Reached& reached : found.nodes) order.emplace_back(view.id(reached.node));
    const std::vector<std::string> expected{"urn:steel", "urn:t:1",     "urn:t:3", "urn:x1",  "urn:t:4",
                                            "urn:x2",    "urn:p:screw", "urn:t:2", "urn:lamp"};
    EXPECT_EQ(order, expected);
    EXPECT_EQ(found.certain, 6U);
    EXPECT_EQ(found.items, 5U);
    EXPECT_EQ(found.transformations, 4U);
    EXPECT_EQ(found.seen, 9U);
}

TEST(Trace, is_whole_at_its_limit_of_items_and_says_so_one_below) {
    Fed fed;
    feed_untracked(fed);  // three items and two transformations forward of the steel
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:steel")};
    TraceOptions options;
    options.items_max = 3;
    const Trace whole = trace(view, seeds, Direction::forward, options);
    EXPECT_FALSE(whole.truncated);
    EXPECT_EQ(whole.items, 3U);
    EXPECT_EQ(whole.transformations, 2U);
    options.items_max = 2;
    const Trace cut = trace(view, seeds, Direction::forward, options);
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.items, 2U);
    EXPECT_EQ(cut.nodes.size(), 4U);
    EXPECT_EQ(cut.seen, 5U);
    options.items_max = 0;
    EXPECT_TRUE(trace(view, seeds, Direction::forward, options).nodes.empty());
    EXPECT_EQ(trace(view, seeds, Direction::forward).nodes.size(), 5U);  // the walks before left no marks behind
}

TEST(Trace, calls_nothing_possible_that_might_be_certain) {
    Fed fed;
    fed.add(transformation("urn:t:1", {instance("urn:steel")}, {instance("urn:lamp")}));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:steel")};
    TraceOptions options;
    options.items_max = 1;
    const Trace cut = trace(view, seeds, Direction::forward, options);
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.nodes.size(), 2U);
    EXPECT_EQ(cut.certain, 2U);
}

TEST(Trace, has_at_most_as_many_transformations_as_items_are_allowed) {
    Fed fed;
    for (const char* order : {"urn:t:1", "urn:t:2", "urn:t:3"}) fed.add(transformation(order, {instance("urn:oil")}, {}));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:oil")};
    TraceOptions options;
    options.items_max = 3;
    EXPECT_FALSE(trace(view, seeds, Direction::forward, options).truncated);
    options.items_max = 2;
    const Trace cut = trace(view, seeds, Direction::forward, options);
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.transformations, 2U);
}

TEST(Trace, stops_when_it_is_cancelled_and_says_so) {
    Fed fed;
    feed_untracked(fed);
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:steel")};
    std::atomic<bool> cancel{true};
    TraceOptions options;
    options.cancel = &cancel;
    const Trace cut = trace(view, seeds, Direction::forward, options);
    EXPECT_TRUE(cut.cancelled);
    EXPECT_EQ(cut.nodes.size(), 1U);
    cancel = false;
    EXPECT_FALSE(trace(view, seeds, Direction::forward, options).cancelled);
}

TEST(Trace, takes_several_seeds_each_once_and_leaves_out_none) {
    Fed fed;
    feed_untracked(fed);
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:bulb"), Node::none, node_of(view, "urn:bulb"), node_of(view, "urn:steel")};
    const Trace found = trace(view, seeds, Direction::forward);
    const auto nodes = nodes_of(view, found);
    EXPECT_EQ(nodes.at("urn:bulb"), (Found{0, true}));
    EXPECT_EQ(nodes.at("urn:steel"), (Found{0, true}));
    EXPECT_EQ(nodes.at("urn:lamp"), (Found{2, true}));
    EXPECT_EQ(nodes.size(), 6U);
}

TEST(Path, leads_from_the_seed_over_the_edges_first_met) {
    Fed fed;
    feed_untracked(fed);
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:steel")};
    const Trace found = trace(view, seeds, Direction::forward);
    const std::vector<Reached> steps = path(found, node_of(view, "urn:lamp"));
    ASSERT_EQ(steps.size(), 5U);
    EXPECT_EQ(steps.front().edge, EdgeNo::none);
    const Edge last = view.edge(steps.back().edge);
    EXPECT_EQ(last.kind, EdgeKind::produced);
    EXPECT_EQ(last.confidence, Confidence::recorded);
    const Edge screws = view.edge(steps[3].edge);
    EXPECT_EQ(screws.kind, EdgeKind::consumed);
    EXPECT_EQ(screws.confidence, Confidence::inferred);
    EXPECT_EQ(screws.amount.micros, 4 * kOne);
    EXPECT_EQ(screws.sequence, 2U);
    EXPECT_TRUE(path(found, node_of(view, "urn:bulb")).empty());
}

}  // namespace
}  // namespace stemma::lineage
