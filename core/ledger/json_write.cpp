#include "core/ledger/json_write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/base/text.hpp"

namespace stemma::json {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

/// Whether any of eight bytes is zero (Hacker's Delight, section 6-1); of bytes below 0x80 exact.
constexpr std::uint64_t zero_in(std::uint64_t word) noexcept { return (word - kOnes) & ~word & kHighs; }

/// Not zero when one of eight bytes is not printable ASCII, or is a quote or a backslash.
constexpr std::uint64_t care_of(std::uint64_t word) noexcept {
    const std::uint64_t high = word & kHighs;
    const std::uint64_t control = (word - kOnes * 0x20U) & ~word & kHighs;
    return high | control | zero_in(word ^ (kOnes * static_cast<unsigned char>('"'))) |
           zero_in(word ^ (kOnes * static_cast<unsigned char>('\\')));
}

std::string mended(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !is_clean_utf8(text.substr(0, length))) ++length;
        if (length <= 4 && length <= text.size()) {
            out += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        }
    }
    return out;
}

bool needs_escape(char c) noexcept { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20)
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
        out += c;
}

}  // namespace

bool is_plain(std::string_view text) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    for (std::uint64_t word = 0; left >= sizeof word; at += sizeof word, left -= sizeof word) {
        std::memcpy(&word, at, sizeof word);
        if (care_of(word) != 0) return false;
    }
    for (; left > 0; ++at, --left)
        if (static_cast<unsigned char>(*at) < 0x20 || static_cast<unsigned char>(*at) >= 0x80 || *at == '"' || *at == '\\') return false;
    return true;
}

void Writer::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

void Writer::open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
}

void Writer::close(char bracket) {
    out_ += bracket;
    comma_ = true;
}

void Writer::key(std::string_view name) {
    string(name);
    out_ += ':';
    comma_ = false;
}

void Writer::string(std::string_view text) {
    if (is_plain(text)) {
        separate();
        out_ += '"';
        out_ += text;
        out_ += '"';
        return;
    }
    if (!is_clean_utf8(text)) return string(mended(text));
    separate();
    out_ += '"';
    while (!text.empty()) {
        const std::size_t plain = std::min(static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin()), text.size());
        out_.append(text, 0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        append_escaped(out_, text.front());
        text.remove_prefix(1);
    }
    out_ += '"';
}

void Writer::raw(std::string_view number_or_literal) {
    separate();
    out_ += number_or_literal;
}

void Writer::field(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    key(name);
    string(text);
}

void Writer::number(std::string_view name, std::uint64_t value) {
    key(name);
    raw(fmt::format_int(value).c_str());
}

}  // namespace stemma::json
