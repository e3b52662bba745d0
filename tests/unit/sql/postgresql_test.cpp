// What SOCI and libpq really do, against a server of the test's own.
#include <gtest/gtest.h>

#include <limits>

#include "adapters/sql/migrate.hpp"
#include "adapters/sql/pool.hpp"
#include "adapters/sql/transaction.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::sql {
namespace {

class Postgresql : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (!test::Postgres::installed()) return;
        auto started = test::Postgres::start();
        ASSERT_TRUE(started) << started.error().text();
        server = std::move(*started);
    }
    static void TearDownTestSuite() { server.reset(); }

    void SetUp() override {
        if (!test::Postgres::installed()) GTEST_SKIP() << test::Postgres::kMissing;
        ASSERT_TRUE(server);
        session = open({});
        ASSERT_TRUE(session);
        run("CREATE TEMP TABLE t (number BIGINT PRIMARY KEY, body TEXT)");
    }

    [[nodiscard]] static Connection where(Connection connection) {
        const auto parsed = parse_connection(server->connection());
        connection.engine = Engine::postgresql;
        connection.target = parsed->target;
        return connection;
    }
    [[nodiscard]] static std::unique_ptr<Session> open(Connection connection) {
        auto opened = Session::open(where(std::move(connection)));
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::make_unique<Session>(std::move(*opened)) : nullptr;
    }
    void run(const char* text) const {
        const auto done = session->execute_as_is({"test", text});
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] Error refusal(const char* text) const {
        const auto done = session->execute({"x", text});
        EXPECT_FALSE(done) << text;
        return done ? Error{} : done.error();
    }
    [[nodiscard]] static std::string cell(Session& from, const char* text) {
        const auto found = from.first({"test", text}, {}, [](const Row& row) { return std::string{row.text(0)}; });
        EXPECT_TRUE(found) << found.error().text();
        return found.value_or(std::nullopt).value_or("(no row)");
    }

    static std::unique_ptr<test::Postgres> server;
    std::unique_ptr<Session> session;
};
std::unique_ptr<test::Postgres> Postgresql::server;

constexpr Query kPut{"t.put", "INSERT INTO t (number, body) VALUES (:number, :body)"};

TEST_F(Postgresql, keeps_every_64_bit_integer_and_text) {
    const std::int64_t numbers[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, (std::int64_t{1} << 53) + 1,
                                    std::numeric_limits<std::int64_t>::max()};
    const std::string body = "it's \"quoted\" \\ :name \xC3\xBC \xF0\x9F\x90\x9F";
    for (const std::int64_t number : numbers) ASSERT_TRUE(session->execute(kPut, {{"number", number}, {"body", body}}));
    const auto read = session->all({"t.all", "SELECT number FROM t WHERE body = :body ORDER BY number"}, {{"body", body}},
                                   [](const Row& row) { return row.integer(0); });
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, std::vector<std::int64_t>(std::begin(numbers), std::end(numbers)));
}

TEST_F(Postgresql, reads_any_type_as_text) {
    run("CREATE TEMP TABLE erp (d date, at timestamp, atz timestamptz, yes boolean, price double precision, amount numeric(16,4),"
        " id uuid, doc jsonb, raw bytea, list int[], words varchar(20), small smallint)");
    run("INSERT INTO erp VALUES ('2026-03-01', '2026-03-01 10:00:00.123456', '2026-03-01 10:00:00+02', true, 0.1, 12.5,"
        " '00000000-0000-0000-0000-00000000000a', '{\"a\": 1}', '\\x00ff', '{1,2}', '', -3)");
    run("INSERT INTO erp DEFAULT VALUES");
    const auto rows = session->all({"erp", "SELECT * FROM erp ORDER BY d NULLS LAST"}, {}, [](const Row& row) {
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < row.size(); ++i) cells.emplace_back(row.maybe_text(i).value_or("NULL"));
        return cells;
    });
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ((*rows)[0],
              (std::vector<std::string>{"2026-03-01", "2026-03-01 10:00:00.123456", "2026-03-01 08:00:00+00", "t", "0.1", "12.5000",
                                        "00000000-0000-0000-0000-00000000000a", "{\"a\": 1}", "\\x00ff", "{1,2}", "", "-3"}));
    EXPECT_EQ((*rows)[1], std::vector<std::string>(12, "NULL"));
}

TEST_F(Postgresql, binds_null_numbers_and_casts) {
    ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", nullptr}}));
    ASSERT_TRUE(session->execute(kPut, {{"number", 2}, {"body", ""}}));
    EXPECT_EQ(session->execute({"t.same", "UPDATE t SET body = :b::text WHERE number = :n OR number = :n + 5"}, {{"b", "x"}, {"n", 1}}), 1);
    EXPECT_EQ(cell(*session, "SELECT string_agg(coalesce(body, 'NULL'), ',' ORDER BY number) FROM t"), "x,");
    EXPECT_EQ(session->execute({"t.page", "DELETE FROM t WHERE number IN (SELECT number FROM t LIMIT :n)"}, {{"n", 5}}), 2);
}

TEST_F(Postgresql, refuses_a_text_with_nul_instead_of_cutting_it) {
    const auto refused = session->execute(kPut, {{"number", 1}, {"body", std::string("a\0b", 3)}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
    EXPECT_EQ(cell(*session, "SELECT count(*) FROM t"), "0");
}

TEST_F(Postgresql, names_the_columns_without_running_the_query) {
    EXPECT_EQ(session->columns({"q", "SELECT number AS n, body, 1 AS \"how many\" FROM t WHERE number > :x LIMIT :l"}),
              (std::vector<std::string>{"n", "body", "how many"}));
    ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    EXPECT_EQ(session->columns({"q", "DELETE FROM t RETURNING number"}), std::vector<std::string>{"number"});
    EXPECT_EQ(cell(*session, "SELECT count(*) FROM t"), "1");
    const auto refused = session->columns({"moves", "SELECT nombre FROM t"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::config);
    EXPECT_EQ(refused.error().message, "the query does not fit the database: column \"nombre\" does not exist");
    EXPECT_EQ(refused.error().where, "sql:moves");
}

TEST_F(Postgresql, maps_the_servers_refusals) {
    run("INSERT INTO t VALUES (1, 'a')");
    run("CREATE TEMP TABLE child (id BIGINT NOT NULL REFERENCES t (number))");
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1, 'b')").code, Errc::conflict);
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1, 'b')").message,
              "a row with this key exists already: duplicate key value violates unique constraint \"t_pkey\"");
    EXPECT_EQ(refusal("INSERT INTO child VALUES (2)").message.substr(0, 36), "the row it points to does not exist:");
    EXPECT_EQ(refusal("INSERT INTO child VALUES (NULL)").code, Errc::storage);
    EXPECT_EQ(refusal("SELECT * FROM no_such_table").code, Errc::config);
    EXPECT_TRUE(session->usable()) << "a refusal is no loss";
}

TEST_F(Postgresql, writes_nothing_when_opened_for_reading) {
    run("DROP TABLE IF EXISTS kept");
    run("CREATE TABLE kept (x int)");
    const auto reader = open({.read_only = true});
    ASSERT_TRUE(reader);
    const auto refused = reader->execute({"x", "INSERT INTO kept VALUES (1)"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_EQ(refused.error().message.substr(0, 43), "the database was opened for reading only: c");
    EXPECT_TRUE(reader->execute({"x", "SELECT * FROM kept"}));
}

TEST_F(Postgresql, ends_a_statement_that_runs_too_long) {
    const auto hasty = open({.statement_timeout_ms = 50});
    ASSERT_TRUE(hasty);
    const auto ended = hasty->execute({"slow", "SELECT pg_sleep(10)"});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::unavailable);
    EXPECT_TRUE(hasty->usable());
    EXPECT_TRUE(hasty->ping());
}

TEST_F(Postgresql, takes_a_readers_snapshot_at_once) {
    run("DROP TABLE IF EXISTS seen");
    run("CREATE TABLE seen (x int)");
    const auto reader = open({.read_only = true});
    auto snapshot = Transaction::begin(*reader, Transaction::Mode::read);
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    run("INSERT INTO seen VALUES (1)");
    EXPECT_EQ(cell(*reader, "SELECT count(*) FROM seen"), "0");
    ASSERT_TRUE(snapshot->commit());
    EXPECT_EQ(cell(*reader, "SELECT count(*) FROM seen"), "1");
}

TEST_F(Postgresql, rolls_back_a_failed_transaction) {
    {
        auto transaction = Transaction::begin(*session, Transaction::Mode::write);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
        EXPECT_FALSE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
        EXPECT_TRUE(session->in_transaction());
    }
    EXPECT_FALSE(session->in_transaction());
    EXPECT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    EXPECT_EQ(cell(*session, "SELECT count(*) FROM t"), "1");
}

TEST_F(Postgresql, migrates_with_colons_and_bodies_in_the_file) {
    run("DROP TABLE IF EXISTS schema_migration, m");
    const std::vector<Migration> files{
        {"0001_m.sql",
         "CREATE TABLE m (x int); -- a note: with a colon\n"
         "CREATE OR REPLACE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'never: %', NEW.x; END; $$ LANGUAGE plpgsql;"
         "CREATE TRIGGER m_no BEFORE UPDATE ON m FOR EACH ROW EXECUTE FUNCTION no(); INSERT INTO m VALUES (1);"}};
    const auto applied = migrate(*session, files);
    ASSERT_TRUE(applied) << applied.error().text();
    EXPECT_EQ(*applied, 1U);
    EXPECT_EQ(migrate(*session, files), 0U);
    EXPECT_EQ(refusal("UPDATE m SET x = 2").code, Errc::storage);
}

TEST_F(Postgresql, throws_away_a_session_whose_connection_was_lost) {
    Pool pool{where({}), {.sessions_max = 1, .wait = std::chrono::milliseconds{20}}};
    {
        auto lease = pool.lease();
        ASSERT_TRUE(lease) << lease.error().text();
        ASSERT_TRUE((*lease)->execute({"probe", "SELECT 1"}));
        const std::string pid = cell(**lease, "SELECT pg_backend_pid()");
        run(("SELECT pg_terminate_backend(" + pid + ")").c_str());
        const auto lost = (*lease)->execute({"probe", "SELECT 1"});
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().code, Errc::unavailable);
        EXPECT_FALSE((*lease)->usable());
    }
    EXPECT_EQ(pool.open_sessions(), 0U);
    auto lease = pool.lease();
    ASSERT_TRUE(lease) << lease.error().text();
    EXPECT_TRUE((*lease)->execute({"probe", "SELECT 1"}));
}

TEST_F(Postgresql, finds_out_by_ping_that_an_idle_connection_was_lost) {
    Pool pool{where({}), {.sessions_max = 1, .ping_after_idle = std::chrono::milliseconds{0}}};
    std::string pid;
    { pid = cell(**pool.lease(), "SELECT pg_backend_pid()"); }
    run(("SELECT pg_terminate_backend(" + pid + ")").c_str());
    auto lease = pool.lease();
    ASSERT_TRUE(lease) << lease.error().text();
    EXPECT_NE(cell(**lease, "SELECT pg_backend_pid()"), pid);
    EXPECT_EQ(pool.open_sessions(), 1U);
}

TEST_F(Postgresql, says_plainly_that_nothing_listens) {
    const auto refused =
        Session::open({.engine = Engine::postgresql, .target = "host=127.0.0.1 port=1 dbname=erp user=reader password=hush"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().message.find("Connection refused"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().text().find("hush"), std::string::npos);
}

}  // namespace
}  // namespace stemma::sql
