#include "plugins/pattern/section.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace stemma::pattern {
namespace {

constexpr std::string_view kDigits = "0123456789";

struct DateForm {
    DatePart part;
    std::string_view name;
    std::size_t width;
    int low;
    int high;
};

constexpr std::array<DateForm, 8> kDateForms{{
    {DatePart::yyyy, "yyyy", 4, 1, 9999},
    {DatePart::yy, "yy", 2, 0, 99},
    {DatePart::y, "y", 1, 0, 9},
    {DatePart::ww, "ww", 2, 1, 53},
    {DatePart::ddd, "ddd", 3, 1, 366},
    {DatePart::mm, "mm", 2, 1, 12},
    {DatePart::month_letter, "month_letter", 1, 1, 12},
    {DatePart::dd, "dd", 2, 1, 31},
}};

const DateForm& form_of(DatePart part) noexcept {
    return *std::ranges::find_if(kDateForms, [&](const DateForm& f) { return f.part == part; });
}

std::string padded(int value, std::size_t width) {
    std::string digits = std::to_string(value);
    return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

/// The number that a date section's text stands for: 26 for "26", 3 for the third letter; nothing when it is no form of it.
std::optional<int> date_value(const DateSection& date, std::string_view text) {
    const DateForm& form = form_of(date.part);
    if (text.size() != form.width) return std::nullopt;
    if (date.part == DatePart::month_letter) {
        const std::size_t at = date.letters.find(text[0]);
        return at == std::string::npos ? std::nullopt : std::optional(static_cast<int>(at) + 1);
    }
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value < form.low || value > form.high ? std::nullopt : std::optional(value);
}

bool only_of(std::string_view text, std::string_view alphabet) noexcept {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

/// A section whose forms are a list of words: fixed text, a field's values, an attribute's codes.
Shape shape_of_words(const std::vector<std::string>& words) {
    Shape shape;
    shape.length_min = std::numeric_limits<std::size_t>::max();
    for (const std::string& word : words) {
        shape.length_min = std::min(shape.length_min, word.size());
        shape.length_max = std::max(shape.length_max, word.size());
        shape.first.set(static_cast<unsigned char>(word[0]));
        shape.all |= bytes_of(word);
        for (const std::string& longer : words)
            if (longer.size() > word.size() && longer.starts_with(word)) shape.more.set(static_cast<unsigned char>(longer[word.size()]));
    }
    return shape;
}

Shape shape_of_run(std::size_t length_min, std::size_t length_max, std::string_view first, std::string_view all) {
    Shape shape{length_min, length_max, bytes_of(first), bytes_of(all), {}};
    if (length_min < length_max) shape.more = shape.all;
    return shape;
}

std::vector<std::string> codes_of(const AttributeSection& attribute) {
    std::vector<std::string> codes;
    codes.reserve(attribute.codes.size());
    for (const AttributeCode& c : attribute.codes) codes.push_back(c.code);
    return codes;
}

Outcome<void> check_words(const std::vector<std::string>& words, std::string_view what) {
    for (auto it = words.begin(); it != words.end(); ++it) {
        if (it->empty()) return std::unexpected("a " + std::string(what) + " is empty");
        if (std::find(words.begin(), it, *it) != it) return std::unexpected(std::string(what) + " '" + *it + "' stands twice");
    }
    return {};
}

Outcome<void> check_alphabet(std::string_view alphabet) {
    if (alphabet.empty()) return std::unexpected(std::string("its alphabet is empty"));
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        if (alphabet[i] < 0x20 || alphabet[i] > 0x7e) return std::unexpected(std::string("its alphabet may hold printable ASCII only"));
        if (alphabet.find(alphabet[i]) != i) return std::unexpected("its alphabet has '" + std::string(1, alphabet[i]) + "' twice");
    }
    return {};
}

template <class... Fs>
struct Cases : Fs... {
    using Fs::operator()...;
};

}  // namespace

ByteSet bytes_of(std::string_view text) noexcept {
    ByteSet set;
    for (const char c : text) set.set(static_cast<unsigned char>(c));
    return set;
}

Shape shape_of(const Section& section) {
    return std::visit(Cases{
                          [](const FixedText& f) { return shape_of_words({f.text}); },
                          [](const DateSection& d) {
                              const std::size_t width = form_of(d.part).width;
                              const std::string_view alphabet = d.part == DatePart::month_letter ? std::string_view(d.letters) : kDigits;
                              return shape_of_run(width, width, alphabet, alphabet);
                          },
                          [](const FieldSection& f) {
                              return f.values.empty() ? shape_of_run(f.length_min, f.length_max, f.alphabet, f.alphabet)
                                                      : shape_of_words(f.values);
                          },
                          [](const AttributeSection& a) { return shape_of_words(codes_of(a)); },
                          [](const SequenceSection& s) { return shape_of_run(s.width, s.width, s.alphabet, s.alphabet); },
                          [](const CheckSection& c) {
                              const std::size_t width = check_length(c.method);
                              return shape_of_run(width, width, check_alphabet(c.method), check_alphabet(c.method));
                          },
                      },
                      section.form);
}

Outcome<void> check_section(const Section& section) {
    return std::visit(
        Cases{
            [](const FixedText& f) -> Outcome<void> { return check_words({f.text}, "fixed text"); },
            [](const DateSection& d) -> Outcome<void> {
                if (d.part != DatePart::month_letter) return {};
                if (d.letters.size() != 12) return std::unexpected(std::string("letters must be twelve characters, January first"));
                return check_alphabet(d.letters);
            },
            [](const FieldSection& f) -> Outcome<void> {
                if (!f.values.empty()) return check_words(f.values, "value");
                if (f.length_min < 1 || f.length_max > kNumberBytesMax || f.length_min > f.length_max)
                    return std::unexpected("its length must lie in 1 to " + std::to_string(kNumberBytesMax) + ", the least first");
                return check_alphabet(f.alphabet);
            },
            [](const AttributeSection& a) -> Outcome<void> {
                if (a.codes.empty()) return std::unexpected(std::string("it has no codes"));
                std::vector<std::string> values;
                values.reserve(a.codes.size());
                for (const AttributeCode& c : a.codes) values.push_back(c.value);
                if (auto ok = check_words(values, "value"); !ok) return ok;
                return check_words(codes_of(a), "code");
            },
            [](const SequenceSection& s) -> Outcome<void> {
                if (auto ok = check_alphabet(s.alphabet); !ok) return ok;
                if (s.alphabet.size() < 2) return std::unexpected(std::string("its alphabet needs at least two characters"));
                if (s.width < 1) return std::unexpected(std::string("its width is 0"));
                if (auto most = capacity(s); !most) return std::unexpected(most.error());
                return {};
            },
            [](const CheckSection&) -> Outcome<void> { return {}; },
        },
        section.form);
}

std::optional<std::size_t> longest_match(const Section& section, const Shape& shape, std::string_view text) {
    for (std::size_t length = std::min(shape.length_max, text.size()); length >= shape.length_min; --length)
        if (matches(section, text.substr(0, length))) return length;
    return std::nullopt;
}

bool matches(const Section& section, std::string_view text) {
    return std::visit(
        Cases{
            [&](const FixedText& f) { return text == f.text; },
            [&](const DateSection& d) { return date_value(d, text).has_value(); },
            [&](const FieldSection& f) {
                if (!f.values.empty()) return std::ranges::find(f.values, text) != f.values.end();
                return text.size() >= f.length_min && text.size() <= f.length_max && only_of(text, f.alphabet);
            },
            [&](const AttributeSection& a) { return std::ranges::any_of(a.codes, [&](const AttributeCode& c) { return c.code == text; }); },
            [&](const SequenceSection& s) { return text.size() == s.width && only_of(text, s.alphabet); },
            [&](const CheckSection& c) { return text.size() == check_length(c.method) && only_of(text, check_alphabet(c.method)); },
        },
        section.form);
}

std::string meaning(const Section& section, std::string_view text) {
    if (const auto* a = std::get_if<AttributeSection>(&section.form)) {
        for (const AttributeCode& c : a->codes)
            if (c.code == text) return c.value;
    } else if (const auto* s = std::get_if<SequenceSection>(&section.form)) {
        std::uint64_t counter = 0;
        for (const char c : text) counter = counter * s->alphabet.size() + s->alphabet.find(c);
        return std::to_string(counter);
    } else if (const auto* d = std::get_if<DateSection>(&section.form)) {
        if (d->part == DatePart::yy) return "20" + std::string(text);
        if (const auto value = date_value(*d, text); value && d->part == DatePart::month_letter) return padded(*value, 2);
    }
    return std::string(text);
}

void add_date(const Section& section, std::string_view text, DateParts& parts) {
    const auto* date = std::get_if<DateSection>(&section.form);
    if (date == nullptr) return;
    const auto value = date_value(*date, text);
    switch (date->part) {
        case DatePart::yyyy: parts.year = value; break;
        case DatePart::yy: parts.year = value ? std::optional(2000 + *value) : std::nullopt; break;
        case DatePart::y: break;
        case DatePart::ww: parts.iso_week = value; break;
        case DatePart::ddd: parts.day_of_year = value; break;
        case DatePart::mm:
        case DatePart::month_letter: parts.month = value; break;
        case DatePart::dd: parts.day = value; break;
    }
}

std::string in_words(const Section& section) {
    const auto range = [](const DateForm& f) {
        return std::to_string(f.width) + (f.width == 1 ? " digit, " : " digits, ") + padded(f.low, f.width) + " to " +
               padded(f.high, f.width);
    };
    return std::visit(Cases{
                          [](const FixedText& f) { return "the text '" + f.text + "'"; },
                          [&](const DateSection& d) {
                              return d.part == DatePart::month_letter ? "one of the letters " + d.letters : range(form_of(d.part));
                          },
                          [](const FieldSection& f) {
                              if (!f.values.empty()) return "one of " + listed(f.values);
                              std::string length = std::to_string(f.length_min);
                              if (f.length_max != f.length_min) length += " to " + std::to_string(f.length_max);
                              return length + " of the characters " + f.alphabet;
                          },
                          [](const AttributeSection& a) { return "one of the codes " + listed(codes_of(a)); },
                          [](const SequenceSection& s) { return std::to_string(s.width) + " of the characters " + s.alphabet; },
                          [](const CheckSection& c) { return std::string("a check character by ") + std::string(to_string(c.method)); },
                      },
                      section.form);
}

Outcome<std::uint64_t> capacity(const SequenceSection& sequence) {
    const std::uint64_t base = sequence.alphabet.size();
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < sequence.width; ++i) {
        if (highest > (std::numeric_limits<std::uint64_t>::max() - (base - 1)) / base)
            return std::unexpected("its width of " + std::to_string(sequence.width) + " holds more than 2^64 numbers; with " +
                                   std::to_string(base) + " characters it may be at most " + std::to_string(i));
        highest = highest * base + (base - 1);
    }
    return highest;
}

Outcome<std::string> write_counter(const SequenceSection& sequence, std::uint64_t counter) {
    const auto highest = capacity(sequence);
    if (!highest) return std::unexpected(highest.error());
    if (counter > *highest)
        return std::unexpected("counter " + std::to_string(counter) + " does not fit " + std::to_string(sequence.width) +
                               " places: the last number of this sequence is " + std::to_string(*highest));
    std::string text(sequence.width, sequence.alphabet[0]);
    for (auto place = text.rbegin(); counter > 0; ++place, counter /= sequence.alphabet.size())
        *place = sequence.alphabet[counter % sequence.alphabet.size()];
    return text;
}

Outcome<std::string> write_date(const DateSection& date, const CalendarDay& day, bool by_iso_week) {
    const int year = by_iso_week ? day.iso_year : day.year;
    const std::size_t width = form_of(date.part).width;
    switch (date.part) {
        case DatePart::yyyy:
            if (year < 1 || year > 9999) return std::unexpected("year " + std::to_string(year) + " does not fit four digits");
            return padded(year, width);
        case DatePart::yy:
            if (year < 2000 || year > 2099)
                return std::unexpected("year " + std::to_string(year) + " cannot be written as yy, which stands for 2000 to 2099");
            return padded(year % 100, width);
        case DatePart::y: return padded((year % 10 + 10) % 10, width);
        case DatePart::ww: return padded(day.iso_week, width);
        case DatePart::ddd: return padded(day.day_of_year, width);
        case DatePart::mm: return padded(day.month, width);
        case DatePart::month_letter: return std::string(1, date.letters[static_cast<std::size_t>(day.month - 1)]);
        case DatePart::dd: return padded(day.day, width);
    }
    return std::unexpected(std::string("unknown date part"));
}

std::string_view to_string(DatePart part) noexcept { return form_of(part).name; }

std::optional<DatePart> date_part_from(std::string_view name) noexcept {
    for (const DateForm& f : kDateForms)
        if (f.name == name) return f.part;
    return std::nullopt;
}

}  // namespace stemma::pattern
