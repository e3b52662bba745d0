// Broken links, amounts and the parts of a recall, written by hand, against the text that a person should see.
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

TEST(GapsText, shows_each_gap_and_each_way_to_mend_once_and_how_to_go_on) {
    EXPECT_EQ(render_gaps(json(R"({"asOf": 42, "next": 3145728, "gaps": [
      {"kind": "never_came_in", "item": {"id": "i:a", "label": "LOT-A", "kind": "lot", "sku": "CELL", "product": "Cell"}, "quantity": 5, "uom": "C62",
       "place": "p:1", "code": "STO", "name": "Store", "sequence": 7,
       "documents": [{"type": "desadv", "number": "9", "id": "urn:stemma:tryton:customer_delivery:9"}], "moreDocuments": 1234, "mend": "record its receipt"},
      {"kind": "never_came_in", "item": {"id": "i:b", "label": "LOT-B", "kind": "lot"}, "mend": "record its receipt"}]})"),
                          kPipe),
              R"(Broken links, as of ledger position 42
  kind           item   product    quantity  place        entry  documents
  never came in  LOT-A  CELL Cell     5 pcs  Store (STO)      7  customer delivery 9, and 1,234 more
  never came in  LOT-B

What would mend them
  never came in  record its receipt
There are more: --cursor 3145728 --as-of 42
)");
    EXPECT_EQ(render_gaps(json(R"({"asOf": 42, "gaps": []})"), kPipe), "Broken links, as of ledger position 42\n  none\n");
}

TEST(GapsText, says_of_an_empty_ledger_that_it_is_empty) {
    const std::string said = "  Nothing had been recorded by then: it is the time of recording that counts (stemma ledger show 0).\n";
    EXPECT_EQ(render_gaps(json(R"({"asOf": 0, "gaps": []})"), kPipe), "Broken links, as of ledger position 0\n" + said + "  none\n");
    EXPECT_TRUE(render_gaps(json(R"({"asOf": 0, "nodes": 0, "count": 0, "byKind": []})"), kPipe)
                    .starts_with("0 broken links among 0 items and productions, as of ledger position 0\n" + said));
}

TEST(GapsText, counts_by_kind) {
    EXPECT_EQ(
        render_gaps(
            json(R"({"asOf": 42, "nodes": 1200, "count": 3, "byKind": [{"kind": "no_inputs", "count": 3, "mend": "record inputs"}]})"),
            kPipe),
        "3 broken links among 1,200 items and productions, as of ledger position 42\n"
        "  kind       count  what would mend it\n"
        "  no inputs      3  record inputs\n");
}

TEST(RecallText, says_what_cartons_hold_and_whether_it_is_counted) {
    constexpr std::string_view kUnits = R"("asOf": 42, "seeds": [], "certain": {"items": 1, "endItems": 1}, "units": [
      {"id": "i:p", "label": "PAL9", "items": 2, "lots": 1, "takenOut": 0}, {"id": "i:q", "label": "PAL8", "items": 0, "lots": 0, "takenOut": 3}])";
    const auto text = [&](std::string_view contents) {
        return render_recall(json(fmt::format(R"({{"contents": {}, {}}})", contents, kUnits)), kPipe, 0);
    };
    EXPECT_NE(text("false").find("as of ledger position 42, without the contents of cartons\n"), std::string::npos) << text("false");
    EXPECT_NE(text("false").find("PAL9 holds 2 items, NOT counted: --contents counts them as well; of 1 lot all that there is\n"
                                 "PAL8 holds 0 items; 3 taken out of it before, not counted\n"),
              std::string::npos)
        << text("false");
    EXPECT_NE(text("true").find("PAL9 holds 2 items, counted as asked about; of 1 lot all that there is, not only what is in it\n"),
              std::string::npos)
        << text("true");
}

TEST(RecallText, says_who_brought_back_more_than_was_delivered_and_what_is_too_large_to_add_up) {
    const std::string text = render_recall(json(R"({"asOf": 42, "seeds": [], "certain": {"items": 1, "endItems": 1, "byCustomer": [
      {"party": "p:1", "name": "North", "items": 1, "endItems": 1, "amounts": [{"quantity": 6, "uom": "C62"}]},
      {"party": "p:2", "name": "South", "overReturned": true, "items": 1, "endItems": 1, "amounts": [{"quantity": -2, "uom": "C62"}]},
      {"party": "p:3", "name": "West", "items": 1, "endItems": 1,
       "amounts": [{"quantity": 9223372036854.775807, "uom": "C62", "tooLarge": true}]}]}})"),
                                           kPipe, 0);
    EXPECT_NE(text.find("South (more came back than was delivered)      1          1           -2 pcs\n"), std::string::npos) << text;
    EXPECT_NE(text.find("over 9.2e12 pcs\n"), std::string::npos) << text;
}

TEST(AmountsText, shows_the_three_bounds_or_that_there_are_none) {
    const Json amounts = json(R"({"asOf": 42, "seed": {"id": "i:a", "label": "LOT-A", "kind": "lot"}, "items": [
      {"id": "i:a", "label": "LOT-A", "kind": "lot", "depth": 0, "comparable": true, "certain": 1200, "possible": 1200, "atMost": 1200.5, "uom": "KGM"},
      {"id": "i:b", "label": "LOT-B", "kind": "lot", "depth": 2, "comparable": false},
      {"id": "i:s", "label": "SN-1", "kind": "serial", "depth": 2, "comparable": true, "certain": 0, "possible": 1, "atMost": 1, "uom": "C62"},
      {"id": "i:t", "label": "SN-2", "kind": "serial", "depth": 2, "comparable": true, "certain": 1, "possible": 1, "atMost": 1, "uom": "C62"},
      {"id": "i:u", "label": "SN-3", "kind": "serial", "depth": 2, "comparable": true, "certain": 0, "possible": 0, "atMost": 1, "uom": "C62"},
      {"id": "i:v", "label": "SN-4", "kind": "serial", "depth": 2, "comparable": true, "certain": 0, "possible": 0, "atMost": 0, "uom": "C62"}]})");
    EXPECT_EQ(render_amounts(amounts, kPipe, 0),
              "How much of LOT-A is in what it went into, as of ledger position 42\n"
              "  item   kind    at least  at most recorded  at most\n"
              "  LOT-A  lot        1,200             1,200  1,200.5  kg\n"
              "  LOT-B  lot                                          not comparable\n"
              "  SN-1   serial                                       in it: maybe\n"
              "  SN-2   serial                                       in it: yes\n"
              "  SN-3   serial                                       in it: maybe, by way of goods without lots\n"
              "  SN-4   serial                                       in it: no\n");
    EXPECT_NE(render_amounts(amounts, kPipe, 1).find("5 more lines"), std::string::npos);
    EXPECT_EQ(render_amounts(json(R"({"asOf": 1, "seed": {"label": "X"}, "items": []})"), kPipe, 0),
              "How much of X is in what it went into, as of ledger position 1\nNothing is recorded about where it went.\n");
}

TEST(GapText, counts_of_a_stale_source_are_warned_of) {
    EXPECT_EQ(
        render_gaps(json(R"({"asOf": 9, "nodes": 2, "count": 0, "byKind": [], "stale": [{"source": "tryton", "why": "it is away"}]})"),
                    kPipe),
        "0 broken links among 2 items and productions, as of ledger position 9\n"
        "STALE: what tryton says may be behind: it is away\n");
}

TEST(RecallText, counts_open_balances_without_those_of_the_items_asked_about) {
    const auto heading = [](int all) {
        const std::string text =
            render_recall(json(R"({"asOf": 42, "seeds": [], "massBalances": [
          {"label": "A", "balance": {"closes": false}}, {"label": "C", "balance": {"closes": true}}], "unbalancedItems": )" +
                               std::to_string(all) + R"(, "unbalanced": [{"label": "LOT-B", "balance": {"closes": false}}]})"),
                          kPipe, 0);
        const std::size_t begin = text.find("Balances of");
        return begin == std::string::npos ? text : text.substr(begin, text.find('\n', begin) - begin);
    };
    EXPECT_EQ(heading(2), "Balances of other affected items that do not close: 1");  // A is one of the two, and has a list of its own
    EXPECT_EQ(heading(1500), "Balances of other affected items that do not close: 1,499");  // an answer lists the first 1,000
}

TEST(RecallText, names_parties_open_balances_and_the_digest) {
    const std::string text = render_recall(json(R"({"asOf": 42, "seeds": [], "certain": {"items": 1, "endItems": 1},
      "possible": {"items": 0, "endItems": 0},
      "parties": [{"party": "p:1", "code": "C01", "name": "Kestrel", "contact": "+44 1", "movement": "shipped", "certain": true, "items": 2,
                   "amounts": [{"quantity": 2, "uom": "C62"}]}],
      "unbalancedItems": 1, "unbalanced": [{"id": "i:b", "label": "LOT-B", "kind": "lot", "balance": {"closes": false, "units": [
        {"uom": "C62", "inflow": 1, "outflow": 2, "onHand": 0, "inTransit": 0, "difference": -1}]}}],
      "digest": "abc"})"),
                                           kPipe, 0);
    EXPECT_NE(text.find("Parties\n"
                        "  party          contact  what     items  quantity\n"
                        "  Kestrel (C01)  +44 1    shipped      2     2 pcs\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("Balances of other affected items that do not close: 1\n  LOT-B\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("Digest of this answer: abc\n")) << text;
}

}  // namespace
}  // namespace stemma::cli
