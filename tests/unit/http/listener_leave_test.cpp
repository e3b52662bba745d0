// Readers that leave while a worker is at their question: its cancel flag is set, whatever else they had sent.
#include <atomic>
#include <thread>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ListenerLeave : public ListenerTest {
protected:
    /// A route that works until it is cancelled or released, far less long than limits.request_seconds_max.
    void serve(bool is_command = false) {
        router.add({"POST",
                    "/long",
                    {},
                    [this](const Request& request) {
                        working = true;
                        const auto until = Clock::now() + seconds{10};
                        while (!request.cancelled() && !released && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
                        cancelled = request.cancelled();
                        ended = true;
                        return Response{200, "text/plain", "done", {}};
                    },
                    {},
                    is_command,
                    false});
        start(quick());
    }
    static void await(const std::atomic<bool>& flag) {
        const auto until = Clock::now() + seconds{20};
        while (!flag && Clock::now() < until) std::this_thread::sleep_for(milliseconds{1});
        EXPECT_TRUE(flag);
    }
    /// Sends the bytes and closes the connection as soon as the route works.
    void ask_and_leave(std::string_view bytes) {
        RawClient one = client();
        one.send(bytes);
        await(working);
    }

    std::atomic<bool> working{false};
    std::atomic<bool> released{false};
    std::atomic<bool> cancelled{false};
    std::atomic<bool> ended{false};
};

TEST_F(ListenerLeave, cancels_a_question_whose_reader_has_left) {
    serve();
    ask_and_leave(post("/long", "{}"));
    await(ended);
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(ask(get("/echo/alive")).body, "alive");
}

TEST_F(ListenerLeave, sees_it_behind_requests_that_were_sent_ahead) {
    serve();
    std::string ahead = post("/long", "{}");
    for (int i = 0; i < 500; ++i) ahead += get("/echo/next");  // more than is read at once
    ask_and_leave(ahead);
    await(ended);
    EXPECT_TRUE(cancelled);
}

TEST_F(ListenerLeave, goes_on_for_a_reader_that_sends_its_next_request) {
    serve();
    RawClient one = client();
    one.send(post("/long", "{}"));
    await(working);
    one.send(get("/echo/next") + get("/echo/after"));
    std::this_thread::sleep_for(milliseconds{400});  // several looks for the reader
    EXPECT_FALSE(ended);
    released = true;
    EXPECT_EQ(one.answer().body, "done");
    EXPECT_EQ(one.answer().body, "next");
    EXPECT_EQ(one.answer().body, "after");
    EXPECT_FALSE(cancelled);
}

TEST_F(ListenerLeave, lets_a_command_go_on_whose_sender_has_left) {
    serve(true);
    ask_and_leave(post("/long", "{}"));
    std::this_thread::sleep_for(milliseconds{400});
    EXPECT_FALSE(ended);
    released = true;
    await(ended);
    EXPECT_FALSE(cancelled);
}

}  // namespace
}  // namespace stemma::http::test
