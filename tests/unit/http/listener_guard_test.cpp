// What a browser on the same machine can be made to send, over the wire: refused before the body is read, and nothing is run.
#include <fmt/format.h>

#include <atomic>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

class ListenerGuard : public ListenerTest {
protected:
    ListenerGuard() {
        router.add({"POST", "/run", {}, [this](const Request&) {
                        ++runs;
                        return Response{200, "text/plain", "ran", {}};
                    }});
        router.add({"POST", "/seen", {}, [](const Request& r) {
                        return Response{200, "text/plain", std::string{r.header("stemma-actor")}, {}};
                    }});
        start(quick());
    }

    void expect_refused(const std::string& request, int status, std::string_view type) const {
        RawClient one = client();
        one.send(request);
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, status) << request;
        EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
        EXPECT_EQ(answer.member("type"), type) << request;
        EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "");
        EXPECT_TRUE(one.closed()) << request;
        EXPECT_EQ(runs, 0);
    }
    [[nodiscard]] std::string own() const { return fmt::format("127.0.0.1:{}", listener->port()); }

    std::atomic<int> runs{0};
};

TEST_F(ListenerGuard, refuses_a_name_that_was_made_to_lead_here) {
    expect_refused("GET /echo/x HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "/problems/wrong_host");
    expect_refused("GET /echo/x HTTP/1.0\r\nHost: evil.example\r\n\r\n", 421, "/problems/wrong_host");
    expect_refused("GET /echo/x HTTP/1.1\r\nHost:\r\n\r\n", 421, "/problems/wrong_host");
}

TEST_F(ListenerGuard, does_not_take_a_host_from_the_first_line) {
    EXPECT_EQ(ask("GET http://evil.example/echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 400);
}

TEST_F(ListenerGuard, takes_a_command_from_a_page_of_its_own_and_from_programs) {
    EXPECT_EQ(ask(fmt::format("POST /run HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\n\r\n", own())).body, "ran");
    EXPECT_EQ(ask(fmt::format("POST /run HTTP/1.1\r\nHost: {}\r\n\r\n", own())).body, "ran");
    EXPECT_EQ(runs, 2);
}

TEST_F(ListenerGuard, refuses_a_command_from_a_page_of_another_site) {
    expect_refused(fmt::format("POST /run HTTP/1.1\r\nHost: {}\r\nOrigin: http://evil.example\r\n\r\n", own()), 403,
                   "/problems/foreign_origin");
    expect_refused(fmt::format("POST /run HTTP/1.1\r\nHost: {}\r\nOrigin: null\r\n\r\n", own()), 403, "/problems/foreign_origin");
    expect_refused(fmt::format("POST /run HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: cross-site\r\n\r\n", own()), 403,
                   "/problems/foreign_origin");
}

TEST_F(ListenerGuard, refuses_what_a_form_can_send) {
    expect_refused("POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415,
                   "/problems/unsupported_media_type");
    expect_refused("POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 415, "/problems/unsupported_media_type");
    expect_refused("POST /run HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{}") + chunk(""), 415,
                   "/problems/unsupported_media_type");
    EXPECT_EQ(ask("POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status, 200);
}

TEST_F(ListenerGuard, refuses_before_the_body_comes) {
    expect_refused(
        "POST /run HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 999\r\nExpect: 100-continue\r\n\r\n",
        421, "/problems/wrong_host");
}

TEST_F(ListenerGuard, answers_no_preflight) {
    const RawAnswer answer = ask(fmt::format(
        "OPTIONS /run HTTP/1.1\r\nHost: {}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n", own()));
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "");
}

TEST_F(ListenerGuard, does_not_take_fields_from_behind_the_body) {
    const RawAnswer answer =
        ask("POST /seen HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{}") +
            "0\r\nStemma-Actor: eve\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
}

}  // namespace
}  // namespace stemma::http::test
