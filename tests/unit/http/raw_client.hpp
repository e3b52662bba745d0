// A client that sends bytes as they are, so that also what no library would send can be sent; and a listener with a few routes to talk to.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/listener.hpp"

namespace stemma::http::test {

/// An answer as it came over the wire.
struct RawAnswer {
    int status{0};  ///< 0: the connection ended before an answer
    std::string header;
    std::string body;

    /// Value of a header field, its name in any case; "" when absent.
    [[nodiscard]] std::string field(std::string_view name) const;
    /// A text member of a problem document, "" when absent; only for plain texts without escapes.
    [[nodiscard]] std::string member(std::string_view name) const;
};

/// One connection to a port of the loopback address.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);                                           ///< the test fails when nobody listens
    [[nodiscard]] static std::unique_ptr<RawClient> try_connect(std::uint16_t port);  ///< null when nobody listens
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False when the peer had closed.
    bool send(std::string_view bytes);
    /// No more is sent; answers can still be read.
    void end_sending();
    /// Reads one answer. `head`: it has no body whatever its Content-Length.
    [[nodiscard]] RawAnswer answer(bool head = false);
    /// Reads the header of an answer alone; its body is read by next_chunk() or rest().
    [[nodiscard]] RawAnswer header();
    /// One chunk of a body in chunks: "" for the last one, nothing when the body was cut.
    [[nodiscard]] std::optional<std::string> next_chunk();
    /// Everything until the peer closes, or until nothing came for `within`.
    [[nodiscard]] std::string rest(std::chrono::milliseconds within = std::chrono::seconds{10});
    /// The peer closed: waits for it, at most `within`. Bytes that come before are a no.
    [[nodiscard]] bool closed(std::chrono::milliseconds within = std::chrono::seconds{10});

private:
    RawClient() = default;
    [[nodiscard]] bool connect(std::uint16_t port);
    bool more(std::chrono::milliseconds within);  ///< reads some; false at the end or when nothing came

    int socket_{-1};
    std::string read_;
    bool ended_{false};
};

/// GET of a path over HTTP/1.1.
[[nodiscard]] std::string get(std::string_view path, std::string_view fields = {});
/// POST with a body and its Content-Length.
[[nodiscard]] std::string post(std::string_view path, std::string_view body, std::string_view fields = {});
/// One chunk of a chunked body; an empty one is the last.
[[nodiscard]] std::string chunk(std::string_view bytes);

/// A listener on a free port of the loopback address over three routes: GET /echo/{word} says the word, GET /query says its ?a=,
/// POST /size says how many bytes came.
class ListenerTest : public testing::Test {
protected:
    ListenerTest();

    void start(const ListenerSettings& settings);
    [[nodiscard]] static ListenerSettings quick();  ///< any free port, small limits
    [[nodiscard]] RawClient client() const { return RawClient{listener->port()}; }
    /// Sends the bytes on a connection of their own and reads the answer.
    [[nodiscard]] RawAnswer ask(std::string_view bytes) const;

    Router router;  ///< handlers may be added before start()
    std::unique_ptr<Listener> listener;
};

}  // namespace stemma::http::test
