// backup, verify, restore: what reaches the app, what is said, and how the command ends.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/cli/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::cli {
namespace {

app::Manifest manifest() {
    app::Manifest made;
    made.version = "1.2.3";
    made.origin = "example.org/ledger";
    made.size = 1565;
    made.root = "ab12";
    made.files = {{app::BackupFile::Role::store, app::kBackupStore, "/x", 0600, 2000, ""}};
    return made;
}

class BackupVerbs : public ::testing::Test {
protected:
    ExitCode run(std::vector<std::string> words) {
        out.str("");
        err.str("");
        std::ofstream{folder.file("stemma.yaml")} << "daemon: {port: 0}\n";
        words.insert(words.end(), {"--config", folder.file("stemma.yaml")});
        return cli::run(words, Screen{in, out, err, {}}, offline, "1.2.3");
    }

    test::TempFolder folder;
    Offline offline;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(BackupVerbs, makes_one_without_a_daemon_and_says_where_the_key_is) {
    offline.backup = [](const config::Settings&, const app::BackupOptions& options,
                        const app::BackupProgress&) -> Result<app::BackupReport> {
        app::Manifest made = manifest();
        if (options.with_key) made.files.push_back({app::BackupFile::Role::signing_key, app::kBackupKey, "/k", 0600, 100, ""});
        return app::BackupReport{options.to, made, 2100};
    };
    EXPECT_EQ(run({"backup", "/b/one"}), ExitCode::done);
    EXPECT_TRUE(out.str().contains("entries    1,565\n")) << out.str();
    EXPECT_TRUE(out.str().contains("files      1, 3 KiB\n")) << out.str();
    EXPECT_TRUE(out.str().contains("The key that signs is not in it"));
    EXPECT_TRUE(out.str().ends_with("stemma verify /b/one\n"));
    EXPECT_EQ(run({"backup", "/b/one", "--with-key"}), ExitCode::done);
    EXPECT_TRUE(out.str().contains("The key that signs is in it"));
    EXPECT_EQ(run({"backup", "/b/one", "--with-key", "--json"}), ExitCode::done);
    EXPECT_TRUE(out.str().contains(R"("size":1565)")) << out.str();
    EXPECT_TRUE(out.str().contains(R"("withKey":true)")) << out.str();
}

TEST_F(BackupVerbs, ends_with_2_where_a_backup_is_already) {
    offline.backup = [](const auto&...) -> Result<app::BackupReport> { return stemma::fail(Errc::conflict, "is there already", "/b"); };
    EXPECT_EQ(run({"backup", "/b"}), ExitCode::usage);
    EXPECT_EQ(err.str(), "stemma: /b: is there already\n");
    EXPECT_EQ(run({"backup"}), ExitCode::usage);
}

TEST_F(BackupVerbs, ends_verify_with_1_and_names_what_is_wrong) {
    app::BackupVerdict verdict{manifest(), VerifyReport{1565, 1565, "ab12", {}, {}}, {}, {"a note"}};
    offline.verify_backup = [&](const app::BackupCheck& check, const auto&) -> Result<app::BackupVerdict> {
        EXPECT_EQ(check.backup, "/b");
        EXPECT_EQ(check.key, "k");
        EXPECT_EQ(check.checkpoint, "c");
        return verdict;
    };
    const std::vector<std::string> words{"verify", "/b", "--key", "k", "--checkpoint", "c"};
    EXPECT_EQ(run(words), ExitCode::done);
    EXPECT_TRUE(
        out.str().ends_with("1,565 of 1,565 entries verified\nnote  a note\nok    every file is as it was written, every entry as it was "
                            "signed\n"))
        << out.str();
    verdict.findings = {"state/stemma.db was cut: 1 of its 2 bytes are there"};
    verdict.ledger.reset();
    EXPECT_EQ(run(words), ExitCode::no);
    EXPECT_TRUE(out.str().contains("FAIL  state/stemma.db was cut: 1 of its 2 bytes are there\n")) << out.str();
    EXPECT_TRUE(out.str().ends_with("This backup does not verify.\n"));
}

TEST_F(BackupVerbs, ends_restore_with_1_when_entries_would_be_lost) {
    app::RestoreOptions given;
    app::RestoreReport report;
    report.verdict.manifest = manifest();
    report.settings_file = "/etc/stemma/stemma.yaml";
    offline.restore = [&](const app::RestoreOptions& options, const auto&) -> Result<app::RestoreReport> {
        given = options;
        return report;
    };
    EXPECT_EQ(run({"restore", "/b"}), ExitCode::done);
    EXPECT_FALSE(given.to || given.force || given.accept_loss || given.dry_run);
    EXPECT_TRUE(out.str().contains("ok    the ledger's head is the backup's: 1,565 entries, root ab12\n")) << out.str();
    EXPECT_TRUE(out.str().contains("stemma doctor --config /etc/stemma/stemma.yaml\n"));
    EXPECT_EQ(run({"restore", "/b", "--to", "/t", "--force", "--accept-loss", "--reason", "r", "--dry-run", "--actor", "ada"}),
              ExitCode::done);
    EXPECT_EQ(given.from.backup, "/b");
    EXPECT_EQ(given.to, "/t");
    EXPECT_TRUE(given.force && given.accept_loss && given.dry_run);
    EXPECT_EQ(given.reason, "r");
    EXPECT_EQ(given.actor, "ada");
    EXPECT_TRUE(out.str().ends_with("Nothing was changed: this is what would be done.\n"));
    report.refusals = {"c: signs 3 entries, the backup has 2"};
    EXPECT_EQ(run({"restore", "/b"}), ExitCode::no);
    EXPECT_EQ(out.str(), "FAIL  c: signs 3 entries, the backup has 2\nNothing was restored.\n");
}

}  // namespace
}  // namespace stemma::cli
