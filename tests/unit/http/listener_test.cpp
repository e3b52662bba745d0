// Connections of a running listener: kept alive, pipelined, slow, idle, too many; and what a handler may do to it.
#include <fmt/format.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(ListenerTest, keeps_a_connection_for_the_next_request) {
    start(quick());
    RawClient one = client();
    for (const char* word : {"a", "b", "c"}) {
        one.send(get(fmt::format("/echo/{}", word)));
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, word);
    }
}

TEST_F(ListenerTest, answers_pipelined_requests_in_their_order) {
    start(quick());
    RawClient one = client();
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += i % 2 == 0 ? get(fmt::format("/echo/{}", i)) : post("/size", std::string(static_cast<std::size_t>(i), 'x'));
    one.send(all);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(one.answer().body, std::to_string(i));
}

TEST_F(ListenerTest, reads_a_request_that_comes_byte_by_byte) {
    start(quick());
    RawClient one = client();
    for (const char c : post("/size", "hello")) one.send({&c, 1});
    EXPECT_EQ(one.answer().body, "5");
}

TEST_F(ListenerTest, goes_on_after_a_request_that_was_refused_for_its_content) {
    start(quick());
    RawClient one = client();
    one.send(get("/nothing") + get("/query?b=1") + get("/query?a=%zz") + post("/echo/x", "body") + get("/query?a=1+2%2B3"));
    EXPECT_EQ(one.answer().status, 404);
    EXPECT_EQ(one.answer().status, 400);
    EXPECT_EQ(one.answer().status, 400);
    const RawAnswer refused = one.answer();
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.field("Allow"), "GET");
    EXPECT_EQ(one.answer().body, "1 2+3");
}

TEST_F(ListenerTest, answers_head_as_get_without_the_body) {
    start(quick());
    RawClient one = client();
    one.send("HEAD /echo/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const RawAnswer head = one.answer(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), "5");
    one.send(get("/echo/next"));  // a body of HEAD would stand in front of this answer
    EXPECT_EQ(one.answer().body, "next");
}

TEST_F(ListenerTest, closes_when_asked_to) {
    start(quick());
    RawClient one = client();
    one.send(get("/echo/x", "Connection: close\r\n"));
    const RawAnswer answer = one.answer();
    EXPECT_EQ(answer.body, "x");
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(one.closed());
}

TEST_F(ListenerTest, closes_after_an_http_1_0_request) {
    start(quick());
    RawClient one = client();
    one.send("GET /echo/old HTTP/1.0\r\n\r\n");
    const RawAnswer answer = one.answer();
    EXPECT_TRUE(answer.header.starts_with("HTTP/1.0 200")) << answer.header;
    EXPECT_EQ(answer.body, "old");
    EXPECT_TRUE(one.closed());
}

TEST_F(ListenerTest, keeps_an_http_1_0_connection_that_asks_for_it) {
    start(quick());
    RawClient one = client();
    for (int i = 0; i < 2; ++i) {
        one.send("GET /echo/old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_EQ(one.answer().body, "old");
    }
}

TEST_F(ListenerTest, answers_a_peer_that_has_ended_its_side) {
    start(quick());
    RawClient one = client();
    one.send(get("/echo/x"));
    one.end_sending();
    EXPECT_EQ(one.answer().body, "x");
}

TEST_F(ListenerTest, tells_browsers_to_neither_keep_nor_guess) {
    start(quick());
    const RawAnswer answer = ask(get("/echo/x"));
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
}

TEST_F(ListenerTest, hands_over_headers_in_lower_case_and_the_peer) {
    router.add({"GET", "/seen", {}, [](const Request& r) {
                    return Response{200, "text/plain", std::string{r.header("stemma-actor")} + "@" + r.remote, {}};
                }});
    start(quick());
    EXPECT_EQ(ask(get("/seen", "STEMMA-Actor: ada\r\n")).body, "ada@127.0.0.1");
}

TEST_F(ListenerTest, closes_on_a_header_that_takes_too_long) {
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    const auto begun = Clock::now();
    one.send("GET /echo/x HTTP/1.1\r\n");
    while (Clock::now() - begun < seconds{5} && one.send("X-Slow: 1\r\n") && !one.closed(milliseconds{200})) {
    }
    EXPECT_TRUE(one.closed(seconds{0}));
    EXPECT_GE(Clock::now() - begun, milliseconds{900});
    EXPECT_LT(Clock::now() - begun, seconds{4});
}

TEST_F(ListenerTest, closes_on_a_body_that_takes_too_long) {
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    const auto begun = Clock::now();
    one.send("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
    while (Clock::now() - begun < seconds{5} && one.send("b") && !one.closed(milliseconds{200})) {
    }
    EXPECT_TRUE(one.closed(seconds{0}));
    EXPECT_LT(Clock::now() - begun, seconds{4});
}

TEST_F(ListenerTest, measures_the_time_of_a_request_from_its_first_byte) {
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    std::this_thread::sleep_for(milliseconds{1300});
    one.send(get("/echo/late"));
    EXPECT_EQ(one.answer().body, "late");
}

/// Works until it is cancelled, at most 5 s.
Response until_cancelled(const Request& request) {
    const auto begun = Clock::now();
    while (!request.cancelled() && Clock::now() - begun < seconds{5}) std::this_thread::sleep_for(milliseconds{1});
    return {200, "text/plain", request.cancelled() ? "cancelled" : "never", {}};
}

TEST_F(ListenerTest, cancels_a_handler_whose_time_is_over) {
    router.add({"GET", "/long", {}, until_cancelled});
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    const auto begun = Clock::now();
    RawClient one = client();
    one.send(get("/long"));
    EXPECT_EQ(one.answer().body, "cancelled");
    EXPECT_GE(Clock::now() - begun, milliseconds{900});
    EXPECT_LT(Clock::now() - begun, seconds{4});
    one.send(get("/echo/next"));  // its own time begins anew
    EXPECT_EQ(one.answer().body, "next");
}

TEST_F(ListenerTest, answers_503_when_no_worker_becomes_free_in_time) {
    std::atomic<bool> released{false};
    std::atomic<int> ran{0};
    router.add({"GET", "/wait", {}, [&](const Request&) {
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "done", {}};
                }});
    router.add({"GET", "/count", {}, [&](const Request&) {
                    ++ran;
                    return Response{200, "text/plain", "ran", {}};
                }});
    ListenerSettings settings = quick();
    settings.workers = 1;
    settings.request_seconds_max = 1;
    start(settings);
    RawClient slow = client();
    slow.send(get("/wait"));
    std::this_thread::sleep_for(milliseconds{200});  // it is with the worker
    RawClient late = client();
    late.send(get("/count"));
    std::this_thread::sleep_for(milliseconds{1500});
    released = true;
    EXPECT_EQ(slow.answer().body, "done");
    const RawAnswer refused = late.answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.member("type"), "/problems/unavailable");
    EXPECT_EQ(refused.member("detail"), "all workers were busy for 1 s");
    EXPECT_EQ(ran, 0);
}

TEST_F(ListenerTest, says_how_it_is_while_all_workers_are_at_long_questions) {
    std::atomic<bool> released{false};
    router.add({"GET", "/long", {}, [&](const Request&) {
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "done", {}};
                }});
    router.add({"GET", "/how/{part}", {}, [](const Request&) { return Response{200, "text/plain", "well", {}}; }, {}, false, true});
    ListenerSettings settings = quick();
    settings.workers = 3;
    settings.request_seconds_max = 60;
    start(settings);
    std::vector<std::unique_ptr<RawClient>> busy;
    for (int i = 0; i < 8; ++i) {
        busy.push_back(std::make_unique<RawClient>(listener->port()));
        busy.back()->send(get("/long"));
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(get("/how/is-it")).body, "well");
    released = true;
    for (const auto& one : busy) EXPECT_EQ(one->answer().body, "done");
}

TEST_F(ListenerTest, cancels_what_still_runs_when_it_is_stopped) {
    router.add({"GET", "/long", {}, until_cancelled});
    start(quick());
    RawClient one = client();
    one.send(get("/long"));
    std::this_thread::sleep_for(milliseconds{200});
    const auto begun = Clock::now();
    listener->stop(0);
    EXPECT_LT(Clock::now() - begun, seconds{4});
}

TEST_F(ListenerTest, closes_a_connection_that_stays_idle) {
    ListenerSettings settings = quick();
    settings.idle_seconds_max = 1;
    start(settings);
    RawClient fresh = client();
    RawClient used = client();
    used.send(get("/echo/x"));
    EXPECT_EQ(used.answer().status, 200);
    EXPECT_TRUE(fresh.closed(seconds{4}));
    EXPECT_TRUE(used.closed(seconds{4}));
}

TEST_F(ListenerTest, closes_connections_past_the_limit_at_once_and_takes_new_ones_later) {
    ListenerSettings settings = quick();
    settings.connections_max = 2;
    start(settings);
    auto first = std::make_unique<RawClient>(listener->port());
    RawClient second = client();
    for (RawClient* one : {first.get(), &second}) {
        one->send(get("/echo/in"));
        EXPECT_EQ(one->answer().body, "in");
    }
    RawClient third = client();
    EXPECT_TRUE(third.closed());
    second.send(get("/echo/still"));
    EXPECT_EQ(second.answer().body, "still");

    first.reset();
    RawAnswer answer;
    for (int tries = 0; tries < 50 && answer.status == 0; ++tries) {  // the listener learns of the closed one a moment later
        answer = ask(get("/echo/free"));
        std::this_thread::sleep_for(milliseconds{10});
    }
    EXPECT_EQ(answer.body, "free");
}

TEST_F(ListenerTest, answers_500_when_a_handler_throws_and_goes_on) {
    router.add({"GET", "/throw", {}, [](const Request&) -> Response { throw std::runtime_error("secret of the house"); }});
    start(quick());
    RawClient one = client();
    for (int i = 0; i < 3; ++i) {
        one.send(get("/throw"));
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.member("type"), "/problems/internal");
        EXPECT_EQ(answer.member("detail"), "the request met a bug; the log has it");
        EXPECT_FALSE(answer.body.contains("secret"));
    }
    one.send(get("/echo/alive"));
    EXPECT_EQ(one.answer().body, "alive");
}

TEST_F(ListenerTest, serves_others_while_a_handler_works) {
    std::atomic<bool> released{false};
    router.add({"GET", "/wait", {}, [&](const Request&) {
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "done", {}};
                }});
    ListenerSettings settings = quick();
    settings.io_threads = 1;
    settings.workers = 2;
    start(settings);
    RawClient slow = client();
    slow.send(get("/wait"));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(get("/echo/quick")).body, "quick");
    released = true;
    EXPECT_EQ(slow.answer().body, "done");
}

TEST_F(ListenerTest, serves_many_connections_at_once) {
    start(quick());
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            RawClient one{listener->port()};
            for (int i = 0; i < 50; ++i) {
                const std::string word = fmt::format("{}-{}", t, i);
                one.send(get("/echo/" + word));
                if (one.answer().body != word) ++wrong;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace stemma::http::test
