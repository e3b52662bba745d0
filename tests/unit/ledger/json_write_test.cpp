// The JSON writer: every byte in every place of a text, by the rules of RFC 8259, section 7, and read back by another reader.
#include "core/ledger/json_write.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>

namespace stemma::json {
namespace {

std::string written(std::string_view text) {
    Writer out;
    out.string(text);
    return out.take();
}

TEST(JsonText, is_plain_only_without_control_characters_quotes_backslashes_and_bytes_past_ascii) {
    EXPECT_TRUE(is_plain(""));
    for (std::size_t length = 1; length <= 20; ++length)
        for (std::size_t place = 0; place < length; ++place)
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(length, 'a');
                text[place] = static_cast<char>(byte);
                const bool as_it_is = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
                ASSERT_EQ(is_plain(text), as_it_is) << length << " bytes, " << byte << " at " << place;
            }
}

TEST(JsonText, is_written_with_what_must_be_escaped_wherever_that_stands) {
    for (std::size_t length = 1; length <= 20; ++length)
        for (std::size_t place = 0; place < length; ++place)
            for (unsigned byte = 1; byte < 0x80; ++byte) {
                std::string text(length, 'z');
                text[place] = static_cast<char>(byte);
                const std::string json = written(text);
                ASSERT_EQ(boost::json::parse(json).as_string(), text) << length << " bytes, " << byte << " at " << place;
                if (byte >= 0x20 && byte != '"' && byte != '\\') {
                    ASSERT_EQ(json, '"' + text + '"');
                }
            }
}

TEST(JsonText, keeps_clean_utf8_and_mends_what_is_not) {
    EXPECT_EQ(written("Müller & Söhne"), "\"Müller & Söhne\"");
    EXPECT_EQ(written("a\xFF"), "\"a\xEF\xBF\xBD\"");
    EXPECT_EQ(written(std::string_view{"a\0b", 3}),
              "\"a\xEF\xBF\xBD"
              "b\"");
}

TEST(JsonText, stands_with_commas_between_fields) {
    Writer out;
    out.begin_object();
    out.field("a", "1");
    out.field("left out", "");
    out.field("b", "\"");
    out.number("c", 3);
    out.end_object();
    EXPECT_EQ(out.take(), R"({"a":"1","b":"\"","c":3})");
}

}  // namespace
}  // namespace stemma::json
