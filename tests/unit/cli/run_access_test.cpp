// login, tokens and signatures on the command line: what is asked, what is kept, what is never shown.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "core/base/digest.hpp"
#include "core/cli/token_file.hpp"
#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

namespace fs = std::filesystem;

class RunAccess : public Run {
protected:
    void SetUp() override {
        Run::SetUp();
        setenv("XDG_CONFIG_HOME", folder.file("config").c_str(), 1);
        unsetenv("STEMMA_TOKEN");
    }
    void TearDown() override {
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("STEMMA_TOKEN");
    }
    std::string bearer(std::size_t request) { return std::string{script.asked.at(request).header("authorization")}; }
    static boost::json::value json(const std::string& text) { return boost::json::parse(text); }
};

TEST_F(RunAccess, login_sends_the_line_of_standard_input_and_keeps_the_token_for_its_owner_alone) {
    in.str("five quiet herons wade\nnot this\n");
    answer(201, R"({"user":"ada","token":"stm_1","expiresAt":"2026-11-22T05:00:00Z","roles":["auditor"]})");
    EXPECT_EQ(run({"login", "ada"}), ExitCode::done) << err.str();
    EXPECT_EQ(script.asked[0].path, "/api/v1/login");
    EXPECT_EQ(json(script.asked[0].body), json(R"({"user":"ada","password":"five quiet herons wade"})"));
    EXPECT_EQ(out.str().find("stm_1"), std::string::npos);
    const fs::path file = folder.file("config/stemma/token");
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    answer(200, R"({"tokens":[]})");
    EXPECT_EQ(run({"token", "list"}), ExitCode::done);
    EXPECT_EQ(bearer(1), "Bearer stm_1");
    answer(200, "{}");
    EXPECT_EQ(run({"logout"}), ExitCode::done);
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(RunAccess, refuses_a_token_file_that_others_may_read) {
    ASSERT_TRUE(write_token_file("stm_1"));
    fs::permissions(folder.file("config/stemma/token"), fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(run({"token", "list"}), ExitCode::usage);
    EXPECT_TRUE(script.asked.empty());
    EXPECT_NE(err.str().find("chmod 600"), std::string::npos) << err.str();
}

TEST_F(RunAccess, takes_the_option_before_the_environment_before_the_file) {
    ASSERT_TRUE(write_token_file("stm_file"));
    setenv("STEMMA_TOKEN", "stm_environment", 1);
    for (int i = 0; i < 2; ++i) answer(200, R"({"tokens":[]})");
    EXPECT_EQ(run({"token", "list"}), ExitCode::done);
    EXPECT_EQ(run({"token", "list", "--token", "stm_option"}), ExitCode::done);
    EXPECT_EQ(bearer(0), "Bearer stm_environment");
    EXPECT_EQ(bearer(1), "Bearer stm_option");
}

TEST_F(RunAccess, sends_what_it_is_told_of_users_and_tokens) {
    in.str("five quiet herons wade\n");
    answer(201, R"({"name":"ben"})");
    EXPECT_EQ(run({"user", "add", "ben", "--role", "quality", "--role", "operator", "--reason", "new"}), ExitCode::done) << err.str();
    EXPECT_EQ(json(script.asked[0].body),
              json(R"({"name":"ben","password":"five quiet herons wade","roles":["quality","operator"],"reason":"new"})"));
    answer(201, R"({"token":"stm_2","id":"1f2e3d4c","expiresAt":"2027-11-22T05:00:00Z"})");
    EXPECT_EQ(run({"token", "new", "line-3", "--role", "operator", "--group", "events", "--days", "365"}), ExitCode::done);
    EXPECT_EQ(json(script.asked[1].body), json(R"({"name":"line-3","roles":["operator"],"groups":["events"],"days":365})"));
    EXPECT_TRUE(out.str().starts_with("stm_2\n")) << out.str();
    answer(200, R"({"name":"ben"})");
    EXPECT_EQ(run({"user", "disable", "ben"}), ExitCode::done);
    EXPECT_EQ(script.asked[2].path, "/api/v1/users/ben");
    EXPECT_EQ(json(script.asked[2].body), json(R"({"disabled":true})"));
}

TEST_F(RunAccess, signs_what_the_api_wants_signed_with_the_password_of_who_is_signed_in) {
    in.str("five quiet herons wade\n");
    answer(428, R"({"type":"/problems/signature_required","status":428,"detail":"cases.act has to be signed",)"
                R"("sign":{"command":"cases.act","digest":"abc","said":"{}","meanings":["approval"],"secondPerson":true}})");
    answer(200, R"({"actor":"user:ada","user":"ada"})");
    answer(202, R"({"approval":"1f2e3d4c","command":"cases.act","digest":"abc","until":"2026-11-25T04:00:00Z"})");
    EXPECT_EQ(run({"case", "do", "rma-1", "authorise", "--reason", "broken", "--sign", "approval"}), ExitCode::done) << err.str();
    ASSERT_EQ(script.asked.size(), 3U);
    EXPECT_EQ(script.asked[2].body, script.asked[0].body);
    const std::string offer = from_base64(script.asked[2].header("stemma-signature")).value();
    EXPECT_EQ(json(offer),
              json(R"({"user":"ada","secret":"five quiet herons wade","meaning":"approval","reason":"broken","digest":"abc"})"));
    EXPECT_NE(out.str().find("stemma approval approve 1f2e3d4c"), std::string::npos) << out.str();
}

TEST_F(RunAccess, tells_what_is_to_be_signed_where_it_was_not_asked_to_sign) {
    answer(428,
           R"({"type":"/problems/signature_required","status":428,"detail":"cases.act has to be signed","hint":"add --sign MEANING"})");
    EXPECT_EQ(run({"case", "do", "rma-1", "authorise"}), ExitCode::usage);
    EXPECT_EQ(script.asked.size(), 1U);
    EXPECT_NE(err.str().find("--sign MEANING"), std::string::npos);
}

}  // namespace
}  // namespace stemma::cli
