#include "adapters/erp/decode.hpp"

#include <gtest/gtest.h>

namespace stemma::erp {
namespace {

std::string decoded(ColumnType type, std::string_view value) {
    const auto made = decode({"c", type, false}, value);
    if (!made) return "error: " + made.error().message;
    return made->value_or("NULL");
}

TEST(Decode, gives_one_text_for_what_both_engines_write) {
    EXPECT_EQ(decoded(ColumnType::decimal, "8.0"), decoded(ColumnType::decimal, "8"));
    EXPECT_EQ(decoded(ColumnType::decimal, "0.005"), decoded(ColumnType::decimal, "5e-03"));
    EXPECT_EQ(decoded(ColumnType::boolean, "t"), decoded(ColumnType::boolean, "1"));
    EXPECT_EQ(decoded(ColumnType::boolean, "f"), decoded(ColumnType::boolean, "0"));
    EXPECT_EQ(decoded(ColumnType::time, "2026-03-01 10:00:00.500000"), "2026-03-01T10:00:00.500Z");
    EXPECT_EQ(decoded(ColumnType::time, "2026-03-01 12:00:00+02"), "2026-03-01T10:00:00Z");
    EXPECT_EQ(decoded(ColumnType::date, "2026-03-01"), "2026-03-01");
}

TEST(Decode, keeps_a_text_as_it_is) { EXPECT_EQ(decoded(ColumnType::text, "  Ø-ŁÓD/7 'ß' "), "  Ø-ŁÓD/7 'ß' "); }

TEST(Decode, rounds_a_decimal_to_six_places) {
    EXPECT_EQ(decoded(ColumnType::decimal, "0.0050000000000000001"), "0.005");
    EXPECT_EQ(decoded(ColumnType::decimal, "0.0000004"), "0");
}

TEST(Decode, refuses_what_is_not_of_the_type_and_names_column_and_value) {
    EXPECT_EQ(decoded(ColumnType::integer, "8.0"), "error: column 'c' is '8.0': not a whole number");
    EXPECT_EQ(decoded(ColumnType::integer, ""), "error: column 'c' is '': not a whole number");
    EXPECT_EQ(decoded(ColumnType::integer, "9223372036854775808"), "error: column 'c' is '9223372036854775808': not a whole number");
    EXPECT_EQ(decoded(ColumnType::date, "2026-02-29"), "error: column 'c' is '2026-02-29': not a date");
    EXPECT_EQ(decoded(ColumnType::date, "2026-03-01 10:00:00"), "error: column 'c' is '2026-03-01 10:00:00': not a date");
    EXPECT_EQ(decoded(ColumnType::time, "2026-03-01"), "error: column 'c' is '2026-03-01': not a date with a time of day");
    EXPECT_EQ(decoded(ColumnType::boolean, "yes"), "error: column 'c' is 'yes': not true or false");
    EXPECT_TRUE(decoded(ColumnType::decimal, "1e13").starts_with("error: column 'c' is '1e13': not a decimal number"));
    EXPECT_TRUE(decoded(ColumnType::decimal, "NaN").starts_with("error:"));
}

TEST(Decode, reads_whole_numbers_up_to_the_limits_of_64_bits) {
    EXPECT_EQ(decoded(ColumnType::integer, "9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(decoded(ColumnType::integer, "-9223372036854775808"), "-9223372036854775808");
}

TEST(Decode, refuses_a_nul_and_broken_utf8_with_a_message_that_can_be_shown) {
    using std::string_view_literals::operator""sv;
    EXPECT_EQ(decoded(ColumnType::text, "a\0b"sv), "error: column 'c' is 'a\\x00b': not well-formed UTF-8, or with a NUL in it");
    EXPECT_EQ(decoded(ColumnType::text, "\xC3("sv), "error: column 'c' is '\\xC3(': not well-formed UTF-8, or with a NUL in it");
}

TEST(Decode, takes_null_only_where_the_column_allows_it) {
    const auto allowed = decode({"c", ColumnType::date, true}, std::nullopt);
    ASSERT_TRUE(allowed);
    EXPECT_FALSE(*allowed);
    const auto refused = decode({"c", ColumnType::date, false}, std::nullopt);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "column 'c' is NULL");
}

}  // namespace
}  // namespace stemma::erp
