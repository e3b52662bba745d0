// Options of the numbering plugins: what is refused when they are read, and in which words; what the schema says.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "plugins/lot/options.hpp"
#include "plugins/pattern/numbering.hpp"
#include "tests/unit/plugins/schemes.hpp"

namespace stemma::pattern {
namespace {

struct Refused {
    const char* sections;
    const char* because;  // a part of the message
};

void expect_refused(std::initializer_list<Refused> cases) {
    for (const Refused& refused : cases) {
        const std::string why = refusal_of(R"({"name": "t", "sections": [)" + std::string(refused.sections) + "]}");
        EXPECT_NE(why.find(refused.because), std::string::npos) << refused.sections << "\ngot: '" << why << "'";
    }
}

TEST(PatternOptions, refuse_a_pattern_that_could_be_read_in_two_ways) {
    expect_refused(
        {{R"({"field": "a", "alphabet": "XY", "max_length": 2}, {"field": "b", "alphabet": "YZ", "max_length": 2})",
          "section 'a': its length varies and 'Y' may belong to it or to section 'b'"},
         {R"({"field": "a", "values": ["X", "XY"]}, {"field": "b", "alphabet": "YZ", "max_length": 2})", "'Y' may belong to it"},
         {R"({"attribute": "a", "codes": {"i": "1", "xi": "11"}}, {"sequence": true, "width": 2},
             {"field": "b", "alphabet": "A", "max_length": 2})",
          "'1' may belong to it or to section 'sequence'"},
         {R"({"field": "a", "alphabet": "XY", "max_length": 2}, {"fixed": "X"}, {"field": "b", "alphabet": "Z", "max_length": 2})",
          "'X' may belong to it or to section 'fixed'"}});
}

TEST(PatternOptions, refuse_a_section_that_makes_no_sense) {
    expect_refused({{R"({"field": "a", "values": ["X", "X"]})", "section 'a': value 'X' stands twice"},
                    {R"({"field": "a", "values": ["X", ""]})", "a value is empty"},
                    {R"({"field": "a"})", "needs 'values' or 'alphabet'"},
                    {R"({"field": "a", "alphabet": "ABA"})", "has 'A' twice"},
                    {R"({"field": "a", "alphabet": "AB", "exclude": "AB"})", "its alphabet is empty"},
                    {R"({"field": "a", "alphabet": "AB", "length": 2, "max_length": 3})", "both 'length' and a range"},
                    {R"({"field": "a", "alphabet": "AB", "min_length": 2})", "no 'max_length'"},
                    {R"({"field": "a", "alphabet": "AB", "min_length": 3, "max_length": 2})", "the least first"},
                    {R"({"field": "a", "values": ["X"], "length": 1})", "'length' does not belong to a section of kind 'field'"},
                    {R"({"field": "a", "alphabet": "\u00e9"})", "printable ASCII only"},
                    {R"({"fixed": "\u00e9"})", "only printable ASCII may stand in a pattern"},
                    {R"({"fixed": "A", "width": 2})", "'width' does not belong"},
                    {R"({"fixed": "A", "date": "yy"})", "both 'fixed' and 'date'"},
                    {R"({"name": "a"})", "needs one of fixed, date, field"},
                    {R"({"attribute": "a", "codes": {"x": "1", "y": "1"}})", "code '1' stands twice"},
                    {R"({"attribute": "a", "codes": {}})", "it has no codes"},
                    {R"({"sequence": true})", "lacks 'width'"},
                    {R"({"sequence": true, "width": 2, "alphabet": "A"})", "at least two characters"},
                    {R"({"sequence": true, "width": 20})", "holds more than 2^64 numbers; with 10 characters it may be at most 19"},
                    {R"({"sequence": true, "width": 17, "alphabet": "hex"})", "at most 16"},
                    {R"({"sequence": true, "width": 1}, {"name": "more", "sequence": true, "width": 1})", "at most one sequence"},
                    {R"({"field": "a", "values": ["X"]}, {"field": "a", "values": ["Y"]})", "two sections have this name"},
                    {R"({"date": "month_letter", "letters": "ABC"})", "twelve characters"},
                    {R"({"date": "month_letter", "letters": "AABCDEFGHJKL"})", "has 'A' twice"},
                    {R"({"date": "yyy"})", "'yyy' is no part of a date"},
                    {"", "at least one section"}});
}

TEST(PatternOptions, refuse_parts_of_a_date_that_contradict_each_other) {
    expect_refused({{R"({"date": "yy"}, {"date": "yyyy"})", "already has this part of the date"},
                    {R"({"date": "mm"}, {"date": "month_letter"})", "already has this part of the date"},
                    {R"({"date": "ww"}, {"date": "mm"})", "a week or a day of the year cannot stand beside"},
                    {R"({"date": "ddd"}, {"date": "dd"})", "a week or a day of the year cannot stand beside"},
                    {R"({"date": "ww"}, {"date": "ddd"})", "a week or a day of the year cannot stand beside"}});
}

TEST(PatternOptions, refuse_a_check_that_cannot_be_reckoned) {
    expect_refused({{R"({"field": "a", "values": ["X1"]}, {"check": "luhn"})", "luhn cannot cover section 'a', which may hold 'X'"},
                    {R"({"field": "a", "alphabet": "a1"}, {"check": "mod37_36"})", "mod37_36 cannot cover section 'a', which may hold 'a'"},
                    {R"({"sequence": true, "width": 2}, {"check": "mod11"}, {"name": "c2", "check": "luhn", "over": ["check"]})",
                     "which may hold 'X'"},
                    {R"({"sequence": true, "width": 2}, {"check": "luhn", "over": ["sequense"]})", "there is no section 'sequense'"},
                    {R"({"fixed": "1"}, {"fixed": "2"}, {"check": "luhn", "over": ["fixed"]})", "several sections are called 'fixed'"},
                    {R"({"sequence": true, "width": 2}, {"check": "luhn", "over": ["check"]})", "only if that one stands before it"},
                    {R"({"check": "luhn"})", "there is nothing to check"},
                    {R"({"check": "crc"})", "'crc' is no check method"},
                    {R"({"sequence": true, "width": 2}, {"check": "mod43"})", "may hold a space, which is trimmed"}});
}

TEST(PatternOptions, allow_one_section_to_take_what_is_left_wherever_it_stands) {
    EXPECT_EQ(
        refusal_of(R"({"name": "t", "sections": [{"field": "a", "alphabet": "12", "max_length": 9}, {"sequence": true, "width": 3}]})"),
        "");
    EXPECT_EQ(
        refusal_of(R"({"name": "t", "sections": [{"sequence": true, "width": 3}, {"field": "a", "values": ["1", "11"]}, {"date": "yy"}]})"),
        "");
}

TEST(PatternOptions, refuse_what_normalising_would_destroy) {
    const auto why = [](const char* sections, const char* normalise) {
        return refusal_of(R"({"name": "t", "sections": [)" + std::string(sections) + R"(], "normalise": )" + normalise + "}");
    };
    EXPECT_NE(why(R"({"fixed": "A-"})", R"({"strip": "-"})").find("it may hold '-', which normalise.strip removes"), std::string::npos);
    EXPECT_NE(why(R"({"fixed": "a"})", R"({"case": "upper"})").find("lower-case letters"), std::string::npos);
    EXPECT_NE(why(R"({"fixed": "A"})", R"({"case": "lower"})").find("upper-case letters"), std::string::npos);
    EXPECT_NE(why(R"({"fixed": " A"})", "{}").find("set normalise.trim to false"), std::string::npos);
    EXPECT_EQ(why(R"({"fixed": " A"})", R"({"trim": false})"), "");
    EXPECT_EQ(why(R"({"fixed": "A"}, {"fixed": " "}, {"fixed": "B"})", "{}"), "");
}

TEST(PatternOptions, hold_numbers_of_255_bytes_and_no_more) {
    const auto with = [](int length) {
        return R"({"name": "t", "sections": [{"fixed": "X"}, {"field": "a", "alphabet": "AB", "length": )" + std::to_string(length) + "}]}";
    };
    EXPECT_EQ(refusal_of(with(254)), "");
    EXPECT_NE(refusal_of(with(255)).find("could be 256 bytes long; the limit is 255"), std::string::npos);
    EXPECT_EQ(verdict_on(*scheme_of(with(254)), "X" + std::string(254, 'A')), "valid");
    EXPECT_EQ(verdict_on(*scheme_of(with(254)), "X" + std::string(255, 'A')), "serial.too_long@255+1");
}

TEST(PatternOptions, refuse_an_example_that_the_pattern_does_not_take) {
    EXPECT_EQ(refusal_of(R"({"name": "t", "sections": [{"date": "yy"}], "example": "2X"})"),
              "scheme 't': example '2X' is not valid: section 'yy' must be 2 digits, 00 to 99");
    EXPECT_EQ(refusal_of(R"({"name": "t", "sections": [{"date": "yy"}], "example": "27"})"), "");
    EXPECT_NE(refusal_of(R"({"name": "t", "max_length": 2, "example": "abc"})").find("is not valid"), std::string::npos);
    EXPECT_NE(refusal_of(R"({"name": "t", "max_length": 2, "sections": [{"date": "yy"}]})").find("has no effect beside 'sections'"),
              std::string::npos);
}

TEST(PatternOptions, give_every_scheme_an_example_and_a_summary) {
    const SchemePtr scheme = sections_of(R"({"field": "plant", "values": ["BER"]}, {"date": "yy"}, {"sequence": true, "width": 3})");
    EXPECT_EQ(scheme->example(), "BER26001");
    EXPECT_EQ(scheme->summary(), "serial number: plant, yy, sequence (case kept, without blanks at the ends, leading zeros kept)");
}

void expect_described(const sdk::Json& schema) {
    if (schema.type() == sdk::Json::Type::array)
        for (const sdk::Json& item : schema.items()) expect_described(item);
    if (schema.type() != sdk::Json::Type::object) return;
    const sdk::Json* properties = schema.find("properties");
    if (properties != nullptr && properties->type() == sdk::Json::Type::object) {
        for (const sdk::Json::Member& property : properties->members()) {
            EXPECT_NE(property.value.find("description"), nullptr) << property.value.path();
        }
    }
    for (const sdk::Json::Member& member : schema.members()) expect_described(member.value);
}

TEST(PatternOptions, have_a_schema_that_describes_each_key) {
    expect_described(sdk::Json::parse(joined<kSchemaHead, kSchemaTail>));
    const sdk::Json lot = sdk::Json::parse(joined<kSchemaHead, lot::kAttributesSchema, kSchemaTail>);
    expect_described(lot);
    EXPECT_NE(lot.at("properties").at("schemes").at("items").at("properties").find("attributes"), nullptr);
}

}  // namespace
}  // namespace stemma::pattern
