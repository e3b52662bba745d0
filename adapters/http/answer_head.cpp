#include "adapters/http/answer_head.hpp"

#include <boost/beast/http/status.hpp>

#include "adapters/http/row_text.hpp"

namespace stemma::http {

std::string answer_head(const Response& response, const Manner& manner) {
    const bool is_old = manner.version != 11;
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
    std::string out;
    out.reserve(320);
    out += is_old ? "HTTP/1.0 " : "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out.append(reason.data(), reason.size());
    out += "\r\nServer: stemma\r\nContent-Type: ";
    out += response.content_type;
    out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    for (const auto& [name, value] : response.headers) ((((out += name) += ": ") += value) += "\r\n");
    if (manner.keep_alive == is_old) out += is_old ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    if (!response.source) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    } else if (!is_old) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    out += "\r\n";
    return out;
}

}  // namespace stemma::http
