#include "adapters/http/row_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "adapters/http/http.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::http {
namespace {

constexpr std::string_view kIdBefore = R"({"id":")";
constexpr std::string_view kIdAfter = "\"}\n";

using Bytes = signed char __attribute__((vector_size(16)));

/// Writes the row of an id whose every byte stands in a JSON string as it is, and returns its end; null for another id. Looks at 16 bytes
/// while it copies them, the last time over again at the bytes before them.
char* put_plain_row(char* at, std::string_view id) noexcept {
    std::memcpy(at, kIdBefore.data(), kIdBefore.size());
    at += kIdBefore.size();
    Bytes bytes;
    if (id.size() < sizeof bytes) {
        if (!json::is_plain(id)) return nullptr;
        std::memcpy(at, id.data(), id.size());
    } else {
        Bytes care{};
        const std::size_t last = id.size() - sizeof bytes;
        for (std::size_t i = 0;; i = std::min(i + sizeof bytes, last)) {
            std::memcpy(&bytes, id.data() + i, sizeof bytes);
            care |= (bytes < 0x20) | (bytes == '"') | (bytes == '\\');  // those of 0x80 and above are negative
            std::memcpy(at + i, &bytes, sizeof bytes);
            if (i == last) break;
        }
        std::array<std::uint64_t, 2> any{};
        std::memcpy(any.data(), &care, sizeof any);
        if ((any[0] | any[1]) != 0) return nullptr;
    }
    at += id.size();
    std::memcpy(at, kIdAfter.data(), kIdAfter.size());
    return at + kIdAfter.size();
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    if (!json::is_plain(text)) {
        out += json_quote(text);
        return;
    }
    out += '"';
    out += text;
    out += '"';
}

void append_id_rows(std::string& out, std::span<const std::string_view> texts) {
    while (!texts.empty()) {
        std::size_t most = out.size();
        for (const std::string_view text : texts) most += kIdBefore.size() + text.size() + kIdAfter.size();
        std::size_t done = 0;
        const std::size_t before = out.size();
        out.resize_and_overwrite(most, [&](char* begin, std::size_t) noexcept {
            char* at = begin + before;
            for (; done < texts.size(); ++done) {
                char* const end = put_plain_row(at, texts[done]);
                if (end == nullptr) break;
                at = end;
            }
            return static_cast<std::size_t>(at - begin);
        });
        if (done == texts.size()) return;
        out += R"({"id":)";
        append_json(out, texts[done]);
        out += "}\n";
        texts = texts.subspan(done + 1);
    }
}

void append_number(std::string& out, std::uint64_t value) {
    const fmt::format_int digits{value};
    out.append(digits.data(), digits.size());
}

}  // namespace stemma::http
