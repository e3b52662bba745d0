// A TCP relay on loopback that breaks what runs through it, on order: between a client under test and a real database server. One thread
// of its own; the orders may come from any thread and hold when the call returns. Knows of PostgreSQL alone what a COMMIT looks like.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "core/base/error.hpp"

namespace stemma::test {

class TcpProxy {
public:
    /// Relays 127.0.0.1:port() to 127.0.0.1:`server_port`. Errors: Errc::unavailable when no port can be had.
    [[nodiscard]] static Result<std::unique_ptr<TcpProxy>> start(int server_port);
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;
    ~TcpProxy();

    [[nodiscard]] int port() const noexcept;

    void pass();                                 ///< all is well for what connects from now on; the delay and the orders below are gone
    void blackhole();                            ///< connections, old and new, are accepted and never answered; they stay so
    void refuse();                               ///< nothing listens any more; what was connected is reset
    void reset();                                ///< what is connected is reset now; new connections are as they were
    void reset_after(std::uint64_t bytes);       ///< each connection made from now on is reset once the server has sent so many bytes
    void delay(std::chrono::milliseconds each);  ///< every chunk waits so long, in both directions
    /// The next `count` COMMITs reach the server; its answer is swallowed and the connection reset.
    void lose_commit_answers(unsigned count);

    // Since the start; any thread.
    [[nodiscard]] std::uint64_t connections() const noexcept;        ///< that were taken
    [[nodiscard]] std::uint64_t bytes_from_server() const noexcept;  ///< that were relayed
    [[nodiscard]] std::uint64_t lost_commit_answers() const noexcept;

private:
    struct Impl;
    explicit TcpProxy(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemma::test
