#include "tests/support/postgres_schema.hpp"

#include "adapters/sql/session.hpp"
#include "tests/support/one_server.hpp"

namespace stemma::test {
namespace {

auto* const the_server = dynamic_cast<OneServer<Postgres>*>(::testing::AddGlobalTestEnvironment(new OneServer<Postgres>));

}  // namespace

Postgres* shared_postgres() { return the_server->get(); }

PostgresSchema::PostgresSchema() {
    static int made = 0;
    name_ = "ledger_" + std::to_string(++made);
    if (const Postgres* server = shared_postgres()) connection_ = server->connection();
}

PostgresSchema::~PostgresSchema() { run("DROP SCHEMA IF EXISTS " + name_ + " CASCADE"); }

void PostgresSchema::run(const std::string& sql) const {
    auto connection = sql::parse_connection(connection_);
    ASSERT_TRUE(connection) << connection.error().text();
    connection->search_path = name_;
    auto session = sql::Session::open(*connection);
    ASSERT_TRUE(session) << session.error().text();
    const auto done = session->execute_as_is({"test.run", sql.c_str()});
    EXPECT_TRUE(done) << done.error().text();
}

}  // namespace stemma::test
