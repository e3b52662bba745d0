// manifest.json and SHA256SUMS: read as written, and nothing else is believed.
#include "core/app/backup_manifest.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"

namespace stemma::app {
namespace {

using Role = BackupFile::Role;

Manifest example() {
    Manifest manifest;
    manifest.version = "0.1.0";
    manifest.made_at = {1'700'000'000'000'000};
    manifest.origin = "example.org/ledger";
    manifest.public_key = "example.org/ledger+00000000+AA==";
    manifest.size = 2;
    manifest.root = std::string(64, 'a');
    manifest.checkpoint = "example.org/ledger\n2\nx\n\n— example.org/ledger y\n";
    manifest.settings_file = "/etc/stemma/stemma.yaml";
    manifest.state_folder = "/var/lib/stemma";
    manifest.plugin_folder = "/usr/lib/stemma/plugins";
    manifest.mapping_folders = {"/usr/share/stemma/erp"};
    manifest.plugins = {{"lot", true, std::string(64, 'b'), {}}, {"compliance", false, "", {"/etc/stemma/food.yaml"}}};
    manifest.missing = {"/etc/stemma/food.yaml"};
    manifest.files = {{Role::store, kBackupStore, "/var/lib/stemma/stemma.db", 0600, 8192, std::string(64, '1')},
                      {Role::checkpoint, kBackupCheckpoint, "/var/lib/stemma/ledger.checkpoint", 0644, 17, std::string(64, '2')},
                      {Role::public_key, kBackupPublicKey, "/var/lib/stemma/ledger.pub", 0644, 9, std::string(64, '3')}};
    return manifest;
}

TEST(BackupManifest, reads_back_as_it_was_written) {
    const auto read = read_manifest(manifest_text(example()));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, example());
}

TEST(BackupManifest, refuses_every_path_that_leads_out_of_the_backup) {
    for (const char* path : {"", "/etc/passwd", "..", "../x", "a/../../x", "a/./b", "a//b", "a/", ".", "a\nb", "a\\b", "\xff"})
        EXPECT_FALSE(stays_inside(path)) << path;
    for (const char* path : {"a", "state/stemma.db", "a/..b", "config/conf.d/10 own.yaml"}) EXPECT_TRUE(stays_inside(path)) << path;
    Manifest manifest = example();
    manifest.files.push_back({Role::data, "../../etc/cron.d/x", "/etc/x", 0644, 1, std::string(64, '4')});
    const auto read = read_manifest(manifest_text(manifest));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "the path leads out of the backup");
    EXPECT_EQ(read.error().where, "/files/3/path");
}

TEST(BackupManifest, refuses_places_that_are_not_plain_and_absolute) {
    for (const char* place : {"relative/x", "/etc/../x", "/etc/x/", "/"}) {
        Manifest manifest = example();
        manifest.files[0].place = place;
        EXPECT_FALSE(read_manifest(manifest_text(manifest))) << place;
    }
}

TEST(BackupManifest, refuses_what_a_ledger_cannot_be_restored_from) {
    for (std::size_t without = 0; without < 3; ++without) {
        Manifest manifest = example();
        manifest.files.erase(manifest.files.begin() + static_cast<std::ptrdiff_t>(without));
        EXPECT_FALSE(read_manifest(manifest_text(manifest))) << without;
    }
    Manifest twice = example();
    twice.files.push_back(twice.files.front());
    EXPECT_FALSE(read_manifest(manifest_text(twice)));
}

TEST(BackupManifest, knows_its_own_format_and_no_newer_one) {
    const std::string text = manifest_text(example());
    ASSERT_TRUE(text.starts_with(R"({"format":1,)"));
    const auto newer = read_manifest(R"({"format":2,)" + text.substr(12));
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Errc::config);
    EXPECT_FALSE(read_manifest(R"({"format":1,"other":1,)" + text.substr(12)));
}

TEST(BackupManifest, holds_as_many_files_as_the_limit_and_not_one_more) {
    Manifest manifest = example();
    for (std::size_t i = manifest.files.size(); i < kBackupFilesMax; ++i)
        manifest.files.push_back({Role::data, "data/" + std::to_string(i), "/data/x", 0644, 1, std::string(64, '4')});
    EXPECT_TRUE(read_manifest(manifest_text(manifest)));
    manifest.files.push_back({Role::data, "data/one-more", "/data/x", 0644, 1, std::string(64, '4')});
    EXPECT_FALSE(read_manifest(manifest_text(manifest)));
}

TEST(BackupManifest, lists_its_sums_as_sha256sum_reads_them) {
    const std::string text = manifest_text(example());
    EXPECT_EQ(sums_text(example(), text), to_hex(sha256(text)) + "  manifest.json\n" + std::string(64, '1') + "  state/stemma.db\n" +
                                              std::string(64, '2') + "  state/ledger.checkpoint\n" + std::string(64, '3') +
                                              "  state/ledger.pub\n");
}

}  // namespace
}  // namespace stemma::app
