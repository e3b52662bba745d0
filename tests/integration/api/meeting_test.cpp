// Two ids that a person says are one: the list, the item's page, searches, and saying that they are not.
#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

constexpr const char* kRecords = R"([
 {"type":"product","id":"urn:example:product:1","sku":"P1","tracking":"lot","unit":"C62"},
 {"type":"item","id":"urn:example:lot:1","kind":"lot","product":"urn:example:product:1","identifiers":[{"scheme":"lot","value":"N-1"}]},
 {"type":"item","id":"urn:other:lot:7","kind":"lot","product":"urn:example:product:1","identifiers":[{"scheme":"lot","value":"N-1"}]}])";

Answer declare(StemmaUnderTest& stemma, const std::string& apart, const std::string& first = "urn:example:lot:1") {
    return stemma.post("/api/v1/erp/meetings",
                       quoted("{'first':'" + first + "','second':'urn:other:lot:7','apart':" + apart + ",'reason':'seen at the bench'}"),
                       {{"stemma-actor", "ada"}});
}

TEST(MeetingApi, makes_two_ids_one_and_two_again_by_an_entry_with_its_reason) {
    StemmaUnderTest stemma{false};
    ASSERT_EQ(stemma.post("/api/v1/master", kRecords).status, 201);
    EXPECT_EQ(stemma.get("/api/v1/erp/meetings").count("/meetings"), 0U);
    EXPECT_EQ(stemma.get("/api/v1/erp/meetings?item=N-1").status, 409);  // two items
    EXPECT_EQ(stemma.get("/api/v1/search?q=N-1").count("/items"), 2U);

    EXPECT_EQ(declare(stemma, "false").status, 200);
    const Answer listed = stemma.get("/api/v1/erp/meetings?item=N-1");
    ASSERT_EQ(listed.count("/meetings"), 1U) << listed.body;
    EXPECT_EQ(listed.text("/meetings/0/rule"), "declared");
    EXPECT_EQ(listed.text("/meetings/0/actor"), "user:ada");
    EXPECT_EQ(listed.text("/meetings/0/reason"), "seen at the bench");
    EXPECT_EQ(listed.text("/meetings/0/second/label"), "N-1");
    EXPECT_EQ(stemma.get("/api/v1/search?q=N-1").count("/items"), 1U);
    const Answer page = stemma.get("/api/v1/items/urn:other:lot:7");
    EXPECT_EQ(page.text("/id"), "urn:example:lot:1");
    EXPECT_EQ(page.text("/knownAs/1/id"), "urn:other:lot:7");
    EXPECT_EQ(page.text("/history/2/kind"), "meeting");
    EXPECT_EQ(page.text("/history/2/meeting/rule"), "declared");
    EXPECT_EQ(stemma.get("/api/v1/status").number("/meetings/entries"), 1);

    EXPECT_EQ(declare(stemma, "true").status, 200);
    EXPECT_EQ(stemma.get("/api/v1/search?q=N-1").count("/items"), 2U);
    EXPECT_EQ(stemma.get("/api/v1/items/urn:other:lot:7?as_of=4").text("/id"), "urn:example:lot:1");  // one, as of then
    EXPECT_EQ(stemma.get("/api/v1/items/urn:other:lot:7").text("/id"), "urn:other:lot:7");
    stemma.restart();
    EXPECT_EQ(stemma.get("/api/v1/items/urn:other:lot:7?as_of=4").text("/id"), "urn:example:lot:1");
    EXPECT_EQ(stemma.get("/api/v1/items/urn:other:lot:7").text("/id"), "urn:other:lot:7");
}

TEST(MeetingApi, refuses_what_is_so_already_what_is_unknown_and_what_has_no_reason) {
    StemmaUnderTest stemma{false};
    ASSERT_EQ(stemma.post("/api/v1/master", kRecords).status, 201);
    EXPECT_EQ(declare(stemma, "true").status, 409);
    EXPECT_EQ(declare(stemma, "false", "urn:example:product:1").status, 409);
    EXPECT_EQ(declare(stemma, "false", "urn:other:lot:7").status, 409);
    EXPECT_EQ(declare(stemma, "false", "urn:example:lot:2").status, 404);
    EXPECT_EQ(stemma.post("/api/v1/erp/meetings", quoted("{'first':'urn:example:lot:1','second':'urn:other:lot:7','apart':false}")).status,
              400);
    EXPECT_EQ(stemma.get("/api/v1/erp/meetings?item=nothing").status, 404);
    EXPECT_EQ(stemma.get("/api/v1/erp/meetings?limit=0").status, 400);
    EXPECT_EQ(stemma.get("/api/v1/erp/meetings?limit=10001").status, 400);
    EXPECT_EQ(stemma.get("/api/v1/erp/conflicts").count("/conflicts"), 0U);
}

}  // namespace
}  // namespace stemma::http::test
