// Status, search, items, assessments over the demo data. What is expected stands in tests/support/tryton_demo (README.md, story.json).
#include <fmt/format.h>

#include <set>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

TEST(StatusApi, says_that_it_lives_and_is_ready) {
    EXPECT_EQ(demo().get("/health/live").body, R"({"status":"ok"})");
    const Answer ready = demo().get("/health/ready");
    EXPECT_EQ(ready.text("/status"), "ready");
    EXPECT_EQ(ready.text("/checks/store"), "ok");
    EXPECT_EQ(ready.text("/checks/erp:tryton"), "ok");
}

TEST(StatusApi, counts_what_it_holds) {
    const Answer status = demo().get("/api/v1/status");
    EXPECT_EQ(status.text("/version"), app::kVersion);
    EXPECT_EQ(status.number("/plugins"), 6);
    EXPECT_GE(status.number("/entries"), 1565);  // 26 products, 17 places, 34 parties, 318 lots, 1170 moves
    EXPECT_EQ(status.number("/lineage/position"), status.number("/entries"));
    EXPECT_TRUE(status.at("/stale").is_null());
}

TEST(SearchApi, finds_an_item_by_its_number_in_any_spelling) {
    for (const char* text : {"S4-L17", "s4-l17", "S4%20L17"}) {
        const Answer found = demo().get(fmt::format("/api/v1/search?q={}", text));
        ASSERT_EQ(found.count("/items"), 1U) << text;
        EXPECT_EQ(found.text("/items/0/matched/value"), "S4-L17");
        EXPECT_EQ(found.text("/items/0/product/sku"), "CELL");
    }
}

TEST(SearchApi, finds_every_item_that_has_the_number) {
    const Answer found = demo().get("/api/v1/search?q=B-100");
    ASSERT_EQ(found.count("/items"), 2U);
    EXPECT_EQ((std::set<std::string>{found.text("/items/0/product/sku"), found.text("/items/1/product/sku")}),
              (std::set<std::string>{"SHELL", "ZIP"}));
}

TEST(SearchApi, finds_items_by_the_beginning_of_a_number) {
    const Answer found = demo().get("/api/v1/search?q=HJ26-001&limit=7");
    EXPECT_EQ(found.count("/items"), 7U);
    for (std::size_t i = 0; i < found.count("/items"); ++i)
        EXPECT_TRUE(found.text(fmt::format("/items/{}/label", i)).starts_with("HJ26-001"));
}

// Product SCREW has no lots (tests/support/tryton_demo/master.py), CELL has; what either is called by leads to what can be traced.
TEST(SearchApi, finds_a_product_without_lots_by_sku_name_and_id) {
    const std::string id = demo().get("/api/v1/search?q=screw").text("/items/0/id");
    EXPECT_TRUE(id.starts_with("urn:stemma:tryton:product:")) << id;
    for (const std::string& text : {std::string{"SCREW"}, std::string{"Screw+M2+x+4"}, percent_encode(id)}) {
        const Answer found = demo().get("/api/v1/search?q=" + text);
        ASSERT_EQ(found.count("/items"), 1U) << text;
        EXPECT_EQ(found.text("/items/0/id"), id);
        EXPECT_EQ(found.text("/items/0/kind"), "untracked");
        EXPECT_EQ(found.text("/items/0/label"), "SCREW");
        EXPECT_EQ(found.text("/items/0/product/sku"), "SCREW");
    }
    EXPECT_EQ(demo().get("/api/v1/search?q=SCREW").text("/items/0/matched/scheme"), "sku");
    EXPECT_EQ(demo().get("/api/v1/search?q=Screw+M2").text("/items/0/id"), id);  // the beginning of its name
}

TEST(SearchApi, finds_the_lots_of_a_product_by_its_sku) {
    const Answer found = demo().get("/api/v1/search?q=CELL&limit=100");
    ASSERT_GT(found.count("/items"), 1U);
    std::set<std::string> labels;
    for (std::size_t i = 0; i < found.count("/items"); ++i) {
        EXPECT_EQ(found.text(fmt::format("/items/{}/product/sku", i)), "CELL");
        EXPECT_EQ(found.text(fmt::format("/items/{}/kind", i)), "lot");
        EXPECT_EQ(found.text(fmt::format("/items/{}/matched/value", i)), "CELL");
        EXPECT_TRUE(labels.insert(found.text(fmt::format("/items/{}/label", i))).second);
    }
    EXPECT_TRUE(labels.contains("S4-L17"));
    EXPECT_EQ(demo().get("/api/v1/search?q=CELL&limit=2").count("/items"), 2U);
}

TEST(SearchApi, answers_nothing_with_an_empty_list) { EXPECT_EQ(demo().get("/api/v1/search?q=no-such-thing").body, R"({"items":[]})"); }

TEST(SearchApi, asks_for_something_to_search) {
    for (const char* target : {"/api/v1/search", "/api/v1/search?q="})
        EXPECT_EQ(
            demo().get(target).body,
            R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"there is nothing to search for","pointer":"?q",)"
            R"("hint":"give any identifier: ?q=S4-L17"})");
}

// The numbers of 185 of the demo's lots begin with HJ26: SELECT count(*) FROM stock_lot WHERE number LIKE 'HJ26%'.
TEST(SearchApi, says_when_more_match_than_it_lists) {
    EXPECT_EQ(demo().get("/api/v1/search?q=HJ26").at("/more"), true);
    EXPECT_EQ(demo().get("/api/v1/search?q=HJ26&limit=100").at("/more"), true);
    EXPECT_TRUE(demo().get("/api/v1/search?q=B-100&limit=2").at("/more").is_null());
    EXPECT_EQ(demo().get("/api/v1/search?q=B-100&limit=1").at("/more"), true);
    EXPECT_EQ(demo().get("/api/v1/search?q=B-100&limit=1").count("/items"), 1U);
    EXPECT_EQ(demo().get("/api/v1/search?q=CELL&limit=2").at("/more"), true);  // lots of a product
}

TEST(SearchApi, holds_limit_to_its_range) {
    EXPECT_EQ(demo().get("/api/v1/search?q=HJ26&limit=1").count("/items"), 1U);
    EXPECT_EQ(demo().get("/api/v1/search?q=HJ26&limit=100").count("/items"), 100U);
    for (const char* limit : {"0", "101", "-1", "1.5", "x", ""})
        EXPECT_EQ(
            demo().get(fmt::format("/api/v1/search?q=HJ26&limit={}", limit)).body,
            fmt::format(
                R"({{"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"'{}' is not a whole number from 1 to 100",)"
                R"("pointer":"?limit","hint":"limits.search_results_max in stemma.yaml sets the largest"}})",
                limit));
}

TEST(ItemApi, lists_every_lot_once_page_by_page) {
    std::set<std::string> lots;
    std::string cursor = "0";
    for (int pages = 0; pages < 50; ++pages) {
        const Answer page = demo().get(fmt::format("/api/v1/items?limit=50&cursor={}", cursor));
        for (std::size_t i = 0; i < page.count("/items"); ++i) {
            const std::string id = page.text(fmt::format("/items/{}/id", i));
            if (!id.starts_with("urn:stemma:tryton:lot:")) continue;
            EXPECT_TRUE(lots.insert(id).second) << id;
        }
        if (page.at("/next").is_null()) break;
        cursor = std::to_string(page.number("/next"));
    }
    EXPECT_EQ(lots.size(), 318U);  // ground_truth.json: lots_total
}

TEST(ItemApi, has_no_page_past_the_last) {
    EXPECT_EQ(demo().get("/api/v1/items?cursor=18446744073709551615").body, R"({"items":[]})");
    EXPECT_EQ(demo().get("/api/v1/items?cursor=18446744073709551616").status, 400);
    EXPECT_EQ(demo().get("/api/v1/items?limit=1001").status, 400);
}

TEST(ItemApi, shows_who_it_is_where_it_is_and_its_history) {
    const Answer page = demo().get("/api/v1/items/TEA-07");
    EXPECT_EQ(page.text("/product/sku"), "FOOD-TEA");
    EXPECT_EQ(page.text("/status"), "in_stock");
    EXPECT_EQ(page.number("/stock/0/received"), 40);
    EXPECT_EQ(page.number("/stock/0/shipped"), 20);
    EXPECT_EQ(page.text("/stock/0/withCustomer/0/name"), "Violet Tarn Lodge");
    EXPECT_EQ(page.text("/stock/0/withCustomer/1/name"), "Willowdrift Camps");
    EXPECT_EQ(page.at("/massBalance/closes"), true);
    EXPECT_EQ(page.text("/history/0/kind"), "item");
    EXPECT_EQ(page.text("/history/1/event/bizStep"), "receiving");
}

/// The names beside an entry of a page's history: what it says of places and parties, by their ids.
std::map<std::string, std::string> names_in(const Answer& answer, const std::string& entry) {
    std::map<std::string, std::string> names;
    const boost::json::value& found = answer.at(entry + "/names");
    if (found.is_object())
        for (const auto& [id, name] : found.as_object()) names[std::string{id}] = name.as_string().c_str();
    return names;
}

TEST(ItemApi, names_the_places_and_parties_of_its_history) {
    const Answer page = demo().get("/api/v1/items/TEA-07");
    EXPECT_EQ(names_in(page, "/history/1"), (std::map<std::string, std::string>{{"urn:stemma:tryton:place:1", "Input Zone"},
                                                                                {"urn:stemma:tryton:party:13", "Apiary Ninefold"}}));
    std::set<std::string> customers;
    for (std::size_t i = 0; i < page.count("/history"); ++i)
        if (page.text(fmt::format("/history/{}/event/bizStep", i)) == "shipping")
            for (const auto& [id, name] : names_in(page, fmt::format("/history/{}", i)))
                if (id.starts_with("urn:stemma:tryton:party:")) customers.insert(name);
    EXPECT_EQ(customers, (std::set<std::string>{"Violet Tarn Lodge", "Willowdrift Camps"}));
    EXPECT_TRUE(names_in(page, "/history/0").empty());  // the lot itself: no place, no party
}

TEST(ItemApi, names_are_the_same_wherever_an_entry_is_shown_and_by_itself_its_items_too) {
    const Answer page = demo().get("/api/v1/items/TEA-07");
    const auto names = names_in(page, "/history/1");
    EXPECT_FALSE(names.empty());
    const std::int64_t sequence = page.number("/history/1/sequence");
    EXPECT_EQ(names_in(demo().get(fmt::format("/api/v1/events?cursor={}&limit=1", sequence)), "/events/0"), names);
    auto alone = names;
    alone.emplace("urn:stemma:tryton:lot:250", "TEA-07");
    EXPECT_EQ(names_in(demo().get(fmt::format("/api/v1/ledger/entries/{}", sequence)), "/entry"), alone);
    EXPECT_EQ(names_in(demo().get("/api/v1/events/" + percent_encode(page.text("/history/1/event/eventID"))), ""), alone);
}

TEST(ItemApi, gives_no_name_that_it_does_not_know) {
    EXPECT_EQ(
        demo()
            .post("/api/v1/master",
                  quoted("[{'type':'party','id':'urn:example:party:coded','code':'CODED'},{'type':'party','id':'urn:example:party:bare'},"
                         "{'type':'place','id':'urn:example:place:coded','code':'SHELF','kind':'stock'}]"))
            .status,
        201);
    const Answer recorded = demo().post(
        "/api/v1/events", quoted("{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'storing',"
                                 "'readPoint':{'id':'urn:example:place:unheard'},'bizLocation':{'id':'urn:example:place:coded'},'epcList':["
                                 "'urn:example:unit:1'],"
                                 "'sourceList':[{'type':'owning_party','source':'urn:example:party:bare'}],"
                                 "'destinationList':[{'type':'owning_party','destination':'urn:example:party:coded'}]}"));
    ASSERT_EQ(recorded.status, 201) << recorded.body;
    const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", recorded.number("/first")));
    EXPECT_EQ(names_in(entry, "/entry"),
              (std::map<std::string, std::string>{{"urn:example:party:coded", "CODED"}, {"urn:example:place:coded", "SHELF"}}));
}

TEST(ItemApi, takes_an_id_and_a_number_with_reserved_characters) {
    const Answer page = demo().get("/api/v1/items/" + percent_encode("\xC3\x98-\xC5\x81\xC3\x93\x44/7 '\xC3\x9F'") + "?limit=0");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.count("/history"), 0U);
    EXPECT_EQ(demo().get("/api/v1/items/" + percent_encode(page.text("/id")) + "?limit=0").body, page.body);
}

TEST(ItemApi, tells_numbers_apart_that_differ_in_leading_zeros) {
    EXPECT_NE(demo().get("/api/v1/items/173?limit=0").text("/id"), demo().get("/api/v1/items/000173?limit=0").text("/id"));
}

TEST(ItemApi, names_the_items_that_an_ambiguous_number_means) {
    const Answer answer = demo().get("/api/v1/items/B-100");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(
        answer.body,
        R"~({"type":"/problems/conflict","title":"Conflict","status":409,"detail":"'B-100' means 2 items: )~"
        R"~(SHELL B-100 (urn:stemma:tryton:lot:12); ZIP B-100 (urn:stemma:tryton:lot:17)","hint":"name the one you mean by its id"})~");
}

TEST(ItemApi, shows_a_product_without_lots) {
    const Answer page = demo().get("/api/v1/items/SCREW");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.text("/kind"), "untracked");
    EXPECT_EQ(page.text("/label"), "SCREW");
    EXPECT_GT(page.count("/history"), 1U);
    EXPECT_GT(page.number("/stock/0/consumed"), 0);
    EXPECT_EQ(demo().get("/api/v1/items/" + percent_encode(page.text("/id"))).body, page.body);
}

TEST(ItemApi, says_of_a_product_with_lots_that_these_are_traced) {
    const Answer answer = demo().get("/api/v1/items/CELL");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.text("/detail"), "'CELL' is a product tracked by lot: its lots are traced, not the product");
    EXPECT_EQ(answer.text("/hint"), "name one of them: stemma search CELL lists them");
    const std::string id = demo().get("/api/v1/items/S4-L17?limit=0").text("/product/id");
    EXPECT_EQ(demo().get("/api/v1/items/" + percent_encode(id)).status, 409);
}

TEST(ItemApi, shows_what_a_product_with_lots_has_without_one) {
    const auto master = quoted(
        "[{'type':'product','id':'urn:example:product:resin','sku':'RESIN','name':'Resin','tracking':'lot','unit':'C62'},"
        "{'type':'item','id':'urn:example:lot:resin-1','kind':'lot','product':'urn:example:product:resin','identifiers':[{'scheme':'lot',"
        "'value':'RS-1'}]}]");
    const Answer recorded = demo().post("/api/v1/master", master);
    ASSERT_EQ(recorded.status, 201) << recorded.body;
    EXPECT_EQ(demo().get("/api/v1/items/urn%3Aexample%3Aproduct%3Aresin").status, 409);
    ASSERT_EQ(
        demo()
            .post("/api/v1/events", quoted("{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE',"
                                           "'bizStep':'receiving','quantityList':[{'epcClass':'urn:example:product:resin','quantity':5}]}"))
            .status,
        201);
    const Answer page = demo().get("/api/v1/items/urn%3Aexample%3Aproduct%3Aresin");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.text("/kind"), "untracked");
    const Answer refused = demo().get("/api/v1/items/RESIN");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.text("/hint"),
              "name one of them: stemma search RESIN lists them; what was handled without a lot is urn:example:product:resin");
    const Answer found = demo().get("/api/v1/search?q=RESIN");
    ASSERT_EQ(found.count("/items"), 2U);
    EXPECT_EQ(found.text("/items/0/kind"), "untracked");
    EXPECT_EQ(found.text("/items/1/label"), "RS-1");
}

TEST(ItemApi, calls_an_item_known_from_events_alone_what_a_trace_calls_it) {
    ASSERT_EQ(demo()
                  .post("/api/v1/events", quoted("{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE',"
                                                 "'bizStep':'storing','epcList':['urn:example:unit:heard-of']}"))
                  .status,
              201);
    const Answer page = demo().get("/api/v1/items/urn%3Aexample%3Aunit%3Aheard-of");
    EXPECT_EQ(page.text("/kind"), "unknown");
    EXPECT_TRUE(page.at("/product").is_null());
    const Answer trace = demo().get("/api/v1/trace/back?item=urn:example:unit:heard-of");
    EXPECT_EQ(trace.text("/seeds/0/kind"), "unknown");
    EXPECT_EQ(trace.text("/nodes/0/kind"), "unknown");
}

TEST(ItemApi, does_not_know_an_unknown_item) {
    const Answer answer = demo().get("/api/v1/items/XX-999");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"no item is known as 'XX-999'",)"
                           R"("hint":"search finds items by any identifier: stemma search TEXT"})");
}

TEST(ItemApi, says_how_many_entries_there_are_however_few_it_shows) {
    const Answer whole = demo().get("/api/v1/items/TEA-07");
    ASSERT_GT(whole.count("/history"), 3U);
    EXPECT_EQ(whole.number("/entries"), static_cast<std::int64_t>(whole.count("/history")));
    for (const std::size_t limit : {std::size_t{0}, std::size_t{3}, whole.count("/history"), std::size_t{1000}}) {
        const Answer answer = demo().get(fmt::format("/api/v1/items/TEA-07?limit={}", limit));
        EXPECT_EQ(answer.count("/history"), std::min(limit, whole.count("/history")));
        EXPECT_EQ(answer.number("/entries"), whole.number("/entries"));
    }
    const std::int64_t second = whole.number("/history/1/sequence");
    EXPECT_EQ(demo().get(fmt::format("/api/v1/items/TEA-07?limit=0&as_of={}", second + 1)).number("/entries"), 2);
}

TEST(ItemApi, shows_the_item_as_it_was_known_then) {
    const Answer now = demo().get("/api/v1/items/TEA-07");
    const std::int64_t receipt = now.number("/history/1/sequence");
    const Answer before = demo().get(fmt::format("/api/v1/items/TEA-07?as_of={}", receipt));
    EXPECT_EQ(before.number("/asOf"), receipt);
    EXPECT_EQ(before.count("/history"), 1U);
    EXPECT_EQ(before.number("/asOf"), receipt);
    const Answer after = demo().get(fmt::format("/api/v1/items/TEA-07?as_of={}", receipt + 1));
    EXPECT_EQ(after.count("/history"), 2U);
    EXPECT_EQ(after.text("/status"), "received");
    EXPECT_EQ(after.number("/stock/0/onHand/0/quantity"), 40);
    EXPECT_EQ(demo().get("/api/v1/items/TEA-07?as_of=0").status, 404);
    EXPECT_EQ(demo().get("/api/v1/items/TEA-07?as_of=now").text("/pointer"), "?as_of");
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    EXPECT_EQ(demo().get(fmt::format("/api/v1/items/TEA-07?as_of={}", size)).status, 200);
    const Answer beyond = demo().get(fmt::format("/api/v1/items/TEA-07?as_of={}", size + 1));
    EXPECT_EQ(beyond.status, 400);
    EXPECT_EQ(beyond.text("/pointer"), "?as_of");
    EXPECT_EQ(beyond.text("/detail"), fmt::format("the ledger has {} entries, {} is beyond", size, size + 1));
}

TEST(ItemApi, shows_the_newest_entries_of_a_long_history) {
    const Answer all = demo().get("/api/v1/items/S4-L17");
    const Answer two = demo().get("/api/v1/items/S4-L17?limit=2");
    ASSERT_EQ(two.count("/history"), 2U);
    const std::size_t last = all.count("/history") - 1;
    EXPECT_EQ(two.at("/history/1"), all.at(fmt::format("/history/{}", last)));
    EXPECT_EQ(two.at("/history/0"), all.at(fmt::format("/history/{}", last - 1)));
}

TEST(AssessmentApi, says_what_is_expired_with_its_reasons) {
    const Answer answer = demo().get("/api/v1/items/BAR-01/assessments/expiry?as_of_time=2026-11-21");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.at("/decided"), true);
    EXPECT_EQ(answer.text("/answer/status"), "expired");
    EXPECT_EQ(answer.text("/asOf"), "2026-11-21T00:00:00Z");
    EXPECT_GT(answer.count("/reasons"), 0U);
    EXPECT_NE(demo().get("/api/v1/items/BAR-01/assessments/expiry?as_of_time=2026-03-01").text("/answer/status"), "expired");
    EXPECT_EQ(demo().get("/api/v1/items/BAR-01/assessments/expiry").text("/label"), "BAR-01");
}

TEST(AssessmentApi, does_not_guess_a_date) {
    const Answer answer = demo().get("/api/v1/items/TEA-07/assessments/expiry");
    EXPECT_EQ(answer.text("/answer/status"), "unknown");
    EXPECT_EQ(answer.text("/reasons/0"), "neither an expiry date nor a best-before date is known");
}

TEST(AssessmentApi, refuses_what_it_cannot_ask) {
    EXPECT_EQ(demo().get("/api/v1/items/BAR-01/assessments/warranty").status, 404);
    EXPECT_EQ(demo().get("/api/v1/items/XX-999/assessments/expiry").status, 404);
    EXPECT_EQ(demo().get("/api/v1/items/B-100/assessments/expiry").status, 409);
    const Answer answer = demo().get("/api/v1/items/BAR-01/assessments/expiry?as_of_time=tomorrow");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.text("/pointer"), "?as_of_time");
}

TEST(Api, refuses_parameters_that_a_route_has_not) {
    EXPECT_EQ(
        demo().get("/api/v1/items?lmit=5").body,
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"the query has an unknown parameter 'lmit'",)"
        R"("hint":"did you mean 'limit'?"})");
    EXPECT_EQ(demo().get("/api/v1/ledger?limit=5").status, 400);
}

TEST(Api, names_the_nearest_path) {
    const Answer answer = demo().get("/api/v1/workflow");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.text("/hint"), "did you mean '/api/v1/workflows'?");
}

TEST(Api, names_the_methods_that_a_path_has) {
    const Answer answer = demo().call("DELETE", "/api/v1/cases");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.at("Allow"), "GET, POST");
}

}  // namespace
}  // namespace stemma::http::test
