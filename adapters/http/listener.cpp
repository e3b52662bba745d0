// The only translation unit with Beast's server side. One coroutine per connection: read a header, refuse what is smuggled, read the
// body, hop to a worker for the handler, hop back, write. An answer with a source hops for each piece of its body, and asks for one only
// when the one before is written. Beast 1.81 accepts framings that RFC 9112 section 6 forbids; see check_framing.
#include "adapters/http/listener.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <tuple>

#include "adapters/http/request_guard.hpp"
#include "core/base/log.hpp"

namespace stemma::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Parser = bhttp::request_parser<bhttp::string_body>;
using Message = bhttp::response<bhttp::string_body>;

constexpr std::size_t kReadBytes = 4096;  ///< taken at once while waiting for a request

std::string_view view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// How an operation is awaited here: what went wrong is put into `error` instead of thrown.
auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

/// The two ends of a connection: IP addresses as text.
struct Ends {
    std::string remote;
    std::string local;
};

/// RFC 9112 sections 3.2, 6.1 and 6.3. Null when the framing is plain.
const char* check_framing(const Parser& parser) {
    const auto& header = parser.get();
    if (header.version() == 11 && header.count(bhttp::field::host) != 1) return "an HTTP/1.1 request has exactly one Host";
    const auto [first, last] = header.equal_range(bhttp::field::transfer_encoding);
    if (first == last) return nullptr;
    if (header.version() != 11) return "Transfer-Encoding needs HTTP/1.1";
    if (std::next(first) != last || !beast::iequals(first->value(), "chunked")) return "the only Transfer-Encoding understood is 'chunked'";
    if (header.count(bhttp::field::content_length) != 0) return "Transfer-Encoding and Content-Length exclude each other";
    return nullptr;
}

/// What a failed read is answered with; nothing for a peer that simply left or was too slow: its connection is closed already.
std::optional<Response> answer_to(const error_code& error, bool header_done, const ListenerSettings& settings) {
    if (error == bhttp::error::body_limit)
        return problem(413, "too_large", "Too large", fmt::format("the body exceeds {} bytes", settings.body_bytes_max), {},
                       "limits.body_bytes_max in stemma.yaml sets the limit; send less at once");
    if (error == bhttp::error::header_limit)
        return problem(431, "too_large", "Header too large",
                       fmt::format("the request's header exceeds {} bytes", settings.header_bytes_max));
    if (error == bhttp::error::partial_message && header_done)
        return problem(400, "invalid_input", "Invalid input", "the request ends before its body is complete", {},
                       "the body is shorter than its Content-Length, or a chunk was cut");
    if (error == bhttp::error::partial_message)
        return problem(400, "invalid_input", "Invalid input", "the request ends before its header is complete");
    if (error == bhttp::error::end_of_stream || error == beast::error::timeout || error.category() == boost::system::system_category())
        return std::nullopt;
    return problem(400, "invalid_input", "Invalid input", fmt::format("this is not an HTTP/1.1 request: {}", error.message()));
}

/// The request without its body. Fields that come after a chunked body are not taken: they were not there to be checked.
Request header_of(const Parser& parser, const std::string& remote) {
    const auto& message = parser.get();
    Request request;
    request.method = std::string{view(message.method_string())};
    request.remote = remote;
    for (const auto& field : message) {
        std::string name{view(field.name_string())};
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        request.headers[std::move(name)] = std::string{view(field.value())};
    }
    return request;
}

/// The answer to a request that is not read further, or nothing.
std::optional<Response> refuse_header(const Parser& parser, const Request& header, const Ends& ends) {
    if (const char* wrong = check_framing(parser)) return problem(400, "invalid_input", "Invalid input", wrong);
    return refuse_foreign(header, parser.chunked() || parser.content_length().value_or(0) > 0, ends.local);
}

/// Splits the target and runs the handler; what escapes a handler is a bug and is answered as one.
Response run_handler(const Router& router, Request request, std::string_view target) {
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = std::string{target.substr(0, mark)};
    if (mark < target.size()) {
        auto query = parse_query(target.substr(mark + 1));
        if (!query) return problem(query.error());
        request.query = *std::move(query);
    }
    try {
        return router.handle(std::move(request));
    } catch (const std::exception& bug) {
        log::error("HTTP_HANDLER_FAILED", bug.what());
        return problem(500, "internal", "Internal error", "the request met a bug; the log has it");
    }
}

/// How an answer leaves: what its request asked for.
struct Manner {
    unsigned version{11};
    bool keep_alive{false};
    bool head{false};  ///< the body is left out
};

template <class Body>
bhttp::response<Body> header_for(const Response& response, const Manner& manner) {
    bhttp::response<Body> message{static_cast<bhttp::status>(response.status), manner.version};
    message.set(bhttp::field::server, "stemma");
    message.set(bhttp::field::content_type, response.content_type);
    message.set(bhttp::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(manner.keep_alive);
    return message;
}

Message to_message(Response response, const Manner& manner) {
    Message message = header_for<bhttp::string_body>(response, manner);
    message.body() = std::move(response.body);
    message.prepare_payload();
    if (manner.head) message.body().clear();
    return message;
}

/// The peer has closed its side of a connection, as far as can be seen without taking what it sent.
bool has_left(tcp::socket& socket) {
    char byte = 0;
    const ssize_t seen = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen == 0 || (seen < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// What a source came to: whether there is more, or nothing where it broke. What escapes it is a bug.
std::optional<bool> make_piece(BodySource& source, std::string& bytes, const std::atomic<bool>& over) {
    bytes.clear();
    try {
        const Result<bool> more = source.next(bytes);
        if (more) return *more;
        if (!over) log::warn("HTTP_STREAM_BROKEN", more.error().text());
    } catch (const std::exception& bug) {
        log::error("HTTP_HANDLER_FAILED", bug.what());
    }
    return std::nullopt;
}

}  // namespace

struct Listener::Impl {
    struct Session : std::enable_shared_from_this<Session> {
        explicit Session(tcp::socket socket) : stream{std::move(socket)} {}
        beast::tcp_stream stream;
        // Touched on the session's strand only.
        bool idle{false};                         ///< waits for a request
        bool streaming{false};                    ///< sends a body piece by piece
        std::shared_ptr<std::atomic<bool>> over;  ///< Request::cancel of the newest request; its timer may outlive it
    };

    Impl(ListenerSettings given, const Router& routes)
        : settings{std::move(given)}, router{routes}, acceptor{asio::make_strand(io)}, workers{settings.workers} {}

    asio::awaitable<void> accept_loop();
    asio::awaitable<void> serve(std::shared_ptr<Session> session);
    asio::awaitable<bool> await_request(Session& session, beast::flat_buffer& buffer);
    asio::awaitable<bool> serve_one(Session& session, beast::flat_buffer& buffer, const Ends& ends);
    asio::awaitable<Response> find_answer(Session& session, Request request, std::string target);
    asio::awaitable<bool> send_answer(Session& session, Response response, Manner manner);
    asio::awaitable<bool> send_pieces(Session& session, std::unique_ptr<BodySource>& source, bool chunked);
    asio::awaitable<std::optional<bool>> next_piece(Session& session, std::unique_ptr<BodySource>& source, std::string& bytes);
    static void watch_reader(Session& session);
    asio::awaitable<void> refuse_body(Session& session, Response response, unsigned version);
    void forget(const std::shared_ptr<Session>& session);

    ListenerSettings settings;
    const Router& router;
    asio::io_context io;
    tcp::acceptor acceptor;  ///< on a strand of its own: stop() closes it from another thread
    asio::thread_pool workers;
    std::vector<std::thread> threads;
    std::uint16_t bound_port{0};
    std::atomic<bool> stopping{false};
    bool stopped{false};
    std::mutex mutex;
    std::condition_variable all_gone;
    std::set<std::shared_ptr<Session>> sessions;
};

asio::awaitable<void> Listener::Impl::accept_loop() {
    while (!stopping) {
        error_code error;
        tcp::socket socket = co_await acceptor.async_accept(asio::make_strand(io), into(error));
        if (error == asio::error::operation_aborted) co_return;
        if (error) {  // out of file descriptors, most likely: wait for some to come back instead of spinning
            log::warn("HTTP_ACCEPT_FAILED", error.message());
            asio::steady_timer pause{acceptor.get_executor(), std::chrono::milliseconds{100}};
            co_await pause.async_wait(into(error));
            continue;
        }
        auto session = std::make_shared<Session>(std::move(socket));
        {
            const std::lock_guard lock{mutex};
            if (stopping || sessions.size() >= settings.connections_max) continue;  // the socket closes with the session
            sessions.insert(session);
        }
        asio::co_spawn(session->stream.get_executor(), serve(session), asio::detached);
    }
}

void Listener::Impl::forget(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock{mutex};
    sessions.erase(session);
    if (sessions.empty()) all_gone.notify_all();
}

asio::awaitable<void> Listener::Impl::serve(std::shared_ptr<Session> session) {
    error_code error;
    std::ignore = session->stream.socket().set_option(tcp::no_delay{true}, error);  // only slower without it
    const auto remote = session->stream.socket().remote_endpoint(error);
    const auto local = error ? tcp::endpoint{} : session->stream.socket().local_endpoint(error);
    const Ends ends = error ? Ends{"unknown", {}} : Ends{remote.address().to_string(), local.address().to_string()};
    beast::flat_buffer buffer;
    try {
        while (co_await serve_one(*session, buffer, ends)) {
        }
    } catch (const std::exception& bug) {  // a coroutine must not take the thread down with it
        log::error("HTTP_SESSION_FAILED", bug.what());
    }
    std::ignore = session->stream.socket().shutdown(tcp::socket::shutdown_send, error);  // the peer may be gone
    forget(session);
}

/// Answers a request whose body is not read: the connection ends, after the peer had a moment to read the answer.
asio::awaitable<void> Listener::Impl::refuse_body(Session& session, Response response, unsigned version) {
    error_code error;
    Message message = to_message(std::move(response), {version, false, false});
    session.stream.expires_after(std::chrono::seconds{settings.request_seconds_max});
    co_await bhttp::async_write(session.stream, message, into(error));
    if (error) co_return;
    // Closing with unread bytes makes the kernel send a reset that can destroy the answer on its way: read a bounded rest first.
    error = session.stream.socket().shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 16384> waste{};
    session.stream.expires_after(std::chrono::seconds{2});
    for (std::uint64_t drained = 0; !error && drained < 4 * settings.body_bytes_max;)
        drained += co_await session.stream.async_read_some(asio::buffer(waste), into(error));
}

/// Waits for the first byte of the next request; false when none comes. What was sent ahead with the request before counts.
asio::awaitable<bool> Listener::Impl::await_request(Session& session, beast::flat_buffer& buffer) {
    if (stopping) co_return false;
    if (buffer.size() != 0) co_return true;
    session.idle = true;
    session.stream.expires_after(std::chrono::seconds{settings.idle_seconds_max});
    error_code error;
    const std::size_t read = co_await session.stream.async_read_some(buffer.prepare(kReadBytes), into(error));
    session.idle = false;
    buffer.commit(read);
    co_return !error;
}

/// Runs the handler on a worker. The time for it includes that until a worker is free.
asio::awaitable<Response> Listener::Impl::find_answer(Session& session, Request request, std::string target) {
    const auto strand = session.stream.get_executor();
    const auto over = std::make_shared<std::atomic<bool>>(false);
    session.over = over;
    request.cancel = over.get();
    asio::steady_timer deadline{strand, std::chrono::seconds{settings.request_seconds_max}};
    deadline.async_wait([over](const error_code& error) {
        if (!error) *over = true;
    });
    // Without bind_executor the coroutine would come back to its own strand, an I/O thread, before the handler runs.
    co_await asio::post(workers, asio::bind_executor(workers, asio::use_awaitable));
    Response response =
        *over ? problem({Errc::unavailable, fmt::format("all workers were busy for {} s", settings.request_seconds_max), {}, "try again"})
              : run_handler(router, std::move(request), target);
    co_await asio::post(strand, asio::bind_executor(strand, asio::use_awaitable));
    co_return response;
}

/// Sets Request::cancel and ends a write when the reader leaves. One look is enough: a reader that sends its next request instead is there,
/// and if it leaves later, a write fails. A half-closed connection counts as left, as it does for other servers.
void Listener::Impl::watch_reader(Session& session) {
    session.stream.socket().async_wait(tcp::socket::wait_read,
                                       [held = session.shared_from_this(), over = session.over](const error_code& error) {
                                           if (error || held->over != over || !held->streaming || !has_left(held->stream.socket())) return;
                                           *over = true;
                                           held->stream.cancel();
                                       });
}

/// Makes a piece on a worker, within a time of its own: whether there is more; nothing when it broke or the time was over. The last one
/// takes the source with it: that may cost time as well.
asio::awaitable<std::optional<bool>> Listener::Impl::next_piece(Session& session, std::unique_ptr<BodySource>& source, std::string& bytes) {
    const auto strand = session.stream.get_executor();
    asio::steady_timer deadline{strand, std::chrono::seconds{settings.request_seconds_max}};
    deadline.async_wait([over = session.over](const error_code& error) {
        if (!error) *over = true;
    });
    co_await asio::post(workers, asio::bind_executor(workers, asio::use_awaitable));
    std::optional<bool> more;
    if (!*session.over) more = make_piece(*source, bytes, *session.over);
    if (*session.over) more = std::nullopt;
    if (!more.value_or(false)) source.reset();
    co_await asio::post(strand, asio::bind_executor(strand, asio::use_awaitable));
    co_return more;
}

/// False when the body could not be brought to its end: the connection is closed then, which tells the reader.
asio::awaitable<bool> Listener::Impl::send_pieces(Session& session, std::unique_ptr<BodySource>& source, bool chunked) {
    std::string bytes;
    for (std::optional<bool> more{true}; *more;) {
        more = co_await next_piece(session, source, bytes);
        if (!more) co_return false;
        error_code error;
        session.stream.expires_after(std::chrono::seconds{settings.request_seconds_max});
        if (!bytes.empty() && chunked)
            co_await asio::async_write(session.stream, bhttp::make_chunk(asio::buffer(bytes)), into(error));
        else if (!bytes.empty())
            co_await asio::async_write(session.stream, asio::buffer(bytes), into(error));
        if (!error && !*more && chunked) co_await asio::async_write(session.stream, bhttp::make_chunk_last(), into(error));
        if (error || *session.over) co_return false;
        session.stream.expires_never();
    }
    co_return true;
}

asio::awaitable<bool> Listener::Impl::send_answer(Session& session, Response response, Manner manner) {
    error_code error;
    std::unique_ptr<BodySource> source = std::move(response.source);
    const bool chunked = manner.version == 11;
    session.stream.expires_after(std::chrono::seconds{settings.request_seconds_max});
    if (!source) {
        Message message = to_message(std::move(response), manner);
        co_await bhttp::async_write(session.stream, message, into(error));
        co_return !error && manner.keep_alive;
    }
    if (!chunked) manner.keep_alive = false;  // the end of the connection is the end of the body
    auto header = header_for<bhttp::empty_body>(response, manner);
    header.chunked(chunked);
    bhttp::response_serializer<bhttp::empty_body> serializer{header};
    co_await bhttp::async_write_header(session.stream, serializer, into(error));
    bool whole = !error;
    if (!error && !manner.head) {
        session.streaming = true;
        watch_reader(session);
        whole = co_await send_pieces(session, source, chunked);
        session.streaming = false;
    }
    // What is left of a source may take time to throw away.
    if (source) asio::post(workers, [over = session.over, unread = std::move(source)] {});
    co_return whole&& manner.keep_alive;
}

asio::awaitable<bool> Listener::Impl::serve_one(Session& session, beast::flat_buffer& buffer, const Ends& ends) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(settings.header_bytes_max));
    parser.body_limit(settings.body_bytes_max);
    error_code error;
    if (!co_await await_request(session, buffer)) co_return false;
    session.stream.expires_after(std::chrono::seconds{settings.request_seconds_max});  // for header and body together
    const std::size_t header_bytes = co_await bhttp::async_read_header(session.stream, buffer, parser, into(error));
    // Beast grants the limit to the first line and to the rest each.
    if (!error && header_bytes > settings.header_bytes_max) error = bhttp::error::header_limit;
    const unsigned version = parser.is_header_done() ? parser.get().version() : 11;
    Request request;
    if (!error) {
        request = header_of(parser, ends.remote);
        if (auto refused = refuse_header(parser, request, ends)) {
            co_await refuse_body(session, *std::move(refused), version);
            co_return false;
        }
        if (version == 11 && beast::iequals(parser.get()[bhttp::field::expect], "100-continue")) {
            bhttp::response<bhttp::empty_body> go{bhttp::status::continue_, version};
            co_await bhttp::async_write(session.stream, go, into(error));
        }
        if (!error) co_await bhttp::async_read(session.stream, buffer, parser, into(error));
    }
    if (error) {
        if (auto answer = answer_to(error, parser.is_header_done(), settings)) co_await refuse_body(session, *std::move(answer), version);
        co_return false;
    }
    session.stream.expires_never();
    const std::string target{view(parser.get().target())};
    const bool keep_alive = parser.keep_alive() && !stopping;
    request.body = std::move(parser.get().body());
    const bool head = request.method == "HEAD";
    if (head) request.method = "GET";
    Response response = co_await find_answer(session, std::move(request), target);
    co_return co_await send_answer(session, std::move(response), {version, keep_alive, head});
}

Listener::Listener(ListenerSettings settings, const Router& router) : impl_{std::make_unique<Impl>(std::move(settings), router)} {}

Listener::~Listener() { stop(0); }  // NOLINT(bugprone-exception-escape): only a broken lock throws there, and must end the program

std::uint16_t Listener::port() const noexcept { return impl_->bound_port; }

Result<void> Listener::start() {
    Impl& self = *impl_;
    const std::string place = fmt::format("{}:{}", self.settings.address, self.settings.port);
    error_code error;
    const auto address = asio::ip::make_address(self.settings.address, error);
    if (error) return fail(Errc::config, fmt::format("'{}' is not an IP address", self.settings.address), "daemon.address");
    const tcp::endpoint endpoint{address, self.settings.port};
    error = self.acceptor.open(endpoint.protocol(), error);
    if (!error) error = self.acceptor.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) error = self.acceptor.bind(endpoint, error);
    if (!error) error = self.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use)
        return fail(Errc::unavailable, fmt::format("{} is in use by another program", place), {}, "stop that program or set daemon.port");
    if (error) return fail(Errc::unavailable, fmt::format("cannot listen on {}: {}", place, error.message()));
    self.bound_port = self.acceptor.local_endpoint(error).port();
    asio::co_spawn(self.acceptor.get_executor(), self.accept_loop(), asio::detached);
    for (std::size_t i = 0; i < self.settings.io_threads; ++i) self.threads.emplace_back([&self] { self.io.run(); });
    return {};
}

void Listener::stop(std::uint32_t drain_seconds) {
    Impl& self = *impl_;
    if (self.stopped) return;
    self.stopped = true;
    self.stopping = true;
    asio::post(self.acceptor.get_executor(), [&self] {
        error_code ignored;
        std::ignore = self.acceptor.close(ignored);
    });
    {
        std::unique_lock lock{self.mutex};
        for (const auto& session : self.sessions)
            asio::post(session->stream.get_executor(), [session] {
                if (session->idle) session->stream.cancel();
            });
        self.all_gone.wait_for(lock, std::chrono::seconds{drain_seconds}, [&self] { return self.sessions.empty(); });
        for (const auto& session : self.sessions)
            asio::post(session->stream.get_executor(), [session] {
                if (session->over) *session->over = true;
                session->stream.cancel();
            });
    }
    self.workers.join();
    {
        std::unique_lock lock{self.mutex};
        self.all_gone.wait_for(lock, std::chrono::seconds{1}, [&self] { return self.sessions.empty() || self.threads.empty(); });
    }
    self.io.stop();
    for (std::thread& thread : self.threads) thread.join();
    self.threads.clear();
    // What came to an end at the last moment holds sockets until it is run: a connection just accepted, a session just cancelled.
    error_code ignored;
    for (const auto& session : self.sessions) std::ignore = session->stream.socket().close(ignored);
    self.io.restart();
    self.io.poll();
}

}  // namespace stemma::http
