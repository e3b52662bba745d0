// erp grants, erp map: what they ask for, what they print.
#include "tests/unit/cli/run_fixture.hpp"

namespace stemma::cli {
namespace {

class ErpSetup : public Run {
protected:
    void SetUp() override {
        Run::SetUp();
        offline.grants = [this](const config::Settings&, const app::GrantsRequest& request) -> Result<std::string> {
            grants = request;
            if (request.login == "pg_x") return fail(Errc::invalid_input, "'pg_x' is no name for a login", {}, "such as stemma_ro");
            return "CREATE ROLE \"x\" LOGIN;\n";
        };
        offline.suggest = [this](const config::Settings&, const app::SuggestRequest& request) -> Result<app::SuggestAnswer> {
            suggest = request;
            app::SuggestAnswer answer{
                .database = "SQLite shop.db", .known = {}, .nearly = {"odoo-18: column a.b: missing"}, .yaml = "mapping: x\n"};
            if (request.database == "odoo" && !request.anyway) {
                answer.known = {{"odoo-18", "Odoo", "18"}};
                answer.yaml.clear();
            }
            return answer;
        };
    }
    app::GrantsRequest grants;
    app::SuggestRequest suggest;
};

TEST_F(ErpSetup, grants_pass_on_what_was_said_and_print_the_sql_alone) {
    EXPECT_EQ(
        run({"erp", "grants", "--mapping", "odoo-18", "--login", "reader", "--engine", "mariadb", "--database", "erp", "--whole-tables"}),
        ExitCode::done);
    EXPECT_EQ(out.str(), "CREATE ROLE \"x\" LOGIN;\n");
    EXPECT_EQ(grants.source, "");
    EXPECT_EQ(grants.mapping, "odoo-18");
    EXPECT_EQ(grants.login, "reader");
    EXPECT_EQ(grants.engine, "mariadb");
    EXPECT_EQ(grants.database, "erp");
    EXPECT_TRUE(grants.whole_tables);
    EXPECT_TRUE(script.asked.empty()) << "no daemon is asked";
    EXPECT_EQ(run({"erp", "grants", "tryton", "--json"}), ExitCode::done);
    EXPECT_EQ(out.str(), "{\"sql\":\"CREATE ROLE \\\"x\\\" LOGIN;\\n\"}\n");
    EXPECT_EQ(grants.source, "tryton");
}

TEST_F(ErpSetup, a_login_that_cannot_be_written_is_bad_input) {
    EXPECT_EQ(run({"erp", "grants", "tryton", "--login", "pg_x"}), ExitCode::usage);
    EXPECT_TRUE(err.str().contains("is no name for a login")) << err.str();
    EXPECT_EQ(run({"erp", "grants", "tryton", "--engine", "oracle"}), ExitCode::usage);
}

TEST_F(ErpSetup, map_prints_the_proposal_or_the_mapping_that_fits) {
    EXPECT_EQ(run({"erp", "map", "--suggest", "sqlite:shop.db", "--mapping", "shop-1", "--no-sample"}), ExitCode::done);
    EXPECT_EQ(out.str(), "mapping: x\n");
    EXPECT_EQ(suggest.database, "sqlite:shop.db");
    EXPECT_EQ(suggest.name, "shop-1");
    EXPECT_FALSE(suggest.sample);
    EXPECT_EQ(run({"erp", "map", "--suggest", "odoo"}), ExitCode::done);
    EXPECT_EQ(out.str(), "This is Odoo 18: use mapping: odoo-18\nNo other mapping is needed; --anyway proposes one all the same.\n");
    EXPECT_TRUE(suggest.sample);
    EXPECT_EQ(run({"erp", "map", "--suggest", "odoo", "--anyway", "--json"}), ExitCode::done);
    EXPECT_EQ(out.str(), R"({"database":"SQLite shop.db","known":[],"nearly":["odoo-18: column a.b: missing"],"mapping":"mapping: x\n"})"
                         "\n");
}

TEST_F(ErpSetup, map_has_to_be_told_what_to_do) {
    EXPECT_EQ(run({"erp", "map", "sqlite:shop.db"}), ExitCode::usage);
    EXPECT_EQ(run({"erp", "map", "--suggest"}), ExitCode::usage);
}

}  // namespace
}  // namespace stemma::cli
