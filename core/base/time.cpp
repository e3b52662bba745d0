#include "core/base/time.hpp"

#include <fmt/format.h>

#include <chrono>

namespace stemma {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Consumes exactly `digits` decimal digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
    if (text.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const char c = text[i];
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return true;
}

bool take_char(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

/// Fractional seconds, 1 to 9 digits, cut (not rounded) to microseconds.
bool take_fraction(std::string_view& text, std::int64_t& us) {
    us = 0;
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') {
        if (n < 6) us = us * 10 + (text[n] - '0');
        ++n;
    }
    if (n == 0 || n > 9) return false;
    for (std::size_t i = n; i < 6; ++i) us *= 10;
    text.remove_prefix(n);
    return true;
}

/// "Z", "+02:00", "+0200" or "+02" (PostgreSQL writes the last); minutes east of UTC.
bool take_offset(std::string_view& text, int& minutes) {
    if (take_char(text, 'Z') || take_char(text, 'z')) {
        minutes = 0;
        return true;
    }
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = 0;
    int mins = 0;
    if (!take_number(text, 2, hours)) return false;
    if (!text.empty()) {
        take_char(text, ':');
        if (!take_number(text, 2, mins)) return false;
    }
    if (hours > 14 || mins > 59) return false;
    minutes = sign * (hours * 60 + mins);
    return true;
}

bool take_date(std::string_view& text, std::int64_t& us) {
    int y = 0;
    int m = 0;
    int d = 0;
    if (!take_number(text, 4, y) || !take_char(text, '-') || !take_number(text, 2, m) || !take_char(text, '-') || !take_number(text, 2, d))
        return false;
    const year_month_day date{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(m)},
                              std::chrono::day{static_cast<unsigned>(d)}};
    if (y < 1 || !date.ok()) return false;
    us = sys_days{date}.time_since_epoch().count() * kMicrosPerDay;
    return true;
}

bool take_clock(std::string_view& text, std::int64_t& us) {
    int h = 0;
    int m = 0;
    int s = 0;
    if (!take_number(text, 2, h) || !take_char(text, ':') || !take_number(text, 2, m)) return false;
    if (take_char(text, ':') && !take_number(text, 2, s)) return false;
    if (h > 23 || m > 59 || s > 59) return false;
    std::int64_t fraction = 0;
    if (take_char(text, '.') && !take_fraction(text, fraction)) return false;
    us = ((h * 60 + m) * 60 + s) * kMicrosPerSecond + fraction;
    return true;
}

std::unexpected<Error> bad_time(std::string_view text) {
    return fail(Errc::invalid_input, fmt::format("'{}' is not a date or time", text.substr(0, 64)), {},
                "write it as 2026-03-01 or 2026-03-01T10:00:00Z");
}

}  // namespace

Result<WrittenTime> parse_time(std::string_view text) {
    std::string_view rest = text;
    WrittenTime written;
    if (!take_date(rest, written.instant.us)) return bad_time(text);
    if (rest.empty()) {
        written.date_only = true;
        return written;
    }
    std::int64_t clock = 0;
    if (!(take_char(rest, 'T') || take_char(rest, 't') || take_char(rest, ' ')) || !take_clock(rest, clock)) return bad_time(text);
    int offset = 0;
    if (!rest.empty() && (!take_offset(rest, offset) || !rest.empty())) return bad_time(text);
    written.instant.us += clock - std::int64_t{offset} * 60 * kMicrosPerSecond;
    const int magnitude = offset < 0 ? -offset : offset;
    written.offset = fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', magnitude / 60, magnitude % 60);
    return written;
}

std::string format_instant(Instant instant) {
    std::int64_t in_day = instant.us % kMicrosPerDay;
    if (in_day < 0) in_day += kMicrosPerDay;
    const std::int64_t seconds = in_day / kMicrosPerSecond;
    const std::int64_t fraction = in_day % kMicrosPerSecond;
    std::string out = fmt::format("{}T{:02}:{:02}:{:02}", format_date(instant), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (fraction % 1000 != 0)
        out += fmt::format(".{:06}", fraction);
    else if (fraction != 0)
        out += fmt::format(".{:03}", fraction / 1000);
    return out + 'Z';
}

std::string format_date(Instant instant) {
    std::int64_t day = instant.us / kMicrosPerDay;
    if (instant.us % kMicrosPerDay < 0) --day;
    const year_month_day date{sys_days{days{day}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

}  // namespace stemma
