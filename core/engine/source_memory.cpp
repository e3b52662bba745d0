#include "core/engine/source_memory.hpp"

#include "core/base/time.hpp"

namespace stemma::engine {
namespace {

Instant time_or_none(const std::string& text) {
    const Result<WrittenTime> time = parse_time(text);
    return time ? time->instant : Instant{};
}

}  // namespace

Result<std::map<std::string, SourceMemory>> source_memories(ReadSnapshot& snapshot) {
    const auto states = snapshot.source_states();
    if (!states) return std::unexpected(states.error());
    std::map<std::string, SourceMemory> memories;
    for (const SourceState& state : *states) {
        SourceMemory& memory = memories[state.source];
        if (state.query.empty()) {
            memory.paused = state.paused;
            memory.full_read_at = time_or_none(state.cursor);
        } else if (state.query == kNewestSync) {
            memory.error = state.paused;
            memory.good_at = time_or_none(state.cursor);
            memory.finished_at = state.read_at;
        }
    }
    return memories;
}

}  // namespace stemma::engine
