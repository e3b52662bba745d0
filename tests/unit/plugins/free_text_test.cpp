// The scheme without a pattern: which texts pass, at the limits and one past them.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/plugins/schemes.hpp"

namespace stemma::pattern {
namespace {

TEST(FreeText, takes_letters_digits_and_symbols_of_every_script) {
    const SchemePtr lot = default_scheme("lot");
    for (const char* number :
         {"1", "L-2026/03", "a b", "\xC3\x98 12", "\xE6\x89\xB9\xE6\xAC\xA1", "\xF0\x9F\x8D\x8E", "007", "#$%&'()*+,-./:;<=>?@[]^_`{|}~"})
        EXPECT_EQ(verdict_on(*lot, number), "valid") << number;
}

TEST(FreeText, refuses_control_characters_and_broken_utf8_with_the_place) {
    const SchemePtr lot = default_scheme("lot");
    EXPECT_EQ(verdict_on(*lot,
                         "ab\x01"
                         "c"),
              "lot.characters@2+1");
    EXPECT_EQ(verdict_on(*lot, "ab\x7F"), "lot.characters@2+1");
    EXPECT_EQ(verdict_on(*lot,
                         "a\xC2\x85"
                         "b"),
              "lot.characters@1+1")
        << "C1 control U+0085";
    EXPECT_EQ(verdict_on(*lot,
                         "a\xC2\xA0"
                         "b"),
              "valid")
        << "U+00A0 is the first past C1";
    for (const char* broken : {"\xC0\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3", "\x80", "\xFF"})
        EXPECT_EQ(verdict_on(*lot, broken), "lot.characters@0+1");
    EXPECT_EQ(verdict_on(*lot, std::string("a\0b", 3)), "lot.characters@1+1");
}

TEST(FreeText, says_which_limit_a_number_too_long_passes) {
    const SchemePtr lot = default_scheme("lot");
    EXPECT_EQ(verdict_on(*lot, std::string(64, 'x')), "valid");
    EXPECT_EQ(verdict_on(*lot, std::string(65, 'x')), "lot.too_long@64+1");
    EXPECT_EQ(verdict_on(*lot, "  " + std::string(65, 'x') + " "), "lot.too_long@66+1");
    const auto remark = lot->check(std::string(65, 'x'));
    ASSERT_TRUE(remark);
    EXPECT_EQ(lot->reasons()[remark->reason].text, "lot number too long: 'lot' has at most 64 bytes");
    EXPECT_EQ(verdict_on(*lot, std::string(191, ' ') + std::string(64, 'x')), "valid") << "255 bytes as written";
    EXPECT_EQ(verdict_on(*lot, std::string(192, ' ') + std::string(64, 'x')), "lot.too_long@255+1");
}

TEST(FreeText, takes_its_limits_from_the_options) {
    const SchemePtr lot = scheme_of(R"({"name": "short-lot", "min_length": 3, "max_length": 5})", "lot");
    EXPECT_EQ(verdict_on(*lot, "ab"), "lot.too_short@2+0");
    EXPECT_EQ(verdict_on(*lot, "abc"), "valid");
    EXPECT_EQ(verdict_on(*lot, "abcde"), "valid");
    EXPECT_EQ(verdict_on(*lot, "abcdef"), "lot.too_long@5+1");
    EXPECT_EQ(verdict_on(*scheme_of(R"({"name": "t", "max_length": 255})"), std::string(255, 'x')), "valid");
    EXPECT_NE(refusal_of(R"({"name": "t", "max_length": 256})").find("1 to 255"), std::string::npos);
    EXPECT_NE(refusal_of(R"({"name": "t", "min_length": 6, "max_length": 5})").find("the least first"), std::string::npos);
}

TEST(FreeText, refuses_an_empty_number_and_one_of_blanks) {
    const SchemePtr serial = default_scheme("serial");
    EXPECT_EQ(verdict_on(*serial, ""), "serial.empty@0+0");
    EXPECT_EQ(verdict_on(*serial, " \t\r\n"), "serial.empty@0+4");
}

TEST(FreeText, normalises_as_its_options_say_and_keeps_leading_zeros) {
    EXPECT_EQ(default_scheme("serial")->normalise(" 00-aB \r\n"), "00-aB");
    const SchemePtr folded = scheme_of(R"({"name": "t", "normalise": {"case": "upper", "strip": " -"}})");
    EXPECT_EQ(folded->normalise(" 00-a B-"), "00AB");
    EXPECT_EQ(decoded(*folded, " 00-aB "), "number=00AB/00-aB");
    EXPECT_EQ(scheme_of(R"({"name": "t", "normalise": {"case": "lower", "trim": false}})")->normalise(" AB "), " ab ");
}

TEST(FreeText, gives_a_number_as_it_is_told) {
    const SchemePtr serial = default_scheme("serial");
    EXPECT_EQ(serial->format({0, {{"number", " A-7 "}}, 0}), "A-7");
    EXPECT_NE(serial->format({}).error().find("'number' is not given"), std::string::npos);
    EXPECT_NE(serial->format({0, {{"number", ""}}, 0}).error().find("empty"), std::string::npos);
    EXPECT_NE(serial->format({0, {{"nummer", "1"}}, 0}).error().find("it takes number"), std::string::npos);
    EXPECT_FALSE(serial->counter_max());
}

}  // namespace
}  // namespace stemma::pattern
