// What an answer as of a position says of an item, its product and its places: what the entries before the position give, and nothing
// newer.
#include <fmt/format.h>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

constexpr int kRepeats = 70;  ///< events between two records of the item, more than are read at once on the way back

std::string receipt(int hour) {
    return quoted(
        fmt::format("{{'type':'ObjectEvent','action':'OBSERVE','bizStep':'receiving','eventTime':'2026-03-{:02}T{:02}:00:00Z',"
                    "'eventTimeZoneOffset':'+00:00','quantityList':[{{'epcClass':'urn:t:melon','quantity':1}}],"
                    "'sourceList':[{{'type':'possessing_party','source':'urn:t:grower'}}],"
                    "'destinationList':[{{'type':'location','destination':'urn:t:shed'}}]}}",
                    1 + hour / 24, hour % 24));
}

/// A lot that is one thing, is received, and then turns out to be another: in kind, product, number and attributes; as do its product and
/// the place where it lies.
class AsOf : public testing::Test {
protected:
    static void SetUpTestSuite() {
        stemma = std::make_unique<StemmaUnderTest>(false);
        record("{'type':'product','id':'urn:t:product:a','sku':'MELON','name':'Melon','tracking':'lot','unit':'C62'}");
        record("{'type':'product','id':'urn:t:product:b','sku':'GOURD','name':'Gourd','tracking':'serial','unit':'C62'}");
        record("{'type':'place','id':'urn:t:shed','code':'SH','name':'Shed','kind':'stock'}");
        first = size();
        record(
            "{'type':'item','id':'urn:t:melon','kind':'lot','product':'urn:t:product:a','attributes':{'colour':'green'},"
            "'identifiers':[{'scheme':'supplier_lot','value':'M-1'},{'scheme':'old','value':'0-1'}]}");
        for (int i = 0; i < kRepeats; ++i) EXPECT_LT(stemma->post("/api/v1/events", receipt(i)).status, 300);
        then = size();
        record("{'type':'product','id':'urn:t:product:a','sku':'MELON-2','name':'Sweet melon','tracking':'none','unit':'KGM'}");
        record("{'type':'place','id':'urn:t:shed','code':'SH','name':'Barn','kind':'outside'}");
        record(
            "{'type':'item','id':'urn:t:melon','kind':'serial','product':'urn:t:product:b',"
            "'identifiers':[{'scheme':'supplier_lot','value':'G-9'}]}");
    }
    static void TearDownTestSuite() { stemma.reset(); }

    static void record(const char* master) {
        const Answer recorded = stemma->post("/api/v1/master", quoted(master));
        EXPECT_LT(recorded.status, 300) << recorded.body;
    }
    static std::int64_t size() { return stemma->get("/api/v1/ledger").number("/size"); }
    static std::string recall(std::int64_t as_of) { return fmt::format(R"({{"items":["urn:t:melon"],"asOf":{}}})", as_of); }

    static void expect_the_melon(const Answer& answer, const std::string& at) {
        EXPECT_EQ(answer.text(at + "/label"), "M-1") << answer.body;
        EXPECT_EQ(answer.text(at + "/kind"), "lot");
        EXPECT_EQ(answer.text(at + "/identifiers/1/value"), "0-1");
        EXPECT_EQ(answer.text(at + "/attributes/colour"), "green");
        EXPECT_EQ(answer.text(at + "/product/sku"), "MELON");
        EXPECT_EQ(answer.text(at + "/product/name"), "Melon");
        EXPECT_EQ(answer.text(at + "/product/tracking"), "lot");
        EXPECT_EQ(answer.text(at + "/product/unit"), "C62");
    }
    static void expect_the_gourd(const Answer& answer, const std::string& at) {
        EXPECT_EQ(answer.text(at + "/label"), "G-9") << answer.body;
        EXPECT_EQ(answer.text(at + "/kind"), "serial");
        EXPECT_EQ(answer.count(at + "/identifiers"), 1U);
        EXPECT_EQ(answer.text(at + "/product/sku"), "GOURD");
    }

    static inline std::unique_ptr<StemmaUnderTest> stemma;
    static inline std::int64_t first;  ///< entries before the item's first record
    static inline std::int64_t then;   ///< entries before its second
};

TEST_F(AsOf, shows_an_items_page_with_the_master_data_of_then) {
    const Answer page = stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", then));
    expect_the_melon(page, "");
    EXPECT_EQ(page.count("/history"), static_cast<std::size_t>(kRepeats) + 1);
    EXPECT_EQ(page.text("/history/1/names/urn:t:shed"), "Shed");
    EXPECT_EQ(page.text("/stock/0/onHand/0/name"), "Shed");
    const Answer now = stemma->get("/api/v1/items/urn:t:melon");
    expect_the_gourd(now, "");
    EXPECT_EQ(now.text("/history/1/names/urn:t:shed"), "Barn");
}

TEST_F(AsOf, names_what_was_asked_about_as_it_was_then) {
    expect_the_melon(stemma->get(fmt::format("/api/v1/trace/forward?item=urn:t:melon&as_of={}", then)), "/seeds/0");
    expect_the_melon(stemma->post("/api/v1/recalls/simulate", recall(then)), "/seeds/0");
    expect_the_melon(stemma->get(fmt::format("/api/v1/lineage/amounts?item=urn:t:melon&as_of={}", then)), "/seed");
    expect_the_gourd(stemma->get("/api/v1/trace/forward?item=urn:t:melon"), "/seeds/0");
    expect_the_gourd(stemma->get(fmt::format("/api/v1/trace/forward?item=urn:t:melon&as_of={}", size())), "/seeds/0");
}

TEST_F(AsOf, finds_by_the_number_it_has_now_what_had_another_one_then) {
    expect_the_melon(stemma->get(fmt::format("/api/v1/trace/back?item=G-9&as_of={}", then)), "/seeds/0");
}

TEST_F(AsOf, counts_a_record_from_the_position_after_it_on) {
    EXPECT_EQ(stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", then + 2)).text("/product/sku"), "MELON-2");
    expect_the_gourd(stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", then + 3)), "");
}

TEST_F(AsOf, refuses_an_item_that_was_not_known_yet_and_says_from_when_on_it_is) {
    const std::string recorded = stemma->get(fmt::format("/api/v1/ledger/entries/{}", first)).text("/entry/recordedAt");
    const std::string begun = stemma->get("/api/v1/ledger/entries/0").text("/entry/recordedAt");
    for (const std::int64_t as_of : {std::int64_t{0}, first})
        for (const std::string& target : {fmt::format("/api/v1/items/urn:t:melon?as_of={}", as_of),
                                          fmt::format("/api/v1/trace/forward?item=urn:t:melon&as_of={}", as_of),
                                          fmt::format("/api/v1/trace/forward?item=urn:t:melon&format=csv&as_of={}", as_of),
                                          fmt::format("/api/v1/trace/forward?item=urn:t:melon&count=true&as_of={}", as_of),
                                          fmt::format("/api/v1/lineage/amounts?item=urn:t:melon&as_of={}", as_of),
                                          fmt::format("/api/v1/lineage/gaps?item=urn:t:melon&as_of={}", as_of)}) {
            const Answer answer = stemma->get(target);
            EXPECT_EQ(answer.status, 404) << target;
            EXPECT_NE(answer.text("/detail").find(fmt::format("was not known as of ledger position {}", as_of)), std::string::npos)
                << target;
            EXPECT_EQ(
                answer.text("/hint"),
                fmt::format("it is known as of {}: entry {} was recorded at {}. The ledger begins at {}; what counts is when an entry "
                            "was recorded, not when the event happened",
                            first + 1, first, recorded, begun))
                << target;
        }
    EXPECT_EQ(stemma->post("/api/v1/recalls/simulate", recall(first)).status, 404);
    EXPECT_EQ(stemma->post("/api/v1/recalls/simulate", recall(first + 1)).status, 200);
    expect_the_melon(stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", first + 1)), "");
}

TEST_F(AsOf, says_when_the_ledger_begins_to_whoever_asks_about_a_time_before_that) {
    const std::string begun = stemma->get("/api/v1/ledger/entries/0").text("/entry/recordedAt");
    const Answer answer = stemma->post("/api/v1/recalls/simulate", R"({"items":["urn:t:melon"],"asOf":"2020-03-03T10:00:00Z"})");
    EXPECT_EQ(answer.status, 404);
    EXPECT_NE(answer.text("/hint").find("The ledger begins at " + begun), std::string::npos) << answer.body;
}

TEST_F(AsOf, refuses_a_time_of_day_without_its_zone) {
    for (const char* time : {"2099-03-03T10:00", "2099-03-03T10:00:00", "2099-03-03%2010:00:00.5"}) {
        const Answer answer = stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", time));
        EXPECT_EQ(answer.status, 400) << time;
        EXPECT_EQ(answer.text("/pointer"), "?as_of");
        EXPECT_NE(answer.text("/detail").find("does not say in which zone"), std::string::npos) << answer.body;
    }
    EXPECT_EQ(stemma->get("/api/v1/items/urn:t:melon?as_of=2099-03-03T10:00").text("/hint"),
              "add Z for UTC, 2099-03-03T10:00Z, or what your zone is ahead of it: 2099-03-03T10:00+01:00");
    for (const char* time : {"2099-03-03", "2099-03-03T10:00Z", "2099-03-03T10:00:00-05:00", "2099-03-03T10:00:00%2B02:00"})
        EXPECT_EQ(stemma->get(fmt::format("/api/v1/items/urn:t:melon?as_of={}", time)).status, 200) << time;
}

}  // namespace
}  // namespace stemma::http::test
