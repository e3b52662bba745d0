// Room on the disk that is kept back for one purpose: that the ledger can still say that the disk was full. A file of a fixed size beside
// the database, given up when a write fails for want of space, taken again when there is plenty.
#pragma once

#include <cstdint>
#include <filesystem>

namespace stemma::engine {

class SpaceReserve {
public:
    SpaceReserve() = default;  ///< none is kept
    /// `bytes` 0: none is kept.
    SpaceReserve(std::filesystem::path file, std::uint64_t bytes) : file_{std::move(file)}, bytes_{bytes} {}

    /// Takes the room where it is not held and twice as much is free. Costs nothing while it is held.
    void take();
    /// Gives the room back, where it is held and hardly more than nothing else is free: true when the caller has it now.
    [[nodiscard]] bool give();

private:
    [[nodiscard]] std::uint64_t available() const;

    std::filesystem::path file_;
    std::uint64_t bytes_{0};
    bool held_{false};
};

}  // namespace stemma::engine
