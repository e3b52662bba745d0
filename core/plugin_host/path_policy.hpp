// Which file may be loaded as a plugin: a bare name inside the one plugin folder, a regular file, nothing on its path writable by
// others, the pinned digest if one is pinned. The bytes that were checked are the bytes that are loaded: later steps never reopen the path.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.hpp"
#include "core/plugin_host/wanted.hpp"

namespace stemma {

/// A plugin's file as it was read, once.
struct PluginFile {
    std::string name;            ///< bare: "serial"
    std::filesystem::path path;  ///< resolved; for messages
    std::string bytes;
    std::string sha256_hex;
};

/// Finds the wanted plugin in the folder and reads it. Errors: Errc::plugin / Errc::config at the plugin's place, with a message id.
[[nodiscard]] Result<PluginFile> read_plugin(const std::filesystem::path& directory, const WantedPlugin& wanted);

/// Reads a file an author names by path, for `stemma plugin check`: any folder, any permissions, else the same.
[[nodiscard]] Result<PluginFile> read_plugin_file(const std::filesystem::path& path);

}  // namespace stemma
