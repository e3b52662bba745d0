#include "tests/bench/http_load.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/bench/server_process.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kReadBytes = 262'144;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

class Socket {
public:
    explicit Socket(int port) : number_{connect_to(port)} {
        if (number_ < 0) throw std::runtime_error("nobody answers on the port");
    }
    Socket(Socket&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (number_ >= 0) close(number_);
    }
    [[nodiscard]] int number() const noexcept { return number_; }

    void send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t sent = ::send(number_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("a request could not be sent");
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// Appends what there is; waits for something. Nothing at the end of the connection.
    std::size_t receive(std::string& to) const {
        const std::size_t before = to.size();
        std::size_t got = 0;
        if (to.capacity() - before < kReadBytes / 4) to.reserve(std::max(before + kReadBytes, 2 * to.capacity()));
        to.resize_and_overwrite(to.capacity(), [&](char* begin, std::size_t size) {
            const ssize_t count = recv(number_, begin + before, std::min(size - before, kReadBytes), 0);
            got = count > 0 ? static_cast<std::size_t>(count) : 0;
            return before + got;
        });
        return got;
    }

private:
    int number_;
};

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string header(std::string_view head, const std::string& name) {
    const std::string all = lower(head);
    const std::size_t at = all.find("\r\n" + name + ":");
    if (at == std::string::npos) return {};
    const std::size_t begin = all.find_first_not_of(' ', at + name.size() + 3);
    return std::string{head.substr(begin, all.find("\r\n", begin) - begin)};
}

int status_of(std::string_view head) {
    int status = 0;
    if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, status);
    return status;
}

/// Bytes of a whole answer with a declared length, once they are there.
std::optional<std::size_t> whole_answer(std::string_view text) {
    const std::size_t end = text.find(kHeadEnd);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view head = text.substr(0, end + 2);
    if (const int status = status_of(head); status < 200 || status > 299)
        throw std::runtime_error("answered: " + std::string{text.substr(0, 600)});
    const std::string length = header(head, "content-length");
    if (length.empty()) throw std::runtime_error("an answer without a length");
    const std::size_t size = end + kHeadEnd.size() + std::stoull(length);
    return text.size() >= size ? std::optional{size} : std::nullopt;
}

/// Takes the frames off a chunked body that begins at `begin`, and what stands before it; nothing when it is cut.
std::optional<std::string> unchunked(std::string text, std::size_t begin) {
    std::size_t kept = 0;
    for (std::string_view framed = std::string_view{text}.substr(begin);;) {
        const std::size_t end = framed.find("\r\n");
        std::size_t size = 0;
        if (end == std::string_view::npos || std::from_chars(framed.data(), framed.data() + end, size, 16).ec != std::errc{})
            return std::nullopt;
        framed.remove_prefix(end + 2);
        if (size != 0 && framed.size() < size + 2) return std::nullopt;
        if (size == 0) break;
        std::memmove(text.data() + kept, framed.data(), size);
        kept += size;
        framed.remove_prefix(size + 2);
    }
    text.resize(kept);
    return text;
}

struct Connection {
    Socket socket;
    std::string received;
};

}  // namespace

std::string get_request(const std::string& path, const std::string& accept) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, accept.empty() ? "" : "Accept: " + accept + "\r\n");
}

std::string post_request(const std::string& path, const std::string& body, const std::string& content_type) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", path, content_type,
                       body.size(), body);
}

void send_all(int port, std::size_t connections, std::size_t total, const std::function<std::string(std::size_t)>& request) {
    const int waiting = epoll_create1(EPOLL_CLOEXEC);
    std::vector<Connection> open;
    std::size_t sent = 0;
    for (std::size_t i = 0; i < std::min(connections, total); ++i) {
        open.push_back({Socket{port}, {}});
        epoll_event event{EPOLLIN, {.u64 = i}};
        epoll_ctl(waiting, EPOLL_CTL_ADD, open.back().socket.number(), &event);
        open.back().socket.send(request(sent++));
    }
    std::array<epoll_event, 64> ready{};
    for (std::size_t answered = 0; answered < total;) {
        const int count = epoll_wait(waiting, ready.data(), static_cast<int>(ready.size()), 60'000);
        if (count <= 0) throw std::runtime_error("no answer within 60 s");
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            Connection& connection = open[ready[i].data.u64];
            if (connection.socket.receive(connection.received) == 0) throw std::runtime_error("a connection was closed");
            if (!whole_answer(connection.received)) continue;
            connection.received.clear();
            ++answered;
            if (sent < total) connection.socket.send(request(sent++));
        }
    }
    close(waiting);
}

LongAnswer fetch(int port, const std::string& request) {
    using Clock = std::chrono::steady_clock;
    const Socket socket{port};
    const auto begin = Clock::now();
    socket.send(request);
    std::string text;
    std::size_t body = std::string::npos;
    LongAnswer answer;
    bool chunked = false;
    std::size_t length = 0;
    for (;;) {
        if (body != std::string::npos && (chunked ? text.ends_with("0\r\n\r\n") : text.size() - body >= length)) break;
        if (socket.receive(text) == 0) throw std::runtime_error("a long answer was cut");
        if (body != std::string::npos) continue;
        const std::size_t end = text.find(kHeadEnd);
        if (end == std::string::npos) continue;
        const std::string head = text.substr(0, end + 2);
        body = end + kHeadEnd.size();
        answer.status = status_of(head);
        answer.content_type = header(head, "content-type");
        chunked = lower(header(head, "transfer-encoding")) == "chunked";
        length = chunked ? 0 : std::stoull("0" + header(head, "content-length"));
        answer.first_byte_ns = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    }
    if (!chunked) {
        answer.body = text.substr(body);
        return answer;
    }
    auto unframed = unchunked(std::move(text), body);
    if (!unframed) throw std::runtime_error("a long answer was cut");
    answer.body = *std::move(unframed);
    return answer;
}

}  // namespace stemma::bench
