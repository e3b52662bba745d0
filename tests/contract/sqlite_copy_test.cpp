// The copy of a database in use: whole units of work or none of one, and a file that needs nothing beside it.
#include "adapters/store/sqlite/sqlite_copy.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/contract/store_backends.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::test {
namespace {

constexpr std::uint64_t kUnit = 5;  ///< entries in one unit of work

class SqliteCopy : public ::testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<Store> open(const std::string& file, bool read_only) const {
        auto opened = store::open_sqlite({.path = file, .read_only = read_only});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }
    static void append_unit(Store& store, Sequence first, std::size_t bytes) {
        auto work = value(store.begin());
        for (Sequence i = first; i < first + kUnit; ++i) ASSERT_TRUE(work->append(entry(i, std::string(bytes, 'b'))));
        ASSERT_TRUE(work->commit());
    }

    TempFolder folder;
    std::string path{folder.file("it's a ledger.db")};
    std::string copy{folder.file("its copy.db")};
};

TEST_F(SqliteCopy, holds_whole_units_of_work_while_the_writer_goes_on) {
    const auto store = open(path, false);
    Sequence written = 0;
    for (; written < 2000; written += kUnit) append_unit(*store, written, 4000);  // more pages than are copied at once
    std::atomic<bool> copying{false};
    std::atomic<bool> end{false};
    std::atomic<Sequence> during{0};
    std::thread writer{[&] {
        for (Sequence at = written; !end; at += kUnit) {
            append_unit(*store, at, 400);
            if (copying) during += kUnit;
        }
    }};
    int steps = 0;
    const auto copied = store::copy_sqlite(path, copy, 5'000, [&](std::uint64_t done, std::uint64_t total) {
        copying = true;
        ++steps;
        EXPECT_LE(done, total);
        // The writer gets its turn between two steps: a copy that began anew with each commit would never end.
        const Sequence before = during;
        while (during == before && steps < 4) std::this_thread::yield();
    });
    end = true;
    writer.join();
    ASSERT_TRUE(copied) << copied.error().text();
    EXPECT_GE(steps, 2);
    EXPECT_GT(during, 0U);
    const auto taken = open(copy, true);
    const Sequence size = value(value(taken->read())->size());
    EXPECT_GE(size, written);
    EXPECT_EQ(size % kUnit, 0U);
    EXPECT_LT(size, value(value(store->read())->size()));
    EXPECT_TRUE(value(taken->check_integrity()).empty());
}

TEST_F(SqliteCopy, needs_nothing_beside_it_and_is_for_its_owner_alone) {
    const auto store = open(path, false);
    append_unit(*store, 0, 10);
    const mode_t before = ::umask(0);
    ASSERT_TRUE(store::copy_sqlite(path, copy, 5'000, {}));
    ::umask(before);
    struct stat found {};
    ASSERT_EQ(::stat(copy.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0600U);
    EXPECT_EQ(value(value(open(copy, true)->read())->size()), kUnit);
    for (const char* beside : {"-wal", "-shm", "-journal"}) EXPECT_FALSE(std::filesystem::exists(copy + beside)) << beside;
    const auto again = open(copy, false);
    append_unit(*again, kUnit, 10);
    EXPECT_EQ(value(value(again->read())->size()), 2 * kUnit);
}

TEST_F(SqliteCopy, replaces_no_file_and_makes_none_of_nothing) {
    EXPECT_EQ(store::copy_sqlite(path, copy, 30, {}).error().code, Errc::unavailable);
    EXPECT_FALSE(std::filesystem::exists(copy));
    append_unit(*open(path, false), 0, 10);
    std::ofstream{copy} << "mine";
    EXPECT_EQ(store::copy_sqlite(path, copy, 30, {}).error().code, Errc::conflict);
    EXPECT_EQ(std::filesystem::file_size(copy), 4U);
    EXPECT_EQ(store::copy_sqlite(path, folder.file("no/such/folder/copy"), 30, {}).error().code, Errc::storage);
}

}  // namespace
}  // namespace stemma::test
