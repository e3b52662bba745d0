// Days, and where a period of months ends. All of it by the proleptic Gregorian calendar in whole days; no clock, no time zone database.
// A day is read from an instant with a fixed offset from UTC, which each policy states; a date without a time of day stays that date.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stemma::warranty {

using Day = std::chrono::sys_days;
using std::chrono::days;

inline constexpr Day kFirstDay{std::chrono::year{1} / 1 / 1};
inline constexpr Day kLastDay{std::chrono::year{9999} / 12 / 31};

/// Months first, then days: "24 months and 20 days". Both 0 or more.
struct Period {
    int months{0};
    int days{0};

    [[nodiscard]] bool empty() const noexcept { return months == 0 && days == 0; }
    friend bool operator==(const Period&, const Period&) = default;
};
inline constexpr int kMonthsMax = 1'200;
inline constexpr int kDaysMax = 36'525;

/// Where a period of months ends when the last month has no day of the first one's number (31 January and one month).
enum class MonthEnd : unsigned char {
    last_day,   ///< on the month's last day: Regulation (EEC, Euratom) No 1182/71, article 3(2)(c)
    next_month  ///< on the first day of the month after
};

struct Calendar {
    bool first_day_counts{false};  ///< false: the day of the event is not part of the period (Regulation 1182/71, article 3(1))
    MonthEnd month_end{MonthEnd::last_day};
    int utc_offset_minutes{0};  ///< -14:00 to +14:00
};

/// The last day of the period, itself included. Stays at kLastDay where it would lie beyond.
[[nodiscard]] Day last_day_of(Day start, Period period, const Calendar& calendar) noexcept;

/// Stays between kFirstDay and kLastDay.
[[nodiscard]] Day plus(Day day, std::int64_t count) noexcept;

/// The calendar's day of an instant in microseconds UTC; of a date alone, that date.
[[nodiscard]] Day day_of(std::int64_t us, bool date_only, const Calendar& calendar) noexcept;

/// "2026-03-01" and back; nothing when it is no date of the years 1 to 9999.
[[nodiscard]] std::string to_text(Day day);
[[nodiscard]] std::optional<Day> day_from(std::string_view text) noexcept;

[[nodiscard]] std::string in_words(Period period);  ///< "24 months", "2 months and 1 day", "no time"
[[nodiscard]] std::string days_in_words(std::int64_t count);

}  // namespace stemma::warranty
