// What the index keeps of entries: nodes and their kinds, master data by ledger position, errors, repeats, movements and documents.
#include "core/lineage/index.hpp"

#include <gtest/gtest.h>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

std::vector<Movement> movements_of(const View& view, const std::string& id, bool with_voided = false) {
    std::vector<Movement> list;
    view.for_each_movement(
        node_of(view, id), [&](const Movement& movement) { list.push_back(movement); }, with_voided);
    return list;
}

TEST(Index, is_empty_at_the_start) {
    const Index index;
    EXPECT_EQ(index.position(), 0U);
    EXPECT_EQ(index.counts().items, 0U);
    EXPECT_EQ(node_of(index.view(), "urn:i:1"), Node::none);
}

TEST(Index, tells_kinds_from_master_data_and_untracked_stock_from_unknown_items) {
    Fed fed;
    fed.add_master(item("urn:i:serial", ItemKind::serial, "urn:p:1", "SN-1"));
    fed.add_master(item("urn:i:lot", ItemKind::lot, "urn:p:1"));
    fed.add_master(item("urn:i:box", ItemKind::logistic_unit, ""));
    fed.add_master(product("urn:p:screw", Tracking::none));
    fed.add(transformation("urn:t:1", {some("urn:p:screw", 4), instance("urn:i:foreign")}, {}));
    const View view = fed.index.view();
    EXPECT_EQ(view.kind(node_of(view, "urn:i:serial")), NodeKind::serial);
    EXPECT_EQ(view.kind(node_of(view, "urn:i:lot")), NodeKind::lot);
    EXPECT_EQ(view.kind(node_of(view, "urn:i:box")), NodeKind::logistic_unit);
    EXPECT_EQ(view.kind(node_of(view, "urn:p:screw")), NodeKind::untracked);
    EXPECT_EQ(view.kind(node_of(view, "urn:i:foreign")), NodeKind::unknown);
    EXPECT_EQ(view.kind(view.find(TransformationId{"urn:t:1"})), NodeKind::transformation);
    EXPECT_EQ(view.label(node_of(view, "urn:i:serial")), "SN-1");
    EXPECT_EQ(view.label(node_of(view, "urn:i:lot")), "urn:i:lot");
    EXPECT_EQ(view.label(node_of(view, "urn:p:screw")), "SKU-urn:p:screw");
    EXPECT_EQ(view.product(view.product(node_of(view, "urn:p:screw"))).id, "urn:p:screw");
    EXPECT_FALSE(view.product(view.product(node_of(view, "urn:i:lot"))).known);
}

TEST(Index, an_item_with_the_id_of_a_product_is_untracked_only_while_it_has_no_master_data_of_its_own) {
    Fed fed;
    fed.add(object("inspecting", {some("urn:x", 1)}));
    fed.add_master(product("urn:x", Tracking::none));
    fed.add_master(item("urn:x", ItemKind::lot, "urn:x"));
    const auto kind_at = [&](Sequence as_of) {
        const View view = fed.index.view(as_of);
        return view.kind(node_of(view, "urn:x"));
    };
    EXPECT_EQ(kind_at(1), NodeKind::unknown);
    EXPECT_EQ(kind_at(2), NodeKind::untracked);
    EXPECT_EQ(kind_at(3), NodeKind::lot);
}

TEST(Index, keeps_a_transformation_and_an_item_with_the_same_id_apart) {
    Fed fed;
    fed.add(transformation("urn:same", {instance("urn:same")}, {instance("urn:i:2")}));
    const View view = fed.index.view();
    EXPECT_NE(node_of(view, "urn:same"), view.find(TransformationId{"urn:same"}));
    EXPECT_EQ(fed.index.position(), 1U);
}

TEST(Index, names_a_transformation_by_its_event_where_it_has_no_id) {
    Fed fed;
    fed.add(with_id(transformation("", {instance("urn:i:1")}, {instance("urn:i:2")}), "urn:e:1"));
    fed.add(transformation("", {instance("urn:i:1")}, {instance("urn:i:2")}));
    const View view = fed.index.view();
    EXPECT_NE(view.find(TransformationId{"urn:e:1"}), Node::none);
    EXPECT_EQ(view.node_count(), 4U);  // two items and two transformations: without any id each event is its own
}

TEST(Index, shows_master_data_and_known_items_as_of_a_position) {
    Fed fed;
    fed.add_master(place("urn:place:a", PlaceKind::stock));
    fed.add_master(item("urn:i:1", ItemKind::serial, "urn:p:1", "OLD"));
    fed.add(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"));
    fed.add_master(item("urn:i:1", ItemKind::serial, "urn:p:1", "NEW"));
    fed.add_master(place("urn:place:a", PlaceKind::transit));
    EXPECT_EQ(node_of(fed.index.view(1), "urn:i:1"), Node::none);
    const auto label_at = [&](Sequence as_of) {
        const View view = fed.index.view(as_of);
        return std::string{view.label(node_of(view, "urn:i:1"))};
    };
    EXPECT_EQ(label_at(2), "OLD");
    EXPECT_EQ(label_at(3), "OLD");
    EXPECT_EQ(label_at(4), "NEW");
    const auto place_at = [&](Sequence as_of) {
        const View view = fed.index.view(as_of);
        return view.place(movements_of(view, "urn:i:1").at(0).from);
    };
    EXPECT_EQ(place_at(4).kind, PlaceKind::stock);
    EXPECT_EQ(place_at(5).kind, PlaceKind::transit);
    EXPECT_EQ(place_at(5).code, "CODE-urn:place:a");
}

TEST(Index, clamps_a_position_past_its_end) {
    Fed fed;
    fed.add(object("inspecting", {instance("urn:i:1")}));
    EXPECT_EQ(fed.index.view().as_of(), 1U);
    EXPECT_EQ(fed.index.view(99).as_of(), 1U);
    EXPECT_EQ(fed.index.view(0).as_of(), 0U);
}

TEST(Index, keeps_of_a_movement_what_when_where_and_all_documents) {
    Fed fed;
    Event event = shipped({some("urn:i:1", 3, "KGM")}, "urn:place:a", "urn:party:c");
    event = with_document(with_document(at_hour(event, 5), "desadv", "urn:d:1"), "po", "urn:d:2");
    event.time.date_only = true;
    fed.add(event);
    const View view = fed.index.view();
    const std::vector<Movement> list = movements_of(view, "urn:i:1");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].sequence, 0U);
    EXPECT_EQ(list[0].time.us, kStart.us + 18'000 * kMicrosPerSecond);
    EXPECT_TRUE(list[0].date_only);
    EXPECT_EQ(list[0].kind, MovementKind::shipped);
    EXPECT_EQ(list[0].amount.micros, 3 * kOne);
    EXPECT_EQ(view.unit(list[0].amount.unit), "KGM");
    EXPECT_EQ(view.place(list[0].from).id, "urn:place:a");
    EXPECT_EQ(list[0].to, PlaceNo::none);
    EXPECT_EQ(view.party(list[0].party).id, "urn:party:c");
    EXPECT_EQ(view.document(list[0].document).id, "urn:d:1");
    EXPECT_EQ(view.document(list[0].document).number, "No urn:d:1");
    ASSERT_EQ(view.documents_of(list[0].event).size(), 2U);
    EXPECT_EQ(view.document(view.documents_of(list[0].event)[1]).type, "po");
}

TEST(Index, does_not_forget_a_document_number_that_a_later_event_leaves_out) {
    Fed fed;
    Event event = with_document(shipped({instance("urn:i:1")}, "urn:place:a", "urn:party:c"), "desadv", "urn:d:1");
    fed.add(event);
    event.documents[0].number.clear();
    event.documents[0].type.clear();
    fed.add(event);
    const View view = fed.index.view();
    EXPECT_EQ(view.document(movements_of(view, "urn:i:1").at(1).document).number, "No urn:d:1");
    EXPECT_EQ(view.document(movements_of(view, "urn:i:1").at(1).document).type, "desadv");
}

TEST(Index, an_instance_counts_as_one_piece) {
    Fed fed;
    fed.add(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"));
    const View view = fed.index.view();
    EXPECT_EQ(movements_of(view, "urn:i:1").at(0).amount, (Amount{UnitNo::piece, kOne}));
    EXPECT_EQ(view.unit(UnitNo::piece), "C62");
}

TEST(Index, an_error_declaration_voids_the_event_from_its_own_position_on) {
    Fed fed;
    const Event event = with_id(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"), "urn:e:1");
    fed.add(event);                  // 0
    fed.add(declared_wrong(event));  // 1
    EXPECT_EQ(movements_of(fed.index.view(1), "urn:i:1").size(), 1U);
    EXPECT_EQ(movements_of(fed.index.view(1), "urn:i:1").at(0).voided_at, kNever);
    EXPECT_TRUE(movements_of(fed.index.view(2), "urn:i:1").empty());
    EXPECT_EQ(movements_of(fed.index.view(2), "urn:i:1", true).at(0).voided_at, 1U);
    EXPECT_EQ(movements_of(fed.index.view(1), "urn:i:1", true).at(0).voided_at, kNever);
    fed.add(event);  // 2
    EXPECT_EQ(movements_of(fed.index.view(2), "urn:i:1", true).size(), 1U);
    EXPECT_EQ(movements_of(fed.index.view(3), "urn:i:1", true).size(), 2U);
    EXPECT_EQ(fed.index.counts().events_declared_wrong, 1U);
}

TEST(Index, lists_the_items_of_a_product_without_its_untracked_stock) {
    Fed fed;
    fed.add_master(product("urn:p", Tracking::lot));
    fed.add_master(product("urn:q", Tracking::lot));
    fed.add_master(item("urn:i:1", ItemKind::lot, "urn:p"));
    fed.add_master(item("urn:i:2", ItemKind::lot, "urn:q"));
    fed.add(transformation("urn:t", {some("urn:p", 1), instance("urn:i:1")}, {instance("urn:i:3")}));
    fed.add_master(item("urn:i:3", ItemKind::serial, "urn:p"));
    const auto ids = [&](const View& view, const char* of, std::size_t limit) {
        std::vector<std::string> found;
        for (const Node node : view.items_of(ProductId{of}, limit)) found.emplace_back(view.id(node));
        return found;
    };
    const View view = fed.index.view();
    EXPECT_EQ(ids(view, "urn:p", 9), (std::vector<std::string>{"urn:i:1", "urn:i:3"}));
    EXPECT_EQ(ids(view, "urn:p", 1), (std::vector<std::string>{"urn:i:1"}));
    EXPECT_EQ(ids(view, "urn:p", 0), std::vector<std::string>{});
    EXPECT_EQ(ids(view, "urn:nobody", 9), std::vector<std::string>{});
}

TEST(Index, an_event_that_was_declared_wrong_may_be_recorded_anew_under_its_id) {
    Fed fed;
    const Event event = with_id(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"), "urn:e:1");
    fed.add(event);
    fed.add(declared_wrong(event));
    fed.add(event);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").size(), 1U);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").at(0).sequence, 2U);
}

TEST(Index, an_event_that_comes_again_while_it_stands_counts_once) {
    Fed fed;
    const Event event = with_id(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"), "urn:e:1");
    fed.add(event);
    fed.add(event);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").size(), 1U);
    EXPECT_EQ(fed.index.counts().events_repeated, 1U);
}

TEST(Index, an_error_declaration_for_an_unknown_event_changes_nothing) {
    Fed fed;
    fed.add(with_id(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"), "urn:e:1"));
    fed.add(declared_wrong(with_id(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b"), "urn:e:2")));
    fed.add(declared_wrong(moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b")));
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").size(), 1U);
}

TEST(Index, leaves_out_an_entry_it_has_applied_and_allows_gaps) {
    Index index;
    Entry entry;
    entry.body = moved({instance("urn:i:1")}, "urn:place:a", "urn:place:b");
    index.apply(5, entry);
    index.apply(5, entry);
    index.apply(3, entry);
    EXPECT_EQ(index.position(), 6U);
    EXPECT_EQ(index.counts().movements, 1U);
    index.apply(9, entry);
    EXPECT_EQ(index.counts().movements, 2U);
    EXPECT_EQ(movements_of(index.view(9), "urn:i:1").size(), 1U);
}

TEST(Index, takes_odd_events_without_complaint) {
    Fed fed;
    Event empty;
    fed.add(empty);
    fed.add(declared_wrong(empty));
    Event odd = transformation("", {some("", 0)}, {});
    odd.items.push_back(instance("urn:i:1"));
    odd.inputs.push_back({ItemId{"urn:i:1"}, Quantity{std::numeric_limits<std::int64_t>::min(), "no unit at all"}});
    fed.add(odd);
    Event parentless = packing(Action::add, "", {instance("urn:i:1")});
    fed.add(parentless);
    fed.add(packing(Action::remove, "urn:i:box", {}));
    fed.add(packing(Action::add, "urn:i:self", {instance("urn:i:self")}));
    fed.add_master(Item{});
    fed.add_master(Product{});
    fed.add_master(Place{});
    fed.add_master(Party{});
    fed.add(EntryBody{CaseEvent{}});
    fed.add(EntryBody{SystemChange{}});
    EXPECT_EQ(fed.index.position(), 12U);
}

TEST(Index, counts_what_it_holds_and_its_memory_grows_with_it) {
    Fed fed;
    const std::size_t empty = fed.index.memory_bytes();
    for (int i = 0; i < 1000; ++i)
        fed.add(
            transformation(fmt::format("urn:t:{}", i), {instance(fmt::format("urn:in:{}", i))}, {instance(fmt::format("urn:out:{}", i))}));
    const Counts counts = fed.index.counts();
    EXPECT_EQ(counts.items, 2000U);
    EXPECT_EQ(counts.transformations, 1000U);
    EXPECT_EQ(counts.edges, 2000U);
    EXPECT_EQ(counts.movements, 2000U);
    EXPECT_EQ(counts.events, 1000U);
    EXPECT_GT(fed.index.memory_bytes(), empty + 120'000);
    EXPECT_LT(fed.index.memory_bytes(), empty + 2'000'000);
}

TEST(Index, takes_at_most_24_bytes_per_edge_with_event_and_amount_once_merged) {
    Fed fed;
    for (int i = 0; i < 40'000; ++i) {
        std::vector<ItemQuantity> inputs;
        for (int j = 0; j < 4; ++j) inputs.push_back(some(fmt::format("urn:lot:{}:{}", j, i / 500), 1 + i % 3));
        fed.add(transformation(fmt::format("urn:t:{}", i), inputs, {instance(fmt::format("urn:out:{}", i))}));
    }
    fed.index.merge();
    EXPECT_EQ(fed.index.graph_size().unmerged, 0U);
    EXPECT_EQ(fed.index.graph_size().edges, 200'000U);
    EXPECT_LE(fed.index.memory().edges, 24U * 200'000U);
}

TEST(Index, keeps_the_amount_of_every_edge_where_there_are_more_than_16384_of_them) {
    Fed fed{IndexSettings{{}, false}};
    for (int i = 1; i <= 16'500; ++i) {
        fed.add(transformation(fmt::format("urn:t:{}", i), {some("urn:i", i)}, {}));
        if (i == 9'000 || i == 16'383 || i == 16'384 || i == 16'500) fed.index.merge();
        if (i < 16'382 || (i > 16'386 && i < 16'500)) continue;
        const View view = fed.index.view();
        std::int64_t last = 0;
        view.for_each_edge(node_of(view, "urn:i"), Direction::forward, [&](EdgeNo edge, Node) {
            ASSERT_EQ(view.edge(edge).amount.micros, ++last * kOne);
            ASSERT_EQ(view.edge(edge).kind, EdgeKind::consumed);
        });
        ASSERT_EQ(last, i);
    }
}

TEST(Index, counts_one_event_of_an_id_whether_it_names_a_transformation_or_not) {
    Fed fed;
    const Event made = with_id(transformation("", {instance("urn:i:1")}, {instance("urn:i:2")}), "urn:e");
    const Event seen = with_id(moved({instance("urn:i:3")}, "urn:place:a", "urn:place:b"), "urn:e");
    const auto events_and_repeats = [&] { return std::pair{fed.index.counts().events, fed.index.counts().events_repeated}; };
    fed.add(made);
    fed.add(seen);
    EXPECT_EQ(events_and_repeats(), std::pair(1UZ, 1UZ));
    fed.add(declared_wrong(made));
    fed.add(seen);
    fed.add(made);
    EXPECT_EQ(events_and_repeats(), std::pair(2UZ, 2UZ));
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").size(), 0U);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:3").size(), 1U);
    fed.add(declared_wrong(seen));
    fed.add(declared_wrong(seen));  // nothing stands: nothing happens
    fed.add(made);
    EXPECT_EQ(events_and_repeats(), std::pair(3UZ, 2UZ));
    EXPECT_EQ(fed.index.counts().events_declared_wrong, 2U);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:1").size(), 1U);
    EXPECT_EQ(movements_of(fed.index.view(), "urn:i:3").size(), 0U);
}

TEST(Index, keeps_65536_units_and_sums_up_the_rest_as_other) {
    Fed fed;
    for (int i = 0; i < 65'534; i += 1000) {  // two units, "" and C62, are there from the start
        std::vector<ItemQuantity> items;
        for (int j = i; j < std::min(i + 1000, 65'534); ++j) items.push_back(some("urn:i:1", 1, fmt::format("u{}", j)));
        fed.add(moved(items, "urn:place:a", "urn:place:b"));
    }
    fed.add(moved({some("urn:i:2", 1, "u65533"), some("urn:i:2", 1, "one more")}, "urn:place:a", "urn:place:b"));
    const View view = fed.index.view();
    const std::vector<Movement> list = movements_of(view, "urn:i:2");
    EXPECT_EQ(view.unit(list.at(0).amount.unit), "u65533");
    EXPECT_EQ(list.at(1).amount.unit, UnitNo::other);
}

}  // namespace
}  // namespace stemma::lineage
