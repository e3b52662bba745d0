#include "core/engine/snapshot_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>

#include "core/base/log.hpp"
#include "core/engine/ledger_reading.hpp"

namespace stemma::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kStep = 10'000;           ///< entries read between two looks at whether to stop; each from a read of its own
constexpr std::size_t kUnmergedMax = 16'000'000;  ///< edges
constexpr std::chrono::seconds kTryAgain{60};

/// Bytes that this machine can still give, as Linux estimates it; none where it does not say.
std::optional<std::uint64_t> free_memory() {
    std::ifstream file{"/proc/meminfo"};
    std::string word;
    std::uint64_t kib = 0;
    while (file >> word)
        if (word == "MemAvailable:" && file >> kib) return kib * 1024;
    return std::nullopt;
}

}  // namespace

SnapshotKeeper::SnapshotKeeper(Sources sources, IndexSnapshot snapshot, std::uint64_t every, std::uint64_t position)
    : sources_{std::move(sources)},
      snapshot_{std::move(snapshot)},
      every_{every},
      size_{position},
      position_{position},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void SnapshotKeeper::note(std::uint64_t size) {
    {
        const std::lock_guard lock{mutex_};
        size_ = size;
        if (size_ < position_ + every_) return;
    }
    changed_.notify_one();
}

void SnapshotKeeper::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

std::uint64_t SnapshotKeeper::position() const {
    const std::lock_guard lock{mutex_};
    return position_;
}

void SnapshotKeeper::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [&] { return size_ >= position_ + every_; }) && !stop.stop_requested()) {
        lock.unlock();
        const auto began = Clock::now();
        const auto written = has_room() ? write(stop) : Result<std::uint64_t>{0};
        if (!written && !stop.stop_requested()) log::error("LINEAGE_SNAPSHOT_FAILED", written.error().text());
        const bool done = written && *written != 0;
        const Clock::duration pause = done ? (Clock::now() - began) * (kSnapshotShare - 1) : Clock::duration{kTryAgain};
        lock.lock();
        if (done) position_ = *written;
        (void)changed_.wait_for(lock, stop, pause, [] { return false; });
    }
}

/// Twice the index must fit beside each other, and something stay free.
bool SnapshotKeeper::has_room() {
    const std::uint64_t wanted = sources_.index.memory_bytes() + sources_.index.memory_bytes() / 4;
    const auto found = free_memory();
    const bool room = !found || *found > wanted;
    if (!room && !told_)
        log::warn("LINEAGE_SNAPSHOT_POSTPONED", fmt::format("{} MB of memory are free, a snapshot takes {} MB for as long as it is made",
                                                            *found / 1'000'000, wanted / 1'000'000));
    told_ = !room;
    return room;
}

/// Position of what was written; 0 when it was given up.
Result<std::uint64_t> SnapshotKeeper::write(const std::stop_token& stop) try {
    const MerkleTree tree = sources_.tree();
    lineage::Index copy{{.graph = {}, .merge_in_background = false}};
    copy.read_ledger_by(reader_of(sources_.store));
    {
        const auto ledger = sources_.store.read();
        if (!ledger) return std::unexpected(ledger.error());
        (void)snapshot_.load(copy, sources_.key(), **ledger);
    }
    while (copy.position() < tree.size()) {
        if (stop.stop_requested()) return 0;
        const auto ledger = sources_.store.read();
        if (!ledger) return std::unexpected(ledger.error());
        const Sequence end = std::min(tree.size(), copy.position() + kStep);
        copy.hold(true);
        const auto read = read_ledger(**ledger, copy.position(), end, 0,
                                      [&](Sequence sequence, const Digest&, const Entry& entry) { copy.apply(sequence, entry); });
        copy.hold(false);
        if (!read) return std::unexpected(read.error());
        if (copy.graph_size().unmerged > kUnmergedMax) copy.merge();
    }
    if (stop.stop_requested()) return 0;
    if (auto saved = snapshot_.save(copy, tree); !saved) return std::unexpected(saved.error());
    log::debug("LINEAGE_SNAPSHOT_WRITTEN", fmt::format("the lineage of {} entries", tree.size()));
    return tree.size();
} catch (const std::exception& error) {
    return fail(Errc::internal, error.what(), "making a snapshot");
}

}  // namespace stemma::engine
