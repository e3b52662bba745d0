#include "plugins/warranty/calendar.hpp"

#include <algorithm>
#include <charconv>

namespace stemma::warranty {
namespace {

using std::chrono::months;
using std::chrono::year_month_day;

constexpr std::int64_t kMicrosPerMinute = 60'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

void put(std::string& out, unsigned value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

std::optional<int> number_in(std::string_view text) noexcept {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
    return value;
}

std::string counted(std::int64_t count, const char* one) { return std::to_string(count) + " " + one + (count == 1 ? "" : "s"); }

}  // namespace

Day plus(Day day, std::int64_t count) noexcept {
    const std::int64_t number = std::clamp<std::int64_t>(count, -4'000'000, 4'000'000) + day.time_since_epoch().count();
    const auto at = std::clamp<std::int64_t>(number, kFirstDay.time_since_epoch().count(), kLastDay.time_since_epoch().count());
    return Day{days{static_cast<int>(at)}};
}

Day last_day_of(Day start, Period period, const Calendar& calendar) noexcept {
    const year_month_day from{start};
    const year_month_day same = from + months{period.months};
    if (same.year() > std::chrono::year{9999}) return kLastDay;
    const bool missing = !same.ok();
    Day end = missing ? Day{same.year() / same.month() / std::chrono::last} : Day{same};
    if (missing && calendar.month_end == MonthEnd::next_month) end = plus(end, 1);
    // Counted from its first day on, a period ends the day before that number; where the number is missing, still with the month.
    if (calendar.first_day_counts && !(missing && calendar.month_end == MonthEnd::last_day)) end = plus(end, -1);
    return plus(end, period.days);
}

Day day_of(std::int64_t us, bool date_only, const Calendar& calendar) noexcept {
    constexpr std::int64_t kEdge = 300'000'000'000'000'000;  // past the years 1 to 9999, far from overflow
    const std::int64_t shift = date_only ? 0 : calendar.utc_offset_minutes * kMicrosPerMinute;
    const std::int64_t local = std::clamp(us, -kEdge, kEdge) + shift;
    const std::int64_t day = local / kMicrosPerDay - (local % kMicrosPerDay < 0 ? 1 : 0);
    return plus(Day{}, day);
}

std::string to_text(Day day) {
    const year_month_day date{day};
    std::string out;
    put(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    put(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    put(out, static_cast<unsigned>(date.day()), 2);
    return out;
}

std::optional<Day> day_from(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number_in(text.substr(0, 4));
    const auto month = number_in(text.substr(5, 2));
    const auto day = number_in(text.substr(8, 2));
    if (!year || !month || !day || *year < 1) return std::nullopt;
    const year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                              std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional<Day>{Day{date}} : std::nullopt;
}

std::string days_in_words(std::int64_t count) { return counted(count, "day"); }

std::string in_words(Period period) {
    if (period.empty()) return "no time";
    if (period.days == 0) return counted(period.months, "month");
    if (period.months == 0) return counted(period.days, "day");
    return counted(period.months, "month") + " and " + counted(period.days, "day");
}

}  // namespace stemma::warranty
