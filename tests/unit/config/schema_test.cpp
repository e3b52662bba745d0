// The schema check: every keyword's sentence, with the place in the YAML file. The sentences also hold our reading of the validator's.
#include "core/config/schema.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/config/support.hpp"

namespace stemma::config {
namespace {

using Lines = std::vector<std::string>;

/// The lines of the mistakes in `yaml` against a schema given as text.
Lines check(std::string_view schema_text, std::string_view yaml, std::string_view label = {}) {
    const auto schema = Schema::compile(schema_text, "test");
    if (!schema) return {"schema: " + schema.error().text()};
    return lines_of(schema->check(root_of(yaml), label));
}

constexpr std::string_view kDaemon = R"({"type":"object","additionalProperties":false,"properties":{
    "daemon":{"type":"object","additionalProperties":false,"properties":{
        "port":{"type":"integer","minimum":0,"maximum":65535},
        "level":{"enum":["debug","info"]},
        "on":{"type":"boolean"},
        "ratio":{"type":"number","exclusiveMinimum":0,"multipleOf":0.5},
        "address":{"type":"string","minLength":2,"maxLength":4}}}}})";

TEST(Schema, accepts_what_fits) {
    EXPECT_EQ(check(kDaemon, "daemon: {port: 0, level: info, on: true, ratio: 1.5, address: abcd}"), Lines{});
    EXPECT_EQ(check(kDaemon, "daemon: {port: 65535, address: ab}"), Lines{});
}

TEST(Schema, names_an_unknown_key_and_the_nearest_known_one) {
    EXPECT_EQ(check(kDaemon, "daemon:\n  on: true\n  prot: 1\n"),
              Lines{"t.yaml:3:3: unknown key 'prot' under 'daemon' (did you mean 'port'?)"});
    EXPECT_EQ(check(kDaemon, "deamon: {}\n"), Lines{"t.yaml:1:1: unknown key 'deamon' (did you mean 'daemon'?)"});
    EXPECT_EQ(check(kDaemon, "daemon: {xyzzy: 1}\n"),
              Lines{"t.yaml:1:10: unknown key 'xyzzy' under 'daemon' (known here: port, level, on, ratio or address)"});
}

TEST(Schema, lists_every_unknown_key_not_the_first_alone) {
    EXPECT_EQ(check(kDaemon, "daemon:\n  prot: 1\n  lvel: 2\n  \"it's: 'odd'\": 3\n"),
              (Lines{"t.yaml:2:3: unknown key 'prot' under 'daemon' (did you mean 'port'?)",
                     "t.yaml:3:3: unknown key 'lvel' under 'daemon' (did you mean 'level'?)",
                     "t.yaml:4:3: unknown key 'it's: 'odd'' under 'daemon' (known here: port, level, on, ratio or address)"}));
    EXPECT_EQ(check(kDaemon, "\"it's: 'odd'\": 3\n"), Lines{"t.yaml:1:1: unknown key 'it's: 'odd'' (known here: daemon)"});
}

TEST(Schema, says_what_type_was_wanted_and_what_is_there) {
    EXPECT_EQ(check(kDaemon, "daemon:\n  port: 010\n"),
              Lines{"t.yaml:2:9: 'daemon.port' must be a whole number, there is the text '010' (write it without leading zeros: 10)"});
    EXPECT_EQ(check(kDaemon, "daemon: {on: yes}"),
              Lines{"t.yaml:1:14: 'daemon.on' must be true or false, there is the text 'yes' (write true)"});
    EXPECT_EQ(check(kDaemon, "daemon: {address: 123}"),
              Lines{"t.yaml:1:19: 'daemon.address' must be text, there is the number 123 (put it in quotes: '123')"});
    EXPECT_EQ(check(kDaemon, "daemon: {port: 1.5}"), Lines{"t.yaml:1:16: 'daemon.port' must be a whole number, there is the number 1.5"});
    EXPECT_EQ(check(kDaemon, "daemon:\n"),
              Lines{"t.yaml:1:1: 'daemon' must be a map of keys, there is no value (give it a value or delete the line)"});
    EXPECT_EQ(check(kDaemon, "daemon: [1]\n"), Lines{"t.yaml:1:9: 'daemon' must be a map of keys, there is a list"});
    EXPECT_EQ(check(kDaemon, "hello\n"), Lines{"t.yaml:1:1: the file must be a map of keys, there is the text 'hello'"});
}

TEST(Schema, says_the_limits_of_numbers_and_texts) {
    EXPECT_EQ(check(kDaemon, "daemon: {port: 65536}"),
              Lines{"t.yaml:1:16: 'daemon.port' must be at most 65535, there is the number 65536"});
    EXPECT_EQ(check(kDaemon, "daemon: {port: -1}"), Lines{"t.yaml:1:16: 'daemon.port' must be at least 0, there is the number -1"});
    EXPECT_EQ(check(kDaemon, "daemon: {ratio: 0}"), Lines{"t.yaml:1:17: 'daemon.ratio' must be more than 0, there is the number 0"});
    EXPECT_EQ(check(kDaemon, "daemon: {ratio: 0.7}"),
              Lines{"t.yaml:1:17: 'daemon.ratio' must be a multiple of 5E-1, there is the number 0.7"});
    EXPECT_EQ(check(kDaemon, "daemon: {address: abcde}"),
              Lines{"t.yaml:1:19: 'daemon.address' must have at least 2 and at most 4 characters"});
    EXPECT_EQ(check(kDaemon, "daemon: {address: a}"), Lines{"t.yaml:1:19: 'daemon.address' must have at least 2 and at most 4 characters"});
}

TEST(Schema, lists_the_allowed_values) {
    EXPECT_EQ(check(kDaemon, "daemon: {level: inof}"),
              Lines{"t.yaml:1:17: 'daemon.level' must be debug or info, there is the text 'inof' (did you mean 'info'?)"});
    EXPECT_EQ(check(R"({"const":"lot"})", "serial"), Lines{"t.yaml:1:1: the file must be lot, there is the text 'serial'"});
}

TEST(Schema, reports_every_mistake_in_the_order_of_the_file) {
    EXPECT_EQ(check(kDaemon, "daemon:\n  level: x\n  port: a\n  on: 1\nx: 1\n"),
              (Lines{"t.yaml:2:10: 'daemon.level' must be debug or info, there is the text 'x'",
                     "t.yaml:3:9: 'daemon.port' must be a whole number, there is the text 'a'",
                     "t.yaml:4:7: 'daemon.on' must be true or false, there is the number 1",
                     "t.yaml:5:1: unknown key 'x' (known here: daemon)"}));
}

TEST(Schema, names_elements_of_lists_by_their_index) {
    constexpr std::string_view schema = R"({"type":"array","minItems":1,"maxItems":3,"uniqueItems":true,"items":
        {"type":"object","required":["name"],"properties":{"name":{"type":"string","pattern":"^[a-z]+$"}}}})";
    EXPECT_EQ(check(schema, "- name: a\n- nam: b\n"), Lines{"t.yaml:2:3: '[1]' lacks the key 'name'"});
    EXPECT_EQ(check(schema, "- name: a\n- nam: b\n", "rules"), Lines{"t.yaml:2:3: 'rules[1]' lacks the key 'name'"});
    EXPECT_EQ(check(schema, "- name: A\n"),
              Lines{"t.yaml:1:9: '[0].name' does not have the right form, there is the text 'A' (it must match ^[a-z]+$)"});
    EXPECT_EQ(check(schema, "[]"), Lines{"t.yaml:1:1: the file must have at least 1 and at most 3 elements"});
    EXPECT_EQ(check(schema, "[{name: a}, {name: b}, {name: a}]"), Lines{"t.yaml:1:1: the file lists the same element twice"});
}

TEST(Schema, uses_the_descriptions_words_for_a_form) {
    EXPECT_EQ(
        check(R"({"properties":{"every":{"type":"string","pattern":"^[0-9]+s$","description":"A duration such as 30s."}}})", "every: 60\n"),
        Lines{"t.yaml:1:8: 'every' must be text, there is the number 60 (A duration such as 30s.)"});
    EXPECT_EQ(
        check(R"({"properties":{"every":{"type":"string","pattern":"^[0-9]+s$","description":"A duration such as 30s."}}})", "every: 6m\n"),
        Lines{"t.yaml:1:8: 'every' does not have the right form, there is the text '6m' (A duration such as 30s.)"});
}

TEST(Schema, speaks_of_the_branch_a_value_was_meant_for) {
    constexpr std::string_view schema =
        R"({"properties":{"width":{"anyOf":[{"type":"integer","minimum":1},{"type":"string","enum":["auto"]}]}}})";
    EXPECT_EQ(check(schema, "width: 5"), Lines{});
    EXPECT_EQ(check(schema, "width: auto"), Lines{});
    EXPECT_EQ(check(schema, "width: 0"), Lines{"t.yaml:1:8: 'width' must be at least 1, there is the number 0"});
    EXPECT_EQ(check(schema, "width: atuo"), Lines{"t.yaml:1:8: 'width' must be auto, there is the text 'atuo' (did you mean 'auto'?)"});
    EXPECT_EQ(check(schema, "width: [1]"), Lines{"t.yaml:1:8: 'width' must be a whole number or text, there is a list"});
    constexpr std::string_view either = R"({"properties":{"x":{"oneOf":[{"type":"integer"},{"type":"boolean"}]}}})";
    EXPECT_EQ(check(either, "x: a"), Lines{"t.yaml:1:4: 'x' must be a whole number or true or false, there is the text 'a'"});
}

TEST(Schema, follows_references_and_recursion) {
    constexpr std::string_view schema = R"({"$ref":"#/definitions/node","definitions":{"node":{"type":"object","additionalProperties":false,
        "properties":{"next":{"$ref":"#/definitions/node"},"size":{"type":"integer"}}}}})";
    EXPECT_EQ(check(schema, "next:\n  next:\n    sise: 1\n"),
              Lines{"t.yaml:3:5: unknown key 'sise' under 'next.next' (did you mean 'size'?)"});
    EXPECT_EQ(check(schema, "next: {next: {size: a}}"),
              Lines{"t.yaml:1:21: 'next.next.size' must be a whole number, there is the text 'a'"});
}

TEST(Schema, says_something_even_where_the_validator_gives_no_reason) {
    EXPECT_EQ(check(R"({"properties":{"a":{"not":{"type":"string"},"description":"No text, please."}}})", "a: x"),
              Lines{"t.yaml:1:4: 'a' is not accepted as it stands (No text, please.)"});
    EXPECT_EQ(check(R"({"properties":{"a":false}})", "a: x"), Lines{"t.yaml:1:4: 'a' is not accepted as it stands"});
    EXPECT_EQ(check(R"({"propertyNames":{"maxLength":1}})", "ab: x"), Lines{"t.yaml:1:1: the file is not accepted as it stands"});
    EXPECT_EQ(check(R"({"dependencies":{"a":["b"]}})", "a: x"), Lines{"t.yaml:1:1: the file lacks the key 'b'"});
}

TEST(Schema, checks_keys_by_pattern_and_names_the_one_that_fails) {
    constexpr std::string_view schema = R"({"additionalProperties":false,"patternProperties":{"^[a-z]+$":{"type":"integer"}}})";
    EXPECT_EQ(check(schema, "a: 1\nb: x\n"), Lines{"t.yaml:2:4: 'b' must be a whole number, there is the text 'x'"});
    EXPECT_EQ(check(schema, "a: 1\nB: 1\n"), Lines{"t.yaml:2:1: unknown key 'B'"});
}

// std::regex recurses once per character: a long text would end the process.
TEST(Schema, refuses_a_text_too_long_for_a_pattern_and_takes_the_longest) {
    constexpr std::string_view schema = R"({"properties":{"a":{"type":"string","pattern":"^(x|y)*$"},"b":{"type":"string"}}})";
    EXPECT_EQ(check(schema, "a: " + std::string(kPatternTextBytesMax, 'x')), Lines{});
    EXPECT_EQ(check(schema, "a: " + std::string(kPatternTextBytesMax + 1, 'x')),
              Lines{"t.yaml:1:4: 'a' has 1025 bytes; at most 1024 are accepted here"});
    EXPECT_EQ(check(schema, "b: " + std::string(500'000, 'x')), Lines{});
}

TEST(Schema, cuts_a_long_list_of_mistakes_and_counts_the_rest) {
    std::string yaml;
    for (std::size_t i = 0; i < kSchemaErrorsMax + 5; ++i) yaml += "- x\n";
    const Lines lines = check(R"({"items":{"type":"integer"}})", yaml);
    ASSERT_EQ(lines.size(), kSchemaErrorsMax + 1);
    EXPECT_EQ(lines.back(), "and 5 more mistakes");
}

TEST(Schema, never_shows_a_value_that_came_from_outside_the_file) {
    const auto schema = Schema::compile(R"({"type":"integer"})", "test");
    const auto errors = schema->check(Node::scalar({}, "port", "hunter2", false, "${env:PORT}"));
    EXPECT_EQ(lines_of(errors), Lines{"the file must be a whole number, there is the value of '${env:PORT}'"});
}

TEST(Schema, refuses_a_schema_that_cannot_be_used) {
    EXPECT_EQ(Schema::compile("{", "plugin x").error().message.rfind("the JSON schema of plugin x cannot be used: ", 0), 0U);
    EXPECT_FALSE(Schema::compile("[]", "x"));
    EXPECT_FALSE(Schema::compile(R"({"type":"colour"})", "x"));
    EXPECT_FALSE(Schema::compile(R"({"$ref":"http://example.com/other.json"})", "x"));
    EXPECT_FALSE(Schema::compile(std::string(kSchemaBytesMax + 1, ' '), "x"));
}

}  // namespace
}  // namespace stemma::config
