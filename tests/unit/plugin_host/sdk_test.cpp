// The SDK's own reader: a plugin's options and data are JSON, and nothing half right may pass.
#include "stemma/plugin/sdk.hpp"

#include <gtest/gtest.h>

namespace stemma::sdk {
namespace {

std::string why_not(std::string_view text) {
    try {
        (void)Json::parse(text);
    } catch (const BadOption& error) {
        return error.what();
    }
    return {};
}

TEST(SdkJson, reads_every_kind_of_value) {
    const Json json = Json::parse(R"( {"a": [1, -2.50e+3, true, false, null, "x"], "b": {"c": {}}, "d": []} )");
    ASSERT_EQ(json.at("a").items().size(), 6U);
    EXPECT_EQ(json.at("a").items()[0].integer(), 1);
    EXPECT_EQ(json.at("a").items()[1].number(), "-2.50e+3");
    EXPECT_TRUE(json.at("a").items()[2].flag());
    EXPECT_FALSE(json.at("a").items()[3].flag());
    EXPECT_TRUE(json.at("a").items()[4].is_null());
    EXPECT_EQ(json.at("a").items()[5].text(), "x");
    EXPECT_EQ(json.at("b").at("c").path(), "/b/c");
    EXPECT_EQ(json.at("a").items()[3].path(), "/a/3");
    EXPECT_TRUE(json.at("d").items().empty());
    EXPECT_EQ(json.find("e"), nullptr);
}

TEST(SdkJson, reads_escapes_and_characters_beyond_the_first_plane) {
    EXPECT_EQ(Json::parse(R"("\"\\\/\b\f\n\r\t")").text(), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(Json::parse(R"("\u0041\u00e9\u20AC\ud83d\ude00")").text(), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(SdkJson, refuses_what_rfc_8259_does_not_allow) {
    for (const char* text : {"",
                             "  ",
                             "{",
                             "[",
                             "[1,]",
                             "{\"a\":1,}",
                             "{a:1}",
                             "01",
                             "-",
                             "1.",
                             ".5",
                             "+1",
                             "1e",
                             "tru",
                             "nul",
                             "'a'",
                             "\"a",
                             "\"\\x\"",
                             "\"\\u12g4\"",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\u0041\"",
                             "\"\\u0000\"",
                             "\"\n\"",
                             "1 2",
                             "{\"a\" 1}",
                             "[1 2]",
                             "NaN",
                             "{\"a\":1,\"a\":2}",
                             "//x\n1"})
        EXPECT_NE(why_not(text), "") << text;
}

TEST(SdkJson, names_line_and_column) {
    EXPECT_EQ(why_not("{\n  \"a\": tru\n}"), "line 2, column 8: a value was expected");
    EXPECT_EQ(why_not("{\"a\":1,\"a\":2}"), "line 1, column 11: key 'a' stands twice");
}

TEST(SdkJson, takes_64_levels_and_refuses_one_more) {
    const auto nested = [](int levels) {
        return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
    };
    EXPECT_EQ(why_not(nested(65)), "") << "the outermost list stands at level 0";
    EXPECT_NE(why_not(nested(66)), "");
}

TEST(SdkJson, whole_numbers_fit_64_bits_or_are_refused) {
    EXPECT_EQ(Json::parse("9223372036854775807").integer(), INT64_MAX);
    EXPECT_EQ(Json::parse("-9223372036854775808").integer(), INT64_MIN);
    EXPECT_THROW((void)Json::parse("9223372036854775808").integer(), BadOption);
    EXPECT_THROW((void)Json::parse("1.0").integer(), BadOption);
    EXPECT_THROW((void)Json::parse("1e2").integer(), BadOption);
}

TEST(SdkJson, a_wrong_type_is_named_with_its_path) {
    const Json json = Json::parse(R"({"a":[{"b":"x"}]})");
    try {
        (void)json.at("a").items()[0].at("b").integer();
        FAIL() << "a text was read as a number";
    } catch (const BadOption& error) {
        EXPECT_STREQ(error.what(), "/a/0/b must be a number");
    }
    EXPECT_THROW((void)json.at("z"), BadOption);
}

TEST(SdkValues, reading_another_type_or_a_null_throws) {
    EXPECT_EQ(Value::integer(7).as_integer(), 7);
    EXPECT_EQ(Value::quantity(5, "KGM").unit(), "KGM");
    EXPECT_THROW((void)Value::integer(7).as_text(), std::invalid_argument);
    EXPECT_THROW((void)Value::null(Type::text).as_text(), std::invalid_argument);
    EXPECT_NE(Value::integer(0), Value::flag(false));
}

}  // namespace
}  // namespace stemma::sdk
