// From a checked tree to typed Settings, key by key. Internal to core/config.
#pragma once

#include <vector>

#include "core/config/settings.hpp"

namespace stemma::config {

/// Reads every key, notes each one with its origin in Settings::lines, and appends what no schema can say (ranges of durations, addresses)
/// to `errors`. `root` must have passed the schema.
[[nodiscard]] Settings read_settings(const Node& root, std::vector<Error>& errors);

}  // namespace stemma::config
