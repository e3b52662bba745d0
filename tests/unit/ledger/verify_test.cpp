// verify against tampering: whatever is flipped, deleted, swapped, cut off or rewritten is found and its first bad entry named.
#include "core/ledger/verify.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "core/ledger/entry_codec.hpp"
#include "tests/unit/ledger/fake_ledger.hpp"

namespace stemma {
namespace {

using test::FakeLedger;
using Random = std::mt19937_64;

const SigningKey kKey = SigningKey::from_seed(std::string(32, 'k')).value();
const NoteKey kReader{"example.org/ledger", kKey.public_key()};

std::string entry_bytes(std::uint64_t number) {
    Entry entry;
    entry.recorded_at = Instant{static_cast<std::int64_t>(number) * kMicrosPerSecond};
    entry.actor = "erp:tryton";
    entry.body = SystemChange{"number " + std::to_string(number), "loaded", {{"plugin", "lot"}}};
    return encode(entry);
}

/// Rows and checkpoints of `count` entries, committed in groups of 1 to 5.
FakeLedger ledger_of(std::uint64_t count, Random& random) {
    FakeLedger ledger;
    LedgerHead head;
    while (head.size() < count) {
        const std::uint64_t group = std::uniform_int_distribution<std::uint64_t>{1, 5}(random);
        for (std::uint64_t i = 0; i < group && head.size() < count; ++i) ledger.rows.push_back(head.next(entry_bytes(head.size())));
        ledger.notes.push_back({head.size(), sign_checkpoint({kReader.name, head.size(), head.root()}, kKey)});
    }
    return ledger;
}

VerifyReport verified(FakeLedger& ledger, std::optional<std::string> outside = {}, std::vector<std::string> integrity = {}) {
    return verify(ledger, {.key = kReader, .outside_checkpoint = std::move(outside), .integrity = std::move(integrity), .progress = {}});
}

std::string first_text(const VerifyReport& report) { return report.ok() ? "all is well" : report.findings.front().text; }

/// Gives rows from `first` on new sequences and hashes, as one who may write to the database would.
void rehash(FakeLedger& ledger, std::size_t first) {
    LedgerHead head;
    for (std::size_t i = 0; i < ledger.rows.size(); ++i) {
        StoredEntry row = head.next(ledger.rows[i].bytes);
        if (i >= first) ledger.rows[i] = std::move(row);
    }
}

/// Size of the last checkpoint over at most `entry` entries: from there on a signed root can accuse.
std::uint64_t last_signed(const FakeLedger& ledger, std::uint64_t entry) {
    std::uint64_t size = 0;
    for (const StoredCheckpoint& note : ledger.notes)
        if (note.size <= entry) size = note.size;
    return size;
}

TEST(Verify, finds_nothing_in_100_ledgers_that_are_as_they_were_written) {
    Random random{1};
    for (std::uint64_t run = 0; run < 100; ++run) {
        const std::uint64_t size = run < 20 ? run : std::uniform_int_distribution<std::uint64_t>{20, 1'400}(random);
        FakeLedger ledger = ledger_of(size, random);
        ledger.counts_rows = run % 2 == 0;
        std::optional<std::string> outside;
        if (!ledger.notes.empty() && run % 3 != 0) outside = ledger.notes[random() % ledger.notes.size()].note;
        const VerifyReport report = verified(ledger, outside);
        ASSERT_TRUE(report.ok()) << first_text(report);
        ASSERT_EQ(report.entries, size);
        ASSERT_EQ(report.verified, size);
        ASSERT_EQ(report.root, to_hex(LedgerHead::load(ledger).value().root()));
        ASSERT_FALSE(report.first_bad_entry());
    }
}

TEST(Verify, shows_how_far_it_is) {
    Random random{2};
    FakeLedger ledger = ledger_of(1'200, random);
    std::vector<std::uint64_t> steps;
    const VerifyProgress progress = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_EQ(total, 1'200U);
        steps.push_back(done);
    };
    EXPECT_TRUE(verify(ledger, {.key = kReader, .outside_checkpoint = {}, .integrity = {}, .progress = progress}).ok());
    EXPECT_GE(steps.size(), 2U);
    EXPECT_TRUE(std::ranges::is_sorted(steps));
    EXPECT_EQ(steps.back(), 1'200U);
}

void flip_byte(std::string& text, Random& random) {
    char& byte = text[random() % text.size()];
    byte = static_cast<char>(byte ^ static_cast<char>(1 + random() % 255));
}

/// One act of tampering, and the entry that must be named for it.
struct Tampered {
    FakeLedger ledger;
    std::string act;
    std::uint64_t entry;
};

Tampered tamper(FakeLedger ledger, Random& random) {
    const std::size_t size = ledger.rows.size();
    const std::size_t at = random() % size;
    StoredEntry& row = ledger.rows[at];
    switch (random() % 9) {
        case 0: flip_byte(row.bytes, random); return {ledger, "bytes", at};
        case 1: flip_byte(row.leaf_hash, random); return {ledger, "leaf hash", at};
        case 2: flip_byte(row.chain_hash, random); return {ledger, "chain hash", at};
        case 3: {
            row.sequence ^= (1 + random() % 255) << (8 * (random() % 8));
            const std::uint64_t named = std::min<std::uint64_t>(at, row.sequence);
            return {ledger, "sequence", named};
        }
        case 4: ledger.rows.erase(ledger.rows.begin() + static_cast<std::ptrdiff_t>(at)); return {ledger, "deletion", at};
        case 5: {
            const std::size_t other = (at + 1 + random() % (size - 1)) % size;
            std::swap(row, ledger.rows[other]);
            std::swap(row.sequence, ledger.rows[other].sequence);
            return {ledger, "swap of rows", std::min(at, other)};
        }
        case 6: {
            const std::size_t other = (at + 1 + random() % (size - 1)) % size;
            std::swap(row.bytes, ledger.rows[other].bytes);
            std::swap(row.leaf_hash, ledger.rows[other].leaf_hash);
            return {ledger, "swap of bytes", std::min(at, other)};
        }
        case 7: ledger.rows.resize(at); return {ledger, "truncation", at};
        default:
            row.bytes = entry_bytes(1'000'000 + at);
            row.leaf_hash = to_hex(leaf_hash(row.bytes));
            return {ledger, "replacement", at};
    }
}

TEST(Verify, names_the_entry_in_each_of_6000_tamperings) {
    Random random{3};
    FakeLedger clean;
    for (int i = 0; i < 6'000; ++i) {
        if (i % 1'000 == 0) clean = ledger_of(20 + random() % 60, random);
        clean.counts_rows = random() % 2 == 0;
        clean.skips_gaps = random() % 2 == 0;
        Tampered tampered = tamper(clean, random);
        const VerifyReport report = verified(tampered.ledger);
        ASSERT_FALSE(report.ok()) << tampered.act;
        ASSERT_EQ(report.first_bad_entry(), tampered.entry) << tampered.act << ": " << first_text(report);
        const std::string number = std::to_string(tampered.entry);
        ASSERT_TRUE(first_text(report).starts_with("entry " + number + " ") || first_text(report).starts_with("entries " + number + " to "))
            << first_text(report);
    }
}

TEST(Verify, finds_every_changed_byte_of_every_checkpoint) {
    Random random{4};
    const FakeLedger clean = ledger_of(20, random);
    for (std::size_t at = 0; at < clean.notes.size(); ++at) {
        const std::string named = "the checkpoint over " + std::to_string(clean.notes[at].size) + " entries was changed: ";
        for (std::size_t byte = 0; byte < clean.notes[at].note.size(); ++byte) {
            FakeLedger ledger = clean;
            ledger.notes[at].note[byte] = static_cast<char>(ledger.notes[at].note[byte] ^ static_cast<char>(1 + random() % 255));
            const VerifyReport report = verified(ledger);
            ASSERT_TRUE(first_text(report).starts_with(named)) << first_text(report);
            ASSERT_FALSE(report.first_bad_entry());
            ASSERT_EQ(report.verified, 20U);
        }
        for (int bit = 0; bit < 64; ++bit) {
            FakeLedger ledger = clean;
            ledger.notes[at].size ^= std::uint64_t{1} << bit;
            const VerifyReport report = verified(ledger);
            ASSERT_TRUE(
                first_text(report).starts_with("the checkpoint over " + std::to_string(ledger.notes[at].size) + " entries was changed: "))
                << first_text(report);
        }
    }
}

TEST(Verify, finds_that_the_newest_checkpoint_is_gone) {
    Random random{5};
    for (int i = 0; i < 50; ++i) {
        FakeLedger ledger = ledger_of(30, random);
        ledger.notes.pop_back();
        const std::uint64_t covered = ledger.notes.back().size;
        const VerifyReport report = verified(ledger);
        EXPECT_EQ(report.first_bad_entry(), covered);
        EXPECT_TRUE(first_text(report).ends_with("not signed: the newest checkpoint covers " + std::to_string(covered) + " entries"));
        ledger.notes.clear();
        EXPECT_EQ(first_text(verified(ledger)), "entries 0 to 29 are not signed: the newest checkpoint covers 0 entries");
    }
}

TEST(Verify, names_the_range_when_rows_were_rewritten_with_all_their_hashes) {
    Random random{6};
    for (int i = 0; i < 500; ++i) {
        FakeLedger ledger = ledger_of(40, random);
        const std::size_t at = random() % 40;
        const auto row = ledger.rows.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random() % 3) {
            case 0: row->bytes = entry_bytes(99); break;
            case 1: std::swap(row->bytes, ledger.rows[(at + 1) % 40].bytes); break;
            default: ledger.rows.erase(row); break;
        }
        rehash(ledger, 0);
        const std::uint64_t low =
            ledger.rows.front().bytes != entry_bytes(0) ? 0 : at;  // the last row may have been swapped with the first
        const std::uint64_t size = ledger.rows.size();
        const bool accused = std::ranges::any_of(ledger.notes, [&](const auto& note) { return low < note.size && note.size <= size; });
        const VerifyReport report = verified(ledger);
        ASSERT_EQ(report.first_bad_entry(), accused ? last_signed(ledger, low) : size) << first_text(report);
    }
}

TEST(Verify, says_which_checkpoints_the_rewritten_range_lies_between) {
    Random random{7};
    FakeLedger ledger;
    LedgerHead head;
    for (const std::uint64_t size : {10U, 20U, 30U}) {
        while (head.size() < size) ledger.rows.push_back(head.next(entry_bytes(head.size())));
        ledger.notes.push_back({size, sign_checkpoint({kReader.name, size, head.root()}, kKey)});
    }
    ledger.rows[17].bytes = entry_bytes(99);
    rehash(ledger, 17);
    const VerifyReport report = verified(ledger);
    EXPECT_EQ(first_text(report),
              "entries 10 to 19 are not what was signed: their own hashes agree, but the checkpoint over 20 entries has another root");
    EXPECT_EQ(report.first_bad_entry(), 10U);
    ledger.rows.resize(27);
    ledger.rows[17].bytes = entry_bytes(17);
    rehash(ledger, 17);
    EXPECT_EQ(first_text(verified(ledger)),
              "entries 27 to 29 are missing: the checkpoint in the database signs 30 entries, the ledger has 27; entries 20 to 26 cannot "
              "be checked without");
}

TEST(Verify, notices_by_the_outside_checkpoint_what_the_database_cannot_tell) {
    Random random{8};
    for (int i = 0; i < 200; ++i) {
        FakeLedger ledger = ledger_of(40, random);
        const std::string outside = ledger.notes.back().note;
        // cut off with their checkpoints, exactly at one: a restored backup looks the same
        const std::size_t kept = random() % (ledger.notes.size() - 1);
        ledger.notes.resize(kept + 1);
        ledger.rows.resize(ledger.notes.back().size);
        EXPECT_TRUE(verified(ledger).ok());
        const VerifyReport report = verified(ledger, outside);
        EXPECT_EQ(report.first_bad_entry(), ledger.rows.size());
        EXPECT_TRUE(first_text(report).contains("missing: the checkpoint outside the database signs 40 entries")) << first_text(report);
    }
}

VerifyReport verified_beside(FakeLedger& ledger, std::optional<std::string> outside) {
    return verify(ledger, {.key = kReader,
                           .outside_checkpoint = std::move(outside),
                           .integrity = {},
                           .progress = {},
                           .outside_path = "/keep/ledger.checkpoint"});
}

TEST(Verify, finds_that_the_outside_checkpoint_is_missing_where_one_belongs) {
    Random random{17};
    FakeLedger ledger = ledger_of(40, random);
    const std::string outside = ledger.notes.back().note;
    EXPECT_TRUE(verified_beside(ledger, outside).ok());
    EXPECT_TRUE(verified_beside(ledger, outside).notes.empty());
    const VerifyReport report = verified_beside(ledger, std::nullopt);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(first_text(report),
              "the checkpoint outside the database (/keep/ledger.checkpoint) is missing: that entries were cut off at the end cannot be "
              "excluded");
    EXPECT_FALSE(report.first_bad_entry());
    EXPECT_EQ(report.verified, 40U);
    ledger.notes.clear();
    EXPECT_EQ(verified_beside(ledger, std::nullopt).findings.size(), 2U) << "it hides nothing else";
    FakeLedger empty;
    EXPECT_TRUE(verified_beside(empty, std::nullopt).ok()) << "the first entry makes it";
}

TEST(Verify, notes_of_a_copy_that_its_end_is_not_proven) {
    Random random{16};
    FakeLedger ledger = ledger_of(10, random);
    const VerifyReport report = verified(ledger);
    EXPECT_TRUE(report.ok());
    ASSERT_EQ(report.notes.size(), 1U);
    EXPECT_TRUE(report.notes.front().contains("its end is not proven")) << report.notes.front();
    EXPECT_TRUE(verified(ledger, ledger.notes.back().note).notes.empty());
}

TEST(Verify, notices_a_history_that_was_written_anew_and_signed_again) {
    Random random{9};
    FakeLedger ledger = ledger_of(30, random);
    const std::string outside = ledger.notes.back().note;
    ledger.rows[3].bytes = entry_bytes(99);
    rehash(ledger, 0);
    LedgerHead head;
    std::size_t next = 0;
    for (StoredCheckpoint& note : ledger.notes) {
        while (head.size() < note.size) static_cast<void>(head.next(ledger.rows[next++].bytes));
        note.note = sign_checkpoint({kReader.name, note.size, head.root()}, kKey);
    }
    EXPECT_TRUE(verified(ledger).ok());
    const VerifyReport report = verified(ledger, outside);
    EXPECT_EQ(report.first_bad_entry(), 0U);
    EXPECT_TRUE(first_text(report).starts_with("entries 0 to 29 are not what was signed: the checkpoint outside the database"))
        << first_text(report);
}

TEST(Verify, says_that_the_outside_checkpoint_was_changed) {
    Random random{10};
    FakeLedger ledger = ledger_of(30, random);
    std::string outside = ledger.notes.back().note;
    outside[outside.size() / 2] ^= 1;
    EXPECT_TRUE(
        first_text(verified(ledger, outside)).starts_with("the checkpoint outside the database was changed, or is not this ledger's: "));
    const std::string foreign = sign_checkpoint({"example.org/other", 30, sha256("")}, kKey);
    EXPECT_FALSE(verified(ledger, foreign).ok());
    EXPECT_TRUE(verified(ledger, ledger.notes.front().note).ok());  // an older one of this history
}

TEST(Verify, refuses_checkpoints_of_another_key) {
    Random random{11};
    FakeLedger ledger = ledger_of(5, random);
    const SigningKey thief = SigningKey::generate();
    for (StoredCheckpoint& note : ledger.notes) note.note = sign_checkpoint({kReader.name, note.size, sha256("")}, thief);
    const VerifyReport report = verified(ledger);
    EXPECT_EQ(report.findings.size(), ledger.notes.size());
    const auto asks = [](const VerifyReport& said) {
        return std::ranges::any_of(said.notes, [](const std::string& note) { return note.ends_with("is it the right folder?"); });
    };
    EXPECT_TRUE(asks(report)) << "the state folder of another store is the likelier reason";
    ledger.notes.front() = ledger_of(5, random).notes.front();
    EXPECT_FALSE(asks(verified(ledger)));
}

TEST(Verify, tells_a_leaf_hash_from_bytes_that_were_changed) {
    Random random{12};
    FakeLedger ledger = ledger_of(30, random);
    FakeLedger bytes = ledger;
    bytes.rows[17].bytes[5] ^= 1;
    EXPECT_EQ(first_text(verified(bytes)), "entry 17 was changed: its bytes do not give its leaf hash");
    FakeLedger leaf = ledger;
    leaf.rows[17].leaf_hash[5] ^= 1;
    EXPECT_EQ(first_text(verified(leaf)), "entry 17 was changed: its bytes do not give its leaf hash, but they give its chain hash");
    FakeLedger chain = ledger;
    chain.rows[17].chain_hash[5] ^= 1;
    EXPECT_EQ(first_text(verified(chain)), "entry 17 is not the one that was signed: its chain hash does not follow from entry 16");
    FakeLedger gone = ledger;
    gone.rows.erase(gone.rows.begin() + 17);
    EXPECT_EQ(first_text(verified(gone)), "entry 17 is missing");
}

TEST(Verify, reports_a_signed_entry_that_does_not_decode_and_goes_on) {
    FakeLedger ledger;
    LedgerHead head;
    for (int i = 0; i < 5; ++i) ledger.rows.push_back(head.next(i == 2 ? "{\"form\":1}" : entry_bytes(head.size())));
    ledger.notes.push_back({5, sign_checkpoint({kReader.name, 5, head.root()}, kKey)});
    const VerifyReport report = verified(ledger);
    EXPECT_EQ(report.first_bad_entry(), 2U);
    EXPECT_EQ(report.verified, 5U);
    EXPECT_EQ(first_text(report),
              "entry 2 has the hash that was signed, but is no entry of Stemma: /recordTime: the field 'recordTime' is missing");
}

TEST(Verify, names_the_very_row_that_the_database_cannot_read) {
    Random random{13};
    FakeLedger ledger = ledger_of(700, random);
    ledger.unreadable = 613;
    const VerifyReport report = verified(ledger, {}, {"file damaged: page 7 is never used"});
    EXPECT_EQ(report.first_bad_entry(), 613U);
    EXPECT_EQ(first_text(report), "entry 613 cannot be read from the database: sql:ledger.entries: database disk image is malformed");
    EXPECT_EQ(report.findings.back().text, "file damaged: page 7 is never used");
}

TEST(Verify, lets_a_damaged_file_hide_no_entry) {
    Random random{14};
    FakeLedger ledger = ledger_of(30, random);
    EXPECT_EQ(first_text(verified(ledger, {}, {"file damaged: x"})), "file damaged: x");
    ledger.rows[4].bytes += " ";
    const VerifyReport report = verified(ledger, {}, {"file damaged: x"});
    EXPECT_EQ(report.first_bad_entry(), 4U);
    EXPECT_EQ(report.findings.size(), 2U);
    ledger = ledger_of(30, random);
    ledger.checkpoints_unreadable = true;
    EXPECT_TRUE(first_text(verified(ledger)).contains("database disk image is malformed"));
}

TEST(Verify, lets_a_crowd_of_bad_checkpoints_hide_no_entry) {
    Random random{16};
    FakeLedger ledger = ledger_of(30, random);
    ledger.rows[29].bytes += " ";
    for (std::size_t i = 0; i < 3 * kVerifyFindingsMax; ++i) ledger.notes.push_back({1, "forged"});
    const VerifyReport report = verified(ledger);
    EXPECT_EQ(report.first_bad_entry(), 29U);
    EXPECT_EQ(report.findings.size(), kVerifyFindingsMax);
}

std::string garbage(Random& random) {
    std::string text(random() % 80, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
}

TEST(Verify, survives_rows_that_hold_anything) {
    Random random{15};
    for (int i = 0; i < 2'000; ++i) {
        FakeLedger ledger = ledger_of(1 + random() % 10, random);
        ledger.counts_rows = random() % 2 == 0;
        ledger.skips_gaps = random() % 2 == 0;
        for (std::size_t more = random() % 4; more > 0; --more)
            ledger.rows.push_back({.sequence = random() % 2 == 0 ? random() : random() % 20,
                                   .bytes = garbage(random),
                                   .leaf_hash = garbage(random),
                                   .chain_hash = garbage(random)});
        const std::array<std::uint64_t, 6> sizes{0, 1, 5, ~std::uint64_t{0}, ~std::uint64_t{0} - 1, std::uint64_t{1} << 63U};
        for (std::size_t more = 1 + random() % 4; more > 0; --more) {
            const std::uint64_t size = sizes[random() % sizes.size()];
            ledger.notes.push_back({size, random() % 2 == 0
                                              ? garbage(random)
                                              : sign_checkpoint({kReader.name, sizes[random() % sizes.size()], sha256("")}, kKey)});
        }
        const VerifyReport report = verified(ledger, garbage(random));
        ASSERT_FALSE(report.ok());
        ASSERT_LE(report.findings.size(), kVerifyFindingsMax);
        for (const VerifyFinding& finding : report.findings) ASSERT_FALSE(finding.text.empty());
    }
}

}  // namespace
}  // namespace stemma
