#include "plugins/pattern/scheme.hpp"

#include <algorithm>
#include <ranges>

namespace stemma::pattern {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(char c) noexcept { return kBlanks.find(c) != std::string_view::npos; }

char folded(char c, Normalisation::Case letters) noexcept {
    if (letters == Normalisation::Case::upper && c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    if (letters == Normalisation::Case::lower && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c;
}

/// Indices of the bytes that stay. Stripping comes before trimming, or a second pass could find new blanks at the ends.
std::vector<std::size_t> kept_bytes(std::string_view text, const Normalisation& how) {
    std::vector<std::size_t> kept;
    kept.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (how.strip.find(text[i]) == std::string::npos) kept.push_back(i);
    if (!how.trim) return kept;
    while (!kept.empty() && is_blank(text[kept.back()])) kept.pop_back();
    kept.erase(kept.begin(), std::ranges::find_if(kept, [&](std::size_t i) { return !is_blank(text[i]); }));
    return kept;
}

}  // namespace

std::string Normalisation::apply(std::string_view text) const {
    std::string out;
    for (const std::size_t i : kept_bytes(text, *this)) out += folded(text[i], letters);
    return out;
}

std::size_t Normalisation::origin(std::string_view text, std::size_t index) const {
    const auto kept = kept_bytes(text, *this);
    return index < kept.size() ? kept[index] : text.size();
}

std::string Normalisation::in_words() const {
    std::string words = letters == Case::upper ? "upper case" : letters == Case::lower ? "lower case" : "case kept";
    for (std::size_t i = 0; i < strip.size(); ++i) words += std::string(i == 0 ? ", without '" : " and '") + strip[i] + "'";
    words += trim ? ", without blanks at the ends" : ", blanks at the ends kept";
    return words + ", leading zeros kept";
}

Outcome<void> check_names(const Fields& given, const std::vector<Wanted>& wanted) {
    std::vector<std::string> names;
    names.reserve(wanted.size());
    for (const Wanted& w : wanted) names.push_back(w.name);
    for (const auto& [name, value] : given)
        if (std::ranges::find(names, name) == names.end())
            return std::unexpected("'" + name + "' is not a field of this scheme; it takes " + (names.empty() ? "none" : listed(names)));
    return {};
}

const std::string* find_given(const Fields& given, std::string_view name) noexcept {
    const auto it = given.find(name);
    return it == given.end() ? nullptr : &it->second;
}

std::string listed(const std::vector<std::string>& words, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < words.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + words[i];
    if (words.size() > most) out += " and " + std::to_string(words.size() - most) + " more";
    return out;
}

}  // namespace stemma::pattern
