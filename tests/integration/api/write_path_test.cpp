// Many events in one request, many commands at once, and what is said of the writer.
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>
#include <vector>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

const Headers kLines{{"content-type", "application/x-ndjson"}};

StemmaUnderTest& demo() { return stemma_with_demo(); }

std::string observing(const std::string& id, const std::string& quantity = "1") {
    return quoted(
        fmt::format("{{'type':'ObjectEvent','eventID':'{}','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'storing',"
                    "'quantityList':[{{'epcClass':'urn:example:stock:{}','quantity':{}}}]}}",
                    id, id.substr(id.rfind(':') + 1), quantity));
}

std::int64_t ledger_size() { return demo().get("/api/v1/ledger").number("/size"); }

TEST(LinesApi, records_an_event_a_line_and_passes_over_empty_ones) {
    const std::int64_t size = ledger_size();
    const Answer answer =
        demo().post("/api/v1/events", observing("urn:example:line:1") + "\r\n\n  \n" + observing("urn:example:line:2"), kLines);
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.number("/first"), size);
    EXPECT_EQ(answer.number("/count"), 2);
    EXPECT_EQ(answer.text("/ids/1"), "urn:example:line:2");
    EXPECT_EQ(ledger_size(), size + 2);
}

TEST(LinesApi, records_all_lines_or_none_and_names_the_bad_one) {
    const std::int64_t size = ledger_size();
    const std::string good = observing("urn:example:line:3") + "\n\n";
    Answer answer = demo().post("/api/v1/events", good + observing("urn:example:line:4", "-1") + "\n", kLines);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.text("/pointer"), "line 3: /quantityList/0/quantity");
    answer = demo().post("/api/v1/events", good + "{\"type\":\"ObjectEvent\"}", kLines);
    EXPECT_EQ(answer.text("/pointer"), "line 3: /eventTime") << "a field that is missing";
    answer = demo().post("/api/v1/events", good + "{\"type\":", kLines);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.text("/pointer").starts_with("line 3")) << answer.body;
    answer = demo().post("/api/v1/events", good + observing("urn:example:line:3"), kLines);
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.text("/pointer"), "line 3: /eventID");
    EXPECT_EQ(ledger_size(), size);
}

TEST(LinesApi, passes_over_a_byte_order_mark_at_the_beginning_alone) {
    const std::string mark = "\xEF\xBB\xBF";
    EXPECT_EQ(demo().post("/api/v1/events", mark + observing("urn:example:line:marked"), kLines).status, 201);
    EXPECT_EQ(demo().post("/api/v1/events", mark + observing("urn:example:event:marked")).status, 201);
    EXPECT_EQ(demo().post("/api/v1/events", mark + mark + observing("urn:example:line:twice-marked"), kLines).status, 400);
}

TEST(LinesApi, names_the_record_that_a_rule_refuses) {
    const std::int64_t size = ledger_size();
    const std::string good = observing("urn:example:line:good");
    const std::string bad = quoted(
        "{'type':'ObjectEvent','eventTime':'2026-11-20T10:00:00Z','action':'OBSERVE','bizStep':'shipping','quantityList':"
        "[{'epcClass':'urn:stemma:tryton:lot:250','quantity':2}]}");  // food without an expiry date
    const Answer lines = demo().post("/api/v1/events", good + "\n\n" + bad + "\n" + observing("urn:example:line:late"), kLines);
    EXPECT_EQ(lines.status, 422) << lines.body;
    EXPECT_EQ(lines.text("/pointer"), "line 3");
    const Answer array = demo().post("/api/v1/events", "[" + good + "," + bad + "]");
    EXPECT_EQ(array.status, 422);
    EXPECT_EQ(array.text("/pointer"), "/1");
    EXPECT_EQ(demo().post("/api/v1/events", bad).text("/pointer"), "");
    EXPECT_EQ(ledger_size(), size);
}

TEST(LinesApi, names_the_other_place_of_an_event_that_stands_in_a_file_twice) {
    const std::string one = observing("urn:example:line:same");
    const std::string other = observing("urn:example:line:same", "2");
    const Answer lines = demo().post("/api/v1/events", "\n" + one + "\n" + other, kLines);
    EXPECT_EQ(lines.status, 409);
    EXPECT_EQ(lines.text("/pointer"), "line 3: /eventID");
    EXPECT_EQ(lines.text("/detail"), "the event id urn:example:line:same stands here twice, also in line 2");
    const Answer array = demo().post("/api/v1/events", "[" + one + "," + other + "]");
    EXPECT_EQ(array.text("/pointer"), "/1/eventID");
    EXPECT_EQ(array.text("/detail"), "the event id urn:example:line:same stands here twice, also in /0");
}

TEST(LinesApi, answers_a_command_sent_again_as_before) {
    Headers key = kLines;
    key["idempotency-key"] = "lines-1";
    const std::string lines = observing("urn:example:line:5") + "\n" + observing("urn:example:line:6") + "\n";
    const Answer first = demo().post("/api/v1/events", lines, key);
    const std::int64_t size = ledger_size();
    const Answer again = demo().post("/api/v1/events", lines, key);
    EXPECT_EQ(again.at("/replayed"), true);
    EXPECT_EQ(again.number("/first"), first.number("/first"));
    EXPECT_EQ(ledger_size(), size);
}

TEST(LinesApi, takes_10000_lines_and_no_more) {
    std::string lines;
    for (int i = 0; i < 10'000; ++i) lines += observing(fmt::format("urn:example:many:{}", i)) + "\n";
    const Answer one_more = demo().post("/api/v1/events", lines + observing("urn:example:many:x") + "\n", kLines);
    EXPECT_EQ(one_more.status, 413);
    EXPECT_EQ(one_more.text("/detail"), "more than 10000 records in one request, 10000 are allowed");
    const Answer answer = demo().post("/api/v1/events", lines, kLines);
    EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(answer.number("/count"), 10'000);
}

TEST(LinesApi, takes_master_records_too) {
    const std::string lines = quoted(
        "{'type':'item','id':'urn:example:lot:lines','kind':'lot','product':'urn:stemma:tryton:product:26'}\n"
        "{'type':'place','id':'urn:example:place:lines','kind':'stock','code':'L'}\n");
    EXPECT_EQ(demo().post("/api/v1/master", lines, kLines).number("/count"), 2);
    EXPECT_EQ(demo().post("/api/v1/master", "{\"type\":\"place\"}", kLines).text("/pointer"), "line 1: /kind");
}

TEST(LinesApi, has_nothing_to_record_of_empty_lines) {
    EXPECT_EQ(demo().post("/api/v1/events", "\n\n", kLines).text("/detail"), "there is nothing to record");
}

TEST(WriterApi, shows_its_figures_to_people_and_collectors) {
    EXPECT_EQ(demo().post("/api/v1/events", observing("urn:example:figures:1")).status, 201);
    const Answer status = demo().get("/api/v1/status");
    EXPECT_GE(status.number("/writer/groups"), 1);
    EXPECT_GE(status.number("/writer/commands"), status.number("/writer/groups"));
    EXPECT_EQ(status.number("/writer/waiting"), 0);
    const Answer metrics = demo().get("/metrics");
    EXPECT_EQ(metrics.status, 200);
    const std::int64_t entries = ledger_size();
    for (const std::string& line :
         {std::string{"# TYPE stemma_writer_groups_total counter\n"}, fmt::format("\nstemma_ledger_entries {}\n", entries),
          fmt::format("\nstemma_lineage_position {}\n", entries), std::string{"\nstemma_writer_waiting_commands 0\n"},
          std::string{"\n# HELP stemma_lineage_memory_bytes "}})
        EXPECT_TRUE(metrics.body.contains(line)) << line << metrics.body;
}

/// Another program that holds the database, so that the writer waits.
class Hold {
public:
    explicit Hold(const std::string& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &connection_), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() { sqlite3_close(connection_); }

private:
    sqlite3* connection_{nullptr};
};

TEST(WriterApi, turns_commands_away_while_too_many_wait_and_takes_them_later) {
    StemmaUnderTest stemma{false, "store: {busy_timeout_ms: 60000}\nlimits: {writer_queue_max: 1}\n"};
    ASSERT_EQ(
        stemma.post("/api/v1/master", quoted("{'type':'item','id':'urn:example:unit:1','kind':'serial','product':'urn:example:p'}")).status,
        201);
    const std::string opening = quoted("{'workflow':'rma','item':'urn:example:unit:1','fields':{'reason':'broken','customer':'C1'}}");
    std::vector<std::jthread> senders;
    {
        const Hold hold{stemma.file("state/stemma.db")};
        const auto waiting = [&] { return stemma.get("/api/v1/status").number("/writer/waiting"); };
        for (int i = 0; i < 100 && waiting() == 0; ++i) {
            senders.emplace_back(
                [&stemma, i] { EXPECT_EQ(stemma.post("/api/v1/events", observing(fmt::format("urn:example:held:{}", i))).status, 201); });
            for (int patience = 0; patience < 20 && waiting() == 0; ++patience) std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        ASSERT_EQ(waiting(), 1);
        const Answer refused = stemma.post("/api/v1/events", observing("urn:example:late:1"), {{"idempotency-key", "late"}});
        EXPECT_EQ(refused.status, 429);
        EXPECT_EQ(refused.text("/type"), "/problems/busy");
        EXPECT_EQ(refused.headers.at("Retry-After"), "1");
        EXPECT_EQ(stemma.post("/api/v1/master", quoted("{'type':'place','id':'urn:example:place:late','kind':'stock'}")).status, 429);
        EXPECT_EQ(stemma.post("/api/v1/cases", opening).status, 429);
        EXPECT_EQ(stemma.post("/api/v1/erp/meetings", quoted("{'first':'urn:a:1','second':'urn:b:1','apart':true,'reason':'late'}")).status,
                  429);
        EXPECT_EQ(stemma.post("/api/v1/cases/rma-000001/commands", quoted("{'command':'close'}")).status, 429);
        EXPECT_EQ(stemma.get("/api/v1/status").number("/writer/refused"), 5);
    }
    const auto held = static_cast<std::int64_t>(senders.size());
    senders.clear();
    EXPECT_EQ(stemma.get("/api/v1/ledger").number("/size"), held + 1) << "nothing of what was turned away";
    const Answer later = stemma.post("/api/v1/events", observing("urn:example:late:1"), {{"idempotency-key", "late"}});
    EXPECT_EQ(later.status, 201);
    EXPECT_EQ(later.at("/replayed"), false);
}

}  // namespace
}  // namespace stemma::http::test
