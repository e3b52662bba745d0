// A small HTTP/1.1 client for load: requests prepared as text, keep-alive connections that each wait for their answer, and one that reads
// a long answer as it comes. It checks the status and the length, no more: the servers are measured, not the client.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stemma::bench {

/// "GET /path HTTP/1.1" with what a daemon on loopback wants to see.
[[nodiscard]] std::string get_request(const std::string& path, const std::string& accept = "");
[[nodiscard]] std::string post_request(const std::string& path, const std::string& body,
                                       const std::string& content_type = "application/json");

/// Sends `total` requests, the n-th made by request(n), over `connections`. Throws std::runtime_error when an answer is not 2xx.
void send_all(int port, std::size_t connections, std::size_t total, const std::function<std::string(std::size_t)>& request);

struct LongAnswer {
    int status{0};
    std::string content_type;
    std::string body;         ///< without chunk frames
    double first_byte_ns{0};  ///< from sending to the first byte of the body
};
/// One request on a connection of its own; the body is kept as it comes and unframed by the caller's time too. Throws when it is cut.
[[nodiscard]] LongAnswer fetch(int port, const std::string& request);

}  // namespace stemma::bench
