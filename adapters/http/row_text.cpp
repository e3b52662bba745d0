#include "adapters/http/row_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "adapters/http/http.hpp"

namespace stemma::http {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

/// Whether any of eight bytes is zero (Hacker's Delight, section 6-1); of bytes below 0x80 exact.
constexpr std::uint64_t zero_in(std::uint64_t word) noexcept { return (word - kOnes) & ~word & kHighs; }

/// Whether one of eight bytes is not printable ASCII, or is a quote or a backslash.
constexpr bool needs_care(std::uint64_t word) noexcept {
    const std::uint64_t high = word & kHighs;
    const std::uint64_t control = (word - kOnes * 0x20U) & ~word & kHighs;
    return (high | control | zero_in(word ^ (kOnes * static_cast<unsigned char>('"'))) |
            zero_in(word ^ (kOnes * static_cast<unsigned char>('\\')))) != 0;
}

/// Every byte stands in a JSON string as it is.
bool is_plain(std::string_view text) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    for (std::uint64_t word = 0; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        std::memcpy(&word, at, sizeof word);
        if (needs_care(word)) return false;
    }
    for (; left > 0; ++at, --left)
        if (static_cast<unsigned char>(*at) < 0x20 || static_cast<unsigned char>(*at) >= 0x80 || *at == '"' || *at == '\\') return false;
    return true;
}

bool looks_like_formula(std::string_view text) noexcept {
    static constexpr std::array<std::string_view, 4> kFullWidth{"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    if (text.empty()) return false;
    if (std::string_view{"=+-@\t\r\n"}.contains(text.front()) || text.starts_with("#end")) return true;
    return std::ranges::any_of(kFullWidth, [&](std::string_view sign) { return text.starts_with(sign); });
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    if (!is_plain(text)) {
        out += json_quote(text);
        return;
    }
    out += '"';
    out += text;
    out += '"';
}

void append_id_row(std::string& out, std::string_view text) {
    constexpr std::string_view kBefore = R"({"id":")";
    constexpr std::string_view kAfter = "\"}\n";
    if (is_plain(text)) {
        out.append(kBefore).append(text).append(kAfter);
        return;
    }
    out += R"({"id":)";
    append_json(out, text);
    out += "}\n";
}

void append_number(std::string& out, std::uint64_t value) {
    const fmt::format_int digits{value};
    out.append(digits.data(), digits.size());
}

void append_cell(std::string& out, std::string_view text) {
    const bool formula = looks_like_formula(text);
    const bool quoted = text.find_first_of(",;\t\"\r\n") != std::string_view::npos || text.starts_with(' ') || text.ends_with(' ');
    if (quoted) out += '"';
    if (formula) out += '\'';
    if (!quoted) {
        out += text;
        return;
    }
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace stemma::http
