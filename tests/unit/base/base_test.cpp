// core/base: time, quantity, digest and text, both sides of every edge.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/quantity.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"

namespace stemma {
namespace {

TEST(Time, reads_a_date_alone_as_midnight_utc_and_says_so) {
    const auto written = parse_time("2026-03-01");
    ASSERT_TRUE(written);
    EXPECT_TRUE(written->date_only);
    EXPECT_EQ(format_instant(written->instant), "2026-03-01T00:00:00Z");
}

TEST(Time, keeps_the_written_offset_and_converts_to_utc) {
    const auto written = parse_time("2026-03-01T01:30:00.250+02:00");
    ASSERT_TRUE(written);
    EXPECT_EQ(written->offset, "+02:00");
    EXPECT_EQ(format_instant(written->instant), "2026-02-28T23:30:00.250Z");
}

TEST(Time, reads_what_postgresql_and_sqlite_write) {
    EXPECT_EQ(parse_time("2024-01-08 10:11:12.123456")->instant.us, parse_time("2024-01-08T10:11:12.123456Z")->instant.us);
    EXPECT_EQ(parse_time("2024-01-08 10:11:12+00")->instant.us, parse_time("2024-01-08T10:11:12Z")->instant.us);
}

TEST(Time, refuses_days_that_do_not_exist_and_trailing_text) {
    for (const char* text :
         {"2026-02-29", "2026-13-01", "0000-01-01", "2026-03-01T24:00:00Z", "2026-03-01T10:00:00Zx", "", "yesterday", "2026-3-1"})
        EXPECT_FALSE(parse_time(text)) << text;
    EXPECT_TRUE(parse_time("2024-02-29"));
}

TEST(Time, formats_instants_before_1970) { EXPECT_EQ(format_instant(Instant{-1}), "1969-12-31T23:59:59.999999Z"); }

TEST(Quantity, keeps_six_places_exactly_and_rounds_the_seventh) {
    EXPECT_EQ(*parse_micros("0.005"), 5000);
    EXPECT_EQ(*parse_micros("12"), 12'000'000);
    EXPECT_EQ(*parse_micros("-1.5"), -1'500'000);
    EXPECT_EQ(*parse_micros("5e-3"), 5000);
    EXPECT_EQ(*parse_micros("0.0049999999999999996"), 5000);
    EXPECT_EQ(*parse_micros("0.0000004"), 0);
    EXPECT_EQ(*parse_micros("0.0000005"), 1);
    EXPECT_EQ(*parse_micros(".5"), 500'000);
}

TEST(Quantity, refuses_what_is_no_number_or_too_large) {
    for (const char* text : {"", "-", "1.2.3", "1,5", "0x10", "nan", "inf", "1e", "9223372036855"})
        EXPECT_FALSE(parse_micros(text)) << text;
    EXPECT_EQ(*parse_micros("9223372036854.775807"), 9223372036854775807);
}

TEST(Quantity, writes_the_shortest_form) {
    EXPECT_EQ(format_micros(12'000'000), "12");
    EXPECT_EQ(format_micros(-1'500'000), "-1.5");
    EXPECT_EQ(format_micros(1), "0.000001");
    EXPECT_EQ(format_micros(INT64_MIN), "-9223372036854.775808");
}

// FIPS 180-4 / NIST example values.
TEST(Digest, equals_the_published_sha256_values) {
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256({"a", "bc"}), sha256("abc"));
    Sha256 pieces;
    for (const char* piece : {"", "a", "bc"}) pieces.add(piece);
    EXPECT_EQ(pieces.finish(), sha256("abc"));
    EXPECT_EQ(Sha256{}.finish(), sha256(""));
}

TEST(Digest, reads_back_its_own_hexadecimal_and_nothing_else) {
    const Digest digest = sha256("abc");
    EXPECT_EQ(*digest_from_hex(to_hex(digest)), digest);
    EXPECT_FALSE(digest_from_hex(to_hex(digest).substr(1)));
    EXPECT_FALSE(digest_from_hex("Z" + to_hex(digest).substr(1)));
    EXPECT_FALSE(digest_from_hex("B" + to_hex(digest).substr(1)));  // upper case is not what we write
}

// RFC 4648 section 10.
TEST(Digest, base64_equals_the_rfc_vectors_both_ways) {
    for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{
             {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(to_base64(plain), coded);
        EXPECT_EQ(*from_base64(coded), plain);
    }
    for (const char* bad : {"Zg=", "Zg==\n", "Z===", "Zh==", "****"}) EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Text, tells_utf8_from_damaged_bytes) {
    EXPECT_TRUE(is_clean_utf8("LCD-Ç/7 'x' €\U0001F600"));
    EXPECT_FALSE(is_clean_utf8(std::string_view("a\0b", 3)));
    for (const char* bad : {"\xC0\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"}) EXPECT_FALSE(is_clean_utf8(bad));
    for (std::size_t at = 0; at < 24; ++at) {  // wherever it stands in a longer text
        std::string text(24, '\x7F');
        EXPECT_TRUE(is_clean_utf8(text));
        for (const char bad : {'\0', '\x80', '\xFF'}) {
            text[at] = bad;
            EXPECT_FALSE(is_clean_utf8(text)) << at;
        }
        EXPECT_TRUE(is_clean_utf8(std::string(at, 'x') + "\u20AC" + std::string(24 - at, 'y'))) << at;
    }
}

TEST(Text, names_the_nearest_candidate_or_none) {
    const std::vector<std::string> names{"plugins", "store", "http"};
    EXPECT_EQ(nearest_name("plugin", names), "plugins");
    EXPECT_EQ(nearest_name("htpt", names), "http");
    EXPECT_EQ(nearest_name("ledger", names), "");
    EXPECT_EQ(did_you_mean("stroe", names), "did you mean 'store'?");
}

TEST(Text, clips_on_a_characters_border) {
    EXPECT_EQ(clip("abc", 3), "abc");
    EXPECT_EQ(clip("ab€", 4), "ab...");
}

}  // namespace
}  // namespace stemma
