#include "adapters/http/request_guard.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/text.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kCited = 128;  ///< bytes of a header that an answer cites

using AddressBytes = std::array<unsigned char, 16>;  ///< of IPv6; IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2)

constexpr AddressBytes kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/// Host and port of a Host header or an origin. The host of an IPv6 address has no brackets here.
struct Authority {
    std::string host;  ///< in lower case
    std::string port;  ///< "" where none is named
    bool bracketed{false};
    friend bool operator==(const Authority&, const Authority&) = default;
};

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// "host", "host:port", "[v6]", "[v6]:port" (RFC 3986 section 3.2); nothing for any other text.
std::optional<Authority> parse_authority(std::string_view text) {
    Authority authority;
    authority.bracketed = text.starts_with('[');
    const std::size_t end = authority.bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return std::nullopt;
    authority.host = lower(authority.bracketed ? text.substr(1, end - 1) : text.substr(0, end));
    const std::string_view rest = text.substr(authority.bracketed ? end + 1 : end);
    if (authority.host.empty()) return std::nullopt;
    if (rest.empty()) return authority;
    authority.port = rest.substr(1);
    const bool digits = std::ranges::all_of(authority.port, [](char c) { return c >= '0' && c <= '9'; });
    if (rest.front() != ':' || !digits) return std::nullopt;
    return authority;
}

/// The bytes of an address in its usual spelling; a zone ("%eth0") does not count.
std::optional<AddressBytes> parse_address(std::string_view text) {
    const std::string spelled{text.substr(0, text.find('%'))};
    AddressBytes bytes{};
    if (::inet_pton(AF_INET6, spelled.c_str(), bytes.data()) == 1) return bytes;
    std::ranges::copy(kMapped, bytes.begin());
    if (::inet_pton(AF_INET, spelled.c_str(), bytes.data() + kMapped.size()) == 1) return bytes;
    return std::nullopt;
}

bool is_loopback(const AddressBytes& address) {
    const bool is_v4 = std::equal(kMapped.begin(), kMapped.end(), address.begin());
    return is_v4 ? address[kMapped.size()] == 127 : address == kLoopback6;
}

bool is_ours(const Authority& host, std::string_view local_address) {
    if (!host.bracketed && host.host == "localhost") return true;
    const std::optional<AddressBytes> asked = parse_address(host.host);
    if (!asked || host.bracketed != host.host.contains(':')) return false;
    return is_loopback(*asked) || asked == parse_address(local_address);
}

/// RFC 9110 section 9.2.1: a method that only reads.
bool is_safe(std::string_view method) noexcept { return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE"; }

/// RFC 6454 section 5, but for the scheme: a proxy that ends TLS turns https into http.
bool is_same_origin(std::string_view origin, std::string_view host) {
    std::string_view default_port;
    for (const auto& [scheme, port] : {std::pair{"http://", "80"}, std::pair{"https://", "443"}}) {
        if (!lower(origin).starts_with(scheme)) continue;
        default_port = port;
        origin.remove_prefix(std::strlen(scheme));
    }
    std::optional<Authority> theirs = parse_authority(origin);
    std::optional<Authority> ours = parse_authority(host);
    if (default_port.empty() || !theirs || !ours) return false;
    if (theirs->port.empty()) theirs->port = default_port;
    if (ours->port.empty()) ours->port = default_port;
    return theirs == ours;
}

/// No form can send one of these without the browser asking first (fetch standard, "CORS-safelisted request-header").
bool is_json(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return lower(type) == "application/json" || lower(type) == kNdjson;
}

Response wrong_host(std::string_view host) {
    return problem(421, "wrong_host", "Wrong host", fmt::format("'{}' is not a name of this Stemma", clip(host, kCited)), "Host",
                   "ask for localhost, 127.0.0.1, [::1] or the IP address in daemon.address; a proxy in front sends one of these as Host");
}

Response foreign_origin(std::string_view from, std::string_view header) {
    return problem(403, "foreign_origin", "Foreign origin",
                   fmt::format("a page of another site ('{}') may not change anything", clip(from, kCited)), header,
                   "programs send neither Origin nor Sec-Fetch-Site; a page must come from the host and port that it asks");
}

Response wrong_type(std::string_view content_type) {
    return problem(415, "unsupported_media_type", "Unsupported media type",
                   content_type.empty() ? "the body comes without a Content-Type"
                                        : fmt::format("a body of type '{}' is not taken", clip(content_type, kCited)),
                   "Content-Type", "send JSON, and say so: Content-Type: application/json");
}

}  // namespace

std::optional<Response> refuse_foreign(const Request& header, bool has_body, std::string_view local_address) {
    const std::string_view host = header.header("host");
    if (header.headers.contains("host")) {
        const std::optional<Authority> asked = parse_authority(host);
        if (!asked || !is_ours(*asked, local_address)) return wrong_host(host);
    }
    if (is_safe(header.method)) return std::nullopt;
    const std::string_view origin = header.header("origin");
    if (header.headers.contains("origin") && !is_same_origin(origin, host)) return foreign_origin(origin, "Origin");
    const std::string_view site = header.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") return foreign_origin(site, "Sec-Fetch-Site");
    const std::string_view type = header.header("content-type");
    if (has_body && !is_json(type)) return wrong_type(type);
    return std::nullopt;
}

}  // namespace stemma::http
