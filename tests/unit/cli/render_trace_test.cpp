// Recall and trace answers, written by hand, against the text that a person should see.
#include <gtest/gtest.h>

#include "core/cli/render.hpp"

namespace stemma::cli {
namespace {

const Look kPipe{};
constexpr std::uint64_t kAll = 0;

Json json(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(Json{});
}

constexpr std::string_view kTrace = R"({
  "direction": "forward", "asOf": 42, "items": 5, "transformations": 3, "certainNodes": 5, "truncated": false,
  "seeds": [{"id": "i:a", "label": "LOT-A", "kind": "lot", "identifiers": [{"scheme": "lot", "value": "LOT-A"}]}],
  "nodes": [
    {"id": "i:a", "label": "LOT-A", "kind": "lot", "sku": "CELL", "product": "Cell", "depth": 0, "certain": true},
    {"id": "t:1", "label": "t:1", "kind": "transformation", "depth": 1, "certain": true,
     "via": {"node": 0, "kind": "consumed", "quantity": 40, "uom": "C62", "sequence": 7}, "documents": [{"type": "prodorder", "number": "WO-1", "id": "d:1"}]},
    {"id": "i:1", "label": "SN-1", "kind": "serial", "sku": "PAD", "product": "Heat pad", "depth": 2, "certain": true,
     "via": {"node": 1, "kind": "produced", "quantity": 1, "uom": "C62", "sequence": 8}},
    {"id": "i:2", "label": "SN-2", "kind": "serial", "sku": "PAD", "product": "Heat pad", "depth": 2, "certain": true,
     "via": {"node": 1, "kind": "produced", "quantity": 1, "uom": "C62", "sequence": 9}},
    {"id": "t:2", "label": "urn:stemma:tryton:event:9", "kind": "transformation", "depth": 3, "certain": true,
     "via": {"node": 2, "kind": "consumed", "quantity": 1, "uom": "C62", "sequence": 10}},
    {"id": "p:core", "label": "CORE", "kind": "untracked", "sku": "CORE", "product": "Bare core", "depth": 2, "certain": false,
     "via": {"node": 1, "kind": "produced", "quantity": 2, "uom": "C62", "sequence": 8}},
    {"id": "t:3", "label": "t:3", "kind": "transformation", "depth": 3, "certain": false,
     "via": {"node": 5, "kind": "consumed", "quantity": 2, "uom": "C62", "sequence": 11}, "documents": [{"type": "prodorder", "number": "WO-3", "id": "d:3"}]},
    {"id": "i:9", "label": "SN-9", "kind": "serial", "sku": "VEST", "product": "Vest", "depth": 4, "certain": false,
     "via": {"node": 6, "kind": "produced", "quantity": 1, "uom": "C62", "sequence": 12}}
  ],
  "untracked": [
    {"transformation": "t:1", "label": "t:1", "product": {"id": "p:core", "label": "CORE", "kind": "untracked", "sku": "CORE", "product": "Bare core"}, "certain": true},
    {"transformation": "t:3", "label": "t:3", "product": {"id": "p:scrap", "label": "SCRAP", "kind": "untracked"}, "certain": false}
  ]})";

TEST(TraceText, shows_what_is_certain_then_what_is_possible_then_what_is_untracked) {
    EXPECT_EQ(render_trace(json(kTrace), kPipe, kAll),
              R"(Forward from LOT-A, as of ledger position 42: 5 items and 3 productions, itself included

Certain: 3 items, 2 productions
  item                      kind    product       how
  LOT-A                     lot     CELL Cell
    production order WO-1                         consumed 40 pcs
      SN-1                  serial  PAD Heat pad  produced 1 pcs
        production event 9                        consumed 1 pcs
      SN-2                  serial  PAD Heat pad  produced 1 pcs

Possible, through goods without a lot number: 2 items, 1 production
  item                     kind       product         how
  CORE                     untracked  CORE Bare core  produced 2 pcs, after production order WO-1
    production order WO-3                             consumed 2 pcs
      SN-9                 serial     VEST Vest       produced 1 pcs

Outputs without a lot number, whose whereabouts are not known: 2
  in                     product
  production order WO-1  CORE Bare core
  production order WO-3  SCRAP           possible
)");
}

TEST(TraceText, says_of_each_part_how_many_lines_are_not_shown) {
    EXPECT_EQ(render_trace(json(kTrace), kPipe, 5), render_trace(json(kTrace), kPipe, kAll));  // its longest part has five lines
    const std::string text = render_trace(json(kTrace), kPipe, 1);
    EXPECT_NE(text.find("CELL Cell\n  ... 4 more lines not shown, --limit 0 shows all\n"), std::string::npos) << text;
    EXPECT_NE(text.find("after production order WO-1\n  ... 2 more lines not shown, --limit 0 shows all\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("WO-1  CORE Bare core\n  ... 1 more line not shown, --limit 0 shows all\n")) << text;
}

TEST(TraceText, warns_of_a_stale_source_and_of_a_cut_answer) {
    const std::string text =
        render_trace(json(R"({"direction": "back", "asOf": 7, "items": 1, "transformations": 0, "certainNodes": 1, "truncated": true,
        "seen": 2000001, "stale": [{"source": "tryton", "why": "column stock_move.lot is gone"}], "seeds": [{"label": "X"}],
        "nodes": [{"id": "x", "label": "X", "kind": "lot", "depth": 0, "certain": true}]})"),
                     kPipe, kAll);
    EXPECT_EQ(text, R"(Back from X, as of ledger position 7: 1 item and 0 productions, itself included
STALE: what tryton says may be behind: column stock_move.lot is gone
CUT: limits.trace_items_max was reached, at least 2,000,001 nodes were met

Certain: 1 item, 0 productions
  item  kind
  X     lot
)");
}

TEST(TraceText, says_in_its_heading_what_was_left_out) {
    const auto heading = [](const char* flags) {
        const std::string text = render_trace(
            json(R"({"direction": "back", "asOf": 7, "items": 1, "transformations": 0, "certainNodes": 0, "truncated": false, )" +
                 std::string{flags} + R"(, "seeds": [{"label": "X"}], "nodes": []})"),
            kPipe, kAll);
        return text.substr(0, text.find('\n'));
    };
    EXPECT_EQ(heading(R"("inferred": true, "timed": false)"),
              "Back from X, as of ledger position 7: 1 item and 0 productions, itself included");
    EXPECT_EQ(heading(R"("inferred": false, "timed": false)"),
              "Back from X, as of ledger position 7, certain links only: 1 item and 0 productions, itself included");
    EXPECT_EQ(heading(R"("inferred": true, "timed": true)"),
              "Back from X, as of ledger position 7, by time: 1 item and 0 productions, itself included");
    EXPECT_EQ(heading(R"("inferred": false, "timed": true)"),
              "Back from X, as of ledger position 7, certain links only, by time: 1 item and 0 productions, itself included");
}

TEST(TraceText, says_when_nothing_is_recorded) {
    const std::string text = render_trace(
        json(
            R"({"direction": "back", "asOf": 0, "items": 0, "transformations": 0, "certainNodes": 0, "truncated": false, "seeds": [{"label": "X"}], "nodes": []})"),
        kPipe, kAll);
    EXPECT_EQ(text,
              "Back from X, as of ledger position 0: 0 items and 0 productions, itself included\n"
              "Nothing is recorded about where it came from or went.\n");
}

TEST(TraceText, of_a_chain_of_100000_nodes_is_written_without_recursion) {
    boost::json::array nodes;
    for (std::int64_t i = 0; i < 100'000; ++i) {
        boost::json::object node{{"id", i}, {"label", "n"}, {"kind", "lot"}, {"certain", true}};
        if (i > 0) node["via"] = boost::json::object{{"node", i - 1}, {"kind", "packed"}};
        nodes.push_back(std::move(node));
    }
    const Json trace = boost::json::object{{"direction", "forward"}, {"certainNodes", 100'000}, {"nodes", std::move(nodes)}};
    EXPECT_NE(render_trace(trace, kPipe, 10).find("99,990 more lines"), std::string::npos);
}

constexpr std::string_view kRecall = R"({
  "asOf": 812, "truncated": false,
  "seeds": [{"id": "i:17", "label": "S4-L17", "kind": "lot", "identifiers": [{"scheme": "lot", "value": "S4-L17"}], "attributes": {"made_at": "2026-01-10"},
             "product": {"id": "p:1", "sku": "CELL", "name": "Cell block", "tracking": "lot", "unit": "C62"}}],
  "certain": {"items": 3, "endItems": 2,
    "byStatus": [{"status": "in_stock", "items": 1, "endItems": 1, "amounts": [{"quantity": 11, "uom": "C62"}]},
                 {"status": "shipped", "items": 2, "endItems": 2, "amounts": [{"quantity": 1204, "uom": "C62"}, {"quantity": 2.5, "uom": "KGM"}]},
                 {"status": "consumed", "items": 6, "endItems": 0,
                  "byProduct": [{"product": "p:1", "sku": "CELL", "name": "Cell block", "items": 1, "endItems": 0, "amounts": [{"quantity": 119, "uom": "C62"}]},
                                {"product": "p:2", "sku": "PACK", "items": 4, "endItems": 0, "amounts": [{"quantity": 39, "uom": "C62"}]},
                                {"logisticUnits": true, "items": 1, "endItems": 0, "amounts": [{"quantity": 1, "uom": "C62"}]}]}],
    "byPlace": [{"place": "pl:1", "code": "STO", "name": "Storage", "transit": false, "items": 1, "endItems": 1, "amounts": [{"quantity": 11, "uom": "C62"}]},
                {"place": "pl:2", "name": "Transit", "transit": true, "items": 1, "endItems": 1, "amounts": [{"quantity": 3, "uom": "C62"}]}],
    "byCustomer": [{"party": "pa:1", "code": "C01", "name": "Kestrel Ridge Guides", "items": 2, "endItems": 2, "amounts": [{"quantity": 1204, "uom": "C62"}]},
                   {"name": "no party named", "items": 1, "endItems": 1, "amounts": [{"quantity": 2, "uom": "C62"}]}],
    "byProduct": [{"product": "p:1", "sku": "CELL", "name": "Cell block", "items": 1, "endItems": 0, "amounts": [{"quantity": 130, "uom": "C62"}]},
                  {"items": 2, "endItems": 2, "amounts": [{"quantity": 2, "uom": "C62"}]}]},
  "possible": {"items": 1, "endItems": 1,
    "byStatus": [{"status": "in_stock", "items": 1, "endItems": 1, "amounts": [{"quantity": 1, "uom": "C62"}]}]},
  "documents": [{"type": "desadv", "number": "CS-1", "id": "d:1", "movement": "shipped", "certain": true, "items": 2, "amounts": [{"quantity": 1204, "uom": "C62"}]},
                {"type": "prodorder", "id": "urn:stemma:tryton:production_order:64", "movement": "produced", "certain": false, "items": 1, "amounts": [{"quantity": 4, "uom": "C62"}]}],
  "massBalances": [{"id": "i:17", "label": "S4-L17", "kind": "lot",
    "stock": [{"uom": "C62", "onHand": [{"place": "pl:1", "code": "STO", "name": "Storage", "quantity": 11}],
               "withCustomer": [{"party": "pa:1", "name": "Kestrel Ridge Guides", "quantity": 4}], "received": 130}],
    "balance": {"closes": false,
      "units": [{"uom": "C62", "inflow": 1130, "outflow": 117, "onHand": 11, "inTransit": 0, "difference": 1002}],
      "discrepancies": [{"kind": "negative_stock", "quantity": -2, "uom": "C62", "place": "pl:3", "code": "QUAR", "name": "Quarantine",
                         "documents": [{"type": "desadv", "number": "CS-1", "id": "d:1"}]},
                        {"kind": "missing_from", "quantity": 5, "uom": "C62", "sequence": 77}]}}]})";

TEST(RecallText, has_every_block_with_counts_units_and_the_balance) {
    EXPECT_EQ(render_recall(json(kRecall), kPipe, kAll),
              R"(Recall of 1 item, as of ledger position 812
  item    kind  product          attributes
  S4-L17  lot   CELL Cell block  made at: 2026-01-10

Certain: 3 items, 2 of them not used in anything further
  status    product          items  end items            quantity
  in stock                       1          1              11 pcs
  shipped                        2          2  1,204 pcs + 2.5 kg
  consumed  CELL Cell block      1          0             119 pcs
            PACK                 4          0              39 pcs
            logistic units       1          0               1 pcs
  (a lot counts under each status that a part of it has)

  place                 items  end items  quantity
  Storage (STO)             1          1    11 pcs
  Transit (in transit)      1          1     3 pcs

  customer                    items  end items   quantity
  Kestrel Ridge Guides (C01)      2          2  1,204 pcs
  no party named                  1          1      2 pcs

  product            items  end items  quantity
  CELL Cell block        1          0   130 pcs
  product not known      2          2     2 pcs

Possible on top of it, by way of goods without a lot number: 1 item, 1 of them not used in anything further
  status    items  end items  quantity
  in stock      1          1     1 pcs

Documents: 2
  document          number  what      items   quantity
  delivery          CS-1    shipped       2  1,204 pcs
  production order  64      produced      1      4 pcs  possible

Mass balance
  S4-L17: does not close
    unit  came in  went out  on hand  in transit  difference
    pcs     1,130       117       11           0       1,002
    negative stock: -2 pcs at Quarantine (QUAR) (delivery CS-1)
    missing from: 5 pcs in entry 77
    now: Storage (STO) 11 pcs, with Kestrel Ridge Guides 4 pcs
)");
}

// Counts by status alone: the answer has no list by product, and no sum where a line is of several products.
TEST(RollUpText, says_of_each_product_of_a_line_what_it_comes_to) {
    const std::string text =
        render_roll_up(json(R"({"asOf": 5, "direction": "forward", "seeds": [{"label": "A"}], "certain": {"items": 5, "endItems": 5,
        "byStatus": [{"status": "in_stock", "items": 4, "endItems": 4, "byProduct": [
                        {"product": "p:1", "sku": "CELL", "name": "Cell block", "items": 1, "endItems": 1, "amounts": [{"quantity": 11, "uom": "C62"}]},
                        {"product": "p:2", "sku": "HJ-M", "items": 3, "endItems": 3, "amounts": [{"quantity": 3, "uom": "C62"}]}]},
                     {"status": "shipped", "items": 1, "endItems": 1, "amounts": [{"quantity": 1, "uom": "C62"}], "byProduct": [
                        {"product": "p:2", "sku": "HJ-M", "items": 1, "endItems": 1, "amounts": [{"quantity": 1, "uom": "C62"}]}]}]},
        "possible": {"items": 1, "endItems": 1, "byStatus": [{"status": "shipped", "items": 1, "endItems": 1, "amounts": [{"quantity": 1, "uom": "C62"}],
                     "byProduct": [{"product": "p:3", "sku": "HV", "items": 1, "endItems": 1, "amounts": [{"quantity": 1, "uom": "C62"}]}]}]}})"),
                       kPipe, kAll);
    EXPECT_NE(text.find(R"(
  status    product          items  end items  quantity
  in stock  CELL Cell block      1          1    11 pcs
            HJ-M                 3          3     3 pcs
  shipped   HJ-M                 1          1     1 pcs
)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(
  status   items  end items  quantity
  shipped      1          1     1 pcs
)"),
              std::string::npos)
        << text;
}

TEST(RecallText, says_that_nothing_more_is_possible_and_that_a_balance_closes) {
    const std::string text = render_recall(
        json(
            R"({"asOf": 5, "seeds": [{"label": "A", "kind": "lot"}], "certain": {"items": 1, "endItems": 1}, "possible": {"items": 0, "endItems": 0},
        "massBalances": [{"label": "A", "balance": {"closes": true, "units": [{"uom": "KGM", "inflow": 5, "outflow": 0, "onHand": 5, "inTransit": 0, "difference": 0}]}}]})"),
        kPipe, kAll);
    EXPECT_EQ(text, R"(Recall of 1 item, as of ledger position 5
  item  kind
  A     lot

Certain: 1 item, 1 of them not used in anything further
Possible: nothing on top of it

Mass balance
  A: closes
    unit  came in  went out  on hand  in transit  difference
    kg          5         0        5           0           0
)");
}

TEST(RecallText, does_not_say_that_nothing_is_possible_where_that_was_not_asked_for) {
    const Json answer = json(R"({"asOf": 5, "direction": "forward", "inferred": false, "timed": true, "seeds": [{"label": "A"}],
        "certain": {"items": 1, "endItems": 1}, "possible": {"items": 0, "endItems": 0}})");
    for (const std::string& text : {render_recall(answer, kPipe, kAll), render_roll_up(answer, kPipe, kAll)}) {
        EXPECT_NE(text.find(", as of ledger position 5, certain links only, by time"), std::string::npos) << text;
        EXPECT_NE(text.find("\nPossible: not asked for\n"), std::string::npos) << text;
        EXPECT_EQ(text.find("nothing on top"), std::string::npos) << text;
    }
}

TEST(RecallText, lists_items_when_they_were_asked_for_and_cuts_each_list_at_the_limit) {
    const Json recall = json(R"({"asOf": 5, "seeds": [], "certain": {"items": 2, "endItems": 2}, "possible": {"items": 0},
        "items": [{"label": "SN-1", "kind": "serial", "sku": "PAD", "product": "Heat pad", "certain": true, "status": "in_transit",
                   "stock": [{"uom": "C62", "inTransit": [{"place": "pl:2", "name": "Transit", "quantity": 1}]}]},
                  {"label": "SN-2", "kind": "serial", "sku": "PAD", "product": "Heat pad", "certain": false, "status": "shipped",
                   "stock": [{"uom": "C62", "withCustomer": [{"name": "Oxbow", "quantity": 1}]}]}]})");
    EXPECT_TRUE(render_recall(recall, kPipe, kAll).ends_with(R"(
Items: 2
  item  kind    product       status      where
  SN-1  serial  PAD Heat pad  in transit  Transit (in transit) 1 pcs
  SN-2  serial  PAD Heat pad  shipped     with Oxbow 1 pcs            possible
)")) << render_recall(recall, kPipe, kAll);
    EXPECT_TRUE(
        render_recall(recall, kPipe, 1).ends_with("Transit (in transit) 1 pcs\n  ... 1 more line not shown, --limit 0 shows all\n"));
}

TEST(RecallText, says_since_when_a_source_is_stale) {
    const std::string text =
        render_recall(json(R"({"asOf": 5, "stale": [{"source": "tryton", "why": "down", "since": "2026-11-21T09:06:30Z"}]})"), kPipe, kAll);
    EXPECT_NE(text.find("STALE since 2026-11-21 09:06Z: what tryton says may be behind: down"), std::string::npos) << text;
}

TEST(RecallText, warns_of_a_stale_source_and_of_a_cut_answer) {
    const std::string text =
        render_recall(json(R"({"asOf": 5, "truncated": true, "stale": [{"source": "tryton", "why": "down"}]})"), kPipe, kAll);
    EXPECT_NE(text.find("STALE: what tryton says may be behind: down\n"), std::string::npos);
    EXPECT_NE(text.find("CUT: limits.trace_items_max was reached"), std::string::npos);
}

}  // namespace
}  // namespace stemma::cli
