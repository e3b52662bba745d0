// Whether the lineage that a start makes of its snapshot and the ledger's rest is the one that the ledger alone gives. Reads a state folder
// and changes nothing in it.
#pragma once

#include <cstdint>
#include <string>

#include "core/config/settings.hpp"

namespace stemma::test {

struct LineageCompared {
    std::uint64_t entries{0};   ///< of the ledger
    std::uint64_t snapshot{0};  ///< of them in the snapshot; 0: none that a start would use
    std::string from_snapshot;  ///< SHA-256 over all that the index says, hex
    std::string from_ledger;    ///< the same
    friend bool operator==(const LineageCompared&, const LineageCompared&) = default;
};

/// `left_out` entries behind the snapshot are not read: the red control. Errors: those of the store.
[[nodiscard]] Result<LineageCompared> compare_lineage(const config::Settings& settings, std::uint64_t left_out);

}  // namespace stemma::test
