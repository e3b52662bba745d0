// Date parts of numbers: ISO 8601 weeks at the borders of years, leap years, the days of 1970 and before.
#include "plugins/pattern/calendar.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stemma::pattern {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;

/// Days from 1970-01-01 by counting years and months one by one: slow, and nothing like the code under test.
std::int64_t days_to(int year, int month, int day) {
    std::int64_t days = 0;
    const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
    for (int y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
    for (int y = year; y < 1970; ++y) days -= leap(y) ? 366 : 365;
    const int lengths[] = {31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int m = 1; m < month; ++m) days += lengths[m - 1];
    return days + day - 1;
}

std::string week_of(int year, int month, int day) {
    const auto d = calendar_day(days_to(year, month, day) * kDayUs);
    return d ? std::to_string(d->iso_year) + "-W" + std::to_string(d->iso_week) : "none";
}

TEST(Calendar, knows_the_iso_week_at_the_borders_of_years) {
    // The examples people compare calendars by; the last is the day of the tests' own numbers.
    EXPECT_EQ(week_of(2005, 1, 1), "2004-W53");
    EXPECT_EQ(week_of(2005, 1, 2), "2004-W53");
    EXPECT_EQ(week_of(2005, 12, 31), "2005-W52");
    EXPECT_EQ(week_of(2007, 1, 1), "2007-W1");
    EXPECT_EQ(week_of(2008, 12, 28), "2008-W52");
    EXPECT_EQ(week_of(2008, 12, 29), "2009-W1");
    EXPECT_EQ(week_of(2009, 12, 31), "2009-W53");
    EXPECT_EQ(week_of(2010, 1, 3), "2009-W53");
    EXPECT_EQ(week_of(2010, 1, 4), "2010-W1");
    EXPECT_EQ(week_of(2027, 1, 1), "2026-W53");
    EXPECT_EQ(week_of(2026, 3, 2), "2026-W10");
}

TEST(Calendar, reads_a_day_from_its_first_to_its_last_microsecond) {
    const std::int64_t leap_day = days_to(2024, 2, 29) * kDayUs;
    for (const std::int64_t us : {leap_day, leap_day + kDayUs - 1}) {
        const auto day = calendar_day(us);
        ASSERT_TRUE(day);
        EXPECT_EQ(day->month, 2);
        EXPECT_EQ(day->day, 29);
        EXPECT_EQ(day->day_of_year, 60);
    }
    EXPECT_EQ(calendar_day(leap_day + kDayUs)->month, 3);
    EXPECT_EQ(calendar_day(leap_day + kDayUs)->day_of_year, 61);
    EXPECT_EQ(calendar_day(-1)->year, 1969);
    EXPECT_EQ(calendar_day(-1)->day_of_year, 365);
}

TEST(Calendar, ends_at_the_years_1_and_9999) {
    EXPECT_TRUE(calendar_day(days_to(1, 1, 1) * kDayUs));
    EXPECT_FALSE(calendar_day(days_to(1, 1, 1) * kDayUs - 1));
    EXPECT_TRUE(calendar_day(days_to(9999, 12, 31) * kDayUs + kDayUs - 1));
    EXPECT_FALSE(calendar_day(days_to(10000, 1, 1) * kDayUs));
    EXPECT_FALSE(calendar_day(INT64_MAX));
    EXPECT_FALSE(calendar_day(INT64_MIN));
}

TEST(Calendar, gives_a_year_the_weeks_that_28_december_says) {
    // ISO 8601: 28 December always lies in the last week of its year.
    for (int year = 1900; year <= 2200; ++year) {
        const auto last = calendar_day(days_to(year, 12, 28) * kDayUs);
        EXPECT_EQ(last->iso_year, year);
        EXPECT_EQ(weeks_in_iso_year(year), last->iso_week) << year;
    }
    EXPECT_EQ(weeks_in_iso_year(2026), 53);
    EXPECT_EQ(weeks_in_iso_year(2025), 52);
}

TEST(Calendar, tells_dates_that_exist_from_dates_that_do_not) {
    EXPECT_TRUE(exists({2024, {}, {}, 2, 29}));
    EXPECT_FALSE(exists({2026, {}, {}, 2, 29}));
    EXPECT_FALSE(exists({2100, {}, {}, 2, 29}));
    EXPECT_TRUE(exists({{}, {}, {}, 2, 29})) << "the year is not known";
    EXPECT_FALSE(exists({{}, {}, {}, 2, 30}));
    EXPECT_FALSE(exists({{}, {}, {}, 4, 31}));
    EXPECT_TRUE(exists({{}, {}, {}, {}, 31}));
    EXPECT_TRUE(exists({2026, 53, {}, {}, {}}));
    EXPECT_FALSE(exists({2025, 53, {}, {}, {}}));
    EXPECT_TRUE(exists({{}, 53, {}, {}, {}}));
    EXPECT_TRUE(exists({2024, {}, 366, {}, {}}));
    EXPECT_FALSE(exists({2026, {}, 366, {}, {}}));
    EXPECT_TRUE(exists({}));
}

}  // namespace
}  // namespace stemma::pattern
