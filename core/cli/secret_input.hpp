// Reads what must not be seen: typed on a terminal without showing it, or a line of standard input.
#pragma once

#include <string>
#include <string_view>

#include "core/cli/screen.hpp"

namespace stemma::cli {

[[nodiscard]] bool is_terminal(const Screen& screen);

/// A line of standard input, asked for where that is a terminal.
[[nodiscard]] std::string ask_line(Screen& screen, bool terminal, std::string_view prompt);

}  // namespace stemma::cli
