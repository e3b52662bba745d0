// The ERP source through the API: check, preview, sync, rejects; and a database that changes or goes away.
#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

/// Writes as the ERP would.
void write_erp(const StemmaUnderTest& stemma, const char* sql) {
    sqlite3* database = nullptr;
    char* message = nullptr;
    ASSERT_EQ(sqlite3_open(stemma.file("tryton.sqlite").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
}

TEST(ErpApi, shows_how_the_source_stands) {
    const Answer list = demo().get("/api/v1/erp/sources");
    ASSERT_EQ(list.count("/sources"), 1U);
    const Answer one = demo().get("/api/v1/erp/sources/tryton");
    EXPECT_EQ(one.at("/stale"), false);
    EXPECT_GE(one.number("/runs"), 1);
    EXPECT_EQ(
        demo().get("/api/v1/erp/sources/odoo").body,
        R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"no ERP source is named 'odoo'","hint":"there is tryton"})");
}

TEST(ErpApi, checks_that_the_mapping_fits) {
    const Answer check = demo().get("/api/v1/erp/sources/tryton/check");
    EXPECT_EQ(check.at("/fits"), true);
    EXPECT_EQ(check.text("/erp"), "Tryton");
    EXPECT_EQ(check.text("/version"), "6.0");
    EXPECT_GT(check.count("/tables"), 10U);
    EXPECT_EQ(check.count("/reads"), 5U);
    EXPECT_EQ(demo().get("/api/v1/erp/sources/odoo/check").status, 404);
}

TEST(ErpApi, previews_rows_and_what_they_become) {
    const Answer first = demo().get("/api/v1/erp/sources/tryton/preview");
    EXPECT_EQ(first.text("/query"), "products");
    EXPECT_EQ(first.count("/rows"), 5U);
    const Answer moves = demo().get("/api/v1/erp/sources/tryton/preview?query=moves&rows=1");
    EXPECT_EQ(moves.count("/rows"), 1U);
    EXPECT_EQ(moves.count("/columns"), moves.count("/rows/0"));
    EXPECT_EQ(moves.text("/records/0/record/type"), "ObjectEvent");
    const Answer parties = demo().get("/api/v1/erp/sources/tryton/preview?query=parties&rows=100");
    EXPECT_EQ(parties.count("/rows"), 34U);
    EXPECT_FALSE(parties.text("/records/0/name").empty());
}

TEST(ErpApi, refuses_a_preview_that_it_cannot_give) {
    EXPECT_EQ(demo().get("/api/v1/erp/sources/odoo/preview").status, 404);
    EXPECT_EQ(
        demo().get("/api/v1/erp/sources/tryton/preview?query=move").body,
        R"({"type":"/problems/not_found","title":"Not found","status":404,"detail":"the mapping has no query 'move'","pointer":"?query",)"
        R"("hint":"it has products, places, parties, lots, moves"})");
    EXPECT_EQ(demo().get("/api/v1/erp/sources/tryton/preview?rows=0").text("/pointer"), "?rows");
    EXPECT_EQ(demo().get("/api/v1/erp/sources/tryton/preview?rows=101").status, 400);
}

TEST(ErpApi, adds_nothing_when_nothing_changed) {
    const std::int64_t size = demo().get("/api/v1/ledger").number("/size");
    for (const bool full : {false, true}) {
        const Answer synced = demo().sync(full);
        EXPECT_EQ(synced.number("/last/added"), 0);
        EXPECT_EQ(synced.number("/last/changed"), 0);
        EXPECT_EQ(synced.number("/last/vanished"), 0);
    }
    EXPECT_EQ(demo().get("/api/v1/erp/sources/tryton").number("/last/unchanged"), 1565);
    EXPECT_EQ(demo().get("/api/v1/ledger").number("/size"), size);
}

TEST(ErpApi, refuses_a_sync_that_it_cannot_run) {
    EXPECT_EQ(demo().post("/api/v1/erp/sources/odoo/sync").status, 404);
    EXPECT_EQ(demo().post("/api/v1/erp/sources/tryton/sync", R"({"ful":true})").text("/hint"), "did you mean 'full'?");
    EXPECT_EQ(demo().post("/api/v1/erp/sources/tryton/sync", R"({"full":"yes"})").text("/pointer"), "/full");
}

TEST(ErpApi, lists_rows_that_cannot_be_mapped_until_they_can) {
    StemmaUnderTest stemma;
    EXPECT_EQ(stemma.get("/api/v1/erp/rejects").body, R"({"rejects":[]})");
    write_erp(stemma, "UPDATE product_uom SET symbol = 'pallet' WHERE symbol = 'm'");
    const Answer synced = stemma.sync();
    EXPECT_EQ(synced.text("/error"), "");
    EXPECT_GT(synced.number("/last/rejected"), 0);
    const Answer rejects = stemma.get("/api/v1/erp/rejects?source=tryton&limit=10000");
    EXPECT_EQ(rejects.count("/rejects"), static_cast<std::size_t>(synced.number("/last/rejected")));
    EXPECT_EQ(rejects.text("/rejects/0/source"), "tryton");
    EXPECT_TRUE(rejects.body.contains("pallet"));
    EXPECT_EQ(stemma.get("/api/v1/erp/rejects?limit=1").count("/rejects"), 1U);
    EXPECT_EQ(stemma.get("/api/v1/erp/rejects?source=odoo").status, 404) << "a misspelt source is not one without rejects";
    EXPECT_EQ(stemma.get("/api/v1/erp/rejects?limit=10001").status, 400);
    const Answer preview = stemma.get("/api/v1/erp/sources/tryton/preview?query=products&rows=100");
    EXPECT_GT(preview.count("/rejects"), 0U);

    write_erp(stemma, "UPDATE product_uom SET symbol = 'm' WHERE symbol = 'pallet'");
    EXPECT_EQ(stemma.sync(true).number("/last/rejected"), 0);
    EXPECT_EQ(stemma.get("/api/v1/erp/rejects").body, R"({"rejects":[]})");
}

TEST(ErpApi, pauses_a_mapping_that_no_longer_fits_and_serves_the_last_state_as_stale) {
    StemmaUnderTest stemma;
    const Answer good = stemma.sync();
    EXPECT_EQ(good.text("/error"), "");
    write_erp(stemma, "ALTER TABLE stock_move RENAME COLUMN effective_date TO done_on");
    const Answer check = stemma.get("/api/v1/erp/sources/tryton/check");
    EXPECT_EQ(check.at("/fits"), false);
    EXPECT_TRUE(check.body.contains("stock_move.effective_date"));
    const Answer synced = stemma.sync();
    EXPECT_EQ(synced.at("/stale"), true);
    EXPECT_TRUE(synced.text("/paused").contains("stock_move.effective_date")) << synced.body;
    for (const char* target : {"/api/v1/status", "/api/v1/items/TEA-07", "/api/v1/trace/forward?item=S4-L17"}) {
        const Answer answer = stemma.get(target);
        EXPECT_EQ(answer.status, 200) << target;
        EXPECT_EQ(answer.text("/stale/0/source"), "tryton") << target;
        EXPECT_TRUE(answer.text("/stale/0/why").contains("stock_move.effective_date")) << target;
    }
    EXPECT_EQ(stemma.post("/api/v1/recalls/simulate", R"({"items":["S4-L17"]})").text("/stale/0/source"), "tryton");
    EXPECT_EQ(stemma.get("/api/v1/lineage/gaps?count=true").text("/stale/0/source"), "tryton");
    for (const char* query : {"item=S4-L17&format=csv", "item=TEA-07&format=csv&fields=id", "item=S4-L17&format=csv&by=product"})
        EXPECT_TRUE(stemma.get(fmt::format("/api/v1/trace/forward?{}", query)).body.ends_with(" stale=tryton complete=true\r\n")) << query;
    EXPECT_TRUE(
        stemma.post("/api/v1/recalls/simulate?format=csv", R"({"items":["TEA-07"]})").body.ends_with(" stale=tryton complete=true\r\n"));
    EXPECT_EQ(stemma.get("/api/v1/status").text("/stale/0/since"), good.text("/finishedAt"));
    EXPECT_EQ(synced.text("/goodAt"), good.text("/finishedAt"));
    EXPECT_GT(synced.text("/finishedAt"), good.text("/finishedAt"));
    EXPECT_EQ(stemma.get("/health/ready").status, 200);  // stale is not unready

    write_erp(stemma, "ALTER TABLE stock_move RENAME COLUMN done_on TO effective_date");
    EXPECT_EQ(stemma.sync().at("/stale"), false);
    EXPECT_TRUE(stemma.get("/api/v1/status").at("/stale").is_null());
    EXPECT_FALSE(stemma.get("/api/v1/trace/forward?item=TEA-07&format=csv").body.contains("stale="));
}

TEST(ErpApi, says_when_the_database_cannot_be_reached) {
    StemmaUnderTest stemma;
    EXPECT_EQ(stemma.sync().text("/error"), "");
    std::filesystem::remove(stemma.file("tryton.sqlite"));
    for (const char* what : {"check", "preview"}) {
        const Answer answer = stemma.get(fmt::format("/api/v1/erp/sources/tryton/{}", what));
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_EQ(answer.headers.contains("Retry-After"), true);
    }
    const Answer synced = stemma.sync();
    EXPECT_FALSE(synced.text("/error").empty());
    EXPECT_EQ(synced.at("/stale"), true);
    EXPECT_EQ(stemma.get("/api/v1/items/TEA-07").text("/stale/0/source"), "tryton");
}

}  // namespace
}  // namespace stemma::http::test
