// Keeps the copy of the newest checkpoint outside the database, on a thread of its own: making a file's new content durable costs many
// times what a commit costs, and nobody waits for it. The copy may be behind by the commits of the last write; it is never ahead of the
// database, since a checkpoint comes here only once it is committed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/ledger/checkpoint.hpp"

namespace stemma::engine {

/// Between two writes while commits go on: each makes the disk slower for the commits themselves.
inline constexpr std::chrono::milliseconds kSealPause{100};

/// Any thread. Its end writes what is still to be written.
class Sealer {
public:
    /// The file outlives the sealer.
    explicit Sealer(const CheckpointFile& file);
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    /// The newest checkpoint. One that has not been written by then is passed over.
    void put(std::string note);
    /// Waits until the last one put is in the file, or failed to get there, which the log says.
    void flush();
    /// Why the last one is not in the file; "" when it is.
    [[nodiscard]] std::string trouble() const;

private:
    void write();

    const CheckpointFile& file_;
    mutable std::mutex mutex_;  ///< guards all below
    std::condition_variable changed_;
    std::optional<std::string> note_;  ///< to be written
    std::string trouble_;
    bool writing_{false};
    unsigned hurried_{0};  ///< callers of flush()
    bool stopping_{false};
    std::thread thread_;
};

}  // namespace stemma::engine
