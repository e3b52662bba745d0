// A plugin's options as lines for people, from its JSON Schema.
#include <gtest/gtest.h>

#include "core/cli/render.hpp"

namespace stemma::cli {
namespace {

std::string rendered(const char* schema) { return render_options(*parse_json(schema), Look{}); }

TEST(RenderOptions, names_type_default_and_meaning) {
    EXPECT_EQ(rendered(R"({"type":"object","properties":{
        "days":{"type":"integer","minimum":0,"maximum":3650,"default":14,"description":"Days that remain."},
        "share":{"type":"number","minimum":0.5},
        "most":{"type":"integer","maximum":9},
        "strict":{"type":"boolean","default":false},
        "case":{"type":"string","enum":["keep","upper"],"default":"keep"},
        "name":{"type":"string"}},"required":["name"]})"),
              "  option  type                    default  meaning\n"
              "  days    whole number 0 to 3650  14       Days that remain.\n"
              "  share   number from 0.5\n"
              "  most    whole number up to 9\n"
              "  strict  true or false           false\n"
              "  case    one of keep, upper      keep\n"
              "  name    text                    needed\n");
}

TEST(RenderOptions, follows_options_inside_lists_and_maps) {
    EXPECT_EQ(rendered(R"({"type":"object","properties":{"schemes":{"type":"array","items":{"type":"object","required":["name"],
        "properties":{"name":{"type":"string"},"values":{"type":"array","items":{"type":"string"}},
        "codes":{"type":"object","additionalProperties":{"type":"string"}}}}}}})"),
              "  option             type          default\n"
              "  schemes            list\n"
              "  schemes[].name     text          needed\n"
              "  schemes[].values   list of text\n"
              "  schemes[].codes    map\n"
              "  schemes[].codes.*  text\n");
}

TEST(RenderOptions, says_that_there_is_none) {
    EXPECT_EQ(rendered(R"({"type":"object","additionalProperties":false})"), "  It has none.\n");
    EXPECT_EQ(rendered("null"), "  It has none.\n");
}

TEST(RenderOptions, ends_in_a_schema_of_any_depth) {
    std::string schema = R"({"type":"string"})";
    for (int i = 0; i < 40; ++i) schema = R"({"type":"object","properties":{"a":)" + schema + "}}";
    const std::string text = rendered(schema.c_str());
    EXPECT_NE(text.find("  a.a.a.a.a.a.a.a  map"), std::string::npos) << text;
    EXPECT_EQ(text.find("a.a.a.a.a.a.a.a.a"), std::string::npos) << text;
}

}  // namespace
}  // namespace stemma::cli
