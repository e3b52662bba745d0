// R5: a ledger stored in SQLite is tampered with through SQL, in every way a row or its head can be: flipped, replaced, swapped, reordered,
// deleted, cut off, added to. `verify` must name the right entry or checkpoint each time, and nothing where nothing was changed. The
// red control is a verifier that looks at the end of the chain alone: it must miss some.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/ledger/checkpoint.hpp"
#include "core/ledger/entry_codec.hpp"
#include "core/ledger/head.hpp"
#include "core/ledger/verify.hpp"
#include "tests/fault/scale.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/ledger/random_entry.hpp"

namespace stemma {
namespace {

using Random = std::mt19937_64;

constexpr int kTriesPerLedger = 250;
constexpr std::uint64_t kGroupMax = 6;  ///< entries in one commit, each with its checkpoint
constexpr std::uint64_t kEntriesMin = 12;
constexpr std::uint64_t kEntriesMax = 40;

const SigningKey kKey = SigningKey::from_seed(std::string(32, 'f')).value();
const NoteKey kReader{"example.org/ledger", kKey.public_key()};

std::uint64_t below(Random& random, std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(random); }

std::string flipped(std::string text, Random& random) {
    char& byte = text[below(random, text.size())];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(random, 8)));
    return text;
}

/// What a database administrator would use: a connection of its own, the guards against change taken away.
class RawDatabase {
public:
    explicit RawDatabase(const std::string& path) {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        for (const char* sql :
             {"PRAGMA synchronous = OFF", "DROP TRIGGER ledger_entry_no_update", "DROP TRIGGER ledger_entry_no_delete",
              "CREATE TEMP TABLE entries AS SELECT * FROM ledger_entry", "CREATE TEMP TABLE notes AS SELECT * FROM ledger_checkpoint"})
            run(sql);
    }
    RawDatabase(const RawDatabase&) = delete;
    RawDatabase& operator=(const RawDatabase&) = delete;
    ~RawDatabase() { sqlite3_close(database_); }

    void run(const std::string& sql) {
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << sql << ": " << (message ? message : "");
        sqlite3_free(message);
    }
    /// `?1` is the text.
    void run(const std::string& sql, const std::string& text) {
        sqlite3_stmt* statement = nullptr;
        ASSERT_EQ(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
        sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sql << ": " << sqlite3_errmsg(database_);
        sqlite3_finalize(statement);
    }
    void put(const StoredEntry& row) {
        run(fmt::format("INSERT INTO ledger_entry VALUES ({}, ?1, '{}', '{}')", row.sequence, row.leaf_hash, row.chain_hash), row.bytes);
    }
    /// Everything as it was when this was made.
    void restore() {
        run("BEGIN; DELETE FROM ledger_entry; INSERT INTO ledger_entry SELECT * FROM entries;"
            "DELETE FROM ledger_checkpoint; INSERT INTO ledger_checkpoint SELECT * FROM notes; COMMIT");
    }

private:
    sqlite3* database_{nullptr};
};

/// A ledger in a file of its own, and what is known of it besides.
struct Ledger {
    test::TempFolder folder;
    std::unique_ptr<Store> store;
    std::vector<StoredEntry> rows;
    std::vector<StoredCheckpoint> notes;
    std::string outside;

    [[nodiscard]] std::string path() const { return folder.file("stemma.db"); }
    [[nodiscard]] std::uint64_t size() const { return rows.size(); }
    /// From there on a signed root can accuse.
    [[nodiscard]] std::uint64_t signed_before(std::uint64_t entry) const {
        std::uint64_t size = 0;
        for (const StoredCheckpoint& note : notes)
            if (note.size <= entry) size = note.size;
        return size;
    }
};

std::unique_ptr<Ledger> make_ledger(std::uint64_t count, Random& random) {
    auto ledger = std::make_unique<Ledger>();
    ledger->store = store::open_sqlite({ledger->path(), false, 1'000, 2}).value();
    LedgerHead head;
    while (head.size() < count) {
        const auto unit = ledger->store->begin().value();
        for (std::uint64_t i = 1 + below(random, kGroupMax); i > 0 && head.size() < count; --i) {
            ledger->rows.push_back(head.next(encode(test::random_entry(random))));
            EXPECT_TRUE(unit->append(ledger->rows.back()));
        }
        ledger->notes.push_back({head.size(), sign_checkpoint({kReader.name, head.size(), head.root()}, kKey)});
        EXPECT_TRUE(unit->put_checkpoint(ledger->notes.back()));
        EXPECT_TRUE(unit->commit());
    }
    if (!ledger->notes.empty()) ledger->outside = ledger->notes.back().note;
    return ledger;
}

VerifyReport verified(Ledger& ledger, const std::string& outside) {
    const auto snapshot = ledger.store->read();
    VerifyInput input{kReader, std::nullopt, {}, {}};
    if (!outside.empty()) input.outside_checkpoint = outside;
    return verify(**snapshot, input);
}

/// The red control: the last row has the chain hash of the head, and the newest checkpoint is signed and as large as the ledger.
bool end_is_well(Ledger& ledger) {
    const auto snapshot = ledger.store->read();
    const auto size = (*snapshot)->size();
    const auto newest = (*snapshot)->latest_checkpoint();
    if (!size || !newest || !*newest || *size == 0) return false;
    const auto last = (*snapshot)->entries(*size - 1, 1);
    const auto note = open_checkpoint((*newest)->note, kReader);
    return last && !last->empty() && note && note->size == *size && last->front().chain_hash == ledger.rows.back().chain_hash;
}

/// What was done, and what must be said for it: the entry that is named, or words of the first finding.
struct Act {
    std::string what;
    std::optional<std::uint64_t> entry;
    std::string words;
    std::string outside;  ///< the copy of the checkpoint outside the database, "" when there is none
};

class Tamperer {
public:
    Tamperer(Ledger& ledger, Random& random) : ledger_{ledger}, random_{random}, raw_{ledger.path()} {}

    /// One act, by chance. restore() undoes it.
    Act act() {
        const std::uint64_t at = below(random_, ledger_.size());
        switch (below(random_, 20)) {
            case 0:
            case 1:
            case 2:
            case 3:
            case 4: return flip_column("bytes", at, ledger_.rows[at].bytes);
            case 5: return flip_column("leaf_hash", at, ledger_.rows[at].leaf_hash);
            case 6: return flip_column("chain_hash", at, ledger_.rows[at].chain_hash);
            case 7: return renumber(at);
            case 8: raw_.run(fmt::format("DELETE FROM ledger_entry WHERE sequence = {}", at)); return named("deletion", at);
            case 9: return swap_rows(at);
            case 10: return swap_contents(at);
            case 11: return reorder(at);
            case 12: return cut_off(at, false);
            case 13: return cut_off(at, true);
            case 14: return replace(at, false);
            case 15: return replace(at, true);
            case 16: return add_at_end();
            case 17: return flip_note();
            case 18: return renumber_note();
            default: return flip_outside();
        }
    }
    void restore() { raw_.restore(); }

private:
    Act named(std::string what, std::uint64_t entry) { return {std::move(what), entry, {}, ledger_.outside}; }
    Act told(std::string what, std::string words) { return {std::move(what), std::nullopt, std::move(words), ledger_.outside}; }

    std::uint64_t another(std::uint64_t at) { return (at + 1 + below(random_, ledger_.size() - 1)) % ledger_.size(); }
    /// Rows [first, first + order.size()) again, with the contents of the rows that `order` names, numbers kept.
    void lay(std::uint64_t first, const std::vector<std::uint64_t>& order) {
        for (std::uint64_t i = 0; i < order.size(); ++i) {
            StoredEntry row = ledger_.rows[order[i]];
            row.sequence = first + i;
            raw_.run(fmt::format("DELETE FROM ledger_entry WHERE sequence = {}", row.sequence));
            raw_.put(row);
        }
    }

    Act flip_column(const std::string& column, std::uint64_t at, const std::string& value) {
        raw_.run(fmt::format("UPDATE ledger_entry SET {} = ?1 WHERE sequence = {}", column, at), flipped(value, random_));
        return named("flip in " + column, at);
    }
    Act renumber(std::uint64_t at) {
        auto moved = static_cast<std::int64_t>(at);
        while (moved >= 0 && static_cast<std::uint64_t>(moved) < ledger_.size())
            moved = static_cast<std::int64_t>(at ^ (std::uint64_t{1} << below(random_, 64)));
        raw_.run(fmt::format("UPDATE ledger_entry SET sequence = {} WHERE sequence = {}", moved, at));
        return named("flip in the number", at);
    }
    Act swap_rows(std::uint64_t at) {
        const std::uint64_t other = another(at);
        lay(at, {other});
        lay(other, {at});
        return named("swap of rows", std::min(at, other));
    }
    Act swap_contents(std::uint64_t at) {
        const std::uint64_t other = another(at);
        for (const auto& [to, from] : {std::pair{at, other}, std::pair{other, at}}) {
            raw_.run(fmt::format("UPDATE ledger_entry SET bytes = ?1 WHERE sequence = {}", to), ledger_.rows[from].bytes);
            raw_.run(fmt::format("UPDATE ledger_entry SET leaf_hash = ?1 WHERE sequence = {}", to), ledger_.rows[from].leaf_hash);
        }
        return named("swap of bytes and leaf hashes", std::min(at, other));
    }
    Act reorder(std::uint64_t at) {
        const std::uint64_t first = std::min(at, ledger_.size() - 2);
        std::vector<std::uint64_t> order;
        for (std::uint64_t i = first; i < std::min(ledger_.size(), first + 2 + below(random_, 8)); ++i) order.push_back(i);
        std::ranges::rotate(order, order.begin() + 1 + static_cast<std::ptrdiff_t>(below(random_, order.size() - 1)));
        lay(first, order);
        return named("reordering", first);
    }
    Act cut_off(std::uint64_t at, bool with_notes) {
        raw_.run(fmt::format("DELETE FROM ledger_entry WHERE sequence >= {}", at));
        if (with_notes) raw_.run(fmt::format("DELETE FROM ledger_checkpoint WHERE size > {}", at));
        return named(with_notes ? "truncation with its checkpoints" : "truncation", at);
    }
    /// Another entry of good form; with all hashes from there on, as one who knows the formulas would.
    Act replace(std::uint64_t at, bool rehash) {
        LedgerHead head;
        for (std::uint64_t i = 0; i < at; ++i) (void)head.next(ledger_.rows[i].bytes);
        StoredEntry forged = head.next(encode(test::random_entry(random_)));
        if (!rehash) forged.chain_hash = ledger_.rows[at].chain_hash;
        raw_.run(fmt::format("DELETE FROM ledger_entry WHERE sequence {} {}", rehash ? ">=" : "=", at));
        raw_.put(forged);
        for (std::uint64_t i = at + 1; rehash && i < ledger_.size(); ++i) raw_.put(head.next(ledger_.rows[i].bytes));
        return rehash ? named("forgery with all hashes", ledger_.signed_before(at)) : named("replacement", at);
    }
    Act add_at_end() {
        LedgerHead head;
        for (const StoredEntry& row : ledger_.rows) (void)head.next(row.bytes);
        raw_.put(head.next(encode(test::random_entry(random_))));
        return named("an entry that nobody signed", ledger_.size());
    }
    Act flip_note() {
        const StoredCheckpoint& note = ledger_.notes[below(random_, ledger_.notes.size())];
        raw_.run(fmt::format("UPDATE ledger_checkpoint SET note = ?1 WHERE size = {}", note.size), flipped(note.note, random_));
        return told("flip in a checkpoint", fmt::format("the checkpoint over {} entries was changed", note.size));
    }
    Act renumber_note() {
        const std::uint64_t size = ledger_.notes[below(random_, ledger_.notes.size())].size;
        const std::uint64_t moved = ledger_.size() + 1 + below(random_, 1'000'000);
        raw_.run(fmt::format("UPDATE ledger_checkpoint SET size = {} WHERE size = {}", moved, size));
        return told("size of a checkpoint", fmt::format("the checkpoint over {} entries was changed", moved));
    }
    Act flip_outside() {
        Act done = told("flip in the checkpoint outside", "the checkpoint outside the database was changed");
        done.outside = flipped(ledger_.outside, random_);
        return done;
    }

    Ledger& ledger_;
    Random& random_;
    RawDatabase raw_;
};

std::string wrong(const Act& act, const VerifyReport& report) {
    if (report.ok()) return act.what + ": not noticed";
    const VerifyFinding& first = report.findings.front();
    const std::string said =
        fmt::format("{}: wanted {}, said \"{}\"", act.what, act.entry ? fmt::format("entry {}", *act.entry) : act.words, first.text);
    if (!act.entry) return first.text.starts_with(act.words) ? "" : said;
    const std::string number = std::to_string(*act.entry);
    const bool right = first.entry == act.entry &&
                       (first.text.starts_with("entry " + number + " ") || first.text.starts_with("entries " + number + " to "));
    return right ? "" : said;
}

class FaultTamper : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        // Files that live for a second: in memory where that is possible.
        if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", 1);
    }
};

TEST_F(FaultTamper, each_act_is_found_and_named_and_a_look_at_the_end_alone_misses_some) {
    Random random{20261121};
    const int tries = test::short_or_long(3'000, 100'000);
    std::map<std::string, int> done;
    std::map<std::string, int> missed;
    for (int tried = 0; tried < tries;) {
        const auto ledger = make_ledger(kEntriesMin + below(random, kEntriesMax - kEntriesMin), random);
        Tamperer tamperer{*ledger, random};
        for (int i = 0; i < kTriesPerLedger && tried < tries; ++i, ++tried) {
            const Act act = tamperer.act();
            const std::string complaint = wrong(act, verified(*ledger, act.outside));
            ASSERT_EQ(complaint, "") << "try " << tried;
            ++done[act.what];
            missed[act.what] += end_is_well(*ledger) ? 1 : 0;
            tamperer.restore();
        }
    }
    int missed_in_all = 0;
    for (const auto& [what, count] : done) {
        std::printf("%6d %-35s all named; a look at the end alone misses %d\n", count, what.c_str(), missed[what]);
        missed_in_all += missed[what];
    }
    std::printf("%d acts, 0 undetected; red control: %d missed\n", tries, missed_in_all);
    EXPECT_GT(missed_in_all, 0);
}

TEST_F(FaultTamper, nothing_is_found_where_nothing_was_done) {
    Random random{5};
    const int runs = test::short_or_long(100, 1'000);
    for (int run = 0; run < runs; ++run) {
        const auto ledger = make_ledger(run < 5 ? static_cast<std::uint64_t>(run) : 1 + below(random, kEntriesMax), random);
        const std::string older = ledger->notes.empty() ? "" : ledger->notes[below(random, ledger->notes.size())].note;
        for (const std::string& outside : {ledger->outside, older}) {
            const VerifyReport report = verified(*ledger, outside);
            ASSERT_TRUE(report.ok()) << report.findings.front().text;
            ASSERT_EQ(report.verified, ledger->size());
        }
    }
    std::printf("%d clean ledgers, 0 false alarms\n", runs);
}

}  // namespace
}  // namespace stemma
