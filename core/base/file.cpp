#include "core/base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"

namespace stemma {
namespace {

constexpr std::size_t kRandomNameBytes = 8;

}  // namespace

Descriptor::~Descriptor() {
    if (file_ >= 0) ::close(file_);
}

bool write_all(int file, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::optional<std::string> read_up_to(int file, std::size_t bytes_max) {
    std::string bytes(bytes_max, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file, bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

bool sync_folder_of(const std::filesystem::path& path) {
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return opened.get() >= 0 && ::fsync(opened.get()) == 0;
}

bool make_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
    const std::string beside = fmt::format("{}.{}", path.string(), to_hex(random_bytes(kRandomNameBytes)));
    const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    if (file.get() < 0) return false;
    const bool made = write_all(file.get(), bytes) && ::fsync(file.get()) == 0 && ::link(beside.c_str(), path.c_str()) == 0;
    const int reason = errno;
    ::unlink(beside.c_str());
    errno = reason;
    return made && sync_folder_of(path);
}

Result<ScratchFolder> ScratchFolder::make(std::string_view name) {
    std::error_code error;
    const std::filesystem::path among = std::filesystem::temp_directory_path(error);
    if (error) return fail(Errc::storage, "there is no folder for temporary files: " + error.message(), {}, "TMPDIR names it");
    std::string made = (among / fmt::format("{}-XXXXXX", name)).string();
    if (::mkdtemp(made.data()) == nullptr)
        return fail(Errc::storage, fmt::format("no temporary folder can be made: {}", std::strerror(errno)), among);
    return ScratchFolder{made};
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace stemma
