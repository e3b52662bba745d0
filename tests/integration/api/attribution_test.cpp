// What is behind failed items, asked over the demo data: six jackets with cells of the bad lot (README.md of the data).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

Answer attribute(const std::string& body) { return demo().post("/api/v1/recalls/attribute", body); }

constexpr const char* kSix = R"("HJ26-00127","HJ26-00153","HJ26-00158","HJ26-00148","HJ26-00119","HJ26-00130")";

TEST(AttributionApi, names_the_bad_lot_with_its_counts_and_its_recall) {
    const Answer found = attribute(fmt::format(R"({{"failed":[{}]}})", kSix));
    ASSERT_EQ(found.status, 200);
    EXPECT_EQ(found.text("/hypotheses/0/label"), "S4-L17");
    EXPECT_EQ(found.text("/hypotheses/0/kind"), "lot");
    EXPECT_EQ(found.at("/hypotheses/0/named"), true);
    EXPECT_EQ(found.number("/hypotheses/0/table/failedExposed"), 6);
    EXPECT_EQ(found.number("/population/failed"), 6);
    const std::int64_t exposed = found.number("/hypotheses/0/table/soundExposed") + 6;
    EXPECT_EQ(found.number("/hypotheses/0/recall/ofProducts"), exposed);
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"inferred":false,"listItems":false})");
    EXPECT_EQ(found.number("/hypotheses/0/recall/items"), recall.number("/certain/items"));
    EXPECT_EQ(found.number("/asOf"), recall.number("/asOf"));
    for (std::size_t i = 1; i < found.count("/hypotheses"); ++i) EXPECT_EQ(found.at(fmt::format("/hypotheses/{}/named", i)), false) << i;
}

TEST(AttributionApi, compares_with_the_population_that_is_asked_for) {
    const Answer listed = attribute(fmt::format(R"({{"failed":[{}],"population":{{"items":["HJ26-00001","HJ26-00002"]}}}})", kSix));
    EXPECT_EQ(listed.number("/population/items"), 8);
    EXPECT_EQ(listed.text("/population/definition"), "the items listed and the failed ones");
    const Answer one = attribute(fmt::format(R"({{"failed":[{}],"population":{{"products":["HJ-M"]}}}})", kSix));
    EXPECT_EQ(one.count("/population/products"), 1U);
    EXPECT_EQ(one.number("/population/failed") + static_cast<std::int64_t>(one.count("/population/leftOut")), 6);
    const Answer dated = attribute(fmt::format(R"({{"failed":[{}],"population":{{"from":"2026-01-01","to":"2026-12-31"}}}})", kSix));
    EXPECT_EQ(dated.text("/population/from"), "2026-01-01");
    EXPECT_EQ(dated.number("/population/items"), attribute(fmt::format(R"({{"failed":[{}]}})", kSix)).number("/population/items"));
    EXPECT_EQ(attribute(fmt::format(R"({{"failed":[{}],"population":{{"from":"2031-01-01"}}}})", kSix)).text("/pointer"), "/failed");
}

TEST(AttributionApi, names_a_product_that_was_asked_for_and_has_no_items) {
    const Answer made = demo().post("/api/v1/master", quoted("{'type':'product','id':'urn:example:product:rug','sku':'RUG-1','name':'Rug',"
                                                             "'tracking':'lot','unit':'C62'}"));
    ASSERT_EQ(made.status, 201) << made.body;
    const Answer found = attribute(fmt::format(R"({{"failed":[{}],"population":{{"products":["HJ-M","RUG-1"]}}}})", kSix));
    ASSERT_EQ(found.status, 200) << found.body;
    ASSERT_EQ(found.count("/population/productsWithoutItems"), 1U);
    EXPECT_EQ(found.text("/population/productsWithoutItems/0/sku"), "RUG-1");
    EXPECT_EQ(found.count("/population/products"), 1U);
}

TEST(AttributionApi, compares_with_one_day_from_its_beginning_to_its_end) {
    EXPECT_NE(attribute(R"({"failed":["HJ26-00127"],"population":{"from":"2026-03-01","to":"2026-03-01"}})").text("/pointer"),
              "/population/from");
}

TEST(AttributionApi, is_true_for_the_position_it_names) {
    const Answer now = attribute(fmt::format(R"({{"failed":[{}]}})", kSix));
    const Answer again = attribute(fmt::format(R"({{"failed":[{}],"asOf":{}}})", kSix, now.number("/asOf")));
    EXPECT_EQ(again.body, now.body);
}

TEST(AttributionApi, asks_as_of_a_record_time_as_every_other_question) {
    const auto as_of = [](const char* time) { return attribute(fmt::format(R"({{"failed":[{}],"asOf":"{}"}})", kSix, time)); };
    EXPECT_EQ(as_of("2099-01-01").number("/asOf"), demo().get("/api/v1/ledger").number("/size"));
    const Answer before = as_of("2020-01-01");  // nothing had been recorded
    EXPECT_EQ(before.status, 400);
    EXPECT_EQ(before.text("/pointer"), "/failed");
    EXPECT_EQ(as_of("yesterday").text("/pointer"), "/asOf");
}

TEST(AttributionApi, takes_alpha_and_the_least_number_of_failed) {
    const Answer strict = attribute(fmt::format(R"({{"failed":[{}],"alpha":0.000001,"failedMin":10,"limit":1,"conditions":false}})", kSix));
    EXPECT_EQ(strict.status, 200);
    EXPECT_EQ(strict.at("/hypotheses/0/named"), false);
    EXPECT_EQ(strict.count("/hypotheses"), 1U);
    EXPECT_EQ(strict.number("/method/failedMin"), 10);
    EXPECT_EQ(attribute(fmt::format(R"({{"failed":[{}],"alpha":0.5,"failedMin":1,"limit":64,"inferred":true}})", kSix)).status, 200);
}

TEST(AttributionApi, refuses_what_is_out_of_range_by_its_field) {
    const auto pointer = [](const char* field) {
        return attribute(fmt::format(R"({{"failed":["HJ26-00127"],{}}})", field)).text("/pointer");
    };
    EXPECT_EQ(pointer(R"("alpha":0)"), "/alpha");
    EXPECT_EQ(pointer(R"("alpha":0.500001)"), "/alpha");
    EXPECT_EQ(pointer(R"("failedMin":0)"), "/failedMin");
    EXPECT_EQ(pointer(R"("failedMin":11)"), "/failedMin");
    EXPECT_EQ(pointer(R"("limit":0)"), "/limit");
    EXPECT_EQ(pointer(R"("limit":65)"), "/limit");
    EXPECT_EQ(pointer(R"("asOf":99999999)"), "/asOf");
    EXPECT_EQ(pointer(R"("population":{"from":"2026-03-01T10:00:00Z"})"), "/population/from");
    EXPECT_EQ(pointer(R"("population":{"items":["HJ26-00001"],"from":"2026-03-01"})"), "/population/items");
    EXPECT_EQ(pointer(R"("population":{"items":[]})"), "/population/items");
    EXPECT_EQ(pointer(R"("population":{"products":[]})"), "/population/products");
    EXPECT_EQ(pointer(R"("population":{"from":"2026-03-02","to":"2026-03-01"})"), "/population/from");
    EXPECT_EQ(pointer(R"("populations":{})"), "/populations");
    EXPECT_EQ(attribute(R"({"failed":[]})").text("/pointer"), "/failed");
    EXPECT_EQ(attribute("{}").text("/pointer"), "/failed");
    EXPECT_EQ(attribute(R"({"failed":["XX-999"]})").status, 404);
    EXPECT_EQ(attribute(R"({"failed":["B-100"]})").status, 409);
    EXPECT_EQ(attribute(R"({"failed":["HJ26-00127"],"population":{"products":["NO-SUCH"]}})").status, 404);
}

std::string repeated(std::size_t count, const char* item) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += fmt::format(R"({}"{}")", i == 0 ? "" : ",", item);
    return list;
}

TEST(AttributionApi, takes_a_thousand_failed_items_fifty_products_and_ten_thousand_others) {
    EXPECT_EQ(attribute(fmt::format(R"({{"failed":[{}],"limit":1}})", repeated(1000, "HJ26-00127"))).status, 200);
    const Answer failed = attribute(fmt::format(R"({{"failed":[{}]}})", repeated(1001, "HJ26-00127")));
    EXPECT_EQ(failed.status, 413);
    EXPECT_EQ(failed.text("/detail"), "1001 failed items, 1000 are allowed");
    const auto with = [](const char* list, std::size_t count, const char* what) {
        return attribute(fmt::format(R"({{"failed":["HJ26-00127"],"limit":1,"population":{{"{}":[{}]}}}})", list, repeated(count, what)));
    };
    EXPECT_EQ(with("products", 50, "HJ-M").status, 200);
    EXPECT_EQ(with("products", 51, "HJ-M").status, 413);
    EXPECT_EQ(with("items", 10'000, "HJ26-00001").status, 200);
    EXPECT_EQ(with("items", 10'001, "HJ26-00001").status, 413);
}

TEST(AttributionApi, answers_503_when_its_time_is_over) {
    demo().end_time(true);
    const Answer late = attribute(fmt::format(R"({{"failed":[{}]}})", kSix));
    demo().end_time(false);
    EXPECT_EQ(late.status, 503);
    EXPECT_EQ(late.text("/detail"), "the answer was not ready within limits.request_seconds_max");
}

TEST(AttributionApi, compares_as_many_items_as_its_limit_and_refuses_one_more) {
    const std::int64_t items = attribute(fmt::format(R"({{"failed":[{}]}})", kSix)).number("/population/items");
    StemmaUnderTest tight{true, fmt::format("limits: {{trace_items_max: {}}}\n", items - 1)};
    ASSERT_EQ(tight.sync().text("/error"), "");
    const Answer refused = tight.post("/api/v1/recalls/attribute", fmt::format(R"({{"failed":[{}]}})", kSix));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.text("/detail"), fmt::format("the population has more than {} items", items - 1));
}

}  // namespace
}  // namespace stemma::http::test
