// recall attribute: what the options ask the API for.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/cli/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::cli {
namespace {

/// Answers everything with an empty attribution and keeps what it was sent.
class Echo final : public Transport {
public:
    explicit Echo(std::vector<http::Request>& asked) : asked_{asked} {}
    Result<http::Response> send(http::Request request) override {
        asked_.push_back(std::move(request));
        return http::Response{200, "application/json", R"({"asOf":5,"hypotheses":[]})", {}};
    }

private:
    std::vector<http::Request>& asked_;
};

class Attribute : public testing::Test {
protected:
    Attribute() {
        std::ofstream{folder.file("stemma.yaml")} << "daemon: {port: 0}\n";
        offline.open = [this](const config::Settings&) -> Result<std::unique_ptr<Transport>> { return std::make_unique<Echo>(asked); };
    }
    ExitCode run(std::vector<std::string> words) {
        words.insert(words.begin(), {"recall", "attribute"});
        words.insert(words.end(), {"--config", folder.file("stemma.yaml")});
        return cli::run(words, Screen{in, out, err, {}}, offline, "1.2.3");
    }

    test::TempFolder folder;
    Offline offline;
    std::vector<http::Request> asked;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(Attribute, asks_as_the_options_say) {
    EXPECT_EQ(run({"A",       "B",          "--product", "P",    "--product",    "Q", "--from",     "2026-03-01",
                   "--to",    "2026-03-31", "--alpha",   "0.01", "--failed-min", "4", "--inferred", "--no-conditions",
                   "--as-of", "5",          "--limit",   "7"}),
              ExitCode::done);
    EXPECT_EQ(asked.at(0).method, "POST");
    EXPECT_EQ(asked.at(0).path, "/api/v1/recalls/attribute");
    EXPECT_EQ(asked.at(0).body,
              R"({"failed":["A","B"],"population":{"products":["P","Q"],"from":"2026-03-01","to":"2026-03-31"},"asOf":5,"alpha":1E-2,)"
              R"("failedMin":4,"limit":7,"inferred":true,"conditions":false})");
    EXPECT_EQ(run({"A"}), ExitCode::done);
    EXPECT_EQ(asked.at(1).body, R"({"failed":["A"]})");
}

TEST_F(Attribute, asks_as_of_a_time_too) {
    EXPECT_EQ(run({"A", "--as-of", "2026-03-03"}), ExitCode::done);
    EXPECT_EQ(asked.at(0).body, R"({"failed":["A"],"asOf":"2026-03-03"})");
}

TEST_F(Attribute, compares_with_the_items_of_a_file_one_a_line) {
    in.str(
        "\xEF\xBB\xBF"
        "C\n D \r\n\nE");
    EXPECT_EQ(run({"A", "--among", "-"}), ExitCode::done);
    EXPECT_EQ(asked.at(0).body, R"({"failed":["A"],"population":{"items":["C","D","E"]}})");
}

TEST_F(Attribute, refuses_what_it_cannot_ask) {
    EXPECT_EQ(run({"A", "--alpha", "0"}), ExitCode::usage);
    EXPECT_EQ(run({"A", "--alpha", "x"}), ExitCode::usage);
    EXPECT_EQ(run({}), ExitCode::usage);
    EXPECT_EQ(run({"A", "--among", folder.file("none")}), ExitCode::usage);
    in.str(" \n\n");
    EXPECT_EQ(run({"A", "--among", "-"}), ExitCode::usage);
    EXPECT_TRUE(err.str().contains("names no item to compare with")) << err.str();
    EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace stemma::cli
