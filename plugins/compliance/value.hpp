// Values that rules compare: texts, UTC days, numbers, amounts with a unit; and the arithmetic of days. Pure; no clock, no time zones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stemma::compliance {

/// A UTC day, counted from 1970-01-01. Times are compared by their day.
struct Day {
    std::int64_t count{0};
    friend auto operator<=>(const Day&, const Day&) = default;
};

/// A decimal number in millionths.
struct Number {
    std::int64_t micros{0};
    friend auto operator<=>(const Number&, const Number&) = default;
};

/// An amount in millionths of a unit (UN/CEFACT Recommendation 20). Amounts of different units do not compare.
struct Amount {
    std::int64_t micros{0};
    std::string unit;  ///< empty in a rule: of any unit
    friend bool operator==(const Amount&, const Amount&) = default;
};

using Value = std::variant<std::string, Day, Number, Amount>;

enum class ValueType : unsigned char { text, day, number, amount };

/// A borrowed value: what the facts hold is compared where it stands.
struct ValueView {
    ValueType type{ValueType::text};
    std::int64_t count{0};  ///< of a day the day, of numbers and amounts millionths
    std::string_view text;  ///< of a text the text, of an amount its unit
};
[[nodiscard]] ValueView view_of(const Value& value) noexcept;

/// Less than 0, 0 or more than 0 as the left one is less, equal or more; nothing when the two do not compare.
[[nodiscard]] std::optional<int> compare(const ValueView& left, const ValueView& right) noexcept;

/// The text read as a value of another type; nothing when it is none. A day may be followed by "T" and a time of day in UTC ("Z").
[[nodiscard]] std::optional<ValueView> read_as(ValueType type, std::string_view text) noexcept;

/// "12", "-0.5": at most six decimals; nothing when it is no such number or does not fit.
[[nodiscard]] std::optional<Number> number_from(std::string_view text) noexcept;
/// "5 KGM" or "5".
[[nodiscard]] std::optional<Amount> amount_from(std::string_view text);
[[nodiscard]] std::string to_text(Number number);

/// "2026-03-01" and back; nothing when it is no date of the years 1 to 9999.
[[nodiscard]] std::string to_text(Day day);
[[nodiscard]] std::optional<Day> day_from(std::string_view text) noexcept;
[[nodiscard]] Day day_of(std::int64_t us) noexcept;  ///< microseconds UTC

/// What 31 January and one month come to: the last day of February, or the first of March.
enum class MonthEnd : unsigned char { clamp, next };
[[nodiscard]] Day plus_months(Day day, std::int64_t months, MonthEnd policy) noexcept;

/// Business days as data. Beyond its first and last day nothing is known, so nothing is computed.
struct Calendar {
    std::string name;
    Day first;
    Day last;
    unsigned weekend{0};        ///< bit 0 is Monday, bit 6 Sunday
    std::vector<Day> holidays;  ///< ascending

    [[nodiscard]] bool open_on(Day day) const noexcept;
};

/// The n-th open day after (n > 0) or before (n < 0) the day, which itself need not be open; nothing when the calendar ends before it.
[[nodiscard]] std::optional<Day> plus_business_days(Day day, std::int64_t n, const Calendar& calendar) noexcept;

}  // namespace stemma::compliance
