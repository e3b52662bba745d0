#include "plugins/pattern/calendar.hpp"

#include <array>
#include <chrono>

namespace stemma::pattern {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

sys_days first_of_year(int year) { return sys_days{std::chrono::year{year} / 1 / 1}; }

/// The Thursday of the day's ISO week; its calendar year is the week's year (ISO 8601 section 3.1.1.23).
sys_days thursday_of(sys_days day) {
    const auto weekday = static_cast<int>(std::chrono::weekday{day}.iso_encoding());
    return day + days{4 - weekday};
}

constexpr std::array<int, 12> kDaysInMonth{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

int days_in_month(int month, bool leap) noexcept { return month == 2 && leap ? 29 : kDaysInMonth[static_cast<std::size_t>(month - 1)]; }

}  // namespace

std::optional<CalendarDay> calendar_day(std::int64_t us) {
    const auto day = std::chrono::floor<days>(std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{us}});
    if (day < first_of_year(1) || day >= first_of_year(10000)) return std::nullopt;
    const std::chrono::year_month_day date{day};
    const sys_days thursday = thursday_of(day);
    CalendarDay out;
    out.year = static_cast<int>(date.year());
    out.month = static_cast<int>(static_cast<unsigned>(date.month()));
    out.day = static_cast<int>(static_cast<unsigned>(date.day()));
    out.day_of_year = static_cast<int>((day - first_of_year(out.year)).count()) + 1;
    out.iso_year = static_cast<int>(std::chrono::year_month_day{thursday}.year());
    out.iso_week = static_cast<int>((thursday - first_of_year(out.iso_year)).count() / 7) + 1;
    return out;
}

bool is_leap_year(int year) noexcept { return std::chrono::year{year}.is_leap(); }

int weeks_in_iso_year(int year) noexcept {
    // A year has 53 weeks when it begins on a Thursday, or on a Wednesday and is a leap year.
    const auto first = static_cast<int>(std::chrono::weekday{first_of_year(year)}.iso_encoding());
    return first == 4 || (first == 3 && is_leap_year(year)) ? 53 : 52;
}

bool exists(const DateParts& parts) noexcept {
    const bool leap = !parts.year || is_leap_year(*parts.year);
    if (parts.month && (*parts.month < 1 || *parts.month > 12)) return false;
    if (parts.day && (*parts.day < 1 || *parts.day > (parts.month ? days_in_month(*parts.month, leap) : 31))) return false;
    if (parts.day_of_year && (*parts.day_of_year < 1 || *parts.day_of_year > (leap ? 366 : 365))) return false;
    if (parts.iso_week && (*parts.iso_week < 1 || *parts.iso_week > (parts.year ? weeks_in_iso_year(*parts.year) : 53))) return false;
    return true;
}

}  // namespace stemma::pattern
