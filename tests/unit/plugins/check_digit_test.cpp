// Check characters against published examples and vectors; where a value is worked out by hand, the arithmetic stands beside it.
#include "plugins/pattern/check_digit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace stemma::pattern {
namespace {

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<std::vector<std::string>> rows;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        std::vector<std::string> row;
        for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
        rows.push_back(row);
    }
    return rows;
}

std::filesystem::path vectors(const char* name) { return std::filesystem::path(STEMMA_SOURCE_DIR) / "../shared/vectors" / name; }

bool checks(CheckMethod method, const std::string& number) {
    const std::size_t length = check_length(method);
    if (number.size() <= length) return false;
    return check_of(method, number.substr(0, number.size() - length)) == number.substr(number.size() - length);
}

TEST(CheckDigit, agrees_with_the_luhn_vectors) {
    if (!std::filesystem::exists(vectors("luhn.csv"))) GTEST_SKIP() << "shared/vectors/luhn.csv is absent";
    for (const auto& row : rows_of(vectors("luhn.csv"))) EXPECT_EQ(checks(CheckMethod::luhn, row[0]), row[1] == "valid") << row[0];
}

TEST(CheckDigit, agrees_with_the_gtin_vectors) {
    if (!std::filesystem::exists(vectors("gtin.csv"))) GTEST_SKIP() << "shared/vectors/gtin.csv is absent";
    int compared = 0;
    for (const auto& row : rows_of(vectors("gtin.csv"))) {
        if (row[2] != "" && row[2] != "check_digit") continue;  // wrong length or letters: not a matter of arithmetic
        std::string number = row[0];
        std::erase(number, '-');
        EXPECT_EQ(checks(CheckMethod::mod10, number), row[1] == "valid") << row[0];
        EXPECT_EQ(check_of(CheckMethod::mod10, number.substr(0, number.size() - 1)), row[5]) << row[0];
        ++compared;
    }
    EXPECT_EQ(compared, 34);
}

struct Published {
    CheckMethod method;
    const char* covered;
    const char* check;
    const char* source;
};

constexpr Published kPublished[] = {
    {CheckMethod::luhn, "7992739871", "3", "the usual worked example of ISO/IEC 7812-1"},
    {CheckMethod::luhn, "49015420323751", "8", "3GPP TS 23.003, IMEI"},
    {CheckMethod::mod10, "629104150021", "3", "GS1, how to calculate a check digit"},
    {CheckMethod::mod11, "030640615", "2", "ISBN 0-306-40615-2"},
    {CheckMethod::mod11, "080442957", "X", "ISBN 0-8044-2957-X"},
    {CheckMethod::mod11, "1000000000", "9", "by hand: the tenth digit from the right has weight 2 again; 11 - 2 = 9"},
    {CheckMethod::mod37_36, "A12425GABC1234002", "M", "GRid standard, A1-2425G-ABC1234002-M"},
    {CheckMethod::mod37_36, "A", "H", "by hand: 36 + 10 = 46, mod 36 = 10, doubled 20; 20 + 17 = 37, mod 36 = 1"},
    {CheckMethod::mod37_36, "0", "2", "by hand: 36 + 0, mod 36 = 0, taken as 36, doubled mod 37 = 35; 35 + 2 = 37, mod 36 = 1"},
    {CheckMethod::mod43, "123XYZ", "M", "Code 39 manuals: 1+2+3+33+34+35 = 108, mod 43 = 22"},
    {CheckMethod::mod43, "258-416", "J", "Code 39 manuals: 2+5+8+36+4+1+6 = 62, mod 43 = 19"},
    {CheckMethod::mod43, "3Z", " ", "by hand: 3 + 35 = 38, the space"},
    {CheckMethod::mod97, "794", "44", "ISO/IEC 7064: 79444 = 97 * 819 + 1"},
    {CheckMethod::mod97, "WEST12345698765432GB", "82", "IBAN GB82 WEST 1234 5698 7654 32"},
    {CheckMethod::mod97, "370400440532013000DE", "89", "IBAN DE89 3704 0044 0532 0130 00"},
    {CheckMethod::mod97, "96", "04", "by hand: 9600 = 97 * 98 + 94, and 98 - 94 = 4, written with two digits"}};

TEST(CheckDigit, agrees_with_published_examples) {
    for (const Published& example : kPublished) EXPECT_EQ(check_of(example.method, example.covered), example.check) << example.source;
}

TEST(CheckDigit, finds_every_single_wrong_character) {
    for (const auto& [method, text] : {std::pair{CheckMethod::luhn, "49015420323751"},
                                       {CheckMethod::mod10, "629104150021"},
                                       {CheckMethod::mod11, "030640615"},
                                       {CheckMethod::mod37_36, "A12425GABC1234002"},
                                       {CheckMethod::mod43, "123XYZ"},
                                       {CheckMethod::mod97, "WEST12345698765432GB"}}) {
        const auto right = check_of(method, text);
        for (std::size_t i = 0; i < std::string_view(text).size(); ++i) {
            for (const char c : covered_alphabet(method)) {
                std::string other(text);
                if (other[i] == c) continue;
                // mod 97 counts a letter as two digits: a letter in a digit's place shifts the rest, which it may miss.
                if (method == CheckMethod::mod97 && (other[i] <= '9') != (c <= '9')) continue;
                other[i] = c;
                EXPECT_NE(check_of(method, other), right) << to_string(method) << " " << other;
            }
        }
    }
}

TEST(CheckDigit, has_no_answer_for_nothing_or_for_a_foreign_character) {
    for (const CheckMethod method :
         {CheckMethod::luhn, CheckMethod::mod10, CheckMethod::mod11, CheckMethod::mod37_36, CheckMethod::mod43, CheckMethod::mod97}) {
        EXPECT_FALSE(check_of(method, ""));
        EXPECT_FALSE(check_of(method, "1a2")) << to_string(method);
        EXPECT_FALSE(check_of(method, "1\xC3\xA9")) << to_string(method);
        EXPECT_EQ(check_method_from(to_string(method)), method);
    }
    EXPECT_FALSE(check_of(CheckMethod::luhn, "1X"));
    EXPECT_FALSE(check_of(CheckMethod::mod37_36, "A-1"));
    EXPECT_TRUE(check_of(CheckMethod::mod43, "A-1"));
    EXPECT_FALSE(check_method_from("mod12"));
}

}  // namespace
}  // namespace stemma::pattern
