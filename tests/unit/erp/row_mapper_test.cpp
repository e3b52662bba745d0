#include "adapters/erp/row_mapper.hpp"

#include <gtest/gtest.h>

#include "adapters/erp/record_digest.hpp"
#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

using Values = std::vector<std::optional<std::string_view>>;

MappedRow map(const std::shared_ptr<const Mapping>& mapping, const char* query, const Values& values) {
    return RowMapper{*mapping, *mapping->find(query), "erp"}.map(values);
}

Values move() { return {"1", "in", "2026-03-01", "7", "2.5", "kg", "S4", "PO-9", "2026-03-01 10:00:00"}; }

Event event_of(const Values& values) {
    const MappedRow row = map(test::toy(), "moves", values);
    if (!row.result) {
        ADD_FAILURE() << row.result.error().reason;
        return {};
    }
    return std::get<Event>(row.result->record);
}

std::string reason(const Values& values, const char* query = "moves") {
    const MappedRow row = map(test::toy(), query, values);
    return row.result ? "none" : row.result.error().reason;
}

TEST(RowMapper, makes_an_event_of_a_row) {
    const Event event = event_of(move());
    EXPECT_EQ(event.id.str(), "urn:stemma:erp:move:1");
    EXPECT_EQ(event.type, EventType::object);
    EXPECT_EQ(event.action, Action::observe);
    EXPECT_EQ(event.biz_step, "receiving");
    EXPECT_TRUE(event.time.date_only);
    EXPECT_EQ(format_date(event.time.instant), "2026-03-01");
    ASSERT_EQ(event.items.size(), 1U);
    EXPECT_EQ(event.items[0], (ItemQuantity{ItemId{"urn:stemma:erp:lot:7"}, Quantity{2'500'000, "KGM"}}));
    ASSERT_EQ(event.documents.size(), 1U);
    EXPECT_EQ(event.documents[0], (BizTransaction{"po", DocumentId{"urn:stemma:erp:order:PO-9"}, "No. PO-9"}));
    ASSERT_EQ(event.sources.size(), 1U);
    EXPECT_EQ(event.sources[0], (SourceDest{"possessing_party", "urn:stemma:erp:party:S4"}));
}

TEST(RowMapper, a_column_chooses_the_template) {
    Values values = move();
    values[1] = "use";
    const Event event = event_of(values);
    EXPECT_EQ(event.type, EventType::transformation);
    EXPECT_TRUE(event.items.empty());
    EXPECT_EQ(event.inputs.size(), 1U);
    EXPECT_EQ(event.transformation.str(), "urn:stemma:erp:order:PO-9");
    EXPECT_TRUE(event.sources.empty());
}

TEST(RowMapper, leaves_out_documents_and_parties_that_are_null) {
    Values values = move();
    values[6] = std::nullopt;
    values[7] = std::nullopt;
    const Event event = event_of(values);
    EXPECT_TRUE(event.documents.empty());
    EXPECT_TRUE(event.sources.empty());
}

TEST(RowMapper, a_null_quantity_means_this_one_instance) {
    Values values = move();
    values[4] = std::nullopt;
    EXPECT_EQ(event_of(values).items[0], (ItemQuantity{ItemId{"urn:stemma:erp:lot:7"}, std::nullopt}));
}

TEST(RowMapper, rejects_a_row_with_table_key_column_and_value) {
    Values values = move();
    values[2] = "2026-02-30";
    const MappedRow row = map(test::toy(), "moves", values);
    ASSERT_FALSE(row.result);
    EXPECT_EQ(row.result.error().query, "moves");
    EXPECT_EQ(row.result.error().table, "move");
    EXPECT_EQ(row.result.error().key, "1");
    EXPECT_EQ(row.result.error().reason, "column 'day' is '2026-02-30': not a date");
}

TEST(RowMapper, rejects_quantities_that_are_not_positive) {
    for (const auto& [written, shown] : {std::pair{"0", "0"}, {"-1", "-1"}, {"0.0000004", "0"}}) {
        Values values = move();
        values[4] = written;
        EXPECT_EQ(reason(values), std::string{"column 'quantity' is '"} + shown + "': a quantity must be positive");
    }
    Values values = move();
    values[4] = "0.000001";
    EXPECT_EQ(reason(values), "none");
}

TEST(RowMapper, rejects_an_unknown_unit_an_unknown_case_and_a_missing_part_of_an_id) {
    Values values = move();
    values[5] = "reel";
    EXPECT_EQ(reason(values), "column 'unit' is 'reel': the mapping's 'units' do not have this unit");
    values = move();
    values[1] = "out";
    EXPECT_EQ(reason(values), "column 'kind' is 'out': the mapping has no case for it");
    values = move();
    values[1] = "use";
    values[7] = std::nullopt;
    EXPECT_EQ(reason(values), "column 'note' is NULL: it is part of an id");
    values = move();
    values[3] = std::nullopt;
    EXPECT_EQ(reason(values), "column 'lot' is NULL");
}

TEST(RowMapper, rejects_an_id_that_is_too_long_and_takes_the_longest) {
    const std::string note(512 - std::string_view{"urn:stemma:erp:order:"}.size(), 'x');
    Values values = move();
    values[1] = "use";
    values[7] = note;
    EXPECT_EQ(reason(values), "none");
    const std::string longer = note + 'x';
    values[7] = longer;
    EXPECT_TRUE(reason(values).ends_with("has 513 bytes, 512 are allowed")) << reason(values);
}

TEST(RowMapper, makes_an_item_with_its_numbers_and_attributes) {
    const MappedRow row = map(test::toy(), "lots", {"7", "00042", "2027-01-31"});
    ASSERT_TRUE(row.result);
    const Item& item = std::get<Item>(std::get<Master>(row.result->record));
    EXPECT_EQ(item.id.str(), "urn:stemma:erp:lot:7");
    EXPECT_EQ(item.kind, ItemKind::lot);
    EXPECT_EQ(item.identifiers, (std::vector<Identifier>{{"lot", "00042"}}));
    EXPECT_EQ(item.attributes, (Attributes{{"itemExpirationDate", "2027-01-31"}}));
    EXPECT_EQ(row.result->key, "7");
}

TEST(RowMapper, an_item_may_lack_a_number_but_not_have_an_empty_one) {
    const MappedRow row = map(test::toy(), "lots", {"7", std::nullopt, std::nullopt});
    ASSERT_TRUE(row.result);
    EXPECT_TRUE(std::get<Item>(std::get<Master>(row.result->record)).identifiers.empty());
    EXPECT_EQ(reason({"7", "", std::nullopt}, "lots"), "column 'number' is '': a number may not be empty");
}

TEST(RowMapper, a_party_keeps_its_name_apart) {
    constexpr std::string_view kParty = R"(mapping: p
erp: P
version: "1"
fingerprint: {tables: {p: [id]}}
units: {pc: C62}
queries:
  - name: parties
    table: p
    key: id
    tables: {p: [id, code, name]}
    columns:
      id: int
      code: text?
      name: text?
    sql: SELECT id, code, name FROM p
    record: {party: {id: "party:{id}", code: "{code}", name: "{name}"}}
)";
    const auto mapping = test::toy(kParty);
    const MappedRow row = map(mapping, "parties", {"3", "C01", "Ada Lovelace"});
    ASSERT_TRUE(row.result);
    EXPECT_EQ(std::get<Party>(std::get<Master>(row.result->record)), (Party{PartyId{"urn:stemma:erp:party:3"}, "C01", ""}));
    ASSERT_TRUE(row.result->contact);
    EXPECT_EQ(row.result->contact->name, "Ada Lovelace");
    EXPECT_FALSE(map(mapping, "parties", {"3", "C01", std::nullopt}).result->contact);
}

TEST(RowMapper, gives_a_party_its_country_and_no_more_than_the_ledger_may_keep) {
    const std::string text = R"(mapping: p
erp: P
version: "1"
fingerprint: {tables: {p: [id]}}
units: {pc: C62}
queries:
  - name: parties
    table: p
    key: id
    tables: {p: [id, country]}
    columns:
      id: int
      country: text?
    sql: SELECT id, country FROM p
    record: {party: {id: "party:{id}", attributes: {country: "{country}"}}}
)";
    const auto mapping = test::toy(text);
    const auto attributes = [&](const Values& row) {
        return std::get<Party>(std::get<Master>(map(mapping, "parties", row).result->record)).attributes;
    };
    EXPECT_EQ(attributes({"3", "AT"}), (Attributes{{"country", "AT"}}));
    EXPECT_EQ(attributes({"3", std::nullopt}), Attributes{});
    const Master at{Party{PartyId{"urn:stemma:erp:party:3"}, "", "", {{"country", "AT"}}}};
    EXPECT_EQ(canonical_text({"parties", "3", "", at, {}}),
              "stemma 8:record 1\nparty 22:urn:stemma:erp:party:3\nattribute 7:country\nvalue 2:AT\n");
    std::string street = text;
    street.replace(street.find("attributes: {country:"), 21, "attributes: {street:");
    const auto refused = test::read_text(street);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().front().text().contains("'street' is no attribute of a party or a place"));
}

TEST(RowMapper, tells_the_place_of_a_row_even_when_it_is_rejected) {
    Values values = move();
    values[2] = "never";
    const MappedRow row = map(test::toy(), "moves", values);
    ASSERT_TRUE(row.place);
    EXPECT_EQ(format_cursor(*row.place), "2026-03-01T10:00:00Z|1");
    values[8] = std::nullopt;
    EXPECT_FALSE(map(test::toy(), "moves", values).place);
}

}  // namespace
}  // namespace stemma::erp
