// A whole run of the command with streams of its own, against an API that answers from a list.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/cli/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::cli {

/// Answers from a list and keeps what was asked.
struct Script {
    std::deque<http::Response> answers;
    std::vector<http::Request> asked;
};

class ScriptTransport : public Transport {
public:
    explicit ScriptTransport(Script& script) : script_{script} {}
    Result<http::Response> send(http::Request request) override {
        script_.asked.push_back(std::move(request));
        if (script_.answers.empty()) return fail(Errc::unavailable, "the connection was closed without an answer");
        http::Response answer = std::move(script_.answers.front());
        script_.answers.pop_front();
        return answer;
    }

private:
    Script& script_;
};

class Run : public testing::Test {
protected:
    void SetUp() override {
        write("stemma.yaml", "daemon: {port: 0}\n");  // no daemon can be found, so the API is "opened" in this process
        offline.open = [this](const config::Settings&) -> Result<std::unique_ptr<Transport>> {
            return std::make_unique<ScriptTransport>(script);
        };
    }

    void write(const std::string& name, const std::string& text) { std::ofstream{folder.file(name)} << text; }
    void answer(int status, std::string body) { script.answers.push_back({status, "application/json", std::move(body), {}}); }

    ExitCode run(std::vector<std::string> words) {
        words.insert(words.end(), {"--config", folder.file("stemma.yaml")});
        out.str("");
        err.str("");
        return cli::run(words, Screen{in, out, err, {}}, offline, "1.2.3");
    }

    test::TempFolder folder;
    Script script;
    Offline offline;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
};

}  // namespace stemma::cli
