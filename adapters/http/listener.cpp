// The only translation unit with Beast's server side. Each network thread has connections of its own, which no other thread touches. One
// coroutine per connection: read a header, refuse what is smuggled, read the body, hop to a worker for the handler (and for each piece of
// an answer with a source), hop back, write. Beast 1.81 accepts framings that RFC 9112 section 6 forbids; see check_framing.
#include "adapters/http/listener.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

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
#include <utility>
#include <vector>

#include "adapters/http/answer_head.hpp"
#include "adapters/http/request_guard.hpp"
#include "adapters/http/socket_calls.hpp"
#include "core/base/log.hpp"

// g++ 12 takes a coroutine's frame, which Asio allocates and frees, for one that is freed by another function where it inlines the two.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace stemma::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Parser = bhttp::request_parser<bhttp::string_body>;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 4096;  ///< taken at once while waiting for a request
constexpr auto kNever = Clock::time_point::max();
constexpr std::chrono::milliseconds kTick{100};  ///< between two looks for connections whose time is over, or whose reader has left
constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// How an operation is awaited here: what went wrong is put into `error` instead of thrown.
auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

/// Bytes that are given to the kernel at once. Asio's own is 64 KiB, which makes several calls of one piece.
constexpr std::size_t kWriteBytes = 1'048'576;
std::size_t all_at_once(const error_code& error, std::size_t) noexcept { return error ? 0 : kWriteBytes; }

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

Response too_large(std::uint64_t bytes_max, std::string_view which) {
    return problem(413, "too_large", "Too large", fmt::format("the body exceeds {} bytes", bytes_max), {},
                   fmt::format("limits.{}_bytes_max in stemma.yaml sets the limit; send less at once", which));
}

Response too_much_at_once(std::uint64_t bytes_max) {
    return problem({Errc::busy,
                    fmt::format("bodies of other requests take what is left of {} bytes; this one was not taken", bytes_max),
                    {},
                    "nothing was recorded: send it again in a moment; limits.writer_queue_bytes_max in stemma.yaml sets the limit"});
}

/// What a failed read is answered with; nothing for a peer that simply left or was too slow: its connection is closed already.
std::optional<Response> answer_to(const error_code& error, bool header_done, std::uint64_t body_bytes_max,
                                  const ListenerSettings& settings) {
    if (error == bhttp::error::body_limit) return too_large(body_bytes_max, body_bytes_max == settings.body_bytes_max ? "body" : "batch");
    if (error == bhttp::error::header_limit)
        return problem(431, "too_large", "Header too large",
                       fmt::format("the request's header exceeds {} bytes", settings.header_bytes_max));
    if (error == bhttp::error::partial_message && header_done)
        return problem(400, "invalid_input", "Invalid input", "the request ends before its body is complete", {},
                       "the body is shorter than its Content-Length, or a chunk was cut");
    if (error == bhttp::error::partial_message)
        return problem(400, "invalid_input", "Invalid input", "the request ends before its header is complete");
    if (error == bhttp::error::end_of_stream || error.category() == boost::system::system_category()) return std::nullopt;
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
std::optional<Response> refuse_header(const Parser& parser, Request& header, const Ends& ends, const Router& router) {
    if (const char* wrong = check_framing(parser)) return problem(400, "invalid_input", "Invalid input", wrong);
    const bool has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
    if (auto foreign = refuse_foreign(header, has_body, ends.local)) return foreign;
    return has_body ? router.refuse_early(header, view(parser.get().target())) : std::nullopt;
}

/// Takes the target apart into path and query; the answer where it cannot be.
std::optional<Response> take_target(Request& request, std::string_view target) {
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = std::string{target.substr(0, mark)};
    if (mark == target.size()) return std::nullopt;
    auto query = parse_query(target.substr(mark + 1));
    if (!query) return problem(query.error());
    request.query = *std::move(query);
    return std::nullopt;
}

/// What escapes a handler is a bug and is answered as one.
template <class Handle>
auto without_bugs(Handle handle) -> decltype(handle()) {
    try {
        return handle();
    } catch (const std::exception& bug) {
        log::error("HTTP_HANDLER_FAILED", bug.what());
        return problem(500, "internal", "Internal error", "the request met a bug; the log has it");
    }
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
    /// A connection. Touched by the thread of its lane only.
    struct Session : std::enable_shared_from_this<Session> {
        explicit Session(tcp::socket given) : socket{std::move(given)} {}
        tcp::socket socket;
        bool idle{false};                         ///< waits for a request
        bool answering{false};                    ///< waits for a worker: what its time ends is the work
        bool for_reader{false};                   ///< the answer is for its reader alone: no need to finish it for one that has left
        bool left{false};                         ///< the reader of that answer has
        Clock::time_point deadline{kNever};       ///< of what it waits for
        std::shared_ptr<std::atomic<bool>> over;  ///< Request::cancel of the newest request

        void allow(std::uint32_t seconds) noexcept { deadline = Clock::now() + std::chrono::seconds{seconds}; }
        void expire() {
            deadline = kNever;
            if (answering)
                *over = true;
            else
                cancel();
        }
        /// A half-closed connection counts as left, as it does for other servers.
        void look_for_reader() {
            if (!for_reader || left || !has_left(socket.native_handle())) return;
            left = true;
            *over = true;
            if (!answering) cancel();
        }
        void cancel() {
            error_code ignored;
            std::ignore = socket.cancel(ignored);
        }
    };

    /// A network thread and its connections: nothing in it needs a lock, or a timer for each request.
    struct Lane {
        asio::io_context io{1};
        asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
        std::set<Session*> sessions;  ///< alive as long as they stand here
        bool watched{false};          ///< watch_time() runs
        std::thread thread;
    };

    Impl(ListenerSettings given, const Router& routes)
        : settings{std::move(given)},
          router{routes},
          lanes(std::max<std::size_t>(settings.io_threads, 1)),
          acceptor{lanes.front().io},
          workers{settings.workers},
          command_workers{settings.command_workers} {}

    asio::awaitable<void> accept_loop();
    asio::awaitable<void> serve(std::shared_ptr<Session> session, Lane& lane);
    static asio::awaitable<void> watch_time(Lane& lane);
    asio::awaitable<bool> await_request(Session& session, beast::flat_buffer& buffer);
    asio::awaitable<bool> read_body(Session& session, beast::flat_buffer& buffer, Parser& parser, BodyIntake::Share& share,
                                    error_code& error);
    asio::awaitable<bool> serve_one(Session& session, beast::flat_buffer& buffer, const Ends& ends);
    asio::awaitable<Response> find_answer(Session& session, Request request);
    asio::awaitable<Response> find_answer_on(asio::thread_pool& pool, Session& session, Request request);
    asio::awaitable<bool> send_answer(Session& session, Response response, Manner manner);
    asio::awaitable<bool> send_pieces(Session& session, std::unique_ptr<BodySource>& source, bool chunked);
    asio::awaitable<std::optional<bool>> next_piece(Session& session, std::unique_ptr<BodySource>& source, std::string& bytes);
    asio::awaitable<void> refuse_body(Session& session, Response response, unsigned version);
    void forget(const std::shared_ptr<Session>& session);

    ListenerSettings settings;
    const Router& router;
    std::vector<Lane> lanes;
    tcp::acceptor acceptor;  ///< in the first lane: stop() closes it from there
    asio::thread_pool workers;
    asio::thread_pool command_workers;
    asio::thread_pool probe_workers{1};
    std::uint16_t bound_port{0};
    std::atomic<bool> stopping{false};
    bool stopped{false};
    std::mutex mutex;
    std::condition_variable all_gone;
    std::set<std::shared_ptr<Session>> sessions;
};

asio::awaitable<void> Listener::Impl::accept_loop() {
    for (std::size_t next = 0; !stopping; next = (next + 1) % lanes.size()) {
        error_code error;
        Lane& lane = lanes[next];
        tcp::socket socket = co_await acceptor.async_accept(lane.io, into(error));
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
        asio::co_spawn(lane.io, serve(session, lane), asio::detached);
    }
}

/// Ends what waits for too long, or for a reader that has left, as long as the lane has connections. A reader that leaves is looked for
/// from time to time, not waited for: the next request, when it comes ahead, would hide its end.
asio::awaitable<void> Listener::Impl::watch_time(Lane& lane) {
    asio::steady_timer tick{lane.io};
    while (!lane.sessions.empty()) {
        tick.expires_after(kTick);
        error_code ignored;
        co_await tick.async_wait(into(ignored));
        const auto now = Clock::now();
        for (Session* session : lane.sessions)
            if (session->deadline <= now)
                session->expire();
            else
                session->look_for_reader();
    }
    lane.watched = false;
}

void Listener::Impl::forget(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock{mutex};
    sessions.erase(session);
    if (sessions.empty()) all_gone.notify_all();
}

asio::awaitable<void> Listener::Impl::serve(std::shared_ptr<Session> session, Lane& lane) {
    error_code error;
    std::ignore = session->socket.set_option(tcp::no_delay{true}, error);  // only slower without it
    const auto remote = session->socket.remote_endpoint(error);
    const auto local = error ? tcp::endpoint{} : session->socket.local_endpoint(error);
    const Ends ends = error ? Ends{"unknown", {}} : Ends{remote.address().to_string(), local.address().to_string()};
    lane.sessions.insert(session.get());
    if (!std::exchange(lane.watched, true)) asio::co_spawn(lane.io, watch_time(lane), asio::detached);
    beast::flat_buffer buffer;
    try {
        while (co_await serve_one(*session, buffer, ends)) {
        }
    } catch (const std::exception& bug) {  // a coroutine must not take the thread down with it
        log::error("HTTP_SESSION_FAILED", bug.what());
    }
    lane.sessions.erase(session.get());
    std::ignore = session->socket.shutdown(tcp::socket::shutdown_send, error);  // the peer may be gone
    forget(session);
}

/// Answers a request whose body is not read: the connection ends, after the peer had a moment to read the answer.
asio::awaitable<void> Listener::Impl::refuse_body(Session& session, Response response, unsigned version) {
    error_code error;
    const std::string message = answer_head(response, {version, false, false}) + response.body;
    session.allow(settings.request_seconds_max);
    co_await asio::async_write(session.socket, asio::buffer(message), into(error));
    if (error) co_return;
    // Closing with unread bytes makes the kernel send a reset that can destroy the answer on its way: read a bounded rest first.
    error = session.socket.shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 16384> waste{};
    session.allow(2);
    for (std::uint64_t drained = 0; !error && drained < 4 * settings.body_bytes_max;)
        drained += co_await session.socket.async_read_some(asio::buffer(waste), into(error));
}

/// Waits for the first byte of the next request; false when none comes. What was sent ahead with the request before counts.
asio::awaitable<bool> Listener::Impl::await_request(Session& session, beast::flat_buffer& buffer) {
    if (stopping) co_return false;
    if (buffer.size() != 0) co_return true;
    session.idle = true;
    session.allow(settings.idle_seconds_max);
    error_code error;
    const std::size_t read = co_await session.socket.async_read_some(buffer.prepare(kReadBytes), into(error));
    session.idle = false;
    buffer.commit(read);
    co_return !error;
}

/// Commands wait for the writer on threads of their own, so that they neither keep others waiting nor wait for them.
asio::awaitable<Response> Listener::Impl::find_answer(Session& session, Request request) {
    if (router.is_probe(request.method, request.path)) co_return co_await find_answer_on(probe_workers, session, std::move(request));
    if (!router.is_command(request.method, request.path)) {
        session.for_reader = true;
        Response response = co_await find_answer_on(workers, session, std::move(request));
        session.for_reader = false;
        co_return response;
    }
    const CommandIntake::Place place = router.intake().commands.take(settings.commands_max);
    if (!place)
        co_return problem({Errc::busy,
                           fmt::format("{} commands wait to be recorded; this one was not taken", settings.commands_max),
                           {},
                           "nothing was recorded: send it again in a moment; limits.writer_queue_max in stemma.yaml sets the limit"});
    co_return co_await find_answer_on(command_workers, session, std::move(request));
}

/// Runs the handler on a worker. The time for it includes that until a worker is free.
asio::awaitable<Response> Listener::Impl::find_answer_on(asio::thread_pool& pool, Session& session, Request request) {
    const auto lane = session.socket.get_executor();
    session.answering = true;
    session.allow(settings.request_seconds_max);
    const auto over = session.over;
    // Without bind_executor the coroutine would come back to its own lane, an I/O thread, before the handler runs.
    co_await asio::post(pool, asio::bind_executor(pool, asio::use_awaitable));
    std::optional<Response> response;
    if (!*over) response = without_bugs([&] { return router.handle(std::move(request)); });
    co_await asio::post(lane, asio::bind_executor(lane, asio::use_awaitable));
    session.answering = false;
    if (response) co_return *std::move(response);
    if (session.left) co_return problem({Errc::unavailable, "the connection was closed before a worker was free", {}, "try again"});
    co_return problem({Errc::unavailable, fmt::format("all workers were busy for {} s", settings.request_seconds_max), {}, "try again"});
}

/// Makes a piece on a worker, within a time of its own: whether there is more; nothing when it broke or the time was over. The last one
/// takes the source with it: that may cost time as well.
asio::awaitable<std::optional<bool>> Listener::Impl::next_piece(Session& session, std::unique_ptr<BodySource>& source, std::string& bytes) {
    const auto lane = session.socket.get_executor();
    session.answering = true;
    session.allow(settings.request_seconds_max);
    const auto over = session.over;
    co_await asio::post(workers, asio::bind_executor(workers, asio::use_awaitable));
    std::optional<bool> more;
    if (!*over) more = make_piece(*source, bytes, *over);
    if (*over) more = std::nullopt;
    if (!more.value_or(false)) source.reset();
    co_await asio::post(lane, asio::bind_executor(lane, asio::use_awaitable));
    session.answering = false;
    co_return more;
}

/// False when the body could not be brought to its end: the connection is closed then, which tells the reader.
asio::awaitable<bool> Listener::Impl::send_pieces(Session& session, std::unique_ptr<BodySource>& source, bool chunked) {
    std::string bytes;
    for (std::optional<bool> more{true}; *more;) {
        more = co_await next_piece(session, source, bytes);
        if (!more) co_return false;
        error_code error;
        session.allow(settings.request_seconds_max);
        if (!bytes.empty() && chunked)
            co_await asio::async_write(session.socket, bhttp::make_chunk(asio::buffer(bytes)), all_at_once, into(error));
        else if (!bytes.empty())
            co_await asio::async_write(session.socket, asio::buffer(bytes), all_at_once, into(error));
        if (!error && !*more && chunked) co_await asio::async_write(session.socket, bhttp::make_chunk_last(), into(error));
        if (error || *session.over) co_return false;
    }
    co_return true;
}

asio::awaitable<bool> Listener::Impl::send_answer(Session& session, Response response, Manner manner) {
    error_code error;
    session.allow(settings.request_seconds_max);
    if (!response.source) {
        const std::string head = answer_head(response, manner);
        const std::string_view body = manner.head ? std::string_view{} : std::string_view{response.body};
        const std::size_t sent = send_at_once(session.socket.native_handle(), head, body, error);
        if (!error && sent < head.size() + body.size()) {
            const std::array<asio::const_buffer, 2> rest{asio::buffer(head) + sent,
                                                         asio::buffer(body.data(), body.size()) + (sent - std::min(sent, head.size()))};
            co_await asio::async_write(session.socket, rest, all_at_once, into(error));
        }
        co_return !error && manner.keep_alive;
    }
    const bool chunked = manner.version == 11;
    if (!chunked) manner.keep_alive = false;  // the end of the connection is the end of the body
    const std::string header = answer_head(response, manner);
    std::unique_ptr<BodySource> source = std::move(response.source);
    co_await asio::async_write(session.socket, asio::buffer(header), into(error));
    bool whole = !error;
    if (!error && !manner.head) {
        session.for_reader = true;
        whole = co_await send_pieces(session, source, chunked);
        session.for_reader = false;
    }
    // What is left of a source may take time to throw away.
    if (source) asio::post(workers, [over = session.over, unread = std::move(source)] {});
    co_return whole&& manner.keep_alive;
}

/// False when all connections' bodies would be too many bytes with this one. A body in chunks shows its size only as it comes.
asio::awaitable<bool> Listener::Impl::read_body(Session& session, beast::flat_buffer& buffer, Parser& parser, BodyIntake::Share& share,
                                                error_code& error) {
    auto& header = parser.get();
    bool taken = share.grow(parser.content_length().value_or(0), settings.bodies_bytes_max);
    if (!taken) co_return false;
    if (header.version() == 11 && beast::iequals(header[bhttp::field::expect], "100-continue"))
        co_await asio::async_write(session.socket, asio::buffer(kGoOn), into(error));
    parser.eager(true);  // all that has come at once, not a chunk
    while (!error && taken && !parser.is_done()) {
        co_await bhttp::async_read_some(session.socket, buffer, parser, into(error));
        if (!error) taken = share.grow(header.body().capacity(), settings.bodies_bytes_max);
    }
    if (error || !taken) {  // nobody needs what has come, and the refusal may take its time
        std::string{}.swap(header.body());
        share.give_back();
    }
    co_return taken;
}

asio::awaitable<bool> Listener::Impl::serve_one(Session& session, beast::flat_buffer& buffer, const Ends& ends) {
    Parser parser;
    BodyIntake::Share share{router.intake().bodies};
    parser.header_limit(static_cast<std::uint32_t>(settings.header_bytes_max));
    parser.body_limit(boost::none);  // until the header says what kind of body it is
    std::uint64_t body_bytes_max = settings.body_bytes_max;
    error_code error;
    if (!co_await await_request(session, buffer)) co_return false;
    session.allow(settings.request_seconds_max);  // for header and body together
    // What has come is parsed here: only a header that comes in parts is waited for.
    std::size_t header_bytes = parser.put(buffer.data(), error);
    buffer.consume(header_bytes);
    if (error == bhttp::error::need_more) error = {};
    if (!error && !parser.is_header_done()) header_bytes += co_await bhttp::async_read_header(session.socket, buffer, parser, into(error));
    // Beast grants the limit to the first line and to the rest each.
    if (!error && header_bytes > settings.header_bytes_max) error = bhttp::error::header_limit;
    const unsigned version = parser.is_header_done() ? parser.get().version() : 11;
    Request request;
    if (!error) {
        request = header_of(parser, ends.remote);
        if (auto refused = refuse_header(parser, request, ends, router)) {
            co_await refuse_body(session, *std::move(refused), version);
            co_return false;
        }
        if (request.is_ndjson()) body_bytes_max = settings.batch_bytes_max;
        if (parser.content_length().value_or(0) > body_bytes_max) error = bhttp::error::body_limit;
        parser.body_limit(body_bytes_max);
        if (!error && !co_await read_body(session, buffer, parser, share, error)) {
            const std::string_view target = view(parser.get().target());
            if (router.is_command(request.method, target.substr(0, target.find('?')))) router.intake().commands.count_refused();
            co_await refuse_body(session, too_much_at_once(settings.bodies_bytes_max), version);
            co_return false;
        }
    }
    if (error) {
        if (auto answer = answer_to(error, parser.is_header_done(), body_bytes_max, settings))
            co_await refuse_body(session, *std::move(answer), version);
        co_return false;
    }
    const Manner manner{version, parser.keep_alive() && !stopping, request.method == "HEAD"};
    if (manner.head) request.method = "GET";
    auto early = take_target(request, view(parser.get().target()));
    if (!early) {
        session.over = std::make_shared<std::atomic<bool>>(false);
        session.left = false;
        request.cancel = session.over.get();
        request.body = std::move(parser.get().body());
        early = without_bugs([&] { return router.handle_quickly(request); });
    }
    Response response;
    if (early)
        response = *std::move(early);
    else
        response = co_await find_answer(session, std::move(request));
    share.give_back();  // the handler had the body and is done with it
    co_return co_await send_answer(session, std::move(response), manner);
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
    for (Impl::Lane& lane : self.lanes) lane.thread = std::thread{[&lane] { lane.io.run(); }};
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
            asio::post(session->socket.get_executor(), [session] {
                if (session->idle) session->cancel();
            });
        self.all_gone.wait_for(lock, std::chrono::seconds{drain_seconds}, [&self] { return self.sessions.empty(); });
        for (const auto& session : self.sessions)
            asio::post(session->socket.get_executor(), [session] {
                if (session->over) *session->over = true;
                session->cancel();
            });
    }
    self.workers.join();
    self.command_workers.join();
    self.probe_workers.join();
    {
        std::unique_lock lock{self.mutex};
        self.all_gone.wait_for(lock, std::chrono::seconds{1},
                               [&self] { return self.sessions.empty() || !self.lanes.front().thread.joinable(); });
    }
    for (Impl::Lane& lane : self.lanes) {
        lane.io.stop();
        if (lane.thread.joinable()) lane.thread.join();
    }
    // What came to an end at the last moment holds sockets until it is run: a connection just accepted, a session just cancelled.
    error_code ignored;
    for (const auto& session : self.sessions) std::ignore = session->socket.close(ignored);
    for (Impl::Lane& lane : self.lanes) {
        lane.io.restart();
        lane.io.poll();
    }
}

}  // namespace stemma::http
