// Replays of ranges and reports: what is asked, what is printed, what is written, with which exit code.
#include <fstream>

#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

TEST_F(Run, replays_a_range_part_by_part_and_ends_with_1_when_anything_differs) {
    answer(200, R"({"from":0,"to":9,"next":5,"entries":5,"judgements":3,"equal":3,"differing":0,"notReplayed":0,"told":[]})");
    answer(
        200,
        R"({"from":5,"to":9,"entries":4,"judgements":2,"equal":1,"differing":1,"notReplayed":0,"told":[{"sequence":7,"plugin":"p","version":"1",)"
        R"("then":{"outcome":"accepted"},"replayed":true,"equal":false,"now":{"verdict":{"outcome":"refused"}},"note":"other options"}]})");
    EXPECT_EQ(run({"replay", "--all", "--now"}), ExitCode::no);
    ASSERT_EQ(script.asked.size(), 2U);
    EXPECT_EQ(script.asked[0].query, (Query{{"from", "0"}, {"by", "now"}}));
    EXPECT_EQ(script.asked[1].query, (Query{{"from", "5"}, {"by", "now"}}));
    EXPECT_NE(out.str().find("5 verdicts in 9 entries judged again: 4 equal, 1 different"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("other options"), std::string::npos) << out.str();
    answer(200, R"({"from":3,"to":5,"entries":2,"judgements":0,"equal":0,"differing":0,"notReplayed":0,"told":[]})");
    EXPECT_EQ(run({"replay", "3", "4", "--stored-facts"}), ExitCode::done);
    EXPECT_EQ(script.asked.back().query, (Query{{"from", "3"}, {"to", "5"}, {"facts", "stored"}}));
    EXPECT_EQ(run({"replay"}), ExitCode::usage);
}

// --- reports ------------------------------------------------------------------------------------------------------------------------

TEST_F(Run, shows_a_report_as_a_table_with_days_as_days) {
    answer(
        200,
        R"({"report":"fefo","title":"What expires first","plugin":"p","version":"1","position":7,"asOf":"2026-11-21T00:00:00Z","subjects":3,)"
        R"("columns":[{"name":"last_day","type":"time"},{"name":"left","type":"int64"},{"name":"weight","type":"quantity"}],)"
        R"("rows":[["2026-12-01T00:00:00Z",10,{"quantity":2,"uom":"KGM"}],[null,null,null]]})");
    EXPECT_EQ(run({"report", "run", "fefo", "--set", "days=30", "--product", "TEA"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].path, "/api/v1/reports/fefo");
    EXPECT_EQ(script.asked[0].query, (Query{{"days", "30"}, {"format", "json"}, {"product", "TEA"}}));
    EXPECT_NE(out.str().find("What expires first: 2 rows"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("2026-12-01    10    2 kg"), std::string::npos) << out.str();
}

TEST_F(Run, writes_a_report_s_file_in_the_form_that_its_name_says) {
    answer(200, "a,b\r\n");
    EXPECT_EQ(run({"report", "run", "fefo", "-o", "-", "--format", "csv"}), ExitCode::done);
    EXPECT_EQ(out.str(), "a,b\r\n");
    EXPECT_EQ(run({"report", "run", "fefo", "--format", "xlsx"}), ExitCode::usage) << "a workbook is no text";
    answer(200, "PK");
    EXPECT_EQ(run({"report", "run", "fefo", "-o", folder.file("r.xlsx")}), ExitCode::done);
    EXPECT_EQ(script.asked.back().query, (Query{{"format", "xlsx"}}));
    std::ifstream file{folder.file("r.xlsx")};
    std::string content;
    file >> content;
    EXPECT_EQ(content, "PK");
}

}  // namespace
}  // namespace stemma::cli
