#include "core/engine/index_snapshot.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace stemma::engine {
namespace {

/// Whether a checkpoint in the database, signed by the key, has this root for as many entries.
bool is_signed(const MerkleTree& tree, const NoteKey& key, ReadSnapshot& ledger) {
    if (tree.size() == 0) return true;
    const auto stored = ledger.checkpoints(tree.size(), 1);
    if (!stored || stored->empty()) return false;
    const auto checkpoint = open_checkpoint(stored->front().note, key);
    return checkpoint && checkpoint->size == tree.size() && checkpoint->root == tree.root();
}

}  // namespace

/// What the ledger was when the snapshot was taken: its name, its root, and the hashes that give it.
std::string IndexSnapshot::head_of(const MerkleTree& tree) const {
    return fmt::format("{}\n{}\n{}\n", origin_, tree.size(), to_hex(tree.root())) + tree.image();
}

std::optional<MerkleTree> IndexSnapshot::tree_in(const lineage::SnapshotInfo& info) const {
    const std::size_t name_bytes = fmt::format("{}\n{}\n", origin_, info.position).size() + 2 * sizeof(Digest) + 1;
    if (info.ledger.size() < name_bytes) return std::nullopt;
    auto tree = MerkleTree::from_image(info.position, std::string_view{info.ledger}.substr(name_bytes));
    if (!tree || head_of(*tree) != info.ledger) return std::nullopt;
    return tree;
}

MerkleTree IndexSnapshot::load(lineage::Index& index, const NoteKey& key, ReadSnapshot& ledger) const {
    std::error_code error;
    if (!kept() || !std::filesystem::exists(file_, error)) return {};
    const auto unusable = [&](std::string_view why) {
        log::warn("LINEAGE_SNAPSHOT_UNUSABLE", fmt::format("{}: {}; the ledger is read instead", file_.string(), why));
        return MerkleTree{};
    };
    const auto info = lineage::Index::read_info(file_);
    if (!info) return unusable("not a snapshot that this version reads");
    const auto size = ledger.size();
    if (!size) return unusable("the ledger cannot be read");
    if (info->position > *size) return unusable(fmt::format("it holds {} entries, the ledger has {}", info->position, *size));
    auto tree = tree_in(*info);
    if (!tree || !is_signed(*tree, key, ledger)) return unusable("it is of another ledger, or of another version");
    if (!index.load(file_, key_)) return unusable("it is damaged, or not written with this ledger's key");
    return *std::move(tree);
}

Result<void> IndexSnapshot::save(lineage::Index& index, const MerkleTree& tree) const { return index.save(file_, head_of(tree), key_); }

}  // namespace stemma::engine
