// The snapshot of the lineage index, with the ledger's tree: makes a start a read instead of a replay. Used only when it is whole and of
// this very ledger: its tree's root must be the one that a stored checkpoint, signed by the ledger's key, has for as many entries. Anything
// else is told in the log, and the ledger is read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/digest.hpp"
#include "core/ledger/checkpoint.hpp"
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
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    /// Fills an index that has no entry yet from the file, and gives the tree over the entries that it holds. Else an empty tree, and the
    /// index stays as it was.
    [[nodiscard]] MerkleTree load(lineage::Index& index, const NoteKey& key, ReadSnapshot& ledger) const;
    /// Writes the index, which holds exactly the entries of the tree, and no other comes meanwhile. Errors: Errc::storage.
    [[nodiscard]] Result<void> save(lineage::Index& index, const MerkleTree& tree) const;

private:
    [[nodiscard]] std::string head_of(const MerkleTree& tree) const;
    [[nodiscard]] std::optional<MerkleTree> tree_in(const lineage::SnapshotInfo& info) const;

    std::filesystem::path file_;
    std::string origin_;
    MacKey key_{};
};

}  // namespace stemma::engine
