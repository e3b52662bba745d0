// The durability doctor on real databases: each setting set wrong in a server's own start, or in a session, and found.
#include "core/engine/durability.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/sql/session.hpp"
#include "adapters/store/settings/engine_settings.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::engine {
namespace {

using Ids = std::vector<std::string>;

/// A server that keeps what it acknowledges, as far as one machine can.
const std::vector<std::string> kSound{"fsync=on", "full_page_writes=on", "synchronous_commit=on"};

Ids wrong_of(const StoreSettings& settings, StoreProfile profile) {
    Ids ids;
    for (const DurabilityFinding& finding : judge_durability(settings, profile))
        if (finding.level != DurabilityFinding::Level::ok) ids.push_back(finding.id);
    return ids;
}

/// What is found on a server with kSound and `settings`, in a session in which `words` were said. Every test cluster is without checksums.
Ids found(const std::vector<std::string>& settings, StoreProfile profile, const char* words = "SELECT 1") {
    std::vector<std::string> all = kSound;
    all.insert(all.end(), settings.begin(), settings.end());
    const auto server = test::Postgres::start(all);
    EXPECT_TRUE(server) << server.error().text();
    if (!server) return {};
    const auto where = sql::parse_connection((*server)->connection());
    auto session = sql::Session::open(*where);
    EXPECT_TRUE(session) << session.error().text();
    if (!session) return {};
    EXPECT_TRUE(session->execute_as_is({"test", words}));
    const auto said = store::postgresql_settings(*session);
    EXPECT_TRUE(said) << said.error().text();
    return said ? wrong_of(*said, profile) : Ids{};
}

class PostgresqlDurability : public ::testing::Test {
protected:
    void SetUp() override {
        if (!test::Postgres::installed()) GTEST_SKIP() << test::Postgres::kMissing;
    }
};

TEST_F(PostgresqlDurability, a_sound_server_is_taken_for_one_machine_and_not_for_a_team) {
    EXPECT_EQ(found({}, StoreProfile::single), Ids{"no_checksums"});
    EXPECT_EQ(found({}, StoreProfile::team), (Ids{"no_standby", "no_checksums"}));
}

TEST_F(PostgresqlDurability, finds_a_server_that_does_not_sync) {
    EXPECT_EQ(found({"fsync=off"}, StoreProfile::single), (Ids{"fsync_off", "no_checksums"}));
    EXPECT_EQ(found({"full_page_writes=off"}, StoreProfile::single).front(), "full_page_writes_off");
    EXPECT_EQ(found({"synchronous_commit=off"}, StoreProfile::single), (Ids{"commit_before_disk", "no_checksums"}));
    EXPECT_EQ(found({"wal_level=minimal", "max_wal_senders=0"}, StoreProfile::single), (Ids{"no_checksums", "wal_minimal"}));
}

TEST_F(PostgresqlDurability, sees_what_the_session_has_and_not_only_the_server) {
    EXPECT_EQ(found({}, StoreProfile::single, "SET synchronous_commit = off"), (Ids{"commit_before_disk", "no_checksums"}));
    EXPECT_EQ(found({}, StoreProfile::single, "SET default_transaction_read_only = on"), (Ids{"read_only", "no_checksums"}));
}

TEST_F(PostgresqlDurability, finds_that_the_standby_which_commits_wait_for_is_away) {
    EXPECT_EQ(found({"synchronous_standby_names=ANY 1 (other)"}, StoreProfile::team), (Ids{"no_checksums", "standby_away"}));
}

TEST(SqliteDurability, a_store_of_ours_is_sound) {
    const test::TempFolder folder;
    const auto store = store::open_sqlite({.path = folder.file("stemma.db")});
    ASSERT_TRUE(store) << store.error().text();
    const auto said = (*store)->settings();
    ASSERT_TRUE(said) << said.error().text();
    EXPECT_EQ(said->at("journal_mode"), "wal");
    EXPECT_EQ(said->at("synchronous"), "2");
    Ids wrong = wrong_of(*said, StoreProfile::single);
    std::erase(wrong, "file_in_memory");  // where the temporary folder is
    EXPECT_EQ(wrong, Ids{});
}

TEST(SqliteDurability, finds_a_session_that_does_not_sync_and_a_file_without_journal) {
    const test::TempFolder folder;
    auto session = sql::Session::open({.target = folder.file("other.db")});
    ASSERT_TRUE(session);
    ASSERT_TRUE(session->execute_as_is({"test", "PRAGMA journal_mode=MEMORY"}));
    ASSERT_TRUE(session->execute_as_is({"test", "PRAGMA synchronous=OFF"}));
    const auto said = store::sqlite_settings(*session, folder.file("other.db"));
    ASSERT_TRUE(said) << said.error().text();
    Ids wrong = wrong_of(*said, StoreProfile::single);
    std::erase(wrong, "file_in_memory");
    EXPECT_EQ(wrong, (Ids{"no_journal", "commit_before_disk"}));
}

TEST(FileSystem, is_named_as_the_kernel_names_it) {
    EXPECT_EQ(store::file_system_of("/proc/self"), "proc");
    EXPECT_EQ(store::file_system_of("/sys"), "sysfs");
}

}  // namespace
}  // namespace stemma::engine
