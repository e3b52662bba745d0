// What the lineage index offers beyond apply, view and trace. An index without it leaves the benches that need it out, with the reason.
#pragma once

#include <filesystem>
#include <string>

#include "core/lineage/index.hpp"

namespace stemma::bench {

template <class Index>
concept Merges = requires(Index& index) {
    index.merge();
};

template <class Index>
concept Snapshots = requires(Index& index, const std::filesystem::path& path, const std::string& ledger) {
    index.save(path, ledger);
    index.load(path);
};

/// All edges into the base, where the index has one beside a delta. True when it has.
template <class Index>
bool merge(Index& index) {
    if constexpr (Merges<Index>) index.merge();
    return Merges<Index>;
}

}  // namespace stemma::bench
