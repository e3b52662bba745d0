// Pairs as the ledger's entries leave them: the newest word of each counts.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/meeting_rules.hpp"

namespace stemma::engine {

/// One pair, and its newest entry.
struct FoldedPair {
    MeetingState state;
    Instant since;
    std::string actor;
    std::string reason;
};
using FoldedPairs = std::map<std::pair<std::string, std::string>, FoldedPair>;  ///< by first and second id

/// Takes entries, in the ledger's order, into `pairs`; those that are no meetings are passed over. Errors: Errc::storage.
[[nodiscard]] Result<void> fold_meetings(const std::vector<StoredEntry>& rows, FoldedPairs& pairs);

}  // namespace stemma::engine
