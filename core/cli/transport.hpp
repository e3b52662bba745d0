// How a verb reaches the API: over HTTP to a running daemon, or inside this process when nothing listens. Verbs see requests and
// responses alone and are written once. A transport is used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/http.hpp"
#include "core/app/offline.hpp"
#include "core/app/state_lock.hpp"
#include "core/base/error.hpp"

namespace stemma::cli {

/// Takes a body as it comes; false when no more is wanted.
using Take = std::function<bool(std::string_view piece)>;

class Transport {
public:
    virtual ~Transport() = default;
    /// `request.path` is percent-encoded, `request.query` is not. A problem document is a response like any other.
    /// Errors: Errc::unavailable when no whole answer came.
    [[nodiscard]] virtual Result<http::Response> send(http::Request request) = 0;
    /// As send(), but the body of a good answer goes to `take` piece by piece and is not kept. It may be as long as it likes.
    [[nodiscard]] virtual Result<http::Response> send_to(http::Request request, const Take& take);
};

/// Hands the body of a good answer to `take` as it is made. Errors: what its source says.
[[nodiscard]] Result<http::Response> hand_over(http::Response response, const Take& take);

/// Where a daemon listens.
struct Place {
    std::string host;  ///< a name or an address, IPv6 without brackets
    std::uint16_t port{0};
    [[nodiscard]] std::string text() const;  ///< "127.0.0.1:7430", "[::1]:7430"
    friend bool operator==(const Place&, const Place&) = default;
};
/// Reads "http://host:port" or "host:port"; without a port 7430. Errors: Errc::invalid_input, also for https.
[[nodiscard]] Result<Place> read_server(std::string_view url);
/// The place a client of these settings connects to: an address that means "all" is reached by loopback.
[[nodiscard]] Place place_of(const config::DaemonSettings& daemon);

struct HttpLimits {
    std::chrono::milliseconds connect{3'000};
    std::chrono::milliseconds answer{600'000};  ///< from a request's first byte to its answer's last; for send_to() to each piece
    std::uint64_t answer_bytes_max{1024ULL * 1024 * 1024};
};

struct NotConnected {
    bool nobody_there{false};  ///< the machine answered that nothing listens
    Error error;
};
[[nodiscard]] std::expected<std::unique_ptr<Transport>, NotConnected> connect_http(const Place& place, const HttpLimits& limits = {});

/// Opens the state folder inside this process.
using OpenLocal = std::function<Result<std::unique_ptr<Transport>>(const config::Settings&)>;

/// Who uses a state folder: app::StateLock::use_of(). Empty: it cannot be told.
using UseOf = std::function<std::optional<app::StateUse>(const std::filesystem::path& folder)>;

/// The server that was named; else the settings' daemon; else, when nothing listens there, the state folder, with a note on `notes`.
/// `settings` may be null when a server was named. Errors: Errc::conflict where a daemon answers that has another state folder than the
/// settings, as far as that can be told.
[[nodiscard]] Result<std::unique_ptr<Transport>> choose_transport(const std::optional<std::string>& server,
                                                                  const config::Settings* settings, const OpenLocal& open_local,
                                                                  const UseOf& use_of, std::ostream& notes);

}  // namespace stemma::cli
