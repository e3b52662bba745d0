// The time-aware trace: what could have gone where, given when each event happened. A tank that was filled again on Friday is not the
// origin of what was drawn from it on Monday.
//
// Rule: goods leave an item only at or after the time at which they can have come into it. An event known by its date alone may have
// happened at any time of that UTC day, so equal dates never exclude. A transformation is one whatever its events' order: everything it
// consumed may be in everything it put out (EPCIS 2.0, 7.4.6: inputs of all events of one transformationID contribute to the outputs of
// all of them), for ERPs post consumption after the output as often as before. What is packed or installed stays in its parent: the
// parent holds it from the event that put it there; a lot, which may have been put there in parts, from the first.
//
// Found by the earliest arrival going forward and the latest departure going back: earlier goods can go wherever later ones can. Times
// are corrected until nothing changes, so cycles end. Every consuming or producing edge is taken once.
#pragma once

#include <limits>

#include "core/lineage/trace.hpp"

namespace stemma::lineage {

/// When an event can have happened, both ends included.
struct EventSpan {
    Instant first;
    Instant last;
};
[[nodiscard]] EventSpan span_of(const View& view, EventNo event);

inline constexpr Instant kAlways{std::numeric_limits<std::int64_t>::min()};
inline constexpr Instant kForEver{std::numeric_limits<std::int64_t>::max()};

struct TimedTrace {
    /// As trace() gives it, but found in the order in which times allow: `nodes` is breadth first as far as no item was reached again with
    /// earlier goods. `previous` is the node it was first reached from.
    Trace trace;
    /// Beside trace.nodes. Forward: the earliest time at which the seeds' goods can have been in the item, over all ways that the answer
    /// holds; kAlways for a seed. Back: the latest time at which goods can have left it and still reach a seed; kForEver for a seed.
    /// A transformation has the same as a seed.
    std::vector<Instant> times;
};

/// Options and seeds as for trace(), which gives this trace where TraceOptions::timed is set.
[[nodiscard]] TimedTrace timed_trace(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options = {});

}  // namespace stemma::lineage
