// The parts of a date that numbers carry, by the proleptic Gregorian calendar and ISO 8601 weeks, in UTC. No clock, no time zones.
#pragma once

#include <cstdint>
#include <optional>

namespace stemma::pattern {

struct CalendarDay {
    int year{1970};
    int month{1};        ///< 1 to 12
    int day{1};          ///< 1 to 31
    int day_of_year{1};  ///< 1 to 366
    int iso_year{1970};  ///< the year the ISO week belongs to: 2027-01-01 lies in week 53 of 2026
    int iso_week{1};     ///< 1 to 53
};

/// The UTC day of an instant, or nothing outside the years 1 to 9999.
[[nodiscard]] std::optional<CalendarDay> calendar_day(std::int64_t us);

[[nodiscard]] bool is_leap_year(int year) noexcept;
[[nodiscard]] int weeks_in_iso_year(int year) noexcept;  ///< 52 or 53

/// What of a date a number says. A part it does not say is absent.
struct DateParts {
    std::optional<int> year;
    std::optional<int> iso_week;
    std::optional<int> day_of_year;
    std::optional<int> month;
    std::optional<int> day;
};

/// Whether some day of the calendar has all these parts; without a year, whether one has in any year.
[[nodiscard]] bool exists(const DateParts& parts) noexcept;

}  // namespace stemma::pattern
