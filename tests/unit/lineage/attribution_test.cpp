// Attribution against an oracle that traces each item of the population by itself and keeps plain sets; and its edges.
#include "core/lineage/attribution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/lineage/attribution_suspects.hpp"
#include "core/lineage/trace.hpp"
#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_{seed} {}
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }

private:
    std::mt19937 engine_;
};

// --- random ledgers ---------------------------------------------------------------------------------------------------------------------

std::string part(int number) { return fmt::format("part:{}", number); }

/// Lots of parts that are received, made into each other (cycles included), taken apart, packed; units made of them; screws without lots.
void fill(Fed& fed, Dice& dice, int parts, int units) {
    fed.add_master(product("UNIT", Tracking::serial));
    fed.add_master(product("screw", Tracking::none));
    for (const char* name : {"P0", "P1", "P2"}) fed.add_master(product(name, Tracking::lot));
    for (int i = 0; i < 4; ++i) {
        Place record = place(fmt::format("place:{}", i), PlaceKind::stock);
        if (i > 1) record.parent = PlaceId{fmt::format("place:{}", i - 2)};
        fed.add_master(std::move(record));
    }
    for (int i = 0; i < parts; ++i) {
        fed.add_master(item(part(i), ItemKind::lot, fmt::format("P{}", dice.below(3))));
        if (dice.below(3) != 0)
            fed.add(at_hour(received({some(part(i), 9)}, fmt::format("supplier:{}", dice.below(3)), fmt::format("place:{}", dice.below(4))),
                            24 * dice.below(4)));
    }
    int orders = 0;
    const auto any = [&] { return dice.below(8) == 0 ? some("screw", 2) : some(part(dice.below(parts)), 1); };
    for (int i = 0; i < parts; ++i)
        fed.add(at_hour(
            with_places(transformation(fmt::format("t:{}", orders++), {any(), any()}, {any()}), "", fmt::format("place:{}", dice.below(4))),
            24 * dice.below(4)));
    for (int i = 0; i < units; ++i) {
        const std::string unit = fmt::format("unit:{}", i);
        fed.add_master(item(unit, ItemKind::serial, "UNIT"));
        fed.add(at_hour(with_places(transformation(fmt::format("t:{}", orders++), {any(), any()}, {instance(unit)}), "",
                                    fmt::format("place:{}", dice.below(4))),
                        24 * dice.below(4)));
        if (dice.below(3) == 0) fed.add(installing(Action::add, unit, {instance(part(dice.below(parts)))}));
        if (dice.below(5) == 0) fed.add(installing(Action::remove, unit, {instance(part(dice.below(parts)))}));
    }
}

// --- the oracle -------------------------------------------------------------------------------------------------------------------------

using Exposed = std::map<Cause, std::set<Node>>;

/// All hypotheses with the items that have them.
Exposed oracle(const View& view, const std::vector<Node>& population, bool inferred) {
    Exposed exposed;
    for (const Node thing : population)
        for (const Reached& up : trace(view, std::vector{thing}, Direction::back, {.include_inferred = inferred}).nodes) {
            const auto put = [&](CauseKind kind, MovementKind step, ProductNo product, std::uint32_t number) {
                exposed[Cause{kind, step, product, number}].insert(thing);
            };
            const MovementKind none = MovementKind::moved;
            const bool production = view.is_transformation(up.node);
            put(production ? CauseKind::production : CauseKind::item, none, ProductNo::none, static_cast<std::uint32_t>(up.node));
            if (production) continue;
            const ProductNo product = view.product(up.node);
            if (product != ProductNo::none) put(CauseKind::product, none, product, kNone);
            view.for_each_movement(up.node, [&](const Movement& movement) {
                const bool in = movement.kind == MovementKind::received;
                if (!in && movement.kind != MovementKind::produced) return;
                if (in) put(CauseKind::supplier, none, product, static_cast<std::uint32_t>(movement.party));
                for (PlaceNo at = movement.to; at != PlaceNo::none; at = view.place(at).parent)
                    put(CauseKind::place, movement.kind, product, static_cast<std::uint32_t>(at));
                put(CauseKind::day, movement.kind, product, static_cast<std::uint32_t>(movement.time.us / kMicrosPerDay));
            });
        }
    return exposed;
}

std::vector<Node> units_of(const View& view, int units) {
    std::vector<Node> nodes;
    for (int i = 0; i < units; ++i) nodes.push_back(node_of(view, fmt::format("unit:{}", i)));
    return nodes;
}

TEST(Attribution, counts_what_a_trace_of_each_item_counts_on_random_ledgers) {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        Dice dice{seed};
        const int units = 4 + dice.below(30);
        Fed fed;
        fill(fed, dice, 2 + dice.below(10), units);
        const View view = fed.index.view();
        const std::vector<Node> population = units_of(view, units);
        std::vector<Node> failed;
        for (const Node unit : population)
            if (dice.below(3) == 0) failed.push_back(unit);
        if (failed.size() < 2) continue;
        const bool inferred = dice.below(2) == 0;
        const auto least = static_cast<std::size_t>(1 + dice.below(4));
        const auto found = attribute(view, failed, {}, {.alpha = 0.5, .failed_min = least, .include_inferred = inferred, .listed_max = 64});
        ASSERT_TRUE(found) << found.error().text();
        ASSERT_EQ(found->population, population.size());

        const Exposed all = oracle(view, population, inferred);
        std::map<std::set<Node>, std::set<Cause>> lines;  // exposed items -> the hypotheses that have them
        std::size_t tests = 0;
        std::size_t hypotheses = 0;
        for (const auto& [cause, items] : all) {
            if (items.size() < least) continue;
            ++tests;
            const auto bad = std::ranges::count_if(failed, [&](Node node) { return items.contains(node); });
            if (bad < static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, least))) continue;
            ++hypotheses;
            lines[items].insert(cause);
        }
        ASSERT_EQ(found->candidates, lines.size()) << seed;
        ASSERT_EQ(found->tests, tests - hypotheses + lines.size()) << seed;
        for (const Hypothesis& hypothesis : found->hypotheses) {
            ASSERT_TRUE(all.contains(hypothesis.cause)) << seed;
            const std::set<Node>& items = all.at(hypothesis.cause);
            const auto bad = static_cast<std::uint64_t>(std::ranges::count_if(failed, [&](Node node) { return items.contains(node); }));
            ASSERT_EQ(hypothesis.table,
                      (Table2x2{bad, items.size() - bad, failed.size() - bad, population.size() - items.size() - failed.size() + bad}));
            std::set<Cause> same{hypothesis.same.begin(), hypothesis.same.end()};
            same.insert(hypothesis.cause);
            ASSERT_EQ(same, lines.at(items)) << seed;
        }
    }
}

TEST(Attribution, counts_the_recall_that_a_forward_trace_finds_on_random_ledgers) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        Dice dice{seed};
        Fed fed;
        fill(fed, dice, 8, 20);
        const View view = fed.index.view();
        const std::vector<Node> failed = units_of(view, 6);
        const auto found = attribute(view, failed, {}, {.listed_max = 64});
        ASSERT_TRUE(found) << found.error().text();
        for (const Hypothesis& hypothesis : found->hypotheses) {
            if (hypothesis.cause.kind != CauseKind::item && hypothesis.cause.kind != CauseKind::production) continue;
            const Trace trace =
                lineage::trace(view, std::vector{Node{hypothesis.cause.number}}, Direction::forward, {.include_inferred = false});
            ASSERT_TRUE(hypothesis.recall);
            ASSERT_EQ(hypothesis.recall->items, trace.items) << seed;
        }
    }
}

// --- a small world ----------------------------------------------------------------------------------------------------------------------

/// 20 units; the first 10 of lot A, the others of lot B; both lots from supplier:1 and supplier:2.
struct Small : Fed {
    Small() {
        add_master(product("UNIT", Tracking::serial));
        add_master(product("PART", Tracking::lot));
        for (const char* lot : {"A", "B"}) add_master(item(lot, ItemKind::lot, "PART"));
        add(received({some("A", 10)}, "supplier:1", "dock"));
        add(received({some("B", 10)}, "supplier:2", "dock"));
        for (int i = 0; i < 20; ++i) {
            add_master(item(unit(i), ItemKind::serial, "UNIT"));
            add(at_hour(transformation(fmt::format("t:{}", i), {some(i < 10 ? "A" : "B", 1)}, {instance(unit(i))}), 24 * i));
        }
    }
    static std::string unit(int number) { return fmt::format("unit:{:02}", number); }
    static std::vector<Node> nodes(const View& view, int first, int last) {
        std::vector<Node> all;
        for (int i = first; i < last; ++i) all.push_back(node_of(view, unit(i)));
        return all;
    }
};

TEST(Attribution, finds_the_lot_and_says_that_its_only_supplier_cannot_be_told_apart) {
    const Small fed;
    const View view = fed.index.view();
    const auto found = attribute(view, Small::nodes(view, 0, 8));
    ASSERT_TRUE(found);
    const Hypothesis& first = found->hypotheses.front();
    EXPECT_TRUE(first.named);
    EXPECT_EQ(first.cause, (Cause{CauseKind::item, MovementKind::moved, ProductNo::none, static_cast<std::uint32_t>(node_of(view, "A"))}));
    EXPECT_EQ(first.table, (Table2x2{8, 2, 0, 10}));
    EXPECT_NEAR(first.p, 45.0 / 125'970, 1e-12);  // C(10, 8) / C(20, 8)
    ASSERT_EQ(first.same.size(), 1U);
    EXPECT_EQ(first.same.front().kind, CauseKind::supplier);
    EXPECT_EQ(view.party(PartyNo{first.same.front().number}).id, "supplier:1");
}

TEST(Attribution, names_nobody_with_fewer_failed_than_asked_for) {
    const Small fed;
    const View view = fed.index.view();
    const auto enough = attribute(view, Small::nodes(view, 0, 8), {}, {.failed_min = 8});
    const auto fewer = attribute(view, Small::nodes(view, 0, 8), {}, {.failed_min = 9});
    ASSERT_TRUE(enough && fewer);
    EXPECT_TRUE(enough->hypotheses.front().named);
    EXPECT_FALSE(fewer->hypotheses.front().named);
}

TEST(Attribution, names_up_to_alpha_itself) {
    const Small fed;
    const View view = fed.index.view();
    const auto found = attribute(view, Small::nodes(view, 0, 8));
    ASSERT_TRUE(found);
    const double q = found->hypotheses.front().q;
    EXPECT_TRUE(attribute(view, Small::nodes(view, 0, 8), {}, {.alpha = q})->hypotheses.front().named);
    EXPECT_FALSE(attribute(view, Small::nodes(view, 0, 8), {}, {.alpha = std::nextafter(q, 0)})->hypotheses.front().named);
}

TEST(Attribution, compares_with_the_items_listed_and_the_failed_ones) {
    const Small fed;
    const View view = fed.index.view();
    const auto found = attribute(view, Small::nodes(view, 0, 3), {{}, Small::nodes(view, 9, 12), {}, {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->population, 6U);
    EXPECT_EQ(found->failed, 3U);
}

TEST(Attribution, takes_a_list_of_nobody_for_no_list_of_everybody) {
    const Small fed;
    const View view = fed.index.view();
    for (const std::vector<Node>& nobody : {std::vector<Node>{}, std::vector<Node>{Node::none}}) {
        const auto none = attribute(view, Small::nodes(view, 0, 3), {{}, nobody, {}, {}});
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error().code, Errc::invalid_input);
        EXPECT_EQ(none.error().where, "/population/items");
    }
}

TEST(Attribution, says_that_failed_items_without_a_product_have_nothing_to_be_compared_with) {
    Fed fed;
    fed.add(received({instance("urn:foreign")}, "urn:sup", "urn:in"));
    const View view = fed.index.view();
    const std::vector<Node> failed{node_of(view, "urn:foreign")};
    const auto none = attribute(view, failed);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().message.starts_with("none of the failed items has a product")) << none.error().message;
    EXPECT_EQ(attribute(view, std::vector<Node>{Node::none}).error().message, "nothing is recorded of the failed items");
    EXPECT_TRUE(attribute(view, failed, {{}, failed, {}, {}}));
}

TEST(Attribution, compares_with_items_that_came_into_being_in_time_and_leaves_out_failed_ones_that_did_not) {
    const Small fed;
    const View view = fed.index.view();
    Population population;
    population.from = Instant{kStart.us + 2 * kMicrosPerDay};
    population.before = Instant{kStart.us + 5 * kMicrosPerDay};
    const auto found = attribute(view, Small::nodes(view, 0, 5), population);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->population, 3U);  // days 2, 3, 4
    EXPECT_EQ(found->failed, 3U);
    EXPECT_EQ(found->left_out, Small::nodes(view, 0, 2));
    population.from = Instant{kStart.us + 100 * kMicrosPerDay};
    population.before.reset();
    const auto none = attribute(view, Small::nodes(view, 0, 5), population);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Errc::invalid_input);
    EXPECT_EQ(none.error().where, "/failed");
}

TEST(Attribution, leaves_out_items_that_only_master_data_knows) {
    Small fed;
    fed.add_master(item("unit:planned", ItemKind::serial, "UNIT"));
    const View view = fed.index.view();
    EXPECT_EQ(attribute(view, Small::nodes(view, 0, 3))->population, 20U);
}

TEST(Attribution, answers_as_of_the_view) {
    Small fed;
    const Sequence before = fed.entries.size();
    fed.add_master(item("unit:late", ItemKind::serial, "UNIT"));
    fed.add(transformation("t:late", {some("A", 1)}, {instance("unit:late")}));
    const auto at = [&](Sequence as_of) {
        const View view = fed.index.view(as_of);
        return attribute(view, Small::nodes(view, 0, 3))->population;
    };
    EXPECT_EQ(at(before), 20U);
    EXPECT_EQ(at(kLatest), 21U);
}

TEST(Attribution, refuses_no_failed_items_and_a_population_past_its_limit) {
    const Small fed;
    const View view = fed.index.view();
    EXPECT_EQ(attribute(view, {}).error().code, Errc::invalid_input);
    EXPECT_EQ(attribute(view, std::vector{Node::none}).error().code, Errc::invalid_input);
    const std::vector<Node> failed = Small::nodes(view, 0, 3);
    // 20 units and 2 lots.
    EXPECT_TRUE(attribute(view, failed, {}, {.items_max = 22}));
    EXPECT_EQ(attribute(view, failed, {}, {.items_max = 21}).error().code, Errc::too_large);
    EXPECT_EQ(attribute(view, failed, {}, {.items_max = 19}).error().where, "/population");
}

TEST(Attribution, ends_early_when_cancelled) {
    const Small fed;
    const View view = fed.index.view();
    const std::atomic<bool> cancel{true};
    EXPECT_EQ(attribute(view, Small::nodes(view, 0, 3), {}, {.cancel = &cancel}).error().code, Errc::unavailable);
}

TEST(Attribution, counts_a_recall_beyond_the_population) {
    Small fed;
    fed.add_master(product("OTHER", Tracking::serial));
    fed.add_master(item("other", ItemKind::serial, "OTHER"));
    fed.add(transformation("t:other", {some("A", 1)}, {instance("other")}));
    const View view = fed.index.view();
    const auto found = attribute(view, Small::nodes(view, 0, 8));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->hypotheses.front().recall->items, 12U);  // the lot, ten units, the other
    EXPECT_EQ(found->hypotheses.front().recall->of_products, 10U);
}

TEST(Attribution, compares_as_many_hypotheses_as_its_limit_and_says_how_many_it_does_not) {
    // Three units out of one order with many lots: the units, the order, their product and day, and the lots.
    const auto found_with = [](std::size_t lots) {
        Fed fed;
        fed.add_master(product("UNIT", Tracking::serial));
        std::vector<ItemQuantity> inputs;
        for (std::size_t i = 0; i < lots; ++i) inputs.push_back(some(fmt::format("lot:{}", i), 1));
        std::vector<ItemQuantity> outputs;
        for (int i = 0; i < 3; ++i) {
            fed.add_master(item(Small::unit(i), ItemKind::serial, "UNIT"));
            outputs.push_back(instance(Small::unit(i)));
        }
        fed.add(transformation("t:1", inputs, outputs));
        const View view = fed.index.view();
        return *attribute(view, Small::nodes(view, 0, 3));
    };
    constexpr std::size_t kOthers = 3;  // order, product, day
    const Attribution all = found_with(kCandidatesMax - kOthers);
    EXPECT_EQ(all.not_counted, 0U);
    EXPECT_EQ(all.hypotheses.front().same.size(), kCandidatesMax - 1);
    EXPECT_EQ(all.tests, 1U);
    const Attribution more = found_with(kCandidatesMax - kOthers + 1);
    EXPECT_EQ(more.not_counted, 1U);
    EXPECT_EQ(more.hypotheses.front().same.size(), kCandidatesMax - 1);
    EXPECT_EQ(more.tests, 2U);
}

// --- conditions -------------------------------------------------------------------------------------------------------------------------

TEST(Attribution, tests_conditions_and_revisions_that_it_is_given) {
    const Small fed;
    const View view = fed.index.view();
    auto asked_of = Investigation::open(view, Small::nodes(view, 0, 8), {}, {});
    ASSERT_TRUE(asked_of);
    const std::vector<AskedItem> asked = asked_of->asked(view, 22);
    EXPECT_EQ(asked.size(), 22U);
    std::vector<ItemCondition> conditions;
    for (int i = 0; i < 20; ++i) conditions.push_back({node_of(view, Small::unit(i)), "line", i < 8 ? "left" : "right", false});
    conditions.push_back({node_of(view, "A"), "revision", "C", true});
    asked_of->add(std::move(conditions));
    const auto found = asked_of->finish(view);
    ASSERT_TRUE(found);
    const Hypothesis& first = found->hypotheses.front();
    EXPECT_EQ(first.cause.kind, CauseKind::condition);
    EXPECT_EQ(found->conditions[first.cause.number], (Condition{"line", "left"}));
    EXPECT_EQ(first.table, (Table2x2{8, 0, 0, 12}));
    EXPECT_TRUE(first.named);
    EXPECT_EQ(first.recall->of_products, 8U);
    const auto revision = std::ranges::find_if(found->hypotheses, [](const Hypothesis& hypothesis) {
        return std::ranges::any_of(hypothesis.same, [](const Cause& cause) { return cause.kind == CauseKind::revision; });
    });
    ASSERT_NE(revision, found->hypotheses.end());
    EXPECT_EQ(revision->table, (Table2x2{8, 2, 0, 10}));
    EXPECT_EQ(revision->explained_by, 0U);
}

TEST(Attribution, asks_for_attributes_of_shared_items_alone_past_its_limit_and_says_how_many_are_left_out) {
    const Small fed;
    const View view = fed.index.view();
    const auto asked_with = [&](std::size_t most) {
        auto investigation = Investigation::open(view, Small::nodes(view, 0, 8), {}, {});
        const std::size_t asked = investigation->asked(view, most).size();
        return std::pair{asked, investigation->finish(view)->conditions_left_out};
    };
    EXPECT_EQ(asked_with(22), (std::pair<std::size_t, std::size_t>{22, 0}));
    EXPECT_EQ(asked_with(21), (std::pair<std::size_t, std::size_t>{2, 20}));  // the two lots
    EXPECT_EQ(asked_with(2), (std::pair<std::size_t, std::size_t>{2, 20}));
    EXPECT_EQ(asked_with(1), (std::pair<std::size_t, std::size_t>{0, 22}));
}

std::vector<std::string> in_quarters(std::vector<std::string> values) {
    std::vector<std::string*> places;
    for (std::string& value : values) places.push_back(&value);
    put_in_quarters(places);
    return values;
}

TEST(Quarters, take_the_place_of_more_than_eight_numbers) {
    EXPECT_EQ(in_quarters({"1", "2", "3", "4", "5", "6", "7", "8"}), (std::vector<std::string>{"1", "2", "3", "4", "5", "6", "7", "8"}));
    EXPECT_EQ(in_quarters({"12", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}),
              (std::vector<std::string>{"above 9", "up to 3", "up to 3", "up to 3", "above 3 up to 6", "above 3 up to 6", "above 3 up to 6",
                                        "above 6 up to 9", "above 6 up to 9", "above 6 up to 9", "above 9", "above 9"}));
}

TEST(Quarters, leave_texts_as_they_are_and_keep_equal_numbers_together) {
    const std::vector<std::string> texts{"1", "2", "3", "4", "5", "6", "7", "8", "9", "x"};
    EXPECT_EQ(in_quarters(texts), texts);
    const std::vector<std::string> found = in_quarters({"1", "1", "1", "1", "1", "1", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"});
    EXPECT_EQ(std::ranges::count(found, "up to 1"), 7);
    EXPECT_TRUE(in_quarters({}).empty());
}

}  // namespace
}  // namespace stemma::lineage
