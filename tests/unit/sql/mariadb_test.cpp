// What MariaDB and its client library really do, against a server of the test's own.
#include "adapters/sql/mariadb.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>

#include "adapters/sql/pool.hpp"
#include "adapters/sql/transaction.hpp"
#include "tests/support/mariadb.hpp"

namespace stemma::sql {
namespace {

using Cells = std::vector<std::string>;

class Mariadb : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (!test::Mariadb::installed()) return;
        auto started = test::Mariadb::start();
        ASSERT_TRUE(started) << started.error().text();
        server = std::move(*started);
        ASSERT_TRUE(server->run("CREATE DATABASE erp CHARACTER SET utf8mb4"));
    }
    static void TearDownTestSuite() { server.reset(); }

    void SetUp() override {
        if (!test::Mariadb::installed()) GTEST_SKIP() << test::Mariadb::kMissing;
        ASSERT_TRUE(server);
        prepare("DROP TABLE IF EXISTS child, t; CREATE TABLE t (number BIGINT PRIMARY KEY, body TEXT)");
        session = open({});
        ASSERT_TRUE(session);
    }

    [[nodiscard]] static Connection where(Connection connection, const std::string& more = {}, const std::string& user = "root") {
        const auto parsed = parse_connection(server->connection("erp", user) + more);
        EXPECT_TRUE(parsed) << parsed.error().text();
        connection.engine = Engine::mariadb;
        connection.target = parsed->target;
        return connection;
    }
    [[nodiscard]] static std::unique_ptr<Session> open(Connection connection, const std::string& more = {}) {
        auto opened = Session::open(where(std::move(connection), more));
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::make_unique<Session>(std::move(*opened)) : nullptr;
    }
    static void prepare(const std::string& sql) {
        const auto done = server->run(sql, "erp");
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
    [[nodiscard]] static Cells cells(Session& from, const char* text) {
        const auto found = from.first({"test", text}, {}, [](const Row& row) {
            Cells values;
            for (std::size_t i = 0; i < row.size(); ++i) values.emplace_back(row.maybe_text(i).value_or("NULL"));
            return values;
        });
        EXPECT_TRUE(found) << found.error().text();
        return found ? found->value_or(Cells{}) : Cells{};
    }

    static std::unique_ptr<test::Mariadb> server;
    std::unique_ptr<Session> session;
};
std::unique_ptr<test::Mariadb> Mariadb::server;

constexpr Query kPut{"t.put", "INSERT INTO t (number, body) VALUES (:number, :body)"};

TEST(PositionalSql, names_each_parameter_once_and_passes_over_quotes) {
    const PositionalSql made =
        positional(R"(SELECT ':no', "a:b", `c:d`, 'it''s :x' WHERE n = :one OR m = :two_2 OR n = :one AND a = '12:30')");
    EXPECT_EQ(made.text, R"(SELECT ':no', "a:b", `c:d`, 'it''s :x' WHERE n = ? OR m = ? OR n = ? AND a = '12:30')");
    EXPECT_EQ(made.names, (std::vector<std::string>{"one", "two_2"}));
    EXPECT_EQ(made.positions, (std::vector<std::size_t>{0, 1, 0}));
    EXPECT_EQ(positional("SELECT 'open :x").text, "SELECT 'open :x");
    EXPECT_EQ(positional("a := 1:").text, "a := 1:");
}

TEST_F(Mariadb, keeps_every_64_bit_integer_and_text) {
    const std::vector<std::int64_t> numbers{std::numeric_limits<std::int64_t>::min(), -1, 0, (std::int64_t{1} << 53) + 1,
                                            std::numeric_limits<std::int64_t>::max()};
    const std::string body = "it's \"quoted\" \\ :name \xC3\xBC \xF0\x9F\x90\x9F";
    for (const std::int64_t number : numbers) ASSERT_EQ(session->execute(kPut, {{"number", number}, {"body", body}}), 1);
    const auto read = session->all({"t.all", "SELECT number FROM t WHERE body = :body ORDER BY number"}, {{"body", body}},
                                   [](const Row& row) { return row.integer(0); });
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, numbers);
}

TEST_F(Mariadb, reads_any_type_as_text) {
    prepare(
        "CREATE OR REPLACE TABLE types (big BIGINT UNSIGNED, yes TINYINT(1), price DOUBLE, part FLOAT, amount DECIMAL(38,9),"
        " d DATE, at DATETIME(6), ts TIMESTAMP NULL, took TIME(1), raw VARBINARY(9), bits BIT(3), choice ENUM('a','b'), words VARCHAR(20))"
        " CHARACTER SET utf8mb4;"
        "INSERT INTO types VALUES (18446744073709551615, 1, 0.1, 0.1, 12345678901234567890.123456789, '2026-03-01',"
        " '2026-03-01 10:00:00.123456', '2026-03-01 10:00:00', '10:11:12.5', x'610062ff', b'101', 'b', '')");
    EXPECT_EQ(cells(*session, "SELECT big, yes, price, part, amount, d, at, took, raw, choice, words FROM types"),
              (Cells{"18446744073709551615", "1", "0.1", "0.1", "12345678901234567890.123456789", "2026-03-01",
                     "2026-03-01 10:00:00.123456", "10:11:12.5", std::string("a\0b\xFF", 4), "b", ""}));
    EXPECT_EQ(cells(*session, "SELECT bits + 0, 0.1e0 + 0.2e0, 1e20, 1e-7, -3, 2.50 FROM types"),
              (Cells{"5", "0.30000000000000004", "1e20", "0.0000001", "-3", "2.50"}));
    prepare("DELETE FROM types; INSERT INTO types () VALUES ()");
    EXPECT_EQ(cells(*session, "SELECT * FROM types"), Cells(13, "NULL"));
}

TEST_F(Mariadb, gives_times_in_utc_whatever_zone_the_server_has) {
    prepare(
        "CREATE OR REPLACE TABLE zoned (ts TIMESTAMP NULL);"
        "SET SESSION time_zone='+05:00'; INSERT INTO zoned VALUES ('2026-03-01 10:00:00'); SET GLOBAL time_zone='+05:00'");
    const auto later = open({});
    prepare("SET GLOBAL time_zone='SYSTEM'");
    EXPECT_EQ(cell(*later, "SELECT ts FROM zoned"), "2026-03-01 05:00:00");
}

TEST_F(Mariadb, shows_a_zero_date_as_it_is_and_makes_no_day_of_it) {
    prepare(
        "CREATE OR REPLACE TABLE zeros (d DATE, at DATETIME); SET SESSION sql_mode=''; INSERT INTO zeros VALUES ('0000-00-00', 0), "
        "('2026-02-31', '2026-00-15 10:00:00')");
    EXPECT_EQ(cells(*session, "SELECT d, at, NULLIF(d, 0) FROM zeros LIMIT 1"), (Cells{"0000-00-00", "0000-00-00 00:00:00", "NULL"}));
}

TEST_F(Mariadb, reads_utf8_out_of_columns_of_any_character_set) {
    prepare(
        "CREATE OR REPLACE TABLE sets (a VARCHAR(20) CHARACTER SET latin1, b VARCHAR(20) CHARACTER SET utf8mb3,"
        " c VARCHAR(20) CHARACTER SET utf16, d VARCHAR(20) CHARACTER SET utf8mb4);"
        "INSERT INTO sets VALUES ('\xC3\xBC', '\xC3\xBC\xE2\x84\x96', '\xC3\xBC', '\xF0\x9F\x90\x9F')");
    EXPECT_EQ(cells(*session, "SELECT a, b, c, d FROM sets"), (Cells{"\xC3\xBC", "\xC3\xBC\xE2\x84\x96", "\xC3\xBC", "\xF0\x9F\x90\x9F"}));
}

TEST_F(Mariadb, reads_quotes_and_backslashes_as_the_standard_has_them) {
    prepare("INSERT INTO t VALUES (1, 'x')");
    EXPECT_EQ(cells(*session, R"(SELECT "number", 'a' || '\', 'it''s' FROM t)"), (Cells{"1", "a\\", "it's"}));
    EXPECT_EQ(refusal(R"(SELECT "no such column" FROM t)").code, Errc::config);
}

TEST_F(Mariadb, binds_null_numbers_and_one_name_twice) {
    ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", nullptr}}));
    ASSERT_TRUE(session->execute(kPut, {{"number", 2}, {"body", std::string("a\0b", 3)}}));
    EXPECT_EQ(session->execute({"t.same", "UPDATE t SET body = :b WHERE number = :n OR number = :n + 5"}, {{"b", "x"}, {"n", 1}}), 1);
    EXPECT_EQ(cell(*session, "SELECT GROUP_CONCAT(body || LENGTH(body) ORDER BY number) FROM t"), std::string("x1,a\0b3", 7));
    const auto forgotten = session->execute(kPut, {{"number", 1}});
    ASSERT_FALSE(forgotten);
    EXPECT_EQ(forgotten.error().message, "parameter 'body' was given no value");
}

TEST_F(Mariadb, reads_long_and_short_texts_in_turn) {
    EXPECT_EQ(session
                  ->all({"q", "SELECT REPEAT('x', seq * 1000) FROM seq_0_to_40 ORDER BY seq % 7, seq"}, {},
                        [](const Row& row) { return row.text(0).size(); })
                  .value_or(std::vector<std::size_t>{})
                  .size(),
              41U);
    EXPECT_EQ(cells(*session, "SELECT REPEAT('ab', 50000), 'short', REPEAT('c', 64), REPEAT('d', 65)"),
              (Cells{[] {
                         std::string text;
                         for (int i = 0; i < 50'000; ++i) text += "ab";
                         return text;
                     }(),
                     "short", std::string(64, 'c'), std::string(65, 'd')}));
}

TEST_F(Mariadb, reads_two_results_side_by_side_block_by_block) {
    auto outer = session->query({"outer", "SELECT seq FROM seq_1_to_1501 ORDER BY seq"});
    ASSERT_TRUE(outer) << outer.error().text();
    std::int64_t rows = 0;
    while (true) {
        const auto more = outer->next();
        ASSERT_TRUE(more) << more.error().text();
        if (!*more) break;
        EXPECT_EQ(outer->row().integer(0), ++rows);
        if (rows % 500 == 0) {
            EXPECT_EQ(cell(*session, "SELECT COUNT(*) FROM t"), "0");
        }
    }
    EXPECT_EQ(rows, 1501);
    { auto given_up = session->query({"outer", "SELECT seq FROM seq_1_to_1501 ORDER BY seq"}); }
    EXPECT_EQ(cell(*session, "SELECT 1"), "1");
}

TEST_F(Mariadb, recursion_is_not_cut_off_in_silence) {
    EXPECT_EQ(cell(*session, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT MAX(i) FROM n"),
              "5000");
}

TEST_F(Mariadb, reads_what_is_no_select_and_opens_no_cursor) {
    prepare("INSERT INTO t VALUES (1, 'x')");
    EXPECT_EQ(cells(*session, "CHECKSUM TABLE t").at(0), "erp.t");
    EXPECT_EQ(cells(*session, "SHOW TABLES LIKE 't'").at(0), "t");
    EXPECT_EQ(cells(*session, "EXPLAIN SELECT * FROM t").size(), 10U);
    {
        const auto half_read = session->query({"show", "SHOW STATUS"});
        ASSERT_TRUE(half_read);
    }
    EXPECT_EQ(cell(*session, "SELECT COUNT(*) FROM t"), "1");
}

TEST_F(Mariadb, a_reader_slower_than_the_statement_timeout_is_not_cut_off) {
    const auto slow = open({.statement_timeout_ms = 300});
    auto rows = slow->query({"slow", "SELECT seq, REPEAT('x', 500) FROM seq_1_to_5000 ORDER BY seq"});
    ASSERT_TRUE(rows) << rows.error().text();
    std::int64_t read = 0;
    while (true) {
        const auto more = rows->next();
        ASSERT_TRUE(more) << "after " << read << " rows: " << more.error().text();
        if (!*more) break;
        if (++read % 1000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
    EXPECT_EQ(read, 5000);
}

TEST_F(Mariadb, names_the_columns_without_running_the_query) {
    EXPECT_EQ(session->columns({"q", "SELECT number AS n, body, 1 AS \"how many\" FROM t WHERE number > :x LIMIT :l"}),
              (std::vector<std::string>{"n", "body", "how many"}));
    const auto hasty = open({.statement_timeout_ms = 1});
    EXPECT_EQ(hasty->columns({"q", "SELECT SLEEP(30) AS never"}), std::vector<std::string>{"never"});
    const auto refused = session->columns({"moves", "SELECT nombre FROM t"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::config);
    EXPECT_EQ(refused.error().message, "the query does not fit the database: Unknown column 'nombre' in 'SELECT'");
    EXPECT_EQ(refused.error().where, "sql:moves");
}

TEST_F(Mariadb, maps_the_servers_refusals) {
    prepare("INSERT INTO t VALUES (1, 'a'); CREATE TABLE child (id BIGINT NOT NULL REFERENCES t (number), CHECK (id < 9))");
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1, 'b')").code, Errc::conflict);
    EXPECT_EQ(refusal("INSERT INTO t VALUES (1, 'b')").message,
              "a row with this key exists already: Duplicate entry '1' for key 'PRIMARY'");
    EXPECT_EQ(refusal("INSERT INTO child VALUES (2)").message.substr(0, 36), "the row it points to does not exist:");
    EXPECT_EQ(refusal("INSERT INTO child VALUES (NULL)").code, Errc::storage);
    EXPECT_EQ(refusal("INSERT INTO child VALUES (10)").message.substr(0, 29), "the database refused the row:");
    EXPECT_EQ(refusal("SELECT * FROM no_such_table").code, Errc::config);
    EXPECT_EQ(refusal("SELECT FROM WHERE").code, Errc::config);
    EXPECT_TRUE(session->usable()) << "a refusal is no loss";
}

TEST_F(Mariadb, writes_nothing_when_opened_for_reading) {
    const auto reader = open({.read_only = true});
    for (const char* write : {"INSERT INTO t VALUES (1, 'x')", "CREATE TABLE made (x int)", "CREATE TEMPORARY TABLE made (x int)",
                              "TRUNCATE t", "DROP TABLE t"}) {
        const auto refused = reader->execute({"x", write});
        ASSERT_FALSE(refused) << write;
        EXPECT_EQ(refused.error().code, Errc::storage) << write;
        EXPECT_EQ(refused.error().message.substr(0, 42), "the database was opened for reading only: ") << write;
    }
    {
        auto snapshot = Transaction::begin(*reader, Transaction::Mode::read);
        ASSERT_TRUE(snapshot);
        EXPECT_FALSE(reader->execute({"x", "INSERT INTO t VALUES (1, 'x')"}));
    }
    EXPECT_TRUE(reader->execute({"x", "SELECT * FROM t"}));
    EXPECT_EQ(cell(*session, "SELECT COUNT(*) FROM t"), "0");
}

TEST_F(Mariadb, gives_the_server_no_file_of_this_machine) {
    const auto refused = session->execute_as_is({"x", "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(cell(*session, "SELECT COUNT(*) FROM t"), "0");
}

TEST_F(Mariadb, ends_a_statement_that_runs_too_long) {
    const auto hasty = open({.statement_timeout_ms = 50});
    const auto ended = hasty->execute({"slow", "SELECT SLEEP(30) FROM seq_1_to_9"});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::unavailable);
    EXPECT_EQ(ended.error().message.substr(0, 38), "the statement ran longer than allowed:");
    EXPECT_TRUE(hasty->usable());
    EXPECT_TRUE(hasty->ping());
}

TEST_F(Mariadb, takes_a_readers_snapshot_at_once) {
    const auto reader = open({.read_only = true});
    auto snapshot = Transaction::begin(*reader, Transaction::Mode::read);
    ASSERT_TRUE(snapshot) << snapshot.error().text();
    prepare("INSERT INTO t VALUES (1, 'x')");
    EXPECT_EQ(cell(*reader, "SELECT COUNT(*) FROM t"), "0");
    ASSERT_TRUE(snapshot->commit());
    EXPECT_EQ(cell(*reader, "SELECT COUNT(*) FROM t"), "1");
}

TEST_F(Mariadb, rolls_back_a_failed_transaction) {
    {
        auto transaction = Transaction::begin(*session, Transaction::Mode::write);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
        EXPECT_FALSE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
        EXPECT_TRUE(session->in_transaction());
    }
    EXPECT_FALSE(session->in_transaction());
    EXPECT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    EXPECT_EQ(cell(*session, "SELECT COUNT(*) FROM t"), "1");
}

TEST_F(Mariadb, throws_away_a_session_whose_connection_was_lost) {
    Pool pool{where({}), {.sessions_max = 1, .wait = std::chrono::milliseconds{20}}};
    {
        auto lease = pool.lease();
        ASSERT_TRUE(lease) << lease.error().text();
        ASSERT_TRUE((*lease)->execute({"probe", "SELECT 1"}));
        prepare("KILL " + cell(**lease, "SELECT CONNECTION_ID()"));
        const auto lost = (*lease)->execute({"probe", "SELECT 1"});
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().code, Errc::unavailable);
        EXPECT_FALSE((*lease)->usable());
        EXPECT_FALSE((*lease)->execute({"probe", "SELECT 1"})) << "it stays lost";
        EXPECT_FALSE((*lease)->ping());
    }
    EXPECT_EQ(pool.open_sessions(), 0U);
    auto lease = pool.lease();
    ASSERT_TRUE(lease) << lease.error().text();
    EXPECT_TRUE((*lease)->execute({"probe", "SELECT 1"}));
}

TEST_F(Mariadb, tells_that_the_connection_was_cut_in_the_middle_of_the_rows) {
    auto rows = session->query({"cut", "SELECT seq FROM seq_1_to_5000 ORDER BY seq"});
    ASSERT_TRUE(rows);
    ASSERT_TRUE(rows->next());
    const auto other = open({});
    prepare("KILL " + cell(*other, "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() ORDER BY id DESC LIMIT 1"));
    std::int64_t read = 1;
    Result<bool> more = true;
    while ((more = rows->next()) && *more) ++read;
    ASSERT_FALSE(more) << read;
    EXPECT_LT(read, 5000);
    EXPECT_EQ(more.error().code, Errc::unavailable);
    EXPECT_FALSE(session->usable());
}

TEST_F(Mariadb, gives_up_a_server_that_is_silent) {
    const auto patient = open({}, " read_timeout=1");
    server->freeze();
    Result<std::int64_t> answer = 0;
    for (int i = 0; i < 100 && answer; ++i) answer = patient->execute({"probe", "SELECT 1"});  // the server stops within a few milliseconds
    const auto newcomer = Session::open(where({}, " connect_timeout=1"));
    server->thaw();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_FALSE(patient->usable());
    ASSERT_FALSE(newcomer);
    EXPECT_EQ(newcomer.error().code, Errc::unavailable);
    EXPECT_TRUE(session->ping());
}

TEST_F(Mariadb, refuses_to_go_on_unencrypted_where_a_certificate_is_named) {
    const auto refused = Session::open(where({}, " ssl_ca=/etc/hostname"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().message.find("SSL"), std::string::npos) << refused.error().message;
}

TEST_F(Mariadb, says_plainly_that_nothing_listens_or_nobody_may_enter) {
    const auto silent = Session::open({.engine = Engine::mariadb, .target = "host=127.0.0.1 port=1 db=erp user=reader password=hush"});
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().code, Errc::unavailable);
    EXPECT_NE(silent.error().message.find("host=127.0.0.1 port=1 db=erp user=reader"), std::string::npos) << silent.error().message;
    EXPECT_EQ(silent.error().text().find("hush"), std::string::npos);
    const auto refused = Session::open(where({}, " password=hush", "nobody_known"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.substr(0, 30), "the server refuses the login: ") << refused.error().text();
    EXPECT_EQ(refused.error().text().find("hush"), std::string::npos);
    const auto no_db = Session::open(
        {.engine = Engine::mariadb, .target = "host=127.0.0.1 port=" + std::to_string(server->port()) + " db=no_such user=root"});
    ASSERT_FALSE(no_db);
    EXPECT_EQ(no_db.error().message.substr(0, 30), "the server refuses the login: ") << no_db.error().text();
}

}  // namespace
}  // namespace stemma::sql
