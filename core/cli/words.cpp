#include "core/cli/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace stemma::cli {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::size_t kToMinutes = 16;  ///< characters of "2026-03-01T10:00"

constexpr std::array kUnits{Pair{"C62", "pcs"}, Pair{"EA", "pcs"}, Pair{"H87", "pcs"}, Pair{"KGM", "kg"}, Pair{"GRM", "g"},
                            Pair{"MGM", "mg"},  Pair{"TNE", "t"},  Pair{"LBR", "lb"},  Pair{"ONZ", "oz"}, Pair{"LTR", "l"},
                            Pair{"MLT", "ml"},  Pair{"MTR", "m"},  Pair{"CMT", "cm"},  Pair{"MMT", "mm"}, Pair{"MTK", "m²"},
                            Pair{"MTQ", "m³"},  Pair{"HUR", "h"},  Pair{"MIN", "min"}};

// CBV 2.0 section 7.3, in the words of a warehouse.
constexpr std::array kDocuments{
    Pair{"po", "order"},    Pair{"desadv", "delivery"},    Pair{"recadv", "receipt"}, Pair{"prodorder", "production order"},
    Pair{"inv", "invoice"}, Pair{"bol", "bill of lading"}, Pair{"rma", "return"}};

template <class List>
std::string_view find(const List& list, std::string_view code) {
    const auto found = std::ranges::find(list, code, &Pair::first);
    return found == list.end() ? std::string_view{} : found->second;
}

/// "urn:stemma:tryton:place:3" -> "place", "3"; both empty for another id.
std::pair<std::string_view, std::string_view> kind_and_key(std::string_view id) {
    const std::size_t last = id.rfind(':');
    if (!id.starts_with("urn:stemma:") || last == 0) return {};
    const std::size_t before = id.rfind(':', last - 1);
    return {id.substr(before + 1, last - before - 1), id.substr(last + 1)};
}

}  // namespace

std::string words(std::string_view code) {
    std::string out{code};
    std::ranges::replace(out, '_', ' ');
    return out;
}

std::string grouped(std::string_view number) {
    const std::size_t begin = number.starts_with('-') ? 1 : 0;
    const std::size_t end = std::min(number.find('.'), number.size());
    std::string out{number.substr(0, begin)};
    for (std::size_t i = begin; i < end; ++i) {
        if (i > begin && (end - i) % 3 == 0) out += ',';
        out += number[i];
    }
    out += number.substr(end);
    return out;
}

std::string grouped(std::uint64_t number) { return grouped(std::to_string(number)); }

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural) {
    if (number == 1) return fmt::format("1 {}", noun);
    return plural.empty() ? fmt::format("{} {}s", grouped(number), noun) : fmt::format("{} {}", grouped(number), plural);
}

std::string unit_sign(std::string_view code) {
    if (code.empty()) return "pcs";
    const std::string_view sign = find(kUnits, code);
    return std::string{sign.empty() ? code : sign};
}

std::string quantity_text(const Json& amount) {
    if (flag_at(amount, "tooLarge")) return "over 9.2e12 " + unit_sign(text_at(amount, "uom"));  // no sum
    const std::string number = text_at(amount, "quantity");
    return number.empty() ? std::string{} : fmt::format("{} {}", grouped(number), unit_sign(text_at(amount, "uom")));
}

std::string amounts_text(const Json& from, std::string_view name) {
    std::string out;
    for (const Json& amount : list_at(from, name)) out += (out.empty() ? "" : " + ") + quantity_text(amount);
    return out;
}

std::string short_time(std::string_view instant) {
    if (instant.size() <= kToMinutes || instant[10] != 'T' || !instant.ends_with('Z')) return std::string{instant};
    return fmt::format("{} {}Z", instant.substr(0, 10), instant.substr(11, 5));
}

std::string short_id(std::string_view id) {
    const auto [kind, key] = kind_and_key(id);
    return kind.empty() ? std::string{id} : fmt::format("{} {}", kind, key);
}

std::string document_word(std::string_view type, std::string_view id) {
    if (const std::string_view kind = kind_and_key(id).first; !kind.empty()) return words(kind);
    const std::string_view word = find(kDocuments, type);
    return word.empty() ? words(type) : std::string{word};
}

std::string document_number(std::string_view number, std::string_view id) {
    if (!number.empty()) return std::string{number};
    const auto [kind, key] = kind_and_key(id);
    return std::string{kind.empty() ? id : key};
}

std::string documents_text(const Json& from, std::string_view name, std::string_view id, std::string_view number) {
    std::string out;
    for (const Json& document : list_at(from, name)) {
        const std::string key = text_at(document, id);
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", document_word(text_at(document, "type"), key),
                           document_number(text_at(document, number), key));
    }
    return out;
}

std::string more_documents_text(const Json& from) {
    const std::uint64_t more = count_at(from, "moreDocuments");
    return more == 0 ? std::string{} : fmt::format(", and {} more", grouped(more));
}

std::string name_with_code(const Json& who) {
    const std::string name = text_at(who, "name");
    const std::string code = text_at(who, "code");
    if (!name.empty() && !code.empty() && name != code) return fmt::format("{} ({})", name, code);
    if (!name.empty() || !code.empty()) return name.empty() ? code : name;
    const std::string place = text_at(who, "place");
    return short_id(place.empty() ? text_at(who, "party") : place);
}

std::string attributes_text(const Json& attributes) {
    std::string out;
    if (const auto* object = attributes.if_object())
        for (const auto& [name, value] : *object)
            out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", words({name.data(), name.size()}), text_of(value));
    return out;
}

std::string verdict_text(const Json& verdict) {
    std::vector<std::string> codes;  // many items of one event may meet the same rule
    for (const Json& finding : list_at(verdict, "findings"))
        if (std::string code = text_at(finding, "code"); std::ranges::find(codes, code) == codes.end()) codes.push_back(std::move(code));
    const std::string outcome = words(text_at(verdict, "outcome"));
    return codes.empty() ? outcome : fmt::format("{}: {}", outcome, fmt::join(codes, ", "));
}

}  // namespace stemma::cli
