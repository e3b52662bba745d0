// Close to expiring = at most 20 % of the shelf life or at most 14 days remain, whichever first. Dates are worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "plugins/expiry/shelf_life.hpp"
#include "plugins/expiry/stock_list.hpp"

namespace stemma::expiry {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kExpiry = 20'000 * kDay;  // 2024-10-04

const Reason* find(const Answer& answer, std::string_view code) {
    const auto it = std::find_if(answer.reasons.begin(), answer.reasons.end(), [&](const Reason& r) { return r.code == code; });
    return it == answer.reasons.end() ? nullptr : &*it;
}

/// Made `life` days before the expiry, asked `before` days before it.
Answer ask(std::int64_t life, std::int64_t before, Policy policy = {}) {
    return assess({kExpiry - life * kDay, kExpiry, {}}, policy, kExpiry - before * kDay);
}

TEST(Expiry, is_close_by_share_first_for_a_long_life) {
    // 100 days of life: 20 % = 20 days, more than 14.
    EXPECT_EQ(ask(100, 21).status, Status::fresh);
    EXPECT_EQ(ask(100, 20).status, Status::close_to_expiring);
    EXPECT_EQ(ask(100, 21).close_from_us, kExpiry - 20 * kDay);
    EXPECT_EQ(ask(100, 21).remaining_days, 21);
}

TEST(Expiry, is_close_by_days_first_for_a_short_life) {
    // 50 days of life: 20 % = 10 days, less than 14.
    EXPECT_EQ(ask(50, 15).status, Status::fresh);
    EXPECT_EQ(ask(50, 14).status, Status::close_to_expiring);
    EXPECT_EQ(ask(50, 15).close_from_us, kExpiry - 14 * kDay);
}

TEST(Expiry, counts_a_share_with_a_fraction_by_whole_days) {
    // 91 days: 18.2 days; 19 remaining is more than that, 18 is not.
    EXPECT_EQ(ask(91, 19).status, Status::fresh);
    EXPECT_EQ(ask(91, 18).status, Status::close_to_expiring);
    ASSERT_NE(find(ask(91, 19), "expiry.share"), nullptr);
    EXPECT_EQ(
        find(ask(91, 19), "expiry.share")->text,
        "made on 2024-07-05, it has a shelf life of 91 days; 20 % of that is 18.2 days, so at most that much is left from 2024-09-16 on");
}

TEST(Expiry, gives_both_rules_the_same_day_where_they_meet) {
    // 70 days: 20 % = 14 days.
    EXPECT_EQ(ask(70, 15).status, Status::fresh);
    EXPECT_EQ(ask(70, 14).status, Status::close_to_expiring);
}

TEST(Expiry, is_not_expired_on_the_day_itself) {
    const Dates dates{kExpiry - 100 * kDay, kExpiry, {}};
    EXPECT_EQ(assess(dates, {}, kExpiry).status, Status::close_to_expiring);
    EXPECT_EQ(assess(dates, {}, kExpiry).remaining_days, 0);
    EXPECT_EQ(assess(dates, {}, kExpiry + kDay - 1).status, Status::close_to_expiring) << "the last microsecond of the day";
    EXPECT_EQ(assess(dates, {}, kExpiry + kDay).status, Status::expired);
    EXPECT_EQ(assess(dates, {}, kExpiry + kDay).remaining_days, -1);
    EXPECT_EQ(find(assess(dates, {}, kExpiry + kDay), "expiry.status")->text, "on 2024-10-05 it has been expired for 1 day");
}

TEST(Expiry, takes_the_day_of_a_time_and_not_the_hour) {
    const Dates dates{kExpiry - 100 * kDay + kDay / 2, kExpiry + 23 * kDay / 24, {}};
    EXPECT_EQ(assess(dates, {}, kExpiry - 20 * kDay).status, Status::close_to_expiring);
    EXPECT_EQ(assess(dates, {}, kExpiry - 20 * kDay - 1).status, Status::fresh);
    EXPECT_EQ(assess(dates, {}, kExpiry - 20 * kDay).end_us, kExpiry);
}

TEST(Expiry, counts_days_alone_without_a_made_date_and_says_so) {
    const Dates dates{{}, kExpiry, {}};
    EXPECT_EQ(assess(dates, {}, kExpiry - 15 * kDay).status, Status::fresh);
    EXPECT_EQ(assess(dates, {}, kExpiry - 14 * kDay).status, Status::close_to_expiring);
    ASSERT_NE(find(assess(dates, {}, kExpiry), "expiry.no_made_date"), nullptr);
    EXPECT_EQ(find(assess(dates, {}, kExpiry), "expiry.share"), nullptr);
}

TEST(Expiry, counts_days_alone_when_the_dates_contradict) {
    const Answer answer = assess({kExpiry + kDay, kExpiry, {}}, {}, kExpiry - 15 * kDay);
    EXPECT_EQ(answer.status, Status::fresh);
    EXPECT_NE(find(answer, "expiry.dates_contradict"), nullptr);
    EXPECT_EQ(find(assess({kExpiry, kExpiry, {}}, {}, kExpiry), "expiry.dates_contradict"), nullptr)
        << "made on its last day is odd but possible";
}

TEST(Expiry, goes_by_best_before_only_without_an_expiry_date) {
    const Answer best = assess({{}, {}, kExpiry}, {}, kExpiry - 20 * kDay);
    EXPECT_EQ(best.basis, "best_before");
    EXPECT_EQ(best.end_us, kExpiry);
    const Answer both = assess({{}, kExpiry, kExpiry - 30 * kDay}, {}, kExpiry - 20 * kDay);
    EXPECT_EQ(both.basis, "expiry");
    EXPECT_EQ(both.status, Status::fresh);
}

TEST(Expiry, is_unknown_without_a_date) {
    const Answer answer = assess({kExpiry, {}, {}}, {}, kExpiry);
    EXPECT_EQ(answer.status, Status::unknown);
    EXPECT_FALSE(answer.end_us || answer.close_from_us || answer.remaining_days);
    EXPECT_EQ(answer.reasons.size(), 1U);
}

TEST(Expiry, follows_its_options_at_their_ends) {
    EXPECT_EQ(ask(100, 1, {0, 0}).status, Status::fresh);
    EXPECT_EQ(ask(100, 0, {0, 0}).status, Status::close_to_expiring);
    EXPECT_EQ(ask(100, 100, {100, 0}).status, Status::close_to_expiring) << "all of its life";
    EXPECT_EQ(ask(100, 101, {100, 0}).status, Status::fresh);
    EXPECT_EQ(ask(10, 3650, {0, 3650}).status, Status::close_to_expiring);
}

TEST(Expiry, agrees_with_a_day_by_day_count) {
    // The rule as it is worded, tried for each day in turn: no formula for close_from.
    for (std::int64_t life = 0; life <= 120; ++life) {
        std::int64_t first_close = INT64_MAX;
        for (std::int64_t before = life + 20; before >= 0; --before) {
            const bool close = before * 100 <= 20 * life || before <= 14;
            EXPECT_EQ(ask(life, before).status, close ? Status::close_to_expiring : Status::fresh)
                << life << " days of life, " << before << " left";
            if (close && first_close == INT64_MAX) first_close = before;
        }
        EXPECT_EQ(ask(life, 0).close_from_us, kExpiry - first_close * kDay) << life;
    }
}

TEST(Expiry, survives_dates_at_the_end_of_time) {
    EXPECT_EQ(assess({INT64_MIN, INT64_MAX, {}}, {}, INT64_MIN).status, Status::fresh);
    EXPECT_EQ(assess({INT64_MAX, INT64_MIN, {}}, {}, INT64_MAX).status, Status::expired);
}

StockLine line(const std::string& sku, const std::string& number, std::int64_t day, Status status = Status::fresh) {
    return {"urn:p:" + sku, sku, sku, "urn:i:" + number, number, "in_stock", day * 86'400'000'000, "expiry", day, status};
}

TEST(FirstExpiredFirstOut, ranks_within_a_product_by_the_last_day) {
    const auto ranked = first_out({line("TEA", "T2", 20), line("SOUP", "S1", 30), line("TEA", "T1", 10), line("TEA", "T3", 30)});
    std::vector<std::pair<std::string, std::int64_t>> seen;
    for (const Ranked& one : ranked) seen.emplace_back(one.line.number, one.rank);
    EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::int64_t>>{{"S1", 1}, {"T1", 1}, {"T2", 2}, {"T3", 3}}));
}

TEST(FirstExpiredFirstOut, gives_one_rank_to_what_expires_on_one_day) {
    const auto ranked = first_out({line("TEA", "T3", 11), line("TEA", "T2", 10), line("TEA", "T1", 10)});
    EXPECT_EQ(ranked[0].line.number, "T1");
    EXPECT_EQ(ranked[1].rank, 1);
    EXPECT_EQ(ranked[2].rank, 2);
}

TEST(FirstExpiredFirstOut, counts_each_product_s_items_by_how_they_stand) {
    const auto counts = by_product({line("TEA", "T1", 30), line("TEA", "T2", -1, Status::expired),
                                    line("SOUP", "S1", 3, Status::close_to_expiring), line("TEA", "T3", 31)});
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].sku, "SOUP");
    EXPECT_EQ(counts[0].close, 1);
    EXPECT_EQ(counts[1].expired, 1);
    EXPECT_EQ(counts[1].fresh, 2);
    EXPECT_EQ(counts[1].close, 0);
    EXPECT_EQ(counts[1].first_end_us, -86'400'000'000);
}

TEST(FirstExpiredFirstOut, is_about_what_lies_with_us) {
    for (const char* here : {"received", "in_stock", "returned", "in_transit"}) EXPECT_TRUE(is_on_hand(here)) << here;
    for (const char* gone : {"shipped", "consumed", "written_off", "returned_to_supplier", "unknown", ""})
        EXPECT_FALSE(is_on_hand(gone)) << gone;
}

}  // namespace
}  // namespace stemma::expiry
