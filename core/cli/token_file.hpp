// The token that `stemma login` keeps for the next calls: one line in a file that its owner alone may read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/error.hpp"

namespace stemma::cli {

/// $XDG_CONFIG_HOME/stemma/token, ~/.config/stemma/token; nothing where neither is known.
[[nodiscard]] std::optional<std::filesystem::path> token_file();

/// The token kept there; "" where there is none. Errors: Errc::config for a file that others may read or that is another's.
[[nodiscard]] Result<std::string> read_token_file();

/// Keeps a token in place of the one before. Gives the file. Errors: Errc::storage.
[[nodiscard]] Result<std::filesystem::path> write_token_file(const std::string& token);

void remove_token_file();

}  // namespace stemma::cli
