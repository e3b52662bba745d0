// A ledger in plain vectors that a test may write into as it likes, read through the port that verify reads.
#pragma once

#include <algorithm>

#include "core/ledger/checkpoint.hpp"
#include "core/ledger/head.hpp"

namespace stemma::test {

class FakeLedger : public ReadSnapshot {
public:
    std::vector<StoredEntry> rows;
    std::vector<StoredCheckpoint> notes;
    bool counts_rows{false};             ///< size() is COUNT(*), else MAX(sequence) + 1
    bool skips_gaps{false};              ///< entries() is "sequence >= first LIMIT count", else "sequence < first + count"
    std::optional<Sequence> unreadable;  ///< a row whose page is damaged
    bool checkpoints_unreadable{false};

    Result<Sequence> size() override {
        if (counts_rows || rows.empty()) return rows.size();
        return std::ranges::max(rows, {}, &StoredEntry::sequence).sequence + 1;
    }
    Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) override {
        std::vector<StoredEntry> sorted = rows;
        std::ranges::sort(sorted, {}, &StoredEntry::sequence);
        std::vector<StoredEntry> found;
        for (StoredEntry& row : sorted) {
            if (row.sequence < first || found.size() == count || (!skips_gaps && row.sequence - first >= count)) continue;
            if (row.sequence == unreadable) return fail(Errc::storage, "database disk image is malformed", "sql:ledger.entries");
            found.push_back(std::move(row));
        }
        return found;
    }
    Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) override {
        const std::vector<StoredEntry> found = entries(first, count).value();
        std::vector<std::string> hashes;
        for (const StoredEntry& row : found) hashes.push_back(row.leaf_hash);
        return hashes;
    }
    Result<std::vector<StoredCheckpoint>> checkpoints(std::uint64_t size_from, std::uint64_t count) override {
        if (checkpoints_unreadable) return fail(Errc::storage, "database disk image is malformed", "sql:ledger.checkpoints");
        std::vector<StoredCheckpoint> sorted = notes;
        std::ranges::sort(sorted, {}, &StoredCheckpoint::size);
        std::erase_if(sorted, [&](const StoredCheckpoint& note) { return note.size < size_from; });
        if (sorted.size() > count) sorted.resize(count);
        return sorted;
    }

    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>&) override { return none(); }
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override { return none(); }
    Result<std::optional<SubjectRow>> subject(const std::string&) override { return none(); }
    Result<std::vector<Sequence>> subject_entries(const std::string&, Sequence, std::uint64_t) override { return none(); }
    Result<std::vector<Sequence>> subject_entries_from(const std::string&, Sequence, Sequence) override { return none(); }
    Result<std::vector<SubjectRow>> subjects(Subject::Kind, std::uint64_t, std::uint64_t) override { return none(); }
    Result<std::vector<IdentifierRow>> find_identifiers(const std::string&, bool, std::uint64_t) override { return none(); }
    Result<std::optional<EventRow>> event(const EventId&) override { return none(); }
    Result<std::optional<SourceRowState>> source_row(const std::string&, const std::string&, const std::string&) override { return none(); }
    Result<std::vector<std::string>> source_keys(const std::string&, const std::string&, const std::string&, std::uint64_t) override {
        return none();
    }
    Result<std::optional<CommandRow>> command(const std::string&) override { return none(); }
    Result<std::optional<CaseState>> case_state(const CaseId&) override { return none(); }
    Result<std::vector<CaseState>> cases(const std::string&, std::uint64_t) override { return none(); }
    Result<Digest> read_model_digest() override { return none(); }
    Result<std::optional<Person>> person(const PartyId&) override { return none(); }
    Result<std::vector<Person>> persons(const std::string&, std::uint64_t) override { return none(); }
    Result<std::vector<SourceState>> source_states() override { return none(); }
    Result<std::vector<RejectRow>> rejects(const std::string&, std::uint64_t) override { return none(); }
    Result<std::vector<AccessRow>> access_rows() override { return none(); }

private:
    static std::unexpected<Error> none() { return fail(Errc::internal, "the ledger module does not read this"); }
};

}  // namespace stemma::test
