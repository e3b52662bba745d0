// What only a file can show: it outlives the program, others can touch it, it can be damaged.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/contract/store_backends.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::test {
namespace {

constexpr std::streamoff kPageBytes = 4096;  // SQLite's default

class SqliteFile : public ::testing::Test {
protected:
    [[nodiscard]] Result<std::unique_ptr<Store>> try_open(bool read_only = false) const {
        return store::open_sqlite({.path = path, .read_only = read_only, .busy_timeout_ms = 30});
    }
    [[nodiscard]] std::unique_ptr<Store> open(bool read_only = false) const {
        auto opened = try_open(read_only);
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }
    static void append(Store& store, Sequence first, Sequence end, std::size_t bytes = 2) {
        auto work = value(store.begin());
        for (Sequence i = first; i < end; ++i) ASSERT_TRUE(work->append(entry(i, std::string(bytes, 'b'))));
        ASSERT_TRUE(work->commit());
    }
    /// Somebody else's hands: a bare connection.
    std::string raw(const std::string& sql) const {
        sqlite3* connection = nullptr;
        EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
        char* message = nullptr;
        sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
        std::string said = message == nullptr ? "" : message;
        sqlite3_free(message);
        sqlite3_close(connection);
        return said;
    }

    TempFolder folder;
    std::string path{folder.file("it's a ledger.db")};
};

TEST_F(SqliteFile, outlives_the_program) {
    append(*open(), 0, 3);
    const auto again = open();
    EXPECT_EQ(value(value(again->read())->size()), 3U);
    append(*again, 3, 4);
    EXPECT_EQ(value(value(again->read())->size()), 4U);
}

TEST_F(SqliteFile, says_how_it_is_kept) {
    const auto text = value(open()->describe());
    EXPECT_EQ(text, std::string{"SQLite "} + sqlite3_libversion() + ", " + path + ", journal_mode=wal, synchronous=FULL");
    EXPECT_NE(value(open(true)->describe()).find("read-only"), std::string::npos);
}

TEST_F(SqliteFile, is_not_made_for_a_reader) {
    EXPECT_EQ(try_open(true).error().code, Errc::unavailable);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SqliteFile, can_be_read_but_not_written_as_a_backup) {
    append(*open(), 0, 2);
    const auto backup = open(true);
    EXPECT_EQ(value(value(backup->read())->size()), 2U);
    EXPECT_TRUE(value(backup->check_integrity()).empty());
    EXPECT_EQ(backup->begin().error().code, Errc::storage);
}

TEST_F(SqliteFile, must_have_the_tables_to_be_read) {
    ASSERT_EQ(raw("CREATE TABLE other (x)"), "");
    EXPECT_EQ(try_open(true).error().message, "the database was not made by this program");
}

TEST_F(SqliteFile, needs_its_folder) {
    path = folder.file("no/such/folder/stemma.db");
    EXPECT_EQ(try_open().error().code, Errc::unavailable);
}

TEST_F(SqliteFile, refuses_to_change_or_delete_entries) {
    const auto store = open();
    append(*store, 0, 1);
    EXPECT_EQ(raw("UPDATE ledger_entry SET bytes = 'x'"), "ledger entries are never changed");
    EXPECT_EQ(raw("DELETE FROM ledger_entry"), "ledger entries are never deleted");
    EXPECT_EQ(raw("DROP TRIGGER ledger_entry_no_update; UPDATE ledger_entry SET bytes = 'x'"), "");
    EXPECT_EQ(value(value(store->read())->entries(0, 1)).at(0).bytes, "x") << "whoever owns the file can: verify is what notices";
}

TEST_F(SqliteFile, reads_a_tampered_entry_byte_by_byte) {
    const auto store = open();
    append(*store, 0, 4);
    ASSERT_EQ(raw("DROP TRIGGER ledger_entry_no_update; DROP TRIGGER ledger_entry_no_delete;"
                  "UPDATE ledger_entry SET bytes = x'00ff27' WHERE sequence = 1; DELETE FROM ledger_entry WHERE sequence = 2"),
              "");
    auto snapshot = value(store->read());
    EXPECT_EQ(value(snapshot->entries(1, 1)).at(0).bytes, std::string("\x00\xff'", 3));
    EXPECT_EQ(value(snapshot->size()), 4U);
    const auto rest = value(snapshot->entries(0, 10));
    ASSERT_EQ(rest.size(), 3U) << "a gap is shown as it is";
    EXPECT_EQ(rest[2].sequence, 3U);
    EXPECT_EQ(snapshot->entries_at({2}).error().code, Errc::not_found);
}

TEST_F(SqliteFile, tells_a_column_of_another_type) {
    const auto store = open();
    auto work = value(store->begin());
    ASSERT_TRUE(work->apply({.sequence = 5, .event = EventId{"e:1"}}) && work->commit());
    work.reset();
    ASSERT_EQ(raw("UPDATE event_row SET sequence = 'five'"), "");
    const auto event = value(store->read())->event(EventId{"e:1"});
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().code, Errc::storage);
    EXPECT_EQ(event.error().message, "file damaged: column 0 holds no whole number");
}

TEST_F(SqliteFile, calls_a_missing_table_a_storage_error) {
    const auto store = open();
    ASSERT_EQ(raw("DROP TABLE reject"), "");
    EXPECT_EQ(value(store->read())->rejects("", 1).error().code, Errc::storage);
}

TEST_F(SqliteFile, notices_numbers_that_another_program_gave_anew) {
    const auto one = open();
    const auto other = open();
    const auto change = [](const char* first, const char* second) {
        return ReadModelChange{.sequence = 1, .touched = {{Subject::Kind::item, first}, {Subject::Kind::item, second}}};
    };
    auto work = value(one->begin());
    ASSERT_TRUE(work->apply(change("i:a", "i:b")) && work->commit());
    work = value(other->begin());
    ASSERT_TRUE(work->drop_read_models() && work->apply(change("i:b", "i:a")) && work->commit());
    work.reset();
    work = value(one->begin());
    ASSERT_TRUE(work->apply({.sequence = 2, .touched = {{Subject::Kind::item, "i:a"}}}) && work->commit());
    auto snapshot = value(one->read());
    EXPECT_EQ(value(snapshot->subject_entries("i:a", 10, 10)), (std::vector<Sequence>{1, 2}));
    EXPECT_EQ(value(snapshot->subject_entries("i:b", 10, 10)), std::vector<Sequence>{1});
}

TEST_F(SqliteFile, makes_a_second_program_wait_its_turn) {
    const auto one = open();
    const auto other = open();
    auto work = value(one->begin());
    EXPECT_EQ(other->begin().error().code, Errc::unavailable);
    work.reset();
    EXPECT_TRUE(other->begin());
}

TEST_F(SqliteFile, tells_a_file_that_is_no_database) {
    std::ofstream{path} << std::string(4096, 'x');
    const auto refused = try_open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_EQ(refused.error().message, "file damaged: file is not a database");
}

TEST_F(SqliteFile, refuses_a_newer_database) {
    open().reset();
    ASSERT_EQ(raw("INSERT INTO schema_migration VALUES (9999, '9999_later.sql', 'x')"), "");
    for (const bool read_only : {false, true})
        EXPECT_EQ(try_open(read_only).error().message, "the database is newer than this program: it has 9999_later.sql");
}

TEST_F(SqliteFile, refuses_a_schema_made_from_another_text) {
    open().reset();
    ASSERT_EQ(raw("UPDATE schema_migration SET sha256 = 'x' WHERE number = 2"), "");
    EXPECT_EQ(try_open().error().where, "sql:migration.0002_read_models.sql");
}

TEST_F(SqliteFile, tells_a_damaged_page) {
    {
        const auto store = open();
        append(*store, 0, 200, 1000);
    }
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(0, std::ios::end);
    const std::streamoff end = file.tellp();
    for (std::streamoff at = end - 20 * kPageBytes; at < end; at += kPageBytes) {  // rows of the ledger: they came last
        file.seekp(at);
        file << std::string(64, '\xEE');
    }
    file.close();
    const auto store = open();
    ASSERT_TRUE(store);
    const auto lines = value(store->check_integrity());
    ASSERT_FALSE(lines.empty());
    for (const std::string& line : lines) EXPECT_TRUE(line.starts_with("file damaged: ")) << line;
    const auto read = value(store->read())->entries(0, 200);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::storage);
    EXPECT_TRUE(read.error().message.starts_with("file damaged: ")) << read.error().message;
}

TEST_F(SqliteFile, leaves_no_trace_of_a_redacted_person) {
    {
        const auto store = open();
        auto work = value(store->begin());
        ASSERT_TRUE(work->put_person({PartyId{"p:1"}, "Annabelle-Unmistakable", "x", "y"}) && work->commit());
        work.reset();
        work = value(store->begin());
        ASSERT_TRUE(work->redact_person(PartyId{"p:1"}) && work->commit());
    }
    std::string content(std::filesystem::file_size(path), '\0');
    std::ifstream{path, std::ios::binary}.read(content.data(), static_cast<std::streamsize>(content.size()));
    EXPECT_EQ(content.find("Unmistakable"), std::string::npos);
}

}  // namespace
}  // namespace stemma::test
