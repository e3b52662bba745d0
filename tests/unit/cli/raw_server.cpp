#include "tests/unit/cli/raw_server.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stemma::test {
namespace {

struct Bound {
    int file;
    std::uint16_t port;
};

Bound bind_loopback() {
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(file, reinterpret_cast<sockaddr*>(&address), size) != 0) return {file, 0};
    getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
    return {file, ntohs(address.sin_port)};
}

constexpr int kPollMs = 20;

bool readable(int file) {
    pollfd wait{file, POLLIN, 0};
    return poll(&wait, 1, kPollMs) > 0;
}

}  // namespace

RawServer::RawServer(std::vector<std::vector<std::string>> scripts) : scripts_{std::move(scripts)} {
    const Bound bound = bind_loopback();
    listener_ = bound.file;
    port_ = bound.port;
    listen(listener_, 8);
    thread_ = std::thread{[this] {
        for (const std::vector<std::string>& script : scripts_) serve(script);
    }};
}

RawServer::~RawServer() {
    stopping_ = true;
    thread_.join();
    close(listener_);
}

void RawServer::serve(const std::vector<std::string>& script) {
    while (!stopping_ && !readable(listener_)) continue;
    if (stopping_) return;
    const int peer = accept(listener_, nullptr, nullptr);
    ++connections_;
    std::string seen;
    for (const std::string& answer : script) {
        char chunk[4096];
        while (!stopping_ && seen.find("\r\n\r\n") == std::string::npos) {
            if (!readable(peer)) continue;
            const ssize_t got = read(peer, chunk, sizeof chunk);
            if (got <= 0) break;
            seen.append(chunk, static_cast<std::size_t>(got));
        }
        seen.clear();
        while (answer == kSilence && !stopping_) readable(peer);
        if (answer != kSilence && send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    close(peer);
}

std::uint16_t free_port() {
    const Bound bound = bind_loopback();
    close(bound.file);
    return bound.port;
}

std::string http_ok(const std::string& body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace stemma::test
