#include "core/cli/words.hpp"

#include <gtest/gtest.h>

namespace stemma::cli {
namespace {

Json json(std::string_view text) { return parse_json(text).value(); }

TEST(Words, group_the_digits_in_front_of_the_point) {
    EXPECT_EQ(grouped("0"), "0");
    EXPECT_EQ(grouped("999"), "999");
    EXPECT_EQ(grouped("1000"), "1,000");
    EXPECT_EQ(grouped("1234567.891234"), "1,234,567.891234");
    EXPECT_EQ(grouped("-100"), "-100");
    EXPECT_EQ(grouped("-1000"), "-1,000");
    EXPECT_EQ(grouped(std::uint64_t{18446744073709551615U}), "18,446,744,073,709,551,615");
}

TEST(Words, count_in_singular_and_plural) {
    EXPECT_EQ(counted(0, "item"), "0 items");
    EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
    EXPECT_EQ(counted(1842, "entry", "entries"), "1,842 entries");
}

TEST(Words, name_units_as_people_do) {
    EXPECT_EQ(quantity_text(json(R"({"quantity": 5, "uom": "KGM"})")), "5 kg");
    EXPECT_EQ(quantity_text(json(R"({"quantity": 3})")), "3 pcs");
    EXPECT_EQ(quantity_text(json(R"({"quantity": 3, "uom": "XYZ"})")), "3 XYZ");
    EXPECT_EQ(quantity_text(json(R"({"uom": "KGM"})")), "");
    EXPECT_EQ(amounts_text(json(R"({"a": [{"quantity": 5, "uom": "KGM"}, {"quantity": 1200, "uom": "C62"}]})"), "a"), "5 kg + 1,200 pcs");
}

TEST(Words, write_fractions_without_exponent_or_false_digits) {
    EXPECT_EQ(text_of(json("0.000001")), "0.000001");
    EXPECT_EQ(text_of(json("0.003")), "0.003");
    EXPECT_EQ(text_of(json("0.1")), "0.1");
    EXPECT_EQ(text_of(json("-2.5")), "-2.5");
    EXPECT_EQ(text_of(json("9223372036854.5")), "9223372036854.5");
}

TEST(Words, keep_whole_numbers_of_64_bits) {
    EXPECT_EQ(text_of(json("9007199254740993")), "9007199254740993");
    EXPECT_EQ(text_of(json("18446744073709551615")), "18446744073709551615");
    EXPECT_EQ(text_of(json("-9223372036854775808")), "-9223372036854775808");
}

TEST(Words, shorten_instants_to_minutes_and_say_the_zone) {
    EXPECT_EQ(short_time("2026-03-01T10:00:59.123456Z"), "2026-03-01 10:00Z");
    EXPECT_EQ(short_time("2026-03-01"), "2026-03-01");
    EXPECT_EQ(short_time("2026-03-01T10:00:00+02:00"), "2026-03-01T10:00:00+02:00");
    EXPECT_EQ(short_time(""), "");
}

TEST(Words, shorten_only_ids_of_our_own) {
    EXPECT_EQ(short_id("urn:stemma:tryton:place:3"), "place 3");
    EXPECT_EQ(short_id("urn:epc:id:sgtin:4012345.011111.987"), "urn:epc:id:sgtin:4012345.011111.987");
    EXPECT_EQ(short_id("rma-000017"), "rma-000017");
    EXPECT_EQ(short_id(""), "");
}

TEST(Words, name_a_document_by_the_kind_in_its_id_since_types_and_numbers_are_shared) {
    EXPECT_EQ(document_word("desadv", "urn:stemma:tryton:internal_shipment:5"), "internal shipment");
    EXPECT_EQ(document_word("desadv", "urn:stemma:tryton:customer_delivery:5"), "customer delivery");
    EXPECT_EQ(document_word("desadv", "urn:example:despatch:5"), "delivery");
    EXPECT_EQ(document_word("recadv", ""), "receipt");
    EXPECT_EQ(document_word("own_type", ""), "own type");
    EXPECT_EQ(document_number("CS-1", "urn:stemma:tryton:internal_shipment:5"), "CS-1");
    EXPECT_EQ(document_number("", "urn:stemma:tryton:internal_shipment:5"), "5");
    EXPECT_EQ(document_number("", "urn:example:despatch:5"), "urn:example:despatch:5");
}

TEST(Words, name_documents_one_after_the_other) {
    const Json both = json(R"({"documents": [{"type": "po", "id": "urn:stemma:tryton:sales_order:20", "number": "SO-20"},
                                             {"type": "po", "id": "urn:stemma:tryton:purchase_order:17"}]})");
    EXPECT_EQ(documents_text(both, "documents", "id", "number"), "sales order SO-20, purchase order 17");
    EXPECT_EQ(documents_text(json("{}"), "documents", "id", "number"), "");
}

TEST(Words, name_a_place_or_party_by_the_best_that_is_known) {
    EXPECT_EQ(name_with_code(json(R"({"name": "Main warehouse", "code": "WH", "place": "urn:stemma:t:place:1"})")), "Main warehouse (WH)");
    EXPECT_EQ(name_with_code(json(R"({"name": "WH", "code": "WH"})")), "WH");
    EXPECT_EQ(name_with_code(json(R"({"code": "WH"})")), "WH");
    EXPECT_EQ(name_with_code(json(R"({"place": "urn:stemma:t:place:1"})")), "place 1");
    EXPECT_EQ(name_with_code(json(R"({"party": "urn:stemma:t:party:9"})")), "party 9");
    EXPECT_EQ(name_with_code(json("{}")), "");
}

TEST(Words, say_a_verdict_with_each_finding_once) {
    EXPECT_EQ(verdict_text(json(R"({"outcome": "accepted"})")), "accepted");
    EXPECT_EQ(verdict_text(json(R"({"outcome": "accepted_with_findings", "findings": [{"code": "a.b"}, {"code": "a"}, {"code": "a.b"}]})")),
              "accepted with findings: a.b, a");
}

TEST(View, takes_what_is_absent_as_empty) {
    const Json value = json(R"({"text": "x", "list": [1], "flag": true})");
    EXPECT_EQ(text_at(value, "nothing"), "");
    EXPECT_EQ(count_at(value, "text"), 0U);
    EXPECT_TRUE(list_at(value, "text").empty());
    EXPECT_EQ(list_at(value, "list").size(), 1U);
    EXPECT_FALSE(flag_at(value, "list"));
    EXPECT_TRUE(flag_at(value, "flag"));
    EXPECT_TRUE(at(at(value, "a"), "b").is_null());
    EXPECT_EQ(count_at(json(R"({"n": -1})"), "n"), 0U);
}

TEST(View, refuses_what_is_no_json) {
    EXPECT_FALSE(parse_json("<html>"));
    EXPECT_FALSE(parse_json(""));
    EXPECT_FALSE(parse_json("{} {}"));
}

}  // namespace
}  // namespace stemma::cli
