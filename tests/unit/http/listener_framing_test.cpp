// Where a request begins and ends: RFC 9112 sections 3.2, 6 and 7, and the limits of header and body. What two programs could read in two
// ways is refused, for a proxy in front might read it the other way.
#include <fmt/format.h>

#include <thread>

#include "tests/unit/http/raw_client.hpp"

namespace stemma::http::test {
namespace {

class ListenerFraming : public ListenerTest {
protected:
    ListenerFraming() { start(quick()); }

    void expect_refused(std::string_view request, int status, std::string_view detail) const {
        RawClient one = client();
        one.send(request);
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, status) << request;
        EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
        EXPECT_EQ(answer.member("detail"), detail) << request;
        if (answer.header.starts_with("HTTP/1.1")) {  // over HTTP/1.0 it goes without saying
            EXPECT_EQ(answer.field("Connection"), "close");
        }
        EXPECT_TRUE(one.closed()) << request;
    }
};

/// A GET whose header, with the empty line that ends it, has so many bytes.
std::string get_of_size(std::size_t bytes) {
    const std::string begin = "GET /echo/x HTTP/1.1\r\nHost: localhost\r\nX-Fill: ";
    return begin + std::string(bytes - begin.size() - 4, 'f') + "\r\n\r\n";
}

TEST_F(ListenerFraming, takes_a_header_at_the_limit) { EXPECT_EQ(ask(get_of_size(1024)).status, 200); }

TEST_F(ListenerFraming, refuses_a_header_one_byte_past_the_limit) {
    expect_refused(get_of_size(1025), 431, "the request's header exceeds 1024 bytes");
}

TEST_F(ListenerFraming, counts_the_first_line_to_the_header) {
    const std::string path = "/echo/" + std::string(600, 'p');
    EXPECT_EQ(ask(get(path, "X-Fill: " + std::string(300, 'f') + "\r\n")).status, 200);
    EXPECT_EQ(ask(get(path, "X-Fill: " + std::string(600, 'f') + "\r\n")).status, 431);
}

TEST_F(ListenerFraming, refuses_a_header_that_never_ends) {
    EXPECT_EQ(ask("GET /echo/x HTTP/1.1\r\n" + std::string(5000, 'h')).status, 431);
}

TEST_F(ListenerFraming, takes_a_body_at_the_limit) { EXPECT_EQ(ask(post("/size", std::string(1000, 'b'))).body, "1000"); }

TEST_F(ListenerFraming, refuses_a_body_one_byte_past_the_limit) {
    expect_refused(post("/size", std::string(1001, 'b')), 413, "the body exceeds 1000 bytes");
}

TEST_F(ListenerFraming, refuses_a_length_past_the_limit_before_the_body_comes) {
    expect_refused("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n", 413,
                   "the body exceeds 1000 bytes");
}

TEST_F(ListenerFraming, takes_chunks_up_to_the_limit_in_sum) {
    const std::string half(500, 'c');
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  chunk(half) + chunk(half) + chunk(""))
                  .body,
              "1000");
}

TEST_F(ListenerFraming, refuses_chunks_one_byte_past_the_limit_in_sum) {
    const std::string half(500, 'c');
    expect_refused("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
                       chunk(half) + chunk(half) + chunk("c") + chunk(""),
                   413, "the body exceeds 1000 bytes");
}

TEST_F(ListenerFraming, takes_lines_of_json_up_to_a_limit_of_their_own) {
    const auto lines = [](std::size_t bytes) {
        return fmt::format(
            "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: Application/X-NDJSON; charset=utf-8\r\n"
            "Content-Length: {}\r\n\r\n{}",
            bytes, std::string(bytes, 'l'));
    };
    const auto chunked = [](std::size_t bytes) {
        return "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n" +
               chunk(std::string(bytes - 1, 'c')) + chunk("c") + chunk("");
    };
    EXPECT_EQ(ask(lines(3000)).body, "3000");
    EXPECT_EQ(ask(chunked(3000)).body, "3000");
    for (const std::string& request : {lines(3001), chunked(3001)}) {
        const RawAnswer answer = ask(request);
        EXPECT_EQ(answer.status, 413);
        EXPECT_EQ(answer.member("detail"), "the body exceeds 3000 bytes");
        EXPECT_EQ(answer.member("hint"), "limits.batch_bytes_max in stemma.yaml sets the limit; send less at once");
    }
}

TEST_F(ListenerFraming, says_how_to_raise_the_limit_of_a_body) {
    EXPECT_EQ(ask(post("/size", std::string(1001, 'b'))).member("hint"),
              "limits.body_bytes_max in stemma.yaml sets the limit; send less at once");
}

TEST_F(ListenerFraming, lets_a_peer_read_the_refusal_of_what_it_still_sends) {
    RawClient one = client();
    one.send("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3500\r\n\r\n");
    for (int i = 0; i < 7; ++i) {
        one.send(std::string(500, 'b'));
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    EXPECT_EQ(one.answer().status, 413);
}

TEST_F(ListenerFraming, refuses_a_body_that_is_cut_short) {
    RawClient one = client();
    one.send("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\nhello");
    one.end_sending();
    const RawAnswer answer = one.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.member("detail"), "the request ends before its body is complete");
    EXPECT_EQ(answer.member("hint"), "the body is shorter than its Content-Length, or a chunk was cut");
}

TEST_F(ListenerFraming, refuses_a_chunk_that_is_cut_short) {
    for (const char* rest : {"5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5"}) {
        RawClient one = client();
        one.send(
            std::string{"POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"} +
            rest);
        one.end_sending();
        const RawAnswer answer = one.answer();
        EXPECT_EQ(answer.status, 400) << rest;
        EXPECT_EQ(answer.member("detail"), "the request ends before its body is complete") << rest;
    }
}

TEST_F(ListenerFraming, refuses_a_header_that_is_cut_short) {
    RawClient one = client();
    one.send("GET /echo/x HTTP/1.1\r\nHos");
    one.end_sending();
    const RawAnswer answer = one.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.member("detail"), "the request ends before its header is complete");
}

TEST_F(ListenerFraming, refuses_a_length_beside_chunks_in_either_order) {
    for (const char* fields :
         {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"}) {
        const RawAnswer answer = ask(fmt::format("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{}\r\n{}{}",
                                                 fields, chunk("hello"), chunk("")));
        EXPECT_EQ(answer.status, 400) << fields;
        EXPECT_EQ(answer.field("Connection"), "close") << fields;
    }
}

TEST_F(ListenerFraming, refuses_encodings_other_than_chunked) {
    for (const char* encoding :
         {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "xchunked", "chunked\r\nTransfer-Encoding: chunked"}) {
        const RawAnswer answer =
            ask(fmt::format("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: {}\r\n\r\n{}{}",
                            encoding, chunk("hello"), chunk("")));
        EXPECT_EQ(answer.status, 400) << encoding;
    }
    expect_refused("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
                   400, "the only Transfer-Encoding understood is 'chunked'");
}

TEST_F(ListenerFraming, refuses_an_encoding_with_a_length) {
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\nContent-Length: "
                  "5\r\n\r\nhello")
                  .status,
              400);
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: "
                  "gzip\r\n\r\nhello")
                  .status,
              400);
}

TEST_F(ListenerFraming, takes_chunked_in_any_case) {
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: Chunked\r\n\r\n" +
                  chunk("hello") + chunk(""))
                  .body,
              "5");
}

TEST_F(ListenerFraming, refuses_chunks_over_http_1_0) {
    expect_refused(
        "POST /size HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("hello") + chunk(""), 400,
        "Transfer-Encoding needs HTTP/1.1");
}

TEST_F(ListenerFraming, refuses_two_lengths_that_differ) {
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\nContent-Length: "
                  "6\r\n\r\nhello!")
                  .status,
              400);
    EXPECT_EQ(ask("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5, 6\r\n\r\nhello!").status,
              400);
}

TEST_F(ListenerFraming, refuses_a_length_that_is_no_number) {
    for (const char* length : {"-1", "+5", "0x5", "5 5", "five", "", "99999999999999999999999"})
        EXPECT_EQ(
            ask(fmt::format("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\nhello",
                            length))
                .status,
            400)
            << length;
}

TEST_F(ListenerFraming, refuses_a_size_of_a_chunk_that_is_no_number) {
    for (const char* size : {"-5", "0x5", "five", "FFFFFFFFFFFFFFFFF"})
        EXPECT_EQ(ask(fmt::format("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n{}\r\nhello\r\n0\r\n\r\n",
                                  size))
                          .status /
                      100,
                  4)
            << size;
}

TEST_F(ListenerFraming, needs_exactly_one_host_over_http_1_1) {
    expect_refused("GET /echo/x HTTP/1.1\r\n\r\n", 400, "an HTTP/1.1 request has exactly one Host");
    expect_refused("GET /echo/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "an HTTP/1.1 request has exactly one Host");
    EXPECT_EQ(ask("GET /echo/x HTTP/1.0\r\n\r\n").status, 200);
}

TEST_F(ListenerFraming, answers_what_is_no_http_with_400) {
    for (const std::string& bytes :
         {std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n", 15}, std::string{"hello\r\n\r\n"},
          std::string{"GET /echo/x\r\n\r\n"}, std::string{"GET /echo/x HTTP/2.0\r\nHost: a\r\n\r\n"},
          std::string{"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"}, std::string{"GET / HTTP/1.1\r\nHost : a\r\n\r\n"}})
        EXPECT_EQ(ask(bytes).status, 400) << bytes;
}

TEST_F(ListenerFraming, asks_for_the_body_of_who_waits_to_send_it) {
    RawClient one = client();
    one.send(
        "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(one.answer().status, 100);
    one.send("hello");
    const RawAnswer answer = one.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "5");
}

TEST_F(ListenerFraming, refuses_a_body_that_is_too_large_instead_of_asking_for_it) {
    RawClient one = client();
    one.send(
        "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(one.answer().status, 413);
}

TEST_F(ListenerFraming, passes_over_an_expectation_of_http_1_0) {
    EXPECT_EQ(ask("POST /size HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello").status,
              200);
}

}  // namespace
}  // namespace stemma::http::test
