// A server that says exactly what a test wants, right or wrong: for clients of HTTP.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace stemma::test {

/// Listens on loopback. The n-th connection gets the n-th script: one text after each request's header, then the end of the
/// connection. A text of kSilence says nothing and keeps the connection open until the server goes.
class RawServer {
public:
    explicit RawServer(std::vector<std::vector<std::string>> scripts);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] int connections() const noexcept { return connections_; }

    static constexpr const char* kSilence = "(silence)";

private:
    void serve(const std::vector<std::string>& script);

    std::vector<std::vector<std::string>> scripts_;
    int listener_{-1};
    std::uint16_t port_{0};
    std::atomic<int> connections_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

/// A port of loopback that nothing listens on.
[[nodiscard]] std::uint16_t free_port();

/// "HTTP/1.1 200 OK", JSON, with its length.
[[nodiscard]] std::string http_ok(const std::string& body);

}  // namespace stemma::test
