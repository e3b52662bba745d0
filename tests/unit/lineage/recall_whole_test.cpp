// What a recall says beyond its list: parts of a lot in many states, parties, balances that do not close, times, counts alone, the digest.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/base/digest.hpp"
#include "core/lineage/recall.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

/// A lot of 100 kg in every state that a part of it can have.
struct Scattered : Fed {
    Scattered() {
        add_master(place("urn:store", PlaceKind::stock));
        add_master(place("urn:truck", PlaceKind::transit));
        add_master(product("urn:p:flour", Tracking::lot, "KGM"));
        add_master(item("urn:L", ItemKind::lot, "urn:p:flour"));
        const auto kilos = [](std::int64_t n) { return std::vector{some("urn:L", n, "KGM")}; };
        add(with_document(received(kilos(100), "urn:sup", "urn:store"), "recadv", "urn:d:in"));
        add(with_document(shipped(kilos(30), "urn:store", "urn:c:1"), "desadv", "urn:d:out1"));
        add(with_document(shipped(kilos(20), "urn:store", "urn:c:2"), "desadv", "urn:d:out2"));
        add(with_document(returned(kilos(5), "urn:c:1", "urn:store"), "rma", "urn:d:rma"));
        add(moved(kilos(10), "urn:store", "urn:truck"));
        add(with_places(object("destroying", kilos(4)), "urn:store", ""));
        add(with_places(transformation("urn:bake", kilos(15), {some("urn:B", 20, "KGM")}), "urn:store", "urn:store"));
        Event back = shipped(kilos(6), "urn:store", "urn:sup");
        back.disposition = "returned";
        add(with_document(back, "desadv", "urn:d:back"));
    }
};

RecallReport recall_of(const View& view, const std::string& seed, const RecallOptions& options = {}) {
    const std::vector<Node> seeds{node_of(view, seed)};
    return recall(view, seeds, options);
}

std::map<std::string, std::int64_t> kilos_by_status(const View& view, const RollUp& roll_up) {
    std::map<std::string, std::int64_t> kilos;
    for (const StatusTally& line : roll_up.by_status)
        for (const ProductTally& part : line.by_product)
            for (const Amount& amount : part.tally.amounts)
                if (view.unit(amount.unit) == "KGM") kilos[std::string{to_string(line.status)}] += amount.micros / kOne;
    return kilos;
}

TEST(WholeRecall, counts_each_part_of_a_lot_where_it_is) {
    const Scattered story;
    const View view = story.index.view();
    const RecallReport report = recall_of(view, "urn:L");
    // of the lot: 100 - 30 - 20 + 5 - 10 - 4 - 15 - 6 = 20 in the store; of B its 20 baked ones lie there too
    const std::map<std::string, std::int64_t> expected{{"in_stock", 40}, {"in_transit", 10}, {"shipped", 45},
                                                       {"consumed", 15}, {"written_off", 4}, {"returned_to_supplier", 6}};
    EXPECT_EQ(kilos_by_status(view, report.certain), expected);
    std::map<std::string, std::int64_t> with;
    for (const PartyTally& line : report.certain.by_customer)
        with[std::string{view.party(line.party).id}] = line.tally.amounts.front().micros / kOne;
    EXPECT_EQ(with, (std::map<std::string, std::int64_t>{{"urn:c:1", 25}, {"urn:c:2", 20}}));
    ASSERT_EQ(report.seeds.size(), 1U);
    EXPECT_TRUE(report.seeds.front().closes());
    EXPECT_EQ(report.unbalanced_items, 0U);
}

TEST(WholeRecall, adds_up_to_what_is_with_customers_where_another_than_the_buyer_brought_back) {
    Scattered story;
    story.add(returned({some("urn:L", 7, "KGM")}, "urn:c:3", "urn:store"));
    const View view = story.index.view();
    const RecallReport report = recall_of(view, "urn:L");
    EXPECT_EQ(kilos_by_status(view, report.certain)["shipped"], 38);  // 30 + 20 - 5 - 7
    std::map<std::pair<std::string, bool>, std::int64_t> with;
    for (const PartyTally& line : report.certain.by_customer)
        with[{std::string{view.party(line.party).id}, line.over_returned}] = line.tally.amounts.front().micros / kOne;
    const std::map<std::pair<std::string, bool>, std::int64_t> expected{
        {{"urn:c:1", false}, 25}, {{"urn:c:2", false}, 20}, {{"urn:c:3", true}, -7}};
    EXPECT_EQ(with, expected);
}

TEST(WholeRecall, names_each_party_once_per_kind_of_movement) {
    const Scattered story;
    const View view = story.index.view();
    std::map<std::pair<std::string, std::string>, std::int64_t> found;
    for (const PartyLine& line : recall_of(view, "urn:L").parties)
        found[{std::string{to_string(line.kind)}, std::string{view.party(line.party).id}}] = line.amounts.front().micros / kOne;
    const std::map<std::pair<std::string, std::string>, std::int64_t> expected{{{"received", "urn:sup"}, 100},
                                                                               {{"returned_by_customer", "urn:c:1"}, 5},
                                                                               {{"returned_to_supplier", "urn:sup"}, 6},
                                                                               {{"shipped", "urn:c:1"}, 30},
                                                                               {{"shipped", "urn:c:2"}, 20}};
    EXPECT_EQ(found, expected);
}

TEST(WholeRecall, lists_each_affected_item_whose_balance_does_not_close) {
    Scattered story;
    story.add(with_document(with_places(object("destroying", {some("urn:B", 21, "KGM")}), "urn:store", ""), "inv", "urn:d:loss"));
    const View view = story.index.view();
    const RecallReport report = recall_of(view, "urn:L");
    EXPECT_EQ(report.unbalanced_items, 1U);
    ASSERT_EQ(report.unbalanced.size(), 1U);
    EXPECT_EQ(view.id(report.unbalanced.front().stock.item), "urn:B");
    ASSERT_FALSE(report.unbalanced.front().discrepancies.empty());
    const Discrepancy& short_by = report.unbalanced.front().discrepancies.front();
    EXPECT_EQ(short_by.kind, Discrepancy::Kind::negative_stock);
    EXPECT_EQ(short_by.amount.micros, -1 * kOne);
    ASSERT_EQ(short_by.documents.size(), 1U);
    EXPECT_EQ(view.document(short_by.documents.front()).id, "urn:d:loss");
}

TEST(WholeRecall, answers_whether_a_balance_closes_as_the_balance_itself_does) {
    Scattered story;
    story.add(object("destroying", {some("urn:B", 1, "KGM")}));  // from no place
    story.add(moved({some("urn:X", 1)}, "urn:store", ""));       // to no place
    story.add(received({some("urn:Y", 1), some("urn:Y", 1, "KGM")}, "urn:sup", "urn:store"));
    story.add_master(place("urn:sea", PlaceKind::outside));
    story.add(received({some("urn:Z", 1)}, "urn:sup", "urn:store"));
    story.add(moved({some("urn:Z", 1)}, "urn:store", "urn:sea"));
    const View view = story.index.view();
    for (const char* id : {"urn:L", "urn:B", "urn:X", "urn:Y", "urn:Z"}) {
        const Node node = node_of(view, id);
        EXPECT_EQ(balance_closes(view, stock_of(view, node)), balance_of(view, node).closes()) << id;
        EXPECT_EQ(balance_of(view, node).closes(), std::string_view{id} == "urn:L") << id;
    }
}

TEST(WholeRecall, without_a_list_has_the_same_counts_and_digest) {
    const Scattered story;
    const View view = story.index.view();
    RecallOptions counts;
    counts.list_items = false;
    const RecallReport whole = recall_of(view, "urn:L");
    const RecallReport counted = recall_of(view, "urn:L", counts);
    EXPECT_EQ(whole.items.size(), 2U);
    EXPECT_TRUE(counted.items.empty());
    EXPECT_EQ(counted.digest, whole.digest);
    EXPECT_EQ(counted.certain.all, whole.certain.all);
    EXPECT_EQ(kilos_by_status(view, counted.certain), kilos_by_status(view, whole.certain));
    EXPECT_EQ(counted.documents.size(), whole.documents.size());
}

// --- by time -----------------------------------------------------------------------------------------------------------

/// A tank filled with good milk, sold from, filled with bad milk, sold from, and one customer brings milk back.
struct Tank : Fed {
    Tank() {
        add_master(place("urn:store", PlaceKind::stock));
        const auto litres = [](std::int64_t n) { return std::vector{some("urn:tank", n, "LTR")}; };
        add(at_hour(received(litres(100), "urn:farm", "urn:store"), 1));
        add(with_document(at_hour(shipped(litres(40), "urn:store", "urn:c:early"), 2), "desadv", "urn:d:early"));
        add(with_document(at_hour(shipped(litres(30), "urn:store", "urn:c:both"), 2), "desadv", "urn:d:both1"));
        Event fill = with_places(transformation("urn:fill", {some("urn:bad", 50, "LTR")}, litres(50)), "urn:store", "urn:store");
        add(at_hour(fill, 3));
        add(with_document(at_hour(shipped(litres(20), "urn:store", "urn:c:both"), 4), "desadv", "urn:d:both2"));
        add(at_hour(returned(litres(10), "urn:c:both", "urn:store"), 5));
    }
};

TEST(TimedRecall, names_nobody_who_was_delivered_to_before_the_bad_goods_came_in) {
    const Tank story;
    const View view = story.index.view();
    RecallOptions timed;
    timed.walk.timed = true;
    const auto customers = [&](const RecallOptions& options) {
        std::map<std::string, std::int64_t> with;
        for (const PartyTally& line : recall_of(view, "urn:bad", options).certain.by_customer)
            with[std::string{view.party(line.party).id}] = line.tally.amounts.front().micros / kOne;
        return with;
    };
    EXPECT_EQ(customers({}), (std::map<std::string, std::int64_t>{{"urn:c:both", 40}, {"urn:c:early", 40}}));
    // of the 10 brought back it may have been the good ones: all 20 of the bad ones may still be there
    EXPECT_EQ(customers(timed), (std::map<std::string, std::int64_t>{{"urn:c:both", 20}}));
    std::vector<std::string> documents;
    for (const DocumentLine& line : recall_of(view, "urn:bad", timed).documents) documents.emplace_back(view.document(line.document).id);
    EXPECT_EQ(documents, std::vector<std::string>{"urn:d:both2"});
    EXPECT_NE(recall_of(view, "urn:bad", timed).digest, recall_of(view, "urn:bad").digest);
}

// --- the digest --------------------------------------------------------------------------------------------------------

TEST(RecallDigest, is_the_sha256_of_the_form_that_the_header_states) {
    Fed fed;
    fed.add_master(place("urn:store", PlaceKind::stock));
    fed.add_master(item("urn:b", ItemKind::lot, "urn:p", "B-7"));
    fed.add(with_document(received({some("urn:b", 3), some("urn:a\\1", 1)}, "urn:sup", "urn:store"), "recadv", "urn:d:in"));
    fed.add(with_document(shipped({some("urn:b", 1)}, "urn:store", "urn:c:1"), "desadv", "urn:d:out"));
    fed.add(with_places(object("destroying", {some("urn:a\\1", 2)}), "urn:store", ""));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "urn:b"), node_of(view, "urn:a\\1")};
    const std::string form =
        "stemma-recall-2\n"
        "as-of\t5\n"
        "walk\t1\t0\t0\n"
        "seed\turn:a\\\\1\n"
        "seed\turn:b\n"
        "item\turn:a\\\\1\turn:a\\\\1\tcertain\tend\twritten_off\n"
        "on_hand\tC62\turn:store\t-1\n"
        "received\tC62\t\t1\n"
        "written_off\tC62\t\t2\n"
        "item\turn:b\tB-7\tcertain\tend\tin_stock\n"
        "on_hand\tC62\turn:store\t2\n"
        "received\tC62\t\t3\n"
        "shipped\tC62\t\t1\n"
        "with_customer\tC62\turn:c:1\t1\n"
        "document\turn:d:in\treceived\tcertain\t2\n"  // of different products: no amount
        "document\turn:d:out\tshipped\tcertain\t1\tC62\t1\n"
        "party\turn:c:1\tshipped\tcertain\t1\tC62\t1\n"
        "party\turn:sup\treceived\tcertain\t2\n"
        "unbalanced\turn:a\\\\1\n";
    EXPECT_EQ(to_hex(recall(view, seeds).digest), to_hex(sha256(form)));
}

/// The same story with its records in another order has other numbers inside for the same ids.
TEST(RecallDigest, does_not_depend_on_the_numbers_inside) {
    const auto digest = [](bool turned) {
        Fed fed;
        std::vector<EntryBody> masters{Master{place("urn:z", PlaceKind::stock)},         Master{place("urn:a", PlaceKind::stock)},
                                       Master{product("urn:p:1", Tracking::lot, "KGM")}, Master{product("urn:p:2", Tracking::lot)},
                                       Master{item("urn:L", ItemKind::lot, "urn:p:2")},  Master{item("urn:M", ItemKind::lot, "urn:p:1")}};
        if (turned) std::ranges::reverse(masters);
        for (const EntryBody& master : masters) fed.add(master);
        std::vector<Event> events{with_document(received({some("urn:L", 2)}, "urn:s:1", "urn:z"), "recadv", "urn:d:1"),
                                  with_document(received({some("urn:M", 5, "KGM")}, "urn:s:2", "urn:a"), "recadv", "urn:d:2"),
                                  transformation("urn:t:1", {some("urn:L", 1)}, {some("urn:N", 1)}),
                                  transformation("urn:t:2", {some("urn:L", 1)}, {some("urn:M", 1, "KGM")})};
        if (turned) std::ranges::reverse(events);
        for (const Event& event : events) fed.add(event);
        const View view = fed.index.view();
        return to_hex(recall_of(view, "urn:L").digest);
    };
    EXPECT_EQ(digest(false), digest(true));
}

TEST(RecallDigest, changes_with_the_position_the_question_and_the_answer) {
    Scattered story;
    const auto digest = [&](Sequence as_of, const std::string& seed, const RecallOptions& options) {
        const View view = story.index.view(as_of);
        return to_hex(recall_of(view, seed, options).digest);
    };
    const std::string first = digest(kLatest, "urn:L", {});
    const Sequence then = story.entries.size();
    RecallOptions certain_only;
    certain_only.walk.include_inferred = false;
    EXPECT_EQ(first, digest(then, "urn:L", {}));
    EXPECT_NE(first, digest(then - 1, "urn:L", {}));
    EXPECT_NE(first, digest(then, "urn:B", {}));
    EXPECT_NE(first, digest(then, "urn:L", certain_only));
    story.add(received({some("urn:other", 1)}, "urn:sup", "urn:store"));
    EXPECT_EQ(first, digest(then, "urn:L", {}));  // the same position later on
    EXPECT_NE(first, digest(kLatest, "urn:L", {}));
}

TEST(RecallDigest, of_a_cancelled_recall_is_all_zero) {
    const Scattered story;
    const View view = story.index.view();
    const std::atomic<bool> cancel{true};
    RecallOptions options;
    options.walk.cancel = &cancel;
    EXPECT_EQ(recall_of(view, "urn:L", options).digest, Digest{});
}

}  // namespace
}  // namespace stemma::lineage
