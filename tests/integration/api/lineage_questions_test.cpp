// The questions about lineage beyond a trace: by time, as of a record time, amounts, broken links, the whole recall; over the demo data
// and over small ledgers of their own.
#include <fmt/format.h>

#include <set>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

std::set<std::string> ids(const Answer& answer, std::string_view list) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < answer.count(list); ++i) found.insert(answer.text(fmt::format("{}/{}/id", list, i)));
    return found;
}

/// A lineage event of the tank's story, at an hour of 2026-03-02.
std::string transformation(const std::string& name, int hour, const std::string& input, const std::string& output) {
    return fmt::format(
        R"({{"type":"TransformationEvent","eventID":"urn:t:event:{0}","eventTime":"2026-03-02T{1:02}:00:00Z","eventTimeZoneOffset":"+00:00",)"
        R"("transformationID":"urn:t:order:{0}","inputQuantityList":[{{"epcClass":"urn:t:{2}","quantity":10,"uom":"KGM"}}],)"
        R"("outputQuantityList":[{{"epcClass":"urn:t:{3}","quantity":10,"uom":"KGM"}}]}})",
        name, hour, input, output);
}

/// A tank that gives to batch 1 before milk B is filled in, and to batch 2 after.
class TankApi : public testing::Test {
protected:
    static void SetUpTestSuite() {
        the_tank = std::make_unique<StemmaUnderTest>(false);
        for (const std::string& event : {transformation("fill1", 1, "milkA", "tank"), transformation("draw1", 2, "tank", "batch1"),
                                         transformation("fill2", 3, "milkB", "tank"), transformation("draw2", 4, "tank", "batch2")}) {
            const Answer captured = the_tank->post("/api/v1/events", event);
            ASSERT_LT(captured.status, 300) << captured.body;
        }
    }
    static void TearDownTestSuite() { the_tank.reset(); }
    static inline std::unique_ptr<StemmaUnderTest> the_tank;
};

TEST_F(TankApi, leaves_out_by_time_what_had_left_the_tank_before) {
    const Answer all = the_tank->get("/api/v1/trace/forward?item=urn:t:milkB");
    ASSERT_EQ(all.status, 200) << all.body;
    EXPECT_TRUE(ids(all, "/nodes").contains("urn:t:batch1"));
    const Answer timed = the_tank->get("/api/v1/trace/forward?item=urn:t:milkB&timed=true");
    EXPECT_FALSE(ids(timed, "/nodes").contains("urn:t:batch1"));
    EXPECT_TRUE(ids(timed, "/nodes").contains("urn:t:batch2"));
    const Answer back = the_tank->get("/api/v1/trace/back?item=urn:t:batch1&timed=true");
    EXPECT_TRUE(ids(back, "/nodes").contains("urn:t:milkA"));
    EXPECT_FALSE(ids(back, "/nodes").contains("urn:t:milkB"));
}

TEST_F(TankApi, recalls_by_time_with_a_digest_of_its_own) {
    const Answer all = the_tank->post("/api/v1/recalls/simulate", R"({"items":["urn:t:milkB"]})");
    const Answer timed = the_tank->post("/api/v1/recalls/simulate", R"({"items":["urn:t:milkB"],"timed":true})");
    EXPECT_TRUE(ids(all, "/items").contains("urn:t:batch1"));
    EXPECT_FALSE(ids(timed, "/items").contains("urn:t:batch1"));
    EXPECT_NE(all.text("/digest"), timed.text("/digest"));
}

TEST_F(TankApi, follows_time_in_rows_and_in_counts_as_well) {
    for (const char* form : {"ndjson", "csv"}) {
        const Answer rows = the_tank->get(fmt::format("/api/v1/trace/forward?item=urn:t:milkB&timed=true&format={}&fields=id", form));
        ASSERT_EQ(rows.status, 200) << rows.body;
        EXPECT_EQ(rows.body.find("urn:t:batch1"), std::string::npos);
        EXPECT_NE(rows.body.find("urn:t:batch2"), std::string::npos);
    }
    const Answer recall = the_tank->post("/api/v1/recalls/simulate?format=csv", R"({"items":["urn:t:milkB"],"timed":true})");
    EXPECT_EQ(recall.body.find("urn:t:batch1"), std::string::npos);
    EXPECT_NE(recall.body.find("urn:t:batch2"), std::string::npos);
    EXPECT_EQ(the_tank->get("/api/v1/trace/forward?item=urn:t:milkB&count=true").number("/items"), 4);  // the milk, the tank, two batches
    EXPECT_EQ(the_tank->get("/api/v1/trace/forward?item=urn:t:milkB&count=true&timed=true").number("/items"), 3);
    EXPECT_EQ(the_tank->post("/api/v1/recalls/simulate", R"({"items":["urn:t:milkB"],"timed":true,"count":true})").number("/items"), 3);
}

TEST_F(TankApi, measures_how_much_of_the_milk_is_where) {
    const Answer amounts = the_tank->get("/api/v1/lineage/amounts?item=urn:t:milkB&timed=true");
    ASSERT_EQ(amounts.status, 200) << amounts.body;
    ASSERT_EQ(amounts.count("/items"), 3U);
    EXPECT_EQ(amounts.text("/items/1/id"), "urn:t:tank");
    EXPECT_EQ(amounts.number("/items/1/certain"), 10);
    EXPECT_EQ(amounts.number("/items/2/certain"), 0);  // of the 20 that were ever in the tank, the other 10 may have gone on
    EXPECT_EQ(amounts.number("/items/2/atMost"), 10);
    EXPECT_EQ(amounts.text("/items/2/uom"), "KGM");
}

TEST_F(TankApi, finds_each_broken_link_and_says_what_would_mend_it) {
    const Answer gaps = the_tank->get("/api/v1/lineage/gaps?kind=never_came_in");
    ASSERT_EQ(gaps.status, 200) << gaps.body;
    ASSERT_EQ(gaps.count("/gaps"), 2U);  // the milk
    EXPECT_EQ(gaps.text("/gaps/0/item/id"), "urn:t:milkA");
    EXPECT_EQ(gaps.number("/gaps/0/quantity"), 10);
    EXPECT_FALSE(gaps.text("/gaps/0/mend").empty());
    const Answer around = the_tank->get("/api/v1/lineage/gaps?kind=never_came_in&item=urn:t:batch1");
    EXPECT_EQ(around.count("/gaps"), 2U);  // both went through the tank
    const Answer counts = the_tank->get("/api/v1/lineage/gaps?count=true");
    EXPECT_EQ(counts.number("/nodes"), 5 + 4);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < counts.count("/byKind"); ++i) sum += counts.number(fmt::format("/byKind/{}/count", i));
    EXPECT_EQ(counts.number("/count"), sum);
}

TEST_F(TankApi, gives_broken_links_page_by_page) {
    const Answer whole = the_tank->get("/api/v1/lineage/gaps");
    std::size_t seen = 0;
    std::int64_t cursor = 0;
    do {
        const Answer page = the_tank->get(fmt::format("/api/v1/lineage/gaps?limit=2&cursor={}", cursor));
        ASSERT_LE(page.count("/gaps"), 2U);
        for (std::size_t i = 0; i < page.count("/gaps"); ++i, ++seen)
            EXPECT_EQ(page.text(fmt::format("/gaps/{}/kind", i)), whole.text(fmt::format("/gaps/{}/kind", seen)));
        cursor = page.at("/next").is_null() ? 0 : page.number("/next");
    } while (cursor != 0);
    EXPECT_EQ(seen, whole.count("/gaps"));
}

TEST_F(TankApi, refuses_what_it_does_not_know) {
    EXPECT_EQ(the_tank->get("/api/v1/lineage/gaps?kind=nothing").text("/pointer"), "?kind");
    EXPECT_EQ(the_tank->get("/api/v1/lineage/gaps?limit=1001").status, 400);
    EXPECT_EQ(the_tank->get("/api/v1/lineage/gaps?item=XX").status, 404);
    EXPECT_EQ(the_tank->get("/api/v1/lineage/amounts").text("/pointer"), "?item");
    EXPECT_EQ(the_tank->get("/api/v1/trace/back?item=urn:t:tank&timed=perhaps").text("/pointer"), "?timed");
}

TEST_F(TankApi, names_nothing_for_a_text_that_means_no_item_or_several) {
    EXPECT_EQ(demo().get("/api/v1/lineage/gaps?item=B-100").status, 409);
    EXPECT_EQ(demo().get("/api/v1/lineage/amounts?item=B-100").status, 409);
    EXPECT_EQ(demo().get("/api/v1/lineage/amounts?item=XX-999").status, 404);
}

TEST_F(TankApi, answers_503_when_the_time_is_over) {
    the_tank->end_time(true);
    const Answer gaps = the_tank->get("/api/v1/lineage/gaps");
    const Answer amounts = the_tank->get("/api/v1/lineage/amounts?item=urn:t:milkB");
    the_tank->end_time(false);
    EXPECT_EQ(gaps.status, 503);
    EXPECT_EQ(amounts.status, 503);
}

TEST_F(TankApi, measures_nothing_beyond_its_limit) {
    StemmaUnderTest tight{false, "limits: {trace_items_max: 2}\n"};
    for (const std::string& event : {transformation("a", 1, "x", "y"), transformation("b", 2, "y", "z")})
        ASSERT_LT(tight.post("/api/v1/events", event).status, 300);
    EXPECT_EQ(tight.get("/api/v1/lineage/amounts?item=urn:t:y").status, 200);
    EXPECT_EQ(tight.get("/api/v1/lineage/amounts?item=urn:t:x").status, 413);
    EXPECT_EQ(tight.get("/api/v1/lineage/gaps?item=urn:t:y").status, 200);
    EXPECT_EQ(tight.get("/api/v1/lineage/gaps?item=urn:t:x").status, 413);
}

// --- as of a record time -----------------------------------------------------------------------------------------------

TEST(AsOfTime, counts_the_entries_that_were_recorded_by_then) {
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    for (const std::int64_t entry : {std::int64_t{0}, size / 2, size - 1}) {
        const std::string recorded = demo().get(fmt::format("/api/v1/ledger/entries/{}", entry)).text("/entry/recordedAt");
        ASSERT_FALSE(recorded.empty());
        const std::int64_t position = demo().get("/api/v1/lineage/gaps?count=true&as_of=" + recorded).number("/asOf");
        EXPECT_GT(position, entry);  // the entry itself counts, and all that were recorded at the same instant
        if (position < size) {
            EXPECT_GT(demo().get(fmt::format("/api/v1/ledger/entries/{}", position)).text("/entry/recordedAt"), recorded);
        }
        const Answer recall =
            demo().post("/api/v1/recalls/simulate", fmt::format(R"({{"items":["S4-L17"],"listItems":false,"asOf":"{}"}})", recorded));
        if (entry == 0)
            EXPECT_EQ(recall.status, 404);  // the lot is in a later entry
        else
            EXPECT_EQ(recall.number("/asOf"), position);
    }
}

TEST(AsOfTime, takes_a_date_to_its_end_and_knows_nothing_before_the_first_entry) {
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    const std::string last = demo().get(fmt::format("/api/v1/ledger/entries/{}", size - 1)).text("/entry/recordedAt");
    EXPECT_EQ(demo().get("/api/v1/trace/back?item=HJ26-00148&as_of=" + last.substr(0, 10)).number("/asOf"), size);
    EXPECT_EQ(demo().get("/api/v1/lineage/gaps?count=true&as_of=2001-01-01").number("/asOf"), 0);
    for (const char* target : {"/api/v1/trace/back?item=HJ26-00148&as_of=2001-01-01", "/api/v1/items/HJ26-00148?as_of=2001-01-01"}) {
        const Answer answer = demo().get(target);
        EXPECT_EQ(answer.status, 404);
        EXPECT_NE(answer.text("/detail").find("was not known as of ledger position 0"), std::string::npos) << answer.body;
    }
}

TEST(AsOfTime, refuses_what_is_neither_a_position_nor_a_time) {
    for (const char* text : {"yesterday", "-1", "12.5", "2026-13-01"}) {
        const Answer refused = demo().get(fmt::format("/api/v1/trace/back?item=HJ26-00148&as_of={}", text));
        EXPECT_EQ(refused.status, 400) << text;
        EXPECT_EQ(refused.text("/pointer"), "?as_of") << text;
        EXPECT_FALSE(refused.text("/hint").empty()) << text;
    }
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"asOf":"soon"})").text("/pointer"), "/asOf");
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"asOf":true})").text("/pointer"), "/asOf");
}

// --- the whole recall --------------------------------------------------------------------------------------------------

TEST(WholeRecallApi, has_the_same_digest_each_time_with_and_without_the_list) {
    const std::string with = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"asOf":1565})").text("/digest");
    const std::string without =
        demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"listItems":false,"asOf":1565})").text("/digest");
    EXPECT_EQ(with.size(), 64U);
    EXPECT_EQ(with, without);
    StemmaUnderTest again;  // another ledger with the same records, recorded anew
    ASSERT_EQ(again.sync().text("/error"), "");
    EXPECT_EQ(again.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"asOf":1565})").text("/digest"), with);
}

TEST(WholeRecallApi, names_the_parties_with_what_they_had_to_do_with_it) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"listItems":false})");
    std::set<std::string> movements;
    for (std::size_t i = 0; i < recall.count("/parties"); ++i) {
        EXPECT_FALSE(recall.text(fmt::format("/parties/{}/name", i)).empty());
        movements.insert(recall.text(fmt::format("/parties/{}/movement", i)));
    }
    EXPECT_TRUE(movements.contains("received"));
    EXPECT_TRUE(movements.contains("shipped"));
    EXPECT_TRUE(movements.contains("returned_to_supplier"));
    EXPECT_GE(recall.number("/unbalancedItems"), static_cast<std::int64_t>(recall.count("/unbalanced")));
}

}  // namespace
}  // namespace stemma::http::test
