// Backup, verify and restore on real files: what is in a backup, what is refused, what is found, and that a restored ledger is the same.
#include "core/app/backup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "core/app/app.hpp"
#include "core/app/backup_files.hpp"
#include "core/app/backup_loss.hpp"
#include "core/app/parts.hpp"
#include "core/base/digest.hpp"
#include "tests/unit/app/new_stemma.hpp"

namespace stemma::app {
namespace {

namespace fs = std::filesystem;
using Role = BackupFile::Role;

class Backup : public NewStemma {
protected:
    void SetUp() override {
        write("food.yaml", "rules: []\n");
        fs::create_directory(folder.file("conf.d"));
        write("conf.d/10-own.yaml", "plugins: {directory: ../plugins, enabled: [{name: lot, data: [../food.yaml], enabled: false}]}\n");
        configure("");
        ASSERT_TRUE(init(main_file()));
        record(3);
    }

    void record(int entries, const std::string& actor = "ada") const {
        const auto store = open_store(settings(), false);
        ASSERT_TRUE(store) << store.error().text();
        auto seal = open_seal(settings());
        ASSERT_TRUE(seal) << seal.error().text();
        lineage::Index index;
        const FixedClock clock;
        engine::Appender appender{**store, index, clock, *std::move(seal)};
        ASSERT_TRUE(appender.load());
        for (int i = 0; i < entries; ++i) {
            const auto done = appender.run([&](engine::Appending& tx) -> Result<void> {
                Entry entry;
                entry.actor = actor;
                entry.body = SystemChange{"plugins", "loaded", {}};
                const auto added = tx.add(std::move(entry));
                return added ? Result<void>{} : std::unexpected(added.error());
            });
            ASSERT_TRUE(done) << done.error().text();
        }
    }

    [[nodiscard]] fs::path backup() const { return folder.file("backup"); }
    BackupReport made(bool with_key = false) const {
        auto report = make_backup(settings(), {backup(), with_key}, {});
        EXPECT_TRUE(report) << report.error().text();
        return report ? *std::move(report) : BackupReport{};
    }
    [[nodiscard]] BackupVerdict verdict(const BackupCheck& check) const {
        auto found = verify_backup(check, {});
        EXPECT_TRUE(found) << found.error().text();
        return found ? *std::move(found) : BackupVerdict{};
    }
    [[nodiscard]] BackupVerdict verdict() const { return verdict({backup(), {}, {}}); }
    [[nodiscard]] RestoreOptions restoring() const { return {.from = {backup(), {}, {}}, .to = {}, .actor = "ada", .reason = "disk lost"}; }
    [[nodiscard]] RestoreOptions into(const char* name) const {
        RestoreOptions options = restoring();
        options.to = folder.file(name);
        return options;
    }
    [[nodiscard]] RestoreReport restored(const RestoreOptions& options) const {
        auto report = restore_backup(options, {});
        EXPECT_TRUE(report) << report.error().text();
        return report ? *std::move(report) : RestoreReport{};
    }
    [[nodiscard]] std::string text_of(const fs::path& path) const { return read_small(path, 1 << 20).value_or("not there"); }
    /// Names beside each other in the test's folder that contain `part`.
    [[nodiscard]] std::vector<fs::path> beside_named(const std::string& part) const {
        std::vector<fs::path> found;
        for (const auto& one : fs::directory_iterator{folder.file("")})
            if (one.path().filename().string().contains(part)) found.push_back(one.path());
        return found;
    }
};

bool any_says(const std::vector<std::string>& lines, std::string_view part) {
    return std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(part); });
}

mode_t mode_of(const fs::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
}

// --- making -------------------------------------------------------------------------------------------------------------------------

TEST_F(Backup, holds_the_ledger_its_settings_and_what_they_name) {
    const BackupReport report = made();
    EXPECT_EQ(report.manifest.size, 3U);
    std::vector<std::string> paths;
    for (const BackupFile& file : report.manifest.files) paths.push_back(file.path);
    const std::vector<std::string> expected{kBackupStore,         kBackupCheckpoint,           kBackupPublicKey,
                                            "config/stemma.yaml", "config/conf.d/10-own.yaml", "data/1/food.yaml"};
    EXPECT_EQ(paths, expected);
    EXPECT_EQ(text_of(backup() / kBackupCheckpoint), text_of(folder.file("state/ledger.checkpoint")));
    EXPECT_EQ(mode_of(backup()), 0700U) << "names of persons and perhaps passwords are in it";
    for (const std::string& path : paths) EXPECT_EQ(mode_of(backup() / path), 0600U) << path;
    const BackupVerdict found = verdict();
    EXPECT_TRUE(found.ok()) << found.findings.front();
    EXPECT_EQ(found.ledger->verified, 3U);
}

TEST_F(Backup, holds_the_signing_key_only_when_asked) {
    made();
    EXPECT_FALSE(fs::exists(backup() / kBackupKey));
    fs::remove_all(backup());
    made(true);
    EXPECT_EQ(text_of(backup() / kBackupKey), text_of(folder.file("state/ledger.key")));
    EXPECT_EQ(mode_of(backup() / kBackupKey), 0600U);
}

TEST_F(Backup, replaces_nothing) {
    fs::create_directory(backup());
    const auto report = make_backup(settings(), {backup(), false}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::conflict);
    EXPECT_TRUE(fs::is_empty(backup()));
}

TEST_F(Backup, leaves_nothing_behind_when_it_fails) {
    fs::remove(folder.file("state/ledger.key"));
    EXPECT_FALSE(make_backup(settings(), {backup(), true}, {}));
    EXPECT_TRUE(beside_named("backup").empty());
    EXPECT_EQ(make_backup(settings(), {folder.file("no/such/backup"), false}, {}).error().code, Errc::not_found);
}

TEST_F(Backup, tells_what_the_settings_name_in_vain) {
    fs::remove(folder.file("food.yaml"));
    EXPECT_EQ(made().manifest.missing, std::vector<std::string>{folder.file("food.yaml")});
    EXPECT_TRUE(verdict().ok());
}

TEST_F(Backup, is_refused_of_a_ledger_that_its_newest_checkpoint_does_not_sign) {
    {
        const auto store = open_store(settings(), false);
        auto unit = (*store)->begin();
        ASSERT_TRUE((*unit)->append({3, "{}", std::string(64, '0'), std::string(64, '0')}));
        ASSERT_TRUE((*unit)->commit());
    }
    const auto report = make_backup(settings(), {backup(), false}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().hint, "run: stemma ledger verify");
}

TEST_F(Backup, of_a_ledger_without_entries_is_one_too) {
    fs::remove_all(folder.file("state"));
    ASSERT_TRUE(init(main_file()));
    ASSERT_TRUE(open_store(settings(), false));
    EXPECT_EQ(made().manifest.size, 0U);
    EXPECT_TRUE(verdict().ok()) << verdict().findings.front();
    EXPECT_TRUE(restored(into("elsewhere")).done());
}

TEST_F(Backup, can_be_made_while_the_state_folder_is_in_use) {
    const auto app = App::open(settings());
    ASSERT_TRUE(app) << app.error().text();
    EXPECT_EQ(made().manifest.size, 3U);
    EXPECT_TRUE(verdict().ok());
}

// --- verifying ----------------------------------------------------------------------------------------------------------------------

TEST_F(Backup, names_the_file_in_which_one_bit_was_turned) {
    BackupReport report = made(true);
    report.manifest.files.push_back({Role::data, kManifestFile, "", 0, 0, ""});
    report.manifest.files.push_back({Role::data, kSumsFile, "", 0, 0, ""});
    for (const BackupFile& file : report.manifest.files) {
        const std::string good = text_of(backup() / file.path);
        for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            std::ofstream{backup() / file.path, std::ios::binary} << bad;
            EXPECT_TRUE(any_says(verdict().findings, file.path)) << file.path << " at " << at;
        }
        std::ofstream{backup() / file.path, std::ios::binary} << good;
        EXPECT_TRUE(verdict().ok()) << file.path;
    }
}

TEST_F(Backup, names_the_file_that_was_cut_or_is_missing) {
    for (const BackupFile& file : made().manifest.files) {
        const std::string good = text_of(backup() / file.path);
        fs::resize_file(backup() / file.path, good.size() - 1);
        EXPECT_TRUE(any_says(verdict().findings, file.path + " was cut")) << file.path;
        fs::remove(backup() / file.path);
        EXPECT_TRUE(any_says(verdict().findings, file.path + " is missing")) << file.path;
        fs::create_symlink("/etc/passwd", backup() / file.path);
        EXPECT_TRUE(any_says(verdict().findings, file.path + " is no regular file")) << file.path;
        fs::remove(backup() / file.path);
        std::ofstream{backup() / file.path, std::ios::binary} << good;
    }
    fs::remove(backup() / kManifestFile);
    EXPECT_TRUE(any_says(verdict().findings, "manifest.json: there is no such file"));
}

TEST_F(Backup, does_not_open_a_database_with_a_strange_journal_beside_it) {
    made();
    write("backup/README", "mine");
    EXPECT_TRUE(verdict().ok());
    EXPECT_TRUE(any_says(verdict().notes, "README is not of this backup"));
    write("backup/state/stemma.db-wal", "x");
    EXPECT_TRUE(any_says(verdict().findings, "state/stemma.db-wal is not of this backup"));
    EXPECT_FALSE(verdict().ledger);
}

/// Whoever changes a backup may well write its digests anew. The signed ledger is what he cannot write.
TEST_F(Backup, finds_a_changed_entry_under_digests_that_were_made_to_fit) {
    made();
    const std::string good = text_of(backup() / kBackupStore);
    std::string bad = good;
    const std::size_t at = bad.find(R"("actor":"ada")");
    ASSERT_NE(at, std::string::npos);
    bad[at + 9] = 'e';
    std::ofstream{backup() / kBackupStore, std::ios::binary} << bad;
    auto manifest = *read_manifest(text_of(backup() / kManifestFile));
    manifest.files.front().sha256 = to_hex(sha256(bad));
    const std::string text = manifest_text(manifest);
    std::ofstream{backup() / kManifestFile} << text;
    std::ofstream{backup() / kSumsFile} << sums_text(manifest, text);
    const BackupVerdict found = verdict();
    EXPECT_TRUE(any_says(found.findings, "was changed: its bytes do not give its leaf hash"));
    EXPECT_FALSE(restored(into("elsewhere")).done());
    EXPECT_FALSE(fs::exists(folder.file("elsewhere")));
}

TEST_F(Backup, finds_a_manifest_that_names_another_head) {
    made();
    auto manifest = *read_manifest(text_of(backup() / kManifestFile));
    manifest.size = 4;
    const std::string text = manifest_text(manifest);
    std::ofstream{backup() / kManifestFile} << text;
    std::ofstream{backup() / kSumsFile} << sums_text(manifest, text);
    EXPECT_TRUE(any_says(verdict().findings, "the ledger's head, 3 entries"));
}

TEST_F(Backup, trusts_the_key_it_is_given_and_no_other) {
    const std::string key = made().manifest.public_key;
    const BackupVerdict own = verdict({backup(), key, {}});
    EXPECT_TRUE(own.ok());
    EXPECT_TRUE(own.notes.empty());
    const std::string other = key_text({"stemma.example/ledger", SigningKey::generate().public_key()});
    EXPECT_TRUE(any_says(verdict({backup(), other, {}}).findings, "not by the key you gave"));
    EXPECT_EQ(verify_backup({backup(), "no key", {}}, {}).error().code, Errc::invalid_input);
}

TEST_F(Backup, is_held_against_a_checkpoint_that_was_kept_elsewhere) {
    fs::copy_file(folder.file("state/ledger.checkpoint"), folder.file("kept.checkpoint"));
    record(1);
    made();
    EXPECT_TRUE(verdict({backup(), {}, folder.file("kept.checkpoint")}).ok());
    record(2);
    const BackupVerdict older = verdict({backup(), {}, folder.file("state/ledger.checkpoint")});
    EXPECT_TRUE(older.ok());
    EXPECT_TRUE(any_says(older.notes, "made 2 entries earlier"));
    // The same key, another history.
    fs::remove(folder.file("state/stemma.db"));
    fs::remove(folder.file("state/ledger.checkpoint"));
    record(1, "eve");
    EXPECT_TRUE(any_says(verdict({backup(), {}, folder.file("state/ledger.checkpoint")}).findings,
                         "first 1 entries are not those that the checkpoint you gave signs"));
}

// --- restoring ----------------------------------------------------------------------------------------------------------------------

TEST_F(Backup, restored_into_a_folder_is_the_same_ledger_with_settings_that_stay_in_it) {
    const Manifest manifest = made(true).manifest;
    const RestoreReport report = restored(into("elsewhere"));
    ASSERT_TRUE(report.done());
    const auto loaded = config::load_settings(report.settings_file);
    ASSERT_TRUE(loaded) << loaded.error().front().text();
    EXPECT_EQ(plain_path(loaded->state.folder), folder.file("elsewhere/state"));
    EXPECT_EQ(loaded->daemon.port, 0);  // not the original's, which may be running
    EXPECT_EQ(plain_path(loaded->store.file), folder.file("elsewhere/state/stemma.db"));
    EXPECT_EQ(plain_path(loaded->ledger.checkpoint_file), folder.file("elsewhere/state/ledger.checkpoint"));
    EXPECT_EQ(plain_path(loaded->plugins.directory), folder.file("plugins"));
    ASSERT_EQ(loaded->plugins.enabled.size(), 1U);
    EXPECT_FALSE(loaded->plugins.enabled[0].enabled);
    EXPECT_EQ(plain_path(loaded->plugins.enabled[0].data.at(0)), folder.file("elsewhere/data/1/food.yaml"));
    const auto head = head_of_file(folder.file("elsewhere/state/stemma.db"));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->size, manifest.size);
    EXPECT_EQ(to_hex(head->root), manifest.root);
    EXPECT_EQ(mode_of(folder.file("elsewhere/state/ledger.key")), 0600U);
    const auto app = App::open(*loaded);
    EXPECT_TRUE(app) << app.error().text();
    EXPECT_FALSE(beside_named("restoring").size());
}

TEST_F(Backup, that_lacks_a_mapping_alone_is_restored_and_the_file_is_named) {
    fs::create_directory(folder.file("maps"));
    write("maps/own.yaml", "mapping: {}\n");
    write("conf.d/20-erp.yaml",
          "erp: {mappings: [../maps], sources: [{name: main, mapping: own, connection: 'sqlite:/erp.db', enabled: false}]}\n");
    made(true);
    fs::remove(backup() / "mappings/own.yaml");
    const BackupVerdict found = verdict();
    EXPECT_FALSE(found.ok());  // it is not as it was written
    EXPECT_TRUE(any_says(found.findings, "mappings/own.yaml is missing"));
    ASSERT_TRUE(found.ledger);
    EXPECT_EQ(found.ledger->entries, 3U);
    const RestoreReport beside = restored(into("elsewhere"));
    EXPECT_TRUE(beside.done());
    EXPECT_TRUE(any_says(beside.notes, "mappings/own.yaml is missing in the backup: " + folder.file("maps/own.yaml") + " is there"));
    fs::remove(folder.file("maps/own.yaml"));
    const RestoreReport without = restored(into("without"));
    EXPECT_TRUE(without.done());
    EXPECT_TRUE(any_says(without.notes, "put the mapping to " + folder.file("without/mappings/own.yaml")));
    EXPECT_EQ(head_of_file(folder.file("without/state/stemma.db"))->size, 3U);
    fs::remove(backup() / "data/1/food.yaml");  // settings name it, and the rules depend on it
    EXPECT_FALSE(restored(into("refused")).done());
}

TEST_F(Backup, that_lacks_a_mapping_and_has_a_changed_entry_is_refused) {
    fs::create_directory(folder.file("maps"));
    write("maps/own.yaml", "mapping: {}\n");
    write("conf.d/20-erp.yaml",
          "erp: {mappings: [../maps], sources: [{name: main, mapping: own, connection: 'sqlite:/erp.db', enabled: false}]}\n");
    made(true);
    fs::remove(backup() / "mappings/own.yaml");
    std::ofstream{backup() / kBackupStore, std::ios::app} << "x";
    EXPECT_FALSE(restored(into("elsewhere")).done());
    EXPECT_FALSE(fs::exists(folder.file("elsewhere")));
}

TEST_F(Backup, restored_where_it_was_puts_every_file_back_in_its_place) {
    made(true);
    for (const char* name : {"state", "conf.d", "stemma.yaml", "food.yaml"}) fs::remove_all(folder.file(name));
    const RestoreReport report = restored(restoring());
    ASSERT_TRUE(report.done());
    EXPECT_EQ(text_of(folder.file("food.yaml")), "rules: []\n");
    EXPECT_TRUE(fs::exists(folder.file("conf.d/10-own.yaml")));
    EXPECT_EQ(settings().state.folder, folder.file("state"));
    const auto verified = verify_ledger(settings(), {}, {}, {});
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->ok());
    EXPECT_EQ(verified->entries, 3U);
    const auto app = App::open(settings());
    EXPECT_TRUE(app) << app.error().text();
}

TEST_F(Backup, is_not_restored_over_anything) {
    made(true);
    const std::string before = text_of(folder.file("state/stemma.db"));
    EXPECT_EQ(restore_backup(restoring(), {}).error().code, Errc::conflict);
    fs::create_directory(folder.file("full"));
    write("full/mine", "x");
    EXPECT_EQ(restore_backup(into("full"), {}).error().code, Errc::conflict);
    EXPECT_EQ(text_of(folder.file("full/mine")), "x");
    EXPECT_EQ(text_of(folder.file("state/stemma.db")), before);
    fs::create_directory(folder.file("empty"));
    EXPECT_TRUE(restored(into("empty")).done());
}

TEST_F(Backup, refuses_settings_that_differ_or_would_be_added) {
    made(true);
    fs::rename(folder.file("state"), folder.file("old-state"));
    write("conf.d/20-new.yaml", "log: {level: debug}\n");
    EXPECT_TRUE(restore_backup(restoring(), {}).error().where.contains("20-new.yaml"));
    fs::remove(folder.file("conf.d/20-new.yaml"));
    write("stemma.yaml", "state: {folder: other}\n");
    const auto refused = restore_backup(restoring(), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where, folder.file("stemma.yaml"));
    EXPECT_FALSE(fs::exists(folder.file("state")));
    // A rule pack may be of a newer version: it stays, and that is said.
    configure("");
    write("food.yaml", "rules: [] # newer\n");
    const RestoreReport report = restored(restoring());
    EXPECT_TRUE(report.done());
    EXPECT_EQ(text_of(folder.file("food.yaml")), "rules: [] # newer\n");
    EXPECT_TRUE(any_says(report.notes, "another than in the backup and stays"));
}

TEST_F(Backup, moves_aside_by_force_and_removes_nothing) {
    made();
    write("state/mine", "x");
    const std::string key = text_of(folder.file("state/ledger.key"));
    RestoreOptions options = restoring();
    options.force = true;
    const RestoreReport report = restored(options);
    ASSERT_TRUE(report.done());
    const auto aside = beside_named("state.before-restore");
    ASSERT_EQ(aside.size(), 1U);
    EXPECT_EQ(text_of(aside[0] / "mine"), "x");
    EXPECT_EQ(text_of(folder.file("state/ledger.key")), key) << "the backup has no key, and the right one was there";
    EXPECT_FALSE(any_says(report.notes, "ledger.key"));
    EXPECT_FALSE(fs::exists(folder.file("state/mine")));
}

TEST_F(Backup, restores_a_store_outside_the_state_folder_without_what_an_old_one_left_beside_it) {
    write("stemma.yaml", "state: {folder: state}\nstore: {file: ../outside.db}\n");
    fs::rename(folder.file("state/stemma.db"), folder.file("outside.db"));
    made(true);
    fs::rename(folder.file("state"), folder.file("old-state"));
    write("outside.db", "no database");
    write("outside.db-wal", "old");
    EXPECT_EQ(restore_backup(restoring(), {}).error().where, folder.file("outside.db"));
    RestoreOptions options = restoring();
    options.force = true;
    const RestoreReport report = restored(options);
    ASSERT_TRUE(report.done());
    // What belonged together still does.
    const auto old = std::ranges::find(report.aside, folder.file("outside.db"),
                                       [](const std::string& line) { return line.substr(0, line.find(" -> ")); });
    ASSERT_NE(old, report.aside.end());
    EXPECT_EQ(text_of(old->substr(old->find(" -> ") + 4) + "-wal"), "old");
    EXPECT_FALSE(fs::exists(folder.file("outside.db-wal")));
    EXPECT_EQ(head_of_file(folder.file("outside.db"))->size, 3U);
    // Begun anew after a stop in between, what is in place already stays.
    fs::rename(folder.file("state"), folder.file("again"));
    EXPECT_TRUE(any_says(restored(restoring()).kept, "outside.db"));
    EXPECT_TRUE(App::open(settings()));
}

TEST_F(Backup, takes_the_place_of_another_ledger_by_force_alone) {
    made(true);
    fs::remove_all(folder.file("state"));
    ASSERT_TRUE(init(main_file()));
    record(9);
    EXPECT_FALSE(restored(restoring()).done());
    RestoreOptions options = restoring();
    options.force = true;
    const RestoreReport report = restored(options);
    ASSERT_TRUE(report.done()) << report.refusals.front();
    EXPECT_EQ(beside_named("state.before-restore").size(), 1U);
    EXPECT_EQ(head_of_file(folder.file("state/stemma.db"))->size, 3U);
    EXPECT_TRUE(App::open(settings()));
}

TEST_F(Backup, says_which_settings_are_not_for_everybody) {
    fs::permissions(main_file(), fs::perms::owner_read | fs::perms::owner_write);
    made(true);
    for (const char* name : {"state", "stemma.yaml", "conf.d"}) fs::remove_all(folder.file(name));
    const RestoreReport report = restored(restoring());
    ASSERT_TRUE(report.done());
    EXPECT_EQ(mode_of(main_file()), 0600U);
    EXPECT_TRUE(any_says(report.notes, "stemma.yaml is not for everybody"));
    EXPECT_EQ(mode_of(folder.file("conf.d")) & 0055U, 0055U) << "the daemon's user must get at the settings";
}

TEST_F(Backup, is_not_restored_under_a_running_daemon) {
    made();
    const auto app = App::open(settings());
    ASSERT_TRUE(app);
    RestoreOptions options = restoring();
    options.force = true;
    EXPECT_EQ(restore_backup(options, {}).error().code, Errc::unavailable);
}

TEST_F(Backup, changes_nothing_in_a_dry_run) {
    made();
    RestoreOptions options = restoring();
    options.force = options.dry_run = true;
    const RestoreReport report = restored(options);
    EXPECT_TRUE(report.done());
    EXPECT_EQ(report.aside.size(), 1U);
    EXPECT_TRUE(beside_named("before-restore").empty());
}

TEST_F(Backup, without_the_key_asks_for_it_and_no_new_one_is_made) {
    made();
    const RestoreReport report = restored(into("elsewhere"));
    EXPECT_TRUE(any_says(report.notes, "put ledger.key (mode 0600)"));
    const auto loaded = config::load_settings(report.settings_file);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(App::open(*loaded).error().hint, kOldKeyBack);
    EXPECT_EQ(init(report.settings_file).error().code, Errc::conflict);
    fs::copy_file(folder.file("state/ledger.key"), folder.file("elsewhere/state/ledger.key"));
    EXPECT_TRUE(App::open(*loaded));
}

// --- the rule that no rollback goes unnoticed ------------------------------------------------------------------------------------------

TEST_F(Backup, is_refused_when_later_entries_were_signed) {
    made();
    record(2);
    RestoreOptions options = restoring();
    options.force = true;
    const RestoreReport report = restored(options);
    EXPECT_FALSE(report.done());
    EXPECT_TRUE(any_says(report.refusals, "signs 5 entries, the backup has 3: entries 3 to 4 are not in it and would be lost"));
    EXPECT_TRUE(beside_named("before-restore").empty());
    // The database in the way says the same where its checkpoint outside is gone.
    fs::rename(folder.file("state/ledger.checkpoint"), folder.file("kept.checkpoint"));
    EXPECT_TRUE(any_says(restored(options).refusals, "stemma.db: signs 5 entries"));
    // On a new machine the checkpoint that was kept elsewhere says the same.
    options = into("elsewhere");
    options.from.checkpoint = folder.file("kept.checkpoint");
    EXPECT_FALSE(restored(options).done());
}

TEST_F(Backup, is_restored_with_a_loss_for_a_reason_that_the_ledger_then_says_once) {
    made();
    record(2);
    const std::string lost = text_of(folder.file("state/ledger.checkpoint"));
    RestoreOptions options = restoring();
    options.force = options.accept_loss = true;
    options.reason = "";
    EXPECT_EQ(restore_backup(options, {}).error().code, Errc::invalid_input);
    options.reason = "disk lost";
    const RestoreReport report = restored(options);
    ASSERT_TRUE(report.done());
    // Checkpoint and database both say so; people are told once.
    EXPECT_EQ(std::ranges::count_if(report.notes, [](const std::string& note) { return note.contains("are lost"); }), 1);
    EXPECT_EQ(text_of(folder.file("state/ledger.checkpoint.lost-5")), lost);
    EXPECT_EQ(head_of_file(folder.file("state/stemma.db"))->size, 3U);
    for (int start = 0; start < 2; ++start) {
        const auto app = App::open(settings());
        ASSERT_TRUE(app) << app.error().text();
        const http::Response head = (*app)->router().handle({"GET", "/api/v1/ledger", {}, {}, {}, {}, {}});
        EXPECT_TRUE(head.body.contains(R"("size":4)")) << head.body;
        const http::Response entry = (*app)->router().handle({"GET", "/api/v1/ledger/entries/3", {}, {}, {}, {}, {}});
        for (const char* part : {"restored", "entriesSignedBefore", "disk lost", "user:ada"})
            EXPECT_TRUE(entry.body.contains(part)) << entry.body;
    }
    EXPECT_FALSE(fs::exists(folder.file("state/accepted-loss.json")));
}

TEST_F(Backup, records_a_loss_once_when_the_process_ended_between_entry_and_clean_up) {
    const AcceptedLoss loss{3, 5, std::string(64, 'a'), "note\n", {0}, "ada", "disk lost"};
    write("state/accepted-loss.json", loss_text(loss));
    int recorded = 0;
    const auto record_it = [&](const SystemChange&, const std::string&) -> Result<void> {
        ++recorded;
        return {};
    };
    ASSERT_TRUE(record_accepted_loss(folder.file("state"), 4, record_it));  // the entry is there, the file was not removed
    EXPECT_EQ(recorded, 0);
    EXPECT_FALSE(fs::exists(folder.file("state/accepted-loss.json")));
    write("state/accepted-loss.json", loss_text(loss));
    ASSERT_TRUE(record_accepted_loss(folder.file("state"), 3, record_it));
    EXPECT_EQ(recorded, 1);
    ASSERT_TRUE(record_accepted_loss(folder.file("state"), 4, record_it));
    EXPECT_EQ(recorded, 1);
    write("state/accepted-loss.json", "{");
    EXPECT_FALSE(record_accepted_loss(folder.file("state"), 4, record_it));
}

TEST_F(Backup, is_refused_beside_a_checkpoint_of_another_ledger) {
    write("stemma.yaml", "state: {folder: state}\nledger: {checkpoint_file: outside.checkpoint}\n");
    record(1);
    made(true);
    fs::rename(folder.file("state"), folder.file("old-state"));
    write("outside.checkpoint", "no note\n");
    EXPECT_TRUE(any_says(restored(restoring()).refusals, "is no checkpoint of this ledger"));
    fs::remove(folder.file("outside.checkpoint"));
    EXPECT_TRUE(restored(restoring()).done());
    EXPECT_TRUE(fs::exists(folder.file("outside.checkpoint")));
}

}  // namespace
}  // namespace stemma::app
