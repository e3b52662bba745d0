// Rules of the wide vocabulary over the plugin's C table: which facts it asks for and with what, and that the host's cells are read by
// their types.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/plugins/border.hpp"

namespace stemma::border {
namespace {

using enum sdk::Type;
using sdk::Value;
using Decision = Plugin::Decision;
using Requests = std::vector<std::pair<std::string, std::vector<std::string>>>;

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kNow = 20'514 * kDay;  // 2026-03-02
constexpr const char* kLot = "urn:stemma:t:lot:17";

constexpr const char* kHead = R"({"pack": "p", "title": "P", "fields": {
    "batch": [{"fact": "item.attributes.batch"}], "amount": [{"item": "quantity"}], "unit": [{"item": "unit"}],
    "customer": [{"event": "party"}]}, "rules": [{"id": "r", "title": "T", "severity": "hold", )";

Plugin rule(const std::string& rest) {
    const std::string message = rest.find("\"fields\"") == std::string::npos ? "{because}" : "lacks {missing}; {because}";
    const std::string text = R"("message": ")" + message + "\", " + rest;
    return {"compliance.so",
            "{}",
            {{"rule_pack", "p.yaml", "", kHead + text + R"(, "examples": {"good": [{"name": "g"}], "bad": [{"name": "b"}]}}]})"}}};
}

/// The columns of the event in another order than the host's: they are found by name.
std::vector<TableData> shipped(const char* party, Value quantity = Value::quantity(5'000'000, "KGM"), Value time = Value::time_us(kNow)) {
    return {{"event",
             {},
             {{"party", text}, {"from_party", text}, {"biz_step", text}, {"event_time", time_us}},
             {{Value::text(party), Value::text("urn:x:party:1"), Value::text("shipping"), std::move(time)}}},
            {"event.items",
             {},
             {{"kind", text}, {"item", text}, {"product", text}, {"quantity", sdk::Type::quantity}},
             {{Value::text("lot"), Value::text(kLot), Value::text("urn:x:product:4"), std::move(quantity)}}}};
}

Given judged(const Plugin& plugin, const std::vector<TableData>& tables, const std::vector<TableData>& facts) {
    return plugin.decide(Decision::judge, tables, facts, kNow);
}

TEST(ComplianceBorder, asks_about_the_party_the_goods_come_from_and_with_a_number_of_levels) {
    const Plugin plugin = rule(R"("when": {"event": "biz_step", "equals": "shipping"}, "require": {"all": [
        {"fact": "party.attributes.country", "of": "from_party", "equals": "DE"}, {"fact": "party.attributes.country", "equals": "US"},
        {"fact": "lineage.ancestors.depth", "depth": 3, "at_most": 2}, {"fact": "place.attributes.kind", "present": false}]})");
    const auto tables = shipped("urn:x:party:2");
    EXPECT_EQ(
        plugin.plan(Decision::judge, tables, {}, kNow).requests,
        (Requests{{"lineage.ancestors", {kLot, "3"}}, {"party.attributes", {"urn:x:party:1"}}, {"party.attributes", {"urn:x:party:2"}}}))
        << "the event has no place, so nothing is asked about one";
    const auto country = [](const char* of, const char* is) {
        return TableData{"party.attributes", {of}, {{"name", text}, {"value", text}}, {{Value::text("country"), Value::text(is)}}};
    };
    const auto ancestors = [](std::int64_t depth) {
        return TableData{"lineage.ancestors", {kLot, "3"}, {{"item", text}, {"depth", int64}}, {{Value::text("a"), Value::integer(depth)}}};
    };
    EXPECT_TRUE(judged(plugin, tables, {country("urn:x:party:1", "DE"), country("urn:x:party:2", "US"), ancestors(2)}).findings.empty());
    EXPECT_EQ(judged(plugin, tables, {country("urn:x:party:1", "DE"), country("urn:x:party:2", "US"), ancestors(3)}).findings.size(), 1U);
    EXPECT_EQ(judged(plugin, tables, {country("urn:x:party:1", "US"), country("urn:x:party:2", "US"), ancestors(2)}).findings.size(), 1U);
    EXPECT_EQ(judged(plugin, tables, {country("urn:x:party:2", "US"), ancestors(2)}).results[0].outcome, STM_UNDECIDED);
}

TEST(ComplianceBorder, names_the_fields_that_a_record_lacks_and_what_it_saw) {
    const Plugin plugin = rule(R"("when": {"event": "biz_step", "equals": "shipping"}, "fields": ["customer", "batch", "amount", "unit"])");
    const auto batch = [](const char* name) {
        return TableData{"item.attributes", {kLot}, {{"name", text}, {"value", text}}, {{Value::text(name), Value::text("B1")}}};
    };
    const auto remark = [&](const std::vector<TableData>& tables, const char* attribute) {
        const Given out = judged(plugin, tables, {batch(attribute)});
        return out.findings.empty() ? std::string{} : out.findings[0].message;
    };
    EXPECT_EQ(remark(shipped("urn:x:party:2"), "batch"), "");
    EXPECT_EQ(remark(shipped("urn:x:party:2"), "colour"), "lacks batch; the event's biz_step is 'shipping'");
    EXPECT_EQ(remark(shipped(""), "batch"), "lacks customer; the event's biz_step is 'shipping'") << "facts say nothing by an empty text";
    EXPECT_EQ(remark(shipped("p", Value::quantity(1, "")), "batch"), "lacks unit; the event's biz_step is 'shipping'");
    EXPECT_EQ(remark(shipped("p", Value::null(sdk::Type::quantity)), "colour"),
              "lacks batch, amount, unit; the event's biz_step is 'shipping'");
}

TEST(ComplianceBorder, reads_flags_times_and_numbers_of_a_facts_rows) {
    const Plugin plugin = rule(R"("when": {"fact": "item.cases.version", "where": {"closed": true}, "at_least": 2},
        "require": {"fact": "item.cases.opened", "where": {"closed": true}, "within": {"days": 7, "before": {"event": "event_time"}}})");
    const auto cases = [](bool closed, std::int64_t version, std::int64_t opened) {
        return TableData{"item.cases",
                         {kLot},
                         {{"case", text}, {"version", int64}, {"opened", time_us}, {"closed", boolean}},
                         {{Value::text("c"), Value::integer(version), Value::time_us(opened), Value::flag(closed)},
                          {Value::text("d"), Value::integer(9), Value::time_us(0), Value::flag(false)}}};
    };
    const auto broken = [&](const TableData& fact) { return !judged(plugin, shipped("p"), {fact}).findings.empty(); };
    EXPECT_FALSE(broken(cases(true, 2, kNow - 7 * kDay)));
    EXPECT_TRUE(broken(cases(true, 2, kNow - 8 * kDay)));
    EXPECT_FALSE(broken(cases(true, 1, kNow - 8 * kDay))) << "the closed case has too low a version";
    EXPECT_FALSE(broken(cases(false, 2, kNow - 8 * kDay)));
}

TEST(ComplianceBorder, judges_an_event_without_a_time_by_the_rules_of_the_day) {
    const Plugin plugin = rule(
        R"("valid_from": "2026-03-02", "when": {"event": "biz_step", "equals": "shipping"}, "require": {"event": "event_time", "present": true})");
    EXPECT_EQ(judged(plugin, shipped("p", Value::quantity(1, "KGM"), Value::null(time_us)), {}).findings.size(), 1U);
    EXPECT_TRUE(judged(plugin, shipped("p"), {}).findings.empty());
}

TEST(ComplianceBorder, shows_the_examples_in_a_rules_explanation) {
    const Plugin plugin = rule(R"("when": {"event": "party", "present": true}, "require": {"event": "biz_step", "present": true})");
    EXPECT_NE(plugin.self_check().find("its example 'b' is called bad, but the rule has no remark"), std::string::npos);
    EXPECT_NE(plugin.explain("r").text.find("  ok    good: g\n  FAILS bad:  b, but the rule has no remark\n"), std::string::npos);
}

}  // namespace
}  // namespace stemma::border
