// Whole runs of the verbs that answer in rows or counts against a fake API.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/cli/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::cli {
namespace {

/// Gives the same answer each time and keeps what was asked.
class OneAnswer : public Transport {
public:
    OneAnswer(const http::Response& answer, std::vector<http::Request>& asked) : answer_{answer}, asked_{asked} {}
    Result<http::Response> send(http::Request request) override {
        asked_.push_back(std::move(request));
        return http::Response{answer_.status, answer_.content_type, answer_.body, answer_.headers};
    }

private:
    const http::Response& answer_;
    std::vector<http::Request>& asked_;
};

class RunRows : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream{folder.file("stemma.yaml")} << "daemon: {port: 0}\n";  // no daemon can be found: the API is "opened" in this process
        offline.open = [this](const config::Settings&) -> Result<std::unique_ptr<Transport>> {
            return std::make_unique<OneAnswer>(next, script.asked);
        };
    }
    void answer(int status, std::string body) {
        next.status = status;
        next.body = std::move(body);
    }
    ExitCode run(std::vector<std::string> words) {
        words.insert(words.end(), {"--config", folder.file("stemma.yaml")});
        out.str("");
        err.str("");
        return cli::run(words, Screen{in, out, err, {}}, offline, "1.2.3");
    }

    test::TempFolder folder;
    http::Response next;
    struct {
        std::vector<http::Request> asked;
    } script;
    Offline offline;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(RunRows, passes_rows_on_as_they_are) {
    const std::string rows = "{\"direction\":\"forward\"}\n{\"id\":\"urn:a\"}\n{\"items\":1,\"complete\":true}\n";
    answer(200, rows);
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--format", "ndjson", "--fields", "id,kind", "--as-of", "7"}), ExitCode::done);
    EXPECT_EQ(out.str(), rows);
    EXPECT_EQ(script.asked[0].query, (Query{{"item", "S4-L17"}, {"as_of", "7"}, {"format", "ndjson"}, {"fields", "id,kind"}}));
    const std::string csv = "id\r\nurn:a\r\n#end asOf=1 items=1 transformations=0 truncated=false complete=true\r\n";
    answer(200, csv);
    EXPECT_EQ(run({"recall", "simulate", "S4-L17", "--format", "csv"}), ExitCode::done);
    EXPECT_EQ(out.str(), csv);
    EXPECT_EQ(script.asked[1].query, (Query{{"format", "csv"}}));
    EXPECT_EQ(script.asked[1].body, R"({"items":["S4-L17"],"listItems":false})");
}

TEST_F(RunRows, says_when_rows_were_cut_before_their_last_line) {
    for (const char* cut : {"", "{\"direction\":\"forward\"}\n", "{\"direction\":\"forward\"}\n{\"id\":\"urn:a\"}\n{\"items\":1,\"comple",
                            "{\"direction\":\"forward\"}\n{\"label\":\"\\\"complete\\\":true}\"}\n"}) {
        answer(200, cut);
        EXPECT_EQ(run({"trace", "back", "S4-L17", "--format", "ndjson"}), ExitCode::unreachable) << cut;
        EXPECT_EQ(out.str(), cut);
        EXPECT_NE(err.str().find("the answer was cut off: its last line is missing"), std::string::npos);
    }
    answer(200, "id\r\nurn:a\r\n");
    EXPECT_EQ(run({"trace", "back", "S4-L17", "--format", "csv"}), ExitCode::unreachable);
    EXPECT_EQ(run({"trace", "back", "S4-L17", "--format", "csv"}), ExitCode::unreachable);  // nothing came
}

TEST_F(RunRows, says_a_problem_instead_of_rows) {
    answer(429, R"({"type":"/problems/busy","title":"Too busy","status":429,"detail":"2 large traces are running"})");
    next.headers["Retry-After"] = "0";
    EXPECT_EQ(run({"trace", "back", "S4-L17", "--format", "csv"}), ExitCode::unreachable);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("stemma: 2 large traces are running\n"), std::string::npos);
    EXPECT_EQ(script.asked.size(), 6U);  // sent again, but not for ever
}

TEST_F(RunRows, counts_by_what_items_have_in_common) {
    answer(200, R"({"direction":"forward","asOf":9,"items":3,"transformations":1,"certainNodes":3,"truncated":false,)"
                R"("seeds":[{"id":"urn:l","label":"S4-L17","kind":"lot"}],"certain":{"items":2,"endItems":1,)"
                R"("byProduct":[{"product":"urn:p","sku":"CELL","name":"Cell","items":2,"endItems":1,)"
                R"("amounts":[{"quantity":130,"uom":"C62"}]}],)"
                R"("byParty":[{"party":"urn:c","code":"C01","name":"Alpine","movement":"shipped","items":1,)"
                R"("amounts":[{"quantity":2,"uom":"C62"}]}],)"
                R"("byDocument":[{"type":"desadv","number":"5","id":"urn:stemma:t:customer_delivery:5",)"
                R"("movement":"shipped","items":1}]},)"
                R"("possible":{"items":1,"endItems":1,"byProduct":[{"items":1,"endItems":1}]}})");
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--by", "product,party,document"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].query, (Query{{"item", "S4-L17"}, {"by", "product,party,document"}}));
    EXPECT_EQ(out.str(),
              "Forward from S4-L17, as of ledger position 9: 3 items and 1 production, itself included\n"
              "\n"
              "Certain: 2 items, 1 of them not used in anything further\n"
              "  product    items  end items  quantity\n"
              "  CELL Cell      2          1   130 pcs\n"
              "\n"
              "  party         what     items  quantity\n"
              "  Alpine (C01)  shipped      1     2 pcs\n"
              "\n"
              "  document           number  what     items\n"
              "  customer delivery  5       shipped      1\n"
              "\n"
              "Possible on top of it, by way of goods without a lot number: 1 item, 1 of them not used in anything further\n"
              "  product            items  end items\n"
              "  product not known      1          1\n");
    EXPECT_EQ(run({"recall", "simulate", "S4-L17", "--by", "place,status"}), ExitCode::done);
    EXPECT_EQ(script.asked[1].body, R"({"items":["S4-L17"],"listItems":false,"by":["place","status"]})");
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--by", "place", "--count"}), ExitCode::usage);
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--by", "place", "--format", "csv", "--fields", "id"}), ExitCode::usage);
    answer(200, "by,certain\r\nplace,true\r\n#end asOf=1 items=1 transformations=0 truncated=false complete=true\r\n");
    EXPECT_EQ(run({"recall", "simulate", "S4-L17", "--by", "place", "--format", "csv"}), ExitCode::done);
    EXPECT_EQ(script.asked[2].body, R"({"items":["S4-L17"],"listItems":false,"by":["place"]})");
    EXPECT_EQ(script.asked[2].query, (Query{{"format", "csv"}}));
}

TEST_F(RunRows, passes_on_the_fields_of_a_recall) {
    answer(200, "id\r\nurn:a\r\n#end asOf=1 items=1 transformations=0 truncated=false complete=true\r\n");
    EXPECT_EQ(run({"recall", "simulate", "S4-L17", "--format", "csv", "--fields", "id"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].query, (Query{{"format", "csv"}, {"fields", "id"}}));
}

TEST_F(RunRows, are_never_limited_in_their_number) {
    answer(200, "id\r\n#end asOf=1 items=0 transformations=0 truncated=false complete=true\r\n");
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--format", "csv", "--limit", "5"}), ExitCode::usage);
    EXPECT_NE(err.str().find("--limit"), std::string::npos) << err.str();
    EXPECT_EQ(run({"recall", "simulate", "S4-L17", "--limit", "5", "--format", "ndjson"}), ExitCode::usage);
    EXPECT_TRUE(script.asked.empty());
}

TEST_F(RunRows, of_status_are_the_daemons_troubles_and_its_load) {
    answer(200, R"({"version": "1", "startedAt": "2026-01-05T00:00:00Z", "store": "SQLite", "readOnly": "disk is full", "entries": 3,
      "ledgerCheck": {"checked": 3, "of": 3}, "lineage": {"position": 3, "items": 2, "transformations": 1, "movements": 4, "memoryBytes": 5120,
      "memory": {"edges": 2048, "identifiers": 1024, "events": 0, "movements": 1024, "masterData": 1024}},
      "writer": {"waiting": 2, "refused": 1200, "failedGroups": 1}, "traces": {"largeRunning": 2, "streamsRunning": 1},
      "plugins": 6, "pluginGeneration": 1})");
    EXPECT_EQ(run({"status"}), ExitCode::done) << err.str();
    EXPECT_EQ(out.str(),
              "version        1\n"
              "running since  2026-01-05T00:00:00Z\n"
              "store          SQLite\n"
              "READ ONLY      disk is full\n"
              "ledger         3 entries\n"
              "lineage        2 items, 1 production, 4 movements, 5 KiB, at ledger position 3\n"
              "memory         links 2 KiB, ids 1 KiB, movements 1 KiB, master data 1 KiB\n"
              "writer         2 commands waiting, 1,200 refused, 1 group not committed\n"
              "traces         2 large running, 1 being sent in rows\n"
              "plugins        6, generation 1\n");
}

TEST_F(RunRows, of_status_say_of_each_source_its_newest_change_and_what_the_last_sync_cost) {
    answer(200, R"({"version": "1"})");
    answer(200, R"({"sources": [
      {"source": "main", "running": false, "runs": 3, "stale": false, "goodAt": "2026-03-02T10:00:30.5Z", "last": {"rows": 3, "added": 2,
       "changed": 1, "rejected": 0, "statements": 12, "longestStatementUs": 40000, "rowsRead": 1203, "bytesRead": 56789, "tookUs": 250000,
       "queries": [{"query": "lots", "newestChange": "2026-03-01T08:15:00Z"}, {"query": "moves", "newestChange": "2026-03-02T00:07:10Z"},
                   {"query": "places"}]}},
      {"source": "shop", "running": false, "runs": 1, "stale": true, "error": "it is away", "last": {"rows": 0, "statements": 0}},
      {"source": "new", "running": false, "runs": 0, "stale": false},
      {"source": "ahead", "running": false, "runs": 1, "stale": false, "goodAt": "2026-03-02T10:00:30Z", "last": {"statements": 1,
       "longestStatementUs": 1000, "rowsRead": 1, "bytesRead": 1, "tookUs": 2000,
       "queries": [{"query": "lots", "newestChange": "2026-03-02T10:00:31Z"}]}}]})");
    EXPECT_EQ(run({"status"}), ExitCode::done) << err.str();
    const std::string text = out.str();
    EXPECT_EQ(
        text.substr(text.find("ERP sources")),
        "ERP sources\n"
        "  source  state    last good sync     rows  added  changed  rejected\n"
        "  main    ok       2026-03-02 10:00Z     3      2        1         0\n"
        "  shop    failing                        0\n"
        "  new     ok\n"
        "  ahead   ok       2026-03-02 10:00Z\n"
        "  main: newest change 2026-03-02 00:07Z, 9 h 53 min before the last good sync; the last sync took 0.25 s: 12 statements, the "
        "longest 0.04 s, 1,203 rows and 56,789 bytes read\n"
        "  ahead: newest change 2026-03-02 10:00Z; the last sync took 0.00 s: 1 statement, the longest 0.00 s, 1 row and 1 byte read\n");
}

TEST_F(RunRows, of_status_tell_the_age_of_a_change_in_two_units_at_most) {
    const auto age = [this](const std::string& changed) {
        answer(200, R"({"version": "1"})");
        answer(
            200,
            R"({"sources": [{"source": "main", "goodAt": "2026-03-10T12:00:00Z", "last": {"queries": [{"query": "q", "newestChange": ")" +
                changed + R"("}]}}]})");
        EXPECT_EQ(run({"status"}), ExitCode::done) << err.str();
        const std::string text = out.str();
        const std::size_t at = text.find("Z, ") + 3;
        return text.substr(at, text.find(" before") - at);
    };
    EXPECT_EQ(age("2026-03-10T12:00:00Z"), "0 s");
    EXPECT_EQ(age("2026-03-10T11:59:01Z"), "59 s");
    EXPECT_EQ(age("2026-03-10T11:59:00Z"), "1 min");
    EXPECT_EQ(age("2026-03-10T11:00:01Z"), "59 min");
    EXPECT_EQ(age("2026-03-10T11:00:00Z"), "1 h 0 min");
    EXPECT_EQ(age("2026-03-09T12:00:01Z"), "23 h 59 min");
    EXPECT_EQ(age("2026-03-09T12:00:00Z"), "1 d 0 h");
    EXPECT_EQ(age("2026-03-01T11:00:00Z"), "9 d 1 h");
}

TEST_F(RunRows, counts_a_trace) {
    answer(200, R"({"direction":"forward","asOf":1565,"items":1055,"transformations":20,"certainNodes":1069,"truncated":false,)"
                R"("byKind":[{"kind":"serial","nodes":1055,"certain":1050},{"kind":"transformation","nodes":20,"certain":19}]})");
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--count"}), ExitCode::done);
    EXPECT_EQ(script.asked[0].query, (Query{{"item", "S4-L17"}, {"count", "true"}}));
    EXPECT_EQ(out.str(),
              "Forward from S4-L17, as of ledger position 1565: 1,055 items and 20 productions, itself included\n"
              "  kind          all  certain\n"
              "  serial      1,055    1,050\n"
              "  production     20       19\n");
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--count", "--format", "csv"}), ExitCode::usage);
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--format", "xml"}), ExitCode::usage);
    EXPECT_EQ(run({"trace", "forward", "S4-L17", "--fields", "id"}), ExitCode::usage);
}

}  // namespace
}  // namespace stemma::cli
