#include "adapters/store/postgres/ledger_tables.hpp"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "adapters/store/tables/queries.hpp"

namespace stemma::store::postgres {
namespace {

using Parameter = sql::BinaryParameter;
using Element = Parameter::Element;

// The first column is always the sequence.
constexpr sql::Query kRange{"ledger.range",
                            "SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry"
                            " WHERE sequence >= $1::bigint AND sequence < $2::bigint ORDER BY sequence LIMIT $3::bigint"};
constexpr sql::Query kLeafRange{"ledger.leaf_range",
                                "SELECT sequence, bytes, leaf_hash FROM ledger_entry"
                                " WHERE sequence >= $1::bigint AND sequence < $2::bigint ORDER BY sequence LIMIT $3::bigint"};
constexpr sql::Query kMany{"ledger.many",
                           "SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry WHERE sequence = ANY ($1::bigint[])"};
constexpr sql::Query kMasters{"master.many",
                              "SELECT e.sequence, e.bytes, e.leaf_hash, w.place FROM unnest($1::text[]) WITH ORDINALITY AS w (uri, place)"
                              " JOIN subject s ON s.uri = w.uri JOIN ledger_entry e ON e.sequence = s.master"};

StoredEntry entry_of(const sql::BinaryRow& row) {
    return {row.unsigned_at(0), std::string{row.bytes(1)}, std::string{row.bytes(2)}, std::string{row.bytes(3)}};
}

StoredCheckpoint checkpoint_of(const sql::Row& row) { return {unsigned_at(row, 0), text_at(row, 1)}; }

}  // namespace

Result<void> LedgerTables::in_steps(const sql::Query& query, Sequence from, std::uint64_t count,
                                    const std::function<void(const sql::BinaryRow&)>& look) {
    const std::int64_t end = end_of(from, count);
    for (std::int64_t next = as_integer(from); next < end;) {
        std::uint64_t seen = 0;
        const std::array parameters{Parameter::integer(next), Parameter::integer(end), Parameter::integer(as_integer(kStepEntries))};
        auto read = session_->each_binary(query, parameters, [&](const sql::BinaryRow& row) {
            ++seen;
            next = row.integer(0) + 1;
            look(row);
        });
        if (!read) return in_terms_of_the_port(std::move(read));
        if (seen < kStepEntries) break;
    }
    return {};
}

Result<Sequence> LedgerTables::size() {
    auto found = first(q::ledger_size, {}, [](const sql::Row& row) { return unsigned_at(row, 0); });
    if (!found) return fail(std::move(found));
    return found->value_or(0);
}

Result<std::vector<StoredEntry>> LedgerTables::entries(Sequence from, std::uint64_t count) {
    std::vector<StoredEntry> found;
    auto read = in_steps(kRange, from, count, [&](const sql::BinaryRow& row) { found.push_back(entry_of(row)); });
    if (!read) return fail(std::move(read));
    return found;
}

Result<void> LedgerTables::visit_entries(Sequence from, std::uint64_t count, const EntryVisitor& visit) {
    return in_steps(kLeafRange, from, count, [&](const sql::BinaryRow& row) { visit({row.unsigned_at(0), row.bytes(1), row.bytes(2)}); });
}

Result<std::vector<StoredEntry>> LedgerTables::entries_at(const std::vector<Sequence>& sequences) {
    std::unordered_map<Sequence, StoredEntry> found;
    for (std::size_t from = 0; from < sequences.size(); from += kStepEntries) {
        std::array wanted{Parameter::array(Element::integer, kStepEntries)};
        for (std::size_t i = from; i < std::min<std::size_t>(sequences.size(), from + kStepEntries); ++i)
            wanted[0].add(as_integer(sequences[i]));
        auto read =
            session_->each_binary(kMany, wanted, [&](const sql::BinaryRow& row) { found.emplace(row.unsigned_at(0), entry_of(row)); });
        if (!read) return in_terms_of_the_port(Result<std::vector<StoredEntry>>{fail(std::move(read))});
    }
    std::vector<StoredEntry> entries;
    entries.reserve(sequences.size());
    for (const Sequence sequence : sequences) {
        const auto at = found.find(sequence);
        if (at == found.end()) return fail(Errc::not_found, fmt::format("the ledger has no entry {}", sequence), "sql:ledger.many");
        entries.push_back(at->second);
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

Result<void> LedgerTables::visit_masters(std::span<const std::string* const> ids, const PlacedEntryVisitor& visit) {
    for (std::size_t from = 0; from < ids.size(); from += kStepEntries) {
        std::array wanted{Parameter::array(Element::text, kStepEntries)};
        for (std::size_t i = from; i < std::min<std::size_t>(ids.size(), from + kStepEntries); ++i)
            wanted[0].add(is_clean_utf8(*ids[i]) ? std::string_view{*ids[i]} : std::string_view{});  // no subject is named ""
        auto read = session_->each_binary(kMasters, wanted, [&](const sql::BinaryRow& row) {
            visit(from + row.unsigned_at(3) - 1, {row.unsigned_at(0), row.bytes(1), row.bytes(2)});
        });
        if (!read) return in_terms_of_the_port(std::move(read));
    }
    return {};
}

}  // namespace stemma::store::postgres
