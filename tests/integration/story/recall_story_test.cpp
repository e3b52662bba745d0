// S1: a supplier calls back lot S4-L17 of heaters. Of 60,000 jackets exactly the planted ones are found, each where it was put, with the
// documents, the customers and a digest that another index of the same ledger gives as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/digest.hpp"
#include "core/lineage/recall.hpp"
#include "tests/support/heater_story.hpp"

namespace stemma::test {
namespace {

using lineage::RecallOptions;
using lineage::RecallReport;

class RecallStory : public testing::Test {
protected:
    static void SetUpTestSuite() {
        the_story = std::make_unique<HeaterStory>(make_heater_story());
        the_index = fed();
    }
    static void TearDownTestSuite() {
        the_index.reset();
        the_story.reset();
    }

    static std::unique_ptr<lineage::Index> fed() {
        auto index = std::make_unique<lineage::Index>();
        Sequence sequence = 0;
        for (const EntryBody& body : the_story->entries) {
            Entry entry;
            entry.body = body;
            index->apply(sequence++, entry);
        }
        return index;
    }
    static RecallReport recall(const lineage::View& view, const RecallOptions& options = {}) {
        const std::vector seeds{view.find(the_story->heater_lots[the_story->bad_lot].id)};
        return lineage::recall(view, seeds, options);
    }
    static std::map<std::size_t, std::size_t> planted_by_customer() {
        std::map<std::size_t, std::size_t> planted;
        for (const StorySerial& serial : the_story->serials)
            if (the_story->is_bad(serial) && serial.fate == Fate::sold) ++planted[serial.customer];
        return planted;
    }
    static std::size_t planted(Fate fate) {
        return static_cast<std::size_t>(std::ranges::count_if(
            the_story->serials, [&](const StorySerial& serial) { return the_story->is_bad(serial) && serial.fate == fate; }));
    }
    /// Jackets of a status in a roll-up's product; lots count in pieces of their own product and are left out by what they are.
    static std::map<lineage::Status, std::size_t> jackets_by_status(const lineage::View& view, const RecallReport& report) {
        std::map<lineage::Status, std::size_t> counts;
        for (const lineage::AffectedItem& item : report.items)
            if (view.kind(item.node) == lineage::NodeKind::serial) ++counts[item.stock.status];
        return counts;
    }

    static inline std::unique_ptr<HeaterStory> the_story;
    static inline std::unique_ptr<lineage::Index> the_index;
};

TEST_F(RecallStory, finds_exactly_the_planted_jackets) {
    const lineage::View view = the_index->view();
    std::set<std::string> expected;
    for (const StorySerial& serial : the_story->serials)
        if (the_story->is_bad(serial)) expected.insert(serial.id.str());
    ASSERT_EQ(expected.size(), 1'842U);
    std::set<std::string> found;
    for (const lineage::AffectedItem& item : recall(view).items) {
        EXPECT_TRUE(item.certain);
        if (view.kind(item.node) == lineage::NodeKind::serial) found.emplace(view.id(item.node));
    }
    EXPECT_EQ(found, expected);
}

TEST_F(RecallStory, splits_them_on_hand_in_transit_sold_returned_and_written_off) {
    const lineage::View view = the_index->view();
    const std::map<lineage::Status, std::size_t> expected{{lineage::Status::in_stock, planted(Fate::on_hand)},
                                                          {lineage::Status::in_transit, planted(Fate::in_transit)},
                                                          {lineage::Status::shipped, planted(Fate::sold)},
                                                          {lineage::Status::returned, planted(Fate::returned)},
                                                          {lineage::Status::written_off, planted(Fate::written_off)}};
    EXPECT_EQ(jackets_by_status(view, recall(view)), expected);
    for (const auto& [status, count] : expected) EXPECT_GT(count, 0U) << to_string(status);  // the story is not trivial
}

TEST_F(RecallStory, names_each_customer_with_what_it_has) {
    const lineage::View view = the_index->view();
    std::map<std::string, std::size_t> expected;
    for (const auto& [customer, count] : planted_by_customer())
        expected[story_party_id((customer < 9 ? "C0" : "C") + std::to_string(customer + 1)).str()] = count;
    std::map<std::string, std::size_t> found;
    for (const lineage::PartyTally& line : recall(view).certain.by_customer)
        found[std::string{view.party(line.party).id}] = line.tally.items;
    EXPECT_EQ(found, expected);
    EXPECT_EQ(expected.size(), kStoryCustomers);
}

TEST_F(RecallStory, closes_the_balance_of_the_lot_and_of_everything_made_of_it) {
    const lineage::View view = the_index->view();
    const RecallReport report = recall(view);
    ASSERT_EQ(report.seeds.size(), 1U);
    EXPECT_TRUE(report.seeds.front().closes());
    const StoryHeaterLot& lot = the_story->heater_lots[the_story->bad_lot];
    const lineage::UnitStock& stock = report.seeds.front().stock.units.front();
    EXPECT_EQ(stock.received, lot.received * kQuantityScale);
    EXPECT_EQ(stock.consumed, lot.consumed * kQuantityScale);
    EXPECT_EQ(stock.returned_to_supplier, lot.returned_to_supplier * kQuantityScale);
    EXPECT_EQ(stock.written_off, lot.written_off * kQuantityScale);
    EXPECT_EQ(stock.on_hand_total(), (lot.received - lot.consumed - lot.returned_to_supplier - lot.written_off) * kQuantityScale);
    EXPECT_EQ(report.unbalanced_items, 0U);
}

TEST_F(RecallStory, has_on_its_delivery_notes_every_jacket_that_was_shipped_and_on_its_returns_every_one_that_came_back) {
    const lineage::View view = the_index->view();
    std::size_t shipped = 0;
    std::size_t returned = 0;
    const RecallReport report = recall(view);
    for (const lineage::DocumentLine& line : report.documents) {
        if (line.kind == lineage::MovementKind::shipped) shipped += line.items;
        if (line.kind == lineage::MovementKind::returned_by_customer) returned += line.items;
    }
    EXPECT_EQ(shipped, planted(Fate::sold) + planted(Fate::returned));
    EXPECT_EQ(returned, planted(Fate::returned));
    std::size_t delivered = 0;
    for (const lineage::PartyLine& line : report.parties)
        if (line.kind == lineage::MovementKind::shipped) delivered += line.items;
    EXPECT_EQ(delivered, shipped);
}

TEST_F(RecallStory, has_the_same_digest_from_another_index_without_the_list_and_by_time) {
    const auto digest = [](const lineage::Index& index, const RecallOptions& options) {
        const lineage::View view = index.view();
        return to_hex(recall(view, options).digest);
    };
    const std::string first = digest(*the_index, {});
    RecallOptions counts;
    counts.list_items = false;
    EXPECT_EQ(digest(*the_index, counts), first);
    const auto another = fed();
    EXPECT_EQ(digest(*another, {}), first);
    RecallOptions timed;
    timed.walk.timed = true;
    const std::string by_time = digest(*the_index, timed);
    EXPECT_NE(by_time, first);  // another question: the digest says that it was asked by time
    EXPECT_EQ(digest(*another, timed), by_time);
}

TEST_F(RecallStory, finds_the_same_jackets_by_time_for_nothing_was_refilled) {
    const lineage::View view = the_index->view();
    RecallOptions timed;
    timed.walk.timed = true;
    const RecallReport report = recall(view, timed);
    EXPECT_EQ(jackets_by_status(view, report), jackets_by_status(view, recall(view)));
    EXPECT_EQ(report.items.size(), recall(view).items.size());
}

}  // namespace
}  // namespace stemma::test
