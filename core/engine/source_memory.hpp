// What the store remembers of an ERP source beside its cursors: its pause, when it was read well and in full, and why its newest sync
// failed. Any daemon on the ledger, and the next start, know it from there.
#pragma once

#include <map>
#include <string>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// The row of SourceState that keeps how the newest sync went: `cursor` is the time of the newest good one, `paused` why the newest
/// failed, `read_at` when it ended. No query of a mapping has such a name.
inline constexpr const char* kNewestSync = "(newest sync)";
/// In place of the time of the last full reading: one is due, for the schema was another one in between.
inline constexpr const char* kFullReadingDue = "due";

struct SourceMemory {
    std::string paused;    ///< why the mapping is paused; "" = it runs
    std::string error;     ///< why the newest sync failed; "" = it went well
    Instant good_at;       ///< of the newest that went well; 0 = none
    Instant finished_at;   ///< of the newest; 0 = none
    Instant full_read_at;  ///< of the last full reading; 0 = never, or one is due
};

/// By source. Errors: Errc::storage, Errc::unavailable.
[[nodiscard]] Result<std::map<std::string, SourceMemory>> source_memories(ReadSnapshot& snapshot);

/// Whether the row is of a query of the mapping.
[[nodiscard]] inline bool is_query(const SourceState& state) { return !state.query.empty() && state.query != kNewestSync; }

}  // namespace stemma::engine
