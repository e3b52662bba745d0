#include "plugins/pattern/pattern.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace stemma::pattern {
namespace {

constexpr std::int64_t kExampleDayUs = 1'772'409'600'000'000;  // 2026-03-02, a Monday: the date in examples

constexpr std::size_t kEmpty = 0;
constexpr std::size_t kTooLongAsWritten = 1;
constexpr std::size_t kTooLong = 2;
constexpr std::size_t kTooShort = 3;
constexpr std::size_t kDate = 4;
constexpr std::size_t kFirstSection = 5;

std::unexpected<std::string> wrong(const Section& section, const std::string& what) {
    return std::unexpected("section '" + section.name + "': " + what);
}

struct Slot {
    Section section;
    Shape shape;
    std::vector<std::size_t> covered;  // of a check: indices of the sections it covers
    std::size_t check_reason{0};       // of a check: its arithmetic
    [[nodiscard]] bool variable() const noexcept { return shape.length_min != shape.length_max; }
    [[nodiscard]] const CheckSection* check() const noexcept { return std::get_if<CheckSection>(&section.form); }
};

ByteSet range(unsigned low, unsigned high) {
    ByteSet set;
    for (unsigned c = low; c <= high; ++c) set.set(c);
    return set;
}

char lowest(const ByteSet& set) {
    for (unsigned c = 0; c < set.size(); ++c)
        if (set.test(c)) return static_cast<char>(c);
    return ' ';
}

/// A section is named in options, in what decode answers and in reasons: two of one name could not be told apart. Fixed texts may.
Outcome<void> check_section_names(const std::vector<Slot>& slots) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (std::holds_alternative<FixedText>(slots[i].section.form)) continue;
        for (std::size_t k = 0; k < i; ++k)
            if (slots[k].section.name == slots[i].section.name) return wrong(slots[i].section, "two sections have this name");
    }
    return {};
}

/// Every section's characters must survive normalising, or a number could never be canonical.
Outcome<void> check_characters(const std::vector<Slot>& slots, const Normalisation& how) {
    for (const Slot& slot : slots) {
        const ByteSet& all = slot.shape.all;
        if ((all & ~range(0x20, 0x7e)).any()) return wrong(slot.section, "only printable ASCII may stand in a pattern");
        if (const ByteSet lost = all & bytes_of(how.strip); lost.any())
            return wrong(slot.section, std::string("it may hold '") + lowest(lost) + "', which normalise.strip removes");
        if (how.letters == Normalisation::Case::upper && (all & range('a', 'z')).any())
            return wrong(slot.section, "it may hold lower-case letters, which normalise.case 'upper' turns into others");
        if (how.letters == Normalisation::Case::lower && (all & range('A', 'Z')).any())
            return wrong(slot.section, "it may hold upper-case letters, which normalise.case 'lower' turns into others");
    }
    for (const Slot* end : {&slots.front(), &slots.back()})
        if (how.trim && end->shape.all.test(' '))
            return wrong(end->section,
                         "it stands at an end of the number and may hold a space, which is trimmed; set normalise.trim to false");
    return {};
}

/// The last section of variable length gets what is left; each one before it must end where its neighbour visibly begins.
Outcome<void> check_unambiguous(const std::vector<Slot>& slots) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (slots[i].variable()) last = i;
    for (std::size_t i = 0; i < last; ++i) {
        const Slot& next = slots[i + 1];
        if (const ByteSet both = slots[i].shape.more & next.shape.first; both.any())
            return wrong(slots[i].section, std::string("its length varies and '") + lowest(both) + "' may belong to it or to section '" +
                                               next.section.name + "'; put a fixed text between them or fix its length");
    }
    return {};
}

Outcome<void> check_dates(const std::vector<Slot>& slots) {
    std::vector<std::pair<std::string_view, const Section*>> seen;
    const auto has = [&](std::string_view what) { return std::ranges::any_of(seen, [&](auto& s) { return s.first == what; }); };
    for (const Slot& slot : slots) {
        const auto* date = std::get_if<DateSection>(&slot.section.form);
        if (date == nullptr) continue;
        std::string_view what = to_string(date->part);
        if (what.front() == 'y') what = "year";
        if (what == "month_letter") what = "mm";
        if (has(what)) return wrong(slot.section, "the pattern already has this part of the date");
        seen.emplace_back(what, &slot.section);
    }
    for (const auto& [what, section] : seen)
        if ((what == "ww" || what == "ddd") && (has("mm") || has("dd") || (has("ww") && has("ddd"))))
            return wrong(*section, "a week or a day of the year cannot stand beside another part that says which month or day it is");
    return {};
}

Outcome<std::size_t> find_covered(const std::vector<Slot>& slots, const Slot& check, const std::string& name) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].section.name != name) continue;
        if (found) return wrong(check.section, "over: several sections are called '" + name + "'; give each a name of its own");
        found = i;
    }
    if (!found) return wrong(check.section, "over: there is no section '" + name + "'");
    if (slots[*found].check() != nullptr && &slots[*found] >= &check)
        return wrong(check.section, "it can cover another check only if that one stands before it");
    return *found;
}

Outcome<void> resolve_check(std::vector<Slot>& slots, Slot& slot) {
    const CheckSection& check = *slot.check();
    if (check.over.empty()) {
        for (std::size_t i = 0; i < slots.size(); ++i)
            if (slots[i].check() == nullptr) slot.covered.push_back(i);
    }
    for (const std::string& name : check.over) {
        const auto found = find_covered(slots, slot, name);
        if (!found) return std::unexpected(found.error());
        slot.covered.push_back(*found);
    }
    if (slot.covered.empty()) return wrong(slot.section, "there is nothing to check");
    const ByteSet allowed = bytes_of(covered_alphabet(check.method));
    for (const std::size_t i : slot.covered)
        if (const ByteSet odd = slots[i].shape.all & ~allowed; odd.any())
            return wrong(slot.section, std::string(to_string(check.method)) + " cannot cover section '" + slots[i].section.name +
                                           "', which may hold '" + lowest(odd) + "'");
    return {};
}

class Pattern final : public Scheme {
public:
    static Outcome<SchemePtr> make(PatternDefinition definition);

    [[nodiscard]] std::optional<Remark> check(std::string_view raw) const override;
    [[nodiscard]] std::vector<Part> decode(std::string_view raw) const override;
    [[nodiscard]] Outcome<std::string> format(const FormatRequest& request) const override;

private:
    using Texts = std::vector<std::string_view>;  // one per section

    Pattern() = default;
    Outcome<void> take_sections(std::vector<Section> sections);
    void say_reasons(const std::string& kind);
    void say_wanted();
    Outcome<void> take_example(std::string example);

    [[nodiscard]] std::expected<Texts, Remark> split(std::string_view number) const;
    [[nodiscard]] std::expected<Texts, Remark> split_and_check(std::string_view number) const;
    [[nodiscard]] std::string covered_text(const Slot& check, const Texts& texts) const;
    [[nodiscard]] Outcome<std::string> write(const Slot& slot, const FormatRequest& request, const CalendarDay& day) const;
    static Outcome<std::string> write_given(const Section& section, const std::string* given, const Normalisation& how);

    std::vector<Slot> slots_;
    std::size_t length_min_{0};
    std::size_t length_max_{0};
    std::size_t last_variable_{0};  // == slots_.size() when none
    bool by_iso_week_{false};
};

Outcome<SchemePtr> Pattern::make(PatternDefinition definition) {
    std::unique_ptr<Pattern> pattern(new Pattern);
    pattern->name_ = std::move(definition.name);
    pattern->normalisation_ = std::move(definition.normalisation);
    if (auto ok = pattern->take_sections(std::move(definition.sections)); !ok) return std::unexpected(ok.error());
    pattern->say_reasons(definition.kind);
    pattern->say_wanted();
    pattern->summary_ = definition.summary;
    if (pattern->summary_.empty()) {
        std::vector<std::string> names;
        names.reserve(pattern->slots_.size());
        for (const Slot& slot : pattern->slots_) names.push_back(slot.section.name);
        pattern->summary_ = definition.kind + " number: " + listed(names, kSectionsMax);
    }
    pattern->summary_ += " (" + pattern->normalisation_.in_words() + ")";
    if (auto ok = pattern->take_example(std::move(definition.example)); !ok) return std::unexpected(ok.error());
    return pattern;
}

Outcome<void> Pattern::take_sections(std::vector<Section> sections) {
    if (sections.empty()) return std::unexpected(std::string("a pattern needs at least one section"));
    if (sections.size() > kSectionsMax) return std::unexpected("a pattern has at most " + std::to_string(kSectionsMax) + " sections");
    for (Section& section : sections) {
        if (auto ok = check_section(section); !ok) return wrong(section, ok.error());
        const Shape shape = shape_of(section);
        if (const auto* s = std::get_if<SequenceSection>(&section.form)) {
            if (counter_max_) return wrong(section, "a pattern has at most one sequence");
            counter_max_ = *capacity(*s);
        }
        const auto* date = std::get_if<DateSection>(&section.form);
        by_iso_week_ = by_iso_week_ || (date != nullptr && date->part == DatePart::ww);
        length_min_ += shape.length_min;
        length_max_ += shape.length_max;
        slots_.push_back({std::move(section), shape, {}, 0});
    }
    if (length_max_ > kNumberBytesMax)
        return std::unexpected("its numbers could be " + std::to_string(length_max_) + " bytes long; the limit is " +
                               std::to_string(kNumberBytesMax));
    last_variable_ = slots_.size();
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if (slots_[i].variable()) last_variable_ = i;
    for (auto rule : {check_section_names, check_unambiguous, check_dates})
        if (auto ok = rule(slots_); !ok) return ok;
    if (auto ok = check_characters(slots_, normalisation_); !ok) return ok;
    for (Slot& slot : slots_)
        if (slot.check() != nullptr)
            if (auto ok = resolve_check(slots_, slot); !ok) return ok;
    return {};
}

void Pattern::say_reasons(const std::string& kind) {
    const auto code = [&](const char* what) { return kind + "." + what; };
    const std::string most = std::to_string(kNumberBytesMax);
    reasons_.push_back({code("empty"), "the " + kind + " number is empty"});
    reasons_.push_back({code("too_long"), kind + " number too long: at most " + most + " bytes may be written"});
    reasons_.push_back(
        {code("too_long"), kind + " number too long: '" + name_ + "' has at most " + std::to_string(length_max_) + " characters"});
    reasons_.push_back(
        {code("too_short"), kind + " number too short: '" + name_ + "' has at least " + std::to_string(length_min_) + " characters"});
    reasons_.push_back({code("date"), "the date parts name a day or week that is not in the calendar"});
    for (const Slot& slot : slots_)
        reasons_.push_back({code("section"), "section '" + slot.section.name + "' must be " + in_words(slot.section)});
    for (Slot& slot : slots_) {
        if (slot.check() == nullptr) continue;
        std::vector<std::string> names;
        names.reserve(slot.covered.size());
        for (const std::size_t i : slot.covered) names.push_back(slots_[i].section.name);
        slot.check_reason = reasons_.size();
        reasons_.push_back({code("check_digit"), "the check '" + slot.section.name + "' does not match (" +
                                                     std::string(to_string(slot.check()->method)) + " over " + listed(names, kSectionsMax) +
                                                     ")"});
    }
}

void Pattern::say_wanted() {
    for (const Slot& slot : slots_) {
        if (const auto* f = std::get_if<FieldSection>(&slot.section.form)) {
            wanted_.push_back({slot.section.name, f->values.empty() ? std::string(f->length_min, f->alphabet.back()) : f->values.front()});
        } else if (const auto* a = std::get_if<AttributeSection>(&slot.section.form)) {
            wanted_.push_back({slot.section.name, a->codes.front().value});
        }
    }
}

Outcome<void> Pattern::take_example(std::string example) {
    if (example.empty()) {
        FormatRequest request{counter_max_ && *counter_max_ > 0 ? 1U : 0U, {}, kExampleDayUs};
        for (const Wanted& w : wanted_) request.fields[w.name] = w.example;
        auto made = format(request);
        if (!made) return std::unexpected("no example can be made: " + made.error());
        example = std::move(*made);
    }
    if (const auto remark = check(example))
        return std::unexpected("example '" + example + "' is not valid: " + reasons_[remark->reason].text);
    example_ = std::move(example);
    return {};
}

std::expected<Pattern::Texts, Remark> Pattern::split(std::string_view number) const {
    std::size_t tail = 0;  // bytes of the sections after the last variable one
    for (std::size_t i = last_variable_ + 1; i < slots_.size(); ++i) tail += slots_[i].shape.length_min;
    Texts texts;
    std::size_t at = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const auto& [section, shape, covered, check_reason] = slots_[i];
        const std::string_view rest = number.substr(at);
        std::optional<std::size_t> length;
        if (i == last_variable_) {
            if (rest.size() > tail) length = rest.size() - tail;
        } else {
            length = slots_[i].variable() ? longest_match(section, shape, rest) : std::optional(std::min(shape.length_min, rest.size()));
        }
        if (!length || !matches(section, rest.substr(0, *length)))
            return std::unexpected(Remark{kFirstSection + i, at, length.value_or(std::min(shape.length_max, rest.size()))});
        texts.push_back(rest.substr(0, *length));
        at += *length;
    }
    return texts;
}

std::string Pattern::covered_text(const Slot& check, const Texts& texts) const {
    std::string covered;
    for (const std::size_t i : check.covered) covered += texts[i];
    return covered;
}

std::expected<Pattern::Texts, Remark> Pattern::split_and_check(std::string_view number) const {
    if (number.empty()) return std::unexpected(Remark{kEmpty, 0, 0});
    if (number.size() > length_max_) return std::unexpected(Remark{kTooLong, length_max_, number.size() - length_max_});
    if (number.size() < length_min_) return std::unexpected(Remark{kTooShort, number.size(), 0});
    auto texts = split(number);
    if (!texts) return texts;
    const auto place = [&](std::size_t i) { return static_cast<std::size_t>((*texts)[i].data() - number.data()); };
    DateParts date;
    std::optional<std::size_t> first_date;
    std::size_t date_end = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!std::holds_alternative<DateSection>(slots_[i].section.form)) continue;
        add_date(slots_[i].section, (*texts)[i], date);
        if (!first_date) first_date = place(i);
        date_end = place(i) + (*texts)[i].size();
    }
    if (first_date && !exists(date)) return std::unexpected(Remark{kDate, *first_date, date_end - *first_date});
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const CheckSection* check = slots_[i].check();
        if (check != nullptr && check_of(check->method, covered_text(slots_[i], *texts)) != (*texts)[i])
            return std::unexpected(Remark{slots_[i].check_reason, place(i), (*texts)[i].size()});
    }
    return texts;
}

std::optional<Remark> Pattern::check(std::string_view raw) const {
    if (raw.size() > kNumberBytesMax) return Remark{kTooLongAsWritten, kNumberBytesMax, raw.size() - kNumberBytesMax};
    const std::string number = normalise(raw);
    const auto texts = split_and_check(number);
    if (texts) return std::nullopt;
    Remark remark = texts.error();
    const std::size_t end = remark.length == 0 ? 0 : normalisation_.origin(raw, remark.offset + remark.length - 1) + 1;
    remark.offset = normalisation_.origin(raw, remark.offset);
    remark.length = end > remark.offset ? end - remark.offset : 0;
    return remark;
}

std::vector<Part> Pattern::decode(std::string_view raw) const {
    if (raw.size() > kNumberBytesMax) return {};
    const std::string number = normalise(raw);
    const auto texts = split_and_check(number);
    if (!texts) return {};
    std::vector<Part> parts;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const std::string_view text = (*texts)[i];
        const auto at = static_cast<std::size_t>(text.data() - number.data());
        const std::size_t from = normalisation_.origin(raw, at);
        parts.push_back(
            {slots_[i].section.name, meaning(slots_[i].section, text), from, normalisation_.origin(raw, at + text.size() - 1) + 1 - from});
    }
    return parts;
}

Outcome<std::string> Pattern::write_given(const Section& section, const std::string* given, const Normalisation& how) {
    const auto* field = std::get_if<FieldSection>(&section.form);
    if (given == nullptr && field != nullptr && field->values.size() == 1) return field->values.front();
    if (field != nullptr) {
        if (given == nullptr) return wrong(section, "no value is given; it must be " + in_words(section));
        std::string text = how.apply(*given);
        if (!matches(section, text)) return wrong(section, "'" + *given + "' is not allowed; it must be " + in_words(section));
        return text;
    }
    std::vector<std::string> values;
    values.reserve(std::get<AttributeSection>(section.form).codes.size());
    for (const AttributeCode& c : std::get<AttributeSection>(section.form).codes) {
        if (given != nullptr && c.value == *given) return c.code;
        values.push_back(c.value);
    }
    return wrong(section,
                 (given == nullptr ? "no value is given" : "'" + *given + "' has no code") + "; it must be one of " + listed(values));
}

Outcome<std::string> Pattern::write(const Slot& slot, const FormatRequest& request, const CalendarDay& day) const {
    const Section& section = slot.section;
    Outcome<std::string> text;
    if (const auto* f = std::get_if<FixedText>(&section.form)) return f->text;
    if (const auto* d = std::get_if<DateSection>(&section.form)) {
        text = write_date(*d, day, by_iso_week_);
    } else if (const auto* s = std::get_if<SequenceSection>(&section.form)) {
        text = write_counter(*s, request.counter);
    } else {
        return write_given(section, find_given(request.fields, section.name), normalisation_);
    }
    if (!text) return wrong(section, text.error());
    return text;
}

Outcome<std::string> Pattern::format(const FormatRequest& request) const {
    if (auto ok = check_names(request.fields, wanted_); !ok) return std::unexpected(ok.error());
    const auto day = calendar_day(request.as_of_us);
    if (!day) return std::unexpected(std::string("the date lies outside the years 1 to 9999"));
    std::vector<std::string> written(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].check() != nullptr) continue;
        auto text = write(slots_[i], request, *day);
        if (!text) return text;
        written[i] = std::move(*text);
    }
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if (const CheckSection* check = slots_[i].check())
            written[i] = check_of(check->method, covered_text(slots_[i], Texts(written.begin(), written.end()))).value_or("");
    std::string number;
    for (const std::string& text : written) number += text;
    return number;
}

}  // namespace

Outcome<SchemePtr> make_pattern(PatternDefinition definition) {
    const std::string name = definition.name;
    auto made = Pattern::make(std::move(definition));
    if (!made) return std::unexpected("scheme '" + name + "': " + made.error());
    return made;
}

}  // namespace stemma::pattern
