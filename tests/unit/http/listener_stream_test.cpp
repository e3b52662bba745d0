// Answers whose body is made while it is sent: their framing on the wire, slow readers, and readers that leave.
#include <fmt/format.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What became of a source; outlives it.
struct Fate {
    std::atomic<int> asked{0};           ///< calls of next()
    std::atomic<bool> gone{false};       ///< it was thrown away
    std::atomic<bool> cancelled{false};  ///< it saw Request::cancel

    [[nodiscard]] bool comes_true(const std::atomic<bool>& flag, milliseconds within = seconds{5}) const {
        const auto until = Clock::now() + within;
        while (!flag && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
        return flag;
    }
};

using Next = std::function<Result<bool>(std::string& piece, int call)>;

class TestSource : public BodySource {
public:
    TestSource(Fate& fate, Next next) : fate_{fate}, next_{std::move(next)} {}
    ~TestSource() override { fate_.gone = true; }
    TestSource(const TestSource&) = delete;
    TestSource& operator=(const TestSource&) = delete;
    Result<bool> next(std::string& piece) override {
        EXPECT_TRUE(piece.empty());
        return next_(piece, fate_.asked++);
    }

private:
    Fate& fate_;
    Next next_;
};

Response stream(Fate& fate, Next next) {
    Response response{200, "text/plain", {}, {}};
    response.source = std::make_unique<TestSource>(fate, std::move(next));
    return response;
}

/// The pieces one after the other; the last comes with the end.
Next pieces(std::vector<std::string> texts) {
    return [texts = std::move(texts)](std::string& piece, int call) -> Result<bool> {
        const std::size_t place = static_cast<std::size_t>(call) % texts.size();  // the next request begins again
        piece = texts[place];
        return place + 1 < texts.size();
    };
}

Next endless() {
    return [](std::string& piece, int) -> Result<bool> {
        piece.assign(kPieceBytes, 'x');
        return true;
    };
}

class ListenerStream : public ListenerTest {
protected:
    void serve(Next next) {
        router.add({"GET", "/stream", {}, [this, next = std::move(next)](const Request&) { return stream(fate, next); }});
    }
    Fate fate;
};

TEST_F(ListenerStream, sends_each_piece_as_a_chunk_and_then_the_last_chunk) {
    serve(pieces({"a", "bb", "", std::string(16, 'c')}));
    start(quick());
    RawClient one = client();
    one.send(get("/stream", "Connection: close\r\n"));
    const RawAnswer answer = one.header();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Transfer-Encoding"), "chunked");
    EXPECT_EQ(answer.field("Content-Length"), "");
    EXPECT_EQ(one.rest(), "1\r\na\r\n2\r\nbb\r\n10\r\ncccccccccccccccc\r\n0\r\n\r\n");  // RFC 9112 section 7.1
    EXPECT_TRUE(fate.gone);
    EXPECT_EQ(fate.asked, 4);
}

TEST_F(ListenerStream, keeps_the_connection_for_what_was_sent_ahead) {
    serve(pieces({"first", "second"}));
    start(quick());
    RawClient one = client();
    one.send(get("/stream") + get("/echo/next") + get("/stream"));
    std::ignore = one.header();
    EXPECT_EQ(one.next_chunk(), "first");
    EXPECT_EQ(one.next_chunk(), "second");
    EXPECT_EQ(one.next_chunk(), "");
    EXPECT_EQ(one.answer().body, "next");
    EXPECT_EQ(one.header().status, 200);
}

TEST_F(ListenerStream, keeps_the_connection_for_what_is_sent_later) {
    serve(pieces({"one"}));
    start(quick());
    RawClient one = client();
    for (int i = 0; i < 3; ++i) {
        fate.asked = 0;
        one.send(get("/stream"));
        std::ignore = one.header();
        EXPECT_EQ(one.next_chunk(), "one");
        EXPECT_EQ(one.next_chunk(), "");
        one.send(get("/echo/between"));
        EXPECT_EQ(one.answer().body, "between");
    }
}

TEST_F(ListenerStream, sends_a_piece_before_the_next_one_is_made) {
    std::atomic<bool> seen{false};
    serve([&](std::string& piece, int call) -> Result<bool> {
        EXPECT_TRUE(call == 0 || fate.comes_true(seen));
        piece = call == 0 ? "head" : "tail";
        return call == 0;
    });
    start(quick());
    RawClient one = client();
    one.send(get("/stream"));
    std::ignore = one.header();
    EXPECT_EQ(one.next_chunk(), "head");
    seen = true;
    EXPECT_EQ(one.next_chunk(), "tail");
    EXPECT_EQ(one.next_chunk(), "");
}

TEST_F(ListenerStream, makes_no_more_than_a_slow_reader_takes) {
    constexpr int kPieces = 800;  // 100 MiB: more than the kernel keeps for a connection
    serve([](std::string& piece, int call) -> Result<bool> {
        piece.assign(kPieceBytes, static_cast<char>('a' + call % 26));
        return call + 1 < kPieces;
    });
    start(quick());
    RawClient one = client();
    one.send(get("/stream"));
    int before = -1;
    while (before != fate.asked) {
        before = fate.asked;
        std::this_thread::sleep_for(milliseconds{300});
    }
    EXPECT_LT(before, kPieces / 2);
    EXPECT_FALSE(fate.gone);
    std::ignore = one.header();
    for (int i = 0; i < kPieces; ++i) ASSERT_EQ(one.next_chunk(), std::string(kPieceBytes, static_cast<char>('a' + i % 26))) << i;
    EXPECT_EQ(one.next_chunk(), "");
    EXPECT_TRUE(fate.gone);
}

TEST_F(ListenerStream, cuts_off_a_reader_that_takes_nothing) {
    serve(endless());
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    one.send(get("/stream"));
    EXPECT_TRUE(fate.comes_true(fate.gone));
}

TEST_F(ListenerStream, gives_up_when_the_reader_leaves_in_the_middle) {
    serve(endless());
    start(quick());
    {
        RawClient one = client();
        one.send(get("/stream"));
        std::ignore = one.header();
        for (int i = 0; i < 3; ++i) EXPECT_EQ(one.next_chunk().value_or("").size(), kPieceBytes);
    }
    EXPECT_TRUE(fate.comes_true(fate.gone));
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ListenerStream, cancels_the_source_when_the_reader_leaves_while_it_works) {
    std::atomic<const std::atomic<bool>*> cancel{nullptr};
    router.add({"GET", "/stream", {}, [&](const Request& request) {
                    cancel = request.cancel;
                    return stream(fate, [&](std::string& piece, int call) -> Result<bool> {
                        piece = "head";
                        const auto until = Clock::now() + seconds{5};
                        while (call > 0 && !*cancel.load() && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
                        fate.cancelled = cancel.load()->load();
                        return true;
                    });
                }});
    start(quick());
    {
        RawClient one = client();
        one.send(get("/stream"));
        std::ignore = one.header();
        EXPECT_EQ(one.next_chunk(), "head");
        while (fate.asked < 2) std::this_thread::sleep_for(milliseconds{1});
    }
    EXPECT_TRUE(fate.comes_true(fate.gone, seconds{3}));
    EXPECT_TRUE(fate.cancelled);
}

TEST_F(ListenerStream, is_cut_where_its_source_breaks) {
    serve([](std::string& piece, int call) -> Result<bool> {
        piece = "part";
        if (call == 1) return fail(Errc::storage, "the disk is gone");
        return true;
    });
    start(quick());
    RawClient one = client();
    one.send(get("/stream"));
    EXPECT_EQ(one.header().status, 200);
    EXPECT_EQ(one.next_chunk(), "part");
    EXPECT_EQ(one.next_chunk(), std::nullopt);  // the end of the connection, and no last chunk
    EXPECT_TRUE(fate.comes_true(fate.gone));
}

TEST_F(ListenerStream, is_cut_where_its_source_throws_and_others_are_served) {
    serve([](std::string&, int) -> Result<bool> { throw std::runtime_error("a bug"); });
    start(quick());
    for (int i = 0; i < 3; ++i) {
        RawClient one = client();
        one.send(get("/stream"));
        EXPECT_EQ(one.header().status, 200);
        EXPECT_EQ(one.next_chunk(), std::nullopt);
    }
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ListenerStream, ends_with_the_connection_for_http_1_0) {
    serve(pieces({"a", "b", "c"}));
    start(quick());
    RawClient one = client();
    one.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(one.header().field("Transfer-Encoding"), "");
    EXPECT_EQ(one.rest(), "abc");
}

TEST_F(ListenerStream, is_not_begun_for_head) {
    serve(endless());
    start(quick());
    RawClient one = client();
    one.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/echo/next"));
    EXPECT_EQ(one.header().status, 200);
    EXPECT_EQ(one.answer().body, "next");
    EXPECT_TRUE(fate.comes_true(fate.gone));
    EXPECT_EQ(fate.asked, 0);
}

TEST_F(ListenerStream, may_take_longer_than_one_request_as_long_as_it_goes_on) {
    serve([](std::string& piece, int call) -> Result<bool> {
        std::this_thread::sleep_for(milliseconds{400});
        piece = std::to_string(call);
        return call < 4;
    });
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    one.send(get("/stream"));
    std::ignore = one.header();
    for (const char* text : {"0", "1", "2", "3", "4", ""}) EXPECT_EQ(one.next_chunk(), text);
}

TEST_F(ListenerStream, is_cut_when_one_piece_takes_too_long) {
    router.add({"GET", "/stream", {}, [&](const Request& request) {
                    return stream(fate, [&, cancel = request.cancel](std::string& piece, int) -> Result<bool> {
                        const auto until = Clock::now() + seconds{5};
                        while (!*cancel && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
                        piece = "late";
                        return false;
                    });
                }});
    ListenerSettings settings = quick();
    settings.request_seconds_max = 1;
    start(settings);
    RawClient one = client();
    one.send(get("/stream"));
    std::ignore = one.header();
    EXPECT_EQ(one.next_chunk(), std::nullopt);
    EXPECT_TRUE(fate.comes_true(fate.gone));
}

TEST_F(ListenerStream, is_finished_while_the_listener_drains) {
    std::atomic<bool> released{false};
    serve([&](std::string& piece, int call) -> Result<bool> {
        EXPECT_TRUE(call == 0 || fate.comes_true(released));
        piece = call == 0 ? "head" : "tail";
        return call == 0;
    });
    start(quick());
    RawClient one = client();
    one.send(get("/stream"));
    std::ignore = one.header();
    EXPECT_EQ(one.next_chunk(), "head");
    std::thread stopper{[&] { listener->stop(10); }};
    std::this_thread::sleep_for(milliseconds{100});
    released = true;
    EXPECT_EQ(one.next_chunk(), "tail");
    EXPECT_EQ(one.next_chunk(), "");
    stopper.join();
}

TEST_F(ListenerStream, is_cut_when_the_listener_may_not_wait) {
    serve(endless());
    start(quick());
    RawClient one = client();
    one.send(get("/stream"));
    std::ignore = one.header();
    const auto begun = Clock::now();
    listener->stop(0);
    EXPECT_LT(Clock::now() - begun, seconds{4});
    listener.reset();
    EXPECT_TRUE(fate.gone);
}

TEST_F(ListenerStream, ends_well_while_readers_come_and_go) {
    std::atomic<int> made{0};
    std::atomic<int> ended{0};
    struct Counted : BodySource {
        Counted(std::atomic<int>& at_begin, std::atomic<int>& at_end) : end{at_end} { ++at_begin; }
        ~Counted() override { ++end; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;
        Result<bool> next(std::string& piece) override {
            piece.assign(kPieceBytes, 'y');
            return ++calls < 40;
        }
        std::atomic<int>& end;
        int calls{0};
    };
    router.add({"GET", "/many", {}, [&](const Request&) {
                    Response response{200, "text/plain", {}, {}};
                    response.source = std::make_unique<Counted>(made, ended);
                    return response;
                }});
    start(quick());
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                RawClient one{listener->port()};
                one.send(get("/many"));
                std::ignore = one.header();
                const int taken = (t * 20 + i) % 50;  // some leave early, some see the end
                for (int c = 0; c < taken; ++c)
                    if (one.next_chunk().value_or("").empty()) break;
            }
        });
    for (std::thread& thread : threads) thread.join();
    listener->stop(5);
    listener.reset();
    EXPECT_EQ(made, 80);
    EXPECT_EQ(ended, 80);
}

}  // namespace
}  // namespace stemma::http::test
