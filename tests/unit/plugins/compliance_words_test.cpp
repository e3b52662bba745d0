// The words of a rule pack beyond plain comparisons: numbers, amounts, patterns, sets, durations, business days, rows of facts, fields.
#include <gtest/gtest.h>

#include <string>

#include "plugins/compliance/rule_pack.hpp"
#include "plugins/compliance/rule_set.hpp"

namespace stemma::compliance {
namespace {

constexpr const char* kNames = R"("sets": {"out": ["shipping", "retail_selling"]},
  "calendars": {"shop": {"first": "2026-01-01", "last": "2026-12-31", "weekend": ["saturday", "sunday"], "holidays": ["2026-12-25"]}},
  "fields": {"customer": [{"event": "party"}], "batch": [{"fact": "item.identity.lot"}, {"fact": "item.attributes.batch"}]},)";

/// A pack of one rule whose `require` and bad example are given; its good example breaks no rule, since `when` does not hold there.
std::string pack(const std::string& require, const std::string& example = R"("event": {"type": "ObjectEvent"})",
                 const std::string& key = "require") {
    return std::string(R"({"pack": "p", "title": "P", )") + kNames +
           R"("rules": [{"id": "r", "title": "T", "severity": "finding", "message": "{item}: {because}",
             "when": {"event": "type", "present": true}, ")" +
           key + R"(": )" + require + R"(, "examples": {"good": [{"name": "none"}], "bad": [{"name": "tried", )" + example + "}]}}]}";
}

/// How the rule comes out on the example: its examples agree when it is broken.
bool holds(const std::string& require, const std::string& example) {
    const std::string with_type =
        R"("event": {"type": "ObjectEvent", "event_time": "2026-03-31", "place": "b", "document": "D-1"}, )" + example;
    return failing_example(read_rule_pack("p", pack(require, with_type)).front()).has_value();
}

std::string refusal(const std::string& require, const std::string& key = "require") {
    try {
        (void)read_rule_pack("p", pack(require, R"("event": {"type": "ObjectEvent"})", key));
    } catch (const sdk::BadOption& bad) {
        return bad.what();
    }
    return {};
}

TEST(RuleWords, compare_numbers_as_numbers_and_texts_that_are_none_with_nothing) {
    const auto at_least = [](const char* limit, const char* given) {
        return holds(std::string(R"({"fact": "item.attributes.n", "as": "number", "at_least": )") + limit + "}",
                     std::string(R"("facts": {"item.attributes.n": ")") + given + "\"}");
    };
    EXPECT_TRUE(at_least("10", "10"));
    EXPECT_FALSE(at_least("10", "9.999999"));
    EXPECT_TRUE(at_least("9", "10")) << "as texts, 9 would be the greater one";
    EXPECT_TRUE(at_least("-1.5", "-1.4"));
    EXPECT_FALSE(at_least("0", "ten"));
    EXPECT_FALSE(at_least("0", "1.0000001")) << "seven decimals are no number of ours";
}

TEST(RuleWords, compare_amounts_of_one_unit_only) {
    const auto more_than = [](const char* limit) {
        return holds(std::string(R"({"item": "quantity", "more_than": ")") + limit + "\"}", R"("item": {"quantity": "5 KGM"})");
    };
    EXPECT_TRUE(more_than("4.9 KGM"));
    EXPECT_FALSE(more_than("5 KGM"));
    EXPECT_FALSE(more_than("4 LTR"));
    EXPECT_TRUE(more_than("4")) << "a limit without a unit is of any";
    EXPECT_TRUE(holds(R"({"item": "unit", "equals": "KGM"})", R"("item": {"quantity": "5 KGM"})"));
}

TEST(RuleWords, match_the_whole_text_with_a_pattern) {
    const auto matches = [](const char* pattern) {
        return holds(std::string(R"({"event": "document", "matches": ")") + pattern + "\"}", R"("item": {})");
    };
    EXPECT_TRUE(matches("D-[0-9]"));
    EXPECT_FALSE(matches("D-"));
    EXPECT_FALSE(matches("-[0-9]"));
    EXPECT_NE(refusal(R"({"event": "document", "matches": "("})").find("it is no RE2 pattern"), std::string::npos);
    EXPECT_NE(refusal(R"({"event": "event_time", "matches": "a"})").find("only texts match a pattern"), std::string::npos);
}

TEST(RuleWords, bound_a_patterns_text_and_program) {
    const auto fits = [](const std::string& pattern) { return refusal(R"({"event": "document", "matches": ")" + pattern + "\"}").empty(); };
    EXPECT_TRUE(fits(std::string(kPatternBytesMax, 'a')));
    EXPECT_FALSE(fits(std::string(kPatternBytesMax + 1, 'a')));
    EXPECT_TRUE(fits("a{900}"));
    EXPECT_FALSE(fits("((a{100}){10}){10}"));
    EXPECT_NE(refusal(R"({"event": "document", "matches": "(abc){900}"})").find("instructions, more than 2000"), std::string::npos);
}

TEST(RuleWords, know_the_packs_sets_by_name) {
    EXPECT_TRUE(holds(R"({"item": "role", "in": {"set": "out"}})", R"("item": {"role": "shipping"})"));
    EXPECT_FALSE(holds(R"({"item": "role", "in": {"set": "out"}})", R"("item": {"role": "storing"})"));
    EXPECT_NE(refusal(R"({"item": "role", "in": {"set": "in"}})").find("the pack has no set 'in'"), std::string::npos);
}

/// Whether an expiry is at least the event's day (31 March 2026) plus the duration.
bool reaches(const char* expiry, const char* plus) {
    return holds(std::string(R"({"fact": "item.dates.expiry", "at_least": {"event": "event_time", "plus": )") + plus + "}}",
                 std::string(R"("facts": {"item.dates.expiry": ")") + expiry + "\"}");
}

TEST(RuleWords, add_months_by_the_stated_policy_for_a_day_the_month_does_not_have) {
    // One month after 31 March is 30 April when clamped, and 1 May when the next first is taken.
    EXPECT_TRUE(reaches("2026-04-30", R"({"months": 1, "month_end": "clamp"})"));
    EXPECT_FALSE(reaches("2026-04-29", R"({"months": 1, "month_end": "clamp"})"));
    EXPECT_FALSE(reaches("2026-04-30", R"({"months": 1, "month_end": "next"})"));
    EXPECT_TRUE(reaches("2026-05-01", R"({"months": 1, "month_end": "next"})"));
    EXPECT_TRUE(reaches("2028-03-31", R"({"years": 2, "month_end": "clamp"})"));
    EXPECT_FALSE(reaches("2028-03-30", R"({"years": 2, "month_end": "clamp"})"));
    EXPECT_TRUE(reaches("2026-04-07", R"({"days": 7})"));
    EXPECT_FALSE(reaches("2026-04-06", R"({"days": 7})"));
}

TEST(RuleWords, want_the_month_end_stated) {
    const auto why = [](const char* plus) {
        return refusal(std::string(R"({"fact": "item.dates.expiry", "at_least": {"event": "event_time", "plus": )") + plus + "}}");
    };
    EXPECT_NE(why(R"({"months": 1})").find("needs month_end: clamp"), std::string::npos);
    EXPECT_NE(why(R"({"months": 1, "month_end": "last"})").find("is no month_end; there are clamp, next"), std::string::npos);
    EXPECT_NE(why(R"({"days": 1, "month_end": "clamp"})").find("days have no month end"), std::string::npos);
    EXPECT_NE(why(R"({"days": 1, "years": 1})").find("more than one of days"), std::string::npos);
    EXPECT_NE(why(R"({"days": 36601})").find("a duration is 0 to 36600"), std::string::npos);
    EXPECT_EQ(why(R"({"days": 36600})"), "");
    EXPECT_NE(why(R"({"business_days": 1, "calendar": "bank"})").find("no calendar 'bank', but shop"), std::string::npos);
    EXPECT_NE(why("{}").find("needs one of days"), std::string::npos);
}

TEST(RuleWords, keep_both_borders_within) {
    const auto within = [](const char* made, const char* side) {
        return holds(std::string(R"({"event": "event_time", "within": {"days": 2, ")") + side + R"(": {"fact": "item.dates.made_at"}}})",
                     std::string(R"("facts": {"item.dates.made_at": ")") + made + "\"}");
    };
    struct Row {
        const char* made;
        bool after, before, of;
    };
    // The event is on 31 March: within two days after what was made on 29 March, and so on.
    for (const Row& row :
         {Row{"2026-03-28", false, false, false}, Row{"2026-03-29", true, false, true}, Row{"2026-03-31", true, true, true},
          Row{"2026-04-02", false, true, true}, Row{"2026-04-03", false, false, false}}) {
        EXPECT_EQ(within(row.made, "after"), row.after) << row.made;
        EXPECT_EQ(within(row.made, "before"), row.before) << row.made;
        EXPECT_EQ(within(row.made, "of"), row.of) << row.made;
    }
}

TEST(RuleWords, count_business_days_by_the_calendar_and_decide_nothing_beyond_it) {
    Calendar shop{"shop", *day_from("2026-12-01"), *day_from("2026-12-31"), 0b1100000, {*day_from("2026-12-25")}};
    const auto plus = [&](const char* day, std::int64_t n) {
        const auto out = plus_business_days(*day_from(day), n, shop);
        return out ? to_text(*out) : "unknown";
    };
    EXPECT_EQ(plus("2026-12-24", 1), "2026-12-28") << "Thursday, a holiday, a weekend, Monday";
    EXPECT_EQ(plus("2026-12-26", 1), "2026-12-28") << "from a Saturday";
    EXPECT_EQ(plus("2026-12-28", -1), "2026-12-24");
    EXPECT_EQ(plus("2026-12-24", 0), "2026-12-24");
    EXPECT_EQ(plus("2026-12-30", 1), "2026-12-31");
    EXPECT_EQ(plus("2026-12-30", 2), "unknown");
    EXPECT_EQ(plus("2027-01-04", 0), "unknown");
    const Rule rule =
        read_rule_pack(
            "p",
            pack(R"({"event": "event_time", "within": {"business_days": 9, "calendar": "shop", "after": {"fact": "item.dates.made_at"}}})",
                 R"("event": {"type": "x", "event_time": "2026-12-31"}, "facts": {"item.dates.made_at": "2026-12-28"})"))
            .front();
    EXPECT_NE(failing_example(rule).value_or("").find("its calendar does not reach"), std::string::npos);
}

TEST(RuleWords, look_at_rows_of_a_fact_that_pass) {
    const std::string facts =
        R"("facts": {"item.milestones": [{"kind": "sold", "time": "2026-01-05"}, {"kind": "returned", "time": "2026-02-01"}]})";
    const auto at = [&](const char* where, const char* day) {
        return holds(std::string(R"({"fact": "item.milestones.time", "where": )") + where + R"(, "equals": ")" + day + "\"}", facts);
    };
    EXPECT_TRUE(at(R"({"kind": "sold"})", "2026-01-05"));
    EXPECT_FALSE(at(R"({"kind": "sold"})", "2026-02-01"));
    EXPECT_TRUE(at(R"({"kind": ["sold", "returned"]})", "2026-02-01"));
    EXPECT_FALSE(at(R"({"kind": "scrapped"})", "2026-02-01"));
    EXPECT_NE(refusal(R"({"fact": "item.milestones.time", "where": {"sort": "sold"}, "present": true})").find("has no 'sort', but kind"),
              std::string::npos);
}

TEST(RuleWords, compare_what_stands_at_two_places) {
    EXPECT_TRUE(holds(R"({"event": "place", "equals": {"fact": "item.history.place"}})",
                      R"("facts": {"item.history": [{"place": "a"}, {"place": "b"}]})"));
    EXPECT_FALSE(
        holds(R"({"event": "place", "equals": {"fact": "item.history.place"}})", R"("facts": {"item.history": [{"place": "a"}]})"));
    EXPECT_FALSE(holds(R"({"event": "place", "equals": {"fact": "item.history.place"}})", R"("facts": {})"))
        << "an absent value equals nothing";
    EXPECT_NE(refusal(R"({"event": "place", "equals": {"fact": "item.dates.expiry"}})").find("is of another type"), std::string::npos);
}

TEST(RuleWords, ask_facts_about_places_parties_and_levels) {
    EXPECT_NE(refusal(R"({"fact": "item.dates.expiry", "of": "party", "present": true})").find("may be of item, not of 'party'"),
              std::string::npos);
    EXPECT_EQ(refusal(R"({"fact": "party.attributes.country", "of": "from_party", "equals": "DE"})"), "");
    EXPECT_NE(refusal(R"({"fact": "lineage.ancestors.item", "present": true})").find("lacks 'depth'"), std::string::npos);
    EXPECT_EQ(refusal(R"({"fact": "lineage.ancestors.item", "depth": 1000, "present": true})"), "");
    EXPECT_NE(refusal(R"({"fact": "lineage.ancestors.item", "depth": 1001, "present": true})").find("a depth is 1 to 1000"),
              std::string::npos);
    EXPECT_NE(refusal(R"({"fact": "item.dates.expiry", "depth": 1, "present": true})").find("takes no depth"), std::string::npos);
}

TEST(RequiredFields, are_named_when_they_stand_at_none_of_their_places) {
    const auto missing = [](const std::string& example) {
        const Rule rule = read_rule_pack("p", pack(R"(["customer", "batch"])", example, "fields")).front();
        return examples_in_words(rule);
    };
    EXPECT_NE(missing(R"("event": {"type": "x"}, "missing": ["customer", "batch"])").find("ok    bad:  tried"), std::string::npos);
    EXPECT_NE(missing(R"("event": {"type": "x", "party": "p"}, "missing": ["batch"])").find("ok    bad:  tried"), std::string::npos);
    EXPECT_NE(missing(R"("event": {"type": "x", "party": "p"}, "missing": ["customer"])").find("misses 'batch', not 'customer'"),
              std::string::npos);
    EXPECT_NE(missing(R"("event": {"type": "x", "party": "p"}, "facts": {"item.attributes.batch": "1"})").find("FAILS bad:  tried"),
              std::string::npos);
    EXPECT_NE(refusal(R"(["colour"])", "fields").find("the pack has no field 'colour'"), std::string::npos);
    EXPECT_NE(refusal("[]", "fields").find("names no field"), std::string::npos);
    EXPECT_NE(refusal(R"({"event": "type", "present": true}, "fields": ["batch"])").find("needs either require or fields"),
              std::string::npos);
}

TEST(Verdict, says_what_the_rule_looked_at_and_saw) {
    const Rule rule = read_rule_pack("p", pack(R"({"all": [{"event": "biz_step", "in": {"set": "out"}}, {"fact": "item.dates.expiry",
        "at_least": {"event": "event_time", "plus": {"months": 1, "month_end": "clamp"}}}]})",
                                               R"("event": {"type": "x", "event_time": "2026-03-01"})"))
                          .front();
    EXPECT_NE(
        examples_in_words(rule).find("(item): the event's type is 'x'; the event's biz_step is not known; item.dates.expiry is not known; "
                                     "the event's event_time is 2026-03-01"),
        std::string::npos)
        << examples_in_words(rule);
    const std::string words = in_words(rule);
    EXPECT_NE(words.find("the event's biz_step is in the set 'out': 'shipping', 'retail_selling'"), std::string::npos) << words;
    EXPECT_NE(words.find("item.dates.expiry is not before 1 month (a day the month does not have: its last) after the event's event_time"),
              std::string::npos)
        << words;
}

TEST(RuleSet, finds_the_rules_that_an_event_can_concern) {
    const auto rule = [](const char* id, const char* when) {
        const std::string text =
            std::string(R"({"pack": "p", "rules": [{"id": ")") + id +
            R"(", "title": "T", "severity": "finding", "message": "m", "when": )" + when +
            R"(, "require": {"event": "type", "present": true}, "examples": {"good": [{"name": "g"}], "bad": [{"name": "b"}]}}]})";
        return read_rule_pack("p", text).front();
    };
    const RuleSet set({rule("ship", R"({"all": [{"event": "biz_step", "equals": "shipping"}, {"item": "kind", "equals": "lot"}]})"),
                       rule("any", R"({"item": "kind", "equals": "lot"})"),
                       rule("two", R"({"any": [{"event": "biz_step", "equals": "shipping"}, {"event": "biz_step", "in": ["receiving"]}]})"),
                       rule("not", R"({"none": [{"event": "biz_step", "equals": "shipping"}]})")});
    using Indices = std::vector<std::uint32_t>;
    EXPECT_EQ(set.about("shipping"), (Indices{0, 1, 2, 3}));
    EXPECT_EQ(set.about("receiving"), (Indices{1, 2, 3}));
    EXPECT_EQ(set.about("storing"), (Indices{1, 3}));
    EXPECT_EQ(set.about(""), (Indices{1, 3}));
    EXPECT_EQ(set.all()[0].guard.parts.size(), 1U) << "the event's part of `when`";
    EXPECT_TRUE(set.all()[1].guard.parts.empty());
    EXPECT_EQ(set.find("two")->id, "two");
    EXPECT_EQ(set.find("three"), nullptr);
}

}  // namespace
}  // namespace stemma::compliance
