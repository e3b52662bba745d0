// The HTTP client against the real listener, and against servers that break off.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/http/listener.hpp"
#include "core/cli/session.hpp"
#include "core/cli/transport.hpp"
#include "tests/unit/cli/raw_server.hpp"

namespace stemma::cli {
namespace {

using test::http_ok;
using test::RawServer;

http::Router make_router() {
    http::Router router;
    router.add(
        {"GET", "/api/v1/items/{id}", {"as_of"}, [](const http::Request& request) {
             return http::Response{200, "application/json", request.argument("id") + "|" + request.parameter("as_of").value_or("-"), {}};
         }});
    router.add({"POST", "/api/v1/echo", {}, [](const http::Request& request) {
                    return http::Response{201, "application/json", std::string{request.header("stemma-actor")} + "|" + request.body, {}};
                }});
    router.add({"GET", "/api/v1/broken", {}, [](const http::Request&) {
                    return http::problem(Error{Errc::storage, "the disk is gone", "store", ""});
                }});
    return router;
}

class AgainstListener : public testing::Test {
protected:
    void SetUp() override {
        http::ListenerSettings settings;
        settings.port = 0;
        settings.body_bytes_max = 1000;
        listener.emplace(settings, router);
        ASSERT_TRUE(listener->start());
        auto connected = connect_http({"127.0.0.1", listener->port()});
        ASSERT_TRUE(connected) << connected.error().error.text();
        transport = *std::move(connected);
    }

    http::Router router = make_router();
    std::optional<http::Listener> listener;
    std::unique_ptr<Transport> transport;
};

TEST_F(AgainstListener, sends_any_identifier_unharmed) {
    const auto response = transport->send(get(api_path("items/", "Ø-ŁÓD/7 'ß'?&=%"), {{"as_of", "a b&c=d%+"}}));
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->content_type, "application/json");
    EXPECT_EQ(response->body, "Ø-ŁÓD/7 'ß'?&=%|a b&c=d%+");
}

TEST_F(AgainstListener, sends_body_and_headers) {
    http::Request request = post("/api/v1/echo", R"({"a":1})");
    request.headers["stemma-actor"] = "ada";
    const auto response = transport->send(request);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, R"(ada|{"a":1})");
}

TEST_F(AgainstListener, hands_a_problem_document_on) {
    const auto response = transport->send(get("/api/v1/broken"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 500);
    EXPECT_NE(response->body.find("the disk is gone"), std::string::npos);
}

TEST_F(AgainstListener, answers_one_request_after_the_other) {
    for (int i = 0; i < 20; ++i) {
        const auto response = transport->send(i % 3 == 0 ? post("/api/v1/echo", "x") : get("/api/v1/items/a"));
        ASSERT_TRUE(response) << i << ": " << response.error().text();
    }
}

TEST_F(AgainstListener, reads_the_refusal_of_a_body_that_is_too_large) {
    const auto response = transport->send(post("/api/v1/echo", std::string(3'000'000, 'x')));
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->status, 413);
    EXPECT_NE(response->body.find("1000 bytes"), std::string::npos) << response->body;
}

TEST_F(AgainstListener, says_that_it_cannot_be_reached_when_it_is_gone) {
    ASSERT_TRUE(transport->send(get("/api/v1/items/a")));
    listener->stop(0);
    listener.reset();
    const auto response = transport->send(get("/api/v1/items/a"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::unavailable);
}

std::unique_ptr<Transport> to(const RawServer& server, const HttpLimits& limits = {}) {
    auto connected = connect_http({"127.0.0.1", server.port()}, limits);
    EXPECT_TRUE(connected);
    return *std::move(connected);
}

TEST(HttpTransport, keeps_one_connection_for_several_reads) {
    const RawServer server{{{http_ok("1"), http_ok("2"), http_ok("3")}}};
    const auto transport = to(server);
    for (const char* expected : {"1", "2", "3"}) EXPECT_EQ(transport->send(get("/x"))->body, expected);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpTransport, reads_again_when_the_server_had_closed_the_kept_connection) {
    const RawServer server{{{http_ok("1")}, {http_ok("2")}}};
    const auto transport = to(server);
    EXPECT_EQ(transport->send(get("/x"))->body, "1");
    EXPECT_EQ(transport->send(get("/x"))->body, "2");
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpTransport, never_sends_a_command_twice) {
    const RawServer server{{{http_ok("1")}, {""}, {http_ok("2")}}};
    const auto transport = to(server);
    EXPECT_EQ(transport->send(get("/x"))->body, "1");
    const auto response = transport->send(post("/x", "{}"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::unavailable);
    EXPECT_EQ(response.error().message, "the connection was closed without an answer");
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpTransport, notices_an_answer_that_was_cut_off) {
    const std::string whole = http_ok("{\"a\":1}");
    for (const std::size_t kept : {whole.size() - 1, whole.size() - 7, std::size_t{20}, std::size_t{1}}) {
        const RawServer server{{{whole.substr(0, kept)}}};
        const auto response = to(server)->send(get("/x"));
        ASSERT_FALSE(response) << kept;
        EXPECT_EQ(response.error().code, Errc::unavailable);
        EXPECT_EQ(response.error().message, "the answer was cut off") << kept;
    }
}

TEST(HttpTransport, says_when_something_else_answers) {
    const RawServer server{{{"220 mail.example ESMTP\r\n\r\n"}}};
    const auto response = to(server)->send(get("/x"));
    ASSERT_FALSE(response);
    EXPECT_NE(response.error().message.find("does not speak HTTP"), std::string::npos) << response.error().message;
}

TEST(HttpTransport, gives_up_when_no_answer_comes_in_time) {
    const RawServer server{{{RawServer::kSilence}}};
    HttpLimits limits;
    limits.answer = std::chrono::milliseconds{50};
    const auto response = to(server, limits)->send(get("/x"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Errc::unavailable);
    EXPECT_NE(response.error().message.find("no answer within"), std::string::npos);
}

TEST(HttpTransport, takes_an_answer_up_to_its_limit_and_none_beyond) {
    HttpLimits limits;
    limits.answer_bytes_max = 10;
    const RawServer at_limit{{{http_ok("0123456789")}}};
    EXPECT_EQ(to(at_limit, limits)->send(get("/x"))->body, "0123456789");
    const RawServer beyond{{{http_ok("0123456789a")}}};
    const auto response = to(beyond, limits)->send(get("/x"));
    ASSERT_FALSE(response);
    EXPECT_NE(response.error().message.find("exceeds 10 bytes"), std::string::npos) << response.error().message;
}

// --- bodies that are handed over as they come

struct Taken {
    std::string body;
    int pieces{0};
    int wanted{1'000'000};
    Take take() {
        return [this](std::string_view piece) {
            body += piece;
            return ++pieces < wanted;
        };
    }
};

std::string in_chunks(const std::string& chunks) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

TEST(HttpTransport, hands_over_a_body_in_chunks_and_one_with_a_length) {
    const RawServer server{{{in_chunks("3\r\na\nb\r\n2\r\ncd\r\n0\r\n\r\n"), http_ok("whole")}}};
    const auto transport = to(server);
    Taken first;
    const auto response = transport->send_to(get("/x"), first.take());
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->content_type, "application/x-ndjson");
    EXPECT_EQ(response->body, "");
    EXPECT_EQ(first.body, "a\nbcd");
    Taken second;
    ASSERT_TRUE(transport->send_to(get("/x"), second.take()));
    EXPECT_EQ(second.body, "whole");
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpTransport, says_when_a_body_in_chunks_was_cut_off) {
    const RawServer server{{{in_chunks("3\r\na\nb\r\n")}}};
    Taken taken;
    const auto response = to(server)->send_to(get("/x"), taken.take());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().message, "the answer was cut off");
    EXPECT_EQ(taken.body, "a\nb");
}

TEST(HttpTransport, keeps_the_body_of_a_problem) {
    const RawServer server{{{"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\n\r\nbusy"}}};
    Taken taken;
    const auto response = to(server)->send_to(get("/x"), taken.take());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 429);
    EXPECT_EQ(response->body, "busy");
    EXPECT_EQ(taken.pieces, 0);
}

TEST(HttpTransport, stops_where_no_more_is_wanted) {
    const RawServer server{{{in_chunks("3\r\na\nb\r\n")}, {http_ok("next")}}};
    const auto transport = to(server);
    Taken taken;
    taken.wanted = 1;
    ASSERT_TRUE(transport->send_to(get("/x"), taken.take()));
    EXPECT_EQ(taken.pieces, 1);
    EXPECT_EQ(transport->send(get("/x"))->body, "next");  // on a connection of its own
}

/// Pieces "0\n", "1\n", ...; breaks where it is told to.
class Numbers : public http::BodySource {
public:
    Numbers(int count, int breaks_at) : count_{count}, breaks_at_{breaks_at} {}
    Result<bool> next(std::string& piece) override {
        if (at_ == breaks_at_) return fail(Errc::storage, "the disk is gone");
        piece = fmt::format("{}\n", at_);
        return ++at_ < count_;
    }

private:
    int count_;
    int breaks_at_;
    int at_{0};
};

TEST(HandOver, takes_what_a_source_makes_until_its_end_or_until_no_more_is_wanted) {
    const auto numbers = [](int count, int breaks_at = -1) {
        http::Response response{200, "text/plain", {}, {}};
        response.source = std::make_unique<Numbers>(count, breaks_at);
        return response;
    };
    Taken all;
    ASSERT_TRUE(hand_over(numbers(3), all.take()));
    EXPECT_EQ(all.body, "0\n1\n2\n");
    Taken two;
    two.wanted = 2;
    ASSERT_TRUE(hand_over(numbers(1'000'000'000), two.take()));
    EXPECT_EQ(two.body, "0\n1\n");
    Taken broken;
    const auto response = hand_over(numbers(3, 1), broken.take());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().message, "the disk is gone");
    EXPECT_EQ(broken.body, "0\n");
}

TEST(HttpTransport, knows_a_refused_connection) {
    const auto connected = connect_http({"127.0.0.1", test::free_port()});
    ASSERT_FALSE(connected);
    EXPECT_TRUE(connected.error().nobody_there);
    EXPECT_EQ(connected.error().error.code, Errc::unavailable);
}

}  // namespace
}  // namespace stemma::cli
