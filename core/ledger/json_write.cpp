#include "core/ledger/json_write.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace stemma::json {
namespace {

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
