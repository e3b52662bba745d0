// The SQL of a login that can only read, as text. That servers take it, and what it then allows, is in tests/integration.
#include "adapters/erp/grants.hpp"

#include <gtest/gtest.h>

#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

std::string sql_for(const GrantOrder& order) {
    const auto sql = grants_sql(*test::toy(), order);
    EXPECT_TRUE(sql) << sql.error().text();
    return sql.value_or("");
}

bool refused(const std::string& login, sql::Engine engine) {
    const auto sql = grants_sql(*test::toy(), {.engine = engine, .login = login});
    EXPECT_TRUE(sql || sql.error().code == Errc::invalid_input);
    return !sql;
}

TEST(Grants, name_each_table_with_the_columns_that_are_read) {
    const std::string sql = sql_for({.database = "shop"});
    EXPECT_TRUE(sql.contains("\nCREATE ROLE \"stemma_ro\" LOGIN CONNECTION LIMIT 4;\n")) << sql;
    EXPECT_TRUE(sql.contains("\nGRANT CONNECT ON DATABASE \"shop\" TO \"stemma_ro\";\n")) << sql;
    EXPECT_TRUE(sql.contains("\nGRANT SELECT (\"id\", \"number\") ON \"lot\" TO \"stemma_ro\";\n")) << sql;
    EXPECT_TRUE(
        sql.contains("\nGRANT SELECT (\"id\", \"kind\", \"day\", \"lot\", \"quantity\", \"unit\", \"partner\", \"note\", \"changed\") ON "
                     "\"move\" TO \"stemma_ro\";\n"))
        << sql;
}

TEST(Grants, of_a_module_stand_apart_with_what_it_is_for) {
    EXPECT_TRUE(
        sql_for({}).contains("-- Where the module is installed; without it, lots have no dates:\n"
                             "GRANT SELECT (\"expires\", \"made\") ON \"lot\" TO \"stemma_ro\";\n"));
}

TEST(Grants, leave_out_what_the_database_does_not_have) {
    Catalogue there;
    there.tables["lot"] = {{{"id", true}, {"number", true}}, false, "erp"};
    there.tables["move"] = {{{"id", true}}, false, "erp"};
    const std::string sql = sql_for({.there = &there});
    EXPECT_TRUE(sql.contains("GRANT USAGE ON SCHEMA \"erp\" TO")) << sql;
    EXPECT_TRUE(sql.contains("GRANT SELECT (\"id\") ON \"erp\".\"move\" TO")) << sql;
    EXPECT_TRUE(sql.contains("-- Not there: lots have no dates.")) << sql;
    EXPECT_FALSE(sql.contains("expires")) << sql;
}

TEST(Grants, for_whole_tables_name_no_columns) {
    const std::string sql = sql_for({.whole_tables = true});
    EXPECT_TRUE(sql.contains("GRANT SELECT ON \"lot\" TO")) << sql;
    EXPECT_FALSE(sql.contains("expires")) << "the table has been granted";
}

TEST(Grants, name_the_transaction_of_rows_that_are_followed_on_postgresql_alone) {
    const auto tryton = read_mapping_file(std::filesystem::path{STEMMA_SOURCE_DIR} / "config/erp/tryton-6.0.yaml");
    ASSERT_TRUE(tryton);
    const auto of = [&](sql::Engine engine) { return grants_sql(*tryton, {.engine = engine}).value_or(""); };
    EXPECT_TRUE(of(sql::Engine::postgresql).contains("GRANT SELECT (\"xmin\", ")) << "else a late commit waits for the full reading";
    EXPECT_TRUE(of(sql::Engine::postgresql).contains("GRANT SELECT (\"xmin\", \"id\", \"number\", "));
    EXPECT_TRUE(of(sql::Engine::postgresql).contains("\"write_date\", \"ctid\") ON")) << "the place of such a row is looked up as well";
    EXPECT_FALSE(of(sql::Engine::mariadb).contains("xmin"));
    EXPECT_FALSE(of(sql::Engine::mariadb).contains("ctid"));
}

TEST(Grants, of_mariadb_have_its_quotes_its_host_and_a_lock) {
    const std::string sql = sql_for({.engine = sql::Engine::mariadb, .login = "o'neil@10.0.0.%", .database = "shop"});
    EXPECT_TRUE(sql.contains("CREATE USER 'o''neil'@'10.0.0.%' WITH MAX_USER_CONNECTIONS 4 ACCOUNT LOCK;")) << sql;
    EXPECT_TRUE(sql.contains("GRANT SELECT (`id`, `number`) ON `shop`.`lot` TO 'o''neil'@'10.0.0.%';")) << sql;
    EXPECT_TRUE(sql_for({.engine = sql::Engine::mariadb}).contains("'stemma_ro'@'%'"));
}

TEST(Grants, quote_an_odd_login_and_refuse_one_that_cannot_be_written) {
    EXPECT_TRUE(sql_for({.login = "a\"b; DROP TABLE lot"}).contains("CREATE ROLE \"a\"\"b; DROP TABLE lot\" LOGIN"));
    for (const auto engine : {sql::Engine::postgresql, sql::Engine::mariadb}) {
        EXPECT_TRUE(refused("", engine));
        EXPECT_TRUE(refused("two\nlines", engine));
        EXPECT_TRUE(refused("\xff", engine));
    }
    EXPECT_FALSE(refused(std::string(63, 'a'), sql::Engine::postgresql));
    EXPECT_TRUE(refused(std::string(64, 'a'), sql::Engine::postgresql));
    EXPECT_FALSE(refused(std::string(80, 'a'), sql::Engine::mariadb));
    EXPECT_TRUE(refused(std::string(81, 'a'), sql::Engine::mariadb));
    for (const char* reserved : {"public", "none", "pg_reader"}) EXPECT_TRUE(refused(reserved, sql::Engine::postgresql)) << reserved;
    EXPECT_TRUE(refused("a\\b", sql::Engine::mariadb));
    EXPECT_TRUE(refused("a", sql::Engine::sqlite));
}

}  // namespace
}  // namespace stemma::erp
