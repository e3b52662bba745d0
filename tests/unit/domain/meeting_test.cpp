// GTIN and SSCC by GS1's General Specifications 7.9, with examples whose check digits are reckoned by hand; and how numbers are compared.
#include "core/domain/meeting.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/domain/entry.hpp"

namespace stemma {
namespace {

TEST(Gtin, is_fourteen_digits_however_it_is_written) {
    // 4+0+0+18+3+24+1+9+3+9+9+9 = 89, one more is 90.
    EXPECT_EQ(normal_gtin("4006381333931"), "04006381333931");
    EXPECT_EQ(normal_gtin("04006381333931"), "04006381333931");
    EXPECT_EQ(normal_gtin(" 4006381 333931 "), "04006381333931");
    // 0+3+18+0+0+0+6+9+3+4+15 = 58, two more are 60 (UPC-A's own example).
    EXPECT_EQ(normal_gtin("036000291452"), "00036000291452");
    // 27+0+9+1+3+0+3 = 43, seven more are 50.
    EXPECT_EQ(normal_gtin("90311017"), "00000090311017");
}

TEST(Gtin, is_none_with_a_wrong_check_digit_or_length_or_of_zeros_alone) {
    EXPECT_EQ(normal_gtin("4006381333932"), std::nullopt);
    EXPECT_EQ(normal_gtin("400638133393"), std::nullopt);  // 40063813339 has 80: the check digit is 0
    EXPECT_EQ(normal_gtin("400638133393X"), std::nullopt);
    EXPECT_EQ(normal_gtin("40063813339310"), std::nullopt);
    EXPECT_EQ(normal_gtin("00000000"), std::nullopt);
    EXPECT_EQ(normal_gtin(""), std::nullopt);
}

TEST(Sscc, has_eighteen_digits_and_its_own_check_digit) {
    // 3+0+18+1+12+1+12+1+3+2+9+4+15+6+21+8+27 = 143, seven more are 150.
    EXPECT_EQ(normal_sscc("106141411234567897"), "106141411234567897");
    EXPECT_EQ(normal_sscc("(00) 1 0614141 123456789 7"), "106141411234567897");
    EXPECT_EQ(normal_sscc("106141411234567896"), std::nullopt);
    EXPECT_EQ(normal_sscc("06141411234567897"), std::nullopt);
}

TEST(MetForm, leaves_out_the_case_of_letters_and_blanks_at_the_ends_and_nothing_else) {
    EXPECT_EQ(met_form(" HJ26-00148\t"), "hj26-00148");
    EXPECT_NE(met_form("1-12"), met_form("11-2"));
    EXPECT_NE(met_form("007"), met_form("7"));
    EXPECT_EQ(met_form("   "), "");
}

TEST(SourceOf, is_the_name_in_an_id_of_an_erp_row) {
    EXPECT_EQ(source_of(make_urn("main", "lot", "118")), "main");
    EXPECT_EQ(source_of("urn:epc:id:sgtin:0614141.107346.2017"), "");
}

TEST(Meeting, touches_both_ids_and_is_found_by_each_and_among_all) {
    const std::vector<Subject> subjects = subjects_of(Meeting{true, "urn:a:1", "urn:b:1", MeetingRule::gtin, {}, false, {}});
    const auto has = [&](Subject::Kind kind, const std::string& id) {
        return std::ranges::find(subjects, Subject{kind, id}) != subjects.end();
    };
    EXPECT_EQ(subjects.size(), 5U);
    EXPECT_TRUE(has(Subject::Kind::product, "urn:a:1"));
    EXPECT_TRUE(has(Subject::Kind::product, "urn:b:1"));
    EXPECT_TRUE(has(Subject::Kind::meeting, meetings_of("urn:a:1")));
    EXPECT_TRUE(has(Subject::Kind::meeting, meetings_of("urn:b:1")));
    EXPECT_TRUE(has(Subject::Kind::meeting, std::string{all_meetings(true)}));
}

}  // namespace
}  // namespace stemma
