// Decoding of stored ledger rows, with the entry's number in the error: damaged bytes are a storage failure, not bad input.
#pragma once

#include "core/ports/store.hpp"

namespace stemma::engine {

/// Bytes that do not give their leaf hash are not taken for what was recorded. Errors: Errc::storage naming the entry.
[[nodiscard]] Result<Entry> decode_stored(const StoredEntry& row);
/// Time and body alone, which is what facts are folded from. Likewise checked; fast. `into` may have been read into before.
[[nodiscard]] Result<void> decode_stored(const EntryView& row, Entry& into);
/// What the lineage takes in: time and body. Fast; `into` may have been read into before.
[[nodiscard]] Result<void> decode_body(Sequence sequence, std::string_view bytes, Entry& into);

/// The newest master record of type Record for an id, or none. For pages and lists; decisions read through FactReader.
template <class Record>
[[nodiscard]] Result<std::optional<Record>> read_master(ReadSnapshot& snapshot, const std::string& id) {
    const auto subject = snapshot.subject(id);
    if (!subject) return std::unexpected(subject.error());
    if (!*subject || !(*subject)->master) return std::nullopt;
    const auto rows = snapshot.entries_at({*(*subject)->master});
    if (!rows) return std::unexpected(rows.error());
    const Result<Entry> entry = decode_stored(rows->front());
    if (!entry) return std::unexpected(entry.error());
    const Master* master = std::get_if<Master>(&entry->body);
    const Record* record = master != nullptr ? std::get_if<Record>(master) : nullptr;
    return record != nullptr ? std::optional{*record} : std::nullopt;
}

}  // namespace stemma::engine
