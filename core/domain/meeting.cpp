#include "core/domain/meeting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<MeetingRule, 6> kRule{{{MeetingRule::gtin, "gtin"},
                                           {MeetingRule::alias, "alias"},
                                           {MeetingRule::code_map, "code_map"},
                                           {MeetingRule::identifier, "identifier"},
                                           {MeetingRule::sscc, "sscc"},
                                           {MeetingRule::declared, "declared"}}};

constexpr std::size_t kGtinDigits = 14;
constexpr std::size_t kSsccDigits = 18;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string without_blanks(std::string_view text) {
    std::string out;
    std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !is_blank(c); });
    return out;
}

}  // namespace

std::string_view to_string(MeetingRule rule) noexcept { return name_of(kRule, rule); }
Result<MeetingRule> meeting_rule_from(std::string_view text) { return value_of(kRule, text, "rule by which two meet"); }

std::string meetings_of(std::string_view id) { return fmt::format("{}meetings:of:{}", kUrnStart, id); }

std::string_view all_meetings(bool products) noexcept {
    return products ? "urn:stemma:meetings:all:products" : "urn:stemma:meetings:all:items";
}

bool has_gs1_check_digit(std::string_view digits) noexcept {
    if (digits.size() < 2 || !std::ranges::all_of(digits, is_digit)) return false;
    unsigned sum = 0;
    for (std::size_t i = 0; i + 1 < digits.size(); ++i)
        sum += static_cast<unsigned>(digits[i] - '0') * ((digits.size() - i) % 2 == 0 ? 3U : 1U);
    return (10 - sum % 10) % 10 == static_cast<unsigned>(digits.back() - '0');
}

std::optional<std::string> normal_gtin(std::string_view text) {
    std::string digits = without_blanks(text);
    constexpr std::array<std::size_t, 4> kLengths{8, 12, 13, 14};
    if (std::ranges::find(kLengths, digits.size()) == kLengths.end() || !has_gs1_check_digit(digits)) return std::nullopt;
    if (digits.find_first_not_of('0') == std::string::npos) return std::nullopt;
    digits.insert(0, kGtinDigits - digits.size(), '0');
    return digits;
}

std::optional<std::string> normal_sscc(std::string_view text) {
    std::string digits = without_blanks(text);
    if (digits.starts_with("(00)")) digits.erase(0, 4);
    if (digits.size() != kSsccDigits || !has_gs1_check_digit(digits)) return std::nullopt;
    return digits;
}

std::string met_form(std::string_view identifier) {
    while (!identifier.empty() && is_blank(identifier.front())) identifier.remove_prefix(1);
    while (!identifier.empty() && is_blank(identifier.back())) identifier.remove_suffix(1);
    std::string form{identifier};
    for (char& c : form)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return form;
}

std::string source_of(std::string_view id) {
    if (!id.starts_with(kUrnStart)) return {};
    id.remove_prefix(kUrnStart.size());
    return std::string{id.substr(0, id.find(':'))};
}

}  // namespace stemma
