// The network side: accepts connections, reads HTTP/1.1 requests strictly and within limits, runs handlers on worker threads,
// never on the threads that do I/O. What a browser could be made to send is refused by its header (request_guard.hpp). Plain HTTP on
// loopback by default; TLS is a reverse proxy's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/http/http.hpp"

namespace stemma::http {

struct ListenerSettings {
    std::string address{"127.0.0.1"};
    std::uint16_t port{7430};  ///< 0 = any free one
    std::size_t io_threads{2};
    std::size_t workers{4};           ///< threads that run handlers
    std::size_t command_workers{64};  ///< threads that run handlers of commands: they wait, so that one commit serves many
    std::size_t commands_max{256};    ///< commands taken at once; more are answered by 429
    std::size_t header_bytes_max{16'384};
    std::uint64_t body_bytes_max{4'194'304};
    std::uint64_t batch_bytes_max{33'554'432};    ///< of a body of newline-delimited JSON
    std::uint64_t bodies_bytes_max{134'217'728};  ///< of all bodies being read or answered; one more is answered by 429, a small one never
    std::size_t connections_max{512};             ///< more are closed at once
    std::uint32_t request_seconds_max{30};  ///< for reading one request, for finding its answer (Request::cancel), for writing it: each
    std::uint32_t idle_seconds_max{60};     ///< a kept-alive connection without a request
};

class Listener {
public:
    /// The router outlives the listener.
    Listener(ListenerSettings settings, const Router& router);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Binds and starts its threads. Errors: Errc::unavailable ("port 7430 is in use").
    [[nodiscard]] Result<void> start();
    [[nodiscard]] std::uint16_t port() const noexcept;  ///< the one bound
    /// Stops accepting, lets running requests finish for at most `drain_seconds`, then cancels and closes all. Idempotent.
    void stop(std::uint32_t drain_seconds);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemma::http
