// problem+json (RFC 9457) and the small text codecs of HTTP.
#include <fmt/format.h>

#include "adapters/http/http.hpp"
#include "core/base/text.hpp"
#include "core/ledger/json_write.hpp"

namespace stemma::http {
namespace {

const char* title_of(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return "Invalid input";
        case Errc::not_found: return "Not found";
        case Errc::conflict: return "Conflict";
        case Errc::unavailable: return "Not available now";
        case Errc::busy: return "Too busy";
        case Errc::config: return "Configuration error";
        case Errc::plugin: return "Plugin failed";
        case Errc::storage: return "Storage failed";
        case Errc::too_large: return "Too large";
        case Errc::unauthenticated: return "Sign in";
        case Errc::forbidden: return "Not allowed";
        case Errc::internal: return "Internal error";
    }
    return "Internal error";
}

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

int status_of(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return 400;
        case Errc::not_found: return 404;
        case Errc::conflict: return 409;
        case Errc::unauthenticated: return 401;
        case Errc::forbidden: return 403;
        case Errc::too_large: return 413;
        case Errc::busy: return 429;  // RFC 6585 section 4
        case Errc::unavailable: return 503;
        case Errc::config:
        case Errc::plugin:
        case Errc::storage:
        case Errc::internal: return 500;
    }
    return 500;
}

Response problem(int status, std::string_view type, std::string_view title, std::string_view detail, std::string_view pointer,
                 std::string_view hint) {
    std::string body = fmt::format(R"({{"type":{},"title":{},"status":{},"detail":{})", json_quote(fmt::format("/problems/{}", type)),
                                   json_quote(title), status, json_quote(detail));
    if (!pointer.empty()) body += fmt::format(R"(,"pointer":{})", json_quote(pointer));
    if (!hint.empty()) body += fmt::format(R"(,"hint":{})", json_quote(hint));
    return {status, "application/problem+json", body + "}", {}};
}

Response problem(const Error& error) { return problem(error, status_of(error.code)); }

Response problem(const Error& error, int status) {
    Response response = problem(status, to_string(error.code), title_of(error.code), error.message, error.where, error.hint);
    if (error.code == Errc::unavailable || error.code == Errc::busy) response.headers["Retry-After"] = "1";
    return response;
}

Result<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const bool whole = i + 2 < text.size();
        const int high = whole ? hex_value(text[i + 1]) : -1;
        const int low = whole ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) return fail(Errc::invalid_input, "a percent escape in the address is cut or wrong");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!is_clean_utf8(out)) return fail(Errc::invalid_input, "the address is not well-formed UTF-8, or holds a NUL");
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
    std::map<std::string, std::string> parameters;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        std::string pair{text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        for (char& c : pair)
            if (c == '+') c = ' ';
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(std::string_view{pair}.substr(0, equals));
        if (!name) return std::unexpected(name.error());
        auto value = percent_decode(equals < pair.size() ? std::string_view{pair}.substr(equals + 1) : std::string_view{});
        if (!value) return std::unexpected(value.error());
        if (!parameters.try_emplace(*name, *std::move(value)).second)
            return fail(Errc::invalid_input, fmt::format("'{}' stands here twice", clip(*name)), "?" + clip(*name),
                        "give it once; a list has commas between its values");
    }
    return parameters;
}

std::string json_quote(std::string_view text) {
    json::Writer out;
    out.string(text);  // what is not UTF-8, as in a path that nobody decoded, must not come out as it is
    return out.take();
}

}  // namespace stemma::http
