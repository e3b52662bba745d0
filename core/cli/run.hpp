// One run of `stemma`, from words to an exit code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cli/exit_code.hpp"
#include "core/cli/session.hpp"

namespace stemma::cli {

/// `words` without the program's name. Never throws.
[[nodiscard]] ExitCode run(const std::vector<std::string>& words, Screen screen, const Offline& offline, std::string_view program_version);

}  // namespace stemma::cli
