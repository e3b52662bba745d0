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
    EXPECT_EQ(report->properties.size(), 12U);
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

TEST_F(Conformance, a_scheme_that_formats_no_numbers_passes_without_the_properties_of_formatted_ones) {
    const auto report = check(kZoo / "check_only.so");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->passed());
    std::vector<std::string> names;
    for (const PropertyResult& one : report->properties) names.push_back(one.property);
    EXPECT_EQ(names,
              (std::vector<std::string>{"the example is valid", "the example has sections", "what normalises to a valid number is valid",
                                        "numbers can be formatted from the example fields", "normalise is idempotent",
                                        "random bytes do no harm", "the same input gets the same answer", "time of a check"}));
    EXPECT_EQ(report->properties[3].outcome, PropertyResult::Outcome::skipped);
    EXPECT_NE(report->properties[3].detail.find("it does not format numbers"), std::string::npos) << report->properties[3].detail;
    EXPECT_NE(report->properties[3].detail.find("these numbers come from elsewhere"), std::string::npos);
}

TEST_F(Conformance, a_refusal_after_the_first_number_and_any_other_failure_of_format_fail) {
    for (const char* animal : {"breaks_off.so", "cannot_format.so"}) {
        const auto report = check(kZoo / animal);
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_EQ(failed(*report).at(0), "numbers can be formatted from the example fields") << animal;
    }
}

TEST_F(Conformance, a_check_that_refuses_what_normalises_to_a_valid_number_fails) {
    const auto report = check(kZoo / "strict.so");
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(failed(*report), std::vector<std::string>{"what normalises to a valid number is valid"});
}

TEST_F(Conformance, handshake_refusals_come_back_with_the_files_path_as_place) {
    const auto report = check(kZoo / "wrong_major.so");
    ASSERT_FALSE(report);
    expect_message(report.error(), "PLUGIN_ABI_MAJOR", "ABI 7.2");
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
