// Copies a ledger from one store into another, whatever their engines: entries and checkpoints as they are, what is not in the ledger
// (persons, cursors, rejects) too; read models are projected anew. In steps, each its own transaction. Until the last one the copy has no
// newest checkpoint and carries a mark, so that no daemon takes it for a ledger; started again, it goes on where it stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/ports/store.hpp"

namespace stemma::engine {

struct StoreCopyReport {
    std::uint64_t entries{0};
    std::uint64_t resumed_at{0};  ///< entries that an earlier try had copied
    std::string root;             ///< hex, over the copied entries as they were read back
    std::uint64_t checkpoints{0};
    std::uint64_t persons{0};
    std::uint64_t source_states{0};
    std::uint64_t rejects{0};
    bool read_models_equal{true};  ///< false: those of `from` were not what its ledger says
};

struct StoreCopyHooks {
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< after each step
    std::function<Result<void>()> before_end;  ///< asked before the last step; an error leaves the copy unfinished
};

/// `to` is empty, or holds an unfinished copy of this ledger; nobody else writes to it. Errors: Errc::conflict when it holds anything else;
/// Errc::storage, also when an entry read back is not the one that was copied.
[[nodiscard]] Result<StoreCopyReport> copy_store(ReadSnapshot& from, Store& to, const StoreCopyHooks& hooks);

}  // namespace stemma::engine
