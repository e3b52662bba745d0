#include "core/ledger/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

#include "core/ledger/checkpoint.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/head.hpp"
#include "core/ledger/tree.hpp"

namespace stemma {
namespace {

constexpr std::uint64_t kEntryBatch = 512;       ///< rows in memory at once
constexpr std::uint64_t kCheckpointBatch = 512;  ///< checkpoints in memory at once

/// "entry 12", "entries 12 to 19"
std::string range_text(std::uint64_t first, std::uint64_t end) {
    return end - first == 1 ? fmt::format("entry {}", first) : fmt::format("entries {} to {}", first, end - 1);
}

std::string_view is_or_are(std::uint64_t first, std::uint64_t end) { return end - first == 1 ? "is" : "are"; }

/// The stored checkpoints by size, read in batches.
class CheckpointReader {
public:
    explicit CheckpointReader(ReadSnapshot& ledger) : ledger_{ledger} {}

    /// The next one, or null when there is none.
    const StoredCheckpoint* front() {
        if (batch_.empty() && !at_end_) fill();
        return batch_.empty() ? nullptr : &batch_.front();
    }
    void pop() { batch_.pop_front(); }
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    void fill() {
        Result<std::vector<StoredCheckpoint>> read = ledger_.checkpoints(from_, kCheckpointBatch);
        if (!read) error_ = read.error();
        at_end_ = !read || read->empty();
        if (at_end_) return;
        const std::uint64_t last = read->back().size;
        at_end_ = last < from_ || last == std::numeric_limits<std::uint64_t>::max();
        from_ = last + 1;
        batch_.assign(std::move_iterator{read->begin()}, std::move_iterator{read->end()});
    }

    ReadSnapshot& ledger_;
    std::deque<StoredCheckpoint> batch_;
    std::uint64_t from_{0};
    bool at_end_{false};
    std::optional<Error> error_;
};

class Verifier {
public:
    Verifier(ReadSnapshot& ledger, const VerifyInput& input) : ledger_{ledger}, input_{input}, checkpoints_{ledger} {}

    VerifyReport run() {
        const Result<Sequence> size = ledger_.size();
        if (!size) {
            note(fmt::format("the ledger cannot be read: {}", size.error().text()));
            return finish();
        }
        report_.entries = *size;
        open_outside();
        const bool all_walked = walk();
        if (all_walked) check_remaining();
        if (checkpoints_.error()) note(fmt::format("the checkpoints cannot be read: {}", checkpoints_.error()->text()));
        if (all_walked) {
            check_outside_size();
            check_coverage();
        }
        return finish();
    }

private:
    /// Keeps findings that name an entry in front, by number, so that no crowd of others pushes them out.
    void note(std::string text, std::optional<Sequence> entry = {}) {
        std::vector<VerifyFinding>& findings = report_.findings;
        const auto before = [](const VerifyFinding& a, const VerifyFinding& b) { return a.entry && (!b.entry || *a.entry < *b.entry); };
        VerifyFinding finding{entry, std::move(text)};
        findings.insert(std::ranges::upper_bound(findings, finding, before), std::move(finding));
        if (findings.size() > kVerifyFindingsMax) findings.pop_back();
    }

    bool bad(Sequence entry, std::string text) {
        note(std::move(text), entry);
        return false;
    }

    VerifyReport finish() {
        check_end_is_provable();
        for (const std::string& line : input_.integrity) note(line);
        if (opened_ == 0 && refused_ > 1)
            report_.notes.push_back(
                fmt::format("not one of {} checkpoints is signed by the key of this state folder, {}: is it the right folder?", refused_,
                            input_.key.name));
        report_.root = to_hex(tree_.root());
        report_.verified = tree_.size();
        return std::move(report_);
    }

    void open_outside() {
        if (!input_.outside_checkpoint) return;
        Result<Checkpoint> opened = open_checkpoint(*input_.outside_checkpoint, input_.key);
        if (opened) {
            outside_ = *std::move(opened);
            ++opened_;
        } else {
            note(fmt::format("the checkpoint outside the database was changed, or is not this ledger's: {}", opened.error().message));
            ++refused_;
        }
    }

    /// All entries in order. False when it had to end before the last.
    bool walk() {
        if (!check_checkpoints()) return false;
        while (tree_.size() < report_.entries) {
            const Result<std::vector<StoredEntry>> rows = read_rows();
            if (!rows)
                return bad(tree_.size(), fmt::format("entry {} cannot be read from the database: {}", tree_.size(), rows.error().text()));
            if (rows->empty()) return bad(tree_.size(), fmt::format("entry {} is missing", tree_.size()));
            for (const StoredEntry& row : *rows)
                if (!check_row(row) || !check_checkpoints()) return false;
            if (input_.progress) input_.progress(tree_.size(), report_.entries);
        }
        return true;
    }

    /// The next batch; where the database cannot read that many, as few as it takes to come to the very row that fails.
    Result<std::vector<StoredEntry>> read_rows() {
        std::uint64_t count = std::min(kEntryBatch, report_.entries - tree_.size());
        while (true) {
            Result<std::vector<StoredEntry>> rows = ledger_.entries(tree_.size(), count);
            if (rows || count == 1) return rows;
            count /= 2;
        }
    }

    bool check_row(const StoredEntry& row) {
        const Sequence expected = tree_.size();
        if (row.sequence > expected) return bad(expected, fmt::format("entry {} is missing", expected));
        if (row.sequence < expected) return bad(row.sequence, fmt::format("entry {} stands in the ledger twice", row.sequence));
        const Digest leaf = leaf_hash(row.bytes);
        const Digest chain = chain_hash(chain_, leaf);
        const bool chained = row.chain_hash == to_hex(chain);
        if (row.leaf_hash != to_hex(leaf))
            return bad(expected, fmt::format("entry {} was changed: its bytes do not give its leaf hash{}", expected,
                                             chained ? ", but they give its chain hash" : ""));
        if (!chained)
            return bad(expected, fmt::format("entry {} is not the one that was signed: its chain hash does not follow from {}", expected,
                                             expected == 0 ? "an empty ledger" : fmt::format("entry {}", expected - 1)));
        if (const Result<Entry> entry = decode(row.bytes); !entry)
            note(fmt::format("entry {} has the hash that was signed, but is no entry of Stemma: {}", expected, entry.error().text()),
                 expected);
        else if (const std::string wrong = wrong_signature(*entry); !wrong.empty())
            note(fmt::format("entry {} has the hash that was signed, but {}", expected, wrong), expected);
        chain_ = chain;
        tree_.append(leaf);
        return true;
    }

    /// Those over as many entries as have been walked. False when the entries are not the ones that were signed.
    bool check_checkpoints() {
        for (const StoredCheckpoint* stored = checkpoints_.front(); stored != nullptr && stored->size <= tree_.size();
             stored = checkpoints_.front()) {
            const std::optional<Checkpoint> opened = open_stored(*stored);
            checkpoints_.pop();
            if (opened && !check_root(*opened)) return false;
        }
        return check_outside_root();
    }

    std::optional<Checkpoint> open_stored(const StoredCheckpoint& stored) {
        const auto changed = [&](std::string_view why) {
            note(fmt::format("the checkpoint over {} entries was changed: {}", stored.size, why));
            ++refused_;
            return std::nullopt;
        };
        Result<Checkpoint> opened = open_checkpoint(stored.note, input_.key);
        if (!opened) return changed(opened.error().message);
        if (opened->size != stored.size) return changed(fmt::format("its note signs {} entries", opened->size));
        ++opened_;
        return *std::move(opened);
    }

    bool check_root(const Checkpoint& checkpoint) {
        if (checkpoint.size != tree_.size()) {
            note(fmt::format("the checkpoint over {} entries stands out of order", checkpoint.size));
            return true;
        }
        if (checkpoint.root == tree_.root()) {
            signed_ = checkpoint.size;
            return true;
        }
        if (signed_ == checkpoint.size) {
            note(fmt::format("two checkpoints over {} entries have different roots", checkpoint.size));
            return true;
        }
        return bad(signed_, fmt::format("{} {} not what was signed: their own hashes agree, but the checkpoint over {} entries has "
                                        "another root",
                                        range_text(signed_, checkpoint.size), is_or_are(signed_, checkpoint.size), checkpoint.size));
    }

    bool check_outside_root() {
        if (!outside_ || outside_->size != tree_.size() || outside_->root == tree_.root()) return true;
        if (outside_->size == 0) return true;  // over nothing there is nothing to differ in
        return bad(0, fmt::format("{} {} not what was signed: the checkpoint outside the database has another root over them, so the "
                                  "ledger was written anew",
                                  range_text(0, outside_->size), is_or_are(0, outside_->size)));
    }

    void cut_off(std::uint64_t signed_size, std::string_view which) {
        const std::string unchecked =
            signed_ == report_.entries ? "" : fmt::format("; {} cannot be checked without", range_text(signed_, report_.entries));
        note(fmt::format("{} {} missing: the checkpoint {} signs {} entries, the ledger has {}{}", range_text(report_.entries, signed_size),
                         is_or_are(report_.entries, signed_size), which, signed_size, report_.entries, unchecked),
             report_.entries);
    }

    /// Checkpoints over more entries than there are.
    void check_remaining() {
        std::uint64_t largest = 0;
        for (const StoredCheckpoint* stored = checkpoints_.front(); stored != nullptr; stored = checkpoints_.front()) {
            if (open_stored(*stored)) largest = std::max(largest, stored->size);
            checkpoints_.pop();
        }
        if (largest > 0) cut_off(largest, "in the database");
    }

    void check_outside_size() {
        if (outside_ && outside_->size > report_.entries) cut_off(outside_->size, "outside the database");
    }

    /// Entries cut off with their checkpoints leave no other trace than a checkpoint outside the database that signs more.
    void check_end_is_provable() {
        if (input_.outside_checkpoint) return;
        if (input_.outside_path.empty())
            report_.notes.emplace_back(
                "without a checkpoint from outside this copy its end is not proven: compare its number of entries with a checkpoint that "
                "you hold");
        else if (report_.entries > 0)
            note(fmt::format("the checkpoint outside the database ({}) is missing: that entries were cut off at the end cannot be excluded",
                             input_.outside_path));
    }

    void check_coverage() {
        if (!report_.findings.empty() || signed_ == report_.entries) return;
        note(fmt::format("{} {} not signed: the newest checkpoint covers {} entries", range_text(signed_, report_.entries),
                         is_or_are(signed_, report_.entries), signed_),
             signed_);
    }

    ReadSnapshot& ledger_;
    const VerifyInput& input_;
    CheckpointReader checkpoints_;
    std::optional<Checkpoint> outside_;
    VerifyReport report_;
    MerkleTree tree_;
    Digest chain_{kChainStart};
    std::uint64_t signed_{0};   // size of the last good checkpoint
    std::uint64_t opened_{0};   // checkpoints whose signature is good
    std::uint64_t refused_{0};  // and those whose is not
};

}  // namespace

VerifyReport verify(ReadSnapshot& ledger, const VerifyInput& input) { return Verifier{ledger, input}.run(); }

}  // namespace stemma
