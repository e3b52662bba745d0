// What the lineage index offers beyond apply, view and trace. An index without it leaves the benches that need it out, with the reason.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/lineage/index.hpp"
#if __has_include("core/lineage/graph.hpp")
#include "core/lineage/graph.hpp"
#include "core/lineage/node_flags.hpp"
#endif

namespace stemma::bench {

template <class Index>
concept Merges = requires(Index& index) {
    index.merge();
};

template <class Index>
concept Snapshots = requires(Index& index, const std::filesystem::path& path, const std::string& ledger) {
    index.save(path, ledger, MacKey{});
    index.load(path, MacKey{});
};

/// An index that merges when it is told to and not before, where it merges at all.
inline std::unique_ptr<lineage::Index> make_index_without_merges() {
#if __has_include("core/lineage/graph.hpp")
    lineage::IndexSettings settings;
    settings.merge_in_background = false;
    return std::make_unique<lineage::Index>(settings);
#else
    return std::make_unique<lineage::Index>();
#endif
}

/// All edges into the base, where the index has one beside a delta. True when it has.
template <class Index>
bool merge(Index& index) {
    if constexpr (Merges<Index>) index.merge();
    return Merges<Index>;
}

}  // namespace stemma::bench
