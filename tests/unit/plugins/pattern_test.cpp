// Patterns at work: making numbers, taking them apart, saying what is wrong and where. Which patterns are refused is pattern_options_test.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/unit/plugins/schemes.hpp"

namespace stemma::pattern {
namespace {

constexpr const char* kAcme = R"({
  "name": "acme-serial",
  "sections": [
    {"field": "plant", "values": ["BER", "MUC"]}, {"date": "yy"}, {"date": "ww"},
    {"field": "line", "alphabet": "123456789", "length": 1},
    {"sequence": true, "width": 5, "alphabet": "base36", "exclude": "IOQ"},
    {"check": "mod37_36"}],
  "normalise": {"case": "upper", "strip": " -"}
})";

// 33 characters without I, O, Q, so counter 33 is "00010". The check characters were worked out apart from this code, by trying all
// 36 against the definition of ISO/IEC 7064 MOD 37,36.
constexpr const char* kAcmeNumber = "BER26101000106";

TEST(Pattern, makes_a_number_of_plant_year_week_line_sequence_and_check) {
    const SchemePtr acme = scheme_of(kAcme);
    EXPECT_EQ(acme->format({33, {{"plant", "BER"}, {"line", "1"}}, kMonday2MarchUs}), kAcmeNumber);
    EXPECT_EQ(acme->format({33, {{"plant", "ber"}, {"line", "1"}}, kMonday2MarchUs}), kAcmeNumber) << "a field is folded as the number is";
    EXPECT_EQ(verdict_on(*acme, kAcmeNumber), "valid");
    EXPECT_EQ(acme->counter_max(), 39'135'392U) << "33^5 - 1";
}

TEST(Pattern, gives_the_iso_weeks_year_around_new_year) {
    const SchemePtr acme = scheme_of(kAcme);
    const std::int64_t first_of_2027 = (20'514 + 305) * kMicrosPerDay;  // 2026-03-02 + 305 days, a Friday in week 53 of 2026
    EXPECT_EQ(acme->format({39'135'392, {{"plant", "MUC"}, {"line", "9"}}, first_of_2027}), "MUC26539ZZZZZ4");
    const SchemePtr calendar = sections_of(R"({"date": "yyyy"}, {"date": "mm"}, {"date": "dd"})");
    EXPECT_EQ(calendar->format({0, {}, first_of_2027}), "20270101");
}

TEST(Pattern, takes_a_number_apart_with_places_in_the_text_as_written) {
    const SchemePtr acme = scheme_of(kAcme);
    EXPECT_EQ(decoded(*acme, kAcmeNumber), "plant=BER/BER yy=2026/26 ww=10/10 line=1/1 sequence=33/00010 check=6/6");
    EXPECT_EQ(decoded(*acme, " ber-2610-1-0 0010-6\n"), "plant=BER/ber yy=2026/26 ww=10/10 line=1/1 sequence=33/0 0010 check=6/6");
    EXPECT_TRUE(acme->decode("BER26101000107").empty()) << "a wrong number has no parts";
}

TEST(Pattern, names_the_section_that_is_wrong_and_its_place) {
    const SchemePtr acme = scheme_of(kAcme);
    const std::pair<const char*, const char*> cases[] = {
        {"BERN26101000106", "serial.too_long@14+1"},
        {"BER2610100010", "serial.too_short@13+0"},
        {"", "serial.empty@0+0"},
        {" - ", "serial.empty@3+0"},
        {"HAM26101000106", "serial.section@0+3"},
        {"BERX6101000106", "serial.section@3+2"},
        {"BER26001000106", "serial.section@5+2"},  // week 00
        {"BER26541000106", "serial.section@5+2"},  // week 54
        {"BER25531000106", "serial.date@3+4"},     // 2025 has 52 weeks
        {"BER26100000106", "serial.section@7+1"},  // line 0 is not in the alphabet
        {"BER261010001I6", "serial.section@8+5"},  // I is excluded
        {"BER26101000107", "serial.check_digit@13+1"},
        {"BER26101000206", "serial.check_digit@13+1"},
        {"ber-26-10-1-00010-7", "serial.check_digit@18+1"},
        {"BER2610100010\xC3", "serial.section@13+1"},
    };
    for (const auto& [number, verdict] : cases) EXPECT_EQ(verdict_on(*acme, number), verdict) << number;
}

TEST(Pattern, says_in_words_what_a_section_wants) {
    const SchemePtr acme = scheme_of(kAcme);
    const auto text = [&](std::string_view number) { return acme->reasons()[acme->check(number)->reason].text; };
    EXPECT_EQ(text("HAM26101000106"), "section 'plant' must be one of BER, MUC");
    EXPECT_EQ(text("BER26541000106"), "section 'ww' must be 2 digits, 01 to 53");
    EXPECT_EQ(text("BER26101000107"), "the check 'check' does not match (mod37_36 over plant, yy, ww, line, sequence)");
    EXPECT_EQ(text(std::string(256, 'X')), "serial number too long: at most 255 bytes may be written");
}

TEST(Pattern, never_wraps_a_sequence_around) {
    const SchemePtr two = sections_of(R"({"sequence": true, "width": 2})");
    EXPECT_EQ(two->format({0, {}, 0}), "00");
    EXPECT_EQ(two->format({99, {}, 0}), "99");
    EXPECT_EQ(two->format({100, {}, 0}).error(),
              "section 'sequence': counter 100 does not fit 2 places: the last number of this sequence is 99");
    EXPECT_FALSE(two->format({UINT64_MAX, {}, 0}));
    EXPECT_EQ(two->counter_max(), 99U);
}

TEST(Pattern, counts_through_its_alphabet_in_the_alphabets_order) {
    const SchemePtr odd = sections_of(R"({"sequence": true, "width": 2, "alphabet": "2BA"})");
    std::string counted;
    for (std::uint64_t i = 0; i < 9; ++i) counted += *odd->format({i, {}, 0}) + " ";
    EXPECT_EQ(counted, "22 2B 2A B2 BB BA A2 AB AA ");
    EXPECT_EQ(decoded(*odd, "AB"), "sequence=7/AB");
}

TEST(Pattern, holds_the_largest_64_bit_sequence) {
    const SchemePtr hex = sections_of(R"({"sequence": true, "width": 16, "alphabet": "hex"})");
    EXPECT_EQ(hex->counter_max(), UINT64_MAX);
    EXPECT_EQ(hex->format({UINT64_MAX, {}, 0}), "FFFFFFFFFFFFFFFF");
    EXPECT_EQ(decoded(*hex, "FFFFFFFFFFFFFFFF"), "sequence=18446744073709551615/FFFFFFFFFFFFFFFF");
}

TEST(Pattern, writes_every_part_of_a_date) {
    const SchemePtr day_of_year = sections_of(R"({"date": "y"}, {"date": "ddd"})");
    EXPECT_EQ(day_of_year->format({0, {}, kMonday2MarchUs}), "6061");
    EXPECT_EQ(decoded(*day_of_year, "6061"), "y=6/6 ddd=061/061");
    const SchemePtr letter = sections_of(R"({"date": "yyyy"}, {"date": "month_letter"}, {"date": "dd"})");
    EXPECT_EQ(letter->format({0, {}, kMonday2MarchUs}), "2026C02");
    EXPECT_EQ(letter->format({0, {}, kMonday2MarchUs + 274 * kMicrosPerDay}), "2026M01") << "December; I is left out";
    EXPECT_EQ(decoded(*letter, "2026J30"), "yyyy=2026/2026 month_letter=09/J dd=30/30");
    EXPECT_EQ(verdict_on(*letter, "2026I30"), "serial.section@4+1");
    EXPECT_EQ(verdict_on(*letter, "2024B29"), "valid");
    EXPECT_EQ(verdict_on(*letter, "2026B29"), "serial.date@0+7");
    EXPECT_EQ(verdict_on(*sections_of(R"({"date": "ddd"}, {"date": "yyyy"})"), "3662026"), "serial.date@0+7");
    EXPECT_EQ(verdict_on(*sections_of(R"({"date": "ddd"}, {"date": "yyyy"})"), "3662024"), "valid");
}

TEST(Pattern, writes_two_digit_years_of_this_century_only) {
    const SchemePtr year = sections_of(R"({"date": "yy"})");
    const std::int64_t first_of_2000 = 10'957 * kMicrosPerDay;
    const std::int64_t first_of_2100 = 47'482 * kMicrosPerDay;
    EXPECT_EQ(year->format({0, {}, first_of_2000}), "00");
    EXPECT_NE(year->format({0, {}, first_of_2000 - 1}).error().find("year 1999"), std::string::npos);
    EXPECT_EQ(year->format({0, {}, first_of_2100 - 1}), "99");
    EXPECT_NE(year->format({0, {}, first_of_2100}).error().find("2000 to 2099"), std::string::npos);
}

TEST(Pattern, codes_attributes_both_ways) {
    const SchemePtr shirt =
        scheme_of(R"({"name": "shirt", "sections": [{"fixed": "SH-"}, {"attribute": "colour", "codes": {"red": "R", "blue": "B"}},
        {"attribute": "size", "codes": {"small": "S", "extra large": "XL"}}]})",
                  "sku");
    EXPECT_EQ(shirt->format({0, {{"colour", "red"}, {"size", "extra large"}}, 0}), "SH-RXL");
    EXPECT_EQ(decoded(*shirt, "SH-BS"), "fixed=SH-/SH- colour=blue/B size=small/S");
    EXPECT_EQ(verdict_on(*shirt, "SH-GS"), "sku.section@3+1");
    EXPECT_EQ(shirt->format({0, {{"colour", "green"}, {"size", "small"}}, 0}).error(),
              "section 'colour': 'green' has no code; it must be one of red, blue");
    EXPECT_EQ(shirt->format({0, {{"colour", "red"}}, 0}).error(),
              "section 'size': no value is given; it must be one of small, extra large");
    EXPECT_FALSE(shirt->format({0, {{"colour", "R"}, {"size", "small"}}, 0})) << "the code is not the value";
}

TEST(Pattern, refuses_fields_that_are_missing_wrong_or_unknown) {
    const SchemePtr acme = scheme_of(kAcme);
    EXPECT_EQ(acme->format({1, {{"line", "1"}}, kMonday2MarchUs}).error(),
              "section 'plant': no value is given; it must be one of BER, MUC");
    EXPECT_EQ(acme->format({1, {{"plant", "HAM"}, {"line", "1"}}, kMonday2MarchUs}).error(),
              "section 'plant': 'HAM' is not allowed; it must be one of BER, MUC");
    EXPECT_EQ(acme->format({1, {{"plant", "BER"}, {"lien", "1"}}, kMonday2MarchUs}).error(),
              "'lien' is not a field of this scheme; it takes plant, line");
    EXPECT_EQ(sections_of(R"({"field": "plant", "values": ["BER"]}, {"sequence": true, "width": 1})")->format({3, {}, 0}), "BER3")
        << "one value needs no choice";
}

TEST(Pattern, covers_the_sections_that_a_check_names_in_their_order) {
    // As in an IBAN: the check stands second but is reckoned over what follows, then the country.
    const SchemePtr iban = sections_of(R"({"field": "country", "values": ["GB", "DE"]}, {"check": "mod97", "over": ["account", "country"]},
        {"field": "account", "alphabet": "base36", "min_length": 11, "max_length": 30})");
    EXPECT_EQ(verdict_on(*iban, "GB82WEST12345698765432"), "valid");
    EXPECT_EQ(verdict_on(*iban, "DE89370400440532013000"), "valid");
    EXPECT_EQ(verdict_on(*iban, "DE98370400440532013000"), "serial.check_digit@2+2");
    EXPECT_EQ(iban->format({0, {{"country", "GB"}, {"account", "WEST12345698765432"}}, 0}), "GB82WEST12345698765432");
}

TEST(Pattern, reckons_a_second_check_over_the_first) {
    const SchemePtr twice = sections_of(
        R"({"sequence": true, "width": 3}, {"name": "inner", "check": "luhn"}, {"check": "mod10", "over": ["sequence", "inner"]})");
    // 123: Luhn 2*3=6 + 2 + 2*1=2 -> 10 -> 0. 1230: mod 10 3*0 + 3 + 3*2 + 1 = 10 -> 0.
    EXPECT_EQ(twice->format({123, {}, 0}), "12300");
    EXPECT_EQ(verdict_on(*twice, "12310"), "serial.check_digit@3+1");
    EXPECT_EQ(verdict_on(*twice, "12301"), "serial.check_digit@4+1");
}

TEST(Pattern, takes_a_check_character_that_is_a_space) {
    const SchemePtr code39 = scheme_of(R"({"name": "t", "normalise": {"trim": false},
        "sections": [{"field": "code", "alphabet": "base36", "length": 2}, {"check": "mod43"}]})");
    EXPECT_EQ(code39->format({0, {{"code", "3Z"}}, 0}), "3Z ");
    EXPECT_EQ(verdict_on(*code39, "3Z "), "valid");
    EXPECT_EQ(verdict_on(*code39, "3Z"), "serial.too_short@2+0");
}

/// Makes every number of a pattern with two fields and takes it back: no two may be alike, and each must decode to what it was made of.
void expect_reversible(const Scheme& scheme, const std::vector<std::string>& firsts, const std::vector<std::string>& seconds) {
    std::set<std::string> made;
    for (const std::string& a : firsts) {
        for (const std::string& b : seconds) {
            const auto number = scheme.format({0, {{"a", a}, {"b", b}}, 0});
            ASSERT_TRUE(number) << number.error();
            EXPECT_TRUE(made.insert(*number).second) << *number << " stands for two numbers";
            std::string values;
            for (const Part& part : scheme.decode(*number))
                if (part.name != "fixed") values += part.name + "=" + part.value + ";";
            EXPECT_EQ(values, "a=" + a + ";b=" + b + ";") << *number;
            EXPECT_EQ(scheme.normalise(*number), *number);
        }
    }
}

std::vector<std::string> words(const std::string& alphabet, std::size_t length_min, std::size_t length_max) {
    std::vector<std::string> out;
    std::vector<std::string> last{""};
    for (std::size_t length = 1; length <= length_max; ++length) {
        std::vector<std::string> next;
        for (const std::string& word : last)
            for (const char c : alphabet) next.push_back(word + c);
        if (length >= length_min) out.insert(out.end(), next.begin(), next.end());
        last = next;
    }
    return out;
}

TEST(Pattern, reads_back_every_number_with_sections_of_varying_length) {
    const std::string a = R"({"field": "a", "alphabet": "XY", "max_length": 3})";
    const std::string b = R"({"field": "b", "alphabet": "XY", "min_length": 2, "max_length": 4})";
    const std::string digits = R"({"field": "b", "alphabet": "12", "max_length": 3})";
    expect_reversible(*sections_of(a + R"(, {"fixed": "-"}, )" + b), words("XY", 1, 3), words("XY", 2, 4));
    expect_reversible(*sections_of(a + ", " + digits), words("XY", 1, 3), words("12", 1, 3));
    expect_reversible(*sections_of(a + ", " + digits + R"(, {"fixed": "Z1"})"), words("XY", 1, 3), words("12", 1, 3));
    const std::vector<std::string> nested{"A", "AB", "ABC"};
    expect_reversible(*sections_of(R"({"field": "a", "values": ["A", "AB", "ABC"]}, {"fixed": "-"}, )" + b), nested, words("XY", 2, 4));
    expect_reversible(*sections_of(R"({"field": "a", "values": ["A", "BA", "BBA"]}, {"field": "b", "alphabet": "AB", "max_length": 3})"),
                      {"A", "BA", "BBA"}, words("AB", 1, 3));
}

TEST(Pattern, agrees_with_brute_force_on_which_texts_are_numbers) {
    // All texts up to 5 characters over the letters involved, against the list of all numbers the pattern can make.
    const SchemePtr scheme =
        sections_of(R"({"field": "a", "values": ["X", "XY"]}, {"fixed": "-"}, {"field": "b", "alphabet": "XY", "max_length": 2})");
    std::set<std::string> numbers;
    for (const char* a : {"X", "XY"})
        for (const std::string& b : words("XY", 1, 2)) numbers.insert(std::string(a) + "-" + b);
    for (const std::string& text : words("XY-", 1, 6)) EXPECT_EQ(!scheme->check(text), numbers.contains(text)) << text;
}

TEST(Pattern, is_idempotent_in_normalising_whatever_it_is_given) {
    const SchemePtr acme = scheme_of(kAcme);
    for (const char* text : {"- a -", " -", "", "BER 26", "\xFF\xFE -x", "--  --", "\t-\t"}) {
        const std::string once = acme->normalise(text);
        EXPECT_EQ(acme->normalise(once), once) << text;
    }
}

TEST(Pattern, stays_within_its_place_for_any_text) {
    const SchemePtr acme = scheme_of(kAcme);
    std::uint32_t state = 12'345;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        state = state * 1'664'525 + 1'013'904'223;
        const std::size_t length = (state >> 16) % 300;
        for (std::size_t i = 0; i < length; ++i) {
            state = state * 1'664'525 + 1'013'904'223;
            text += (state >> 20) % 4 == 0 ? static_cast<char>(state >> 24) : "BER2610-10 "[(state >> 24) % 11];
        }
        const auto remark = acme->check(text);
        if (!remark) continue;
        ASSERT_LT(remark->reason, acme->reasons().size());
        ASSERT_LE(remark->offset + remark->length, text.size());
    }
}

}  // namespace
}  // namespace stemma::pattern
