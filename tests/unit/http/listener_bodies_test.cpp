// How many bytes of bodies all connections together may take: what is at the limit, what is past it, and that every body gives back its
// share, however it ends.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMost = 300'000;

std::string head_of(std::uint64_t bytes, std::string_view fields = {}) {
    return fmt::format("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n", bytes,
                       fields);
}

const std::string kChunkedHead =
    "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

class ListenerBodies : public ListenerTest {
protected:
    [[nodiscard]] static ListenerSettings limits() {
        ListenerSettings settings = quick();
        settings.body_bytes_max = 1'000'000;
        settings.bodies_bytes_max = kMost;
        return settings;
    }
    void expect_taken(std::uint64_t bytes) const {
        const auto until = Clock::now() + seconds{10};
        while (router.intake().bodies.bytes() != bytes && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
        EXPECT_EQ(router.intake().bodies.bytes(), bytes);
    }
    void expect_refused(RawClient& one) const {
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, 429);
        EXPECT_EQ(answer.field("Retry-After"), "1");
        EXPECT_EQ(answer.member("type"), "/problems/busy");
        EXPECT_TRUE(one.closed());
    }
};

TEST_F(ListenerBodies, are_taken_up_to_the_limit_and_refused_past_it_before_they_come) {
    start(limits());
    RawClient first = client();
    first.send(head_of(200'000));
    expect_taken(200'000);
    RawClient past = client();
    past.send(head_of(100'001));
    expect_refused(past);
    RawClient expecting = client();
    expecting.send(head_of(100'001, "Expect: 100-continue\r\n"));
    expect_refused(expecting);
    EXPECT_EQ(router.intake().bodies.refused(), 2);
    RawClient at = client();
    at.send(head_of(100'000));
    expect_taken(kMost);
    at.send(std::string(100'000, 'x'));
    EXPECT_EQ(at.answer().body, "100000");
    first.send(std::string(200'000, 'x'));
    EXPECT_EQ(first.answer().body, "200000");
    expect_taken(0);
    EXPECT_EQ(router.intake().bodies.refused(), 2);
}

TEST_F(ListenerBodies, of_64_kib_are_always_taken) {
    start(limits());
    RawClient first = client();
    first.send(head_of(kMost));
    expect_taken(kMost);
    EXPECT_EQ(ask(post("/size", std::string(65'536, 'x'))).body, "65536");
    EXPECT_EQ(ask(kChunkedHead + chunk(std::string(30'000, 'x')) + chunk("")).body, "30000");
    EXPECT_EQ(ask(post("/size", std::string(65'537, 'x'))).status, 429);
}

TEST_F(ListenerBodies, are_never_too_large_alone) {
    start(limits());
    EXPECT_EQ(ask(post("/size", std::string(1'000'000, 'x'))).body, "1000000");
    EXPECT_EQ(ask(kChunkedHead + chunk(std::string(900'000, 'x')) + chunk("")).body, "900000");
    expect_taken(0);
}

TEST_F(ListenerBodies, in_chunks_are_refused_when_they_have_grown_too_large) {
    start(limits());
    RawClient first = client();
    first.send(head_of(200'000));
    expect_taken(200'000);
    RawClient grows = client();
    grows.send(kChunkedHead);
    for (int i = 0; i < 5; ++i) grows.send(chunk(std::string(40'000, 'x')));
    expect_refused(grows);
    expect_taken(200'000);
}

TEST_F(ListenerBodies, count_until_their_answer_is_found) {
    std::atomic<bool> released{false};
    router.add({"POST", "/hold", {}, [&](const Request&) {
                    while (!released) std::this_thread::sleep_for(milliseconds{1});
                    return Response{200, "text/plain", "held", {}};
                }});
    start(limits());
    RawClient one = client();
    one.send(post("/hold", std::string(250'000, 'x')));
    expect_taken(250'000);
    EXPECT_EQ(ask(head_of(100'000)).status, 429);
    released = true;
    EXPECT_EQ(one.answer().body, "held");
    expect_taken(0);
}

TEST_F(ListenerBodies, give_back_their_share_when_their_sender_leaves) {
    start(limits());
    {
        RawClient one = client();
        one.send(head_of(250'000) + std::string(100'000, 'x'));
        RawClient two = client();
        two.send(kChunkedHead);
        expect_taken(250'000);
    }
    expect_taken(0);
    EXPECT_EQ(ask(post("/size", std::string(kMost, 'x'))).body, "300000");
}

TEST_F(ListenerBodies, give_back_their_share_when_they_are_cut_short_or_make_no_sense) {
    start(limits());
    RawClient cut = client();
    cut.send(head_of(250'000) + "cut");
    expect_taken(250'000);
    cut.end_sending();
    EXPECT_EQ(cut.answer().status, 400);
    expect_taken(0);
    RawClient broken = client();
    broken.send(kChunkedHead + chunk(std::string(200'000, 'x')) + "no chunk\r\n");
    EXPECT_EQ(broken.answer().status, 400);
    EXPECT_EQ(ask(post("/size?%", std::string(200'000, 'x'))).status, 400);
    expect_taken(0);
}

TEST_F(ListenerBodies, give_back_their_share_when_they_take_too_long) {
    ListenerSettings settings = limits();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient slow = client();
    slow.send(head_of(250'000) + "slow");
    expect_taken(250'000);
    expect_taken(0);
    EXPECT_TRUE(slow.closed());
}

TEST_F(ListenerBodies, that_are_refused_count_among_refused_commands) {
    router.add({"POST", "/command", {}, [](const Request&) { return Response{}; }, {}, true, false});
    start(limits());
    RawClient first = client();
    first.send(head_of(kMost));
    expect_taken(kMost);
    EXPECT_EQ(ask(post("/command?a=1", std::string(70'000, 'x'))).status, 429);
    EXPECT_EQ(router.intake().commands.refused(), 1);
}

}  // namespace
}  // namespace stemma::http::test
