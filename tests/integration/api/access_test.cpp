// Users, tokens and rights over the API. Who may what is read from the manual's tables, not from the sources.
#include "core/domain/access.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/integration/api/stemma_under_test.hpp"

namespace stemma::http::test {
namespace {

const char* const kCheapHashes = "access: {hash_passes: 1, hash_bytes: 8192, tries_per_minute: 5, session: 30m}\n";
const std::string kPhrase = "five quiet herons wade";

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::size_t at = 1;
    for (std::size_t end = line.find('|', at); end != std::string::npos; end = line.find('|', at = end + 1)) {
        std::string cell = line.substr(at, end - at);
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(std::move(cell));
    }
    return cells;
}

/// core/docs/roles.md: which roles may use a command, and which routes are one.
struct Manual {
    std::vector<std::string> roles;
    std::map<std::string, std::set<std::string>> allowed;  ///< command -> roles
    std::map<std::string, std::string> command_of;         ///< "GET /api/v1/items" -> command

    Manual() {
        std::ifstream file{STEMMA_SOURCE_DIR "/core/docs/roles.md"};
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("| command | what |")) {
                roles = cells_of(line);
                roles.erase(roles.begin(), roles.begin() + 2);
            }
            if (!line.starts_with("| `")) continue;
            const std::vector<std::string> cells = cells_of(line);
            const std::string command = cells[0].substr(1, cells[0].size() - 2);
            if (cells.size() == roles.size() + 2)
                for (std::size_t i = 0; i < roles.size(); ++i) {
                    if (cells[i + 2] == "yes") allowed[command].insert(roles[i]);
                }
            else if (cells.size() == 2)
                for (std::size_t at = cells[1].find('`'); at != std::string::npos; at = cells[1].find('`', at + 1)) {
                    const std::size_t end = cells[1].find('`', at + 1);
                    command_of[cells[1].substr(at + 1, end - at - 1)] = command;
                    at = end;
                }
        }
    }
};

/// A Stemma with an administrator, as requests from elsewhere meet it.
class Closed : public ::testing::Test {
protected:
    Closed() {
        const Answer added = stemma.post(
            "/api/v1/users",
            quoted("{'name':'ada','password':'" + kPhrase + "','roles':['administrator'],'fullName':'Ada Byron','reason':'the first'}"));
        EXPECT_EQ(added.status, 201) << added.body;
        stemma.come_from("192.0.2.1");
        admin = token_of(stemma.post("/api/v1/login", quoted("{'user':'ada','password':'" + kPhrase + "'}")));
    }

    static Headers token_of(const Answer& answer) { return {{"authorization", "Bearer " + answer.text("/token")}}; }
    Headers token_for(const std::string& role) {
        const Answer made = stemma.post(
            "/api/v1/tokens", fmt::format(R"({{"name":"t-{}","roles":["{}"],"days":1}})", role == "public" ? "p" : role.substr(0, 5), role),
            admin);
        EXPECT_EQ(made.status, 201) << made.body;
        return token_of(made);
    }
    Answer get(std::string_view target, const Headers& who) { return stemma.call("GET", target, {}, who); }

    StemmaUnderTest stemma{false, kCheapHashes};
    Headers admin;
};

TEST(OpenAccess, asks_nobody_while_there_is_no_user) {
    StemmaUnderTest stemma{false, kCheapHashes};
    stemma.come_from("192.0.2.1");
    EXPECT_EQ(stemma.get("/api/v1/items").status, 200);
    EXPECT_EQ(stemma.get("/api/v1/status").text("/access"), "open");
    const Answer me = stemma.call("GET", "/api/v1/me", {}, {{"stemma-actor", "ben"}});
    EXPECT_EQ(me.text("/actor"), "user:ben");
    EXPECT_EQ(me.text("/access"), "open");
    EXPECT_EQ(me.count("/may"), permissions().size());
    EXPECT_EQ(stemma.post("/api/v1/logout").status, 200);
    EXPECT_EQ(stemma.post("/api/v1/users", quoted("{'name':'ben','password':'" + kPhrase + "','roles':['auditor']}")).status, 409);
}

TEST_F(Closed, answers_without_a_token_with_401_and_how_to_get_one) {
    const Answer refused = stemma.get("/api/v1/items");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.text("/type"), "/problems/unauthenticated");
    EXPECT_EQ(refused.headers.at("WWW-Authenticate"), R"(Bearer realm="stemma")");
    EXPECT_EQ(stemma.get("/health/live").status, 200);
    EXPECT_EQ(stemma.get("/api/openapi.json").status, 200);
    EXPECT_EQ(stemma.get("/api/v1/roles").count("/commands"), permissions().size());
    EXPECT_EQ(get("/api/v1/status", admin).text("/access"), "closed");
}

TEST_F(Closed, names_what_it_knows_of_who_asks) {
    const Answer me = get("/api/v1/me", admin);
    EXPECT_EQ(me.text("/actor"), "user:ada");
    EXPECT_EQ(me.text("/roles/0"), "administrator");
    const Headers token =
        token_of(stemma.post("/api/v1/tokens", quoted("{'name':'line-3','roles':['operator'],'groups':['events'],'days':1}"), admin));
    const Answer program = get("/api/v1/me", token);
    EXPECT_EQ(program.text("/actor"), "token:line-3");
    EXPECT_EQ(program.text("/groups/0"), "events");
}

TEST_F(Closed, allows_every_role_what_the_manual_says_and_refuses_the_rest) {
    const Manual manual;
    ASSERT_EQ(manual.roles.size(), kRoles);
    std::size_t tried = 0;
    for (const std::string& role : manual.roles) {
        const Headers who = token_for(role);
        for (const Route& route : stemma.app().router().routes()) {
            const std::string name = route.method + " " + route.pattern;
            ASSERT_TRUE(manual.command_of.contains(name)) << name << " is not in core/docs/roles.md";
            const std::string& command = manual.command_of.at(name);
            std::string path = route.pattern;
            while (path.contains('{')) path.replace(path.find('{'), path.find('}') - path.find('{') + 1, "x");
            const Answer answer = stemma.call(route.method, path, {}, who);
            const bool allowed = manual.allowed.at(command).contains(role);
            EXPECT_NE(answer.status, 401) << role << ": " << name;
            EXPECT_EQ(answer.status != 403, allowed) << role << ": " << name << ": " << answer.body.substr(0, 200);
            EXPECT_EQ(answer.text("/type") == "/problems/forbidden", !allowed) << role << ": " << name;
            ++tried;
        }
    }
    EXPECT_EQ(tried, kRoles * stemma.app().router().routes().size());
    EXPECT_EQ(manual.command_of.size(), stemma.app().router().routes().size()) << "the manual has a route that is not there";
}

TEST_F(Closed, records_under_the_name_that_was_checked_and_not_under_the_headers) {
    Headers who = token_for("operator");
    who["stemma-actor"] = "ada";
    const Answer recorded =
        stemma.post("/api/v1/master", quoted("{'type':'place','id':'urn:example:place:1','kind':'stock','name':'Store'}"), who);
    ASSERT_EQ(recorded.status, 201) << recorded.body;
    EXPECT_EQ(get(fmt::format("/api/v1/ledger/entries/{}", recorded.number("/first")), admin).text("/entry/actor"), "token:t-opera");
}

TEST_F(Closed, lets_the_command_line_with_the_state_folder_in_as_who_runs_it) {
    stemma.come_from("local");
    const Answer me = stemma.get("/api/v1/me");
    EXPECT_EQ(me.status, 200);
    EXPECT_TRUE(me.text("/actor").starts_with("local:")) << me.body;
    EXPECT_EQ(stemma.get("/api/v1/users").count("/users"), 1U);
}

TEST_F(Closed, lists_and_changes_users_without_their_hashes) {
    EXPECT_EQ(stemma.post("/api/v1/users", quoted("{'name':'ben','password':'" + kPhrase + "','roles':['quality']}"), admin).status, 201);
    EXPECT_EQ(stemma.post("/api/v1/users/ben", quoted("{'roles':['auditor'],'fullName':'Ben N.','reason':'moved'}"), admin).status, 200);
    const Answer users = get("/api/v1/users", admin);
    EXPECT_EQ(users.text("/users/1/name"), "ben");
    EXPECT_EQ(users.text("/users/1/fullName"), "Ben N.");
    EXPECT_EQ(users.text("/users/1/roles/0"), "auditor");
    EXPECT_EQ(users.body.find("argon2"), std::string::npos);
    EXPECT_EQ(stemma.post("/api/v1/users/eve", quoted("{'disabled':true}"), admin).status, 404);
    EXPECT_EQ(stemma.post("/api/v1/users/ada", quoted("{'disabled':true}"), admin).status, 409);
    const Answer wrong = stemma.post("/api/v1/users/ben", quoted("{'roles':['auditor','qualitty']}"), admin);
    EXPECT_EQ(wrong.text("/pointer"), "/roles/1");
    EXPECT_EQ(wrong.text("/hint"), "did you mean 'quality'?");
}

TEST_F(Closed, makes_lists_and_revokes_tokens_and_shows_each_once) {
    const Answer made = stemma.post("/api/v1/tokens", quoted("{'name':'line-3','roles':['operator'],'days':1,'reason':'scanner'}"), admin);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.at("Cache-Control"), "no-store");
    const Headers who = token_of(made);
    EXPECT_EQ(get("/api/v1/items", who).status, 200);
    const Answer tokens = get("/api/v1/tokens", admin);
    EXPECT_EQ(tokens.body.find(made.text("/token")), std::string::npos);
    EXPECT_EQ(tokens.count("/tokens"), 2U);  // and the session
    const Answer revoked = stemma.post("/api/v1/tokens/line-3/revoke", quoted("{'reason':'lost'}"), admin);
    EXPECT_EQ(revoked.number("/revoked"), 1);
    const Answer over = get("/api/v1/items", who);
    EXPECT_EQ(over.status, 401);
    EXPECT_EQ(over.headers.at("WWW-Authenticate"), R"(Bearer realm="stemma", error="invalid_token")");
}

TEST_F(Closed, sets_an_own_password_against_the_old_one) {
    const std::string other = "six loud herons wade";
    EXPECT_EQ(stemma.post("/api/v1/me/password", quoted("{'old':'wrong phrase','new':'" + other + "'}"), admin).status, 401);
    EXPECT_EQ(stemma.post("/api/v1/me/password", quoted("{'old':'" + kPhrase + "','new':'" + other + "'}"), admin).status, 200);
    EXPECT_EQ(get("/api/v1/me", admin).status, 401);  // the session ended with the password
    EXPECT_EQ(stemma.post("/api/v1/login", quoted("{'user':'ada','password':'" + other + "'}")).status, 201);
    EXPECT_EQ(stemma
                  .post("/api/v1/me/password", quoted("{'old':'" + kPhrase + "','new':'" + other + "'}"),
                        token_of(stemma.post("/api/v1/login", quoted("{'user':'ada','password':'" + other + "'}"))))
                  .status,
              401);
}

TEST_F(Closed, signs_out) {
    EXPECT_EQ(stemma.post("/api/v1/logout", {}, admin).status, 200);
    EXPECT_EQ(get("/api/v1/me", admin).status, 401);
}

TEST_F(Closed, slows_down_who_guesses_passwords_or_tokens) {
    const std::string wrong = quoted("{'user':'ada','password':'wrong wrong wrong'}");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(stemma.post("/api/v1/login", wrong).status, 401);
    const Answer busy = stemma.post("/api/v1/login", quoted("{'user':'ada','password':'" + kPhrase + "'}"));
    EXPECT_EQ(busy.status, 429);
    EXPECT_GE(std::stoi(busy.headers.at("Retry-After")), 1);
    const Headers guess{{"authorization", "Bearer stm_" + std::string(64, '0') + "_00000000"}};
    int refused = 0;
    for (int i = 0; i < 6; ++i) refused += get("/api/v1/items", guess).status == 429 ? 1 : 0;
    EXPECT_EQ(refused, 2);  // the fifth wrong one is one too many
    EXPECT_EQ(get("/api/v1/items", admin).status, 200);
}

TEST_F(Closed, records_refused_attempts) {
    const Headers who = token_for("auditor");
    EXPECT_EQ(stemma.post("/api/v1/plugins/reload", {}, who).status, 403);
    EXPECT_EQ(stemma.get("/api/v1/users").status, 401);
    stemma.come_from("local");
    stemma.restart();  // what is counted is written
    std::set<std::string> refused;
    const auto size = stemma.get("/api/v1/ledger").number("/size");
    for (std::int64_t i = 0; i < size; ++i) {
        const Answer entry = stemma.get(fmt::format("/api/v1/ledger/entries/{}", i));
        if (entry.text("/entry/system/action") == "refused")
            refused.insert(entry.text("/entry/actor") + " " + entry.text("/entry/system/details/what") + " from " +
                           entry.text("/entry/system/details/from"));
    }
    EXPECT_EQ(refused,
              (std::set<std::string>{"token:t-audit plugins.reload 1 from 192.0.2.1 1", "unknown access.read 1 from 192.0.2.1 1"}));
}

}  // namespace
}  // namespace stemma::http::test
