// The plugin host's own files under its state folder: fresh copies of what was checked, and what is kept for replay.
// Made for the owner alone (0600, folders 0700). Knows nothing of plugins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma {

/// Writes a file that must not exist yet, so that it is a fresh inode. Errors: PLUGIN_STATE_FAILED at `place`.
[[nodiscard]] Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes, const std::string& place);

/// Writes a file whose name is its content's digest, once, and never half: beside it first, then renamed. Errors: as above.
[[nodiscard]] Result<void> keep_file(const std::filesystem::path& path, std::string_view bytes);

/// The whole file. Errors: Errc::not_found.
[[nodiscard]] Result<std::string> read_whole_file(const std::filesystem::path& path);

/// A new folder "gen-N" in `parent`, N above all there are and above all this process ever made. Errors: PLUGIN_STATE_FAILED.
struct GenerationFolder {
    std::uint64_t number{0};
    std::filesystem::path path;
};
[[nodiscard]] Result<GenerationFolder> make_generation_folder(const std::filesystem::path& parent);

/// Removes the folders "gen-*" in `parent`; code that is still mapped from them stays mapped.
void remove_generation_folders(const std::filesystem::path& parent);

}  // namespace stemma
