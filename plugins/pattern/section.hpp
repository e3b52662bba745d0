// A section is one part of a numbering pattern: fixed text, a part of a date, a field, an attribute's code, a running number, a check.
// Here stands what each kind may look like and mean; how sections make a number together is pattern.hpp's.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugins/pattern/calendar.hpp"
#include "plugins/pattern/check_digit.hpp"
#include "plugins/pattern/scheme.hpp"

namespace stemma::pattern {

enum class DatePart : unsigned char {
    yyyy,          ///< "2026"
    yy,            ///< "26": 2000 to 2099
    y,             ///< "6": the year's last digit; the decade is not known
    ww,            ///< "09": ISO 8601 week; the pattern's year is then the week's year
    ddd,           ///< "060": day of the year
    mm,            ///< "03"
    month_letter,  ///< one of twelve letters, January first
    dd,            ///< "01"
};

inline constexpr std::string_view kMonthLetters = "ABCDEFGHJKLM";  ///< without I, which reads like 1

struct FixedText {
    std::string text;
};

struct DateSection {
    DatePart part{DatePart::yyyy};
    std::string letters{kMonthLetters};  ///< of month_letter: twelve different characters
};

/// Given by the caller: one of `values`, or where there are none, length_min to length_max characters of `alphabet`.
struct FieldSection {
    std::vector<std::string> values;
    std::string alphabet;
    std::size_t length_min{1};
    std::size_t length_max{1};
};

struct AttributeCode {
    std::string value;  ///< "red"
    std::string code;   ///< "R"
};

struct AttributeSection {
    std::vector<AttributeCode> codes;
};

/// A counter in the positional system of its alphabet, padded with the alphabet's first character.
struct SequenceSection {
    std::size_t width{1};
    std::string alphabet{"0123456789"};
};

struct CheckSection {
    CheckMethod method{CheckMethod::luhn};
    std::vector<std::string> over;  ///< names of sections, in the order they are read; empty: all sections that are no check
};

struct Section {
    std::string name;
    std::variant<FixedText, DateSection, FieldSection, AttributeSection, SequenceSection, CheckSection> form;
};

using ByteSet = std::bitset<256>;

[[nodiscard]] ByteSet bytes_of(std::string_view text) noexcept;

/// What a section can look like; enough to decide whether two neighbours can be told apart.
struct Shape {
    std::size_t length_min{0};
    std::size_t length_max{0};
    ByteSet first;  ///< bytes it can begin with
    ByteSet all;    ///< bytes it can hold
    ByteSet more;   ///< bytes by which a form can go on where a shorter form of the same section would end
};
[[nodiscard]] Shape shape_of(const Section& section);

/// Why the section by itself makes no sense, or nothing: "width is 0", "value 'BER' stands twice".
[[nodiscard]] Outcome<void> check_section(const Section& section);

/// Length of the longest form of the section that `text` begins with; nothing when it begins with none. `shape` is the section's own.
[[nodiscard]] std::optional<std::size_t> longest_match(const Section& section, const Shape& shape, std::string_view text);

/// Whether `text` as a whole is a form of the section. A check's arithmetic is not looked at.
[[nodiscard]] bool matches(const Section& section, std::string_view text);

/// What a form means: the attribute's value, the counter, the year "2026" of "26", the month "03" of a letter; else the text itself.
[[nodiscard]] std::string meaning(const Section& section, std::string_view text);

/// Adds what a date section's text says to `parts`; other sections add nothing.
void add_date(const Section& section, std::string_view text, DateParts& parts);

/// "one of BER, MUC", "2 digits, 01 to 12", "5 characters of 0123...": how to write the section, for people.
[[nodiscard]] std::string in_words(const Section& section);

/// Highest counter a sequence can show. Errors: more than 2^64 - 1.
[[nodiscard]] Outcome<std::uint64_t> capacity(const SequenceSection& sequence);

/// Errors: the counter does not fit; it never wraps around.
[[nodiscard]] Outcome<std::string> write_counter(const SequenceSection& sequence, std::uint64_t counter);

/// Errors: the year cannot be written by this part (yy holds 2000 to 2099).
[[nodiscard]] Outcome<std::string> write_date(const DateSection& date, const CalendarDay& day, bool by_iso_week);

[[nodiscard]] std::string_view to_string(DatePart part) noexcept;
[[nodiscard]] std::optional<DatePart> date_part_from(std::string_view name) noexcept;

}  // namespace stemma::pattern
