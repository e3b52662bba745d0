// Quantities: exact decimal numbers with six places and a unit of measure. Sums are exact; no floating point.
// Units are codes of UN/CEFACT Recommendation 20 (KGM, GRM, MTR, LTR ...); C62 ("one") counts pieces.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma {

inline constexpr std::int64_t kQuantityScale = 1'000'000;  ///< micros per unit: six decimal places

/// value = micros / 1e6 of `unit`. Range about ±9.2e12 units. Quantities of different units are never added.
struct Quantity {
    std::int64_t micros{0};
    std::string unit{"C62"};

    friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// Reads a decimal number ("12", "-0.005", "1e-3", "4.0000001": digits after the sixth place are rounded half away from zero).
/// Errors: Errc::invalid_input for text that is no number or exceeds the range.
[[nodiscard]] Result<std::int64_t> parse_micros(std::string_view text);

/// Shortest decimal text: "12", "0.005", "-1.5".
[[nodiscard]] std::string format_micros(std::int64_t micros);

/// Whether a unit code has the form of Recommendation 20: 1 to 3 upper-case letters or digits.
[[nodiscard]] bool is_unit_code(std::string_view unit) noexcept;

}  // namespace stemma
