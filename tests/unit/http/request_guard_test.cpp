// Who may ask and from where: names that lead here, pages of other sites, bodies that a form could send.
#include "adapters/http/request_guard.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace stemma::http {
namespace {

using Headers = std::map<std::string, std::string>;

constexpr std::string_view kLocal = "127.0.0.1";

int refused(const std::string& method, Headers headers, bool has_body = false, std::string_view local = kLocal) {
    Request header;
    header.method = method;
    header.headers = std::move(headers);
    const auto answer = refuse_foreign(header, has_body, local);
    return answer ? answer->status : 0;
}

int refused_host(const std::string& host, std::string_view local = kLocal) { return refused("GET", {{"host", host}}, false, local); }

/// A command without a body from a page of `origin` to `host`.
int refused_origin(const std::string& origin, const std::string& host) { return refused("POST", {{"host", host}, {"origin", origin}}); }

std::string member(const Response& response, const char* name) {
    return std::string{boost::json::parse(response.body).at(name).as_string().c_str()};
}

TEST(HostGuard, takes_loopback_names_and_addresses_with_any_port) {
    for (const char* host :
         {"localhost", "LocalHost", "localhost:7430", "localhost:1", "127.0.0.1", "127.0.0.1:7430", "127.0.0.0", "127.255.255.255:80",
          "127.0.1.1", "[::1]", "[::1]:7430", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "localhost:"})
        EXPECT_EQ(refused_host(host), 0) << host;
}

TEST(HostGuard, refuses_every_other_name_and_address) {
    for (const char* host :
         {"evil.example", "evil.example:7430", "localhost.evil.example", "evil.localhost", "localhost.", "127.0.0.1.evil.example",
          "126.255.255.255", "128.0.0.0", "0.0.0.0", "192.0.2.1", "[::]", "[::2]", "[::ffff:128.0.0.1]", "[2001:db8::1]"})
        EXPECT_EQ(refused_host(host), 421) << host;
}

TEST(HostGuard, refuses_what_is_no_host) {
    for (const char* host : {"",
                             ":7430",
                             "[::1",
                             "::1",
                             "::1:7430",
                             "[localhost]",
                             "[127.0.0.1]",
                             "[]",
                             "[::1]7430",
                             "[::1]x",
                             "localhost:x",
                             "localhost:-1",
                             "localhost:7430:1",
                             "user@localhost",
                             "localhost/",
                             "http://localhost",
                             "127.1",
                             "2130706433",
                             "0x7f.0.0.1",
                             "localhost ",
                             " localhost",
                             "localhost,evil.example"})
        EXPECT_EQ(refused_host(host), 421) << '\'' << host << '\'';
}

TEST(HostGuard, takes_the_address_that_the_connection_came_in_on) {
    EXPECT_EQ(refused_host("192.0.2.7", "192.0.2.7"), 0);
    EXPECT_EQ(refused_host("192.0.2.7:7430", "192.0.2.7"), 0);
    EXPECT_EQ(refused_host("192.0.2.7", "::ffff:192.0.2.7"), 0);  // a listener on [::] is told so
    EXPECT_EQ(refused_host("[2001:DB8:0::7]:7430", "2001:db8::7"), 0);
    EXPECT_EQ(refused_host("[fe80::1]", "fe80::1%eth0"), 0);
    EXPECT_EQ(refused_host("localhost", "192.0.2.7"), 0);
    EXPECT_EQ(refused_host("192.0.2.8", "192.0.2.7"), 421);
    EXPECT_EQ(refused_host("[2001:db8::8]", "2001:db8::7"), 421);
    EXPECT_EQ(refused_host("stemma.example", "192.0.2.7"), 421);
    EXPECT_EQ(refused_host("", ""), 421);
    EXPECT_EQ(refused_host("192.0.2.7", ""), 421);
}

TEST(HostGuard, lets_http_1_0_go_without_a_host) { EXPECT_EQ(refused("GET", {}), 0); }

TEST(HostGuard, says_what_to_ask_for) {
    Request header;
    header.method = "GET";
    header.headers["host"] = "evil.example:7430";
    const auto answer = refuse_foreign(header, false, kLocal);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->content_type, "application/problem+json");
    EXPECT_EQ(member(*answer, "type"), "/problems/wrong_host");
    EXPECT_EQ(member(*answer, "detail"), "'evil.example:7430' is not a name of this Stemma");
    EXPECT_EQ(member(*answer, "pointer"), "Host");
    EXPECT_EQ(member(*answer, "hint"),
              "ask for localhost, 127.0.0.1, [::1] or the IP address in daemon.address; a proxy in front sends one of these as Host");
}

TEST(OriginGuard, takes_pages_of_the_same_host_and_port) {
    EXPECT_EQ(refused_origin("http://localhost:7430", "localhost:7430"), 0);
    EXPECT_EQ(refused_origin("http://127.0.0.1:7430", "127.0.0.1:7430"), 0);
    EXPECT_EQ(refused_origin("http://[::1]:7430", "[::1]:7430"), 0);
    EXPECT_EQ(refused_origin("HTTP://LOCALHOST:7430", "localhost:7430"), 0);
    EXPECT_EQ(refused_origin("http://localhost", "localhost"), 0);
    EXPECT_EQ(refused_origin("http://localhost", "localhost:80"), 0);
    EXPECT_EQ(refused_origin("http://localhost:80", "localhost"), 0);
    EXPECT_EQ(refused_origin("https://localhost", "localhost:443"), 0);
    EXPECT_EQ(refused_origin("https://localhost", "localhost"), 0);  // a proxy ends TLS
}

TEST(OriginGuard, refuses_pages_of_another_host_or_port) {
    for (const char* origin :
         {"http://evil.example", "https://evil.example:7430", "http://localhost", "http://localhost:7431", "https://localhost",
          "http://127.0.0.1:7430", "http://[::1]:7430", "http://localhost.evil.example:7430", "null", "", "localhost:7430", "file://",
          "file://localhost:7430", "chrome-extension://localhost:7430", "http://", "http://localhost:7430/",
          "http://localhost:7430 http://evil.example", "http://user@localhost:7430", "http:localhost:7430"})
        EXPECT_EQ(refused_origin(origin, "localhost:7430"), 403) << origin;
}

TEST(OriginGuard, refuses_an_origin_where_no_host_is_named) { EXPECT_EQ(refused("POST", {{"origin", "http://localhost"}}), 403); }

TEST(OriginGuard, goes_by_what_browsers_say_of_the_site) {
    const auto from = [](const char* site) { return refused("POST", {{"host", "localhost"}, {"sec-fetch-site", site}}); };
    EXPECT_EQ(from("same-origin"), 0);
    EXPECT_EQ(from("none"), 0);  // a person, not a page
    EXPECT_EQ(from("cross-site"), 403);
    EXPECT_EQ(from("same-site"), 403);  // another port of this machine
    EXPECT_EQ(refused("POST", {{"host", "localhost"}, {"origin", "http://localhost"}, {"sec-fetch-site", "cross-site"}}), 403);
    EXPECT_EQ(refused("POST", {{"host", "localhost"}, {"origin", "http://evil.example"}, {"sec-fetch-site", "same-origin"}}), 403);
}

TEST(OriginGuard, minds_every_method_that_may_change_something_and_no_other) {
    const Headers foreign{{"host", "localhost"}, {"origin", "http://evil.example"}, {"sec-fetch-site", "cross-site"}};
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "MERGE", "get", ""}) EXPECT_EQ(refused(method, foreign), 403) << method;
    for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"}) EXPECT_EQ(refused(method, foreign), 0) << method;
}

TEST(OriginGuard, minds_a_wrong_host_first) {
    EXPECT_EQ(refused("POST", {{"host", "evil.example"}, {"origin", "http://evil.example"}}), 421);
}

TEST(OriginGuard, names_the_page) {
    Request header;
    header.method = "POST";
    header.headers = {{"host", "localhost:7430"}, {"origin", "http://evil.example"}};
    const auto answer = refuse_foreign(header, false, kLocal);
    ASSERT_TRUE(answer);
    EXPECT_EQ(member(*answer, "type"), "/problems/foreign_origin");
    EXPECT_EQ(member(*answer, "detail"), "a page of another site ('http://evil.example') may not change anything");
    EXPECT_EQ(member(*answer, "pointer"), "Origin");
    header.headers = {{"host", "localhost:7430"}, {"sec-fetch-site", "cross-site"}};
    EXPECT_EQ(member(*refuse_foreign(header, false, kLocal), "pointer"), "Sec-Fetch-Site");
}

TEST(BodyGuard, takes_json_alone) {
    const auto with = [](const char* type) { return refused("POST", {{"host", "localhost"}, {"content-type", type}}, true); };
    for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
                             "application/json ; charset=utf-8", "application/x-ndjson", "application/x-ndjson; charset=utf-8"})
        EXPECT_EQ(with(type), 0) << type;
    for (const char* type :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "application/xml",
          "text/plain; application/json", "text/plain, application/json", "application", "json", ";", ""})
        EXPECT_EQ(with(type), 415) << type;
    EXPECT_EQ(refused("POST", {{"host", "localhost"}}, true), 415);
}

TEST(BodyGuard, asks_for_no_type_where_there_is_no_body) {
    EXPECT_EQ(refused("POST", {{"host", "localhost"}}), 0);
    EXPECT_EQ(refused("POST", {{"host", "localhost"}, {"content-type", "text/plain"}}), 0);
}

TEST(BodyGuard, passes_over_the_body_of_a_request_that_only_reads) { EXPECT_EQ(refused("GET", {{"host", "localhost"}}, true), 0); }

TEST(BodyGuard, says_what_to_send) {
    Request header;
    header.method = "POST";
    header.headers = {{"host", "localhost"}, {"content-type", "text/plain"}};
    const auto answer = refuse_foreign(header, true, kLocal);
    ASSERT_TRUE(answer);
    EXPECT_EQ(member(*answer, "type"), "/problems/unsupported_media_type");
    EXPECT_EQ(member(*answer, "detail"), "a body of type 'text/plain' is not taken");
    EXPECT_EQ(member(*answer, "pointer"), "Content-Type");
    EXPECT_EQ(member(*answer, "hint"), "send JSON, and say so: Content-Type: application/json");
    header.headers.erase("content-type");
    EXPECT_EQ(member(*refuse_foreign(header, true, kLocal), "detail"), "the body comes without a Content-Type");
}

}  // namespace
}  // namespace stemma::http
