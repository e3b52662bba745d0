#include "core/domain/ids.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace stemma {
namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// RFC 3986 pchar without '%' and ':' (the colon is our own separator).
bool is_plain_in_urn(char c) noexcept { return is_letter(c) || is_digit(c) || std::string_view{"-._~!$&'()*+,;=@/"}.contains(c); }

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (is_plain_in_urn(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
}

}  // namespace

std::string make_urn(std::string_view source, std::string_view kind, std::string_view key) {
    std::string urn{kUrnStart};
    append_escaped(urn, source);
    urn += ':';
    append_escaped(urn, kind);
    urn += ':';
    append_escaped(urn, key);
    return urn;
}

Result<void> check_uri(std::string_view text) {
    const auto refuse = [&](std::string_view reason) {
        return fail(Errc::invalid_input, fmt::format("'{}' is not a URI: {}", clip(text), reason), {},
                    "write an id like urn:epc:id:sgtin:0614141.107346.2017, https://id.gs1.org/01/... or urn:stemma:erp:lot:17");
    };
    if (text.empty()) return refuse("it is empty");
    if (text.size() > kUriBytesMax) return refuse(fmt::format("it has {} bytes, {} are allowed", text.size(), kUriBytesMax));
    if (!is_clean_utf8(text)) return refuse("it is not well-formed UTF-8");
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || !is_letter(text.front())) return refuse("it has no scheme");
    for (const char c : text.substr(0, colon))
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
            return refuse("its scheme has a character that is not allowed");
    if (colon + 1 == text.size()) return refuse("nothing follows the scheme");
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return refuse("it has a blank or a control character");
    return {};
}

}  // namespace stemma
