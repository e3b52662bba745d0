// What must hold for any facts: no repair or extension makes the end earlier, the order of extensions and of rows means nothing, tolled
// days are given back one for one. Random, with a fixed seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "plugins/warranty/timeline.hpp"
#include "tests/unit/plugins/warranty_support.hpp"

namespace stemma::warranty {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr int kRounds = 2'000;

class Random {
public:
    explicit Random(unsigned seed) : engine_{seed} {}
    int upto(int most) { return std::uniform_int_distribution<int>{0, most}(engine_); }
    std::mt19937& engine() { return engine_; }

private:
    std::mt19937 engine_;
};

Moment on(Day day) { return {day.time_since_epoch().count() * kDayUs, true}; }

Policy policy_with(Random& random, Tolling tolling) {
    Policy policy = test::chosen("t-12m").front();
    policy.period = {random.upto(36), random.upto(40) + 1};
    policy.tolling = tolling;
    policy.calendar.first_day_counts = random.upto(1) == 1;
    policy.calendar.month_end = random.upto(1) == 1 ? MonthEnd::next_month : MonthEnd::last_day;
    return policy;
}

Extension extension_with(Random& random, int number) {
    Extension out;
    out.id = "x" + std::to_string(number);
    out.title = out.id;
    out.after = random.upto(2) == 0 ? Extension::After::milestone : Extension::After::repair;
    out.period = {random.upto(20), random.upto(30) + 1};
    out.own_term = random.upto(1) == 1;
    out.times_max = random.upto(2) + 1;
    return out;
}

Facts life_with(Random& random, Day start) {
    Facts out = test::facts("", "2030-01-01");
    Unit& unit = out.chain.front();
    unit.milestones.push_back({"delivered", on(start), "", ""});
    for (int i = random.upto(3); i > 0; --i) {
        const Day from = plus(start, random.upto(900) - 30);
        unit.repairs.push_back({on(from), on(plus(from, random.upto(60))), ""});
    }
    if (random.upto(1) == 1) unit.milestones.push_back({"registered", on(plus(start, random.upto(400))), "", ""});
    return out;
}

Day some_day(Random& random) { return plus(*day_from("2023-01-01"), random.upto(1'500)); }

Day last_of(const Policy& policy, const Facts& facts) { return assess({policy}, facts).customer.at(0).last(); }

TEST(WarrantyProperties, tolling_and_extensions_never_shorten) {
    Random random{7};
    for (int i = 0; i < kRounds; ++i) {
        Policy plain = policy_with(random, Tolling::none);
        const Facts facts = life_with(random, some_day(random));
        const Day bare = last_of(plain, facts);
        for (const Tolling tolling : {Tolling::full_days, Tolling::days_begun}) {
            plain.tolling = tolling;
            EXPECT_GE(last_of(plain, facts), bare);
        }
        Day before = last_of(plain, facts);
        for (int n = 0; n < 3; ++n) {
            plain.extensions.push_back(extension_with(random, n));
            const Day after = last_of(plain, facts);
            EXPECT_GE(after, before);
            before = after;
        }
    }
}

TEST(WarrantyProperties, the_order_of_extensions_repairs_and_milestones_means_nothing) {
    Random random{11};
    for (int i = 0; i < kRounds; ++i) {
        Policy policy = policy_with(random, random.upto(1) == 1 ? Tolling::days_begun : Tolling::none);
        for (int n = 0; n < 4; ++n) policy.extensions.push_back(extension_with(random, n));
        Facts facts = life_with(random, some_day(random));
        const Day before = last_of(policy, facts);
        std::ranges::shuffle(policy.extensions, random.engine());
        std::ranges::shuffle(facts.chain.front().repairs, random.engine());
        std::ranges::shuffle(facts.chain.front().milestones, random.engine());
        EXPECT_EQ(last_of(policy, facts), before);
    }
}

/// The rule as it is worded, day by day: from the day after delivery on each day that is not in repair uses up one of the term's days.
Day by_counting(Day start, int days, const std::vector<Repair>& repairs) {
    std::set<Day> stopped;
    for (const Repair& repair : repairs)
        for (Day day = day_of(repair.started.us, true, {}); day <= day_of(repair.ended->us, true, {}); day = plus(day, 1))
            stopped.insert(day);
    if (stopped.contains(start)) ++days;  // the first day is free of charge, but not while it is in repair
    Day day = start;
    while (days > 0) {
        day = plus(day, 1);
        if (!stopped.contains(day)) --days;
    }
    return day;
}

TEST(WarrantyProperties, days_in_repair_are_given_back_as_a_count_day_by_day_does) {
    Random random{13};
    for (int i = 0; i < kRounds; ++i) {
        Policy policy = test::chosen("t-begun").front();
        policy.period = {0, random.upto(500) + 1};
        const Day start = some_day(random);
        const Facts facts = life_with(random, start);
        EXPECT_EQ(last_of(policy, facts), by_counting(start, policy.period.days, facts.chain.front().repairs)) << i;
    }
}

/// The end of a period of months by its definition: the last day that does not lie past the day of that number, tried day by day.
TEST(WarrantyProperties, months_end_where_counting_days_of_the_calendar_ends) {
    for (Day start = *day_from("2023-01-01"); start < *day_from("2025-03-02"); start = plus(start, 1)) {
        const std::chrono::year_month_day from{start};
        for (int months = 0; months <= 30; ++months) {
            Day day = start;
            for (int left = months; left > 0;) {  // to the first day of the month that is meant
                day = plus(day, 1);
                if (std::chrono::year_month_day{day}.day() == std::chrono::day{1}) --left;
            }
            if (months > 0)
                while (std::chrono::year_month_day{day}.day() < from.day() &&
                       std::chrono::year_month_day{plus(day, 1)}.month() == std::chrono::year_month_day{day}.month())
                    day = plus(day, 1);
            EXPECT_EQ(last_day_of(start, {months, 0}, {}), day) << to_text(start) << " and " << months << " months";
        }
    }
}

TEST(WarrantyProperties, the_timeline_says_of_each_day_what_the_verdict_says) {
    Random random{17};
    for (int i = 0; i < 200; ++i) {
        std::vector<Policy> policies{policy_with(random, Tolling::days_begun), policy_with(random, Tolling::none)};
        policies.back().id = "other";
        policies.back().extensions.push_back(extension_with(random, 1));
        const Day start = some_day(random);
        Facts facts = life_with(random, start);
        const Answer whole = assess(policies, facts);
        for (const Segment& segment : whole.timeline)
            for (const auto& day : {segment.from, segment.last}) {
                if (!day) continue;
                facts.as_of_us = on(*day).us + kDayUs / 2;
                const Answer then = assess(policies, facts);
                EXPECT_EQ(then.verdict.state, segment.state) << to_text(*day);
            }
    }
}

TEST(WarrantyProperties, days_at_the_end_of_time_do_no_harm) {
    const auto& shipped = test::shipped();
    for (const std::int64_t us : {INT64_MIN, INT64_MAX, std::int64_t{0}}) {
        Facts facts = test::facts("market=AT", "2030-01-01");
        facts.chain.front().milestones.push_back({"delivered", {us, false}, "", "AT"});
        facts.chain.front().repairs.push_back({{us, false}, Moment{-us / 2, false}, ""});
        facts.as_of_us = us;
        EXPECT_FALSE(assess(shipped, facts).verdict.why.empty());
    }
    EXPECT_EQ(last_day_of(kLastDay, {kMonthsMax, kDaysMax}, {}), kLastDay);
}

}  // namespace
}  // namespace stemma::warranty
