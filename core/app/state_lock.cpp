#include "core/app/state_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
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

/// The second line of the lock file.
std::optional<std::uint16_t> port_in(int file) {
    std::array<char, 64> text{};
    if (pread(file, text.data(), text.size() - 1, 0) <= 0) return std::nullopt;
    const std::string_view lines{text.data()};
    const std::size_t begin = std::min(lines.find('\n'), lines.size() - 1) + 1;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(lines.data() + begin, lines.data() + lines.size(), port);
    return error == std::errc{} && port != 0 && *end == '\n' ? std::optional{port} : std::nullopt;
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

std::optional<StateUse> StateLock::use_of(const std::filesystem::path& folder) {
    const std::string path = folder / "lock";
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        const bool never_used = errno == ENOENT && access(folder.c_str(), F_OK) == 0;
        return never_used ? std::optional{StateUse{}} : std::nullopt;
    }
    const StateLock looked{file};  // a shared lock that is got ends with it, at once
    if (flock(file, LOCK_SH | LOCK_NB) == 0) return StateUse{};
    if (errno != EWOULDBLOCK) return std::nullopt;
    return StateUse{true, port_in(file)};
}

Result<void> StateLock::tell_port(std::uint16_t port) const {
    const std::string text = fmt::format("{}\n{}\n", getpid(), port);
    if (ftruncate(file_, 0) == 0 && pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size())) return {};
    return fail(Errc::storage, fmt::format("the port cannot be written into the lock file: {}", std::strerror(errno)));
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
