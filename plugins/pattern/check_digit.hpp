// Check characters of the published systems, as pure functions over text. Each covers one alphabet and appends one or two characters.
// A text with a character outside the alphabet has no check character: the caller learns it by an empty answer, never by a guess.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stemma::pattern {

enum class CheckMethod : unsigned char {
    luhn,      ///< ISO/IEC 7812-1 annex B: digits; every second digit from the right is doubled
    mod10,     ///< GS1 General Specifications 7.9: digits; weights 3, 1, 3, 1 ... from the right
    mod11,     ///< ISBN-10 (ISO 2108:1992): digits; weights 2 to 10 from the right, then 2 again; the check is a digit or X for 10
    mod37_36,  ///< ISO/IEC 7064 MOD 37,36: digits and A-Z, the check too
    mod43,     ///< Code 39 (ISO/IEC 16388 annex A): digits, A-Z and - . space $ / + %, the check too: it may be a space
    mod97,     ///< ISO/IEC 7064 MOD 97-10: digits and A-Z (A = 10 ... Z = 35, as in IBAN); two digits
};

/// Number of check characters: 2 for mod97, else 1.
[[nodiscard]] std::size_t check_length(CheckMethod method) noexcept;

/// The characters that may be covered, in the order of their values.
[[nodiscard]] std::string_view covered_alphabet(CheckMethod method) noexcept;

/// The characters that the check itself may consist of.
[[nodiscard]] std::string_view check_alphabet(CheckMethod method) noexcept;

/// "luhn", "mod10", "mod11", "mod37_36", "mod43", "mod97".
[[nodiscard]] std::string_view to_string(CheckMethod method) noexcept;
[[nodiscard]] std::optional<CheckMethod> check_method_from(std::string_view name) noexcept;

/// The check of `covered`, or nothing when it is empty or has a character outside covered_alphabet(method).
[[nodiscard]] std::optional<std::string> check_of(CheckMethod method, std::string_view covered);

}  // namespace stemma::pattern
