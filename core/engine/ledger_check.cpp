#include "core/engine/ledger_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>

#include "core/base/log.hpp"
#include "core/ledger/tree.hpp"

namespace stemma::engine {
namespace {

constexpr std::uint64_t kStep = 2'000;  ///< entries between two pauses, each step from a read of its own

/// Takes up to kStep entries into the tree; what is wrong with one of them, "" when nothing is.
Result<std::string> check_step(Store& store, std::uint64_t size, MerkleTree& tree) {
    const auto ledger = store.read();
    if (!ledger) return std::unexpected(ledger.error());
    const std::uint64_t count = std::min(kStep, size - tree.size());
    const std::uint64_t end = tree.size() + count;
    std::string found;
    const auto look = [&](const EntryView& row) {
        if (!found.empty()) return;
        const Digest leaf = leaf_hash(row.bytes);
        if (row.sequence != tree.size())
            found = fmt::format("entry {} is missing", tree.size());
        else if (row.leaf_hash != to_hex(leaf))
            found = fmt::format("entry {} was changed: its bytes do not give its leaf hash", row.sequence);
        else
            tree.append(leaf);
    };
    if (auto read = (*ledger)->visit_entries(tree.size(), count, look); !read) return std::unexpected(read.error());
    if (found.empty() && tree.size() < end) found = fmt::format("entry {} is missing", tree.size());
    return found;
}

}  // namespace

LedgerCheck::LedgerCheck(Store& store, std::uint64_t size, const Digest& root)
    : store_{store}, root_{root}, state_{0, size, ""}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void LedgerCheck::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

LedgerCheck::State LedgerCheck::state() const {
    const std::lock_guard lock{mutex_};
    return state_;
}

void LedgerCheck::tell(std::string found) {
    log::error("LEDGER_ENTRY_CHANGED", found + "; run: stemma ledger verify");
    const std::lock_guard lock{mutex_};
    state_.found = std::move(found);
}

void LedgerCheck::run(const std::stop_token& stop) try {
    const std::uint64_t size = state().of;
    MerkleTree tree;
    std::mutex pause_mutex;
    std::condition_variable_any pause;
    while (tree.size() < size && !stop.stop_requested()) {
        const auto began = std::chrono::steady_clock::now();
        const auto found = check_step(store_, size, tree);
        const bool busy = !found && found.error().code == Errc::unavailable;  // says nothing about the entries: tried again
        if (!found && !busy) return tell("the ledger cannot be read: " + found.error().text());
        if (found && !found->empty()) return tell(*found);
        if (tree.size() == size && tree.root() != root_)
            return tell(fmt::format("the first {} entries are not those that were signed", size));
        {
            const std::lock_guard lock{mutex_};
            state_.checked = tree.size();
        }
        if (tree.size() == size) return log::info("LEDGER_CHECKED", fmt::format("{} entries are as they were signed", size));
        std::unique_lock lock{pause_mutex};
        (void)pause.wait_for(lock, stop, (std::chrono::steady_clock::now() - began) * (kCheckShare - 1), [] { return false; });
    }
} catch (const std::exception& error) {
    tell(fmt::format("the ledger could not be checked: {}", error.what()));
}

}  // namespace stemma::engine
