// The strict reader: what it refuses, with the exact message and place, and where it says a value stands.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "core/config/tree.hpp"
#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

TEST(YamlReader, refuses_a_duplicate_key_and_names_both_lines) {
    EXPECT_EQ(refusal("daemon:\n  port: 1\n  address: x\n  port: 2\n"),
              "t.yaml:4:3: key 'port' is written twice, first in line 2 (delete one of the two)");
    EXPECT_EQ(refusal("a: 1\n\"a\": 2\n"), "t.yaml:2:1: key 'a' is written twice, first in line 1 (delete one of the two)");
    EXPECT_EQ(refusal("x: {b: 1, b: 1}\n"), "t.yaml:1:11: key 'b' is written twice, first in line 1 (delete one of the two)");
}

TEST(YamlReader, takes_the_same_key_in_different_maps) {
    EXPECT_EQ(to_json(root_of("a: {k: 1}\nb: {k: 2}\n")), R"({"a":{"k":1},"b":{"k":2}})");
}

TEST(YamlReader, refuses_merge_keys_unless_quoted) {
    EXPECT_EQ(refusal("a: 1\nb:\n  <<: {a: 1}\n"), "t.yaml:3:3: merge keys ('<<') are not accepted (write the keys out)");
    EXPECT_EQ(to_json(root_of("'<<': 1\n")), R"({"<<":1})");
}

TEST(YamlReader, refuses_anchors_and_aliases) {
    EXPECT_EQ(refusal("a: &x 1\nb: *x\n"), "t.yaml:1:4: anchors ('&x') are not accepted (write the value out where it is used)");
    EXPECT_EQ(refusal("a: &m {k: 1}\n"), "t.yaml:1:4: anchors ('&m') are not accepted (write the value out where it is used)");
    EXPECT_EQ(refusal("a: *.log\n"), "t.yaml:1:4: aliases ('*name') are not accepted (put a text that begins with '*' in quotes)");
}

TEST(YamlReader, refuses_tags) {
    EXPECT_EQ(refusal("a: !!str 5\n"),
              "t.yaml:1:4: tags ('tag:yaml.org,2002:str') are not accepted (put a text that is to stay a text in quotes)");
    EXPECT_EQ(refusal("a: !x [1]\n"), "t.yaml:1:4: tags ('!x') are not accepted (put a text that is to stay a text in quotes)");
    EXPECT_EQ(refusal("a: ! 5\n"), "t.yaml:1:4: tags ('!') are not accepted (put a text that is to stay a text in quotes)");
}

TEST(YamlReader, refuses_a_second_document) {
    EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "t.yaml:2:1: a second document begins here (one file holds one document)");
    EXPECT_EQ(to_json(root_of("---\na: 1\n...\n")), R"({"a":1})");
}

TEST(YamlReader, refuses_keys_that_are_no_texts) {
    EXPECT_EQ(refusal("? [a]\n: b\n"), "t.yaml:1:3: a key must be a text");
    EXPECT_EQ(refusal("? {a: 1}\n: b\n"), "t.yaml:1:3: a key must be a text");
    EXPECT_EQ(refusal(": b\n"), "t.yaml:1:1: a key is missing before ':'");
}

TEST(YamlReader, says_in_plain_words_what_does_not_parse) {
    EXPECT_EQ(refusal(" a: 1\nb: 2\n"), "t.yaml:2:1: the indentation does not fit the lines above");
    EXPECT_EQ(refusal("a: 1\n  b: 2\n"),
              "t.yaml:2:4: ':' is not expected here (check the indentation, or put a text that contains ':' in quotes)");
    EXPECT_EQ(refusal("a: @b\n"), "t.yaml:1:4: a value cannot begin with this character (put it in quotes)");
    EXPECT_EQ(refusal("a: [1, 2\n"), "t.yaml:2:1: a '[' is not closed (add ']')");
    EXPECT_EQ(refusal("a: \"\\d\"\n"), "t.yaml:1:7: unknown escape after '\\' in double quotes (write '\\\\', or use single quotes)");
    EXPECT_EQ(refusal("a: >\n\tx\n"), "t.yaml:2:1: a tab is used for indentation (use spaces)");
}

// yaml-cpp takes the end of the file for the closing quote.
TEST(YamlReader, refuses_a_quote_that_is_never_closed) {
    EXPECT_EQ(refusal("a: \"x\n"), "t.yaml:1:4: a quote is not closed");
    EXPECT_EQ(refusal("a: 1\nb: 'it''s\n"), "t.yaml:2:4: a quote is not closed");
    EXPECT_EQ(refusal("a: \"x\\\"\n"), "t.yaml:1:4: a quote is not closed");
    EXPECT_EQ(to_json(root_of("a: 'it''s'\nb: \"x\\\"y\\\\\"\n")), R"({"a":"it's","b":"x\"y\\"})");
}

TEST(YamlReader, refuses_bytes_that_are_no_text_and_names_the_line) {
    EXPECT_EQ(refusal("a: 1\nb: \xFF\n"), "t.yaml:2:1: this line is not UTF-8 text (save the file as UTF-8)");
    EXPECT_EQ(refusal(std::string_view{"a: 1\nb: 2\n\0\n", 12}), "t.yaml:3:1: this line is not UTF-8 text (save the file as UTF-8)");
    EXPECT_EQ(refusal("a: \"\\0\"\n"), "t.yaml:1:4: the text holds a NUL character");
}

TEST(YamlReader, skips_a_byte_order_mark_without_shifting_places) {
    EXPECT_EQ(root_of("\xEF\xBB\xBF"
                      "a: 1\n")
                  .entries()
                  .front()
                  .key_mark.text(),
              "t.yaml:1:1");
}

TEST(YamlReader, gives_every_value_the_place_it_stands_at) {
    const Node root = root_of("a: 1\nlist:\n  - x\n  -   y: 'q'\ntext: |\n  one\n  two\n");
    EXPECT_EQ(root.mark().text(), "t.yaml:1:1");
    EXPECT_EQ(root.find("a")->mark().text(), "t.yaml:1:4");
    EXPECT_EQ(root.entries()[1].key_mark.text(), "t.yaml:2:1");
    EXPECT_EQ(root.find("list")->mark().text(), "t.yaml:3:3");
    EXPECT_EQ(root.find("list")->items()[1].find("y")->mark().text(), "t.yaml:4:10");
    EXPECT_EQ(root.find("text")->raw(), "one\ntwo\n");
}

TEST(YamlReader, places_a_missing_value_at_its_key_or_dash) {
    const Node root = root_of("a:\n# a comment\n\nb:\n  - 1\n  -\n  - 2\n");
    EXPECT_TRUE(root.find("a")->is_null());
    EXPECT_EQ(root.find("a")->mark().text(), "t.yaml:1:1");
    EXPECT_EQ(root.find("b")->items()[1].mark().text(), "t.yaml:6:3");
}

TEST(YamlReader, reads_an_empty_file_as_nothing) {
    for (const char* text : {"", "\n", "# only a comment\n", "---\n"}) EXPECT_TRUE(root_of(text).is_null()) << text;
}

TEST(YamlReader, keeps_the_order_of_keys) { EXPECT_EQ(to_json(root_of("z: 1\na: 2\nm: 3\n")), R"({"z":1,"a":2,"m":3})"); }

TEST(YamlReader, takes_a_file_of_the_largest_size_and_refuses_one_byte_more) {
    std::string text = "a: 1\n#";
    text.append(kFileBytesMax - text.size(), 'x');
    EXPECT_TRUE(read_yaml_text(text, "t.yaml"));
    text += 'x';
    EXPECT_EQ(refusal(text), "t.yaml: the file is larger than 1048576 bytes");
    const Folder folder;
    const auto file = folder.write("big.yaml", text);
    EXPECT_EQ(read_yaml_file(file).error().text(), file.string() + ": the file is larger than 1048576 bytes");
    EXPECT_EQ(read_yaml_file(file).error().code, Errc::too_large);
    text.pop_back();
    EXPECT_TRUE(read_yaml_file(folder.write("largest.yaml", text)));
}

TEST(YamlReader, takes_the_deepest_nesting_and_refuses_one_more) {
    EXPECT_TRUE(read_yaml_text(std::string(kDepthMax, '[') + std::string(kDepthMax, ']'), "t.yaml"));
    EXPECT_EQ(refusal(std::string(kDepthMax + 1, '[') + std::string(kDepthMax + 1, ']')),
              "t.yaml:1:65: lists and maps are nested more than 64 deep");
    EXPECT_FALSE(read_yaml_text(std::string(500'000, '['), "t.yaml"));
}

TEST(YamlReader, takes_the_most_values_and_refuses_one_more) {
    std::string text = "[";  // the list itself is a value
    for (std::size_t i = 1; i < kNodesMax; ++i) text += "1,\n";
    EXPECT_TRUE(read_yaml_text(text + "]", "t.yaml"));
    EXPECT_EQ(refusal(text + "1]"), "t.yaml:1:1: the file holds more than 200000 values");
}

TEST(YamlReader, takes_the_longest_key_and_refuses_one_byte_more) {
    EXPECT_TRUE(read_yaml_text("? " + std::string(kKeyBytesMax, 'k') + "\n: 1\n", "t.yaml"));
    EXPECT_EQ(refusal("? " + std::string(kKeyBytesMax + 1, 'k') + "\n: 1\n"), "t.yaml:1:3: a key of 1025 bytes; at most 1024 are accepted");
}

TEST(YamlReader, says_why_a_file_cannot_be_read) {
    const Folder folder;
    const auto missing = folder.path() / "none.yaml";
    EXPECT_EQ(read_yaml_file(missing).error().text(), missing.string() + ": there is no such file");
    EXPECT_EQ(read_yaml_file(missing).error().code, Errc::not_found);
    EXPECT_EQ(read_yaml_file(folder.path()).error().text(), folder.path().string() + ": is not a regular file");
    const auto pipe = folder.path() / "pipe.yaml";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(read_yaml_file(pipe).error().text(), pipe.string() + ": is not a regular file");
}

}  // namespace
}  // namespace stemma::config
