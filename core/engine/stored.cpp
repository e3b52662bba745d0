#include "core/engine/stored.hpp"

#include <fmt/format.h>

#include "core/ledger/entry_codec.hpp"

namespace stemma::engine {

Result<Entry> decode_stored(const StoredEntry& row) {
    Result<Entry> entry = decode(row.bytes);
    if (!entry)
        return fail(Errc::storage, "the entry cannot be read: " + entry.error().message, fmt::format("ledger entry {}", row.sequence),
                    "run: stemma ledger verify");
    return entry;
}

}  // namespace stemma::engine
