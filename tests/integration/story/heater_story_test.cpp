// The story of the heated jackets against itself: what was planted is what its entries say.
#include "tests/support/heater_story.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/lineage/recall.hpp"

namespace stemma::test {
namespace {

const HeaterStory& story() {
    static const HeaterStory made = make_heater_story();
    return made;
}

TEST(HeaterStory, has_the_sizes_that_it_promises) {
    EXPECT_EQ(story().serials.size(), 60'000U);
    EXPECT_EQ(std::ranges::count_if(story().serials, [](const StorySerial& serial) { return story().is_bad(serial); }), 1'842);
    EXPECT_EQ(story().heater_lots[story().bad_lot].label, "S4-L17");
    EXPECT_EQ(story().heater_lots[story().bad_lot].received, 2'000);
    std::set<std::size_t> suppliers;
    std::set<std::string> labels;
    for (const StoryHeaterLot& lot : story().heater_lots) {
        suppliers.insert(lot.supplier);
        EXPECT_TRUE(labels.insert(lot.label).second) << lot.label;
    }
    EXPECT_EQ(suppliers.size(), kStorySuppliers);
    for (const StorySerial& serial : story().serials) EXPECT_LT(serial.day, kStoryDays);
}

TEST(HeaterStory, is_the_same_each_time_and_another_with_another_seed) {
    const HeaterStoryOptions small{7, 600, 50};
    EXPECT_EQ(make_heater_story(small).entries, make_heater_story(small).entries);
    EXPECT_NE(make_heater_story(small).entries, make_heater_story({8, 600, 50}).entries);
}

TEST(HeaterStory, holds_events_of_good_form_in_order_of_time) {
    Instant last;
    for (const EntryBody& body : story().entries) {
        const Event* event = std::get_if<Event>(&body);
        if (event == nullptr) continue;
        const auto checked = check_event(*event, Instant{kStoryFirstDay.us + 365 * kMicrosPerDay}, EventLimits{});
        ASSERT_TRUE(checked) << checked.error().text();
        ASSERT_GE(event->time.instant, last);
        last = event->time.instant;
    }
}

TEST(HeaterStory, the_recall_of_the_bad_lot_finds_the_planted_serials_by_fate) {
    lineage::Index index;
    Sequence sequence = 0;
    for (const EntryBody& body : story().entries) {
        Entry entry;
        entry.body = body;
        index.apply(sequence++, entry);
    }
    std::set<std::pair<std::string, Fate>> planted;
    for (const StorySerial& serial : story().serials)
        if (story().is_bad(serial)) planted.emplace(serial.id.str(), serial.fate);

    const lineage::View view = index.view();
    const std::vector seeds{view.find(story().heater_lots[story().bad_lot].id)};
    const lineage::RecallReport report = lineage::recall(view, seeds);
    std::set<std::pair<std::string, Fate>> found;
    for (const lineage::AffectedItem& item : report.items) {
        if (view.kind(item.node) != lineage::NodeKind::serial) continue;
        Fate fate = Fate::on_hand;
        if (item.stock.status == lineage::Status::in_transit) fate = Fate::in_transit;
        if (item.stock.status == lineage::Status::shipped) fate = Fate::sold;
        if (item.stock.status == lineage::Status::returned) fate = Fate::returned;
        if (item.stock.status == lineage::Status::written_off) fate = Fate::written_off;
        found.emplace(view.id(item.node), fate);
    }
    EXPECT_EQ(found, planted);
    ASSERT_EQ(report.seeds.size(), 1U);
    EXPECT_TRUE(report.seeds.front().closes());
    EXPECT_EQ(report.seeds.front().units.front().on_hand, 100 * kQuantityScale);
}

}  // namespace
}  // namespace stemma::test
