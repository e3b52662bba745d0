// An item's page, an event and an assessment, written by hand, against the text that a person should see.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/cli/render.hpp"

namespace stemma::cli {
namespace {

const Look kPipe{};

Json json(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(Json{});
}

constexpr std::string_view kItem = R"({
  "id": "urn:stemma:tryton:lot:250", "label": "TEA-07", "kind": "lot", "identifiers": [{"scheme": "lot", "value": "TEA-07"}],
  "attributes": {"best_before": "2026-09-01"},
  "product": {"id": "urn:stemma:tryton:product:9", "sku": "FOOD-TEA", "name": "Herb tea", "category": "food", "tracking": "lot", "unit": "C62"},
  "asOf": 812, "status": "in_stock",
  "stock": [{"uom": "C62", "onHand": [{"place": "urn:stemma:tryton:place:3", "code": "STO", "name": "Storage", "quantity": 20}],
             "withCustomer": [{"party": "urn:stemma:tryton:party:12", "name": "Violet Tarn Lodge", "quantity": 12}], "received": 1032, "shipped": 12}],
  "massBalance": {"closes": true, "units": [{"uom": "C62", "inflow": 1032, "outflow": 12, "onHand": 20, "inTransit": 0, "difference": 0}]},
  "history": [
    {"sequence": 326, "recordedAt": "2026-11-21T08:53:00.5Z", "actor": "erp:tryton", "kind": "item", "record": {"type": "item", "id": "urn:stemma:tryton:lot:250"}},
    {"sequence": 1022, "recordedAt": "2026-11-21T08:53:01Z", "actor": "erp:tryton", "kind": "event", "event": {
      "type": "ObjectEvent", "eventID": "e:1", "eventTime": "2026-05-05T00:00:00Z", "stemma:dateOnly": true, "action": "OBSERVE", "bizStep": "receiving",
      "quantityList": [{"epcClass": "urn:stemma:tryton:lot:250", "quantity": 1032}],
      "bizTransactionList": [{"type": "recadv", "bizTransaction": "d:27", "stemma:number": "27"}, {"type": "po", "bizTransaction": "urn:stemma:tryton:purchase_order:27"}],
      "sourceList": [{"type": "possessing_party", "source": "urn:stemma:tryton:party:13"}],
      "destinationList": [{"type": "location", "destination": "urn:stemma:tryton:place:3"}]}, "verdict": {"outcome": "accepted"},
      "names": {"urn:stemma:tryton:party:13": "Apiary Ninefold", "urn:stemma:tryton:party:12": "Violet Tarn Lodge"}},
    {"sequence": 1091, "recordedAt": "2026-11-21T08:53:02Z", "actor": "erp:tryton", "kind": "event", "event": {
      "type": "ObjectEvent", "eventID": "e:2", "eventTime": "2026-05-18T09:30:00Z", "action": "OBSERVE", "bizStep": "shipping",
      "quantityList": [{"epcClass": "urn:stemma:tryton:lot:250", "quantity": 12}],
      "sourceList": [{"type": "owning_party", "source": "urn:stemma:tryton:party:1"}, {"type": "location", "source": "urn:stemma:tryton:place:3"}],
      "destinationList": [{"type": "possessing_party", "destination": "urn:stemma:tryton:party:12"}]},
      "verdict": {"outcome": "accepted_with_findings", "findings": [{"code": "food.lot-with-expiry", "severity": "refuse", "message": "no date"}]}},
    {"sequence": 1095, "recordedAt": "2026-11-21T08:53:03Z", "actor": "erp:tryton", "kind": "event", "voidedBy": 1099, "event": {
      "type": "TransformationEvent", "eventID": "e:3", "eventTime": "2026-06-01T00:00:00Z", "stemma:dateOnly": true, "bizStep": "commissioning",
      "inputQuantityList": [{"epcClass": "urn:stemma:tryton:lot:250", "quantity": 0.003, "uom": "KGM"}], "outputEPCList": ["x"],
      "bizLocation": {"id": "urn:stemma:tryton:place:4"}}},
    {"sequence": 1100, "recordedAt": "2026-11-22T10:00:00Z", "actor": "user:ada", "kind": "case", "case": {
      "case": "rma-001100", "workflow": "rma", "version": 1, "type": "opened", "item": "urn:stemma:tryton:lot:250", "state": "requested"}},
    {"sequence": 1101, "recordedAt": "2026-11-22T11:00:00Z", "actor": "user:ada", "kind": "case", "case": {
      "case": "rma-001100", "workflow": "rma", "version": 2, "type": "authorised", "item": "urn:stemma:tryton:lot:250", "state": "authorised"}}
  ]})";

TEST(ItemText, has_identity_stock_history_and_cases) {
    EXPECT_EQ(render_item(json(kItem), kPipe),
              R"(TEA-07 (lot)
  id           urn:stemma:tryton:lot:250
  numbers      lot TEA-07
  product      FOOD-TEA Herb tea (tracking: lot, unit: pcs, category: food)
  status       in stock
  best before  2026-09-01

Stock, as of ledger position 812
  where                             quantity
  Storage (STO)      on hand          20 pcs
  Violet Tarn Lodge  with customer    12 pcs
  in all: received 1,032, shipped 12 pcs
  mass balance: closes

History: 6 entries
  entry  date               step                         from → to                           quantity  document                       verdict
    326  2026-11-21 08:53Z  item record
   1022  2026-05-05         receiving                    Apiary Ninefold → Storage (STO)    1,032 pcs  receipt 27, purchase order 27  accepted
   1091  2026-05-18 09:30Z  shipping                     Storage (STO) → Violet Tarn Lodge     12 pcs                                 accepted with findings: food.lot-with-expiry
   1095  2026-06-01         commissioning                place 4                            -0.003 kg                                 declared wrong by entry 1099
   1100  2026-11-22 10:00Z  case rma-001100: opened      requested
   1101  2026-11-22 11:00Z  case rma-001100: authorised  authorised

Cases
  case        workflow  state       version
  rma-001100  rma       authorised        2
)");
}

TEST(ItemText, shows_why_a_balance_does_not_close) {
    const std::string text = render_item(
        json(R"({"id": "x", "label": "X", "kind": "lot", "asOf": 3, "status": "in_stock", "stock": [{"uom": "KGM"}], "history": [],
        "massBalance": {"closes": false, "units": [{"uom": "KGM", "inflow": 5, "outflow": 7, "onHand": -2, "inTransit": 0, "difference": 0}],
                        "discrepancies": [{"kind": "negative_stock", "quantity": -2, "uom": "KGM", "place": "p", "name": "Shelf",
                          "documents": [{"type": "inv", "number": "7", "id": "urn:stemma:tryton:inventory:7"}], "moreDocuments": 60000}],
                        "moreDiscrepancies": 1200}})"),
        kPipe);
    EXPECT_NE(text.find("  mass balance: does not close\n"
                        "    unit  came in  went out  on hand  in transit  difference\n"
                        "    kg          5         7       -2           0           0\n"
                        "    negative stock: -2 kg at Shelf (inventory 7, and 60,000 more)\n"
                        "    and 1,200 more of these kinds\n"),
              std::string::npos)
        << text;
}

TEST(ItemText, of_an_item_without_movements_says_so) {
    const std::string text = render_item(json(R"({"id": "x", "label": "X", "kind": "serial", "asOf": 3, "history": []})"), kPipe);
    EXPECT_EQ(text, R"(X (serial)
  id  x

Stock, as of ledger position 3
  no movement is recorded

History: 0 entries
)");
}

TEST(ItemText, says_of_how_many_entries_it_shows_the_newest) {
    const auto heading = [](const char* entries, const char* history) {
        const std::string text = render_item(
            json(fmt::format(R"({{"id": "x", "label": "X", "kind": "lot", "asOf": 3{}, "history": [{}]}})", entries, history)), kPipe);
        const std::size_t begin = text.find("History: ");
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    constexpr const char* kEntry = R"({"sequence": 1, "kind": "item", "record": {"type": "item", "id": "x"}})";
    EXPECT_EQ(heading(R"(, "entries": 1200)", kEntry), "History: newest 1 of 1,200 entries");
    EXPECT_EQ(heading(R"(, "entries": 2)", ""), "History: newest 0 of 2 entries");
    EXPECT_EQ(heading(R"(, "entries": 1)", kEntry), "History: 1 entry");
    EXPECT_EQ(heading("", kEntry), "History: 1 entry");
}

TEST(EventText, has_content_origin_and_verdict) {
    EXPECT_EQ(render_event(json(R"({"sequence": 17, "recordedAt": "2026-11-21T08:53:00Z", "actor": "erp:tryton", "kind": "event", "event": {
        "type": "TransformationEvent", "eventID": "e:3", "eventTime": "2026-06-01T00:00:00Z", "stemma:dateOnly": true, "bizStep": "commissioning",
        "disposition": "active", "inputQuantityList": [{"epcClass": "lot:1", "quantity": 5, "uom": "KGM"}], "outputEPCList": ["serial:1"],
        "readPoint": {"id": "p:4"}, "bizLocation": {"id": "p:4"},
        "bizTransactionList": [{"type": "prodorder", "bizTransaction": "d:1", "stemma:number": "46"}]}, "names": {"p:4": "Workshop", "lot:1": "TEA-07", "urn:stemma:t:lot:1": "TEA-07"},
        "source": {"source": "tryton", "query": "moves", "key": "9"},
        "verdict": {"outcome": "refused", "findings": [{"code": "a.b", "severity": "refuse", "message": "no date", "subject": "urn:stemma:t:lot:1", "citation": "art. 9"}]}})"),
                           kPipe),
              R"(TransformationEvent e:3
  when          2026-06-01
  step          commissioning
  disposition   active
  from → to     Workshop
  documents     production order 46
  ledger entry  17
  recorded      2026-11-21T08:53:00Z by erp:tryton
  source        tryton, query moves, row 9

Items
  item      quantity  id
  TEA-07       -5 kg  lot:1
  serial:1    +1 pcs

Verdict
  refused
  severity  code  about   message  citation
  refuse    a.b   TEA-07  no date  art. 9
)");
}

TEST(SearchText, says_when_more_match_than_are_shown) {
    const std::string hits = R"({"items":[{"id":"urn:x:1","label":"HJ26-00001","kind":"serial"}])";
    EXPECT_EQ(render_hits(json(hits + "}"), kPipe).find("more match"), std::string::npos);
    EXPECT_TRUE(render_hits(json(hits + R"(,"more":true})"), kPipe)
                    .ends_with("\n1 shown, more match; --limit N shows more, up to limits.search_results_max\n"));
}

TEST(AssessmentText, has_answer_and_reasons) {
    EXPECT_EQ(
        render_assessment(
            json(
                R"({"item": "x", "label": "BAR-03", "assessment": "expiry", "asOf": "2026-11-21T00:00:00Z", "position": 1565, "decided": true,
        "answer": {"status": "close_to_expiring", "expiry": "2026-12-04T00:00:00Z", "remaining_days": 13, "left": {"quantity": 2, "uom": "KGM"}, "lot": "A_b", "made": null},
        "reasons": ["at most 14 days are left"], "plugin": "org.stemma.expiry 0.1.0"})"),
            kPipe),
        R"(expiry of BAR-03
  status          close to expiring
  expiry          2026-12-04
  remaining days  13
  left            2 kg
  lot             A_b
  made            not known
  because at most 14 days are left
  as of 2026-11-21T00:00:00Z, ledger position 1565, by org.stemma.expiry 0.1.0
)");
}

TEST(AssessmentText, has_tables_without_their_empty_columns) {
    EXPECT_EQ(
        render_assessment(
            json(R"({"label": "U1", "assessment": "warranty", "asOf": "2026-11-21T00:00:00Z", "position": 7, "decided": true, "answer": {},
        "reasons": ["it is over"], "tables": {"timeline": [
        {"from": null, "last_day": "2025-03-31", "state": "in_warranty", "note": null},
        {"from": "2025-04-01", "last_day": null, "state": "out", "note": ""}], "none": []}, "plugin": "org.stemma.warranty 0.1.0"})"),
            kPipe),
        R"(warranty of U1
  because it is over

timeline
  from        last day    state
              2025-03-31  in warranty
  2025-04-01              out
  as of 2026-11-21T00:00:00Z, ledger position 7, by org.stemma.warranty 0.1.0
)");
}

TEST(RemarkText, aligns_levels_and_places_and_indents_hints) {
    EXPECT_EQ(render_remarks({{"ok", "store", "healthy", ""},
                              {"error", "erp:tryton", "column lot is gone", "pin the mapping"},
                              {"warning", "", "old", ""},
                              {"note", "x", "y", ""}},
                             kPipe),
              "ok    store       healthy\n"
              "FAIL  erp:tryton  column lot is gone\n"
              "                  pin the mapping\n"
              "warn              old\n"
              "note  x           y\n");
}

}  // namespace
}  // namespace stemma::cli
