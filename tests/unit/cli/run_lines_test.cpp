// Files of one record a line, and a daemon that is too busy.
#include <fmt/format.h>

#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

TEST_F(Run, sends_a_file_of_lines_in_batches_with_a_key_for_each) {
    std::string lines;
    for (int i = 0; i < 10'001; ++i) lines += fmt::format("{{\"n\":{}}}\n", i);
    write("events.ndjson", lines);
    const auto send = [&] {
        script.asked.clear();
        answer(201, R"({"first":0,"count":10000,"replayed":true})");
        answer(201, R"({"first":10000,"count":1,"replayed":false})");
        return run({"event", "capture", folder.file("events.ndjson"), "--reason", "old data"});
    };
    EXPECT_EQ(send(), ExitCode::done);
    EXPECT_EQ(out.str(), "Recorded: 10,001 records in 2 batches, 10,000 of them before.\n");
    ASSERT_EQ(script.asked.size(), 2U);
    EXPECT_EQ(script.asked[0].body + script.asked[1].body, lines);
    EXPECT_EQ(script.asked[1].body, "{\"n\":10000}\n");
    EXPECT_EQ(script.asked[1].header("content-type"), "application/x-ndjson");
    EXPECT_EQ(script.asked[1].parameter("reason"), "old data");
    const std::string first{script.asked[0].header("idempotency-key")};
    const std::string second{script.asked[1].header("idempotency-key")};
    EXPECT_NE(first, second);
    EXPECT_EQ(send(), ExitCode::done);
    EXPECT_EQ(script.asked[0].header("idempotency-key"), first);
    EXPECT_EQ(script.asked[1].header("idempotency-key"), second);
    lines[5] = '7';
    write("events.ndjson", lines);
    EXPECT_EQ(send(), ExitCode::done);
    EXPECT_NE(script.asked[1].header("idempotency-key"), second) << "of the whole text before it";
}

TEST_F(Run, names_the_line_of_the_file_when_a_later_batch_is_bad) {
    std::string lines;
    for (int i = 0; i < 10'003; ++i) lines += "{}\n";
    in.str(lines);
    answer(201, R"({"first":0,"count":10000,"replayed":false})");
    answer(400, R"({"type":"/problems/invalid_input","detail":"the quantity -1 is not positive","pointer":"line 2: /quantity"})");
    EXPECT_EQ(run({"event", "capture", "-", "--lines", "--idempotency-key", "k", "--json"}), ExitCode::usage);
    EXPECT_EQ(script.asked[1].header("idempotency-key"), "k-2");
    EXPECT_NE(err.str().find("line 10002: /quantity: the quantity -1 is not positive"), std::string::npos) << err.str();
    EXPECT_NE(err.str().find("10,000 records of the lines before are recorded"), std::string::npos) << err.str();
    EXPECT_NE(out.str().find("line 10002: /quantity"), std::string::npos) << out.str();
}

TEST_F(Run, passes_over_the_byte_order_mark_of_a_file) {
    in.str(
        "\xEF\xBB\xBF"
        "{}\n");
    answer(201, R"({"first":0,"count":1,"replayed":false})");
    EXPECT_EQ(run({"event", "capture", "-", "--lines"}), ExitCode::done);
    EXPECT_EQ(script.asked.at(0).body, "{}\n");
}

TEST_F(Run, has_nothing_to_record_of_a_file_of_empty_lines) {
    in.str("\n\n");
    EXPECT_EQ(run({"master", "capture", "-", "--lines"}), ExitCode::usage);
    EXPECT_TRUE(script.asked.empty());
}

TEST_F(Run, sends_again_while_the_daemon_is_too_busy_but_not_for_ever) {
    const auto busy = [&](int times) {
        for (int i = 0; i < times; ++i)
            script.answers.push_back(
                {429, "application/problem+json", R"({"type":"/problems/busy","detail":"busy"})", {{"Retry-After", "0"}}});
    };
    busy(5);
    answer(200, R"({"items":[]})");
    EXPECT_EQ(run({"search", "X"}), ExitCode::done);
    EXPECT_EQ(script.asked.size(), 6U);
    script.asked.clear();
    busy(6);
    EXPECT_EQ(run({"search", "X"}), ExitCode::unreachable);
    EXPECT_EQ(script.asked.size(), 6U);
}

}  // namespace
}  // namespace stemma::cli
