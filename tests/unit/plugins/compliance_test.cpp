// Rules as data: how conditions are judged when facts are missing, which facts are asked for, what a pack may not say.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "plugins/compliance/rule.hpp"
#include "plugins/compliance/rule_pack.hpp"

namespace stemma::compliance {
namespace {

// The rule of config/rules/food.yaml as the host hands it over.
constexpr const char* kFood = R"({
  "id": "food.lot-with-expiry", "title": "Shipped food needs a lot with an expiry date", "citation": "Regulation (EU) No 1169/2011 art. 24",
  "severity": "refuse", "valid_from": "2014-12-13",
  "when": {"all": [{"event": "biz_step", "equals": "shipping"}, {"fact": "item.product.category", "equals": "food"}]},
  "require": {"all": [{"item": "kind", "equals": "lot"},
    {"any": [{"fact": "item.dates.expiry", "present": true}, {"fact": "item.dates.best_before", "present": true}]}]},
  "message": "{product} {item} is food and is shipped without an expiry date",
  "examples": {
    "good": [{"name": "dated lot", "event": {"biz_step": "shipping"}, "item": {"kind": "lot"},
      "facts": {"item.product.category": "food", "item.dates.expiry": "2026-05-01"}}],
    "bad": [{"name": "undated lot", "event": {"biz_step": "shipping"}, "item": {"kind": "lot"},
      "facts": {"item.product.category": "food"}}]}
})";

std::vector<Rule> pack_of(const std::string& rules) { return read_rule_pack("food.yaml", R"({"pack": "food", "rules": [)" + rules + "]}"); }
Rule food() { return pack_of(kFood).front(); }

std::string refusal_of(const std::string& pack) {
    try {
        (void)read_rule_pack("food.yaml", pack);
    } catch (const sdk::BadOption& bad) {
        return bad.what();
    }
    return {};
}

/// kFood with one piece of text replaced.
std::string changed(std::string_view from, std::string_view to) {
    std::string rule = kFood;
    const std::size_t at = rule.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return rule.replace(at, from.size(), to);
}

/// Values by "event.biz_step", "item.kind", "item.dates.expiry"; a fact that was read is named in `read`.
struct TableScene final : Scene {
    std::map<std::string, std::vector<Value>> table;
    std::set<std::string> read;

    [[nodiscard]] std::optional<std::vector<Value>> values(const Reference& what) const override {
        std::string key = what.source == Source::event ? "event." : what.source == Source::item ? "item." : what.fact + ".";
        key += what.key.empty() ? what.column : what.key;
        if (what.source == Source::fact && !read.contains(what.fact)) return std::nullopt;
        const auto it = table.find(key);
        return it == table.end() ? std::vector<Value>{} : it->second;
    }
};

TableScene shipped_food() {
    TableScene scene;
    scene.table = {{"event.biz_step", {Value{"shipping"}}}, {"item.kind", {Value{"lot"}}}, {"item.product.category", {Value{"food"}}}};
    scene.read = {"item.product", "item.dates"};
    return scene;
}

std::vector<std::string> asked(const Rule& rule, const Scene& scene) {
    std::vector<std::string> out;
    for (const Reference& what : unread(rule, scene)) out.push_back(what.fact);
    return out;
}

TEST(FoodRule, is_broken_by_a_shipped_lot_without_a_date_and_kept_by_one_with) {
    TableScene scene = shipped_food();
    EXPECT_EQ(judge(food(), scene), Standing::broken);
    scene.table["item.dates.expiry"] = {Value{Day{20'000}}};
    EXPECT_EQ(judge(food(), scene), Standing::kept);
    scene.table["item.kind"] = {Value{"untracked"}};
    EXPECT_EQ(judge(food(), scene), Standing::broken) << "goods without a lot";
}

TEST(FoodRule, leaves_other_steps_and_other_goods_alone) {
    TableScene scene = shipped_food();
    scene.table["event.biz_step"] = {Value{"storing"}};
    EXPECT_EQ(judge(food(), scene), Standing::not_applicable);
    scene = shipped_food();
    scene.table["item.product.category"] = {Value{"battery"}};
    EXPECT_EQ(judge(food(), scene), Standing::not_applicable);
    scene.table.erase("item.product.category");
    EXPECT_EQ(judge(food(), scene), Standing::not_applicable) << "an unknown category is not food";
}

TEST(FoodRule, asks_for_the_product_first_and_for_dates_only_of_food) {
    TableScene scene = shipped_food();
    scene.read = {};
    EXPECT_EQ(judge(food(), scene), Standing::unknown);
    EXPECT_EQ(asked(food(), scene), (std::vector<std::string>{"item.product"}));
    scene.read = {"item.product"};
    EXPECT_EQ(judge(food(), scene), Standing::unknown);
    EXPECT_EQ(asked(food(), scene), (std::vector<std::string>{"item.dates", "item.dates"}))
        << "one per column; the caller asks once per fact";
    scene.read = {"item.product", "item.dates"};
    EXPECT_TRUE(asked(food(), scene).empty());
}

TEST(FoodRule, asks_for_nothing_when_the_event_alone_decides) {
    TableScene scene = shipped_food();
    scene.read = {};
    scene.table["event.biz_step"] = {Value{"receiving"}};
    EXPECT_EQ(judge(food(), scene), Standing::not_applicable);
    EXPECT_TRUE(asked(food(), scene).empty());
}

TEST(FoodRule, needs_no_dates_to_refuse_goods_without_a_lot) {
    TableScene scene = shipped_food();
    scene.read = {"item.product"};
    scene.table["item.kind"] = {Value{"untracked"}};
    EXPECT_EQ(judge(food(), scene), Standing::broken);
    EXPECT_TRUE(asked(food(), scene).empty());
}

TEST(FoodRule, is_in_force_from_its_first_to_its_last_day) {
    Rule rule = pack_of(changed(R"("valid_from": "2014-12-13",)", R"("valid_from": "2014-12-13", "valid_to": "2014-12-14",)")).front();
    const Day first{16'417};  // 2014-12-13: 44 years and 11 leap days after 1970, then 346 days
    EXPECT_EQ(to_text(first), "2014-12-13");
    EXPECT_FALSE(in_force(rule, {first.count - 1}));
    EXPECT_TRUE(in_force(rule, first));
    EXPECT_TRUE(in_force(rule, {first.count + 1}));
    EXPECT_FALSE(in_force(rule, {first.count + 2}));
    EXPECT_EQ(day_of(first.count * 86'400'000'000 - 1).count, first.count - 1);
    EXPECT_EQ(day_of(-1).count, -1);
}

TEST(FoodRule, names_item_and_product_in_its_message) {
    EXPECT_EQ(message_for(food(), "L-17", "Yoghurt {item}"), "Yoghurt {item} L-17 is food and is shipped without an expiry date")
        << "a name with braces is not a place for another";
    EXPECT_EQ(message_for(food(), "{product}", "Milk"), "Milk {product} is food and is shipped without an expiry date");
}

TEST(FoodRule, explains_itself_in_words) {
    EXPECT_EQ(in_words(food()),
              "Shipped food needs a lot with an expiry date (food.lot-with-expiry)\n"
              "For each item of an event, when\n"
              "  - all of:\n"
              "    - the event's biz_step is 'shipping'\n"
              "    - item.product.category is 'food'\n"
              "this must hold\n"
              "  - all of:\n"
              "    - the item's kind is 'lot'\n"
              "    - any of:\n"
              "      - item.dates.expiry is known\n"
              "      - item.dates.best_before is known\n"
              "else the command is refused (an observed event is kept with this finding): {product} {item} is food and is shipped without "
              "an expiry date\n"
              "In force from 2014-12-13, by the event's time.\n"
              "Source: Regulation (EU) No 1169/2011 art. 24\n");
}

TEST(FoodRule, promises_no_more_than_a_finding_when_it_does_not_refuse) {
    EXPECT_NE(in_words(pack_of(changed(R"("severity": "refuse")", R"("severity": "hold")")).front())
                  .find("else it is recorded with the finding that the item is to be kept back: "),
              std::string::npos);
    EXPECT_NE(in_words(pack_of(changed(R"("severity": "refuse")", R"("severity": "finding")")).front())
                  .find("else it is recorded with this finding: "),
              std::string::npos);
}

TEST(FoodRule, holds_against_its_own_examples) {
    EXPECT_FALSE(failing_example(food()));
    const Rule swapped =
        pack_of(changed(R"("facts": {"item.product.category": "food"}}])", R"("facts": {"item.product.category": "toys"}}])")).front();
    EXPECT_EQ(failing_example(swapped), "rule 'food.lot-with-expiry': its example 'undated lot' is called bad, but the rule has no remark");
    const Rule undated = pack_of(changed(R"(, "item.dates.expiry": "2026-05-01")", "")).front();
    EXPECT_EQ(failing_example(undated), "rule 'food.lot-with-expiry': its example 'dated lot' is called good, but the rule remarks on it");
}

Condition condition_of(const std::string& json) {
    std::string rule = kFood;
    const std::size_t from = rule.find(R"({"all": [{"item")");
    const std::size_t to = rule.find(R"("message")");
    return pack_of(rule.replace(from, to - from, json + ",\n")).front().require;
}

Truth truth_of(const std::string& json, const Scene& scene) { return evaluate(condition_of(json), scene); }

TEST(Condition, compares_days_on_both_sides_of_the_edge) {
    TableScene scene;
    scene.read = {"item.dates"};
    scene.table["item.dates.expiry"] = {Value{*day_from("2026-03-02")}};
    const auto holds = [&](const char* op, const char* day) {
        return truth_of(std::string(R"({"fact": "item.dates.expiry", ")") + op + R"(": ")" + day + R"("})", scene) == Truth::yes;
    };
    struct Row {
        const char* op;
        bool day_before, same_day, day_after;  // does it hold against 1, 2, 3 March?
    };
    for (const Row& row : {Row{"less_than", false, false, true}, Row{"at_most", false, true, true}, Row{"more_than", true, false, false},
                           Row{"at_least", true, true, false}, Row{"equals", false, true, false}}) {
        EXPECT_EQ(holds(row.op, "2026-03-01"), row.day_before) << row.op;
        EXPECT_EQ(holds(row.op, "2026-03-02"), row.same_day) << row.op;
        EXPECT_EQ(holds(row.op, "2026-03-03"), row.day_after) << row.op;
    }
}

TEST(Condition, finds_an_absent_value_equal_to_nothing) {
    TableScene scene;
    EXPECT_EQ(truth_of(R"({"event": "disposition", "equals": "expired"})", scene), Truth::no);
    EXPECT_EQ(truth_of(R"({"event": "disposition", "in": ["expired", "damaged"]})", scene), Truth::no);
    EXPECT_EQ(truth_of(R"({"event": "disposition", "present": true})", scene), Truth::no);
    EXPECT_EQ(truth_of(R"({"event": "disposition", "present": false})", scene), Truth::yes);
    EXPECT_EQ(truth_of(R"({"none": [{"event": "disposition", "equals": "expired"}]})", scene), Truth::yes);
    EXPECT_EQ(truth_of(R"({"event": "event_time", "at_most": "2026-01-01"})", scene), Truth::no);
}

TEST(Condition, holds_when_any_of_several_values_does) {
    TableScene scene;
    scene.read = {"item.identity"};
    scene.table["item.identity.imei"] = {Value{"111"}, Value{"222"}};
    EXPECT_EQ(truth_of(R"({"fact": "item.identity.imei", "equals": "222"})", scene), Truth::yes);
    EXPECT_EQ(truth_of(R"({"fact": "item.identity.imei", "in": ["333", "444"]})", scene), Truth::no);
    EXPECT_EQ(truth_of(R"({"fact": "item.identity.udi", "present": true})", scene), Truth::no);
}

TEST(Condition, joins_yes_no_and_unknown_by_kleenes_tables) {
    // yes: the type is known; no: the step is another one; unknown: a fact that was not read.
    TableScene scene;
    scene.table = {{"event.type", {Value{"ObjectEvent"}}}};
    const std::string yes = R"({"event": "type", "equals": "ObjectEvent"})";
    const std::string no = R"({"event": "biz_step", "equals": "shipping"})";
    const std::string unknown = R"({"fact": "item.status.status", "equals": "in_stock"})";
    struct Row {
        std::string a, b;
        Truth all, any;
    };
    const Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;
    for (const Row& row : {Row{yes, yes, kYes, kYes}, Row{yes, no, kNo, kYes}, Row{no, yes, kNo, kYes}, Row{no, no, kNo, kNo},
                           Row{yes, unknown, kUnknown, kYes}, Row{unknown, yes, kUnknown, kYes}, Row{no, unknown, kNo, kUnknown},
                           Row{unknown, no, kNo, kUnknown}, Row{unknown, unknown, kUnknown, kUnknown}}) {
        const std::string parts = "[" + row.a + ", " + row.b + "]}";
        EXPECT_EQ(truth_of(R"({"all": )" + parts, scene), row.all) << parts;
        EXPECT_EQ(truth_of(R"({"any": )" + parts, scene), row.any) << parts;
        const Truth none = row.any == kYes ? kNo : row.any == kNo ? kYes : kUnknown;
        EXPECT_EQ(truth_of(R"({"none": )" + parts, scene), none) << parts;
    }
}

struct Broken {
    const char* from;
    const char* to;
    const char* because;
};

constexpr Broken kBroken[] = {
    {R"("title")", R"("titel")", "/rules/0/titel: unknown key; there may be id, title"},
    {R"("severity": "refuse")", R"("severity": "block")", "'block' is no severity; there are finding, hold, refuse"},
    {R"("2014-12-13")", R"("13.12.2014")", "is no date such as 2026-03-01"},
    {R"("valid_from": "2014-12-13")", R"("valid_from": "2014-12-13", "valid_to": "2014-12-12")", "valid_to lies before valid_from"},
    {R"("event": "biz_step", "equals")", R"("event": "bizStep", "equals")", "an event has no 'bizStep', but event_id, type"},
    {R"("item": "kind", "equals": "lot")", R"("item": "sort", "equals": "lot")", "an item has no 'sort'"},
    {R"("fact": "item.product.category")", R"("fact": "item.product.colour")", "the fact item.product has no 'colour', but product, sku"},
    {R"("fact": "item.product.category")", R"("fact": "item.colour.x")", "is no fact and column; the facts are item.identity"},
    {R"("fact": "item.product.category")", R"("fact": "item.product")", "is no fact and column"},
    {R"("fact": "item.product.category")", R"("fact": "category")", "is no fact and column"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step")", "needs one of equals, in"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step", "equals": "a", "in": ["b"])", "more than one operator"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step", "like": "ship")", "unknown key"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step", "at_most": "shipping")", "only times can be ordered"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step", "in": [])", "nothing is in"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "biz_step", "equals": 5)", "must be a text"},
    {R"("event": "biz_step", "equals": "shipping")", R"("event": "type", "item": "kind", "equals": "x")", "exactly one of"},
    {R"("present": true}, )", R"("present": "yes"}, )", "must be true or false"},
    {R"({"event": "biz_step", "equals": "shipping"}, {"fact": "item.product.category", "equals": "food"})", "", "has no conditions"},
    {R"({product} {item} is)", R"({product} {lot} is)", "a message may name {item} and {product}, not '{lot}'"},
    {R"({product} {item} is)", R"({product is)", "a message may name {item} and {product}"},
    {R"("good": [{)", R"("good": [], "fine": [{)", "unknown key"},
    {R"("item.dates.expiry": "2026-05-01")", R"("item.dates.expiry": "soon")", "'soon' is no date"}};

TEST(RulePack, is_refused_with_the_file_the_place_and_what_is_wrong) {
    for (const Broken& broken : kBroken) {
        const std::string why = refusal_of(R"({"pack": "food", "rules": [)" + changed(broken.from, broken.to) + "]}");
        EXPECT_EQ(why.rfind("food.yaml: ", 0), 0U) << why;
        EXPECT_NE(why.find(broken.because), std::string::npos) << broken.to << "\ngot: '" << why << "'";
    }
}

TEST(RulePack, must_give_each_rule_a_good_and_a_bad_example) {
    const std::string rule = kFood;
    const std::size_t good = rule.find(R"("good": [{)");
    const std::size_t bad = rule.find(R"("bad": [{)");
    const std::string without_good = rule.substr(0, good) + R"("good": [], )" + rule.substr(bad);
    const std::string without_bad = rule.substr(0, bad) + R"("bad": []}})";
    EXPECT_NE(refusal_of(R"({"pack": "p", "rules": [)" + without_good + "]}").find("/good must have at least one example"),
              std::string::npos);
    EXPECT_NE(refusal_of(R"({"pack": "p", "rules": [)" + without_bad + "]}").find("/bad must have at least one example"),
              std::string::npos);
}

TEST(RulePack, refuses_a_rule_that_stands_twice) {
    EXPECT_NE(refusal_of(std::string(R"({"pack": "p", "rules": [)") + kFood + "," + kFood + "]}").find("stands twice"), std::string::npos);
}

TEST(RulePack, nests_conditions_eight_deep_and_no_deeper) {
    const auto nested = [](std::size_t levels) {
        std::string condition = R"({"event": "type", "present": true})";
        for (std::size_t i = 1; i < levels; ++i) condition = R"({"all": [)" + condition + "]}";
        return R"({"pack": "p", "rules": [)" +
               changed(R"({"all": [{"event": "biz_step", "equals": "shipping"}, {"fact": "item.product.category", "equals": "food"}]})",
                       condition) +
               "]}";
    };
    EXPECT_EQ(refusal_of(nested(8)), "");
    EXPECT_NE(refusal_of(nested(9)).find("nested deeper than 8 levels"), std::string::npos);
}

TEST(RulePack, tells_with_which_argument_a_fact_is_asked) {
    EXPECT_EQ(argument_of("item.dates"), "item");
    EXPECT_EQ(argument_of("product.attributes"), "product");
    EXPECT_EQ(key_column_of("item.identity"), "scheme");
    EXPECT_EQ(key_column_of("item.dates"), "");
}

TEST(Day, reads_dates_that_exist_only) {
    EXPECT_EQ(day_from("1970-01-01")->count, 0);
    EXPECT_EQ(day_from("1969-12-31")->count, -1);
    EXPECT_TRUE(day_from("2024-02-29"));
    for (const char* text : {"2026-02-29", "2026-13-01", "2026-3-1", "26-03-01", "2026-03-01T00:00:00Z", "0000-01-01", ""})
        EXPECT_FALSE(day_from(text)) << text;
}

}  // namespace
}  // namespace stemma::compliance
