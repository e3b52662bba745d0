// A list of schemes as the numbering capability: the plugin's face of plugins/pattern.
#include "plugins/pattern/numbering.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/plugins/schemes.hpp"

namespace stemma::pattern {
namespace {

struct Serial final : SchemeList {
    explicit Serial(std::string_view options)
        : SchemeList(
              sdk::Config(sdk::Json::parse(options), {}, nullptr), [](const sdk::Json& scheme) { return read_scheme(scheme, "serial"); },
              default_scheme("serial")) {}
};

constexpr const char* kTwo = R"({"schemes": [
  {"name": "plain"},
  {"name": "checked", "sections": [{"field": "line", "alphabet": "12"}, {"sequence": true, "width": 2}, {"check": "luhn"}]}]})";

TEST(SchemeList, offers_free_text_under_its_own_name_without_options) {
    const Serial serial("{}");
    ASSERT_EQ(serial.schemes().size(), 1U);
    const sdk::Scheme scheme = serial.schemes()[0];
    EXPECT_EQ(scheme.name, "serial");
    EXPECT_FALSE(scheme.has_counter);
    EXPECT_EQ(serial.check(0, scheme.example).verdict, STM_VALID);
    EXPECT_EQ(serial.check(0, "").verdict, STM_INVALID);
}

TEST(SchemeList, describes_each_scheme_with_fields_that_work) {
    const Serial serial(kTwo);
    const auto schemes = serial.schemes();
    ASSERT_EQ(schemes.size(), 2U);
    EXPECT_TRUE(schemes[1].has_counter);
    EXPECT_EQ(schemes[1].counter_max, 99U);
    const auto made = serial.format(1, {schemes[1].fields, 42, 0});
    ASSERT_TRUE(std::holds_alternative<std::string>(made));
    // line "2" (its alphabet's last), 42; Luhn of 242: 2*2=4 + 4 + 2*2=4 -> 12 -> 8.
    EXPECT_EQ(std::get<std::string>(made), "2428");
    EXPECT_EQ(serial.check(1, "2428").verdict, STM_VALID);
    const sdk::CheckResult wrong = serial.check(1, "2429");
    EXPECT_EQ(wrong.verdict, STM_INVALID);
    EXPECT_EQ(schemes[1].reasons[wrong.reason].code, "serial.check_digit");
    EXPECT_EQ(wrong.offset, 3U);
    EXPECT_EQ(wrong.length, 1U);
    EXPECT_EQ(serial.decode(1, "2428")[1].value, "42");
    EXPECT_EQ(serial.normalise(1, " 2428 "), "2428");
}

TEST(SchemeList, refuses_a_counter_that_does_not_fit_and_says_so) {
    const Serial serial(kTwo);
    const auto refused = serial.format(1, {{{"line", "1"}}, 100, 0});
    ASSERT_TRUE(std::holds_alternative<sdk::Refused>(refused));
    EXPECT_NE(std::get<sdk::Refused>(refused).why.find("the last number of this sequence is 99"), std::string::npos);
}

TEST(SchemeList, refuses_two_schemes_of_one_name) {
    EXPECT_THROW(Serial(R"({"schemes": [{"name": "a"}, {"name": "a"}]})"), sdk::BadOption);
}

TEST(SchemeList, checks_itself_with_its_own_example_values) { EXPECT_NO_THROW(Serial(kTwo).self_check()); }

}  // namespace
}  // namespace stemma::pattern
