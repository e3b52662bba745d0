#include "core/engine/stored.hpp"

#include <fmt/format.h>

#include "core/ledger/canonical_read.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/tree.hpp"

namespace stemma::engine {
namespace {

std::unexpected<Error> unreadable(Sequence sequence, const Error& why) {
    return fail(Errc::storage, "the entry cannot be read: " + why.message, fmt::format("ledger entry {}", sequence),
                "run: stemma ledger verify");
}

Result<void> check_leaf(const EntryView& row) {
    if (to_hex(leaf_hash(row.bytes)) == row.leaf_hash) return {};
    return fail(Errc::storage, fmt::format("entry {} was changed: its bytes do not give its leaf hash", row.sequence), {},
                "run: stemma ledger verify");
}

}  // namespace

Result<Entry> decode_stored(const StoredEntry& row) {
    if (auto sound = check_leaf({row.sequence, row.bytes, row.leaf_hash}); !sound) return fail(std::move(sound));
    Result<Entry> entry = decode(row.bytes);
    if (!entry) return unreadable(row.sequence, entry.error());
    return entry;
}

Result<void> decode_stored(const EntryView& row, Entry& into) {
    if (auto sound = check_leaf(row); !sound) return sound;
    return decode_body(row.sequence, row.bytes, into);
}

Result<void> decode_body(Sequence sequence, std::string_view bytes, Entry& into) {
    if (read_canonical(bytes, into)) return {};
    Result<Entry> entry = decode(bytes);
    if (!entry) return unreadable(sequence, entry.error());
    into = *std::move(entry);
    return {};
}

}  // namespace stemma::engine
