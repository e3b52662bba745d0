// What works on the files alone: init, doctor, verify, plugin check.
#include "core/app/offline.hpp"

#include <algorithm>

#include "tests/unit/app/new_stemma.hpp"

namespace stemma::app {
namespace {

using Level = DoctorLine::Level;

class OfflineWork : public NewStemma {
protected:
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
