// The truth table: each row's expected day was worked out by hand, its derivation stands in the row. And the rows of the shared vectors.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "plugins/warranty/timeline.hpp"
#include "tests/unit/plugins/warranty_support.hpp"

namespace stemma::warranty {
namespace {

using test::facts;

std::vector<std::string> cells(const std::string& line, std::size_t count) {
    std::vector<std::string> out;
    std::size_t from = 0;
    while (out.size() + 1 < count) {
        const std::size_t comma = line.find(',', from);
        if (comma == std::string::npos) break;
        out.push_back(line.substr(from, comma - from));
        from = comma + 1;
    }
    out.push_back(line.substr(from));
    return out;
}

std::string status_of(const Verdict& verdict) { return std::string(verdict.decided ? to_string(verdict.state) : "undecided"); }
std::string until_of(const Verdict& verdict) { return verdict.until ? to_text(*verdict.until) : ""; }

/// No gaps, no overlaps, open at both ends.
void expect_whole(const std::vector<Segment>& timeline) {
    for (std::size_t i = 0; i < timeline.size(); ++i) {
        const Segment& one = timeline[i];
        const bool first = i == 0 || timeline[i - 1].subject != one.subject || timeline[i - 1].side != one.side;
        EXPECT_EQ(one.from.has_value(), !first);
        if (!first) {
            EXPECT_EQ(*one.from, plus(timeline[i - 1].last.value(), 1));
        }
        EXPECT_TRUE(!one.from || !one.last || *one.from <= *one.last);
        const bool last = i + 1 == timeline.size() || timeline[i + 1].subject != one.subject || timeline[i + 1].side != one.side;
        EXPECT_EQ(one.last.has_value(), !last);
    }
}

const Segment* segment_on(const std::vector<Segment>& timeline, const std::string& subject, Side side, Day day) {
    for (const Segment& one : timeline)
        if (one.subject == subject && one.side == side && (!one.from || *one.from <= day) && (!one.last || day <= *one.last)) return &one;
    return nullptr;
}

/// The last day of the time that holds the day, or that was before it, by the timeline alone.
std::string until_by(const std::vector<Segment>& timeline, const std::string& subject, Day day) {
    std::string until;
    for (const Segment& one : timeline) {
        const bool covered = one.state == State::in_warranty || one.state == State::tolled;
        if (one.subject != subject || !covered || (one.from && *one.from > day && !until.empty() && to_text(plus(*one.from, -1)) != until))
            continue;
        until = to_text(one.last.value());
    }
    return until;
}

TEST(WarrantyTruth, each_row_comes_out_as_it_was_worked_out_by_hand) {
    std::ifstream file(std::string(STEMMA_SOURCE_DIR) + "/tests/unit/plugins/warranty_truth.csv");
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    std::size_t rows = 0;
    while (std::getline(file, line)) {
        const auto row = cells(line, 8);
        ASSERT_EQ(row.size(), 8U) << line;
        EXPECT_GT(row[7].size(), 10U) << row[0] << " has no derivation";
        SCOPED_TRACE(row[0] + ": " + row[7]);
        const std::vector<Policy> policies = test::chosen(row[1]);
        const Facts known = facts(row[2], row[4]);
        const Answer answer = assess(policies, known);
        expect_whole(answer.timeline);
        ++rows;
        if (row[3] != "customer" && row[3] != "supplier") {
            const Day day = day_of(known.as_of_us, false, {});
            const Segment* segment = segment_on(answer.timeline, row[3], Side::component, day);
            ASSERT_NE(segment, nullptr);
            EXPECT_EQ(to_string(segment->state), row[5]);
            EXPECT_EQ(until_by(answer.timeline, row[3], day), row[6]);
            continue;
        }
        const Verdict& verdict = row[3] == "supplier" ? answer.claim : answer.verdict;
        EXPECT_EQ(status_of(verdict), row[5]);
        EXPECT_EQ(until_of(verdict), row[6]);
        const Segment* segment = segment_on(answer.timeline, "U0", row[3] == "supplier" ? Side::supplier : Side::customer, verdict.today);
        EXPECT_TRUE(segment == nullptr || !verdict.decided || segment->state == verdict.state) << "the timeline says otherwise";
        EXPECT_FALSE(verdict.why.empty());
    }
    EXPECT_GE(rows, 100U);
}

// ---- ../shared/vectors/rules/warranty_cases.csv

/// What a row's rule is here, and facts that have the row's repairs: days tolled, months given after a repair.
struct Rule {
    const char* name;
    const char* market;
    const char* more;
};
constexpr std::array<Rule, 7> kRules{{
    {"eu-2019-771-minimum", "AT", ""},
    {"eu-2024-1799-repair-chosen", "AT", " repair=2026-10-01/2026-10-08"},
    {"pt-dl84-2021", "PT", " repair=2024-06-01/2024-06-08"},
    {"es-trlgdcu", "ES", " repair=2024-06-01/2024-06-21"},  // 20 full days
    {"fr-l217-13", "FR", " repair=2024-06-01/2024-06-08"},
    {"commercial-12m", "US", ""},
    {"second-hand-min", "AT", " attr.condition=used"},
}};

TEST(WarrantyTruth, the_shared_vectors_hold_row_by_row) {
    const std::string name = "/../shared/vectors/rules/warranty_cases.csv";
    std::ifstream file(STEMMA_SOURCE_DIR + name);
    if (!file) GTEST_SKIP() << name << " is not there";
    std::string line;
    std::getline(file, line);
    std::size_t rows = 0;
    while (std::getline(file, line)) {
        const auto row = cells(line, 12);
        ASSERT_EQ(row.size(), 12U) << line;
        SCOPED_TRACE(line);
        const auto* rule = std::ranges::find(kRules, row[1], [](const Rule& r) { return std::string(r.name); });
        ASSERT_NE(rule, kRules.end()) << row[1];
        const Answer answer = assess(test::shipped(), facts("delivered=" + row[2] + " market=" + rule->market + rule->more, row[7]));
        EXPECT_EQ(until_of(answer.verdict), row[6]);
        EXPECT_EQ(status_of(answer.verdict), row[8] == "yes" ? "in_warranty" : "out");
        const bool covered = row[8] == "yes";
        EXPECT_TRUE(row[10].empty() || answer.verdict.presumed.value_or(false) == (row[10] == "yes")) << "presumption";
        if (!row[9].empty() && covered) {
            const Policy& policy = *answer.verdict.by->policy;
            EXPECT_EQ(policy.presumption.months, std::stoi(row[9]));
            EXPECT_EQ(policy.period.months, std::stoi(row[3]));
        }
        ++rows;
    }
    EXPECT_GE(rows, 9U);
}

// ---- what a person reads

TEST(WarrantyReasons, name_start_repair_extension_and_last_day) {
    const Answer answer = assess(test::shipped(), facts("delivered=2025-06-01 market=AT repair=2026-08-10/2026-08-20", "2027-07-01"));
    ASSERT_EQ(answer.customer.size(), 1U);
    const auto& reasons = answer.customer.front().reasons;
    ASSERT_EQ(reasons.size(), 3U);
    EXPECT_EQ(reasons[0].text, "eu-2019-771: the buyer's kind is not recorded and is taken as consumer");
    EXPECT_EQ(reasons[1].text, "eu-2019-771: it begins with its delivery on 2025-06-01; 24 months end on 2027-06-01, that day included");
    EXPECT_EQ(
        reasons[2].text,
        "eu-2019-771: Repair chosen as the remedy: 12 months more, because it was repaired from 2026-08-10 to 2026-08-20; the last day "
        "is then 2028-06-01 (Directive (EU) 2019/771 art. 10 as amended by Directive (EU) 2024/1799)");
    EXPECT_EQ(
        answer.verdict.why,
        "on 2027-07-01 it is in warranty by eu-2019-771 (Legal guarantee of conformity, European Union), to 2028-06-01, that day included");
}

TEST(WarrantyTimeline, tells_each_time_with_its_state_and_why) {
    const Answer answer = assess(test::chosen("t-begun"), facts("delivered=2024-01-15 repair=2024-06-01/2024-06-10", "2024-06-05"));
    ASSERT_EQ(answer.timeline.size(), 5U);
    const auto line = [&](std::size_t i) {
        const Segment& s = answer.timeline[i];
        return (s.from ? to_text(*s.from) : "..") + "/" + (s.last ? to_text(*s.last) : "..") + " " + std::string(to_string(s.state));
    };
    EXPECT_EQ(line(0), "../2024-01-14 out");
    EXPECT_EQ(line(1), "2024-01-15/2024-05-31 in_warranty");
    EXPECT_EQ(line(2), "2024-06-01/2024-06-10 tolled");
    EXPECT_EQ(line(3), "2024-06-11/2025-01-25 in_warranty");
    EXPECT_EQ(line(4), "2025-01-26/.. out");
    EXPECT_EQ(answer.timeline[0].reason, "it begins with its delivery on 2024-01-15");
    EXPECT_EQ(answer.timeline[4].reason, "the last day was 2025-01-25");
    EXPECT_EQ(answer.verdict.state, State::tolled);
}

}  // namespace
}  // namespace stemma::warranty
