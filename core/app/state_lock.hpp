// One process at a time writes a state folder. The lock dies with the process, so a crash leaves nothing to clean up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/base/error.hpp"

namespace stemma::app {

/// Whether a process uses a state folder, and where it listens if it said so.
struct StateUse {
    bool held{false};
    std::optional<std::uint16_t> port;
    friend bool operator==(const StateUse&, const StateUse&) = default;
};

class StateLock {
public:
    /// None where it cannot be told: the folder is not there, or not for this user. Takes no lock that another process would wait for.
    [[nodiscard]] static std::optional<StateUse> use_of(const std::filesystem::path& folder);
    /// Takes <folder>/lock. Errors: Errc::unavailable when another process holds it, naming that process; Errc::storage.
    [[nodiscard]] static Result<StateLock> take(const std::filesystem::path& folder);
    StateLock(StateLock&& other) noexcept;
    StateLock& operator=(StateLock&& other) noexcept;
    ~StateLock();

    /// Says in the lock file at which port this process listens, for who reads use_of(). Errors: Errc::storage.
    [[nodiscard]] Result<void> tell_port(std::uint16_t port) const;

private:
    explicit StateLock(int file) : file_{file} {}
    int file_{-1};
};

}  // namespace stemma::app
