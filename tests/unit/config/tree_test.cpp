// The tree's typed readers, its JSON, and the way from a JSON pointer back to a line.
#include "core/config/tree.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

/// The value of "v: <text>".
Node value(const std::string& text) { return *root_of("v: " + text + "\n").find("v"); }

template <class T>
std::string message(const Result<T>& result) {
    return result ? std::string{"accepted"} : result.error().text();
}

TEST(Tree, reads_decimal_integers_only) {
    EXPECT_EQ(*value("0").integer(), 0);
    EXPECT_EQ(*value("-17").integer(), -17);
    EXPECT_EQ(*value("9223372036854775807").integer(), INT64_MAX);
    EXPECT_EQ(*value("-9223372036854775808").integer(), INT64_MIN);
    EXPECT_EQ(message(value("010").integer()),
              "t.yaml:1:4: 'v' must be a whole number, there is the text '010' (write it without leading zeros: 10)");
    EXPECT_EQ(message(value("00").integer()),
              "t.yaml:1:4: 'v' must be a whole number, there is the text '00' (write it without leading zeros: 0)");
    EXPECT_EQ(message(value("0x1F").integer()),
              "t.yaml:1:4: 'v' must be a whole number, there is the text '0x1F' (write a plain decimal number)");
    EXPECT_EQ(message(value("0o17").integer()),
              "t.yaml:1:4: 'v' must be a whole number, there is the text '0o17' (write a plain decimal number)");
    EXPECT_EQ(message(value("9223372036854775808").integer()),
              "t.yaml:1:4: 'v' must be a whole number, there is the text '9223372036854775808' (it is larger than 9223372036854775807)");
    EXPECT_EQ(message(value("'7'").integer()), "t.yaml:1:4: 'v' must be a whole number, there is the text '7' (remove the quotes)");
    EXPECT_EQ(message(value("1.0").integer()), "t.yaml:1:4: 'v' must be a whole number, there is the number 1.0");
    EXPECT_EQ(message(value("").integer()),
              "t.yaml:1:1: 'v' must be a whole number, there is no value (give it a value or delete the line)");
    EXPECT_EQ(message(value("[1]").integer()), "t.yaml:1:4: 'v' must be a whole number, there is a list");
    for (const char* text : {"-0", "+1", "1_000", "1,000", "--1", "1 2"}) EXPECT_FALSE(value(text).integer()) << text;
}

TEST(Tree, takes_true_and_false_alone_for_booleans) {
    EXPECT_TRUE(*value("true").boolean());
    EXPECT_FALSE(*value("false").boolean());
    EXPECT_EQ(message(value("yes").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the text 'yes' (write true)");
    EXPECT_EQ(message(value("n").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the text 'n' (write false)");
    EXPECT_EQ(message(value("On").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the text 'On' (write true)");
    EXPECT_EQ(message(value("True").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the text 'True' (write true)");
    EXPECT_EQ(message(value("'true'").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the text 'true' (remove the quotes)");
    EXPECT_EQ(message(value("1").boolean()), "t.yaml:1:4: 'v' must be true or false, there is the number 1");
}

TEST(Tree, takes_a_text_as_it_stands_and_asks_for_quotes_around_numbers) {
    EXPECT_EQ(*value("007").text(), "007");
    EXPECT_EQ(*value("NO").text(), "NO");
    EXPECT_EQ(*value("'12'").text(), "12");
    EXPECT_EQ(*value("''").text(), "");
    EXPECT_EQ(message(value("12").text()), "t.yaml:1:4: 'v' must be text, there is the number 12 (put it in quotes: '12')");
    EXPECT_EQ(message(value("1E5").text()), "t.yaml:1:4: 'v' must be text, there is the number 1E5 (put it in quotes: '1E5')");
    EXPECT_EQ(message(value("true").text()), "t.yaml:1:4: 'v' must be text, there is true (put it in quotes: 'true')");
    EXPECT_EQ(message(value("null").text()), "t.yaml:1:1: 'v' must be text, there is no value (give it a value or delete the line)");
    EXPECT_EQ(message(value("~").text()), "t.yaml:1:1: 'v' must be text, there is no value (give it a value or delete the line)");
}

TEST(Tree, reads_finite_decimal_numbers) {
    EXPECT_EQ(*value("2").number(), 2.0);
    EXPECT_EQ(*value("-0.25").number(), -0.25);
    EXPECT_EQ(*value("1e3").number(), 1000.0);
    for (const char* text : {".5", "5.", "01.5", "1e", "1e999", ".inf", ".nan", "nan", "0x1p3", "'1.5'"})
        EXPECT_FALSE(value(text).number()) << text;
}

TEST(Tree, reads_durations_with_their_unit) {
    using std::chrono_literals::operator""h, std::chrono_literals::operator""min, std::chrono_literals::operator""s,
        std::chrono_literals::operator""ms;
    EXPECT_EQ(*value("500ms").duration(), 500ms);
    EXPECT_EQ(*value("30s").duration(), 30s);
    EXPECT_EQ(*value("5m").duration(), 5min);
    EXPECT_EQ(*value("1h").duration(), 1h);
    EXPECT_EQ(*value("'7d'").duration(), 168h);
    EXPECT_EQ(value("100000d").duration()->count(), std::int64_t{100'000} * 86'400 * 1'000'000);
    EXPECT_EQ(message(value("100001d").duration()),
              "t.yaml:1:4: 'v' must be a duration of at most 100000d, there is the text '100001d' (a whole number and one of ms, s, m, h, "
              "d, such as 30s)");
    EXPECT_EQ(message(value("30").duration()),
              "t.yaml:1:4: 'v' must be a duration, there is the number 30 (a whole number and one of ms, s, m, h, d, such as 30s)");
    for (const char* text : {"s", "1.5h", "-5s", "5 s", "5S", "1h30m", "99999999999999999999s", "5us"})
        EXPECT_FALSE(value(text).duration()) << text;
}

TEST(Tree, gets_keys_and_lists_or_says_what_is_there) {
    const Node root = root_of("a: {b: [1, 2]}\n");
    EXPECT_EQ((*(*root.get("a"))->get("b"))->list()->size(), 2U);
    EXPECT_EQ(message(root.get("x")), "t.yaml:1:1: the file lacks the key 'x'");
    EXPECT_EQ(message((*root.get("a"))->get("x")), "t.yaml:1:4: 'a' lacks the key 'x'");
    EXPECT_EQ(message((*root.get("a"))->list()), "t.yaml:1:4: 'a' must be a list, there is a map of keys");
    EXPECT_EQ(message(root.find("a")->find("b")->get("x")), "t.yaml:1:8: 'b' must be a map of keys, there is a list");
    EXPECT_EQ(message(root.find("a")->find("b")->items()[1].text()),
              "t.yaml:1:12: 'b[1]' must be text, there is the number 2 (put it in quotes: '2')");
    EXPECT_EQ(root.find("x"), nullptr);
}

TEST(Tree, writes_json_by_the_core_rules_and_keeps_every_digit) {
    EXPECT_EQ(to_json(root_of("[true, false, null, ~, 1, -5, 0.10, 1e3]")), "[true,false,null,null,1,-5,0.10,1e3]");
    EXPECT_EQ(to_json(root_of("['true', \"1\", 'null', '']")), R"(["true","1","null",""])");
    EXPECT_EQ(to_json(root_of("[yes, NO, 010, 0x10, +1, .5, True, 2026-03-01, 12:30]")),
              R"(["yes","NO","010","0x10","+1",".5","True","2026-03-01","12:30"])");
    // Beyond a double's 53 bits but within 64: a number with all its digits. Beyond 64: a text, so that nothing rounds it.
    EXPECT_EQ(to_json(root_of("[9007199254740993, 9223372036854775807, 9223372036854775808]")),
              R"([9007199254740993,9223372036854775807,"9223372036854775808"])");
    EXPECT_EQ(to_json(root_of("a: {}\nb: []\nc: \"q\\\"\\n\\u00e9\"\n")), "{\"a\":{},\"b\":[],\"c\":\"q\\\"\\n\xC3\xA9\"}");
    EXPECT_EQ(to_json(Node{}), "null");
}

TEST(Tree, finds_the_place_of_a_json_pointer) {
    const Node root = root_of("a:\n  - x: 1\n  - 'y/z~':\n      deep: 2\n'': 3\n");
    EXPECT_EQ(mark_at(root, "").text(), "t.yaml:1:1");
    EXPECT_EQ(mark_at(root, "/a/0/x").text(), "t.yaml:2:8");
    EXPECT_EQ(node_at(root, "/a/1/y~1z~0/deep")->raw(), "2");
    EXPECT_EQ(node_at(root, "/")->raw(), "3");
    // Where the way ends early, the deepest place that exists.
    EXPECT_EQ(node_at(root, "/a/1/none/deeper"), nullptr);
    EXPECT_EQ(mark_at(root, "/a/1/none/deeper").text(), "t.yaml:3:5");
    for (const char* pointer : {"/a/2", "/a/-1", "/a/01", "/a/x", "a", "/a/0/x/y"}) EXPECT_EQ(node_at(root, pointer), nullptr) << pointer;
}

}  // namespace
}  // namespace stemma::config
