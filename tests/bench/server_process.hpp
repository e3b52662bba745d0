// A server of the run's own: started in the background with its output in a file, ended by its number with the object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace stemma::bench {

class ServerProcess {
public:
    /// Throws std::runtime_error when it cannot be started. The program must stay in the foreground.
    ServerProcess(const std::vector<std::string>& words, std::string log);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    ~ServerProcess();  ///< SIGTERM, and waits

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Waits until the log holds `text`; returns the log up to then. Throws when the process ends or the time is over.
    [[nodiscard]] std::string wait_for(const std::string& text, int seconds_max);
    /// Waits until somebody listens on the loopback port. Throws likewise.
    void wait_for_port(int port, int seconds_max);

private:
    void must_run();
    std::string log_;
    pid_t pid_{-1};
};

/// Runs a program to its end. Throws std::runtime_error with its output when it fails.
void run_program(const std::vector<std::string>& words, const std::string& log);

/// A loopback port that was free a moment ago.
[[nodiscard]] int free_port();

/// A connection to the loopback port, without delay of small packets; -1 when nobody listens.
[[nodiscard]] int connect_to(int port);

}  // namespace stemma::bench
