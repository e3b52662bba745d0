// Snapshots beside the ledger: written while commands go on, believed only when they are of this very ledger, and what a start from one
// does not read is looked at after it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/memory/clock.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/ledger_reading.hpp"
#include "core/engine/query.hpp"
#include "core/engine/stored.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrigin = "test.example/ledger";
const MacKey kSnapshotKey = sha256("of this ledger");

SigningKey key_in(const std::string& path) {
    if (auto known = SigningKey::load(path)) return *std::move(known);
    SigningKey made = SigningKey::generate();
    EXPECT_TRUE(made.save(path));
    return made;
}

/// A ledger in a folder, as a daemon holds it. Its end is a kill: nothing is saved.
class Daemon {
public:
    explicit Daemon(const test::TempFolder& folder, std::uint64_t snapshot_every)
        : store_{*store::open_sqlite({.path = folder.file("stemma.db")})},
          appender_{*store_, index_, clock_,
                    Seal{kOrigin, key_in(folder.file("ledger.key")), CheckpointFile{folder.file("ledger.checkpoint")}}},
          capturing_{appender_, plugins_, limits_, {}} {
        appender_.keep_snapshot({folder.file("lineage.snapshot"), kOrigin, kSnapshotKey}, snapshot_every);
        loaded_ = appender_.load();
    }
    [[nodiscard]] const Result<void>& loaded() const { return loaded_; }
    [[nodiscard]] Appender& appender() { return appender_; }
    [[nodiscard]] Store& store() { return *store_; }

    /// `count` works, each of which makes an item of the one before.
    void record(int count, const std::string& actor = "user:test") {
        for (int i = 0; i < count; ++i) {
            const auto number = static_cast<int>(index_.position());
            Event event;
            event.type = EventType::transformation;
            event.time.instant = Instant{1'790'000'000 * kMicrosPerSecond};
            event.biz_step = "commissioning";
            event.transformation = TransformationId{fmt::format("urn:t:{}", number)};
            event.inputs = {{ItemId{fmt::format("urn:i:{}", number)}, std::nullopt}};
            event.outputs = {{ItemId{fmt::format("urn:i:{}", number + 1)}, std::nullopt}};
            const auto receipt = capturing_.capture({actor, "", "", {event}});
            ASSERT_TRUE(receipt && receipt->recorded);
        }
    }
    /// Every item and work, with what it is joined to.
    [[nodiscard]] std::string lineage() const {
        const lineage::View view = index_.view();
        std::string text = fmt::format("{}\n", view.as_of());
        for (std::uint32_t number = 0; number < view.node_count(); ++number) {
            const lineage::Node node{number};
            text += view.id(node);
            view.for_each_edge(node, lineage::Direction::forward,
                               [&](lineage::EdgeNo, lineage::Node other) { text += fmt::format(" {}", view.id(other)); });
            text += '\n';
        }
        return text;
    }

private:
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};
    Limits limits_;
    test::FakeSet plugins_;
    std::unique_ptr<Store> store_;
    lineage::Index index_;
    Appender appender_;
    Capturing capturing_;
    Result<void> loaded_;
};

/// Waits at most ten seconds: a wrong test ends, a slow machine does not make it fail.
template <class Condition>
bool comes_true(const Condition& condition) {
    for (int i = 0; i < 1'000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
}

class Snapshots : public ::testing::Test {
protected:
    [[nodiscard]] std::optional<Sequence> snapshot_position() const {
        const auto info = lineage::Index::read_info(folder_.file("lineage.snapshot"));
        return info ? std::optional{info->position} : std::nullopt;
    }
    [[nodiscard]] std::string from_ledger_alone() const {
        fs::remove(folder_.file("lineage.snapshot"));
        return Daemon{folder_, 0}.lineage();
    }
    /// Writes into the database behind the daemon's back.
    void tamper(const std::string& sql) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(folder_.file("stemma.db").c_str(), &database), SQLITE_OK);
        const std::string guards = "DROP TRIGGER IF EXISTS ledger_entry_no_update; DROP TRIGGER IF EXISTS ledger_entry_no_delete;";
        EXPECT_EQ(sqlite3_exec(database, (guards + sql).c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
        sqlite3_close(database);
    }

    test::TempFolder folder_;
};

TEST_F(Snapshots, are_written_while_commands_go_on_and_a_start_after_a_kill_reads_the_rest_behind) {
    std::string before;
    {
        Daemon daemon{folder_, 10};
        daemon.record(10);
        ASSERT_TRUE(comes_true([&] { return snapshot_position() >= 10; }));
        daemon.record(7);
        before = daemon.lineage();
    }
    ASSERT_LT(*snapshot_position(), 17U);
    {
        Daemon again{folder_, 0};
        ASSERT_TRUE(again.loaded());
        EXPECT_EQ(again.appender().ledger_check().of, *snapshot_position());
        EXPECT_EQ(again.lineage(), before);
        again.record(3);
    }
    Daemon third{folder_, 0};
    const std::string lineage = third.lineage();
    EXPECT_EQ(lineage, from_ledger_alone());
}

TEST_F(Snapshots, are_not_written_before_so_many_entries_have_come_nor_when_that_is_0) {
    {
        Daemon daemon{folder_, 0};
        daemon.record(12);
    }
    Daemon daemon{folder_, 30};
    daemon.record(17);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_EQ(snapshot_position(), std::nullopt) << "29 entries";
    daemon.record(1);
    EXPECT_TRUE(comes_true([&] { return snapshot_position() == 30; }));
}

TEST_F(Snapshots, of_another_ledger_are_not_believed) {
    const test::TempFolder other;
    {
        Daemon daemon{other, 0};
        daemon.record(5, "user:another");
        ASSERT_TRUE(daemon.appender().save_index());
    }
    {
        Daemon daemon{folder_, 0};
        daemon.record(9);
    }
    fs::copy_file(other.file("lineage.snapshot"), folder_.file("lineage.snapshot"));
    Daemon again{folder_, 0};
    ASSERT_TRUE(again.loaded());
    EXPECT_EQ(again.appender().ledger_check().of, 0U) << "every entry was read";
    const std::string lineage = again.lineage();
    EXPECT_EQ(lineage, from_ledger_alone());
}

TEST_F(Snapshots, with_any_byte_changed_are_not_believed) {
    {
        Daemon daemon{folder_, 0};
        daemon.record(300);  // a whole tile of leaf hashes and an open edge
        ASSERT_TRUE(daemon.appender().save_index());
    }
    std::ifstream in{folder_.file("lineage.snapshot"), std::ios::binary};
    const std::string good{std::istreambuf_iterator<char>{in}, {}};
    const std::string expected = from_ledger_alone();
    for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 60) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 4);
        std::ofstream{folder_.file("lineage.snapshot"), std::ios::binary | std::ios::trunc} << bad;
        Daemon daemon{folder_, 0};
        ASSERT_TRUE(daemon.loaded()) << at;
        EXPECT_EQ(daemon.appender().ledger_check().of, 0U) << at;
        ASSERT_EQ(daemon.lineage(), expected) << at;
    }
}

TEST_F(Snapshots, leave_entries_unread_which_the_check_after_the_start_finds_sound) {
    constexpr Sequence kEntries = 5'000;  // more than one step of the check
    {
        Daemon daemon{folder_, 0};
        daemon.record(20);
        EXPECT_TRUE(daemon.appender().run([](Appending& tx) -> Result<void> {
            for (Sequence i = 20; i < kEntries; ++i) {
                Entry entry;
                entry.body = Master{Item{ItemId{fmt::format("urn:lot:{}", i)}, ItemKind::lot, {}, {}, {}}};
                if (auto added = tx.add(std::move(entry)); !added) return std::unexpected(added.error());
            }
            return {};
        }));
        ASSERT_TRUE(daemon.appender().save_index());
    }
    Daemon daemon{folder_, 0};
    ASSERT_TRUE(comes_true([&] { return daemon.appender().ledger_check().done(); }));
    EXPECT_EQ(daemon.appender().ledger_check().checked, kEntries);
    EXPECT_EQ(daemon.appender().ledger_check().found, "");
}

TEST_F(Snapshots, leave_a_changed_entry_to_the_check_after_the_start_and_to_whoever_reads_it) {
    {
        Daemon daemon{folder_, 0};
        daemon.record(40);
        ASSERT_TRUE(daemon.appender().save_index());
    }
    tamper("UPDATE ledger_entry SET bytes = replace(bytes, 'user:test', 'user:best') WHERE sequence = 17");
    Daemon daemon{folder_, 0};
    ASSERT_TRUE(daemon.loaded()) << daemon.loaded().error().text();
    ASSERT_TRUE(comes_true([&] { return daemon.appender().ledger_check().done(); }));
    EXPECT_EQ(daemon.appender().ledger_check().found, "entry 17 was changed: its bytes do not give its leaf hash");
    const auto rows = (*daemon.store().read())->entries(17, 1);
    const auto read = decode_stored(rows->front());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "entry 17 was changed: its bytes do not give its leaf hash");
}

TEST_F(Snapshots, leave_an_entry_changed_together_with_its_hash_to_the_check_after_the_start) {
    std::string forged;
    {
        Daemon daemon{folder_, 0};
        daemon.record(40);
        ASSERT_TRUE(daemon.appender().save_index());
        forged = (*daemon.store().read())->entries(17, 1)->front().bytes;
    }
    forged.replace(forged.find("user:test"), 9, "user:best");
    tamper(fmt::format("UPDATE ledger_entry SET bytes = '{}', leaf_hash = '{}' WHERE sequence = 17", forged, to_hex(leaf_hash(forged))));
    Daemon daemon{folder_, 0};
    ASSERT_TRUE(comes_true([&] { return daemon.appender().ledger_check().done(); }));
    EXPECT_EQ(daemon.appender().ledger_check().found, "the first 40 entries are not those that were signed");
}

TEST_F(Snapshots, leave_entries_behind_them_to_the_start_itself) {
    {
        Daemon daemon{folder_, 0};
        daemon.record(20);
        ASSERT_TRUE(daemon.appender().save_index());
        daemon.record(20);
    }
    tamper("UPDATE ledger_entry SET bytes = replace(bytes, 'user:test', 'user:best') WHERE sequence = 33");
    const Daemon daemon{folder_, 0};
    ASSERT_FALSE(daemon.loaded());
    EXPECT_EQ(daemon.loaded().error().message, "entry 33 was changed: its bytes do not give its leaf hash");
}

TEST_F(Snapshots, and_ledgers_are_read_in_order_with_any_number_of_threads) {
    constexpr Sequence kEntries = 20'000;  // enough for the threads to be used
    {
        Daemon daemon{folder_, 0};
        EXPECT_TRUE(daemon.appender().run([](Appending& tx) -> Result<void> {
            for (Sequence i = 0; i < kEntries; ++i) {
                Entry entry;
                entry.actor = fmt::format("user:{}", i);
                entry.body = Master{Item{ItemId{fmt::format("urn:i:{}", i)}, ItemKind::lot, {}, {}, {}}};
                if (auto added = tx.add(std::move(entry)); !added) return std::unexpected(added.error());
            }
            return {};
        }));
    }
    const auto store = store::open_sqlite({.path = folder_.file("stemma.db")});
    for (const unsigned decoders : {0U, 1U, 3U}) {
        const auto ledger = (*store)->read();
        Sequence next = 5;
        const auto take = [&](Sequence sequence, const Digest&, const Entry& entry) {
            ASSERT_EQ(sequence, next++);
            ASSERT_EQ(std::get<Item>(std::get<Master>(entry.body)).id.str(), fmt::format("urn:i:{}", sequence));
        };
        ASSERT_TRUE(read_ledger(**ledger, 5, kEntries, decoders, take));
        EXPECT_EQ(next, kEntries);
    }
    tamper("DELETE FROM ledger_entry WHERE sequence = 18000");
    for (const unsigned decoders : {0U, 1U, 3U}) {
        const auto ledger = (*store)->read();
        Sequence taken = 0;
        const auto read = read_ledger(**ledger, 0, kEntries, decoders, [&](Sequence, const Digest&, const Entry&) { ++taken; });
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().message, "entry 18000 is missing");
        EXPECT_EQ(taken, 18'000U);
    }
}

}  // namespace
}  // namespace stemma::engine
