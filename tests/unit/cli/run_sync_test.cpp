// Whole runs of the verbs that read an ERP, and of the status that tells of it, against a fake API.
#include <fmt/format.h>

#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

TEST_F(Run, waits_for_the_sync_it_asked_for) {
    answer(202, R"({"source":"tryton","run":3})");
    answer(200, R"({"source":"tryton","running":true,"runs":2,"query":"moves","progress":{"rows":10,"added":10},"stale":false})");
    answer(
        200,
        R"({"source":"tryton","running":false,"runs":3,"last":{"rows":12,"added":11,"changed":0,"vanished":0,"unchanged":0,"rejected":1,"findings":0,)"
        R"("queries":[{"query":"moves","rows":12,"added":11,"changed":0,"vanished":0,"unchanged":0,"rejected":1,"findings":0}]},"stale":false})");
    EXPECT_EQ(run({"erp", "sync", "tryton", "--full"}), ExitCode::done);
    EXPECT_EQ(out.str(),
              "  query  rows  added  changed  vanished  unchanged  rejected  findings\n"
              "  moves    12     11        0         0          0         1         0\n"
              "  all      12     11        0         0          0         1         0\n"
              "`stemma erp rejects tryton` lists the rejected rows.\n"
              "tryton is up to date: 12 rows read, 11 new rows recorded.\n");
    EXPECT_EQ(script.asked[0].path, "/api/v1/erp/sources/tryton/sync");
    EXPECT_EQ(script.asked[0].body, R"({"full":true})");
    EXPECT_EQ(script.asked.size(), 3U);
}

TEST_F(Run, counts_the_corrections_of_a_sync_in_its_last_line) {
    const auto last_line = [&](const char* counts) {
        answer(202, R"({"source":"tryton","run":1})");
        answer(200, std::string{R"({"source":"tryton","running":false,"runs":1,"stale":false,"last":{"rows":12,)"} + counts + "}}");
        EXPECT_EQ(run({"erp", "sync", "tryton"}), ExitCode::done);
        return out.str();
    };
    EXPECT_EQ(last_line(R"("added":0,"changed":0,"vanished":0)"), "tryton is up to date: 12 rows read, 0 new rows recorded.\n");
    EXPECT_EQ(last_line(R"("added":1,"changed":2,"vanished":0)"),
              "tryton is up to date: 12 rows read, 1 new row recorded, 2 changed rows corrected.\n");
    EXPECT_EQ(last_line(R"("added":0,"changed":1,"vanished":1)"),
              "tryton is up to date: 12 rows read, 0 new rows recorded, 1 changed row corrected, 1 vanished row declared wrong.\n");
    EXPECT_EQ(last_line(R"("added":0,"changed":0,"vanished":3)"),
              "tryton is up to date: 12 rows read, 0 new rows recorded, 3 vanished rows declared wrong.\n");
}

TEST_F(Run, ends_a_paused_or_failed_sync_with_1_and_the_reason) {
    answer(202, R"({"source":"tryton","run":1})");
    answer(200, R"({"source":"tryton","running":false,"runs":1,"paused":"table stock_move has no column lot","stale":true})");
    EXPECT_EQ(run({"erp", "sync", "tryton"}), ExitCode::no);
    EXPECT_EQ(out.str(), "PAUSED: table stock_move has no column lot\nThe last state is served, marked stale.\n");
    answer(202, R"({"source":"tryton","run":2})");
    const std::string failed = R"({"source":"tryton","running":false,"runs":2,"error":"database is locked","stale":true})";
    answer(200, failed);
    EXPECT_EQ(run({"erp", "sync", "tryton", "--json"}), ExitCode::no);
    EXPECT_EQ(out.str(), failed + "\n");
}

TEST_F(Run, tells_of_a_failed_sync_what_it_met_before_the_pause_that_lasts_and_no_figures_of_an_earlier_one) {
    answer(202, R"({"source":"tryton","run":1})");
    answer(200, R"({"source":"tryton","running":false,"runs":1,"goodAt":"2026-11-22T04:06:00Z","stale":true,)"
                R"("paused":"table stock_move has no column lot","error":"password authentication failed",)"
                R"("last":{"rows":91,"added":13,"queries":[{"query":"moves","rows":91}]}})");
    EXPECT_EQ(run({"erp", "sync", "tryton"}), ExitCode::no);
    EXPECT_EQ(out.str(),
              "FAILED: password authentication failed\n"
              "Still paused: table stock_move has no column lot\n"
              "The last state is served, marked stale; the last good sync was at 2026-11-22 04:06Z.\n");
}

TEST_F(Run, ends_a_sync_that_was_not_begun_since_another_daemon_writes_now) {
    answer(202, R"({"source":"tryton","run":1})");
    answer(200, R"({"source":"tryton","running":false,"runs":1,"stale":false,"notRun":"this daemon is a standby now","last":{"rows":91}})");
    EXPECT_EQ(run({"erp", "sync", "tryton"}), ExitCode::no);
    EXPECT_EQ(out.str(), "NOT READ: this daemon is a standby now\n");
}

TEST_F(Run, says_in_status_how_each_source_stands_and_that_the_database_is_away) {
    answer(200, R"({"version":"1","store":"the database cannot be reached","entries":12,)"
                R"("storeAway":{"why":"the database cannot be reached","since":"2026-11-22T04:06:00Z"}})");
    answer(200, R"({"sources":[{"source":"a","stale":true,"paused":"no column lot","error":""},)"
                R"({"source":"b","stale":true,"paused":"no column lot","error":"password authentication failed"},)"
                R"({"source":"c","stale":true,"paused":"","error":"it is away","goodAt":"2026-11-22T03:53:00Z"}]})");
    EXPECT_EQ(run({"status"}), ExitCode::done);
    const std::string text = out.str();
    EXPECT_NE(text.find("AWAY since 2026-11-22 04:06Z: the database cannot be reached; traces by id go on from memory"), std::string::npos)
        << text;
    for (const char* row : {"  a       paused\n", "  b       failing, paused\n", "  c       failing          2026-11-22 03:53Z\n"})
        EXPECT_NE(text.find(row), std::string::npos) << text;
}

TEST_F(Run, does_not_wait_for_a_sync_that_a_restart_has_lost) {
    answer(202, R"({"source":"tryton","run":6})");
    answer(200, R"({"source":"tryton","running":true,"runs":5})");
    answer(200, R"({"source":"tryton","running":false,"runs":0})");
    EXPECT_EQ(run({"erp", "sync", "tryton"}), ExitCode::unreachable);
    EXPECT_NE(err.str().find("started anew"), std::string::npos);
}

}  // namespace
}  // namespace stemma::cli
