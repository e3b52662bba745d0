#include "core/base/quantity.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>

namespace stemma {
namespace {

struct Decimal {
    bool negative{false};
    std::string digits;     // significant digits, no point
    std::int64_t point{0};  // digits before the point
};

/// Splits "-12.50e-3" into sign, digits and the place of the point. False when it is no number.
bool split_decimal(std::string_view text, Decimal& out) {
    std::size_t i = 0;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) out.negative = text[i++] == '-';
    bool seen_point = false;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.' && !seen_point) {
            seen_point = true;
        } else if (text[i] >= '0' && text[i] <= '9') {
            out.digits += text[i];
            if (!seen_point) ++out.point;
        } else {
            return false;
        }
    }
    if (out.digits.empty() || out.digits.size() > 64) return false;
    if (i == text.size()) return true;
    std::string_view exponent = text.substr(i + 1);
    if (!exponent.empty() && exponent.front() == '+') exponent.remove_prefix(1);
    int value = 0;
    const auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
    if (error != std::errc{} || end != exponent.data() + exponent.size() || value < -400 || value > 400) return false;
    out.point += value;
    return true;
}

}  // namespace

Result<std::int64_t> parse_micros(std::string_view text) {
    Decimal number;
    if (!split_decimal(text, number)) return fail(Errc::invalid_input, fmt::format("'{}' is not a decimal number", text.substr(0, 64)));
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const std::int64_t wanted = number.point + 6;  // digits that make up the micros
    std::int64_t micros = 0;
    for (std::int64_t i = 0; i < wanted; ++i) {
        const int digit = i < static_cast<std::int64_t>(number.digits.size()) ? number.digits[static_cast<std::size_t>(i)] - '0' : 0;
        if (micros > (kMax - digit) / 10)
            return fail(Errc::invalid_input, fmt::format("'{}' is too large for a quantity", text.substr(0, 64)), {},
                        "the largest is about 9.2e12");
        micros = micros * 10 + digit;
    }
    const bool round_up =
        wanted >= 0 && wanted < static_cast<std::int64_t>(number.digits.size()) && number.digits[static_cast<std::size_t>(wanted)] >= '5';
    if (round_up && micros < kMax) ++micros;
    return number.negative ? -micros : micros;
}

std::string format_micros(std::int64_t micros) {
    const std::uint64_t magnitude = micros < 0 ? ~static_cast<std::uint64_t>(micros) + 1 : static_cast<std::uint64_t>(micros);
    std::string out = fmt::format("{}{}", micros < 0 ? "-" : "", magnitude / kQuantityScale);
    const std::uint64_t fraction = magnitude % kQuantityScale;
    if (fraction != 0) {
        std::string places = fmt::format(".{:06}", fraction);
        places.erase(places.find_last_not_of('0') + 1);
        out += places;
    }
    return out;
}

bool is_unit_code(std::string_view unit) noexcept {
    if (unit.empty() || unit.size() > 3) return false;
    for (const char c : unit)
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
    return true;
}

}  // namespace stemma
