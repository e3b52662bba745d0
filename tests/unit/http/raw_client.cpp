#include "tests/unit/http/raw_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace stemma::http::test {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};  ///< for an answer that is expected

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

}  // namespace

std::string RawAnswer::field(std::string_view name) const {
    const std::size_t found = lower(header).find("\r\n" + lower(name) + ": ");
    if (found == std::string::npos) return {};
    const std::size_t begin = found + name.size() + 4;
    return header.substr(begin, header.find("\r\n", begin) - begin);
}

std::string RawAnswer::member(std::string_view name) const {
    const std::string key = fmt::format("\"{}\":\"", name);
    const std::size_t found = body.find(key);
    if (found == std::string::npos) return {};
    const std::size_t begin = found + key.size();
    return body.substr(begin, body.find('"', begin) - begin);
}

RawClient::RawClient(std::uint16_t port) { EXPECT_TRUE(connect(port)); }

std::unique_ptr<RawClient> RawClient::try_connect(std::uint16_t port) {
    std::unique_ptr<RawClient> made{new RawClient};
    return made->connect(port) ? std::move(made) : nullptr;
}

bool RawClient::connect(std::uint16_t port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::more(std::chrono::milliseconds within) {
    pollfd waiting{socket_, POLLIN, 0};
    if (ended_ || ::poll(&waiting, 1, static_cast<int>(within.count())) != 1) return false;
    char part[16384];
    const ssize_t got = ::recv(socket_, part, sizeof part, 0);
    ended_ = got <= 0;
    if (got > 0) read_.append(part, static_cast<std::size_t>(got));
    return got > 0;
}

RawAnswer RawClient::header() {
    RawAnswer answer;
    while (!read_.contains("\r\n\r\n"))
        if (!more(kPatience)) return answer;
    answer.header = read_.substr(0, read_.find("\r\n\r\n") + 2);
    read_.erase(0, answer.header.size() + 2);
    answer.status = std::stoi(answer.header.substr(answer.header.find(' ') + 1, 3));
    return answer;
}

std::optional<std::string> RawClient::next_chunk() {
    while (!read_.contains("\r\n"))
        if (!more(kPatience)) return std::nullopt;
    const std::size_t line = read_.find("\r\n");
    const std::size_t bytes = std::stoul(read_.substr(0, line), nullptr, 16);
    while (read_.size() < line + 2 + bytes + 2)
        if (!more(kPatience)) return std::nullopt;
    std::string chunk = read_.substr(line + 2, bytes);
    EXPECT_EQ(read_.substr(line + 2 + bytes, 2), "\r\n");
    read_.erase(0, line + 2 + bytes + 2);
    return chunk;
}

std::string RawClient::rest(std::chrono::milliseconds within) {
    while (more(within)) {
    }
    return std::exchange(read_, {});
}

RawAnswer RawClient::answer(bool head) {
    RawAnswer answer = header();
    if (answer.status == 0) return answer;
    const std::string length = answer.field("Content-Length");
    const std::size_t bytes = head || length.empty() ? 0 : std::stoul(length);
    while (read_.size() < bytes)
        if (!more(kPatience)) break;
    answer.body = read_.substr(0, bytes);
    read_.erase(0, answer.body.size());
    return answer;
}

bool RawClient::closed(std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!ended_ && read_.empty() && std::chrono::steady_clock::now() < until) more(std::chrono::milliseconds{100});
    return ended_ && read_.empty();
}

std::string get(std::string_view path, std::string_view fields) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, fields);
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}", path,
                       body.size(), fields, body);
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

ListenerTest::ListenerTest() {
    router.add({"GET", "/echo/{word}", {}, [](const Request& r) { return Response{200, "text/plain", r.argument("word"), {}}; }});
    router.add({"GET", "/query", {"a"}, [](const Request& r) {
                    return Response{200, "text/plain", r.parameter("a").value_or("none"), {}};
                }});
    router.add({"POST", "/size", {}, [](const Request& r) { return Response{200, "text/plain", std::to_string(r.body.size()), {}}; }});
}

ListenerSettings ListenerTest::quick() {
    ListenerSettings settings;
    settings.port = 0;
    settings.header_bytes_max = 1024;
    settings.body_bytes_max = 1000;
    settings.batch_bytes_max = 3000;
    return settings;
}

void ListenerTest::start(const ListenerSettings& settings) {
    listener = std::make_unique<Listener>(settings, router);
    const auto started = listener->start();
    ASSERT_TRUE(started) << started.error().text();
}

RawAnswer ListenerTest::ask(std::string_view bytes) const {
    RawClient one{listener->port()};
    one.send(bytes);
    return one.answer();
}

}  // namespace stemma::http::test
