#include "core/base/csv.hpp"

#include <algorithm>
#include <array>

namespace stemma {
namespace {

bool looks_like_formula(std::string_view text) noexcept {
    static constexpr std::array<std::string_view, 4> kFullWidth{"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    if (text.empty()) return false;
    if (std::string_view{"=+-@\t\r\n"}.contains(text.front()) || text.starts_with("#end")) return true;
    return std::ranges::any_of(kFullWidth, [&](std::string_view sign) { return text.starts_with(sign); });
}

}  // namespace

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

}  // namespace stemma
