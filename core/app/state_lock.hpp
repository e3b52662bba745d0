// One process at a time writes a state folder. The lock dies with the process, so a crash leaves nothing to clean up.
#pragma once

#include <filesystem>

#include "core/base/error.hpp"

namespace stemma::app {

class StateLock {
public:
    /// Takes <folder>/lock. Errors: Errc::unavailable when another process holds it, naming that process; Errc::storage.
    [[nodiscard]] static Result<StateLock> take(const std::filesystem::path& folder);
    StateLock(StateLock&& other) noexcept;
    StateLock& operator=(StateLock&& other) noexcept;
    ~StateLock();

private:
    explicit StateLock(int file) : file_{file} {}
    int file_{-1};
};

}  // namespace stemma::app
