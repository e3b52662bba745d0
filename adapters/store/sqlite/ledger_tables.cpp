#include "adapters/store/sqlite/ledger_tables.hpp"

#include <fmt/format.h>

#include "adapters/store/tables/queries.hpp"

namespace stemma::store {
namespace {

StoredEntry entry_of(const sql::Row& row) { return {unsigned_at(row, 0), text_at(row, 1), text_at(row, 2), text_at(row, 3)}; }

StoredCheckpoint checkpoint_of(const sql::Row& row) { return {unsigned_at(row, 0), text_at(row, 1)}; }

}  // namespace

Result<Sequence> LedgerTables::size() {
    auto found = first(q::ledger_size, {}, [](const sql::Row& row) { return unsigned_at(row, 0); });
    if (!found) return fail(std::move(found));
    return found->value_or(0);
}

Result<std::vector<StoredEntry>> LedgerTables::entries(Sequence from, std::uint64_t count) {
    return all(q::ledger_range, {{"first", as_integer(from)}, {"end", end_of(from, count)}}, entry_of);
}

Result<void> LedgerTables::visit_entries(Sequence from, std::uint64_t count, const EntryVisitor& visit) {
    return each(q::ledger_leaf_range, {{"first", as_integer(from)}, {"end", end_of(from, count)}}, [&](const sql::Row& row) {
        visit({unsigned_at(row, 0), row.text(1), row.text(2)});
    });
}

Result<std::vector<StoredEntry>> LedgerTables::entries_at(const std::vector<Sequence>& sequences) {
    std::vector<StoredEntry> entries;
    entries.reserve(sequences.size());
    for (const Sequence sequence : sequences) {
        auto entry = first(q::ledger_one, {{"sequence", as_integer(sequence)}}, entry_of);
        if (!entry) return fail(std::move(entry));
        std::optional<StoredEntry>& found = *entry;
        if (!found) return fail(Errc::not_found, fmt::format("the ledger has no entry {}", sequence), "sql:ledger.one");
        entries.push_back(std::move(*found));
    }
    return entries;
}

Result<std::vector<std::string>> LedgerTables::leaf_hashes(Sequence from, std::uint64_t count) {
    return all(q::ledger_leaves, {{"first", as_integer(from)}, {"end", end_of(from, count)}},
               [](const sql::Row& row) { return text_at(row, 0); });
}

Result<std::optional<StoredCheckpoint>> LedgerTables::latest_checkpoint() { return first(q::checkpoint_latest, {}, checkpoint_of); }

Result<std::vector<StoredCheckpoint>> LedgerTables::checkpoints(std::uint64_t size_from, std::uint64_t count) {
    return all(q::checkpoint_range, {{"from", as_integer(size_from)}, {"count", as_integer(count)}}, checkpoint_of);
}

Result<void> LedgerTables::append(const StoredEntry& entry) {
    return run(q::ledger_append, {{"sequence", as_integer(entry.sequence)},
                                  {"bytes", entry.bytes},
                                  {"leaf_hash", entry.leaf_hash},
                                  {"chain_hash", entry.chain_hash}});
}

Result<void> LedgerTables::put_checkpoint(const StoredCheckpoint& checkpoint) {
    return run(q::checkpoint_put, {{"size", as_integer(checkpoint.size)}, {"note", checkpoint.note}});
}

}  // namespace stemma::store
