#include "core/cli/screen.hpp"

#include <fmt/format.h>

#include <ostream>

namespace stemma::cli {
namespace {

constexpr std::size_t kProgressColumns = 79;  ///< of a line that must not wrap, or it cannot be written over

constexpr std::string_view code_of(Tone tone) noexcept {
    switch (tone) {
        case Tone::plain: return "";
        case Tone::strong: return "1";
        case Tone::faint: return "2";
        case Tone::good: return "32";
        case Tone::warn: return "33";
        case Tone::bad: return "31";
    }
    return "";
}

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the character at the front that must not reach a terminal; 0 for one that may.
std::size_t harmful(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
    if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;                                     // C1, U+0080 to U+009F
    if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;                                                       // U+061C
    if (byte(0) != 0xE2) return 0;                                                                          // from U+2000 on
    if (byte(1) == 0x80 && ((byte(2) >= 0x8E && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE)))  // U+200E, 200F, 2028 to 202E
        return 3;
    return byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9 ? 3 : 0;  // U+2066 to U+2069
}

}  // namespace

std::string paint(const Look& look, Tone tone, std::string_view text) {
    if (!look.colour || tone == Tone::plain || text.empty()) return std::string{text};
    return fmt::format("\x1b[{}m{}\x1b[0m", code_of(tone), text);
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
            out += ' ';
            ++i;
        } else if (const std::size_t bytes = harmful(text.substr(i)); bytes != 0) {
            out += '?';
            i += bytes;
        } else {
            out += text[i++];
        }
    }
    return out;
}

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (const char c : text)
        if (!continues(c)) ++width;
    return width;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (columns == 0) return {};
    if (width_of(text) <= columns) return std::string{text};
    std::size_t kept = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        if (!continues(text[end]) && kept++ == columns - 1) break;
        ++end;
    }
    return std::string{text.substr(0, end)} + "…";
}

void ProgressLine::show(std::string_view text) {
    if (!screen_.live) return;
    screen_.err << "\r\x1b[K" << cut_to(printable(text), kProgressColumns) << std::flush;
    shown_ = true;
}

void ProgressLine::clear() {
    if (!shown_) return;
    screen_.err << "\r\x1b[K" << std::flush;
    shown_ = false;
}

}  // namespace stemma::cli
