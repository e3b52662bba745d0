#include "tests/bench/server_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace stemma::bench {
namespace {

constexpr auto kPollEvery = std::chrono::milliseconds{20};

std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
}

/// The child ends with this process.
pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("cannot start " + words.front());
    if (child > 0) return child;
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execv(arguments.front(), arguments.data());
    _exit(127);
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& words, std::string log) : log_{std::move(log)}, pid_{spawn(words, log_)} {}

ServerProcess::~ServerProcess() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

void ServerProcess::must_run() {
    if (waitpid(pid_, nullptr, WNOHANG) == 0) return;
    pid_ = -1;
    throw std::runtime_error("a server ended: " + content(log_));
}

std::string ServerProcess::wait_for(const std::string& text, int seconds_max) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{seconds_max};
    while (std::chrono::steady_clock::now() < deadline) {
        must_run();
        std::string log = content(log_);
        const std::size_t at = log.find(text);
        if (at != std::string::npos && log.find('\n', at) != std::string::npos) return log;
        std::this_thread::sleep_for(kPollEvery);
    }
    throw std::runtime_error(fmt::format("a server did not say {} within {} s: {}", text, seconds_max, content(log_)));
}

void ServerProcess::wait_for_port(int port, int seconds_max) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{seconds_max};
    while (std::chrono::steady_clock::now() < deadline) {
        must_run();
        const int socket = connect_to(port);
        if (socket >= 0) {
            close(socket);
            return;
        }
        std::this_thread::sleep_for(kPollEvery);
    }
    throw std::runtime_error(fmt::format("nobody listens on port {} after {} s: {}", port, seconds_max, content(log_)));
}

void run_program(const std::vector<std::string>& words, const std::string& log) {
    int status = 0;
    waitpid(spawn(words, log), &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(words.front() + " failed: " + content(log));
}

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    const bool bound = bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                       getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    close(socket);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

int connect_to(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(socket);
        return -1;
    }
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

}  // namespace stemma::bench
