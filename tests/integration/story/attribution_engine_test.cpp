// The story of the heated jackets through the whole pipeline: recorded, stored, and asked for a cause that only attributes know.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/engine/conditions.hpp"
#include "core/lineage/attribution.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/support/heater_story.hpp"

namespace stemma::test {
namespace {

using lineage::Attribution;
using lineage::CauseKind;

class AttributionEngine : public ::testing::Test {
protected:
    AttributionEngine() : rig_{folder_.path()}, story_{make_heater_story({3, 2'400, 120})} {
        engine::Capture command;
        command.actor = "user:test";
        for (const EntryBody& body : story_.entries) {
            if (const Event* event = std::get_if<Event>(&body)) command.records.emplace_back(*event);
            if (const Master* master = std::get_if<Master>(&body)) command.records.emplace_back(*master);
        }
        EXPECT_TRUE(rig_.capture(command).recorded);
    }

    Attribution attribute(const std::vector<std::size_t>& failed, Sequence as_of = lineage::kLatest) {
        std::vector<lineage::AskedItem> asked;
        auto investigation = [&] {
            const lineage::View view = rig_.index().view(as_of);
            std::vector<lineage::Node> nodes;
            for (const std::size_t i : failed) nodes.push_back(view.find(story_.serials[i].id));
            auto opened = lineage::Investigation::open(view, nodes, {}, {});
            EXPECT_TRUE(opened) << opened.error().text();
            asked = opened->asked(view, 10'000);
            return *std::move(opened);
        }();
        const auto snapshot = rig_.store().read();
        auto conditions = engine::read_conditions(**snapshot, asked, investigation.as_of());
        EXPECT_TRUE(conditions) << conditions.error().text();
        investigation.add(*std::move(conditions));
        auto found = investigation.finish(rig_.index().view(investigation.as_of()));
        EXPECT_TRUE(found) << found.error().text();
        return found ? *std::move(found) : Attribution{};
    }

    static const lineage::Condition& condition_of(const Attribution& found) {
        return found.conditions.at(found.hypotheses.front().cause.number);
    }

    TempFolder folder_;
    EngineRig rig_;
    HeaterStory story_;
};

TEST_F(AttributionEngine, names_the_bad_lot_of_what_was_recorded) {
    const Attribution found = attribute(draw_failed(
        story_, [&](const StorySerial& serial) { return story_.is_bad(serial); }, 12, 1, 1));
    EXPECT_EQ(found.population, 2'400U);
    ASSERT_EQ(found.hypotheses.front().cause.kind, CauseKind::item);
    EXPECT_EQ(rig_.index().view().label(lineage::Node{found.hypotheses.front().cause.number}), "S4-L17");
    EXPECT_EQ(found.hypotheses.front().table.exposed(), 120U);
    EXPECT_TRUE(found.hypotheses.front().named);
}

TEST_F(AttributionEngine, names_the_revision_that_fails) {
    const auto bad = [&](const StorySerial& serial) { return story_.module_lots[serial.module_lot].revision_b; };
    const Attribution found = attribute(draw_failed(story_, bad, 40, 2, 2));
    ASSERT_EQ(found.hypotheses.front().cause.kind, CauseKind::revision);
    EXPECT_EQ(condition_of(found), (lineage::Condition{"revision", "B"}));
    EXPECT_TRUE(found.hypotheses.front().named);
    EXPECT_EQ(found.hypotheses.front().table.exposed(), static_cast<std::uint64_t>(std::ranges::count_if(story_.serials, bad)));
}

TEST_F(AttributionEngine, names_the_oven_that_was_too_hot) {
    std::vector<std::int64_t> celsius;
    for (const StoryModuleLot& lot : story_.module_lots) celsius.push_back(lot.oven_celsius);
    std::ranges::sort(celsius);
    const std::int64_t border = celsius[(celsius.size() * 3 + 3) / 4 - 1];  // three quarters of the lots are not hotter
    const auto bad = [&](const StorySerial& serial) { return story_.module_lots[serial.module_lot].oven_celsius > border; };
    const Attribution found = attribute(draw_failed(story_, bad, 60, 2, 3));
    ASSERT_EQ(found.hypotheses.front().cause.kind, CauseKind::condition);
    EXPECT_EQ(condition_of(found), (lineage::Condition{"Temperature (CEL)", "above " + std::to_string(border)}));
    EXPECT_TRUE(found.hypotheses.front().named);
    EXPECT_EQ(found.hypotheses.front().table.exposed(), static_cast<std::uint64_t>(std::ranges::count_if(story_.serials, bad)));
}

TEST_F(AttributionEngine, ends_before_it_reads_anything_when_the_time_is_over) {
    const std::atomic<bool> over{true};
    const std::vector<lineage::AskedItem> asked{{lineage::Node{0}, "urn:of:nothing", {}}};
    const auto snapshot = rig_.store().read();
    EXPECT_TRUE(engine::read_conditions(**snapshot, asked, lineage::kLatest));
    const auto late = engine::read_conditions(**snapshot, asked, lineage::kLatest, &over);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::unavailable);
}

TEST_F(AttributionEngine, an_answer_as_of_an_older_position_reads_the_records_of_then) {
    const Sequence before = story_.entries.size();
    const auto bad = [&](const StorySerial& serial) { return story_.module_lots[serial.module_lot].revision_b; };
    const std::vector<std::size_t> failed = draw_failed(story_, bad, 40, 2, 2);
    engine::Capture command;
    command.actor = "user:test";
    for (const EntryBody& body : story_.entries) {
        const Master* master = std::get_if<Master>(&body);
        const Item* item = master != nullptr ? std::get_if<Item>(master) : nullptr;
        if (item == nullptr || !item->attributes.contains("revision")) continue;
        Item changed = *item;
        changed.attributes["revision"] = "same";
        command.records.emplace_back(Master{changed});
    }
    ASSERT_TRUE(rig_.capture(command).recorded);
    EXPECT_EQ(condition_of(attribute(failed, before)), (lineage::Condition{"revision", "B"}));
    EXPECT_NE(attribute(failed).hypotheses.front().cause.kind, CauseKind::revision);
}

}  // namespace
}  // namespace stemma::test
