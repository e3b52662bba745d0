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
    EXPECT_EQ(parse_connection("oracle:x").error().hint, "it may be sqlite, postgresql or mysql");
}

TEST(ConnectionText, refuses_what_names_nothing) {
    for (const char* text : {"", "/var/lib/erp.sqlite", "sqlite:", "postgresql:", "postgresql:host"}) {
        const auto refused = parse_connection(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::config) << text;
    }
}

TEST(ConnectionText, names_a_mariadb_database) {
    for (const char* prefix : {"mysql:", "mariadb:"}) {
        const auto connection = parse_connection(std::string{prefix} + "host=db.example port=3307 db=erp user=reader password=hush");
        ASSERT_TRUE(connection);
        EXPECT_EQ(connection->engine, Engine::mariadb);
        EXPECT_EQ(connection->target, "host=db.example port=3307 db=erp user=reader password=hush");
        EXPECT_EQ(describe(*connection), "MariaDB host=db.example port=3307 db=erp user=reader");
    }
}

TEST(MariadbTarget, reads_values_with_blanks_and_quotes) {
    const auto target = parse_mariadb_target(R"( socket=/run/mysqld/mysqld.sock  db='my erp' user='' password='a b\'c\\d=' ssl_ca=/ca.pem)"
                                             "\nread_timeout=7 connect_timeout=3");
    ASSERT_TRUE(target) << target.error().text();
    EXPECT_EQ(target->socket, "/run/mysqld/mysqld.sock");
    EXPECT_EQ(target->db, "my erp");
    EXPECT_EQ(target->user, "");
    EXPECT_EQ(target->password, R"(a b'c\d=)");
    EXPECT_EQ(target->ssl_ca, "/ca.pem");
    EXPECT_EQ(target->read_timeout, 7U);
    EXPECT_EQ(target->connect_timeout, 3U);
    EXPECT_EQ(target->port, 0U);
}

TEST(MariadbTarget, refuses_what_it_does_not_understand_and_repeats_no_password) {
    const std::pair<const char*, const char*> wrong[] = {{"host=db", "it names no db"},
                                                         {"db=a db=b", "'db' is there twice"},
                                                         {"db=erp hots=x", "there is no key 'hots'"},
                                                         {"db=erp port=0", "'port' is '0': 1 to 65535 is allowed"},
                                                         {"db=erp port=65536", "'port' is '65536': 1 to 65535 is allowed"},
                                                         {"db=erp read_timeout=86401", "'read_timeout' is '86401': 1 to 86400 is allowed"},
                                                         {"db=erp password=hush hush", "a word is not written key=value"},
                                                         {"db=erp password='hush", "the quote of 'password' does not end"}};
    for (const auto& [text, reason] : wrong) {
        const auto refused = parse_connection(std::string{"mysql:"} + text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::config) << text;
        EXPECT_EQ(refused.error().message, std::string{"MariaDB connection text: "} + reason);
        EXPECT_EQ(refused.error().text().find("hush"), std::string::npos);
    }
    EXPECT_EQ(parse_mariadb_target("db=erp hots=x").error().hint, "did you mean 'host'?");
    EXPECT_TRUE(parse_mariadb_target("db=erp port=65535 read_timeout=86400"));
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
    EXPECT_NE(uri->find("connect_timeout=3"), std::string::npos) << *uri;
}

}  // namespace
}  // namespace stemma::sql
