#include "plugins/pattern/options.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "plugins/pattern/free_text.hpp"
#include "plugins/pattern/pattern.hpp"

namespace stemma::pattern {
namespace {

using sdk::BadOption;
using sdk::Json;

constexpr std::array<std::string_view, 6> kKinds{"fixed", "date", "field", "attribute", "sequence", "check"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAlphabets{{
    {"digits", "0123456789"},
    {"letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"base36", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"hex", "0123456789ABCDEF"},
}};

std::string text_or(const Json& object, std::string_view key, std::string_view fallback) {
    const Json* found = object.find(key);
    return std::string(found == nullptr ? fallback : found->text());
}

std::size_t length_or(const Json& object, std::string_view key, std::size_t fallback) {
    const Json* found = object.find(key);
    if (found == nullptr) return fallback;
    const std::int64_t value = found->integer();
    if (value < 1 || value > static_cast<std::int64_t>(kNumberBytesMax))
        throw BadOption(found->path() + " must lie in 1 to " + std::to_string(kNumberBytesMax));
    return static_cast<std::size_t>(value);
}

std::vector<std::string> texts_of(const Json* list) {
    std::vector<std::string> texts;
    if (list != nullptr)
        for (const Json& item : list->items()) texts.emplace_back(item.text());
    return texts;
}

std::string alphabet_of(const Json& section, std::string_view fallback) {
    std::string alphabet = text_or(section, "alphabet", fallback);
    for (const auto& [name, characters] : kAlphabets)
        if (alphabet == name) alphabet = characters;
    const std::string exclude = text_or(section, "exclude", "");
    std::erase_if(alphabet, [&](char c) { return exclude.find(c) != std::string::npos; });
    return alphabet;
}

/// Keys besides `name` and the kind's own must be among `allowed`: a width on a field would be silently without effect.
void want_only(const Json& section, std::string_view kind, std::initializer_list<std::string_view> allowed) {
    for (const Json::Member& member : section.members())
        if (member.key != "name" && member.key != kind && std::ranges::find(allowed, member.key) == allowed.end())
            throw BadOption(member.value.path() + ": '" + member.key + "' does not belong to a section of kind '" + std::string(kind) +
                            "'");
}

std::string_view kind_of(const Json& section) {
    std::string_view kind;
    for (const std::string_view candidate : kKinds) {
        if (section.find(candidate) == nullptr) continue;
        if (!kind.empty()) throw BadOption(section.path() + " has both '" + std::string(kind) + "' and '" + std::string(candidate) + "'");
        kind = candidate;
    }
    if (kind.empty()) throw BadOption(section.path() + " needs one of fixed, date, field, attribute, sequence, check");
    return kind;
}

Section read_date(const Json& json) {
    want_only(json, "date", {"letters"});
    const std::string_view name = json.at("date").text();
    const auto part = date_part_from(name);
    if (!part) throw BadOption(json.path() + "/date: '" + std::string(name) + "' is no part of a date");
    return {std::string(name), DateSection{*part, text_or(json, "letters", kMonthLetters)}};
}

Section read_field(const Json& json) {
    FieldSection field;
    field.values = texts_of(json.find("values"));
    if (!field.values.empty()) {
        want_only(json, "field", {"values"});
    } else {
        want_only(json, "field", {"alphabet", "exclude", "length", "min_length", "max_length"});
        if (json.find("alphabet") == nullptr) throw BadOption(json.path() + " needs 'values' or 'alphabet'");
        field.alphabet = alphabet_of(json, "");
        const std::size_t length = length_or(json, "length", 1);
        const bool varies = json.find("min_length") != nullptr || json.find("max_length") != nullptr;
        if (varies && json.find("length") != nullptr) throw BadOption(json.path() + " has both 'length' and a range of lengths");
        if (varies && json.find("max_length") == nullptr) throw BadOption(json.path() + " has 'min_length' but no 'max_length'");
        field.length_min = varies ? length_or(json, "min_length", 1) : length;
        field.length_max = varies ? length_or(json, "max_length", 1) : length;
    }
    return {std::string(json.at("field").text()), std::move(field)};
}

Section read_attribute(const Json& json) {
    want_only(json, "attribute", {"codes"});
    AttributeSection attribute;
    for (const Json::Member& member : json.at("codes").members()) attribute.codes.push_back({member.key, std::string(member.value.text())});
    return {std::string(json.at("attribute").text()), std::move(attribute)};
}

Section read_sequence(const Json& json) {
    want_only(json, "sequence", {"width", "alphabet", "exclude"});
    if (!json.at("sequence").flag()) throw BadOption(json.path() + "/sequence must be true");
    (void)json.at("width");
    return {"sequence", SequenceSection{length_or(json, "width", 1), alphabet_of(json, "digits")}};
}

Section read_check(const Json& json) {
    want_only(json, "check", {"over"});
    const std::string_view name = json.at("check").text();
    const auto method = check_method_from(name);
    if (!method) throw BadOption(json.path() + "/check: '" + std::string(name) + "' is no check method");
    return {"check", CheckSection{*method, texts_of(json.find("over"))}};
}

Section read_section(const Json& json) {
    const std::string_view kind = kind_of(json);
    Section section;
    if (kind == "date") section = read_date(json);
    if (kind == "field") section = read_field(json);
    if (kind == "attribute") section = read_attribute(json);
    if (kind == "sequence") section = read_sequence(json);
    if (kind == "check") section = read_check(json);
    if (kind == "fixed") {
        want_only(json, "fixed", {});
        section = {"fixed", FixedText{std::string(json.at("fixed").text())}};
    }
    section.name = text_or(json, "name", section.name);
    return section;
}

Normalisation read_normalisation(const Json* json) {
    Normalisation how;
    if (json == nullptr) return how;
    const std::string letters = text_or(*json, "case", "keep");
    if (letters == "upper") how.letters = Normalisation::Case::upper;
    if (letters == "lower") how.letters = Normalisation::Case::lower;
    how.strip = text_or(*json, "strip", "");
    if (const Json* trim = json->find("trim")) how.trim = trim->flag();
    return how;
}

SchemePtr taken(Outcome<SchemePtr> made) {
    if (!made) throw BadOption(made.error());
    return std::move(*made);
}

}  // namespace

SchemePtr read_scheme(const Json& options, std::string_view kind) {
    const std::string name(options.at("name").text());
    const std::string summary = text_or(options, "summary", "");
    const std::string example = text_or(options, "example", "");
    const Normalisation how = read_normalisation(options.find("normalise"));
    const Json* sections = options.find("sections");
    if (sections == nullptr)
        return taken(make_free_text(
            {std::string(kind), name, summary, example, length_or(options, "min_length", 1), length_or(options, "max_length", 64), how}));
    for (const char* key : {"min_length", "max_length"})
        if (const Json* found = options.find(key)) throw BadOption(found->path() + " has no effect beside 'sections': they fix the length");
    PatternDefinition definition{std::string(kind), name, summary, example, {}, how};
    for (const Json& section : sections->items()) definition.sections.push_back(read_section(section));
    return taken(make_pattern(std::move(definition)));
}

SchemePtr default_scheme(std::string_view kind) { return taken(make_free_text({std::string(kind), std::string(kind), {}, {}, 1, 64, {}})); }

}  // namespace stemma::pattern
