// An entry made ready before its turn: what does not depend on its place in the ledger is done by whoever asks for it, at the same time as
// the writer writes for others.
#pragma once

#include <string_view>

#include "core/domain/entry.hpp"
#include "core/ledger/encoded_entry.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

struct Draft {
    Entry entry;  ///< its event is normalised, its record time is assumed
    EncodedEntry encoded;
    ReadModelChange change;  ///< its sequence and its source's version are not known yet
};

/// Pure; any thread.
[[nodiscard]] Draft make_draft(Entry entry);
/// With its body's JSON as encode_event or encode_json gives it.
[[nodiscard]] Draft make_draft(Entry entry, std::string_view body_json);

}  // namespace stemma::engine
