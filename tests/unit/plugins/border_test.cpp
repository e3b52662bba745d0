// The shared objects over their C tables: what their thin files make of inputs, facts and options.
#include "tests/unit/plugins/border.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stemma::border {
namespace {

using enum sdk::Type;
using sdk::Value;
using Decision = Plugin::Decision;

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kNow = 20'514 * kDay;  // 2026-03-02
constexpr const char* kLot = "urn:stemma:t:lot:17";

constexpr const char* kPack = R"({"pack": "food", "rules": [{
  "id": "food.lot-with-expiry", "title": "Shipped food needs a lot with an expiry date", "severity": "refuse", "valid_from": "2014-12-13",
  "when": {"all": [{"event": "biz_step", "equals": "shipping"}, {"fact": "item.product.category", "equals": "food"}]},
  "require": {"all": [{"item": "kind", "equals": "lot"}, {"fact": "item.dates.expiry", "present": true}]},
  "message": "{product} {item} has no expiry date",
  "examples": {
    "good": [{"name": "g", "event": {"biz_step": "shipping"}, "facts": {"item.product.category": "toys"}}],
    "bad": [{"name": "b", "event": {"biz_step": "shipping"}, "item": {"kind": "lot"}, "facts": {"item.product.category": "food"}}]}
}]})";

Plugin compliance(const std::string& pack = kPack) { return {"compliance.so", "{}", {{"rule_pack", "food.yaml", "", pack}}}; }

std::vector<TableData> shipping(std::vector<Row> items, std::int64_t time = kNow, const char* step = "shipping") {
    std::vector<std::pair<std::string, sdk::Type>> columns;
    Row event;
    for (const char* name :
         {"event_id", "type", "action", "biz_step", "disposition", "from_place", "place", "from_party", "party", "document"}) {
        columns.emplace_back(name, text);
        event.push_back(std::string_view(name) == "biz_step" ? Value::text(step) : Value::null(text));
    }
    columns.emplace_back("event_time", time_us);
    event.push_back(Value::time_us(time));
    return {
        {"event", {}, columns, {event}},
        {"event.items", {}, {{"item", text}, {"product", text}, {"kind", text}, {"role", text}, {"quantity", quantity}}, std::move(items)}};
}

Row item(const char* id, const char* kind = "lot") {
    return {Value::text(id), Value::text("urn:stemma:t:product:4"), Value::text(kind), Value::text("object"),
            Value::quantity(5'000'000, "C62")};
}

TableData product(const char* of, const char* category) {
    const auto t = [](const char* v) { return Value::text(v); };
    return {"item.product",
            {of},
            {{"product", text}, {"sku", text}, {"name", text}, {"category", text}, {"tracking", text}},
            {{t("urn:stemma:t:product:4"), t("YOG"), t("Yoghurt"), t(category), t("lot")}}};
}

TableData dates(const char* of, std::optional<std::int64_t> made, std::optional<std::int64_t> expiry) {
    const auto t = [](std::optional<std::int64_t> us) { return us ? Value::time_us(*us) : Value::null(time_us); };
    return {"item.dates",
            {of},
            {{"made_at", time_us}, {"expiry", time_us}, {"best_before", time_us}, {"received_at", time_us}},
            {{t(made), t(expiry), t({}), t({})}}};
}

TableData identity(const char* of, std::vector<Row> rows) {
    return {"item.identity", {of}, {{"scheme", text}, {"value", text}}, std::move(rows)};
}

using Requests = std::vector<std::pair<std::string, std::vector<std::string>>>;

TEST(Border, each_plugin_says_who_it_is_and_passes_its_own_check) {
    for (const char* name : {"serial", "lot", "sku", "expiry", "compliance", "rma", "warranty"}) {
        const Plugin plugin(std::string(name) + ".so", "{}");
        EXPECT_EQ(sdk::view(plugin.info().id), std::string("org.stemma.") + name);
        EXPECT_EQ(plugin.self_check(), "") << name;
        EXPECT_EQ(sdk::Json::parse(sdk::view(plugin.info().options_schema)).at("type").text(), "object") << name;
    }
}

TEST(Border, numbering_plugins_check_and_decode) {
    const Plugin sku("sku.so",
                     R"({"schemes": [{"name": "shirt", "sections": [{"fixed": "SH"}, {"attribute": "colour", "codes": {"red": "R"}}]}]})");
    EXPECT_EQ(sku.scheme(0).schemes, std::vector<std::string>{"shirt"});
    EXPECT_EQ(sku.check(0, "SHR").verdict, STM_VALID);
    EXPECT_EQ(sku.check(0, "SHG").verdict, STM_INVALID);
    EXPECT_EQ(sku.check(0, "SHG").offset, 2U);
    EXPECT_EQ(sku.decode(0, "SHR").sections, (std::vector<std::string>{"fixed=SH", "colour=red"}));
    const Plugin lot("lot.so", R"({"schemes": [{"name": "lot", "max_length": 20, "attributes": [{"name": "silo"}]}]})");
    EXPECT_EQ(lot.check(0, std::string(21, 'L')).verdict, STM_INVALID);
    EXPECT_THROW(Plugin("serial.so", R"({"schemes": [{"name": "s", "sections": [{"check": "luhn"}]}]})"), std::runtime_error);
}

TEST(Border, compliance_asks_in_steps_and_names_what_people_know) {
    const Plugin plugin = compliance();
    EXPECT_EQ(plugin.rules().rules, std::vector<std::string>{"food.lot-with-expiry"});
    const auto tables = shipping({item(kLot)});
    std::vector<TableData> facts;
    EXPECT_EQ(plugin.plan(Decision::judge, tables, facts, kNow).requests, (Requests{{"item.product", {kLot}}}));
    facts.push_back(product(kLot, "food"));
    EXPECT_EQ(plugin.plan(Decision::judge, tables, facts, kNow).requests, (Requests{{"item.dates", {kLot}}}));
    facts.push_back(dates(kLot, kNow, {}));
    EXPECT_EQ(plugin.plan(Decision::judge, tables, facts, kNow).requests, (Requests{{"item.identity", {kLot}}}));
    facts.push_back(identity(kLot, {{Value::text("lot"), Value::text("L-17")}}));
    EXPECT_TRUE(plugin.plan(Decision::judge, tables, facts, kNow).requests.empty());
    const Given out = plugin.decide(Decision::judge, tables, facts, kNow);
    EXPECT_EQ(out.results[0].outcome, STM_DECIDED);
    ASSERT_EQ(out.findings.size(), 1U);
    EXPECT_EQ(out.findings[0].severity, sdk::Severity::refuse);
    EXPECT_EQ(out.findings[0].message, "Yoghurt L-17 has no expiry date");
    EXPECT_EQ(out.findings[0].subject, kLot);
    EXPECT_EQ(out.results[0].n_given, 1U);
}

TEST(Border, compliance_has_nothing_to_ask_or_say_of_other_events) {
    const Plugin plugin = compliance();
    for (const auto& tables : {shipping({item(kLot)}, kNow, "receiving"), shipping({}), shipping({item(kLot)}, 16'417 * kDay - 1)}) {
        EXPECT_TRUE(plugin.plan(Decision::judge, tables, {}, kNow).requests.empty());
        const Given out = plugin.decide(Decision::judge, tables, {}, kNow);
        EXPECT_EQ(out.results[0].outcome, STM_DECIDED);
        EXPECT_TRUE(out.findings.empty());
    }
    EXPECT_FALSE(plugin.plan(Decision::judge, shipping({item(kLot)}, 16'417 * kDay), {}, kNow).requests.empty())
        << "the first day in force";
}

TEST(Border, compliance_is_undecided_without_the_facts_and_silent_when_the_rule_is_kept) {
    const Plugin plugin = compliance();
    const auto tables = shipping({item(kLot)});
    EXPECT_EQ(plugin.decide(Decision::judge, tables, {}, kNow).results[0].outcome, STM_UNDECIDED);
    EXPECT_EQ(plugin.decide(Decision::judge, tables, {product(kLot, "food")}, kNow).results[0].outcome, STM_UNDECIDED);
    const Given kept = plugin.decide(Decision::judge, tables, {product(kLot, "food"), dates(kLot, {}, kNow + kDay)}, kNow);
    EXPECT_EQ(kept.results[0].outcome, STM_DECIDED);
    EXPECT_TRUE(kept.findings.empty());
}

TEST(Border, compliance_remarks_once_on_an_item_and_on_each_item_of_its_own) {
    const Plugin plugin = compliance();
    const char* other = "urn:stemma:t:lot:18";
    const auto tables = shipping({item(kLot), item(other), item(kLot)});
    const std::vector<TableData> facts{product(kLot, "food"), product(other, "food"), dates(kLot, {}, {}), dates(other, {}, kNow)};
    const Given out = plugin.decide(Decision::judge, tables, facts, kNow);
    ASSERT_EQ(out.findings.size(), 1U);
    EXPECT_EQ(out.findings[0].message, "Yoghurt urn:stemma:t:lot:17 has no expiry date")
        << "an item without a known number is named by its id";
}

TEST(Border, compliance_refuses_a_broken_pack_and_one_whose_examples_fail) {
    EXPECT_THROW(compliance(R"({"pack": "p", "rules": [{"id": "x"}]})"), std::runtime_error);
    std::string lying = kPack;
    lying.replace(lying.find("\"toys\""), 6, "\"food\"");
    EXPECT_NE(compliance(lying).self_check().find("its example 'g' is called good, but the rule remarks on it"), std::string::npos);
    EXPECT_THROW(Plugin("compliance.so", "{}", {{"rule_pack", "a.yaml", "", kPack}, {"rule_pack", "b.yaml", "", kPack}}),
                 std::runtime_error);
}

TEST(Border, compliance_explains_its_rules_and_no_others) {
    const Plugin plugin = compliance();
    EXPECT_NE(plugin.explain("food.lot-with-expiry").text.find("the event's biz_step is 'shipping'"), std::string::npos);
    EXPECT_EQ(plugin.explain("food.x").error, "there is no rule 'food.x'");
}

TEST(Border, expiry_answers_with_its_reasons) {
    const Plugin plugin("expiry.so", R"({"days": 10})");
    const std::vector<TableData> tables{{"item", {}, {{"item", text}}, {{Value::text(kLot)}}}};
    EXPECT_EQ(plugin.plan(Decision::assess, tables, {}, kNow).requests, (Requests{{"item.dates", {kLot}}}));
    EXPECT_EQ(plugin.decide(Decision::assess, tables, {}, kNow).results[0].outcome, STM_UNDECIDED);
    const TableData fact = dates(kLot, kNow - 39 * kDay, kNow + 11 * kDay);  // 50 days of life: 20 % are 10 days
    EXPECT_TRUE(plugin.plan(Decision::assess, tables, {fact}, kNow).requests.empty());
    Given out = plugin.decide(Decision::assess, tables, {fact}, kNow);
    EXPECT_EQ(out.answers.at("status").as_text(), "fresh");
    EXPECT_EQ(out.answers.at("close_from").as_time_us(), kNow + kDay);
    EXPECT_EQ(out.answers.at("remaining_days").as_integer(), 11);
    EXPECT_EQ(out.reasons.front(), "expiry.last_day");
    out = plugin.decide(Decision::assess, tables, {fact}, kNow + kDay);
    EXPECT_EQ(out.answers.at("status").as_text(), "close_to_expiring");
    const Given unknown = plugin.decide(Decision::assess, tables, {{"item.dates", {kLot}, fact.columns, {}}}, kNow);
    EXPECT_EQ(unknown.answers.at("status").as_text(), "unknown");
    EXPECT_EQ(unknown.results[0].n_given, 1U);
}

std::vector<TableData> command(const char* state, const char* name, std::vector<std::pair<std::string, std::string>> fields = {}) {
    TableData told{"command", {}, {{"name", text}}, {{Value::text(name)}}};
    for (const auto& [field, value] : fields) {
        told.columns.emplace_back(field, text);
        told.rows[0].push_back(Value::text(value));
    }
    return {
        {"case", {}, {{"state", text}, {"version", int64}, {"item", text}}, {{Value::text(state), Value::integer(1), Value::text(kLot)}}},
        told};
}

TEST(Border, rma_goes_from_open_to_closed_by_its_own_events) {
    const Plugin plugin("rma.so", "{}");
    EXPECT_EQ(plugin.workflow().transitions, (std::vector<std::string>{">open>requested", "requested>authorise>authorised",
                                                                       "authorised>receive>received", "received>close>closed"}));
    const TableData numbers =
        identity(kLot, {{Value::text("serial"), Value::text("U1")}, {Value::text("imei"), Value::text("490154203237518")}});
    std::string state;
    sdk::Attributes fields;
    for (const auto& tables :
         {command("", "open", {{"reason", "broken"}}), command("requested", "authorise"),
          command("authorised", "receive", {{"item", "490154203237518"}}), command("received", "close", {{"outcome", "repaired"}})}) {
        const Given acted = plugin.decide(Decision::act, tables, {numbers}, kNow);
        ASSERT_EQ(acted.events.size(), 1U) << state << acted.error;
        const Given after = plugin.apply(state, fields, acted.events[0].first, acted.events[0].second);
        std::tie(state, fields) = after.state;
    }
    EXPECT_EQ(state, "closed");
    EXPECT_EQ(fields, (sdk::Attributes{{"reason", "broken"}, {"received", "490154203237518"}, {"outcome", "repaired"}}));
}

TEST(Border, rma_asks_for_numbers_when_a_unit_arrives_and_stops_the_wrong_one) {
    const Plugin plugin("rma.so", "{}");
    const auto receive = command("authorised", "receive", {{"item", "U2"}});
    EXPECT_EQ(plugin.plan(Decision::act, receive, {}, kNow).requests, (Requests{{"item.identity", {kLot}}}));
    EXPECT_TRUE(plugin.plan(Decision::act, command("requested", "authorise"), {}, kNow).requests.empty());
    const TableData numbers = identity(kLot, {{Value::text("serial"), Value::text("U1")}});
    EXPECT_TRUE(plugin.plan(Decision::act, receive, {numbers}, kNow).requests.empty());
    const Given out = plugin.decide(Decision::act, receive, {numbers}, kNow);
    EXPECT_TRUE(out.events.empty());
    ASSERT_EQ(out.findings.size(), 1U);
    EXPECT_EQ(out.findings[0].message, "wrong unit: this case is for 'U1' (serial), the box holds 'U2'");
    EXPECT_EQ(out.findings[0].rule, "receive");
    EXPECT_NE(plugin.decide(Decision::act, receive, {}, kNow).error.find("cannot be compared"), std::string::npos);
    EXPECT_NE(plugin.apply("requested", {}, "closed", {}).error.find("cannot follow"), std::string::npos);
}

}  // namespace
}  // namespace stemma::border
