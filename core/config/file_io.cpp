#include "core/config/file_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/file.hpp"

namespace stemma::config {
namespace {

constexpr mode_t kPermissionBits = 07777;
constexpr mode_t kNewFileMode = 0644;

std::string system_text(int error) { return std::error_code{error, std::generic_category()}.message(); }

std::unexpected<Error> storage_error(std::string_view what, const std::filesystem::path& path, int error) {
    return fail(Errc::storage, fmt::format("{}: {}", what, system_text(error)), path.string());
}

/// Writes the temporary file and makes it durable. The caller renames or removes it.
Result<void> write_durably(const std::string& path, std::string_view text, const struct stat* old, mode_t mode) {
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.get() < 0) return storage_error("cannot write", path, errno);
    if (!write_all(file.get(), text)) return storage_error("cannot write", path, errno);
    if (old != nullptr) {
        // Owner first: chown clears set-id bits. An editor who is not root keeps the file as his own, which is what an editor does.
        if (::fchown(file.get(), old->st_uid, old->st_gid) != 0 && errno != EPERM)
            return storage_error("cannot set the owner", path, errno);
    }
    if (::fchmod(file.get(), mode) != 0) return storage_error("cannot set the mode", path, errno);
    if (::fsync(file.get()) != 0) return storage_error("cannot write", path, errno);
    if (::close(file.release()) != 0) return storage_error("cannot write", path, errno);
    return {};
}

}  // namespace

Result<FileContent> read_file_and_mode(const std::filesystem::path& path, std::size_t bytes_max) {
    // O_NONBLOCK: opening a pipe that nobody writes to would otherwise wait for ever.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return fail(Errc::not_found, "there is no such file", path.string());
        return fail(Errc::config, "cannot be read: " + system_text(errno), path.string());
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return fail(Errc::config, "cannot be read: " + system_text(errno), path.string());
    if (!S_ISREG(status.st_mode)) return fail(Errc::config, "is not a regular file", path.string());
    std::optional<std::string> text = read_up_to(file.get(), bytes_max + 1);
    if (!text) return fail(Errc::config, "cannot be read: " + system_text(errno), path.string());
    if (text->size() > bytes_max) return fail(Errc::too_large, fmt::format("the file is larger than {} bytes", bytes_max), path.string());
    return FileContent{*std::move(text), status.st_mode & kPermissionBits};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    auto content = read_file_and_mode(path, bytes_max);
    if (!content) return fail(std::move(content));
    return std::move(content->text);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text, const std::filesystem::path& model) {
    // A link stays a link: the file it leads to is what is replaced.
    std::error_code ec;
    const std::filesystem::path target = std::filesystem::weakly_canonical(path, ec);
    if (ec) return fail(Errc::storage, "cannot be resolved: " + ec.message(), path.string());
    struct stat status {};
    const bool exists = ::stat(target.c_str(), &status) == 0;
    const std::string temporary = (target.parent_path() / fmt::format(".{}.{}.tmp", target.filename().string(), ::getpid())).string();
    struct stat other {};
    const mode_t mode = exists                               ? status.st_mode & kPermissionBits
                        : ::stat(model.c_str(), &other) == 0 ? other.st_mode & kPermissionBits
                                                             : kNewFileMode;
    if (auto written = write_durably(temporary, text, exists ? &status : nullptr, mode); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return storage_error("cannot be replaced", target, error);
    }
    if (!sync_folder_of(target)) return storage_error("cannot be made durable", target.parent_path(), errno);
    return {};
}

}  // namespace stemma::config
