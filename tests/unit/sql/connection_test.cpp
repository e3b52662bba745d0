#include "adapters/sql/connection.hpp"

#include <gtest/gtest.h>

namespace stemma::sql {
namespace {

TEST(ConnectionText, names_a_sqlite_file) {
    const auto connection = parse_connection("sqlite:/var/lib/my erp/data.sqlite");
    ASSERT_TRUE(connection);
    EXPECT_EQ(connection->engine, Engine::sqlite);
    EXPECT_EQ(connection->target, "/var/lib/my erp/data.sqlite");
    EXPECT_EQ(describe(*connection), "SQLite /var/lib/my erp/data.sqlite");
}

TEST(ConnectionText, names_a_postgresql_database) {
    const auto connection = parse_connection("postgresql:host=db.example dbname=erp user=reader password=hush");
    ASSERT_TRUE(connection);
    EXPECT_EQ(connection->engine, Engine::postgresql);
    EXPECT_EQ(connection->target, "host=db.example dbname=erp user=reader password=hush");
}

TEST(ConnectionText, may_be_a_uri) {
    const auto connection = parse_connection("postgresql://reader:hush@db.example:5433/erp");
    ASSERT_TRUE(connection);
    EXPECT_EQ(connection->target, "postgresql://reader:hush@db.example:5433/erp");
    EXPECT_EQ(describe(*connection), "PostgreSQL host=db.example port=5433 dbname=erp user=reader");
}

TEST(ConnectionText, never_shows_a_password) {
    const auto connection = parse_connection("postgresql:host=db dbname=erp user=reader password=hush");
    ASSERT_TRUE(connection);
    EXPECT_EQ(describe(*connection).find("hush"), std::string::npos);
}

TEST(ConnectionText, refuses_an_unknown_engine_and_names_the_near_one) {
    const auto refused = parse_connection("postgressql:host=db");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::config);
    EXPECT_EQ(refused.error().message, "'postgressql' is not a database engine");
    EXPECT_EQ(refused.error().hint, "did you mean 'postgresql'?");
    EXPECT_EQ(parse_connection("oracle:x").error().hint, "it may be sqlite or postgresql");
}

TEST(ConnectionText, refuses_what_names_nothing) {
    for (const char* text : {"", "/var/lib/erp.sqlite", "sqlite:", "postgresql:", "postgresql:host"}) {
        const auto refused = parse_connection(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::config) << text;
    }
}

TEST(PostgresqlUri, keeps_blanks_and_quotes_of_a_value) {
    const auto uri = postgresql_uri(R"(host=db password='a b\'c' application_name=x connect_timeout=3)");
    ASSERT_TRUE(uri);
    EXPECT_NE(uri->find("password=a%20b%27c"), std::string::npos) << *uri;
    EXPECT_EQ(uri->find(' '), std::string::npos);
}

TEST(PostgresqlUri, always_limits_the_wait_for_a_connection) {
    const auto uri = postgresql_uri("host=db");
    ASSERT_TRUE(uri);
    EXPECT_NE(uri->find("connect_timeout=10"), std::string::npos) << *uri;
}

}  // namespace
}  // namespace stemma::sql
