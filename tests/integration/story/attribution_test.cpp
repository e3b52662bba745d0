// The cause of failures, planted in the story of the heated jackets and found again. Expected counts come from the story's own books.
#include "core/lineage/attribution.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "core/lineage/recall.hpp"
#include "tests/support/heater_story.hpp"

namespace stemma::test {
namespace {

using lineage::Attribution;
using lineage::CauseKind;
using lineage::Hypothesis;
using lineage::Node;
using Exposed = std::function<bool(const StorySerial&)>;

class AttributionStory : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        story = std::make_unique<HeaterStory>(make_heater_story());
        index = std::make_unique<lineage::Index>();
        Sequence sequence = 0;
        for (const EntryBody& body : story->entries) {
            Entry entry;
            entry.body = body;
            index->apply(sequence++, entry);
        }
    }
    static void TearDownTestSuite() {
        index.reset();
        story.reset();
    }

    static Attribution attribute(const lineage::View& view, const std::vector<std::size_t>& failed,
                                 const lineage::AttributionOptions& options = {}) {
        std::vector<Node> nodes;
        for (const std::size_t i : failed) nodes.push_back(view.find(story->serials[i].id));
        auto found = lineage::attribute(view, nodes, {}, options);
        EXPECT_TRUE(found) << found.error().text();
        return found ? *std::move(found) : Attribution{};
    }

    /// "item S4-L17", "supplier S4 of HEATER", "day produced 2026-03-01 of JACKET".
    static std::string words(const lineage::View& view, const lineage::Cause& cause) {
        const auto sku = [&] { return std::string{view.product(cause.product).sku}; };
        switch (cause.kind) {
            case CauseKind::item: return "item " + std::string{view.label(Node{cause.number})};
            case CauseKind::production: return "production " + std::string{view.id(Node{cause.number})};
            case CauseKind::product: return "product " + sku();
            case CauseKind::supplier: return fmt::format("supplier {} of {}", view.party(lineage::PartyNo{cause.number}).code, sku());
            case CauseKind::place:
                return fmt::format("place {} {} of {}", to_string(cause.step), view.place(lineage::PlaceNo{cause.number}).code, sku());
            case CauseKind::day:
                return fmt::format("day {} {} of {}", to_string(cause.step), format_date({cause.number * kMicrosPerDay}), sku());
            default: return "condition";
        }
    }
    static std::vector<std::string> named(const lineage::View& view, const Attribution& found) {
        std::vector<std::string> names;
        for (const Hypothesis& hypothesis : found.hypotheses)
            if (hypothesis.named) names.push_back(words(view, hypothesis.cause));
        return names;
    }
    static const Hypothesis* find(const lineage::View& view, const Attribution& found, const std::string& name) {
        for (const Hypothesis& hypothesis : found.hypotheses) {
            if (words(view, hypothesis.cause) == name) return &hypothesis;
            for (const lineage::Cause& same : hypothesis.same)
                if (words(view, same) == name) return &hypothesis;
        }
        return nullptr;
    }

    /// The table that the story's books give.
    static Table2x2 planted(const std::vector<std::size_t>& failed, const Exposed& exposed) {
        Table2x2 table;
        for (const StorySerial& serial : story->serials) ++(exposed(serial) ? table.b : table.d);
        for (const std::size_t i : failed) {
            const bool here = exposed(story->serials[i]);
            ++(here ? table.a : table.c);
            --(here ? table.b : table.d);
        }
        return table;
    }

    static inline std::unique_ptr<HeaterStory> story;
    static inline std::unique_ptr<lineage::Index> index;
};

// S2: 25 came back and had failed; nobody knows of a lot. 23 of them hold a heater of S4-L17, two failed for reasons of their own.
TEST_F(AttributionStory, the_bad_lot_ranks_first_with_its_counts_and_the_recall_it_implies) {
    const Exposed bad_and_back = [](const StorySerial& serial) { return story->is_bad(serial) && serial.fate == Fate::returned; };
    std::vector<std::size_t> failed = draw_failed(*story, bad_and_back, 23, 0, 1);
    for (const std::size_t i : draw_failed(
             *story, [](const StorySerial& serial) { return !story->is_bad(serial) && serial.fate == Fate::returned; }, 2, 0, 2))
        failed.push_back(i);
    ASSERT_EQ(failed.size(), 25U);

    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed);
    EXPECT_EQ(found.as_of, story->entries.size());
    EXPECT_EQ(found.population, 60'000U);
    EXPECT_EQ(found.failed, 25U);
    ASSERT_FALSE(found.hypotheses.empty());
    const Hypothesis& first = found.hypotheses.front();
    EXPECT_EQ(words(view, first.cause), "item S4-L17");
    EXPECT_TRUE(first.named);
    EXPECT_EQ(first.table, (Table2x2{23, 1'819, 2, 58'156}));
    EXPECT_NEAR(first.log_p, -74.609233715610998, 1e-9);  // exact fraction: statistics_test.cpp
    EXPECT_NEAR(first.risk.ratio, (23.0 / 1'842) / (2.0 / 58'158), 1e-9);
    ASSERT_TRUE(first.recall);
    EXPECT_EQ(first.recall->of_products, 1'842U);
    EXPECT_EQ(named(view, found), (std::vector<std::string>{"item S4-L17"}));

    const std::vector seeds{view.find(story->heater_lots[story->bad_lot].id)};
    EXPECT_EQ(first.recall->items, lineage::recall(view, seeds).certain.all.items);
}

TEST_F(AttributionStory, supplier_and_factory_of_the_bad_lot_are_significant_alone_and_not_named_beside_it) {
    const std::vector<std::size_t> failed = draw_failed(
        *story, [](const StorySerial& serial) { return story->is_bad(serial); }, 23, 2, 3);
    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed, {.listed_max = 64});
    EXPECT_EQ(named(view, found), (std::vector<std::string>{"item S4-L17"}));
    const Hypothesis* supplier = find(view, found, "supplier S4 of HEATER");
    const Hypothesis* factory = find(view, found, "place produced F2 of JACKET");
    ASSERT_NE(supplier, nullptr);
    ASSERT_NE(factory, nullptr);
    for (const Hypothesis* beside : {supplier, factory}) {
        EXPECT_LE(beside->q, 0.05);
        EXPECT_FALSE(beside->named);
        EXPECT_EQ(beside->explained_by, 0U);
        EXPECT_GT(beside->p_beside, 0.05);
    }
    EXPECT_EQ(supplier->table, planted(failed, [](const StorySerial& serial) { return story->supplier_of(serial) == 3; }));
    EXPECT_EQ(factory->table, planted(failed, [](const StorySerial& serial) { return HeaterStory::factory_of(serial.line) == 1; }));
    EXPECT_EQ(supplier->rest.failed(), 2U);
    EXPECT_EQ(supplier->rest.total(), 60'000U - 1'842U);
}

TEST_F(AttributionStory, with_failures_at_random_nobody_is_named_in_at_least_95_of_100_runs) {
    const lineage::View view = index->view();
    int named_nobody = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const Attribution found = attribute(view, draw_failed(
                                                      *story, [](const StorySerial&) { return true; }, 25, 0, seed));
        EXPECT_GT(found.tests, 100U);
        if (named(view, found).empty()) ++named_nobody;
    }
    EXPECT_GE(named_nobody, 95);
    RecordProperty("named_nobody", named_nobody);
}

/// What the modules' items and productions say of them, as engine::read_conditions would read it.
std::vector<lineage::ItemCondition> conditions_of(const HeaterStory& story, const lineage::View& view) {
    std::vector<lineage::ItemCondition> conditions;
    for (const StoryModuleLot& lot : story.module_lots) {
        const Node node = view.find(lot.id);
        conditions.push_back({node, "revision", lot.revision_b ? "B" : "A", true});
        conditions.push_back({node, "Temperature (CEL)", std::to_string(lot.oven_celsius), false});
    }
    return conditions;
}

TEST_F(AttributionStory, with_failures_at_random_nobody_is_named_in_at_least_95_of_100_runs_with_conditions_either) {
    const lineage::View view = index->view();
    const std::vector<lineage::ItemCondition> conditions = conditions_of(*story, view);
    int named_nobody = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        std::vector<Node> nodes;
        for (const std::size_t i : draw_failed(
                 *story, [](const StorySerial&) { return true; }, 25, 0, seed))
            nodes.push_back(view.find(story->serials[i].id));
        auto investigation = lineage::Investigation::open(view, nodes, {}, {.listed_max = 64});
        ASSERT_TRUE(investigation) << investigation.error().text();
        investigation->add(conditions);
        const auto found = investigation->finish(view);
        ASSERT_TRUE(found) << found.error().text();
        EXPECT_TRUE(std::ranges::any_of(found->hypotheses, [](const Hypothesis& one) { return one.cause.kind == CauseKind::condition; }));
        if (named(view, *found).empty()) ++named_nobody;
    }
    EXPECT_GE(named_nobody, 95);
    RecordProperty("named_nobody", named_nobody);
}

TEST_F(AttributionStory, a_bad_supplier_is_named_and_none_of_its_lots_beside_it) {
    const Exposed bad = [](const StorySerial& serial) { return story->supplier_of(serial) == 4; };
    const std::vector<std::size_t> failed = draw_failed(*story, bad, 28, 2, 5);
    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed);
    ASSERT_EQ(named(view, found), (std::vector<std::string>{"supplier S5 of HEATER"}));
    EXPECT_EQ(found.hypotheses.front().table, planted(failed, bad));
    ASSERT_TRUE(found.hypotheses.front().recall);
    EXPECT_EQ(found.hypotheses.front().recall->of_products, planted(failed, bad).exposed());
}

TEST_F(AttributionStory, a_bad_factory_is_named) {
    const Exposed bad = [](const StorySerial& serial) { return HeaterStory::factory_of(serial.line) == 2; };
    const std::vector<std::size_t> failed = draw_failed(*story, bad, 40, 2, 7);
    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed);
    ASSERT_EQ(named(view, found).size(), 1U);
    // All that is done for a jacket is done in its own factory, so the places of its parts cannot be told apart from it.
    const Hypothesis* factory = find(view, found, "place produced F3 of JACKET");
    ASSERT_NE(factory, nullptr);
    EXPECT_TRUE(factory->named);
    EXPECT_EQ(factory->table, planted(failed, bad));
    EXPECT_EQ(factory->same.size(), 4U);  // MODULE produced there, HEATER, CONTROLLER, SHELL received there
}

TEST_F(AttributionStory, a_bad_day_is_named) {
    const Exposed bad = [](const StorySerial& serial) { return serial.day == 70; };
    const std::vector<std::size_t> failed = draw_failed(*story, bad, 12, 3, 11);
    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed);
    ASSERT_EQ(named(view, found), (std::vector<std::string>{"day produced 2026-03-16 of JACKET"}));
    EXPECT_EQ(found.hypotheses.front().table, planted(failed, bad));
    EXPECT_EQ(found.hypotheses.front().recall->of_products, planted(failed, bad).exposed());
}

TEST_F(AttributionStory, two_causes_at_once_are_both_named) {
    const Exposed lot = [](const StorySerial& serial) { return story->is_bad(serial); };
    const Exposed day = [](const StorySerial& serial) { return serial.day == 100 && !story->is_bad(serial); };
    std::vector<std::size_t> failed = draw_failed(*story, lot, 15, 0, 13);
    for (const std::size_t i : draw_failed(*story, day, 10, 0, 13)) failed.push_back(i);
    const lineage::View view = index->view();
    EXPECT_EQ(named(view, attribute(view, failed)), (std::vector<std::string>{"item S4-L17", "day produced 2026-04-15 of JACKET"}));
}

TEST_F(AttributionStory, every_count_is_that_of_a_backward_trace_of_each_item) {
    const std::vector<std::size_t> failed = draw_failed(
        *story, [](const StorySerial& serial) { return story->is_bad(serial); }, 8, 8, 17);
    const lineage::View view = index->view();
    const Attribution found = attribute(view, failed, {.listed_max = 64});
    for (const Hypothesis& hypothesis : found.hypotheses) {
        if (hypothesis.cause.kind != CauseKind::item && hypothesis.cause.kind != CauseKind::production) continue;
        const Node cause{hypothesis.cause.number};
        const lineage::Trace trace = lineage::trace(view, std::vector{cause}, lineage::Direction::forward, {.include_inferred = false});
        std::uint64_t exposed = 0;
        std::uint64_t failed_exposed = 0;
        for (const lineage::Reached& reached : trace.nodes)
            if (view.kind(reached.node) == lineage::NodeKind::serial) {
                ++exposed;
                for (const std::size_t i : failed) failed_exposed += view.find(story->serials[i].id) == reached.node ? 1U : 0U;
            }
        EXPECT_EQ(hypothesis.table.exposed(), exposed);
        EXPECT_EQ(hypothesis.table.a, failed_exposed);
        EXPECT_EQ(hypothesis.recall->of_products, exposed);
    }
}

}  // namespace
}  // namespace stemma::test
