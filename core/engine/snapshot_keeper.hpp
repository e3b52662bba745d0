// Writes the lineage's snapshot while commands go on, so that a start after a crash is short as well. Nobody waits for it: the snapshot is
// made from a second index, of the snapshot before and the entries that the ledger has on top, and put in its place as a whole.
// The price is that index's memory for as long; a machine that has not got it goes without, which the log says.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/engine/index_snapshot.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// Of the time, at most one part in so many goes into snapshots, however fast entries come.
inline constexpr int kSnapshotShare = 10;

class SnapshotKeeper {
public:
    struct Sources {
        Store& store;
        const lineage::Index& index;       ///< in use: asked for its size alone
        std::function<MerkleTree()> tree;  ///< of what is committed and signed; any thread
        std::function<NoteKey()> key;      ///< that signed it
    };

    /// One whenever `every` entries have come since the last, from `position` on. Sources outlive the keeper.
    SnapshotKeeper(Sources sources, IndexSnapshot snapshot, std::uint64_t every, std::uint64_t position);
    ~SnapshotKeeper() { stop(); }
    SnapshotKeeper(const SnapshotKeeper&) = delete;
    SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

    /// The ledger has so many entries now. Any thread; does not wait.
    void note(std::uint64_t size);
    /// Gives up what is being made, unless it is just written to its file, and makes no more.
    void stop();
    /// Entries in the newest snapshot.
    [[nodiscard]] std::uint64_t position() const;

private:
    void run(const std::stop_token& stop);
    [[nodiscard]] bool has_room();
    [[nodiscard]] Result<std::uint64_t> write(const std::stop_token& stop);

    Sources sources_;
    IndexSnapshot snapshot_;
    const std::uint64_t every_;
    mutable std::mutex mutex_;  ///< guards the next two
    std::condition_variable_any changed_;
    std::uint64_t size_;
    std::uint64_t position_;
    bool told_{false};  ///< that there is no room; of the thread alone
    std::jthread thread_;
};

}  // namespace stemma::engine
