// The client side of HTTP, and the only code of the command line with Beast. One connection, kept alive between requests: GETs use it
// again and are sent once more when the daemon had closed it meanwhile; anything else begins on a fresh one, since it must not be sent
// twice.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <exception>

#include "core/cli/transport.hpp"

namespace stemma::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Parser = bhttp::response_parser<bhttp::string_body>;
using PieceParser = bhttp::response_parser<bhttp::buffer_body>;

constexpr std::uint32_t kHeaderBytesMax = 64 * 1024;  ///< of an answer

std::string target_of(const http::Request& request) {
    std::string target = request.path;
    char separator = '?';
    for (const auto& [name, value] : request.query) {
        target += fmt::format("{}{}={}", separator, http::percent_encode(name), http::percent_encode(value));
        separator = '&';
    }
    return target;
}

bhttp::request<bhttp::string_body> to_message(http::Request request, const Place& place) {
    bhttp::request<bhttp::string_body> message{bhttp::string_to_verb(request.method), target_of(request), 11};
    message.set(bhttp::field::host, place.text());
    message.set(bhttp::field::user_agent, "stemma");
    message.set(bhttp::field::accept, "application/json");
    if (!request.body.empty()) message.set(bhttp::field::content_type, "application/json");
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.body() = std::move(request.body);
    message.prepare_payload();
    return message;
}

template <class Fields>
http::Response to_response(const Fields& message, std::string body) {
    http::Response response{static_cast<int>(message.result_int()), {}, std::move(body), {}};
    const auto type = message[bhttp::field::content_type];
    response.content_type = std::string{type.data(), type.size()};
    if (const auto after = message[bhttp::field::retry_after]; !after.empty())
        response.headers["Retry-After"] = std::string{after.data(), after.size()};
    return response;
}

class HttpTransport : public Transport {
public:
    HttpTransport(Place place, const HttpLimits& limits) : place_{std::move(place)}, limits_{limits}, stream_{io_} {}

    [[nodiscard]] error_code connect();
    [[nodiscard]] Error not_connected(const error_code& error) const;
    [[nodiscard]] Result<http::Response> send(http::Request request) override { return send(std::move(request), nullptr); }
    [[nodiscard]] Result<http::Response> send_to(http::Request request, const Take& take) override {
        return send(std::move(request), &take);
    }

private:
    struct Exchange {
        error_code error;
        bool begun{false};  ///< a byte of the answer had come
        http::Response response;
    };
    using Sent = bhttp::request<bhttp::string_body>;

    [[nodiscard]] Result<http::Response> send(http::Request request, const Take* take);

    template <class Work>
    void run(Work work);
    asio::awaitable<void> connect_within(error_code& error);
    asio::awaitable<void> exchange_within(Sent& message, const Take* take, Exchange& exchange);
    asio::awaitable<void> read_whole(const error_code& written, Exchange& exchange);
    asio::awaitable<void> read_pieces(const Take& take, const error_code& written, Exchange& exchange);
    [[nodiscard]] Exchange exchange(Sent& message, const Take* take);
    [[nodiscard]] Error failed(const Exchange& exchange) const;

    Place place_;
    HttpLimits limits_;
    asio::io_context io_;
    beast::tcp_stream stream_;
    bool open_{false};
    bool used_{false};  ///< a request went over this connection
};

template <class Work>
void HttpTransport::run(Work work) {
    io_.restart();
    std::exception_ptr bug;
    asio::co_spawn(io_, work(), [&](std::exception_ptr thrown) { bug = std::move(thrown); });
    io_.run();
    if (bug) std::rethrow_exception(bug);
}

asio::awaitable<void> HttpTransport::connect_within(error_code& error) {
    tcp::resolver resolver{io_};
    const auto found =
        co_await resolver.async_resolve(place_.host, std::to_string(place_.port), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    stream_.expires_after(limits_.connect);
    co_await stream_.async_connect(found, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay{true}, ignored);  // NOLINT(bugprone-unused-return-value): only slower without it
}

error_code HttpTransport::connect() {
    error_code error;
    stream_.close();
    run([&] { return connect_within(error); });
    open_ = !error;
    used_ = false;
    return error;
}

Error HttpTransport::not_connected(const error_code& error) const {
    const std::string why = error == asio::error::connection_refused ? "nothing listens there"
                            : error == beast::error::timeout         ? fmt::format("no answer within {} ms", limits_.connect.count())
                                                                     : error.message();
    return {Errc::unavailable,
            fmt::format("Stemma cannot be reached at {}: {}", place_.text(), why),
            {},
            "is stemmad running? `stemma serve` starts it"};
}

asio::awaitable<void> HttpTransport::exchange_within(Sent& message, const Take* take, Exchange& exchange) {
    stream_.expires_after(limits_.answer);
    co_await bhttp::async_write(stream_, message, asio::redirect_error(asio::use_awaitable, exchange.error));
    // A daemon that refuses a body answers before it has read all of it: the answer tells more than the failed write.
    const error_code written = exchange.error;
    if (take == nullptr)
        co_await read_whole(written, exchange);
    else
        co_await read_pieces(*take, written, exchange);
    if (exchange.error && written && !exchange.begun) exchange.error = written;
}

asio::awaitable<void> HttpTransport::read_whole(const error_code& written, Exchange& exchange) {
    beast::flat_buffer buffer;
    Parser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(limits_.answer_bytes_max);
    co_await bhttp::async_read(stream_, buffer, parser, asio::redirect_error(asio::use_awaitable, exchange.error));
    exchange.begun = parser.got_some() || buffer.size() > 0;
    if (exchange.error) co_return;
    open_ = parser.keep_alive() && !written;
    Parser::value_type message = parser.release();
    std::string body = std::move(message.body());
    exchange.response = to_response(message, std::move(body));
}

asio::awaitable<void> HttpTransport::read_pieces(const Take& take, const error_code& written, Exchange& exchange) {
    beast::flat_buffer buffer;
    PieceParser parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(boost::none);
    co_await bhttp::async_read_header(stream_, buffer, parser, asio::redirect_error(asio::use_awaitable, exchange.error));
    exchange.begun = parser.got_some() || buffer.size() > 0;
    if (exchange.error) co_return;
    const bool good = parser.get().result_int() < 400;
    std::string piece(http::kPieceBytes, '\0');
    std::string kept;
    bool wanted = true;
    while (wanted && !parser.is_done()) {
        parser.get().body().data = piece.data();
        parser.get().body().size = piece.size();
        stream_.expires_after(limits_.answer);
        co_await bhttp::async_read_some(stream_, buffer, parser, asio::redirect_error(asio::use_awaitable, exchange.error));
        if (exchange.error == bhttp::error::need_buffer) exchange.error = {};
        const std::string_view come{piece.data(), piece.size() - parser.get().body().size};
        if (good && !come.empty()) wanted = take(come);
        if (!good) kept += come;
        if (kept.size() > limits_.answer_bytes_max) exchange.error = bhttp::error::body_limit;
        if (exchange.error) co_return;
    }
    open_ = parser.is_done() && parser.keep_alive() && !written;
    exchange.response = to_response(parser.get(), std::move(kept));
}

HttpTransport::Exchange HttpTransport::exchange(Sent& message, const Take* take) {
    Exchange exchange;
    used_ = true;
    run([&] { return exchange_within(message, take, exchange); });
    if (exchange.error) open_ = false;
    return exchange;
}

Error HttpTransport::failed(const Exchange& exchange) const {
    Error error{Errc::unavailable, {}, place_.text(), "the log of stemmad may say more"};
    if (exchange.error == beast::error::timeout)
        error.message = fmt::format("there was no answer within {} s", limits_.answer.count() / 1000);
    else if (exchange.error == bhttp::error::body_limit)
        error.message = fmt::format("the answer exceeds {} bytes", limits_.answer_bytes_max);
    else if (exchange.error == bhttp::error::partial_message || (exchange.begun && exchange.error == asio::error::connection_reset))
        error.message = "the answer was cut off";
    else if (exchange.error == bhttp::error::end_of_stream || exchange.error == asio::error::connection_reset)
        error.message = "the connection was closed without an answer";
    else
        error.message = exchange.begun ? fmt::format("what answers there does not speak HTTP as Stemma does: {}", exchange.error.message())
                                       : exchange.error.message();
    return error;
}

Result<http::Response> HttpTransport::send(http::Request request, const Take* take) {
    const bool repeatable = request.method == "GET";
    try {
        Sent message = to_message(std::move(request), place_);
        const bool reused = open_ && used_ && repeatable;
        if (!reused && (!open_ || used_))
            if (const error_code error = connect()) return std::unexpected(not_connected(error));
        Exchange done = exchange(message, take);
        if (done.error && reused && !done.begun && done.error != beast::error::timeout) {
            if (const error_code error = connect()) return std::unexpected(not_connected(error));
            done = exchange(message, take);
        }
        if (done.error) return std::unexpected(failed(done));
        return std::move(done.response);
    } catch (const std::exception& bug) {
        return fail(Errc::internal, bug.what(), place_.text());
    }
}

}  // namespace

std::expected<std::unique_ptr<Transport>, NotConnected> connect_http(const Place& place, const HttpLimits& limits) {
    try {
        auto transport = std::make_unique<HttpTransport>(place, limits);
        if (const error_code error = transport->connect())
            return std::unexpected(NotConnected{error == asio::error::connection_refused, transport->not_connected(error)});
        return transport;
    } catch (const std::exception& bug) {
        return std::unexpected(NotConnected{false, Error{Errc::internal, bug.what(), place.text(), {}}});
    }
}

}  // namespace stemma::cli
