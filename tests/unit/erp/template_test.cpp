#include <gtest/gtest.h>

#include "adapters/erp/text_template.hpp"

namespace stemma::erp {
namespace {

const std::vector<std::string> kColumns{"lot_id", "number", "name"};

std::optional<std::string> expand(std::string_view text, const Cells& cells) {
    auto made = TextTemplate::compile(text, kColumns);
    if (!made) return "error: " + made.error().text();
    return made->expand(cells);
}

TEST(TextTemplate, puts_the_columns_into_the_text) {
    EXPECT_EQ(expand("{number} of {name} ({number})", {"7", "L-1", "Bolt"}), "L-1 of Bolt (L-1)");
    EXPECT_EQ(expand("plain", {"7", "L-1", "Bolt"}), "plain");
    EXPECT_EQ(expand("", {"7", "L-1", "Bolt"}), "");
}

TEST(TextTemplate, says_nothing_when_a_column_is_null) {
    EXPECT_EQ(expand("{number} {name}", {"7", std::nullopt, "Bolt"}), std::nullopt);
    EXPECT_EQ(expand("{name}", {"7", std::nullopt, "Bolt"}), "Bolt");
    EXPECT_EQ(expand("{name}", {"7", "L-1", ""}), "");
}

TEST(TextTemplate, does_not_expand_what_a_column_holds) { EXPECT_EQ(expand("{number}", {"7", "{name}", "Bolt"}), "{name}"); }

TEST(TextTemplate, refuses_an_unknown_column_and_names_the_nearest) {
    EXPECT_EQ(expand("{nubmer}", {}), "error: there is no column 'nubmer' (did you mean 'number'?)");
}

TEST(TextTemplate, refuses_a_brace_without_its_partner) {
    for (const char* text : {"{number", "number}", "a}b{number}", "{number}}"})
        EXPECT_TRUE(expand(text, {})->starts_with("error: a brace"));
}

std::optional<std::string> id(std::string_view text, const Cells& cells) {
    auto made = IdTemplate::compile(text, kColumns);
    if (!made) return "error: " + made.error().text();
    return made->expand("erp", cells);
}

TEST(IdTemplate, makes_a_urn_of_source_kind_and_key) {
    EXPECT_EQ(id("lot:{lot_id}", {"7", "L-1", "Bolt"}), "urn:stemma:erp:lot:7");
    EXPECT_EQ(id("{name}:{lot_id}-{number}", {"7", "L-1", "bolt"}), "urn:stemma:erp:bolt:7-L-1");
}

TEST(IdTemplate, keeps_keys_apart_that_hold_its_separator) {
    EXPECT_EQ(id("lot:{number}", {"7", "a:b c", ""}), "urn:stemma:erp:lot:a%3Ab%20c");
}

TEST(IdTemplate, gives_no_id_for_a_null_or_empty_column) {
    EXPECT_EQ(id("lot:{number}", {"7", std::nullopt, ""}), std::nullopt);
    EXPECT_EQ(id("lot:{number}", {"7", "", ""}), std::nullopt);
}

TEST(IdTemplate, refuses_a_text_without_kind_or_key) {
    for (const char* text : {"{lot_id}", ":{lot_id}", "lot:", ""}) EXPECT_TRUE(id(text, {})->contains("is no id")) << text;
}

}  // namespace
}  // namespace stemma::erp
