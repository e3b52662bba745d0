// Problem documents (RFC 9457) and the small text codecs of HTTP.
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "adapters/http/http.hpp"

namespace stemma::http {
namespace {

std::string text_of(const boost::json::value& value) { return {value.as_string().c_str(), value.as_string().size()}; }

TEST(Problem, carries_all_that_an_error_says) {
    const Response response = problem(Error{Errc::conflict, "it is taken", "/0/eventID", "take another"});
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"/problems/conflict","title":"Conflict","status":409,"detail":"it is taken","pointer":"/0/eventID","hint":"take another"})");
}

TEST(Problem, leaves_out_an_empty_place_and_hint) {
    EXPECT_EQ(problem(Error{Errc::not_found, "nothing", "", ""}).body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"nothing"})");
}

TEST(Problem, has_a_status_for_each_kind_of_error) {
    const std::vector<std::pair<Errc, int>> statuses{
        {Errc::invalid_input, 400}, {Errc::not_found, 404}, {Errc::conflict, 409}, {Errc::too_large, 413},   {Errc::config, 500},
        {Errc::plugin, 500},        {Errc::storage, 500},   {Errc::internal, 500}, {Errc::unavailable, 503}, {Errc::busy, 429}};
    for (const auto& [code, status] : statuses) {
        const Response response = problem(Error{code, "why", "", ""});
        const auto document = boost::json::parse(response.body);
        EXPECT_EQ(response.status, status) << to_string(code);
        EXPECT_EQ(document.at("status").as_int64(), status) << to_string(code);
        EXPECT_EQ(text_of(document.at("type")), std::string{"/problems/"} + to_string(code));
        EXPECT_FALSE(document.at("title").as_string().empty());
    }
}

TEST(Problem, says_when_to_try_again_only_where_waiting_helps) {
    EXPECT_EQ(problem(Error{Errc::unavailable, "busy", "", ""}).headers.at("Retry-After"), "1");
    EXPECT_EQ(problem(Error{Errc::busy, "busy", "", ""}).headers.at("Retry-After"), "1");
    EXPECT_FALSE(problem(Error{Errc::storage, "broken", "", ""}).headers.contains("Retry-After"));
}

TEST(Problem, quotes_what_it_cites) {
    const std::string cited = "a \"quoted\" \\ word,\na line and \x01";
    EXPECT_EQ(text_of(boost::json::parse(problem(Error{Errc::invalid_input, cited, "", ""}).body).at("detail")), cited);
}

TEST(Problem, mends_what_is_not_utf8) {
    EXPECT_EQ(json_quote("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
    EXPECT_EQ(json_quote("\xC5\x81\xC3\xB3\x64\xC5\xBA"), "\"\xC5\x81\xC3\xB3\x64\xC5\xBA\"");
}

TEST(PercentDecode, reads_escapes_in_both_cases) {
    EXPECT_EQ(percent_decode("urn%3Astemma%3atryton").value(), "urn:stemma:tryton");
    EXPECT_EQ(percent_decode("%C5%81%C3%B3d%C5%BA").value(), "\xC5\x81\xC3\xB3\x64\xC5\xBA");
    EXPECT_EQ(percent_decode("a+b").value(), "a+b");  // '+' is a blank in queries alone
    EXPECT_EQ(percent_decode("").value(), "");
}

TEST(PercentDecode, decodes_once) { EXPECT_EQ(percent_decode("%252F").value(), "%2F"); }

TEST(PercentDecode, refuses_cut_and_wrong_escapes) {
    for (const char* text : {"%", "%4", "a%4", "abc%", "%G1", "%1G", "%%41", "% 41", "%-1"}) {
        const auto decoded = percent_decode(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, Errc::invalid_input);
        EXPECT_EQ(decoded.error().message, "a percent escape in the address is cut or wrong");
    }
}

TEST(PercentDecode, refuses_nul_and_broken_utf8) {
    for (const char* text : {"%00", "a%00b", "%FF", "%C3", "%C3%28", "%ED%A0%80", "%C0%AF", "%F5%80%80%80"}) {
        const auto decoded = percent_decode(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().message, "the address is not well-formed UTF-8, or holds a NUL");
    }
}

TEST(PercentEncode, leaves_unreserved_characters_alone) {
    EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(percent_encode("urn:a/b c+%\xC3\xB8"), "urn%3Aa%2Fb%20c%2B%25%C3%B8");
}

TEST(PercentEncode, is_undone_by_decoding) {
    std::string every;
    for (int c = 1; c < 128; ++c) every += static_cast<char>(c);
    EXPECT_EQ(percent_decode(percent_encode(every)).value(), every);
}

TEST(ParseQuery, reads_names_and_values) {
    const auto query = parse_query("item=S4-L17&as_of=12&name=a+b%2Bc&flag&empty=&x=a=b");
    ASSERT_TRUE(query);
    const std::map<std::string, std::string> expected{{"item", "S4-L17"}, {"as_of", "12"}, {"name", "a b+c"},
                                                      {"flag", ""},       {"empty", ""},   {"x", "a=b"}};
    EXPECT_EQ(*query, expected);
}

TEST(ParseQuery, refuses_a_name_that_stands_there_twice) {
    for (const char* text : {"a=1&a=2", "a=1&b=3&a=1", "a&a", "q=x&%71=y"}) {
        const auto query = parse_query(text);
        ASSERT_FALSE(query) << text;
        EXPECT_EQ(query.error().where, text[0] == 'a' ? "?a" : "?q");
        EXPECT_NE(query.error().message.find("stands here twice"), std::string::npos);
    }
}

TEST(ParseQuery, passes_over_empty_parts) {
    EXPECT_TRUE(parse_query("").value().empty());
    EXPECT_TRUE(parse_query("&&&").value().empty());
    EXPECT_EQ(parse_query("&a=1&").value().size(), 1U);
}

TEST(ParseQuery, refuses_a_wrong_escape_in_name_or_value) {
    EXPECT_FALSE(parse_query("a=%"));
    EXPECT_FALSE(parse_query("%zz=1"));
    EXPECT_FALSE(parse_query("a=%00"));
}

}  // namespace
}  // namespace stemma::http
