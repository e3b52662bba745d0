// Reading and replacing small files whole. Regular files only: a pipe or a device would block or never end.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma::config {

/// The content and the permission bits, both of the same opened file.
struct FileContent {
    std::string text;
    mode_t mode{0};
};

/// Errors: Errc::not_found (no such file), Errc::config (no permission, not a regular file), Errc::too_large; `where` is the path.
[[nodiscard]] Result<FileContent> read_file_and_mode(const std::filesystem::path& path, std::size_t bytes_max);
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

/// Replaces or creates `path` so that at every moment it holds the old content or the new one, also across a power cut:
/// temporary file beside it, fsync, rename, fsync of the folder. An existing file keeps its mode and, where allowed, its owner;
/// a new one may be read by whom `model` may be read by, whatever the umask. Errors: Errc::storage with the path.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, std::string_view text, const std::filesystem::path& model);

}  // namespace stemma::config
