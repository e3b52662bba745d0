#include "core/app/state_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace stemma::app {
namespace {

std::string holder_of(int file) {
    std::array<char, 32> text{};
    const ssize_t size = pread(file, text.data(), text.size() - 1, 0);
    return size > 0 ? fmt::format(" (process {})", std::string_view{text.data(), std::strcspn(text.data(), "\n")}) : "";
}

}  // namespace

Result<StateLock> StateLock::take(const std::filesystem::path& folder) {
    const std::string path = folder / "lock";
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) {
        if (errno == ENOENT) return fail(Errc::config, "the state folder does not exist", folder, "make it with: stemma init");
        return fail(Errc::storage, fmt::format("cannot open the lock file: {}", std::strerror(errno)), path);
    }
    StateLock lock{file};
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return fail(Errc::storage, fmt::format("cannot lock: {}", std::strerror(errno)), path);
        return fail(Errc::unavailable, "another process uses this state folder" + holder_of(file), folder,
                    "stop stemmad first, or let it do the work");
    }
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) < 0)
        return fail(Errc::storage, fmt::format("cannot write the lock file: {}", std::strerror(errno)), path);
    return lock;
}

StateLock::StateLock(StateLock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}

StateLock& StateLock::operator=(StateLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}

StateLock::~StateLock() {
    if (file_ >= 0) close(file_);
}

}  // namespace stemma::app
