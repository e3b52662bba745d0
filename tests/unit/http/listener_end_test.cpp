// How a listener begins and ends: ports, draining, and what becomes of connections.
#include <fmt/format.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(ListenerTest, says_when_its_port_is_taken) {
    start(quick());
    ListenerSettings settings = quick();
    settings.port = listener->port();
    Listener second{settings, router};
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::unavailable);
    EXPECT_EQ(started.error().message, fmt::format("127.0.0.1:{} is in use by another program", settings.port));
    EXPECT_EQ(started.error().hint, "stop that program or set daemon.port");
    EXPECT_EQ(ask(get("/echo/first")).body, "first");
}

TEST_F(ListenerTest, says_when_its_address_is_none) {
    ListenerSettings settings = quick();
    settings.address = "localhost";
    Listener wrong{settings, router};
    const auto started = wrong.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::config);
    EXPECT_EQ(started.error().text(), "daemon.address: 'localhost' is not an IP address");
}

TEST_F(ListenerTest, says_when_its_address_belongs_to_another_machine) {
    ListenerSettings settings = quick();
    settings.address = "192.0.2.1";  // RFC 5737: nobody's
    Listener wrong{settings, router};
    const auto started = wrong.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::unavailable);
    EXPECT_TRUE(started.error().message.starts_with("cannot listen on 192.0.2.1:0: ")) << started.error().message;
}

TEST_F(ListenerTest, can_be_destroyed_without_having_started) { const Listener never{quick(), router}; }

TEST_F(ListenerTest, ends_idle_connections_at_once) {
    start(quick());
    RawClient fresh = client();
    RawClient used = client();
    used.send(get("/echo/x"));
    EXPECT_EQ(used.answer().status, 200);
    const auto begun = Clock::now();
    listener->stop(10);
    EXPECT_LT(Clock::now() - begun, seconds{2});
    EXPECT_TRUE(fresh.closed(seconds{1}));
    EXPECT_TRUE(used.closed(seconds{1}));
}

TEST_F(ListenerTest, lets_a_running_request_finish) {
    std::promise<void> running;
    std::atomic<bool> released{false};
    router.add({"GET", "/wait", {}, [&](const Request&) {
                    running.set_value();
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "finished", {}};
                }});
    start(quick());
    RawClient one = client();
    one.send(get("/wait"));
    running.get_future().wait();
    std::thread stopper{[&] { listener->stop(10); }};
    std::this_thread::sleep_for(milliseconds{200});
    released = true;
    const RawAnswer answer = one.answer();
    stopper.join();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "finished");
    EXPECT_TRUE(one.closed(seconds{1}));
}

TEST_F(ListenerTest, takes_no_connection_while_it_drains) {
    std::promise<void> running;
    std::atomic<bool> released{false};
    router.add({"GET", "/wait", {}, [&](const Request&) {
                    running.set_value();
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "finished", {}};
                }});
    ListenerSettings settings = quick();
    start(settings);
    RawClient one = client();
    one.send(get("/wait"));
    running.get_future().wait();
    std::thread stopper{[&] { listener->stop(10); }};
    // The port is free for the next one as soon as no more is accepted.
    settings.port = listener->port();
    Result<void> started;
    for (int tries = 0; tries < 200; ++tries) {
        started = Listener{settings, router}.start();
        if (started) break;
        std::this_thread::sleep_for(milliseconds{5});
    }
    EXPECT_TRUE(started);
    released = true;
    EXPECT_EQ(one.answer().body, "finished");
    stopper.join();
}

TEST_F(ListenerTest, gives_up_on_a_request_that_is_still_being_sent) {
    start(quick());
    RawClient half = client();
    half.send("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\nhello");
    std::this_thread::sleep_for(milliseconds{100});
    const auto begun = Clock::now();
    listener->stop(1);
    EXPECT_GE(Clock::now() - begun, milliseconds{900});  // it might have come in time
    EXPECT_LT(Clock::now() - begun, seconds{4});
    EXPECT_TRUE(half.closed(seconds{1}));
}

TEST_F(ListenerTest, may_be_stopped_twice) {
    start(quick());
    listener->stop(1);
    listener->stop(1);
    listener.reset();
}

TEST_F(ListenerTest, frees_its_port) {
    start(quick());
    ListenerSettings settings = quick();
    settings.port = listener->port();
    EXPECT_EQ(ask(get("/echo/x")).status, 200);
    listener->stop(1);
    start(settings);
    EXPECT_EQ(ask(get("/echo/again")).body, "again");
}

TEST_F(ListenerTest, ends_well_while_clients_come_and_go) {
    for (int round = 0; round < 5; ++round) {
        start(quick());
        const std::uint16_t port = listener->port();
        std::atomic<bool> over{false};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                while (!over) {
                    std::unique_ptr<RawClient> one = RawClient::try_connect(port);
                    if (!one || !one->send(get("/echo/x"))) continue;
                    const RawAnswer answer = one->answer();
                    EXPECT_TRUE(answer.status == 0 || answer.body == "x") << answer.status;
                }
            });
        std::this_thread::sleep_for(milliseconds{50});
        listener->stop(2);
        over = true;
        for (std::thread& thread : threads) thread.join();
    }
}

}  // namespace
}  // namespace stemma::http::test
