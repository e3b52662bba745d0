// What works on the files alone: init, doctor, verify, plugin check.
#include "core/app/offline.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/app/app.hpp"
#include "core/app/parts.hpp"
#include "tests/unit/app/new_stemma.hpp"

namespace stemma::app {
namespace {

using Level = DoctorLine::Level;

class OfflineWork : public NewStemma {
protected:
    void record_one() const {
        const auto store = open_store(settings(), false);
        ASSERT_TRUE(store) << store.error().text();
        auto seal = open_seal(settings());
        ASSERT_TRUE(seal) << seal.error().text();
        lineage::Index index;
        const FixedClock clock;
        engine::Appender appender{**store, index, clock, *std::move(seal)};
        ASSERT_TRUE(appender.load());
        const auto done = appender.run([](engine::Appending& tx) -> Result<void> {
            Entry entry;
            entry.actor = "ada";
            entry.body = SystemChange{"plugins", "loaded", {}};
            const auto added = tx.add(std::move(entry));
            return added ? Result<void>{} : std::unexpected(added.error());
        });
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] Result<PluginCheck> checked(const std::string& options) const { return check_plugin(settings(), plugin(), options); }
};

TEST_F(OfflineWork, makes_a_new_stemma_without_the_passwords_of_its_sources) {
    configure(kSecretSource);
    const auto made = init(main_file());
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_TRUE(std::filesystem::exists(folder.file("state/ledger.key")));
}

TEST_F(OfflineWork, lets_the_doctor_look_at_the_rest_when_a_password_is_missing) {
    configure(kSecretSource);
    ASSERT_TRUE(init(main_file()));
    const std::vector<DoctorLine> lines = doctor(main_file());
    const auto has = [&](Level level, std::string_view area) {
        return std::ranges::any_of(lines, [&](const DoctorLine& line) { return line.level == level && line.area == area; });
    };
    EXPECT_TRUE(has(Level::error, "configuration"));  // the variable, by its place
    EXPECT_TRUE(has(Level::ok, "state"));
    EXPECT_TRUE(has(Level::note, "plugins, erp"));  // what was not looked at
    EXPECT_FALSE(has(Level::ok, "plugins"));
}

TEST_F(OfflineWork, calls_a_file_that_is_no_database_a_ledger_that_does_not_verify) {
    configure("");
    ASSERT_TRUE(init(main_file()));
    write("state/stemma.db", std::string(8192, 'x'));
    const auto report = verify_ledger(settings(), std::nullopt, std::nullopt, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(report->ok());
    EXPECT_EQ(report->findings.front().text.substr(0, 14), "file damaged: ");
}

TEST_F(OfflineWork, fails_to_verify_what_is_not_there) {
    configure("");
    ASSERT_TRUE(init(main_file()));
    EXPECT_FALSE(verify_ledger(settings(), std::nullopt, std::nullopt, {}));
}

TEST_F(OfflineWork, leaves_no_half_of_a_file_that_does_not_fit) {
    const auto usual = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{100, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto made = init(main_file());
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)std::signal(SIGXFSZ, usual);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::storage);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(OfflineWork, finds_that_the_outside_checkpoint_is_missing_but_not_of_a_copy) {
    configure("");
    ASSERT_TRUE(init(main_file()));
    record_one();
    const auto whole = verify_ledger(settings(), std::nullopt, std::nullopt, {});
    ASSERT_TRUE(whole) << whole.error().text();
    EXPECT_TRUE(whole->ok());
    EXPECT_TRUE(whole->notes.empty());
    EXPECT_EQ(whole->entries, 1U);

    const std::filesystem::path outside = settings().ledger.checkpoint_file;
    ASSERT_TRUE(std::filesystem::remove(outside));
    const auto missing = verify_ledger(settings(), std::nullopt, std::nullopt, {});
    ASSERT_TRUE(missing) << missing.error().text();
    ASSERT_EQ(missing->findings.size(), 1U);
    EXPECT_EQ(missing->findings.front().text, "the checkpoint outside the database (" + outside.string() +
                                                  ") is missing: that entries were cut off at the end cannot be excluded");

    const auto copy = verify_ledger(settings(), settings().store.file, std::nullopt, {});
    ASSERT_TRUE(copy) << copy.error().text();
    EXPECT_TRUE(copy->ok());
    EXPECT_EQ(copy->notes.size(), 1U);
}

TEST_F(OfflineWork, finds_the_parts_that_settings_name_in_vain) {
    const std::string plugins = "plugins: {directory: plugins, enabled: [{name: lot}";
    configure(plugins + "]}\ndaemon: {address: 127.0.0.2}\n");
    EXPECT_TRUE(check_parts(settings()).errors.empty());
    EXPECT_TRUE(check_parts(settings()).warnings.empty());
    configure(
        plugins +
        ", {name: none, data: [none.yaml]}, {name: off, enabled: false}]}\n"
        "daemon: {address: 0.0.0.0}\n"
        "erp: {mappings: [erp], sources: [{name: a, mapping: none, connection: 'sqlite:x'}, {name: b, mapping: m, connection: 'oracle:x'},"
        " {name: c, mapping: none, connection: 'oracle:x', enabled: false}]}\n");
    std::filesystem::create_directory(folder.file("erp"));
    std::filesystem::copy_file(STEMMA_SOURCE_DIR "/config/erp/tryton-6.0.yaml", folder.file("erp/m.yaml"));
    const PartsCheck check = check_parts(settings());
    ASSERT_EQ(check.errors.size(), 4U);
    EXPECT_EQ(check.errors[0].message, "there is no plugin 'none' in " + folder.file("plugins"));
    EXPECT_EQ(check.errors[1].message, "the data file " + folder.file("none.yaml") + " is not there");
    EXPECT_EQ(check.errors[2].message, "there is no mapping 'none'");
    EXPECT_NE(check.errors[3].message.find("oracle"), std::string::npos) << check.errors[3].message;
    for (const Error& error : check.errors) EXPECT_NE(error.where.find("stemma.yaml:"), std::string::npos) << error.text();
    EXPECT_EQ(check.warnings.size(), 1U);
}

TEST_F(OfflineWork, says_once_that_another_key_signed_the_ledger) {
    configure("");
    ASSERT_TRUE(init(main_file()));
    record_one();
    record_one();
    const auto own = read_public_key(settings());
    ASSERT_TRUE(own);
    const std::string other = key_text({own->name, SigningKey::generate().public_key()});
    const auto id = [](const std::string& key) { return key.substr(0, key.find('+') + 9); };
    const auto report = verify_ledger(settings(), std::nullopt, other, {});
    ASSERT_TRUE(report) << report.error().text();
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings.front().text, "signed by " + id(key_text(*own)) + ", not by the key you gave (" + id(other) + ")");
    EXPECT_TRUE(verify_ledger(settings(), std::nullopt, key_text(*own), {})->ok());
}

class DoctorOfALedger : public OfflineWork {
protected:
    void SetUp() override {
        configure("");
        ASSERT_TRUE(init(main_file()));
        record_one();
    }
    /// Level and message of each line about the ledger.
    [[nodiscard]] std::vector<std::pair<Level, std::string>> ledger_lines() const {
        std::vector<std::pair<Level, std::string>> out;
        for (const DoctorLine& line : doctor(main_file()))
            if (line.area == "ledger") out.emplace_back(line.level, line.message);
        return out;
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream in{folder.file(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    void expect_refused() const {
        const auto app = App::open(settings());
        EXPECT_FALSE(app) << "the daemon takes it";
    }
};

TEST_F(DoctorOfALedger, finds_nothing_where_the_daemon_starts) {
    const auto lines = ledger_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front(), (std::pair{Level::ok, std::string{"1 entry verified, newest checkpoint signed by stemma.example/ledger"}}));
}

TEST_F(DoctorOfALedger, finds_a_changed_entry) {
    std::string bytes = content("state/stemma.db");
    ASSERT_NE(bytes.find("\"ada\""), std::string::npos);
    for (std::size_t at = bytes.find("\"ada\""); at != std::string::npos; at = bytes.find("\"ada\"")) bytes.replace(at, 5, "\"adb\"");
    write("state/stemma.db", bytes);
    const auto lines = ledger_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().first, Level::error);
    EXPECT_NE(lines.front().second.find("entry 0 was changed"), std::string::npos) << lines.front().second;
    expect_refused();
}

TEST_F(DoctorOfALedger, finds_an_older_database_and_writes_nothing) {
    const std::string older = content("state/stemma.db");
    record_one();
    const std::string outside = content("state/ledger.checkpoint");
    write("state/stemma.db", older);
    const auto lines = ledger_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().first, Level::error);
    EXPECT_NE(lines.front().second.find("signs 2 entries, the ledger has 1"), std::string::npos) << lines.front().second;
    EXPECT_EQ(content("state/ledger.checkpoint"), outside);
    expect_refused();
}

TEST_F(DoctorOfALedger, warns_of_a_missing_checkpoint_and_does_not_write_it) {
    ASSERT_TRUE(std::filesystem::remove(folder.file("state/ledger.checkpoint")));
    const auto lines = ledger_lines();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].first, Level::warning);
    EXPECT_EQ(lines[1].first, Level::ok);
    EXPECT_FALSE(std::filesystem::exists(folder.file("state/ledger.checkpoint")));
}

TEST_F(DoctorOfALedger, finds_a_missing_database_and_another_key) {
    std::filesystem::rename(folder.file("state/ledger.key"), folder.file("state/old.key"));
    std::filesystem::rename(folder.file("state/ledger.pub"), folder.file("state/old.pub"));
    ASSERT_TRUE(init(main_file()));
    EXPECT_EQ(ledger_lines().front().first, Level::error);
    expect_refused();
    std::filesystem::rename(folder.file("state/old.pub"), folder.file("state/ledger.pub"));
    EXPECT_EQ(ledger_lines().front().second, "is not the public half of ledger.key");
    expect_refused();
    std::filesystem::rename(folder.file("state/old.key"), folder.file("state/ledger.key"));
    std::filesystem::remove(folder.file("state/stemma.db"));
    const auto lines = doctor(main_file());
    EXPECT_TRUE(std::ranges::any_of(lines, [](const DoctorLine& line) { return line.level == Level::error && line.area == "store"; }));
    expect_refused();
}

/// A folder for temporary files of the test's own, and in it one that somebody made to be taken for the doctor's.
class DoctorBesideOthers : public OfflineWork {
protected:
    void SetUp() override {
        namespace fs = std::filesystem;
        configure("plugins: {directory: plugins, enabled: [{name: lot}]}\n");
        ASSERT_TRUE(init(main_file()));
        fs::create_directories(foreseen());
        fs::permissions(foreseen(), fs::perms::all);
        ::setenv("TMPDIR", folder.file("tmp").c_str(), 1);
    }
    void TearDown() override { ::unsetenv("TMPDIR"); }
    [[nodiscard]] std::filesystem::path foreseen() const { return folder.file("tmp/stemma-doctor-" + std::to_string(::getpid())); }
    [[nodiscard]] std::vector<DoctorLine> plugin_lines() const {
        std::vector<DoctorLine> lines = doctor(main_file());
        std::erase_if(lines, [](const DoctorLine& line) { return line.area != "plugins"; });
        return lines;
    }
};

TEST_F(DoctorBesideOthers, loads_no_plugin_from_a_folder_that_was_there_already) {
    std::ofstream{foreseen() / "theirs"} << "x";
    const std::vector<DoctorLine> lines = plugin_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().level, Level::ok) << lines.front().message;
    EXPECT_TRUE(std::filesystem::exists(foreseen() / "theirs"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.file("tmp")}, {}), 1) << "its own is gone";
}

TEST_F(DoctorBesideOthers, says_so_when_no_folder_can_be_made) {
    ::setenv("TMPDIR", folder.file("none").c_str(), 1);
    const std::vector<DoctorLine> lines = plugin_lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().level, Level::error);
}

TEST_F(OfflineWork, checks_a_plugin_with_its_options) {
    configure("");
    const auto well = checked("schemes: [{name: lot}]");
    ASSERT_TRUE(well) << well.error().text();
    EXPECT_TRUE(well->passed);
    const auto wrong = checked("schemes: []\nshemes: 1\n");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Errc::config);
    EXPECT_NE(wrong.error().message.find("PLUGIN_OPTIONS_INVALID"), std::string::npos) << wrong.error().text();
    for (const char* unreadable : {"[1, 2]", "a: [1"}) EXPECT_EQ(checked(unreadable).error().code, Errc::invalid_input) << unreadable;
}

}  // namespace
}  // namespace stemma::app
