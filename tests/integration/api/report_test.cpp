// Reports over the demo's ledger: what expires first, all identifiers; as JSON, CSV and XLSX.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <filesystem>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

StemmaUnderTest& demo() { return stemma_with_demo(); }

constexpr const char* kFefo = "/api/v1/reports/fefo?as_of_time=2026-11-21";

std::string word(const boost::json::value& cell) { return cell.is_string() ? std::string{cell.as_string()} : boost::json::serialize(cell); }

/// The values of one column.
std::vector<std::string> column(const Answer& report, const std::string& name) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < report.count("/columns"); ++i)
        if (report.text(fmt::format("/columns/{}/name", i)) == name)
            for (std::size_t row = 0; row < report.count("/rows"); ++row)
                out.push_back(word(report.at(fmt::format("/rows/{}/{}", row, i))));
    return out;
}

TEST(ReportApi, lists_reports_with_columns_and_parameters) {
    const Answer list = demo().get("/api/v1/reports");
    EXPECT_EQ(list.text("/reports/0/name"), "fefo");
    EXPECT_EQ(list.text("/reports/0/subject"), "item");
    EXPECT_EQ(list.text("/reports/0/parameters/0/name"), "days");
    EXPECT_EQ(list.text("/reports/0/parameters/1/fallback"), "true");
    EXPECT_EQ(list.text("/reports/1/name"), "expiry-by-product");
}

TEST(ReportApi, says_what_expires_first_by_product) {
    const Answer report = demo().get(kFefo);
    ASSERT_EQ(report.status, 200) << report.body;
    const auto numbers = column(report, "number");
    const auto ranks = column(report, "rank");
    const auto days = column(report, "last_day");
    const auto skus = column(report, "sku");
    ASSERT_GT(numbers.size(), 5U);
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        EXPECT_LE(skus[i - 1], skus[i]);
        EXPECT_TRUE(skus[i - 1] != skus[i] || days[i - 1] <= days[i]) << numbers[i];
        EXPECT_TRUE(skus[i - 1] == skus[i] || ranks[i] == "1") << numbers[i];
    }
    for (const std::string& number : numbers) EXPECT_EQ(demo().get("/api/v1/items/" + number).text("/status"), "in_stock") << number;
}

TEST(ReportApi, leaves_out_what_parameters_and_product_do_not_ask_for) {
    const std::size_t all = demo().get(kFefo).count("/rows");
    const Answer fresh = demo().get(std::string{kFefo} + "&expired=false");
    EXPECT_LT(fresh.count("/rows"), all);
    for (const std::string& status : column(fresh, "status")) EXPECT_NE(status, "expired");
    const Answer tea = demo().get(std::string{kFefo} + "&product=FOOD-TEA");
    for (const std::string& sku : column(tea, "sku")) EXPECT_EQ(sku, "FOOD-TEA");
    EXPECT_LT(tea.number("/subjects"), demo().get(kFefo).number("/subjects"));
}

TEST(ReportApi, gives_the_same_table_as_csv_and_as_a_workbook) {
    const Answer report = demo().get(kFefo);
    const Answer csv = demo().get(std::string{kFefo} + "&format=csv");
    ASSERT_EQ(csv.status, 200);
    EXPECT_EQ(csv.headers.at("Content-Disposition"), "attachment; filename=\"fefo-2026-11-21.csv\"");
    EXPECT_EQ(csv.headers.at("Stemma-Table-Sha256"), report.text("/tableSha256"));
    const auto lines = lines_of(csv.body, "\r\n");
    ASSERT_EQ(lines.size(), report.count("/rows") + 1);
    EXPECT_EQ(lines.front(), "sku,name,rank,number,last_day,remaining_days,status,basis,stock,item,product");
    EXPECT_EQ(demo().call("GET", kFefo, {}, {{"accept", "text/csv"}}).body, csv.body);
    const Answer book = demo().get(std::string{kFefo} + "&format=xlsx");
    EXPECT_TRUE(book.body.starts_with("PK"));
    EXPECT_EQ(book.headers.at("Content-Disposition"), "attachment; filename=\"fefo-2026-11-21.xlsx\"");
}

TEST(ReportApi, lists_every_identifier_of_every_item) {
    StemmaUnderTest stemma{true};
    stemma.sync();
    const std::filesystem::path plugin = stemma.file("plugins") + "/identifiers.so";
    std::filesystem::copy_file(STEMMA_BINARY_DIR "/plugins/identifiers.so", plugin);
    std::filesystem::permissions(plugin, std::filesystem::perms{0644});
    ASSERT_EQ(stemma.post("/api/v1/plugins/identifiers/enable").status, 200);
    const Answer report = stemma.get("/api/v1/reports/identifiers");
    ASSERT_EQ(report.status, 200) << report.body;
    const auto identifiers = column(report, "identifier");
    const auto items = column(report, "item");
    EXPECT_GE(identifiers.size(), static_cast<std::size_t>(report.number("/subjects"))) << "each lot of the demo has a number";
    for (std::size_t i = 0; i < identifiers.size(); i += 29) {
        const Answer page = stemma.get("/api/v1/items/" + items[i]);
        EXPECT_NE(page.body.find(json_quote(identifiers[i])), std::string::npos) << items[i];
    }
    const Answer none = stemma.get("/api/v1/reports/identifiers?scheme=udi");
    EXPECT_EQ(none.count("/rows"), 0U);
    EXPECT_EQ(none.text("/parameters/scheme"), "udi");
}

TEST(ReportApi, refuses_what_it_does_not_know) {
    EXPECT_EQ(demo().get("/api/v1/reports/fego").status, 404);
    EXPECT_EQ(demo().get("/api/v1/reports/fefo?format=pdf").text("/pointer"), "?format");
    EXPECT_EQ(demo().get("/api/v1/reports/fefo?days=soon").text("/pointer"), "?days");
    EXPECT_EQ(demo().get("/api/v1/reports/fefo?dys=3").text("/pointer"), "?dys");
    EXPECT_EQ(demo().get("/api/v1/reports/fefo?product=NOTHING").status, 404);
}

TEST(ReportApi, refuses_a_report_that_passes_a_limit_and_one_that_nobody_waits_for) {
    StemmaUnderTest tight{true, "limits: {report_subjects_max: 10}\n"};
    tight.sync();
    const Answer refused = tight.get(kFefo);
    EXPECT_EQ(refused.status, 413);
    EXPECT_NE(refused.text("/hint").find("limits.report_subjects_max"), std::string::npos);
    EXPECT_EQ(tight.get("/api/v1/reports").status, 200);
    tight.end_time(true);
    EXPECT_EQ(tight.get(kFefo).status, 503);
}

TEST(ReportApi, takes_its_turn_among_large_traces) {
    StemmaUnderTest stemma{true, "limits: {large_trace_items: 10, large_traces_max: 1}\n"};
    stemma.sync();
    Request trace;
    trace.method = "GET";
    trace.path = "/api/v1/trace/forward";
    trace.query = {{"item", "S4-L17"}, {"format", "ndjson"}};
    Response running = stemma.app().router().handle(trace);
    ASSERT_NE(running.source, nullptr);
    EXPECT_EQ(stemma.get(kFefo).status, 429);
    running.source.reset();  // its reader left
    EXPECT_EQ(stemma.get(kFefo).status, 200);
}

}  // namespace
}  // namespace stemma::http::test
