#include "core/cli/exit_code.hpp"

#include <gtest/gtest.h>

#include "adapters/http/http.hpp"

namespace stemma::cli {
namespace {

TEST(ExitCodes, have_the_numbers_of_the_manual) {
    EXPECT_EQ(static_cast<int>(ExitCode::done), 0);
    EXPECT_EQ(static_cast<int>(ExitCode::no), 1);
    EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
    EXPECT_EQ(static_cast<int>(ExitCode::unreachable), 3);
    EXPECT_EQ(static_cast<int>(ExitCode::broken), 4);
}

TEST(ExitCodes, tell_the_caller_s_mistakes_from_ours) {
    for (const Errc code : {Errc::invalid_input, Errc::not_found, Errc::conflict, Errc::too_large, Errc::config})
        EXPECT_EQ(exit_code_of(code), ExitCode::usage);
    EXPECT_EQ(exit_code_of(Errc::unavailable), ExitCode::unreachable);
    for (const Errc code : {Errc::storage, Errc::internal}) EXPECT_EQ(exit_code_of(code), ExitCode::broken);
    EXPECT_EQ(exit_code_of(Errc::plugin), ExitCode::no);  // the set was refused when it was to be loaded
}

TEST(ExitCodes, are_the_same_for_an_error_and_for_its_problem_document) {
    for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
        const auto code = static_cast<Errc>(i);
        if (code == Errc::plugin) continue;  // a document with 500 is a plugin that failed in service
        EXPECT_EQ(exit_code_of(std::string{"/problems/"} + to_string(code), http::status_of(code)), exit_code_of(code)) << to_string(code);
    }
}

TEST(ExitCodes, of_a_refusal_and_of_a_verdict_that_was_not_reached_are_no) {
    EXPECT_EQ(exit_code_of("/problems/refused", 422), ExitCode::no);
    EXPECT_EQ(exit_code_of("/problems/undecided", 422), ExitCode::no);
    EXPECT_EQ(exit_code_of("/problems/plugin", 422), ExitCode::no);  // enabling a plugin that cannot be loaded
    EXPECT_EQ(exit_code_of("/problems/plugin", 500), ExitCode::broken);
}

TEST(ExitCodes, go_by_the_status_where_the_type_is_not_known) {
    EXPECT_EQ(exit_code_of("", 200), ExitCode::done);
    EXPECT_EQ(exit_code_of("", 399), ExitCode::done);
    EXPECT_EQ(exit_code_of("", 400), ExitCode::usage);
    EXPECT_EQ(exit_code_of("about:blank", 404), ExitCode::usage);
    EXPECT_EQ(exit_code_of("", 408), ExitCode::unreachable);
    EXPECT_EQ(exit_code_of("", 422), ExitCode::no);
    EXPECT_EQ(exit_code_of("", 429), ExitCode::unreachable);
    EXPECT_EQ(exit_code_of("", 500), ExitCode::broken);
    EXPECT_EQ(exit_code_of("", 501), ExitCode::broken);
    EXPECT_EQ(exit_code_of("", 502), ExitCode::unreachable);
    EXPECT_EQ(exit_code_of("", 504), ExitCode::unreachable);
    EXPECT_EQ(exit_code_of("", 505), ExitCode::broken);
}

}  // namespace
}  // namespace stemma::cli
