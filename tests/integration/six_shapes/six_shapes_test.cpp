// The same small story in the tables of every ERP that Stemma reads: item by item the traces both ways, the suppliers, the customers and
// the stock are those of the story. What an ERP cannot record is listed here with its reason, and nothing else may differ.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/quantity.hpp"
#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/six_shapes/shape.hpp"
#include "tests/integration/six_shapes/story.hpp"

namespace stemma::six_shapes {
namespace {

using lineage::Direction;
using lineage::MovementKind;
using lineage::Node;

// --- what is not recorded
// -------------------------------------------------------------------------------------------------------------------

const Difference kOneOrder{
    .why =
        "Which input went into which of several outputs of one order is not recorded: M2 shows the cells of both packs in each. More is "
        "called back than need be, never less.",
    .made_of_more = {{"PACK|P-2", {"CELL|C-2"}},
                     {"PACK|P-3", {"CELL|C-1"}},
                     {"LAMP|L-2", {"CELL|C-2"}},
                     {"BOARD|B-2", {"CELL|C-2"}},
                     {"LAMP|L-3", {"CELL|C-1"}},
                     {"LAMP|L-4", {"CELL|C-2"}},
                     {"K-1", {"CELL|C-1"}}},
    .went_into_more = {{"CELL|C-1", {"PACK|P-3", "LAMP|L-3", "K-1"}}, {"CELL|C-2", {"PACK|P-2", "LAMP|L-2", "BOARD|B-2", "LAMP|L-4"}}}};

const Difference kRepairAsOrder{
    .why =
        "There is no document for a repair. Booked as an order with the lamp on both sides, the pack that came out is an output as well, "
        "made of the lamp and of the pack that went in.",
    .made_of_more = {{"PACK|P-1", {"LAMP|L-1", "PACK|P-4", "BOARD|B-1", "CELL|C-2"}}},
    .went_into_more = {{"LAMP|L-1", {"PACK|P-1"}}, {"PACK|P-4", {"PACK|P-1"}}, {"BOARD|B-1", {"PACK|P-1"}}, {"CELL|C-2", {"PACK|P-1"}}}};

const Difference kNoCartons{.why = "What is in a carton is not recorded by number: the delivery names the lamp alone.",
                            .called = {{"K-1", ""}}};

const Difference kRenamedInList{
    .why = "Renaming a lot changes the list of lots, and not what its movements say: its history stays under the old number.",
    .called = {{"PASTE|T-1 BIS", "PASTE|T-1"}}};

const Difference kNamesOfSite{.why = "Names of batches are unique in the whole site: the other company's lot cannot have the same.",
                              .called = {{"CELL2|C-1", "CELL2|C-1 AX"}}};

struct Case {
    const char* name;
    std::unique_ptr<Shape> (*make)();
    std::vector<const Difference*> differences;
};
std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

const std::vector<Case> kCases{
    {"odoo_18", [] { return odoo(18); }, {}},
    {"odoo_17", [] { return odoo(17); }, {}},
    {"odoo_16", [] { return odoo(16); }, {}},
    {"odoo_15", [] { return odoo(15); }, {}},
    {"odoo_14", [] { return odoo(14); }, {}},
    {"odoo_13", [] { return odoo(13); }, {}},
    {"erpnext_15", [] { return erpnext(15); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons, &kNamesOfSite}},
    {"erpnext_14", [] { return erpnext(14); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons, &kNamesOfSite, &kRenamedInList}},
    {"dolibarr_22", [] { return dolibarr(); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons, &kRenamedInList}},
    {"tryton_on_sqlite", [] { return tryton(TrytonOn::sqlite); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons}},
    {"tryton_7", [] { return tryton(TrytonOn::sqlite, "7.0"); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons}},
    {"tryton_on_postgresql", [] { return tryton(TrytonOn::postgres); }, {&kOneOrder, &kRepairAsOrder, &kNoCartons}},
};

// --- what Stemma says
// -------------------------------------------------------------------------------------------------------------------------

/// "Nordcell": of party 1, or of the supplier Nordcell where names are the ids.
std::string party_name(std::string_view id) {
    const std::string last{id.substr(id.rfind(':') + 1)};
    const bool number = last.find_first_not_of("0123456789") == std::string::npos;
    return number ? parties().at(static_cast<std::size_t>(std::stoi(last)) - 1) : last;
}

class Reading {
public:
    explicit Reading(const Shape& shape) : source_{shape.source()} { sync(); }
    engine::SyncReport sync(bool full = false) {
        engine::SyncReport report = rig_.sync(*source_, full);
        EXPECT_EQ(report.sum.rejected, 0U);
        return report;
    }

    Answers answers() {
        const lineage::View view = rig_.index().view();
        Answers all;
        for (std::size_t i = 0; i < view.node_count(); ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (!is_item(view, node)) continue;
            // An item that nothing ever happened to is not in the story: the new number of a lot whose movements keep the old one.
            Answer answer{.made_of = reached(view, node, Direction::back, MovementKind::received).first,
                          .went_into = reached(view, node, Direction::forward, MovementKind::shipped).first,
                          .suppliers = reached(view, node, Direction::back, MovementKind::received).second,
                          .customers = reached(view, node, Direction::forward, MovementKind::shipped).second,
                          .stock = {},
                          .held_by = {}};
            for (const lineage::UnitStock& unit : lineage::stock_of(view, node).units) {
                for (const lineage::PlaceAmount& amount : unit.on_hand)
                    answer.stock.insert(
                        fmt::format("{} {} {}", view.place(amount.place).name, format_micros(amount.micros), view.unit(unit.unit)));
                for (const lineage::PartyAmount& amount : unit.with_customer)
                    answer.held_by.insert(fmt::format("{} {}", party_name(view.party(amount.party).id), format_micros(amount.micros)));
            }
            const bool idle = answer.made_of.empty() && answer.went_into.empty() && answer.suppliers.empty() && answer.stock.empty();
            if (!idle) all.emplace(name(view, node), std::move(answer));
        }
        return all;
    }

    /// Goods without a lot: where how many are.
    Texts stock_of_product(const char* name) {
        const lineage::View view = rig_.index().view();
        Texts stock;
        for (std::size_t i = 0; i < view.node_count(); ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (view.is_transformation(node) || !view.is_untracked(node) || view.product(view.product(node)).sku != name) continue;
            for (const lineage::UnitStock& unit : lineage::stock_of(view, node).units)
                for (const lineage::PlaceAmount& amount : unit.on_hand)
                    stock.insert(fmt::format("{} {}", view.place(amount.place).name, format_micros(amount.micros)));
        }
        return stock;
    }

    /// When something happened to an item: each time once, dates where only the date is known.
    Texts times_of(const std::string& item) {
        const lineage::View view = rig_.index().view();
        Texts times;
        for (std::size_t i = 0; i < view.node_count(); ++i) {
            const Node node{static_cast<std::uint32_t>(i)};
            if (!is_item(view, node) || name(view, node) != item) continue;
            view.for_each_movement(node, [&](const lineage::Movement& movement) {
                const std::string time = format_instant(movement.time);
                times.insert(movement.date_only ? time.substr(0, 10) : time);
            });
        }
        return times;
    }

private:
    static bool is_item(const lineage::View& view, Node node) { return !view.is_transformation(node) && !view.is_untracked(node); }

    static std::string name(const lineage::View& view, Node node) {
        const lineage::ProductNo product = view.product(node);
        const std::string label{view.label(node)};
        return product == lineage::ProductNo::none ? label : fmt::format("{}|{}", view.product(product).sku, label);
    }

    /// The certain items reached, and the parties of that kind of movement, of the item itself as well.
    static std::pair<Texts, Texts> reached(const lineage::View& view, Node seed, Direction direction, MovementKind kind) {
        lineage::TraceOptions options;
        options.include_inferred = false;
        const lineage::Trace trace = lineage::trace(view, std::vector{seed}, direction, options);
        std::pair<Texts, Texts> found;
        for (const lineage::Reached& one : trace.nodes) {
            if (!is_item(view, one.node)) continue;
            if (one.node != seed) found.first.insert(name(view, one.node));
            view.for_each_movement(one.node, [&](const lineage::Movement& movement) {
                if (movement.kind == kind) found.second.insert(party_name(view.party(movement.party).id));
            });
        }
        return found;
    }

    test::TempFolder folder_;
    test::EngineRig rig_{folder_.path()};
    std::unique_ptr<ErpSource> source_;
};

std::string words(const Texts& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

void expect_same(const Answers& ours, const Answers& expected) {
    for (const auto& [item, answer] : expected) {
        if (!ours.contains(item)) {
            ADD_FAILURE() << item << " is not there";
            continue;
        }
        const Answer& mine = ours.at(item);
        EXPECT_EQ(words(mine.made_of), words(answer.made_of)) << item << " is made of";
        EXPECT_EQ(words(mine.went_into), words(answer.went_into)) << item << " went into";
        EXPECT_EQ(words(mine.suppliers), words(answer.suppliers)) << "suppliers of " << item;
        EXPECT_EQ(words(mine.customers), words(answer.customers)) << "customers of " << item;
        EXPECT_EQ(words(mine.stock), words(answer.stock)) << "stock of " << item;
        EXPECT_EQ(words(mine.held_by), words(answer.held_by)) << item << " is with";
    }
    for (const auto& [item, answer] : ours) EXPECT_TRUE(expected.contains(item)) << item << " is not in the story";
}

class SixShapes : public ::testing::TestWithParam<Case> {
protected:
    void SetUp() override {
        shape = GetParam().make();
        if (!shape->missing().empty()) GTEST_SKIP() << shape->missing();
    }
    static Answers expected() {
        Answers answers = oracle();
        for (const Difference* difference : GetParam().differences) answers = with(std::move(answers), *difference);
        return answers;
    }
    std::unique_ptr<Shape> shape;
};

TEST_P(SixShapes, tell_the_same_story_item_by_item) {
    const std::string before = shape->content();
    Reading reading{*shape};
    EXPECT_EQ(shape->content(), before) << "the ERP's tables were changed";
    Answers before_renaming = expected();
    before_renaming = with(std::move(before_renaming), {.why = "", .called = {{"PASTE|T-1 BIS", "PASTE|T-1"}}});
    expect_same(reading.answers(), before_renaming);
    EXPECT_EQ(words(reading.stock_of_product("SCREW")), "Main 496");
    const engine::SyncReport again = reading.sync(true);
    EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);

    shape->rename();
    reading.sync(true);
    expect_same(reading.answers(), expected());
    Reading fresh{*shape};
    expect_same(fresh.answers(), expected());
}

/// Tryton keeps dates. All others keep times without a zone, which are read as UTC whatever the zone of the machine that reads.
TEST_P(SixShapes, tell_when_it_happened) {
    Reading reading{*shape};
    Texts expected{"2026-03-06T10:00:00Z", "2026-03-07T10:00:00Z", "2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z"};
    if (std::string_view{GetParam().name}.starts_with("tryton")) expected = {"2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"};
    EXPECT_EQ(words(reading.times_of("LAMP|L-1")), words(expected));
}

INSTANTIATE_TEST_SUITE_P(Story, SixShapes, ::testing::ValuesIn(kCases), [](const auto& given) { return std::string{given.param.name}; });

/// What is written down twice by hand must agree: A is made of B where B went into A.
TEST(SixShapesOracle, says_the_same_both_ways) {
    const auto check = [](const Answers& answers, const char* of) {
        for (const auto& [item, answer] : answers) {
            for (const std::string& part : answer.made_of) EXPECT_TRUE(answers.at(part).went_into.contains(item)) << of << part << item;
            for (const std::string& whole : answer.went_into) EXPECT_TRUE(answers.at(whole).made_of.contains(item)) << of << item << whole;
        }
    };
    check(oracle(), "the story: ");
    for (const Case& one : kCases) {
        Answers answers = oracle();
        for (const Difference* difference : one.differences) answers = with(std::move(answers), *difference);
        check(answers, one.name);
    }
}

/// Each difference is needed: without it the answers would not be these.
TEST(SixShapesOracle, has_no_difference_that_makes_none) {
    const auto parts = [](const Answers& answers) {
        Texts all;
        for (const auto& [item, answer] : answers) all.insert(item + " of " + words(answer.made_of) + " into " + words(answer.went_into));
        return all;
    };
    for (const Difference* difference : {&kOneOrder, &kRepairAsOrder, &kNoCartons, &kRenamedInList, &kNamesOfSite})
        EXPECT_NE(parts(with(oracle(), *difference)), parts(oracle())) << difference->why;
}

}  // namespace
}  // namespace stemma::six_shapes
