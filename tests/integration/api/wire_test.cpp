// The whole API behind a real listener: what only the wire can show.
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "adapters/http/listener.hpp"
#include "tests/integration/api/stemma_under_test.hpp"
#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

class WireTest : public testing::Test {
protected:
    WireTest() : listener_{settings(), stemma_with_demo().app().router()} {
        const auto started = listener_.start();
        EXPECT_TRUE(started) << started.error().text();
    }
    [[nodiscard]] static ListenerSettings settings() {
        ListenerSettings made;  // the limits of stemma.yaml
        made.port = 0;
        return made;
    }
    [[nodiscard]] RawClient client() const { return RawClient{listener_.port()}; }

private:
    Listener listener_;
};

TEST_F(WireTest, serves_the_api) {
    RawClient one = client();
    one.send(get("/api/v1/items/TEA-07?limit=0"));
    const Answer direct = stemma_with_demo().get("/api/v1/items/TEA-07?limit=0");
    const auto answer = one.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    EXPECT_EQ(answer.body, direct.body);
}

// More requests at once than the store has readers (4): each waits for its turn and none for itself.
TEST(ApiUnderLoad, answers_more_requests_at_once_than_the_store_has_readers) {
    std::vector<std::thread> clients;
    for (int t = 0; t < 12; ++t)
        clients.emplace_back([] {
            for (int i = 0; i < 5; ++i)
                for (const char* target :
                     {"/api/v1/items/BAR-01/assessments/expiry", "/api/v1/items/TEA-07", "/api/v1/ledger/entries/1304/replay",
                      "/api/v1/ledger/entries/1304/proof", "/api/v1/trace/forward?item=S4-L17", "/api/v1/events?limit=5"})
                    EXPECT_EQ(stemma_with_demo().get(target).status, 200) << target;
        });
    for (std::thread& one : clients) one.join();
}

TEST_F(WireTest, takes_escapes_in_path_and_query) {
    RawClient one = client();
    one.send(get("/api/v1/items/%C3%98-%C5%81%C3%93D%2F7%20%27%C3%9F%27?limit=0") + get("/api/v1/search?q=S4-L17&limit=1") +
             get("/api/v1/items/%E2%82"));
    EXPECT_EQ(one.answer().status, 200);
    EXPECT_EQ(one.answer().status, 200);
    EXPECT_EQ(one.answer().status, 400);
}

TEST_F(WireTest, refuses_an_event_of_10_mib_before_it_is_read) {
    RawClient one = client();
    one.send(fmt::format("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                         10 * 1024 * 1024));
    one.send(std::string(1024 * 1024, 'x'));  // the answer comes while the rest is still to be sent
    const auto answer = one.answer();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, R"({"type":"/problems/too_large","title":"Too large","status":413,"detail":"the body exceeds 4194304 bytes",)"
                           R"("hint":"limits.body_bytes_max in stemma.yaml sets the limit; send less at once"})");
}

TEST_F(WireTest, refuses_a_body_that_is_cut_short) {
    RawClient one = client();
    one.send(
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        "500\r\n\r\n{\"type\":\"ObjectEvent\",");
    one.end_sending();
    const auto answer = one.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(
        answer.body,
        R"({"type":"/problems/invalid_input","title":"Invalid input","status":400,"detail":"the request ends before its body is complete",)"
        R"("hint":"the body is shorter than its Content-Length, or a chunk was cut"})");
}

TEST_F(WireTest, says_what_a_path_may_be_used_for) {
    RawClient one = client();
    one.send("DELETE /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto answer = one.answer();
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.field("Allow"), "GET, POST");
}

/// Another program that holds the database, so that the writer waits.
class Held {
public:
    explicit Held(const std::string& file) {
        EXPECT_EQ(sqlite3_open(file.c_str(), &connection_), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { sqlite3_close(connection_); }

private:
    sqlite3* connection_{nullptr};
};

std::string observation_of(std::string_view item) {
    return post(
        "/api/v1/events",
        quoted(fmt::format("{{'type':'ObjectEvent','action':'OBSERVE','eventTime':'2026-01-05T10:00:00Z','epcList':['{}']}}", item)));
}

TEST(WireUnderCommands, counts_what_is_turned_away_before_the_writers_line) {
    StemmaUnderTest stemma{false, "store: {busy_timeout_ms: 60000}\n"};
    ListenerSettings settings;
    settings.port = 0;
    settings.commands_max = 3;
    Listener listener{settings, stemma.app().router()};
    ASSERT_TRUE(listener.start());
    const auto asked = [&](std::string_view path) {
        RawClient one{listener.port()};
        one.send(get(path));
        return one.answer().body;
    };
    std::vector<std::unique_ptr<RawClient>> taken;
    {
        const Held held{stemma.file("state/stemma.db")};
        for (int i = 0; i < 3; ++i) {
            taken.push_back(std::make_unique<RawClient>(listener.port()));
            taken.back()->send(observation_of(fmt::format("urn:example:taken:{}", i)));
        }
        // The first is being written and the others stand in the line, or are on their way there: none is answered.
        for (int patience = 0; patience < 1000 && !asked("/api/v1/status").contains(R"("writer":{"waiting":3,)"); ++patience)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        EXPECT_TRUE(asked("/metrics").contains("\nstemma_writer_waiting_commands 3\n"));
        for (int i = 0; i < 2; ++i) {
            RawClient one{listener.port()};
            one.send(observation_of("urn:example:refused:1"));
            const auto refused = one.answer();
            EXPECT_EQ(refused.status, 429);
            EXPECT_EQ(refused.field("Retry-After"), "1");
        }
        EXPECT_TRUE(asked("/metrics").contains("\nstemma_writer_refused_total 2\n"));
        EXPECT_TRUE(asked("/api/v1/status").contains(R"("refused":2)"));
    }
    for (const auto& one : taken) EXPECT_EQ(one->answer().status, 201);
    EXPECT_TRUE(asked("/api/v1/status").contains(R"("writer":{"waiting":0,)")) << "all are answered";
}

}  // namespace
}  // namespace stemma::http::test
