// `stemma plugin check`: what passes, what fails and by which property, what is refused.
#include <algorithm>

#include "core/plugin_host/files.hpp"
#include "core/plugin_host/plugin_check.hpp"
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

class Conformance : public PluginFolder {
protected:
    [[nodiscard]] Result<CheckReport> check(const fs::path& file) const { return check_plugin(file, want("x"), settings()); }
    [[nodiscard]] static std::vector<std::string> failed(const CheckReport& report) {
        std::vector<std::string> out;
        for (const PropertyResult& one : report.properties)
            if (one.outcome == PropertyResult::Outcome::failed) out.push_back(one.property);
        return out;
    }
};

TEST_F(Conformance, the_sample_plugin_passes) {
    const auto report = check(fs::path(STEMMA_BINARY_DIR) / "plugin_sample" / "sample.so");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(failed(*report), std::vector<std::string>{});
    EXPECT_TRUE(report->passed());
    EXPECT_EQ(report->plugin.id, "org.stemma.sample.ticket");
    EXPECT_EQ(report->plugin.offers, std::vector<std::string>{"scheme ticket"});
    EXPECT_EQ(report->properties.size(), 11U);
}

TEST_F(Conformance, rules_assessment_and_workflow_pass) {
    const auto report = check(kZoo / "beehive.so");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(failed(*report), std::vector<std::string>{});
}

TEST_F(Conformance, a_sloppy_plugin_is_told_each_broken_property_with_an_example) {
    const auto report = check(kZoo / "sloppy.so");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_FALSE(report->passed());
    EXPECT_EQ(failed(*report), (std::vector<std::string>{"formatted numbers are their own normal form", "formatted numbers do not repeat",
                                                         "a counter past the last is refused", "normalise is idempotent"}));
    const auto found =
        std::ranges::find(report->properties, std::string("formatted numbers are their own normal form"), &PropertyResult::property);
    EXPECT_EQ(found->subject, "scheme sloppy");
    EXPECT_NE(found->detail.find("'A7' becomes 'A7x'"), std::string::npos) << found->detail;
}

TEST_F(Conformance, handshake_refusals_come_back_with_the_files_path_as_place) {
    const auto report = check(kZoo / "wrong_major.so");
    ASSERT_FALSE(report);
    expect_message(report.error(), "PLUGIN_ABI_MAJOR", "ABI 7.1");
    EXPECT_EQ(report.error().where, (kZoo / "wrong_major.so").string());
    expect_message(check(kZoo / "aborts.so").error(), "PLUGIN_KILLED", "SIGABRT during self_check");
    expect_message(check(kZoo / "extra_export.so").error(), "PLUGIN_EXPORT_EXTRA", "tokenize");
    expect_message(check(root() / "none.so").error(), "PLUGIN_FILE_MISSING", "none.so");
}

TEST_F(Conformance, report_fits_its_schema) {
    auto schema_text = read_whole_file(fs::path(STEMMA_SOURCE_DIR) / "schemas/plugin/check-report.schema.json");
    ASSERT_TRUE(schema_text);
    const auto schema = config::Schema::compile(*schema_text, "the report");
    ASSERT_TRUE(schema) << schema.error().text();
    const auto report = check(kZoo / "sloppy.so");
    ASSERT_TRUE(report);
    const auto tree = config::read_yaml_text(report->to_json(), "report.json");
    ASSERT_TRUE(tree) << tree.error().text();
    for (const Error& mistake : schema->check(tree->root())) ADD_FAILURE() << mistake.text();
}

TEST_F(Conformance, report_survives_the_way_through_json) {
    const CheckReport report{{"org.x.y", "y", "1.0.0", "sum", "ab", "", "", {"stm.rules/0"}, {"rule a"}},
                             {{"rules", "p", PropertyResult::Outcome::skipped, "why \"not\""}}};
    const auto back = CheckReport::from_json(report.to_json());
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->to_json(), report.to_json());
    EXPECT_EQ(back->properties.front().detail, "why \"not\"");
    EXPECT_FALSE(CheckReport::from_json("{}"));
}

}  // namespace
}  // namespace stemma
