#include "plugins/compliance/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace stemma::compliance {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
constexpr std::int64_t kMillion = 1'000'000;

std::string padded(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::optional<std::int64_t> digits(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <class T>
int sign_of(const T& left, const T& right) noexcept {
    return left < right ? -1 : left == right ? 0 : 1;
}

}  // namespace

ValueView view_of(const Value& value) noexcept {
    if (const auto* text = std::get_if<std::string>(&value)) return {ValueType::text, 0, *text};
    if (const auto* day = std::get_if<Day>(&value)) return {ValueType::day, day->count, {}};
    if (const auto* number = std::get_if<Number>(&value)) return {ValueType::number, number->micros, {}};
    const auto* amount = std::get_if<Amount>(&value);
    return {ValueType::amount, amount->micros, amount->unit};
}

std::optional<int> compare(const ValueView& left, const ValueView& right) noexcept {
    if (left.type != right.type) return std::nullopt;
    if (left.type == ValueType::text) return sign_of(left.text, right.text);
    if (left.type == ValueType::amount && !left.text.empty() && !right.text.empty() && left.text != right.text) return std::nullopt;
    return sign_of(left.count, right.count);
}

std::optional<ValueView> read_as(ValueType type, std::string_view text) noexcept {
    if (type == ValueType::text) return ValueView{type, 0, text};
    if (type == ValueType::number) {
        const auto number = number_from(text);
        return number ? std::optional{ValueView{type, number->micros, {}}} : std::nullopt;
    }
    const bool instant = text.size() > 11 && text[10] == 'T' && text.back() == 'Z';
    const auto day = type == ValueType::day ? day_from(instant ? text.substr(0, 10) : text) : std::nullopt;
    return day ? std::optional{ValueView{type, day->count, {}}} : std::nullopt;
}

std::optional<Number> number_from(std::string_view text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const auto whole = digits(text.substr(0, point));
    if (!whole || *whole > INT64_MAX / kMillion - 1) return std::nullopt;
    std::int64_t micros = *whole * kMillion;
    if (point != std::string_view::npos) {
        const std::string_view decimals = text.substr(point + 1);
        const auto part = decimals.size() <= 6 ? digits(decimals) : std::nullopt;
        if (!part) return std::nullopt;
        std::int64_t scaled = *part;
        for (std::size_t i = decimals.size(); i < 6; ++i) scaled *= 10;
        micros += scaled;
    }
    return Number{negative ? -micros : micros};
}

std::optional<Amount> amount_from(std::string_view text) {
    const std::size_t space = text.find(' ');
    const auto number = number_from(text.substr(0, space));
    const std::string_view unit = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    if (!number || (space != std::string_view::npos && unit.empty())) return std::nullopt;
    return Amount{number->micros, std::string(unit)};
}

std::string to_text(Number number) {
    const std::uint64_t size =
        number.micros < 0 ? 0 - static_cast<std::uint64_t>(number.micros) : static_cast<std::uint64_t>(number.micros);
    std::string out = (number.micros < 0 ? "-" : "") + std::to_string(size / kMillion);
    std::string decimals = std::to_string(size % kMillion);
    decimals.insert(0, 6 - decimals.size(), '0');
    while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
    return decimals.empty() ? out : out + "." + decimals;
}

std::string to_text(Day day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.count}}};
    std::string year = std::to_string(static_cast<int>(date.year()));
    if (year.size() < 4) year.insert(0, 4 - year.size(), '0');
    return year + "-" + padded(static_cast<unsigned>(date.month())) + "-" + padded(static_cast<unsigned>(date.day()));
}

std::optional<Day> day_from(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    std::array<unsigned, 3> parts{};
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 7) {
            ++part;
        } else if (text[i] >= '0' && text[i] <= '9') {
            parts[part] = parts[part] * 10 + static_cast<unsigned>(text[i] - '0');
        } else {
            return std::nullopt;
        }
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(parts[0])}, std::chrono::month{parts[1]},
                                           std::chrono::day{parts[2]}};
    if (parts[0] < 1 || !date.ok()) return std::nullopt;
    return Day{std::chrono::sys_days{date}.time_since_epoch().count()};
}

Day day_of(std::int64_t us) noexcept {
    const std::int64_t day = us / kMicrosPerDay;
    return {us % kMicrosPerDay < 0 ? day - 1 : day};
}

Day plus_months(Day day, std::int64_t months, MonthEnd policy) noexcept {
    namespace chrono = std::chrono;
    const chrono::year_month_day date{chrono::sys_days{chrono::days{day.count}}};
    const chrono::year_month month = chrono::year_month{date.year(), date.month()} + chrono::months{static_cast<int>(months)};
    chrono::sys_days end{month / date.day()};
    if (!(month / date.day()).ok()) {
        end = chrono::sys_days{month / chrono::last};
        if (policy == MonthEnd::next) end += chrono::days{1};
    }
    return {end.time_since_epoch().count()};
}

bool Calendar::open_on(Day day) const noexcept {
    const auto weekday = static_cast<unsigned>(((day.count + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    return (weekend >> weekday & 1U) == 0 && !std::ranges::binary_search(holidays, day);
}

std::optional<Day> plus_business_days(Day day, std::int64_t n, const Calendar& calendar) noexcept {
    const std::int64_t step = n < 0 ? -1 : 1;
    if (day < calendar.first || day > calendar.last) return std::nullopt;
    for (std::int64_t left = n * step; left > 0;) {
        day.count += step;
        if (day < calendar.first || day > calendar.last) return std::nullopt;
        if (calendar.open_on(day)) --left;
    }
    return day;
}

}  // namespace stemma::compliance
