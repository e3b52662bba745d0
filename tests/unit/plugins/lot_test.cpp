// Custom attributes of lots: each type at its edges, and when they are asked for.
#include <gtest/gtest.h>

#include <string>

#include "plugins/lot/attributes.hpp"
#include "plugins/lot/options.hpp"
#include "tests/unit/plugins/schemes.hpp"

namespace stemma::lot {
namespace {

using pattern::decoded;
using pattern::kMonday2MarchUs;
using pattern::verdict_on;

constexpr const char* kDairy = R"({
  "name": "dairy-lot",
  "sections": [{"fixed": "L"}, {"date": "yy"}, {"date": "ddd"}, {"fixed": "-"}, {"sequence": true, "width": 3}],
  "attributes": [
    {"name": "weight", "type": "quantity", "unit": "KGM", "required": true},
    {"name": "pasteurised", "type": "boolean", "required": true},
    {"name": "silo", "values": ["north", "south"]},
    {"name": "made_on", "type": "date"}]
})";

pattern::SchemePtr lot_of(std::string_view options) { return read_lot_scheme(sdk::Json::parse(options)); }

TEST(LotScheme, issues_a_number_once_all_required_attributes_are_given) {
    const auto dairy = lot_of(kDairy);
    EXPECT_EQ(dairy->format({7, {{"weight", "12.5 KGM"}, {"pasteurised", "true"}}, kMonday2MarchUs}), "L26061-007");
    EXPECT_EQ(dairy->format(
                  {7, {{"weight", "12.5 KGM"}, {"pasteurised", "true"}, {"silo", "south"}, {"made_on", "2026-03-01"}}, kMonday2MarchUs}),
              "L26061-007");
    EXPECT_EQ(dairy->format({7, {{"weight", "12.5 KGM"}}, kMonday2MarchUs}).error(),
              "attribute 'pasteurised' is required: it takes true or false");
    EXPECT_EQ(dairy->format({7, {{"weight", "12.5"}, {"pasteurised", "true"}}, kMonday2MarchUs}).error(),
              "attribute 'weight' cannot be '12.5': it takes a number and its unit, such as 12.5 KGM");
    EXPECT_EQ(dairy->format({7, {{"weight", "1 KGM"}, {"pasteurised", "true"}, {"silo", "east"}}, kMonday2MarchUs}).error(),
              "attribute 'silo' cannot be 'east': it takes one of north, south");
    EXPECT_EQ(dairy->format({7, {{"weigth", "1 KGM"}}, kMonday2MarchUs}).error(),
              "'weigth' is not a field of this scheme; it takes weight, pasteurised, silo, made_on");
}

TEST(LotScheme, checks_and_decodes_a_number_without_its_attributes) {
    const auto dairy = lot_of(kDairy);
    EXPECT_EQ(verdict_on(*dairy, "L26061-007"), "valid");
    EXPECT_EQ(verdict_on(*dairy, "L26366-007"), "lot.date@1+5");
    EXPECT_EQ(decoded(*dairy, "L26061-007"), "fixed=L/L yy=2026/26 ddd=061/061 fixed=-/- sequence=7/007");
    EXPECT_EQ(dairy->counter_max(), 999U);
    EXPECT_EQ(dairy->wanted().size(), 4U);
}

TEST(LotScheme, says_the_limit_of_a_lot_number_too_long) {
    const auto lot = pattern::scheme_of(R"({"name": "lot", "max_length": 20})", "lot");
    const auto remark = lot->check(std::string(21, 'L'));
    ASSERT_TRUE(remark);
    EXPECT_EQ(lot->reasons()[remark->reason].code, "lot.too_long");
    EXPECT_EQ(lot->reasons()[remark->reason].text, "lot number too long: 'lot' has at most 20 bytes");
}

struct Edge {
    AttributeType type;
    const char* value;
    bool fits;
};

constexpr Edge kEdges[] = {{AttributeType::text, "", false},
                           {AttributeType::text, "x", true},  //
                           {AttributeType::integer, "9223372036854775807", true},
                           {AttributeType::integer, "9223372036854775808", false},  //
                           {AttributeType::integer, "-1", true},
                           {AttributeType::integer, "1.0", false},
                           {AttributeType::integer, "", false},
                           {AttributeType::integer, "+1", false},
                           {AttributeType::integer, "1 ", false},  //
                           {AttributeType::number, "0.000001", true},
                           {AttributeType::number, "0.0000001", false},  //
                           {AttributeType::number, "999999999999", true},
                           {AttributeType::number, "1000000000000", false},  //
                           {AttributeType::number, "-2.5", true},
                           {AttributeType::number, ".5", false},
                           {AttributeType::number, "5.", false},
                           {AttributeType::number, "1e3", false},
                           {AttributeType::number, "-", false},  //
                           {AttributeType::boolean, "true", true},
                           {AttributeType::boolean, "yes", false},  //
                           {AttributeType::date, "2024-02-29", true},
                           {AttributeType::date, "2026-02-29", false},  //
                           {AttributeType::date, "2026-3-01", false},
                           {AttributeType::date, "0000-01-01", false},
                           {AttributeType::date, "2026-00-10", false},
                           {AttributeType::date, "2026/03/01", false},  //
                           {AttributeType::quantity, "12.5 KGM", true},
                           {AttributeType::quantity, "12.5 LBR", false},
                           {AttributeType::quantity, "12.5KGM", false},
                           {AttributeType::quantity, "x KGM", false}};

TEST(LotAttributes, are_told_apart_at_the_edges_of_their_types) {
    for (const Edge& edge : kEdges) {
        const Attribute attribute{"x", edge.type, false, {}, edge.type == AttributeType::quantity ? "KGM" : ""};
        EXPECT_EQ(check_value(attribute, edge.value).has_value(), edge.fits) << edge.value;
    }
}

TEST(LotAttributes, hold_texts_of_255_bytes_and_no_more) {
    const Attribute text{"x", AttributeType::text, false, {}, {}};
    EXPECT_TRUE(check_value(text, std::string(255, 'x')));
    EXPECT_FALSE(check_value(text, std::string(256, 'x')));
}

TEST(LotAttributes, have_examples_that_fit) {
    for (const AttributeType type : {AttributeType::text, AttributeType::integer, AttributeType::number, AttributeType::boolean,
                                     AttributeType::date, AttributeType::quantity}) {
        const Attribute attribute{"x", type, false, {}, type == AttributeType::quantity ? "C62" : ""};
        EXPECT_TRUE(check_value(attribute, example_of(attribute)));
    }
}

TEST(LotAttributes, are_refused_when_they_contradict_themselves) {
    const auto why = [](const std::string& attributes) -> std::string {
        try {
            (void)lot_of(R"({"name": "t", "attributes": [)" + attributes + "]}");
        } catch (const sdk::BadOption& bad) {
            return bad.what();
        }
        return "";
    };
    EXPECT_NE(why(R"({"name": "a"}, {"name": "a"})").find("attribute 'a' stands twice"), std::string::npos);
    EXPECT_NE(why(R"({"name": "number"})").find("has a section's name"), std::string::npos);
    EXPECT_NE(why(R"({"name": "a", "type": "quantity"})").find("which needs it"), std::string::npos);
    EXPECT_NE(why(R"({"name": "a", "unit": "KGM"})").find("'unit' belongs to type quantity"), std::string::npos);
    EXPECT_NE(why(R"({"name": "a", "type": "date", "values": ["x"]})").find("'values' belongs to type text"), std::string::npos);
    EXPECT_NE(why(R"({"name": "a", "type": "colour"})").find("is no type of attribute"), std::string::npos);
    EXPECT_EQ(why(R"({"name": "a"})"), "");
}

}  // namespace
}  // namespace stemma::lot
