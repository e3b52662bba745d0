// The snapshot of the lineage index: makes a start a read instead of a replay. Used only when it is whole and of this very ledger: of its
// origin, and of its root over as many entries as the snapshot holds. Anything else is told in the log, and the ledger is read.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/digest.hpp"
#include "core/ledger/tree.hpp"
#include "core/lineage/index.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

class IndexSnapshot {
public:
    IndexSnapshot() = default;  ///< none is kept
    /// `key`: of this ledger alone, and secret.
    IndexSnapshot(std::filesystem::path file, std::string origin, const MacKey& key)
        : file_{std::move(file)}, origin_{std::move(origin)}, key_{key} {}

    [[nodiscard]] bool kept() const noexcept { return !file_.empty(); }
    /// Fills an index that has no entry yet from the file. `tree` is the ledger's, `ledger` where its leaf hashes are read.
    void load(lineage::Index& index, const MerkleTree& tree, ReadSnapshot& ledger) const;
    /// Writes the index, which holds `size` entries of the ledger with this root, and no other comes meanwhile. Errors: Errc::storage.
    [[nodiscard]] Result<void> save(lineage::Index& index, std::uint64_t size, const Digest& root) const;

private:
    [[nodiscard]] std::string name_of(std::uint64_t size, const Digest& root) const;

    std::filesystem::path file_;
    std::string origin_;
    MacKey key_{};
};

}  // namespace stemma::engine
