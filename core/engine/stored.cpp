#include "core/engine/stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "core/ledger/canonical_read.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/tree.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kVisitedAtOnce = 1'000;  ///< entries read at once by visit_stored
constexpr std::uint64_t kBackFirst = 16;       ///< entries read at once on the way back to an older master record,
constexpr std::uint64_t kBackMost = 1'000;     ///< and as it gets longer

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
    if (auto read = decode_body(row.sequence, row.bytes, into); !read || !std::holds_alternative<SystemChange>(into.body)) return read;
    Result<Entry> entry = decode(row.bytes);  // a case's step, of which the fast reading keeps nothing
    if (!entry) return unreadable(row.sequence, entry.error());
    into = *std::move(entry);
    return {};
}

Result<void> decode_body(Sequence sequence, std::string_view bytes, Entry& into) {
    if (read_canonical(bytes, into)) return {};
    Result<Entry> entry = decode(bytes);
    if (!entry) return unreadable(sequence, entry.error());
    into = *std::move(entry);
    return {};
}

namespace {

Result<std::optional<Master>> master_in(const StoredEntry& row, const std::string& id) {
    Result<Entry> entry = decode_stored(row);
    if (!entry) return std::unexpected(entry.error());
    Master* master = std::get_if<Master>(&entry->body);
    return master != nullptr && id_of(*master) == id ? std::optional{std::move(*master)} : std::nullopt;
}

Result<std::optional<Master>> older_master(ReadSnapshot& snapshot, const std::string& id, Sequence before) {
    for (std::uint64_t count = kBackFirst;; count = std::min(2 * count, kBackMost)) {
        const auto sequences = snapshot.subject_entries(id, before, count);
        if (!sequences) return std::unexpected(sequences.error());
        if (sequences->empty()) return std::nullopt;
        const auto rows = snapshot.entries_at(*sequences);
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows | std::views::reverse) {
            auto master = master_in(row, id);
            if (!master || *master) return master;
        }
        before = sequences->front();
    }
}

}  // namespace

Result<void> visit_stored(ReadSnapshot& snapshot, const std::vector<Sequence>& sequences,
                          const std::function<void(Sequence, const Entry&)>& visit) {
    Entry entry;
    for (std::size_t first = 0; first < sequences.size(); first += kVisitedAtOnce) {
        const std::size_t end = std::min(first + kVisitedAtOnce, sequences.size());
        const auto at = [&](std::size_t i) { return sequences.begin() + static_cast<std::ptrdiff_t>(i); };
        const auto rows = snapshot.entries_at(std::vector<Sequence>(at(first), at(end)));
        if (!rows) return std::unexpected(rows.error());
        for (const StoredEntry& row : *rows) {
            if (auto read = decode_stored({row.sequence, row.bytes, row.leaf_hash}, entry); !read) return read;
            visit(row.sequence, entry);
        }
    }
    return {};
}

Result<std::optional<Master>> master_before(ReadSnapshot& snapshot, const std::string& id, Sequence before) {
    const auto subject = snapshot.subject(id);
    if (!subject) return std::unexpected(subject.error());
    if (!*subject || !(*subject)->master) return std::nullopt;
    const Sequence newest = *(*subject)->master;
    if (newest >= before) return older_master(snapshot, id, before);
    const auto rows = snapshot.entries_at({newest});
    if (!rows) return std::unexpected(rows.error());
    return master_in(rows->front(), id);
}

}  // namespace stemma::engine
