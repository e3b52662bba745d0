// The transaction horizon on real clusters: whose it is, and what a reading leaves behind in its session.
#include "adapters/erp/horizon.hpp"

#include <gtest/gtest.h>

#include "adapters/erp/row_feed.hpp"
#include "adapters/sql/session.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::erp {
namespace {

using stemma::test::Postgres;

class HorizonOf : public ::testing::Test {
protected:
    void SetUp() override {
        if (!Postgres::installed()) GTEST_SKIP() << Postgres::kMissing;
    }
    static std::unique_ptr<Postgres> cluster() {
        auto started = Postgres::start();
        EXPECT_TRUE(started) << started.error().text();
        return started ? std::move(*started) : nullptr;
    }
    static sql::Session session(const std::string& connection) {
        auto opened = sql::Session::open(*sql::parse_connection(connection));
        EXPECT_TRUE(opened) << opened.error().text();
        return std::move(*opened);
    }
    static void run(sql::Session& on, const char* text) {
        const auto done = on.execute_as_is({"test", text});
        ASSERT_TRUE(done) << done.error().text();
    }
};

/// Fresh clusters give databases the same numbers, and a copy has its transactions too: by these alone one passes for the other.
TEST_F(HorizonOf, a_database_of_another_cluster_does_not_reach_back_to_a_mark) {
    const auto one = cluster();
    const auto other = cluster();
    ASSERT_TRUE(one && other);
    std::vector<Horizon> horizons;
    for (Postgres* server : {one.get(), other.get()}) {
        sql::Session admin = session(server->connection());
        run(admin, "CREATE DATABASE erp");
        run(admin, "CREATE ROLE reader LOGIN");
        std::string plain = server->connection("erp");
        const std::string user = "user=stemma";
        plain.replace(plain.find(user), user.size(), "user=reader");
        sql::Session reader = session(plain);
        auto horizon = read_horizon(reader);
        ASSERT_TRUE(horizon && *horizon) << horizon.error().text();
        horizons.push_back(**horizon);
    }
    EXPECT_EQ(horizons[0].mark.database.substr(0, horizons[0].mark.database.find('/')),
              horizons[1].mark.database.substr(0, horizons[1].mark.database.find('/')))
        << "the databases' own numbers are the same";
    EXPECT_TRUE(reaches_back_to(horizons[0], horizons[0].mark));
    horizons[1].next = horizons[0].next + 1000;  // and its counter is past the mark
    EXPECT_FALSE(reaches_back_to(horizons[1], horizons[0].mark));
}

TEST_F(HorizonOf, a_login_that_may_not_see_the_clusters_number_has_a_mark_without_it) {
    const auto server = cluster();
    ASSERT_TRUE(server);
    sql::Session admin = session(server->connection());
    run(admin, "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC");
    run(admin, "CREATE ROLE reader LOGIN");
    std::string plain = server->connection();
    plain.replace(plain.find("user=stemma"), 11, "user=reader");
    sql::Session reader = session(plain);
    const auto horizon = read_horizon(reader);
    ASSERT_TRUE(horizon && *horizon) << horizon.error().text();
    EXPECT_EQ((*horizon)->mark.database.find('/'), std::string::npos);
    EXPECT_TRUE(reaches_back_to(**horizon, (*horizon)->mark));
}

TEST_F(HorizonOf, a_feed_that_is_closed_leaves_no_cursor_in_the_server) {
    const auto server = cluster();
    ASSERT_TRUE(server);
    sql::Session reader = session(server->connection());
    run(reader, "BEGIN READ ONLY");
    SourceCost cost;
    auto feed = RowFeed::start(reader, cost, "erp.moves", "SELECT n FROM generate_series(1, 5) AS s(n) ORDER BY n DESC", 1, 2);
    ASSERT_TRUE(feed) << feed.error().text();
    int rows = 0;
    for (; (*feed)->has_row(); ++rows) ASSERT_TRUE((*feed)->advance());
    EXPECT_EQ(rows, 5);
    const auto cursors = [&] {
        return *reader.first({"cursors", "SELECT count(*) FROM pg_catalog.pg_cursors WHERE name = 'erp.moves'"}, {},
                             [](const sql::Row& row) { return row.integer(0); });
    };
    EXPECT_EQ(cursors(), 1);
    const auto closed = (*feed)->close();
    ASSERT_TRUE(closed) << closed.error().text();
    EXPECT_EQ(cursors(), 0);
    EXPECT_FALSE((*feed)->has_row());
}

}  // namespace
}  // namespace stemma::erp
