// An attribution, written by hand, against the text that a person should see.
#include <gtest/gtest.h>

#include "core/cli/render.hpp"

namespace stemma::cli {
namespace {

Json json(std::string_view text) {
    auto value = parse_json(text);
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(Json{});
}

TEST(AttributionText, shows_who_is_named_and_how_all_stand) {
    EXPECT_EQ(render_attribution(json(R"({
  "asOf": 42, "tests": 1206, "candidates": 3, "conditionsLeftOut": 60000,
  "method": {"test": "Fisher's exact test, one-sided", "correction": "Benjamini-Hochberg", "alpha": 0.05, "failedMin": 3, "inferred": false},
  "population": {"definition": "items", "items": 60000, "failed": 25, "products": [{"id": "p:1", "sku": "PAD", "name": "Heat pad"}],
                 "productsWithoutItems": [{"id": "p:2", "sku": "RUG", "name": "Rug"}],
                 "from": "2026-03-01", "leftOut": [{"id": "i:9", "label": "SN-9", "kind": "serial"}]},
  "hypotheses": [
    {"kind": "lot", "id": "i:a", "label": "S4-L17", "sku": "CELL", "product": "Cell", "named": true, "reason": "23 of 25 failed items have it",
     "table": {"failedExposed": 23, "soundExposed": 1819, "failedUnexposed": 2, "soundUnexposed": 58156},
     "riskRatio": 363.106, "riskRatioLow": 85.7, "riskRatioHigh": 1538.6, "p": 3.95933e-33, "log10P": -32.4, "q": 4.7e-30,
     "recall": {"items": 1903, "ofProducts": 1842},
     "same": [{"kind": "day", "id": "2026-01-02", "label": "2026-01-02", "step": "received", "sku": "CELL", "product": "Cell"}]},
    {"kind": "supplier", "id": "y:4", "label": "Volt", "sku": "CELL", "product": "Cell", "named": false, "explainedBy": 0, "reason": "r",
     "table": {"failedExposed": 24, "soundExposed": 9976, "failedUnexposed": 1, "soundUnexposed": 49999},
     "riskRatio": 120, "riskRatioLow": 16.2, "riskRatioHigh": 887, "p": 1e-17, "log10P": -17, "q": 6e-15},
    {"kind": "production", "id": "t:7", "label": "WO-7", "named": false, "reason": "r", "documents": [{"type": "prodorder", "number": "WO-7", "id": "d:7"}],
     "table": {"failedExposed": 2, "soundExposed": 0, "failedUnexposed": 23, "soundUnexposed": 59975},
     "p": 0.5, "log10P": -0.3, "q": 1, "recall": {"items": 2, "ofProducts": 2}}
  ]})"),
                                 Look{}),
              R"(What is behind 25 failed items, as of ledger position 42
  compared with  60,000 items of PAD Heat pad, from 2026-03-01
  tested         1,206 hypotheses: Fisher's exact test, one-sided, Benjamini-Hochberg
  named          with q <= 0.05 and at least 3 failed
  has no items   RUG Rug
  left out       1 failed item outside the population
  not looked at  attributes of 60,000 items that are not shared

Named: lot S4-L17 of CELL Cell
  why                   23 of 25 failed items have it
  cannot be told apart  received on 2026-01-02 of CELL Cell
  recall                1,842 items of the products compared, 1,903 in all

Most over-represented: 3 of 3
  hypothesis             of    failed  exposed  risk ratio           95 %         p        q             recall
  lot S4-L17 (+1)        CELL      23    1,842         363  85.7 to 1,539  3.96e-33  4.7e-30              1,842  named
  supplier Volt          CELL      24   10,000         120    16.2 to 887     1e-17    6e-15  too many to count  explained by lot S4-L17
  production order WO-7             2        2                                  0.5        1                  2
  (+N): so many others have exactly the same items and cannot be told apart
)");
}

TEST(AttributionText, shows_a_ratio_within_its_interval_where_no_item_without_it_failed) {
    // 6 of 41 exposed failed, 0 of 140 others: with 1/2 in each count (6.5 / 42) / (0.5 / 141) = 43.64.
    const std::string text =
        render_attribution(json(R"({"asOf": 4, "tests": 1, "candidates": 1, "method": {}, "population": {"items": 181, "failed": 6},
      "hypotheses": [{"kind": "lot", "id": "i:a", "label": "L", "named": false, "reason": "r",
        "table": {"failedExposed": 6, "soundExposed": 35, "failedUnexposed": 0, "soundUnexposed": 140},
        "riskRatioLow": 2.51006, "riskRatioHigh": 758.825, "p": 0.0001, "q": 0.02}]})"),
                           Look{});
    EXPECT_TRUE(text.contains("about 43.6  2.51 to 759")) << text;
}

TEST(AttributionText, says_that_nobody_is_named) {
    const std::string text = render_attribution(
        json(R"({"asOf": 4, "tests": 1, "candidates": 0, "method": {}, "population": {"items": 3, "failed": 1}, "hypotheses": []})"),
        Look{});
    EXPECT_TRUE(text.starts_with("What is behind 1 failed item, as of ledger position 4\n")) << text;
    EXPECT_TRUE(text.contains("1 hypothesis")) << text;
    EXPECT_TRUE(text.ends_with("Nobody is named: nothing is over-represented beyond what chance allows.\n\n")) << text;
}

}  // namespace
}  // namespace stemma::cli
