// What a command is told by a program that does not write the ledger.
#pragma once

#include <string>

#include "core/base/error.hpp"

namespace stemma::engine {

/// Errc::unavailable, naming who writes.
[[nodiscard]] Error standby_error(const std::string& holder);

}  // namespace stemma::engine
