// Traces and recalls over the demo data. What is expected stands in tests/support/tryton_demo (README.md, story.json).
#include <fmt/format.h>

#include <set>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

std::set<std::string> labels(const Answer& answer, std::string_view list, std::string_view kind, bool certain) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < answer.count(list); ++i) {
        const std::string at = fmt::format("{}/{}", list, i);
        if (answer.text(at + "/kind") == kind && answer.at(at + "/certain") == certain) found.insert(answer.text(at + "/label"));
    }
    return found;
}

TEST(TraceApi, goes_back_to_the_suppliers_lots) {
    const Answer trace = demo().get("/api/v1/trace/back?item=HJ26-00148");
    EXPECT_EQ(trace.status, 200);
    EXPECT_EQ(trace.text("/seeds/0/label"), "HJ26-00148");
    EXPECT_TRUE(labels(trace, "/nodes", "lot", true).contains("S4-L17"));
    EXPECT_EQ(trace.count("/nodes"), static_cast<std::size_t>(trace.number("/items") + trace.number("/transformations")));
    for (std::size_t i = 1; i < trace.count("/nodes"); ++i) {  // each was reached from one that stands before it
        EXPECT_LT(trace.number(fmt::format("/nodes/{}/via/node", i)), static_cast<std::int64_t>(i));
        EXPECT_EQ(trace.number(fmt::format("/nodes/{}/depth", i)),
                  trace.number(fmt::format("/nodes/{}/depth", trace.number(fmt::format("/nodes/{}/via/node", i)))) + 1);
    }
}

TEST(TraceApi, goes_forward_to_the_finished_serials) {
    const Answer trace = demo().get("/api/v1/trace/forward?item=S4-L17");
    EXPECT_EQ(labels(trace, "/nodes", "serial", true).size(), 43U);
    EXPECT_EQ(labels(trace, "/nodes", "serial", false), (std::set<std::string>{"HV26-001", "HV26-002", "HV26-003", "HV26-004"}));
    EXPECT_GT(trace.count("/untracked"), 0U);
}

TEST(TraceApi, leaves_out_the_inferred_part_when_asked_to) {
    const Answer trace = demo().get("/api/v1/trace/forward?item=S4-L17&inferred=false");
    EXPECT_EQ(labels(trace, "/nodes", "serial", true).size(), 43U);
    EXPECT_TRUE(labels(trace, "/nodes", "serial", false).empty());
    EXPECT_EQ(static_cast<std::size_t>(trace.number("/certainNodes")), trace.count("/nodes"));
}

TEST(TraceApi, is_true_for_the_position_it_names) {
    const Answer now = demo().get("/api/v1/trace/forward?item=S4-L17");
    const Answer then = demo().get("/api/v1/trace/forward?item=S4-L17&as_of=500");
    EXPECT_EQ(then.number("/asOf"), 500);
    EXPECT_LT(then.count("/nodes"), now.count("/nodes"));
    const Answer again = demo().get(fmt::format("/api/v1/trace/forward?item=S4-L17&as_of={}", now.number("/asOf")));
    EXPECT_EQ(again.body, now.body);
}

// README.md: the bare core CORE between S4-L17 and the vests carries no lot.
TEST(TraceApi, starts_from_goods_without_lots) {
    const Answer forward = demo().get("/api/v1/trace/forward?item=CORE");
    EXPECT_EQ(forward.text("/seeds/0/kind"), "untracked");
    EXPECT_EQ(forward.text("/nodes/0/id"), forward.text("/seeds/0/id"));
    EXPECT_EQ(forward.text("/nodes/0/label"), forward.text("/seeds/0/label"));
    EXPECT_EQ(labels(forward, "/nodes", "serial", false), (std::set<std::string>{"HV26-001", "HV26-002", "HV26-003", "HV26-004"}));
    EXPECT_TRUE(labels(demo().get("/api/v1/trace/back?item=CORE"), "/nodes", "lot", false).contains("S4-L17"));
}

TEST(TraceApi, answers_503_when_its_time_is_over) {
    demo().end_time(true);
    const Answer trace = demo().get("/api/v1/trace/forward?item=S4-L17");
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})");
    const Answer item = demo().get("/api/v1/items/S4-L17");
    demo().end_time(false);
    for (const Answer& answer : {trace, recall, item}) {
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(answer.text("/type"), "/problems/unavailable");
        EXPECT_EQ(answer.text("/detail"), "the answer was not ready within limits.request_seconds_max");
        EXPECT_FALSE(answer.text("/hint").empty());
    }
}

TEST(TraceApi, holds_as_many_items_as_its_limit_and_says_by_what_it_was_cut) {
    const Answer whole = demo().get("/api/v1/trace/back?item=HJ26-00148");
    const std::int64_t items = whole.number("/items");
    ASSERT_GT(items, whole.number("/transformations"));
    EXPECT_EQ(whole.at("/truncated"), false);
    EXPECT_TRUE(whole.at("/cutBy").is_null());
    StemmaUnderTest limited{true, fmt::format("limits: {{trace_items_max: {}}}\n", items)};
    ASSERT_EQ(limited.sync().text("/error"), "");
    EXPECT_EQ(limited.get("/api/v1/trace/back?item=HJ26-00148").at("/truncated"), false);
    StemmaUnderTest tight{true, fmt::format("limits: {{trace_items_max: {}}}\n", items - 1)};
    ASSERT_EQ(tight.sync().text("/error"), "");
    const Answer cut = tight.get("/api/v1/trace/back?item=HJ26-00148");
    EXPECT_EQ(cut.at("/truncated"), true);
    EXPECT_EQ(cut.number("/items"), items - 1);
    EXPECT_EQ(cut.text("/cutBy"), "limits.trace_items_max");
    const Answer recall = tight.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"listItems":false})");
    EXPECT_EQ(recall.text("/cutBy"), "limits.trace_items_max");
}

TEST(TraceApi, refuses_what_it_cannot_trace) {
    EXPECT_EQ(demo().get("/api/v1/trace/sideways?item=S4-L17").status, 404);
    EXPECT_EQ(demo().get("/api/v1/trace/back").text("/pointer"), "?item");
    EXPECT_EQ(demo().get("/api/v1/trace/back?item=XX-999").status, 404);
    EXPECT_EQ(demo().get("/api/v1/trace/back?item=B-100").status, 409);
    EXPECT_EQ(
        demo().get("/api/v1/trace/back?item=S4-L17&inferred=maybe").body,
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"'maybe' is neither true nor false","pointer":"?inferred"})");
}

TEST(RecallApi, accounts_for_the_whole_bad_lot) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})");
    EXPECT_EQ(recall.status, 200);
    EXPECT_EQ(recall.number("/massBalances/0/stock/0/received"), 130);
    EXPECT_EQ(recall.number("/massBalances/0/stock/0/consumed"), 48 + 20 + 8);
    EXPECT_EQ(recall.number("/massBalances/0/stock/0/shipped"), 4);
    EXPECT_EQ(recall.number("/massBalances/0/stock/0/returnedToSupplier"), 36);
    EXPECT_EQ(recall.number("/massBalances/0/stock/0/writtenOff"), 3);
    EXPECT_EQ(recall.number("/massBalances/0/balance/units/0/onHand"), 6 + 5);
    EXPECT_EQ(recall.at("/massBalances/0/balance/closes"), true);
    EXPECT_EQ(labels(recall, "/items", "serial", true).size(), 43U);
    EXPECT_EQ(recall.count("/items"), static_cast<std::size_t>(recall.number("/certain/items") + recall.number("/possible/items")));
}

TEST(RecallApi, starts_from_goods_without_lots) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["CORE"]})");
    EXPECT_EQ(recall.status, 200);
    EXPECT_EQ(recall.count("/massBalances"), 1U);
    EXPECT_EQ(labels(recall, "/items", "serial", false), (std::set<std::string>{"HV26-001", "HV26-002", "HV26-003", "HV26-004"}));
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["CELL"]})").status, 409);
}

TEST(RecallApi, leaves_out_the_list_when_asked_to) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["S4-L17"],"listItems":false,"inferred":false,"asOf":1565})");
    EXPECT_TRUE(recall.at("/items").is_null());
    EXPECT_EQ(recall.number("/possible/items"), 0);
    EXPECT_EQ(recall.number("/asOf"), 1565);
}

TEST(RecallApi, starts_from_several_items) {
    const Answer recall = demo().post("/api/v1/recalls/simulate", R"({"items":["TEA-07","BAR-01"]})");
    EXPECT_EQ(recall.count("/massBalances"), 2U);
    EXPECT_EQ(recall.count("/seeds"), 2U);
}

TEST(RecallApi, refuses_a_position_that_the_ledger_has_not_reached) {
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    const auto at = [](std::int64_t as_of) {
        return demo().post("/api/v1/recalls/simulate", fmt::format(R"({{"items":["S4-L17"],"listItems":false,"asOf":{}}})", as_of));
    };
    EXPECT_EQ(at(size).status, 200);
    EXPECT_EQ(
        at(size + 1).body,
        fmt::format(R"({{"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"the ledger has {} entries, {} is )"
                    R"(beyond","pointer":"/asOf","hint":"as of N counts the entries 0 to N-1: to include entry N, ask as of N+1"}})",
                    size, size + 1));
    EXPECT_EQ(demo().get(fmt::format("/api/v1/trace/back?item=S4-L17&as_of={}", size + 1)).text("/pointer"), "?as_of");
}

TEST(RecallApi, refuses_a_command_by_the_field_that_is_wrong) {
    const auto problem = [](const char* body) { return demo().post("/api/v1/recalls/simulate", body).body; };
    EXPECT_EQ(
        problem(R"({"items":["S4-L17"],"asOff":3})"),
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"unknown field 'asOff'","pointer":"/asOff",)"
        R"("hint":"did you mean 'asOf'?"})");
    EXPECT_EQ(
        problem(R"({"items":["S4-L17",7]})"),
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"expected a string, found a number","pointer":"/items/1"})");
    EXPECT_EQ(
        problem(R"({"items":[]})"),
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"name at least one item to recall","pointer":"/items"})");
    EXPECT_EQ(
        problem("{}"),
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"the field 'items' is missing","pointer":"/items"})");
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["XX-999"]})").status, 404);
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", R"({"items":["B-100"]})").status, 409);
}

TEST(RecallApi, starts_from_at_most_a_thousand_items) {
    const auto items = [](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + std::string{R"("TEA-07")"};
        return R"({"listItems":false,"items":[)" + list + "]}";
    };
    EXPECT_EQ(demo().post("/api/v1/recalls/simulate", items(1000)).status, 200);
    const Answer refused = demo().post("/api/v1/recalls/simulate", items(1001));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.text("/detail"), "1001 items to start from, 1000 are allowed");
}

}  // namespace
}  // namespace stemma::http::test
