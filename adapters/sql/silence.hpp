// A deadline for a library that waits for a server without one: where an answer is overdue, the connection is shut down under it, so that
// the wait ends with an error. libpq has none of its own: a server that accepts and never answers would hold its thread for ever.
#pragma once

#include <chrono>
#include <memory>

namespace stemma::sql {

/// Watches one socket. Made, asked and ended by the thread that uses the connection; one thread for all of them does the watching.
class Silence {
public:
    /// `socket` is looked at through a duplicate: it may be closed meanwhile. `longest` 0 = nothing is watched.
    Silence(int socket, std::chrono::milliseconds longest);
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence();

    /// The span in which an answer is awaited: at its end the deadline is off. One within another has no deadline of its own.
    class [[nodiscard]] Waiting {
    public:
        explicit Waiting(Silence* of) noexcept;  ///< null = nothing is watched
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting();

    private:
        Silence* of_;
    };

    [[nodiscard]] bool overdue() const noexcept;  ///< the connection was shut down here
    [[nodiscard]] std::chrono::milliseconds longest() const noexcept;

    struct Watch;  // silence.cpp

private:
    std::shared_ptr<Watch> watch_;
};

}  // namespace stemma::sql
