// The durability doctor as a table: one setting wrong at a time.
#include "core/engine/durability.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "adapters/memory/memory_store.hpp"

namespace stemma::engine {
namespace {

using Level = DurabilityFinding::Level;

StoreSettings postgresql(const StoreSettings& wrong = {}) {
    StoreSettings settings{{"engine", "postgresql"},
                           {"fsync", "on"},
                           {"full_page_writes", "on"},
                           {"synchronous_commit", "on"},
                           {"synchronous_standby_names", "ANY 1 (a, b)"},
                           {"synchronous_standbys_now", "2"},
                           {"data_checksums", "on"},
                           {"wal_level", "replica"},
                           {"default_transaction_read_only", "off"},
                           {"in_recovery", "off"},
                           {"clock_difference_ms", "-3"}};
    for (const auto& [name, value] : wrong) settings[name] = value;
    return settings;
}

StoreSettings sqlite(const StoreSettings& wrong = {}) {
    StoreSettings settings{{"engine", "sqlite"}, {"journal_mode", "wal"}, {"synchronous", "2"}, {"file_system", "ext4"}};
    for (const auto& [name, value] : wrong) settings[name] = value;
    return settings;
}

/// "refuse fsync_off", "warning no_checksums", or "" where all is well.
std::string verdict(const StoreSettings& settings, StoreProfile profile) {
    std::string said;
    for (const DurabilityFinding& finding : judge_durability(settings, profile)) {
        if (finding.level == Level::ok) continue;
        if (!said.empty()) said += ", ";
        said += (finding.level == Level::refuse ? "refuse " : "warning ") + finding.id;
        EXPECT_FALSE(finding.message.empty());
        EXPECT_FALSE(finding.hint.empty());
    }
    return said;
}

struct Case {
    StoreSettings settings;
    std::string single;
    std::string team;
};

TEST(DurabilityDoctor, judges_each_setting_of_postgresql_by_the_profile) {
    const std::vector<Case> cases{
        {postgresql(), "", ""},
        {postgresql({{"fsync", "off"}}), "refuse fsync_off", "refuse fsync_off"},
        {postgresql({{"full_page_writes", "off"}}), "warning full_page_writes_off", "refuse full_page_writes_off"},
        {postgresql({{"data_checksums", "off"}}), "warning no_checksums", "warning no_checksums"},
        {postgresql({{"wal_level", "minimal"}}), "warning wal_minimal", "refuse wal_minimal"},
        {postgresql({{"wal_level", "logical"}}), "", ""},
        {postgresql({{"synchronous_commit", "off"}}), "refuse commit_before_disk", "refuse commit_before_disk"},
        {postgresql({{"synchronous_commit", "local"}}), "", "refuse commit_on_one_disk"},
        {postgresql({{"synchronous_commit", "remote_write"}}), "", "warning commit_in_standby_memory"},
        {postgresql({{"synchronous_commit", "remote_apply"}}), "", ""},
        {postgresql({{"synchronous_standby_names", ""}}), "", "refuse no_standby"},
        {postgresql({{"synchronous_standbys_now", "0"}}), "warning standby_away", "warning standby_away"},
        {postgresql({{"in_recovery", "on"}}), "refuse in_recovery", "refuse in_recovery"},
        {postgresql({{"default_transaction_read_only", "on"}}), "refuse read_only", "refuse read_only"},
        {postgresql({{"clock_difference_ms", "2000"}}), "", ""},
        {postgresql({{"clock_difference_ms", "-2001"}}), "warning clock_differs", "warning clock_differs"},
        {postgresql({{"data_checksums", "off"}, {"fsync", "off"}}), "refuse fsync_off, warning no_checksums",
         "refuse fsync_off, warning no_checksums"},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(verdict(one.settings, StoreProfile::single), one.single);
        EXPECT_EQ(verdict(one.settings, StoreProfile::team), one.team);
    }
}

TEST(DurabilityDoctor, judges_each_setting_of_sqlite) {
    const std::vector<std::pair<StoreSettings, std::string>> cases{
        {sqlite(), ""},
        {sqlite({{"journal_mode", "delete"}}), "warning journal_not_wal"},
        {sqlite({{"journal_mode", "off"}}), "refuse no_journal"},
        {sqlite({{"journal_mode", "memory"}}), "refuse no_journal"},
        {sqlite({{"synchronous", "1"}}), "refuse commit_before_disk"},
        {sqlite({{"synchronous", "0"}}), "refuse commit_before_disk"},
        {sqlite({{"synchronous", "3"}}), ""},
        {sqlite({{"file_system", "nfs4"}}), "refuse network_file_system"},
        {sqlite({{"file_system", "cifs"}}), "refuse network_file_system"},
        {sqlite({{"file_system", "fuse.sshfs"}}), "refuse network_file_system"},
        {sqlite({{"file_system", "fuse.mergerfs"}}), "warning unknown_file_system"},
        {sqlite({{"file_system", "tmpfs"}}), "warning file_in_memory"},
    };
    for (const auto& [settings, said] : cases) EXPECT_EQ(verdict(settings, StoreProfile::single), said);
    EXPECT_EQ(verdict(sqlite(), StoreProfile::team), "refuse one_machine") << "a file of one machine is lost with it";
}

TEST(DurabilityDoctor, says_nothing_of_an_engine_that_says_nothing) {
    EXPECT_TRUE(judge_durability({}, StoreProfile::team).empty());
    EXPECT_EQ(verdict({{"engine", "postgresql"}}, StoreProfile::single), "");
}

/// A store that says what it is told to say.
class Saying final : public Store {
public:
    Result<std::unique_ptr<UnitOfWork>> begin() override { return inner_->begin(); }
    Result<std::unique_ptr<ReadSnapshot>> read() override { return inner_->read(); }
    Result<std::vector<std::string>> check_integrity() override { return inner_->check_integrity(); }
    Result<std::string> describe() override { return inner_->describe(); }
    Result<StoreSettings> settings() override { return said; }
    StoreSettings said;

private:
    std::unique_ptr<Store> inner_{memory::make_store()};
};

TEST(Durability, refuses_the_store_and_names_all_that_is_wrong) {
    Saying store;
    store.said = postgresql({{"fsync", "off"}, {"synchronous_standby_names", ""}, {"data_checksums", "off"}});
    Durability durability{StoreProfile::team};
    const auto looked = durability.look(store);
    ASSERT_FALSE(looked);
    EXPECT_EQ(looked.error().code, Errc::config);
    EXPECT_NE(looked.error().message.find("fsync_off (fsync = off)"), std::string::npos) << looked.error().message;
    EXPECT_NE(looked.error().message.find("no_standby"), std::string::npos);
    EXPECT_EQ(looked.error().message.find("no_checksums"), std::string::npos) << "that is a warning";
    EXPECT_EQ(durability.count(Level::refuse), 2U);
    EXPECT_EQ(durability.count(Level::warning), 1U);
    EXPECT_EQ(durability.text(),
              "refused: fsync_off (fsync = off); refused: no_standby (synchronous_standby_names = ); warning: no_checksums (data_checksums "
              "= off)");
    store.said = postgresql();
    EXPECT_TRUE(durability.look(store));
    EXPECT_EQ(durability.text(), "ok");
}

TEST(Durability, every_finding_is_explained_in_the_manual) {
    const auto read = [](const std::string& path) {
        std::stringstream text;
        text << std::ifstream{path}.rdbuf();
        return text.str();
    };
    const std::string source = read(STEMMA_SOURCE_DIR "/core/engine/durability.cpp");
    const std::string page = read(STEMMA_SOURCE_DIR "/core/docs/durability.md");
    std::set<std::string> ids;
    // add(LEVEL, "id", ...
    for (std::size_t at = source.find("add("); at != std::string::npos; at = source.find("add(", at + 1)) {
        const std::size_t comma = source.find(',', at);
        if (source.compare(comma, 3, ", \"") != 0) continue;
        ids.insert(source.substr(comma + 3, source.find('"', comma + 3) - comma - 3));
    }
    EXPECT_GE(ids.size(), 15U);
    for (const std::string& id : ids) EXPECT_NE(page.find("| `" + id + "` |"), std::string::npos) << id;
}

}  // namespace
}  // namespace stemma::engine
