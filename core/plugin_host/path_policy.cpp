#include "core/plugin_host/path_policy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
namespace msg = plugin_msg;

constexpr std::size_t kNameBytesMax = 64;  // bytes of a plugin's bare name
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

bool is_bare_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= kNameBytesMax && name.front() != '-' && std::ranges::all_of(name, fits);
}

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed))
        if (entry.path().extension() == ".so") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

/// The folder itself must be closed to others; above it, a sticky folder (such as /tmp) protects what it holds.
Result<void> check_folders(const fs::path& innermost, const std::string& place) {
    bool inside = true;
    for (fs::path folder = innermost;; folder = folder.parent_path(), inside = false) {
        struct stat about {};
        if (::lstat(folder.c_str(), &about) != 0)
            return msg::refuse(msg::permission, place,
                               fmt::format("the folder {} cannot be read: {}", folder.string(), std::strerror(errno)));
        const bool sticky = (about.st_mode & S_ISVTX) != 0 && !inside;
        if ((about.st_mode & kOthersWrite) != 0 && !sticky)
            return msg::refuse(
                msg::permission, place,
                fmt::format("the folder {} can be written by group or others, who could swap a plugin in it", folder.string()),
                fmt::format("chmod go-w {}", folder.string()));
        if (folder == folder.root_path()) return {};
    }
}

/// Opens without following a link and reads from the one descriptor, so that nothing can be swapped between check and use.
Result<PluginFile> read_resolved(std::string name, const fs::path& path, const std::string& place, bool guarded) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (file.get() < 0)
        return msg::refuse(msg::file_missing, place, fmt::format("{} cannot be opened: {}", path.string(), std::strerror(errno)));
    struct stat about {};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return msg::refuse(msg::file_irregular, place, fmt::format("{} is not a regular file", path.string()));
    if (guarded && (about.st_mode & kOthersWrite) != 0)
        return msg::refuse(msg::permission, place, fmt::format("{} can be written by group or others", path.string()),
                           fmt::format("chmod go-w {}", path.string()));
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size > limits::plugin_file_bytes_max)
        return msg::refuse(msg::file_too_large, place,
                           fmt::format("{} has {} bytes; a plugin may have {}", path.string(), size, limits::plugin_file_bytes_max));
    std::optional<std::string> bytes = read_up_to(file.get(), size);
    if (!bytes || bytes->size() != size)
        return msg::refuse(msg::file_irregular, place, fmt::format("{} changed or failed while it was read", path.string()));
    std::string digest = to_hex(sha256(*bytes));
    return PluginFile{std::move(name), path, std::move(*bytes), std::move(digest)};
}

}  // namespace

Result<PluginFile> read_plugin(const fs::path& directory, const WantedPlugin& wanted) {
    const std::string& place = wanted.place;
    if (!is_bare_name(wanted.name))
        return msg::refuse(msg::name_invalid, place, fmt::format("'{}' is not the name of a plugin", clip(wanted.name)),
                           "a bare name of lower-case letters, digits, '-' and '_', without folder and without '.so'", Errc::config);
    std::error_code failed;
    const fs::path folder = fs::canonical(directory, failed);
    if (failed || !fs::is_directory(folder, failed))
        return msg::refuse(msg::directory_missing, place, fmt::format("there is no plugin folder {}", directory.string()),
                           "plugins.directory names it", Errc::config);
    const fs::path file = fs::canonical(folder / (wanted.name + ".so"), failed);
    if (failed)
        return msg::refuse(msg::file_missing, place, fmt::format("there is no plugin '{}' in {}", wanted.name, folder.string()),
                           did_you_mean(wanted.name, names_in(folder)), Errc::config);
    const auto [end, rest] = std::ranges::mismatch(folder, file);
    if (end != folder.end())
        return msg::refuse(msg::path_outside, place,
                           fmt::format("plugin '{}' is a link to {}, outside {}", wanted.name, file.string(), folder.string()),
                           "copy the file into the folder");
    if (auto closed = check_folders(file.parent_path(), place); !closed) return fail(std::move(closed));
    auto read = read_resolved(wanted.name, file, place, true);
    if (!read) return read;
    if (!wanted.sha256_pin.empty() && wanted.sha256_pin != read->sha256_hex)
        return msg::refuse(msg::digest_mismatch, place,
                           fmt::format("{} has the SHA-256 {}, but {} is pinned", file.string(), read->sha256_hex, clip(wanted.sha256_pin)),
                           "somebody changed the file, or the pin is of another version");
    return read;
}

Result<PluginFile> read_plugin_file(const fs::path& path) {
    std::error_code failed;
    const fs::path resolved = fs::canonical(path, failed);
    if (failed) return msg::refuse(msg::file_missing, path.string(), fmt::format("there is no file {}", path.string()));
    return read_resolved(resolved.stem().string(), resolved, path.string(), false);
}

}  // namespace stemma
