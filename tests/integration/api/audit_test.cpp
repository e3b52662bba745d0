// /erp/audit over the demo data, and over what users recorded.
#include <fmt/format.h>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

TEST(AuditApi, tells_the_finding_of_the_demo_with_the_rows_of_the_erp) {
    const Answer answer = demo().get("/api/v1/erp/audit?source=tryton&kind=no_outputs");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.number("/count"), 1);
    EXPECT_EQ(answer.text("/byKind/0/kind"), "no_outputs");
    EXPECT_EQ(answer.text("/findings/0/item/label"), "HM-0314");
    EXPECT_EQ(answer.text("/findings/0/since"), "2026-11-18");
    ASSERT_EQ(answer.count("/findings/0/rows"), 3U);
    EXPECT_EQ(answer.text("/findings/0/rows/0/source"), "tryton");
    EXPECT_EQ(answer.text("/findings/0/rows/0/query"), "moves");
    EXPECT_EQ(answer.text("/findings/0/rows/0/movement"), "consumed");
    EXPECT_EQ(answer.text("/findings/0/documents/0/number"), "102");
    const Answer entry = demo().get(fmt::format("/api/v1/ledger/entries/{}", answer.number("/findings/0/rows/0/sequence")));
    EXPECT_EQ(entry.text("/entry/source/key"), answer.text("/findings/0/rows/0/key")) << entry.body;
}

TEST(AuditApi, counts_what_it_would_list) {
    const Answer counts = demo().get("/api/v1/erp/audit?source=tryton&count=true");
    EXPECT_EQ(counts.number("/count"), demo().get("/api/v1/erp/audit?source=tryton&limit=1000").number("/count"));
    EXPECT_EQ(counts.count("/findings"), 0U);
}

TEST(AuditApi, refuses_what_it_does_not_know_with_the_nearest_name) {
    const Answer source = demo().get("/api/v1/erp/audit?source=trytonn");
    EXPECT_EQ(source.status, 404) << source.body;
    const Answer kind = demo().get("/api/v1/erp/audit?kind=two_place");
    EXPECT_EQ(kind.status, 400);
    EXPECT_NE(kind.body.find("did you mean 'two_places'?"), std::string::npos) << kind.body;
    EXPECT_EQ(demo().get("/api/v1/erp/audit?kind=untracked_intermediate").status, 400) << "it is no fault";
    EXPECT_EQ(demo().get("/api/v1/erp/audit?limit=0").status, 400);
    EXPECT_EQ(demo().get("/api/v1/erp/audit?limit=1001").status, 400);
}

/// A delivery of a serial, recorded by a user.
std::string delivery(int number, const std::string& customer) {
    return fmt::format(
        R"({{"type":"ObjectEvent","eventID":"urn:t:event:{0}","eventTime":"2026-03-0{0}T10:00:00Z","eventTimeZoneOffset":"+00:00",)"
        R"("action":"OBSERVE","bizStep":"shipping","epcList":["urn:t:serial:1"],"destinationList":[{{"type":"possessing_party",)"
        R"("destination":"urn:t:party:{1}"}}],"sourceList":[{{"type":"location","source":"urn:t:place:dock"}}]}})",
        number, customer);
}

TEST(AuditApi, covers_what_users_recorded_and_shows_as_of_a_position_what_was_found_then) {
    StemmaUnderTest stemma{false};
    ASSERT_LT(stemma.post("/api/v1/master", R"({"type":"item","id":"urn:t:serial:1","kind":"serial"})").status, 300);
    for (const auto& [number, customer] : {std::pair{1, "ada"}, std::pair{2, "bob"}}) {
        const Answer captured = stemma.post("/api/v1/events", delivery(number, customer));
        ASSERT_LT(captured.status, 300) << captured.body;
    }
    const Answer now = stemma.get("/api/v1/erp/audit?kind=delivered_twice");
    ASSERT_EQ(now.count("/findings"), 1U) << now.body;
    EXPECT_EQ(now.count("/findings/0/rows"), 2U);
    EXPECT_FALSE(now.at("/findings/0/rows/0").as_object().contains("source")) << "no ERP row is behind it";
    const Answer then = stemma.get(fmt::format("/api/v1/erp/audit?kind=delivered_twice&as_of={}", now.number("/asOf") - 1));
    EXPECT_EQ(then.count("/findings"), 0U) << then.body;
    EXPECT_EQ(stemma.get("/api/v1/erp/audit?as_of=0").number("/nodes"), 0);
    stemma.end_time(true);
    EXPECT_EQ(stemma.get("/api/v1/erp/audit").status, 503);
    stemma.end_time(false);
}

}  // namespace
}  // namespace stemma::http::test
