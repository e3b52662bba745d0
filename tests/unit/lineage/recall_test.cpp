// A recall by hand: two suppliers' lots, boards, units; sold, returned, lost, in stock; and a worst case through untracked stock.
#include "core/lineage/recall.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

/// Lot L (10 pieces, 2 left) goes into units U1..U4 by way of boards B1..B4 and, with paste that has no lot, possibly into U9.
struct Story : Fed {
    Story() {
        for (const char* id : {"urn:store", "urn:shelf"}) add_master(place(id, PlaceKind::stock));
        add_master(place("urn:truck", PlaceKind::transit));
        for (const char* id : {"urn:p:cell", "urn:p:board", "urn:p:unit"}) add_master(product(id, Tracking::serial));
        add_master(product("urn:p:paste", Tracking::none));
        add_master(item("urn:L", ItemKind::lot, "urn:p:cell", "S4-L17"));
        for (int i = 1; i <= 4; ++i) {
            add_master(item(fmt::format("urn:B{}", i), ItemKind::serial, "urn:p:board"));
            add_master(item(fmt::format("urn:U{}", i), ItemKind::serial, "urn:p:unit"));
        }
        add_master(item("urn:U9", ItemKind::serial, "urn:p:unit"));
        add(with_document(received({some("urn:L", 10)}, "urn:sup", "urn:store"), "recadv", "urn:d:in"));
        for (int i = 1; i <= 4; ++i) build(i);
        add(with_places(transformation("urn:mix", {some("urn:L", 0)}, {some("urn:p:paste", 9)}), "urn:store", "urn:store"));
        add(with_places(transformation("urn:paint", {some("urn:p:paste", 1)}, {instance("urn:U9")}), "urn:store", "urn:shelf"));
        add(with_document(shipped({instance("urn:U1"), instance("urn:U2")}, "urn:shelf", "urn:c:1"), "desadv", "urn:d:out"));
        add(with_document(at_hour(returned({instance("urn:U2")}, "urn:c:1", "urn:shelf"), 1), "rma", "urn:d:rma"));
        add(moved({instance("urn:U3")}, "urn:shelf", "urn:truck"));
        add(with_places(object("destroying", {instance("urn:U4")}), "urn:shelf", ""));
    }

private:
    void build(int i) {
        const std::string number = std::to_string(i);
        const Event board = transformation("urn:t:b" + number, {some("urn:L", 2)}, {instance("urn:B" + number)});
        const Event unit = transformation("urn:t:u" + number, {instance("urn:B" + number)}, {instance("urn:U" + number)});
        add(with_document(with_places(board, "urn:store", "urn:store"), "prodorder", "urn:d:b" + number));
        add(with_document(with_places(unit, "urn:store", "urn:shelf"), "prodorder", "urn:d:u"));
    }
};

RecallReport report(const Story& story, const View& view) {
    (void)story;
    const std::vector<Node> seeds{node_of(view, "urn:L")};
    return recall(view, seeds);
}

TEST(Recall, that_is_cancelled_looks_at_no_further_item_and_says_so) {
    const Story story;
    const View view = story.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:L")};
    const std::atomic<bool> cancel{true};
    TraceOptions options;
    options.cancel = &cancel;
    const RecallReport cut = recall(view, seeds, options);
    EXPECT_TRUE(cut.trace.cancelled);
    EXPECT_TRUE(cut.items.empty());
    EXPECT_TRUE(cut.documents.empty());
}

TEST(Recall, lists_the_affected_with_their_status_and_whether_they_are_ends) {
    const Story story;
    const View view = story.index.view();
    std::map<std::string, std::tuple<bool, bool, Status>> found;
    for (const AffectedItem& item : report(story, view).items)
        found[std::string{view.id(item.node)}] = {item.certain, item.end, item.stock.status};
    const std::map<std::string, std::tuple<bool, bool, Status>> expected{
        {"urn:L", {true, true, Status::consumed}},  // 8 of 10 consumed, 2 left: still there as itself
        {"urn:B1", {true, false, Status::consumed}},      {"urn:B2", {true, false, Status::consumed}},
        {"urn:B3", {true, false, Status::consumed}},      {"urn:B4", {true, false, Status::consumed}},
        {"urn:U1", {true, true, Status::shipped}},        {"urn:U2", {true, true, Status::returned}},
        {"urn:U3", {true, true, Status::in_transit}},     {"urn:U4", {true, true, Status::written_off}},
        {"urn:p:paste", {false, true, Status::in_stock}}, {"urn:U9", {false, true, Status::in_stock}}};
    EXPECT_EQ(found, expected);
}

TEST(Recall, rolls_up_the_certain_by_status_place_customer_and_product) {
    const Story story;
    const View view = story.index.view();
    const RollUp certain = report(story, view).certain;
    EXPECT_EQ(certain.all.items, 9U);
    EXPECT_EQ(certain.all.end_items, 5U);

    std::map<Status, Tally> by_status;
    for (const StatusTally& line : certain.by_status) by_status[line.status] = line.tally;
    const auto pieces = [](std::int64_t n) { return std::vector<Amount>{{UnitNo::piece, n * kOne}}; };
    const std::map<Status, Tally> expected{{Status::in_stock, {1, 1, pieces(2)}},   {Status::returned, {1, 1, pieces(1)}},
                                           {Status::in_transit, {1, 1, pieces(1)}}, {Status::shipped, {1, 1, pieces(1)}},
                                           {Status::consumed, {5, 1, {}}},          {Status::written_off, {1, 1, pieces(1)}}};
    EXPECT_EQ(by_status, expected);
    // Eight cells and four boards are not twelve of anything.
    std::map<std::string, std::vector<Amount>> used;
    for (const StatusTally& line : certain.by_status)
        for (const ProductTally& part : line.by_product)
            if (line.status == Status::consumed) used[std::string{view.product(part.product).id}] = part.tally.amounts;
    EXPECT_EQ(used, (std::map<std::string, std::vector<Amount>>{{"urn:p:cell", pieces(8)}, {"urn:p:board", pieces(4)}}));

    ASSERT_EQ(certain.by_place.size(), 3U);
    EXPECT_EQ(view.place(certain.by_place[0].place).id, "urn:store");
    EXPECT_EQ(certain.by_place[0].tally, (Tally{1, 1, pieces(2)}));
    EXPECT_EQ(view.place(certain.by_place[1].place).id, "urn:shelf");
    EXPECT_EQ(certain.by_place[1].tally, (Tally{1, 1, pieces(1)}));
    EXPECT_TRUE(certain.by_place[2].transit);

    ASSERT_EQ(certain.by_customer.size(), 1U);
    EXPECT_EQ(view.party(certain.by_customer[0].party).id, "urn:c:1");
    EXPECT_EQ(certain.by_customer[0].tally, (Tally{1, 1, pieces(1)}));

    ASSERT_EQ(certain.by_product.size(), 3U);
    EXPECT_EQ(view.product(certain.by_product[1].product).id, "urn:p:board");
    EXPECT_EQ(certain.by_product[1].tally, (Tally{4, 0, pieces(4)}));
    EXPECT_EQ(certain.by_product[2].tally, (Tally{4, 4, pieces(4)}));
}

TEST(Recall, keeps_the_possible_apart) {
    const Story story;
    const View view = story.index.view();
    const RecallReport found = report(story, view);
    EXPECT_EQ(found.possible.all.items, 2U);
    ASSERT_EQ(found.possible.by_status.size(), 2U);
    EXPECT_EQ(found.possible.by_status[0].status, Status::in_stock);
    EXPECT_EQ(found.possible.by_status[0].tally.items, 2U);
    EXPECT_EQ(found.possible.by_status[1].status, Status::consumed);
    EXPECT_EQ(found.trace.untracked.size(), 1U);
}

TEST(Recall, lists_documents_with_counts_once_per_kind) {
    const Story story;
    const View view = story.index.view();
    std::map<std::pair<std::string, MovementKind>, std::size_t> counts;
    for (const DocumentLine& line : report(story, view).documents) {
        EXPECT_TRUE(line.certain);
        counts[{std::string{view.document(line.document).id}, line.kind}] = line.items;
    }
    const std::map<std::pair<std::string, MovementKind>, std::size_t> expected{{{"urn:d:in", MovementKind::received}, 1},
                                                                               {{"urn:d:out", MovementKind::shipped}, 2},
                                                                               {{"urn:d:rma", MovementKind::returned_by_customer}, 1},
                                                                               {{"urn:d:u", MovementKind::consumed}, 4},
                                                                               {{"urn:d:u", MovementKind::produced}, 4},
                                                                               {{"urn:d:b1", MovementKind::consumed}, 1},
                                                                               {{"urn:d:b1", MovementKind::produced}, 1},
                                                                               {{"urn:d:b2", MovementKind::consumed}, 1},
                                                                               {{"urn:d:b2", MovementKind::produced}, 1},
                                                                               {{"urn:d:b3", MovementKind::consumed}, 1},
                                                                               {{"urn:d:b3", MovementKind::produced}, 1},
                                                                               {{"urn:d:b4", MovementKind::consumed}, 1},
                                                                               {{"urn:d:b4", MovementKind::produced}, 1}};
    EXPECT_EQ(counts, expected);
}

TEST(Recall, balances_each_seed_and_says_for_which_position_it_is_true) {
    const Story story;
    const View view = story.index.view();
    const RecallReport found = report(story, view);
    EXPECT_EQ(found.as_of, story.entries.size());
    ASSERT_EQ(found.seeds.size(), 1U);
    EXPECT_TRUE(found.seeds[0].closes());
    EXPECT_EQ(found.seeds[0].stock.units[0].received, 10 * kOne);
    EXPECT_EQ(found.seeds[0].stock.units[0].consumed, 8 * kOne);
    EXPECT_EQ(found.seeds[0].units[0].on_hand, 2 * kOne);
}

TEST(Recall, without_seeds_is_empty) {
    const Story story;
    const View view = story.index.view();
    const std::vector<Node> none{Node::none};
    const RecallReport found = recall(view, none);
    EXPECT_TRUE(found.items.empty());
    EXPECT_TRUE(found.documents.empty());
    EXPECT_TRUE(found.seeds.empty());
}

TEST(Recall, as_of_before_the_deliveries_shows_what_was_known_then) {
    const Story story;
    const View view = story.index.view(story.entries.size() - 4);
    for (const AffectedItem& item : report(story, view).items) {
        const bool unit = view.kind(item.node) == NodeKind::serial && item.end;
        EXPECT_TRUE(!unit || item.stock.status == Status::in_stock) << view.id(item.node);
    }
}

}  // namespace
}  // namespace stemma::lineage
