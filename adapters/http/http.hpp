// HTTP as the rest of Stemma sees it: plain values and a route table. Beast is behind listener.cpp and nowhere else.
// The same router answers the network and the command line's offline mode.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/intake.hpp"
#include "core/base/error.hpp"
#include "core/domain/access.hpp"
#include "core/domain/electronic_signature.hpp"

namespace stemma::http {

/// Newline-delimited JSON: one value per line.
inline constexpr std::string_view kNdjson = "application/x-ndjson";

struct Request {
    std::string method;                          ///< "GET"
    std::string path;                            ///< as sent, without the query: "/api/v1/items/urn%3Astemma%3A..."
    std::map<std::string, std::string> query;    ///< decoded; each name once
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    std::string remote;                             ///< peer address, or "local" for the offline mode
    std::map<std::string, std::string> arguments;   ///< {name} parts of the route's pattern, decoded; filled by the router
    std::shared_ptr<const Identity> who{};          ///< set by the gate where somebody is asked for; null: anybody, by their own word
    std::vector<ElectronicSignature> signatures{};  ///< of a command that a second person approved; never from the wire
    /// Set when the time to find the answer is over, or its reader has left; null: no such time. Stays as long as the answer's source.
    const std::atomic<bool>* cancel{nullptr};

    [[nodiscard]] std::string_view header(const std::string& name) const;
    [[nodiscard]] const std::string& argument(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> parameter(const std::string& name) const;  ///< of the query
    /// The body is newline-delimited JSON.
    [[nodiscard]] bool is_ndjson() const;
    [[nodiscard]] bool cancelled() const noexcept { return cancel != nullptr && cancel->load(std::memory_order_relaxed); }
};

/// A body that is made piece by piece while it is sent, for answers too large to be held. One thread at a time, never one that does I/O;
/// it may wait, for a slow reader, for as long as that takes between two pieces: it holds no lock and no snapshot of the store then. What
/// is left of it when its reader leaves is thrown away, on any thread.
class BodySource {
public:
    BodySource() = default;
    virtual ~BodySource() = default;
    BodySource(const BodySource&) = delete;
    BodySource& operator=(const BodySource&) = delete;
    /// Puts the next piece into `piece`, which comes empty; about kPieceBytes. False: that was the last one. An error: the rest cannot be
    /// had, and the reader is told by a body that is not complete.
    [[nodiscard]] virtual Result<bool> next(std::string& piece) = 0;
};

inline constexpr std::size_t kPieceBytes = 131'072;  ///< of a body that is sent in pieces

struct Response {
    int status{200};
    std::string content_type{"application/json"};
    std::string body;
    std::map<std::string, std::string> headers;
    std::unique_ptr<BodySource> source{};  ///< makes the body, in place of `body`
};

using Handler = std::function<Response(const Request&)>;  ///< any thread; must not throw

struct Route {
    std::string method;
    std::string pattern;                  ///< "/api/v1/items/{id}"
    std::vector<std::string> parameters;  ///< names that its query may have; another one is refused with 400
    Handler handler;
    /// Tried before the handler, on a thread that does I/O: it neither waits nor works for longer than a few dozen microseconds, and
    /// answers nothing where it would have to.
    std::function<std::optional<Response>(const Request&)> quick{};
    bool is_command{false};       ///< waits until the writer has recorded something
    bool is_probe{false};         ///< tells how the daemon is, and must do so while all workers are at long questions
    Act act{Act::access_change};  ///< what it is to the table of rights; set by Router::add (route_acts.hpp)
    bool own_parameters{false};   ///< its query may have more than `parameters`: the handler refuses what it does not know
};

/// What is asked before a route's handler.
struct Gate {
    /// An answer that refuses; nothing: go on, with Request::who set where somebody was asked for.
    std::function<std::optional<Response>(Act act, Request& request)> check;
    /// Whether check() waits for nothing, so that a thread that does I/O may call it.
    std::function<bool()> is_ready;
};

class Router {
public:
    void add(Route route);
    /// Without a gate every request passes. Before the first request.
    void guard_by(Gate gate) { gate_ = std::move(gate); }
    /// Refuses a request by its header, before its body is read; nothing where that cannot be said yet. Any thread; does not wait.
    [[nodiscard]] std::optional<Response> refuse_early(Request& header, std::string_view target) const;
    /// Finds the route and runs it. 404 with the nearest path, 405 with Allow, 400 for an unknown query parameter. Any thread.
    [[nodiscard]] Response handle(Request request) const;
    /// Whether the request's handler waits for the writer, so that it must not hold a thread that others need. Any thread.
    [[nodiscard]] bool is_command(std::string_view method, std::string_view path) const;
    /// Whether the request asks how the daemon is: it gets a thread that no other question holds. Any thread.
    [[nodiscard]] bool is_probe(std::string_view method, std::string_view path) const;
    /// The answer of a route that has a quick one for this request. Any thread.
    [[nodiscard]] std::optional<Response> handle_quickly(Request& request) const;
    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
    /// What a listener has taken for these routes. Any thread.
    [[nodiscard]] Intake& intake() const noexcept { return *intake_; }

private:
    [[nodiscard]] bool any_route(bool Route::*is, std::string_view method, std::string_view path) const;

    [[nodiscard]] std::optional<Response> refuse(const Route& route, Request& request) const;

    std::vector<Route> routes_;
    Gate gate_;
    std::vector<std::vector<std::string>> segments_;  ///< of each route's pattern
    std::vector<std::size_t> quick_;                  ///< places in routes_
    std::shared_ptr<Intake> intake_{std::make_shared<Intake>()};
};

/// RFC 9457 problem document for an Error; the status follows from its code.
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] Response problem(const Error& error, int status);  ///< with another status
[[nodiscard]] Response problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                               std::string_view pointer = {}, std::string_view hint = {});
[[nodiscard]] int status_of(Errc code) noexcept;

/// Percent-decoding (RFC 3986). Errors: Errc::invalid_input for a cut or wrong escape, or a result that is not clean UTF-8.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);
/// Encodes everything but unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// "a=1&b=2", '+' is a blank.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_query(std::string_view text);
/// JSON string literal with quotes.
[[nodiscard]] std::string json_quote(std::string_view text);

}  // namespace stemma::http
