// Files at the level of descriptors: closed on every way out, read and written in full, a new file there whole or not at all.
// What gives no Result leaves the reason of a failure in errno: the caller knows what the file is called in its messages.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"

namespace stemma {

/// Owns an open file descriptor; below 0 there is none.
class Descriptor {
public:
    explicit Descriptor(int file) noexcept : file_{file} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    [[nodiscard]] int get() const noexcept { return file_; }
    /// Hands it to the caller, who closes it: where a failure of close itself counts.
    [[nodiscard]] int release() noexcept { return std::exchange(file_, -1); }

private:
    int file_;
};

/// Writes all of it, in as many calls as that takes.
[[nodiscard]] bool write_all(int file, std::string_view bytes) noexcept;

/// Reads to the end of the file, at most `bytes_max` bytes: ask for one more than may be there to see whether there is more.
[[nodiscard]] std::optional<std::string> read_up_to(int file, std::size_t bytes_max);

/// Makes a change of names in the folder that holds `path` durable.
[[nodiscard]] bool sync_folder_of(const std::filesystem::path& path);

/// Makes the file `path` with these bytes and this mode, less the umask: whole, durable, and only if no file has that name (else
/// errno is EEXIST and the old one is as it was). Written beside it under a random name, then linked.
[[nodiscard]] bool make_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode);

/// A new folder among the system's temporary ones that nobody else can enter (0700) or foresee; removed at the end with what it holds.
class ScratchFolder {
public:
    /// `name` begins the folder's name. Errors: Errc::storage.
    [[nodiscard]] static Result<ScratchFolder> make(std::string_view name);
    ScratchFolder(ScratchFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder();
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    explicit ScratchFolder(std::filesystem::path path) : path_{std::move(path)} {}

    std::filesystem::path path_;
};

}  // namespace stemma
