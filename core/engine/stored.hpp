// Decoding of stored ledger rows, with the entry's number in the error: damaged bytes are a storage failure, not bad input.
#pragma once

#include <functional>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::engine {

inline constexpr Sequence kEveryEntry = UINT64_MAX;  ///< as a position that no ledger reaches

/// Bytes that do not give their leaf hash are not taken for what was recorded. Errors: Errc::storage naming the entry.
[[nodiscard]] Result<Entry> decode_stored(const StoredEntry& row);
/// Time and body alone, which is what facts are folded from. Likewise checked; fast. `into` may have been read into before.
[[nodiscard]] Result<void> decode_stored(const EntryView& row, Entry& into);
/// What the lineage takes in: time and body. Fast; `into` may have been read into before.
[[nodiscard]] Result<void> decode_body(Sequence sequence, std::string_view bytes, Entry& into);

/// Reads the entries in that order, a number at a time. The entry is valid during the call. Errors: Errc::storage.
[[nodiscard]] Result<void> visit_stored(ReadSnapshot& snapshot, const std::vector<Sequence>& sequences,
                                        const std::function<void(Sequence, const Entry&)>& visit);

/// The newest master record of an id among the entries [0, before), or none. Where a newer one has replaced it, the entries that touch the
/// id are read backwards from there: as many as came after the record that is wanted. Errors: Errc::storage.
[[nodiscard]] Result<std::optional<Master>> master_before(ReadSnapshot& snapshot, const std::string& id, Sequence before);

/// The same where it is of type Record. For pages and lists; decisions read through FactReader.
template <class Record>
[[nodiscard]] Result<std::optional<Record>> read_master(ReadSnapshot& snapshot, const std::string& id, Sequence before = kEveryEntry) {
    const auto master = master_before(snapshot, id, before);
    if (!master) return std::unexpected(master.error());
    const Record* record = *master ? std::get_if<Record>(&**master) : nullptr;
    return record != nullptr ? std::optional{*record} : std::nullopt;
}

}  // namespace stemma::engine
