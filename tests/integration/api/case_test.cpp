// The return of a heated jacket, step by step, with everything that can go wrong on the way.
#include <fmt/format.h>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

Answer open_case(const char* fields = "{'reason':'does not heat','customer':'C17'}") {
    return demo().post("/api/v1/cases",
                       quoted(fmt::format("{{'workflow':'rma','item':'HJ26-00148','reason':'customer called','fields':{}}}", fields)),
                       {{"stemma-actor", "ben"}});
}

Answer command(const std::string& id, const std::string& body) { return demo().post("/api/v1/cases/" + id + "/commands", quoted(body)); }

TEST(CaseApi, offers_the_workflow_with_its_states) {
    const Answer answer = demo().get("/api/v1/workflows");
    EXPECT_EQ(
        answer.body,
        R"({"workflows":[{"name":"rma","states":["requested","authorised","received","closed"],"commands":["open","authorise","receive","close"],)"
        R"("transitions":[{"command":"open","to":"requested"},{"from":"requested","command":"authorise","to":"authorised"},)"
        R"({"from":"authorised","command":"receive","to":"received"},{"from":"received","command":"close","to":"closed"}]}]})");
}

TEST(CaseApi, opens_a_case_once_however_often_the_command_with_its_key_arrives) {
    const std::string body = quoted("{'workflow':'rma','item':'HJ26-00148','fields':{'reason':'does not heat','customer':'C17'}}");
    const Answer first = demo().post("/api/v1/cases", body, {{"idempotency-key", "call-1"}});
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_FALSE(first.at("/replayed").as_bool());
    const Answer again = demo().post("/api/v1/cases", body, {{"idempotency-key", "call-1"}});
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.text("/case"), first.text("/case"));
    EXPECT_TRUE(again.at("/replayed").as_bool());
    EXPECT_NE(demo().post("/api/v1/cases", body, {{"idempotency-key", "call-2"}}).text("/case"), first.text("/case"));
    const Answer other = demo().post("/api/v1/cases/" + first.text("/case") + "/commands", quoted("{'command':'authorise'}"),
                                     {{"idempotency-key", "call-1"}});
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(other.text("/pointer"), "Idempotency-Key");
}

TEST(CaseApi, leads_a_return_from_request_to_close) {
    const Answer opened = open_case();
    ASSERT_EQ(opened.status, 201) << opened.body;
    const std::string id = opened.text("/case");
    EXPECT_EQ(opened.text("/state"), "requested");
    EXPECT_EQ(opened.number("/version"), 1);
    EXPECT_EQ(opened.text("/label"), "HJ26-00148");
    EXPECT_EQ(opened.text("/item"), demo().get("/api/v1/items/HJ26-00148?limit=0").text("/id"));
    EXPECT_EQ(opened.text("/fields/reason"), "does not heat");

    EXPECT_EQ(command(id, "{'command':'authorise','version':1,'fields':{'number':'R-1'}}").text("/state"), "authorised");

    const Answer wrong = command(id, "{'command':'receive','version':2,'fields':{'item':'HJ26-00149'}}");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(wrong.text("/type"), "/problems/refused");
    EXPECT_EQ(wrong.text("/detail"), "wrong unit: this case is for 'HJ26-00148' (serial), the box holds 'HJ26-00149'");
    EXPECT_EQ(wrong.text("/verdict/findings/0/code"), "rma.wrong_unit");
    EXPECT_EQ(wrong.text("/state"), "authorised");
    EXPECT_EQ(wrong.number("/version"), 2);
    EXPECT_EQ(wrong.text("/label"), "HJ26-00148");

    EXPECT_EQ(command(id, "{'command':'receive','version':2,'reason':'on the dock','fields':{'item':' HJ26-00148 '}}").text("/state"),
              "received");
    const Answer closed = command(id, "{'command':'close','fields':{'outcome':'replaced'}}");
    EXPECT_EQ(closed.text("/state"), "closed");
    EXPECT_EQ(closed.number("/version"), 4);

    const Answer shown = demo().get("/api/v1/cases/" + id);
    ASSERT_EQ(shown.count("/history"), 4U);  // the refused command left nothing behind
    EXPECT_EQ(shown.text("/label"), "HJ26-00148");
    EXPECT_EQ(shown.text("/history/0/actor"), "user:ben");
    EXPECT_EQ(shown.text("/history/0/reason"), "customer called");
    EXPECT_EQ(shown.text("/history/2/case/type"), "received");
    EXPECT_EQ(shown.text("/history/2/judgements/0/facts/0/name"), "item.identity");
    EXPECT_EQ(shown.text("/fields/received"), "HJ26-00148");
    EXPECT_EQ(shown.text("/fields/outcome"), "replaced");
}

TEST(CaseApi, refuses_a_step_that_does_not_follow) {
    const std::string id = open_case().text("/case");
    const Answer answer = command(id, "{'command':'receive','fields':{'item':'HJ26-00148'}}");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.text("/detail"), "cannot receive: the case is requested, it must be authorised");
    EXPECT_EQ(answer.text("/verdict/outcome"), "refused");
    EXPECT_EQ(command(id, "{'command':'open'}").status, 422);
}

TEST(CaseApi, refuses_a_command_that_the_workflow_has_not) {
    const std::string id = open_case().text("/case");
    const Answer answer = command(id, "{'command':'scrap'}");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.text("/detail"), "there is no command 'scrap'; there are open, authorise, receive, close");
}

TEST(CaseApi, refuses_a_command_that_saw_an_older_version) {
    const std::string id = open_case().text("/case");
    EXPECT_EQ(command(id, "{'command':'authorise','version':1}").status, 201);
    EXPECT_EQ(command(id, "{'command':'receive','version':1,'fields':{'item':'HJ26-00148'}}").body,
              fmt::format(
                  R"({{"type":"/problems/conflict","title":"Conflict","status":409,"detail":"case {} is at version 2 (authorised), not 1",)"
                  R"("pointer":"/version","hint":"look at the case as it is now and decide again"}})",
                  id));
    EXPECT_EQ(command(id, "{'command':'receive','version':2,'fields':{'item':'HJ26-00148'}}").status, 201);
}

TEST(CaseApi, refuses_fields_that_open_does_not_take) {
    const Answer answer = open_case("{'raeson':'does not heat'}");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.text("/detail"), "'raeson' is not a field of open; it takes reason, customer, note");
    EXPECT_TRUE(answer.at("/case").is_null());
}

TEST(CaseApi, refuses_what_it_cannot_find) {
    EXPECT_EQ(
        demo().post("/api/v1/cases", quoted("{'workflow':'rmx','item':'HJ26-00148'}")).body,
        R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"no enabled plugin offers the workflow 'rmx'","hint":"there is rma"})");
    EXPECT_EQ(demo().post("/api/v1/cases", quoted("{'workflow':'rma','item':'XX-999'}")).status, 404);
    EXPECT_EQ(demo().post("/api/v1/cases", quoted("{'workflow':'rma','item':'B-100'}")).status, 409);
    EXPECT_EQ(demo().get("/api/v1/cases/rma-999999").body,
              R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"there is no case rma-999999"})");
    EXPECT_EQ(command("rma-999999", "{'command':'authorise'}").status, 404);
}

TEST(CaseApi, refuses_a_body_by_the_field_that_is_wrong) {
    EXPECT_EQ(demo().post("/api/v1/cases", quoted("{'workflow':'rma'}")).text("/pointer"), "/item");
    EXPECT_EQ(demo().post("/api/v1/cases", quoted("{'workflow':'','item':'HJ26-00148'}")).text("/detail"), "the string is empty");
    EXPECT_EQ(demo().post("/api/v1/cases", quoted("{'workflow':'rma','item':'HJ26-00148','fields':{'note':1}}")).text("/pointer"),
              "/fields/note");
    const std::string id = open_case().text("/case");
    EXPECT_EQ(command(id, "{'command':'authorise','version':'1'}").text("/pointer"), "/version");
    EXPECT_EQ(command(id, "{'comand':'authorise'}").text("/pointer"), "/command");
    EXPECT_EQ(command(id, "").status, 400);
}

TEST(CaseApi, lists_cases_the_newest_first) {
    const std::string older = open_case().text("/case");
    const std::string newer = open_case().text("/case");
    const Answer answer = demo().get("/api/v1/cases?workflow=rma&limit=2");
    ASSERT_EQ(answer.count("/cases"), 2U);
    EXPECT_EQ(answer.text("/cases/0/case"), newer);
    EXPECT_EQ(answer.text("/cases/1/case"), older);
    EXPECT_EQ(answer.text("/cases/0/label"), "HJ26-00148");
    EXPECT_EQ(answer.text("/cases/1/label"), "HJ26-00148");
    EXPECT_EQ(demo().get("/api/v1/cases?workflow=recall").body, R"({"cases":[]})");
    EXPECT_EQ(demo().get("/api/v1/cases?limit=0").status, 400);
}

}  // namespace
}  // namespace stemma::http::test
