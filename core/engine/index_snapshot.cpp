#include "core/engine/index_snapshot.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"
#include "core/ledger/head.hpp"

namespace stemma::engine {

/// What the ledger was when the snapshot was taken.
std::string IndexSnapshot::name_of(std::uint64_t size, const Digest& root) const {
    return fmt::format("{}\n{}\n{}\n", origin_, size, to_hex(root));
}

void IndexSnapshot::load(lineage::Index& index, const MerkleTree& tree, ReadSnapshot& ledger) const {
    if (!kept()) return;
    std::error_code error;
    if (!std::filesystem::exists(file_, error)) return;
    const auto unusable = [&](std::string_view why) {
        log::warn("LINEAGE_SNAPSHOT_UNUSABLE", fmt::format("{}: {}; the ledger is read instead", file_.string(), why));
    };
    const auto info = lineage::Index::read_info(file_);
    if (!info) return unusable("not a snapshot that this version reads");
    if (info->position > tree.size()) return unusable(fmt::format("it holds {} entries, the ledger has {}", info->position, tree.size()));
    const auto root = tree.root(info->position, leaves_of(ledger));
    if (!root || info->ledger != name_of(info->position, *root)) return unusable("it is of another ledger");
    if (!index.load(file_, key_)) return unusable("it is damaged, or not written with this ledger's key");
    log::info("LINEAGE_SNAPSHOT_LOADED", fmt::format("the lineage of {} entries was read from {}", info->position, file_.string()));
}

Result<void> IndexSnapshot::save(lineage::Index& index, std::uint64_t size, const Digest& root) const {
    return index.save(file_, name_of(size, root), key_);
}

}  // namespace stemma::engine
