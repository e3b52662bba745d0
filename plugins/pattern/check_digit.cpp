#include "plugins/pattern/check_digit.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace stemma::pattern {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsX = "0123456789X";
constexpr std::string_view kBase36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kCode39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

struct Method {
    CheckMethod method;
    std::string_view name;
    std::string_view covered;
    std::string_view check;
};

constexpr std::array<Method, 6> kMethods{{
    {CheckMethod::luhn, "luhn", kDigits, kDigits},
    {CheckMethod::mod10, "mod10", kDigits, kDigits},
    {CheckMethod::mod11, "mod11", kDigits, kDigitsX},
    {CheckMethod::mod37_36, "mod37_36", kBase36, kBase36},
    {CheckMethod::mod43, "mod43", kCode39, kCode39},
    {CheckMethod::mod97, "mod97", kBase36, kDigits},
}};

const Method& row_of(CheckMethod method) noexcept {
    return *std::ranges::find_if(kMethods, [&](const Method& m) { return m.method == method; });
}

using Values = std::vector<unsigned>;

/// Sum over the digits from the right, each times the weight of its distance (0 = rightmost).
template <class Weigh>
unsigned weighted_from_right(const Values& values, Weigh weigh) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += weigh(values[values.size() - 1 - i], i);
    return sum;
}

char digit(unsigned value) { return kDigits[value % 10]; }

char luhn(const Values& values) {
    const unsigned sum = weighted_from_right(values, [](unsigned v, std::size_t i) {
        const unsigned weighted = i % 2 == 0 ? 2 * v : v;
        return weighted > 9 ? weighted - 9 : weighted;
    });
    return digit(10 - sum % 10);
}

char mod10(const Values& values) {
    return digit(10 - weighted_from_right(values, [](unsigned v, std::size_t i) { return i % 2 == 0 ? 3 * v : v; }) % 10);
}

char mod11(const Values& values) {
    const unsigned sum = weighted_from_right(values, [](unsigned v, std::size_t i) { return v * (2 + static_cast<unsigned>(i % 9)); });
    return kDigitsX[(11 - sum % 11) % 11];
}

char mod37_36(const Values& values) {
    unsigned product = 36;
    for (const unsigned v : values) {
        const unsigned sum = (product + v) % 36;
        product = (sum == 0 ? 36 : sum) * 2 % 37;
    }
    return kBase36[(37 - product) % 36];
}

char mod43(const Values& values) {
    unsigned sum = 0;
    for (const unsigned v : values) sum += v;
    return kCode39[sum % 43];
}

std::string mod97(const Values& values) {
    unsigned rest = 0;
    for (const unsigned v : values) rest = v < 10 ? (rest * 10 + v) % 97 : (rest * 100 + v) % 97;
    const unsigned check = 98 - rest * 100 % 97;
    return {digit(check / 10), digit(check)};
}

}  // namespace

std::size_t check_length(CheckMethod method) noexcept { return method == CheckMethod::mod97 ? 2 : 1; }
std::string_view covered_alphabet(CheckMethod method) noexcept { return row_of(method).covered; }
std::string_view check_alphabet(CheckMethod method) noexcept { return row_of(method).check; }
std::string_view to_string(CheckMethod method) noexcept { return row_of(method).name; }

std::optional<CheckMethod> check_method_from(std::string_view name) noexcept {
    for (const Method& m : kMethods)
        if (m.name == name) return m.method;
    return std::nullopt;
}

std::optional<std::string> check_of(CheckMethod method, std::string_view covered) {
    if (covered.empty()) return std::nullopt;
    const std::string_view alphabet = covered_alphabet(method);
    Values values;
    values.reserve(covered.size());
    for (const char c : covered) {
        const std::size_t at = alphabet.find(c);
        if (at == std::string_view::npos) return std::nullopt;
        values.push_back(static_cast<unsigned>(at));
    }
    switch (method) {
        case CheckMethod::luhn: return std::string(1, luhn(values));
        case CheckMethod::mod10: return std::string(1, mod10(values));
        case CheckMethod::mod11: return std::string(1, mod11(values));
        case CheckMethod::mod37_36: return std::string(1, mod37_36(values));
        case CheckMethod::mod43: return std::string(1, mod43(values));
        case CheckMethod::mod97: return mod97(values);
    }
    return std::nullopt;
}

}  // namespace stemma::pattern
