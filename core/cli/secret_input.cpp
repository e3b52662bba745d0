#include "core/cli/secret_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <optional>

namespace stemma::cli {
namespace {

/// Shows nothing of what is typed, as long as it lives.
class NoEcho {
public:
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        set_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~NoEcho() {
        if (set_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
    bool set_{false};
};

}  // namespace

std::string ask_line(Screen& screen, bool terminal, std::string_view prompt) {
    std::string line;
    if (terminal) screen.err << prompt << std::flush;
    {
        std::optional<NoEcho> silent;
        if (terminal) silent.emplace();
        std::getline(screen.in, line);
    }
    if (terminal) screen.err << '\n';
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

bool is_terminal(const Screen& screen) { return &screen.in == &std::cin && isatty(STDIN_FILENO) == 1; }

}  // namespace stemma::cli
