// `stemma plugin check FILE`: the handshake and the conformance properties on one file, in a process of its own.
// The plugin folder's rules about permissions do not hold here: an author checks what a compiler has just written.
#pragma once

#include <filesystem>

#include "core/plugin_host/conformance.hpp"
#include "core/plugin_host/wanted.hpp"

namespace stemma {

/// `options` gives options and data files; its name and place are taken from the file. Of `settings` the checker and the limits count.
/// Errors: the refusal of the handshake, PLUGIN_KILLED or PLUGIN_TOO_SLOW with the property that did it.
/// A property that does not hold is no error: it stands in the report.
[[nodiscard]] Result<CheckReport> check_plugin(const std::filesystem::path& file, WantedPlugin options, const HostSettings& settings);

}  // namespace stemma
