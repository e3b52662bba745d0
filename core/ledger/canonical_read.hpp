// Reads what an entry says straight from the canonical bytes that encode() wrote, without a tree in between: a start reads millions of
// them. It knows the usual forms alone and gives up on all others, an escape in a text for one: decode() reads everything.
#pragma once

#include <string_view>

#include "core/domain/entry.hpp"

namespace stemma {

/// Record time and body; of a case's step or a change of the system no body, since neither moves goods. Frame and judgements stay as they
/// are. Where it gives true, decode() gives the same time and body, or refuses a judgement or frame that this does not look at. `entry` may
/// have been read into before: its texts keep their room. On false its content is of no meaning. Pure; any thread.
[[nodiscard]] bool read_canonical(std::string_view bytes, Entry& entry);

}  // namespace stemma
