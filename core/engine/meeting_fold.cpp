#include "core/engine/meeting_fold.hpp"

#include "core/engine/stored.hpp"

namespace stemma::engine {

Result<void> fold_meetings(const std::vector<StoredEntry>& rows, FoldedPairs& pairs) {
    for (const StoredEntry& row : rows) {
        Result<Entry> entry = decode_stored(row);
        if (!entry) return std::unexpected(entry.error());
        const Meeting* meeting = std::get_if<Meeting>(&entry->body);
        if (meeting == nullptr) continue;
        FoldedPair& pair = pairs[{meeting->first, meeting->second}];
        pair.state.meeting = *meeting;
        pair.state.sequence = row.sequence;
        pair.since = entry->recorded_at;
        pair.actor = std::move(entry->actor);
        pair.reason = std::move(entry->reason);
        if (meeting->rule != MeetingRule::declared) continue;
        pair.state.declared_apart = meeting->apart;
        pair.state.declared_together = !meeting->apart;
    }
    return {};
}

}  // namespace stemma::engine
