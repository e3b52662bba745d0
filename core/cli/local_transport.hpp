// The API answered inside this process, on the state folder itself. Part of the program, not of the library: it opens a whole Stemma.
#pragma once

#include <memory>

#include "core/cli/transport.hpp"

namespace stemma::cli {

/// Takes the state folder's lock for as long as the transport lives. Errors: those of App::open.
[[nodiscard]] Result<std::unique_ptr<Transport>> open_local(const config::Settings& settings);

}  // namespace stemma::cli
