// Tamper: whatever is done to a ledger's rows or its head, `ledger verify` names it. Seeded, a thousand tries, on a real SQLite file that
// a real sync filled; each try works on a fresh copy, first through SQL with our guards taken away, then on the file's raw bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/ledger/verify.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;
using erp::test::Data;
using erp::test::TrytonDatabase;

/// A raw connection that our store knows nothing of: what a database administrator would use.
class RawDatabase {
public:
    explicit RawDatabase(const std::string& path) {
        EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
        run("PRAGMA synchronous = OFF");  // a copy that lives for one try
    }
    RawDatabase(const RawDatabase&) = delete;
    RawDatabase& operator=(const RawDatabase&) = delete;
    ~RawDatabase() { sqlite3_close(database_); }

    void run(const std::string& sql) {
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << sql << ": " << (message ? message : "");
        sqlite3_free(message);
    }
    [[nodiscard]] bool accepts(const std::string& sql) {
        return sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    [[nodiscard]] std::vector<std::string> column(const std::string& sql) {
        std::vector<std::string> all;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const void* data = sqlite3_column_blob(statement, 0);
            all.emplace_back(static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
        }
        sqlite3_finalize(statement);
        return all;
    }
    void set_text(const std::string& sql, const std::string& text) {
        sqlite3_stmt* statement = nullptr;
        ASSERT_EQ(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
        sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sql << ": " << sqlite3_errmsg(database_);
        sqlite3_finalize(statement);
    }

private:
    sqlite3* database_{nullptr};
};

class Tamper : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        original_ = std::make_unique<test::TempFolder>();
        const TrytonDatabase erp{{Data::demo, sql::Engine::sqlite}};
        {
            test::EngineRig rig{original_->path()};
            rig.sync(*erp.source(100));
            key_ = rig.appender().note_key();
            entries_ = rig.entries().size();
        }
        RawDatabase raw{original_->file("stemma.db")};
        raw.run("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
        for (const std::string& trigger : raw.column("SELECT name FROM sqlite_master WHERE type = 'trigger'")) triggers_.push_back(trigger);
    }
    static void TearDownTestSuite() { original_.reset(); }

    /// A fresh copy of database and outside checkpoint; the guards against change are dropped.
    void copy() {
        for (const char* name : {"stemma.db", "ledger.checkpoint"})
            fs::copy_file(original_->file(name), folder_.file(name), fs::copy_options::overwrite_existing);
        fs::remove(folder_.file("stemma.db-wal"));
        fs::remove(folder_.file("stemma.db-shm"));
    }
    void unguard(RawDatabase& raw) {
        for (const std::string& trigger : triggers_) raw.run("DROP TRIGGER " + trigger);
    }

    VerifyReport verify_copy(bool with_outside) {
        const auto store = store::open_sqlite({folder_.file("stemma.db"), true, 1'000, 2});
        if (!store) return {0, 0, "", {{std::nullopt, "file damaged: " + store.error().text()}}};
        VerifyInput input{key_, std::nullopt, {}, {}};
        if (with_outside) {
            auto outside = CheckpointFile{folder_.file("ledger.checkpoint")}.read();
            if (outside) input.outside_checkpoint = *outside;
        }
        auto integrity = (*store)->check_integrity();
        if (integrity) input.integrity = *integrity;
        if (!integrity) input.integrity = {"file damaged: " + integrity.error().text()};
        const auto snapshot = (*store)->read();
        if (!snapshot) return {0, 0, "", {{std::nullopt, "file damaged: " + snapshot.error().text()}}};
        return verify(**snapshot, input);
    }

    static std::unique_ptr<test::TempFolder> original_;
    static NoteKey key_;
    static std::size_t entries_;
    static std::vector<std::string> triggers_;
    test::TempFolder folder_;
};

std::unique_ptr<test::TempFolder> Tamper::original_;
NoteKey Tamper::key_;
std::size_t Tamper::entries_ = 0;
std::vector<std::string> Tamper::triggers_;

std::string flip_one_byte(std::string text, std::mt19937_64& random) {
    const std::size_t place = random() % text.size();
    const auto bit = static_cast<unsigned char>(1U << (random() % 8));
    text[place] = static_cast<char>(static_cast<unsigned char>(text[place]) ^ bit);
    return text;
}

TEST_F(Tamper, a_clean_ledger_verifies) {
    copy();
    const VerifyReport report = verify_copy(true);
    EXPECT_TRUE(report.ok()) << (report.findings.empty() ? "" : report.findings.front().text);
    EXPECT_EQ(report.entries, entries_);
}

/// What the writer says at its start about the copy, "" when it starts.
std::string start_refusal(const std::string& folder, const std::string& key_file) {
    const auto store = store::open_sqlite({folder + "/stemma.db", false, 1'000, 2});
    if (!store) return store.error().text();
    lineage::Index index;
    const memory::SetClock clock{Instant{1'795'219'200 * kMicrosPerSecond}};
    engine::Appender writer{
        **store, index, clock, {"test.example/ledger", *SigningKey::load(key_file), CheckpointFile{folder + "/ledger.checkpoint"}}};
    const auto loaded = writer.load();
    return loaded ? "" : loaded.error().text();
}

/// A forgery without the key: an entry changed, leaf and chain hashes made to fit again from there on.
void forge_entry(RawDatabase& raw, std::uint64_t entry, std::uint64_t entries) {
    const auto text = [&](const char* column, std::uint64_t of) {
        return raw.column(fmt::format("SELECT CAST({} AS BLOB) FROM ledger_entry WHERE sequence = {}", column, of)).front();
    };
    Digest chain = entry == 0 ? kChainStart : *digest_from_hex(text("chain_hash", entry - 1));
    for (std::uint64_t i = entry; i < entries; ++i) {
        std::string bytes = text("bytes", i);
        if (i == entry) bytes.replace(bytes.find("\"actor\":\"erp:"), 13, "\"actor\":\"xrp:");
        const Digest leaf = leaf_hash(bytes);
        chain = chain_hash(chain, leaf);
        const std::string where = fmt::format(" WHERE sequence = {}", i);
        raw.set_text("UPDATE ledger_entry SET bytes = ?1" + where, bytes);
        raw.set_text("UPDATE ledger_entry SET leaf_hash = ?1" + where, to_hex(leaf));
        raw.set_text("UPDATE ledger_entry SET chain_hash = ?1" + where, to_hex(chain));
    }
}

TEST_F(Tamper, the_writer_signs_nothing_on_top_of_a_forged_or_cut_off_ledger) {
    const std::string key = original_->file("ledger.key");
    const auto outside = [&] { return *CheckpointFile{folder_.file("ledger.checkpoint")}.read(); };
    const auto expect_refused = [&](const std::string& why) {
        const auto before = outside();
        EXPECT_NE(start_refusal(folder_.path(), key).find(why), std::string::npos) << start_refusal(folder_.path(), key);
        EXPECT_EQ(outside(), before) << "the copy outside is the last witness";
    };
    const auto change = [&](const std::function<void(RawDatabase&)>& what) {
        copy();
        RawDatabase raw{folder_.file("stemma.db")};
        unguard(raw);
        what(raw);
    };
    copy();
    EXPECT_EQ(start_refusal(folder_.path(), key), "");

    const std::uint64_t late = entries_ - 40;
    change([&](RawDatabase& raw) { forge_entry(raw, late, entries_); });
    expect_refused("not those that its newest checkpoint signs");
    change([&](RawDatabase& raw) {
        forge_entry(raw, late, entries_);
        raw.run("DELETE FROM ledger_checkpoint");
    });
    expect_refused("no signed checkpoint");
    fs::remove(folder_.file("ledger.checkpoint"));
    expect_refused("no signed checkpoint");

    change([&](RawDatabase& raw) {
        raw.run(fmt::format("UPDATE ledger_entry SET bytes = replace(bytes, '\"actor\":\"erp:', '\"actor\":\"xrp:') WHERE sequence = {}",
                            late));
    });
    expect_refused(fmt::format("entry {} was changed", late));
    change([](RawDatabase& raw) {
        const std::string last = " WHERE size = (SELECT max(size) FROM ledger_checkpoint)";
        std::string note = raw.column("SELECT CAST(note AS BLOB) FROM ledger_checkpoint" + last).front();
        note[note.size() - 5] = note[note.size() - 5] == 'A' ? 'B' : 'A';
        raw.set_text("UPDATE ledger_checkpoint SET note = ?1" + last, note);
    });
    expect_refused("newest checkpoint in the database is damaged");
    // Cut back to an older checkpoint: only the copy outside can tell.
    const auto cut_back = [](RawDatabase& raw) {
        const std::string old = "(SELECT max(size) FROM ledger_checkpoint WHERE size < (SELECT max(size) FROM ledger_checkpoint))";
        raw.run("DELETE FROM ledger_entry WHERE sequence >= " + old);
        raw.run("DELETE FROM ledger_checkpoint WHERE size > " + old);
    };
    change(cut_back);
    expect_refused("entries were cut off");
}

TEST_F(Tamper, a_ledger_whose_witness_is_of_another_history_is_not_continued) {
    const std::string key = original_->file("ledger.key");
    copy();
    {
        const auto store = store::open_sqlite({folder_.file("stemma.db"), false, 1'000, 2});
        ASSERT_TRUE(store);
        const auto wrong = sign_checkpoint({"test.example/ledger", entries_ - 1, Digest{}}, *SigningKey::load(key));
        ASSERT_TRUE(CheckpointFile{folder_.file("ledger.checkpoint")}.write(wrong));
    }
    EXPECT_NE(start_refusal(folder_.path(), key).find("not those that its checkpoint outside the database signs"), std::string::npos);
}

TEST_F(Tamper, a_missing_witness_that_cannot_be_written_again_stops_no_start) {
    copy();
    fs::remove(folder_.file("ledger.checkpoint"));
    fs::create_directory(folder_.file("ledger.checkpoint.new"));  // no file can be made there, as on a full disk
    EXPECT_EQ(start_refusal(folder_.path(), original_->file("ledger.key")), "");
    EXPECT_FALSE(fs::exists(folder_.file("ledger.checkpoint")));
}

TEST_F(Tamper, an_entry_cannot_be_changed_by_accident) {
    copy();
    RawDatabase raw{folder_.file("stemma.db")};
    EXPECT_FALSE(raw.accepts("UPDATE ledger_entry SET bytes = 'x' WHERE sequence = 3"));
    EXPECT_FALSE(raw.accepts("DELETE FROM ledger_entry WHERE sequence = 3"));
}

TEST_F(Tamper, each_of_700_changes_to_rows_is_found_and_names_its_entry) {
    std::mt19937_64 random{20261121};
    for (int attempt = 0; attempt < 700; ++attempt) {
        copy();
        const std::uint64_t entry = random() % entries_;
        const std::string where = " WHERE sequence = " + std::to_string(entry);
        std::string what;
        std::uint64_t named = entry;
        {
            RawDatabase raw{folder_.file("stemma.db")};
            unguard(raw);
            switch (attempt % 7) {
                case 0:
                case 1:
                case 2: {
                    const char* columns[] = {"bytes", "leaf_hash", "chain_hash"};
                    const std::string column = columns[attempt % 7];
                    const std::string text = raw.column("SELECT CAST(" + column + " AS BLOB) FROM ledger_entry" + where).front();
                    raw.set_text("UPDATE ledger_entry SET " + column + " = ?1" + where, flip_one_byte(text, random));
                    what = "flip in " + column;
                    break;
                }
                case 3:
                    raw.run("DELETE FROM ledger_entry" + where);
                    what = "deletion";
                    break;
                case 4: {  // two whole rows change places
                    std::uint64_t other = random() % entries_;
                    if (other == entry) other = (entry + 1) % entries_;
                    raw.run("UPDATE ledger_entry SET sequence = -1" + where);
                    raw.run("UPDATE ledger_entry SET sequence = " + std::to_string(entry) + " WHERE sequence = " + std::to_string(other));
                    raw.run("UPDATE ledger_entry SET sequence = " + std::to_string(other) + " WHERE sequence = -1");
                    named = std::min(entry, other);
                    what = "swap";
                    break;
                }
                case 5:  // the end is cut off
                    raw.run("DELETE FROM ledger_entry WHERE sequence >= " + std::to_string(entry));
                    what = "truncation";
                    break;
                default:  // the sequence number itself
                    raw.run("UPDATE ledger_entry SET sequence = sequence + " + std::to_string(entries_ + random() % 1000) + where);
                    what = "renumbering";
            }
        }
        const VerifyReport report = verify_copy(true);
        ASSERT_FALSE(report.ok()) << what << " of entry " << entry << " was not noticed";
        ASSERT_TRUE(report.first_bad_entry()) << what << " of entry " << entry << ": " << report.findings.front().text;
        EXPECT_EQ(*report.first_bad_entry(), named) << what << ": " << report.findings.front().text;
        EXPECT_NE(report.findings.front().text.find(std::to_string(named)), std::string::npos) << report.findings.front().text;
        if (HasFailure()) break;
    }
}

TEST_F(Tamper, each_of_150_changes_to_the_head_is_found) {
    std::mt19937_64 random{7};
    for (int attempt = 0; attempt < 150; ++attempt) {
        copy();
        std::string what;
        if (attempt % 3 == 0) {
            std::ifstream in{folder_.file("ledger.checkpoint"), std::ios::binary};
            const std::string note{std::istreambuf_iterator<char>{in}, {}};
            std::ofstream{folder_.file("ledger.checkpoint"), std::ios::binary} << flip_one_byte(note, random);
            what = "flip in the checkpoint outside";
        } else {
            RawDatabase raw{folder_.file("stemma.db")};
            unguard(raw);
            const std::string size = raw.column("SELECT CAST(MAX(size) AS TEXT) FROM ledger_checkpoint").front();
            const std::string note = raw.column("SELECT CAST(note AS BLOB) FROM ledger_checkpoint WHERE size = " + size).front();
            if (attempt % 3 == 1) {
                raw.set_text("UPDATE ledger_checkpoint SET note = ?1 WHERE size = " + size, flip_one_byte(note, random));
                what = "flip in the newest checkpoint";
            } else {
                raw.run("UPDATE ledger_checkpoint SET size = size + " + std::to_string(1 + random() % 100) + " WHERE size = " + size);
                what = "size of the newest checkpoint";
            }
        }
        const VerifyReport report = verify_copy(true);
        EXPECT_FALSE(report.ok()) << what << " was not noticed (try " << attempt << ")";
        if (HasFailure()) break;
    }
}

TEST_F(Tamper, entries_and_checkpoints_cut_off_together_are_noticed_by_the_copy_outside) {
    copy();
    {
        RawDatabase raw{folder_.file("stemma.db")};
        unguard(raw);
        const std::string size = raw.column("SELECT CAST(MIN(size) AS TEXT) FROM ledger_checkpoint").front();
        raw.run("DELETE FROM ledger_entry WHERE sequence >= " + size);
        raw.run("DELETE FROM ledger_checkpoint WHERE size > " + size);
    }
    EXPECT_TRUE(verify_copy(false).ok()) << "inside the database alone it looks whole: that is why there is a copy outside";
    EXPECT_FALSE(verify_copy(true).ok());
}

TEST_F(Tamper, each_of_150_flips_anywhere_in_the_file_is_named_or_changes_no_answer) {
    copy();
    const VerifyReport clean = verify_copy(true);
    std::mt19937_64 random{99};
    int noticed = 0;
    for (int attempt = 0; attempt < 150; ++attempt) {
        copy();
        const auto size = fs::file_size(folder_.file("stemma.db"));
        const auto place = static_cast<std::streamoff>(random() % size);
        {
            std::fstream file{folder_.file("stemma.db"), std::ios::binary | std::ios::in | std::ios::out};
            file.seekg(place);
            char byte = 0;
            file.get(byte);
            file.seekp(place);
            file.put(static_cast<char>(byte ^ static_cast<char>(1U << (random() % 8))));
        }
        const VerifyReport report = verify_copy(true);
        if (report.ok()) {
            EXPECT_EQ(report.root, clean.root) << "byte " << place;
            EXPECT_EQ(report.entries, clean.entries) << "byte " << place;
        } else {
            ++noticed;
            EXPECT_FALSE(report.findings.front().text.empty());
        }
    }
    std::printf("%d of 150 flips anywhere in the file were named; the others changed nothing that verify reads\n", noticed);
    EXPECT_GT(noticed, 0);
}

}  // namespace
}  // namespace stemma
