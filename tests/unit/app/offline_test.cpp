// What works on the files alone: init, doctor, verify, plugin check.
#include "core/app/offline.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/app/parts.hpp"
#include "tests/unit/app/new_stemma.hpp"

namespace stemma::app {
namespace {

using Level = DoctorLine::Level;

class FixedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant{1'700'000'000'000'000}; }
};

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
