#include "adapters/sql/session.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "adapters/sql/transaction.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::sql {
namespace {

constexpr Query kPut{"t.put", "INSERT INTO t (number, body) VALUES (:number, :body)"};
constexpr Query kAll{"t.all", "SELECT number, body FROM t ORDER BY rowid"};

class SqliteSession : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = open({});
        ASSERT_TRUE(opened) << opened.error().text();
        session = std::make_unique<Session>(std::move(*opened));
        run("CREATE TABLE t (number BIGINT, body TEXT)");
    }

    [[nodiscard]] Result<Session> open(Connection connection) const {
        connection.target = folder.file("a b.db");
        return Session::open(connection);
    }
    void run(const char* text) const {
        const auto done = session->execute_as_is({"test", text});
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] std::optional<std::string> cell(const char* text) const {
        auto found = session->first({"test", text}, {}, [](const Row& row) -> std::optional<std::string> {
            if (row.is_null(0)) return std::nullopt;
            return std::string{row.text(0)};
        });
        EXPECT_TRUE(found) << found.error().text();
        return found.value_or(std::nullopt).value_or("(no row)");
    }

    test::TempFolder folder;
    std::unique_ptr<Session> session;
};

TEST_F(SqliteSession, keeps_every_64_bit_integer) {
    const std::int64_t numbers[] = {
        0, -1, (std::int64_t{1} << 53) + 1, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), 2147483648};
    run("CREATE TABLE plain (number INTEGER)");
    for (const std::int64_t number : numbers) {
        ASSERT_TRUE(session->execute(kPut, {{"number", number}, {"body", nullptr}}));
        ASSERT_TRUE(session->execute({"p", "INSERT INTO plain VALUES (:n)"}, {{"n", number}}));
    }
    for (const Query& query : {kAll, Query{"p", "SELECT number FROM plain ORDER BY rowid"}}) {
        const auto read = session->all(query, {}, [](const Row& row) { return row.integer(0); });
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(*read, std::vector<std::int64_t>(std::begin(numbers), std::end(numbers)));
    }
}

TEST_F(SqliteSession, keeps_text_byte_by_byte) {
    const std::string texts[] = {
        "",         "it's \"quoted\" \\ :name ; --", "\xC3\xBC \xE6\xB0\xB4 \xF0\x9F\x90\x9F", std::string("a\0b", 3),
        "\xFF\xFE", std::string(1 << 20, 'x')};
    for (const std::string& text : texts) ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", text}}));
    const auto read =
        session->all(kAll, {}, [](const Row& row) { return row.maybe_text(1).transform([](auto t) { return std::string{t}; }); });
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), std::size(texts));
    for (std::size_t i = 0; i < read->size(); ++i) EXPECT_EQ((*read)[i], texts[i]) << i;
}

TEST_F(SqliteSession, reads_a_blob_in_a_text_column_byte_by_byte) {
    run("INSERT INTO t VALUES (1, x'00ff27410a00')");
    const auto body = session->first(kAll, {}, [](const Row& row) { return std::string{row.text(1)}; });
    ASSERT_TRUE(body && *body);
    EXPECT_EQ(**body, std::string("\x00\xff'A\n\x00", 6));
}

TEST_F(SqliteSession, tells_null_from_empty) {
    ASSERT_TRUE(session->execute(kPut, {{"number", nullptr}, {"body", ""}}));
    ASSERT_TRUE(session->execute(kPut, {{"number", std::optional<std::int64_t>{}}, {"body", std::optional<std::string>{"x"}}}));
    ASSERT_TRUE(session->execute(kPut, {{"number", 7}, {"body", nullptr}}));
    auto rows = session->query(kAll);
    ASSERT_TRUE(rows);
    ASSERT_TRUE(rows->next().value());
    EXPECT_TRUE(rows->row().is_null(0));
    EXPECT_EQ(rows->row().maybe_integer(0), std::nullopt);
    EXPECT_EQ(rows->row().maybe_text(1), "");
    ASSERT_TRUE(rows->next().value());
    EXPECT_EQ(rows->row().text(1), "x");
    ASSERT_TRUE(rows->next().value());
    EXPECT_EQ(rows->row().maybe_integer(0), 7);
    EXPECT_EQ(rows->row().maybe_text(1), std::nullopt);
    EXPECT_EQ(rows->row().text(1), "");
    EXPECT_FALSE(rows->next().value());
    EXPECT_FALSE(rows->next().value());
}

TEST_F(SqliteSession, reads_any_type_as_text) {
    run("CREATE TABLE erp (d DATE, at TIMESTAMP, yes BOOLEAN, price DOUBLE PRECISION, amount NUMERIC(16,4), id UUID, doc JSON)");
    run("INSERT INTO erp VALUES ('2026-03-01', '2026-03-01 10:00:00.123456', 1, 0.1, 12.5, 'ab-cd', '{\"a\":1}')");
    run("INSERT INTO erp DEFAULT VALUES");
    const auto rows = session->all({"erp", "SELECT * FROM erp ORDER BY rowid"}, {}, [](const Row& row) {
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < row.size(); ++i) cells.emplace_back(row.maybe_text(i).value_or("NULL"));
        return cells;
    });
    ASSERT_TRUE(rows);
    EXPECT_EQ((*rows)[0], (std::vector<std::string>{"2026-03-01", "2026-03-01 10:00:00.123456", "1", "0.1", "12.5", "ab-cd", "{\"a\":1}"}));
    EXPECT_EQ((*rows)[1], std::vector<std::string>(7, "NULL"));
}

TEST_F(SqliteSession, takes_a_parameter_as_integer_and_then_as_text) {
    run("CREATE TABLE loose (v)");
    const Query put{"loose.put", "INSERT INTO loose VALUES (:v)"};
    ASSERT_TRUE(session->execute(put, {{"v", 5}}));
    ASSERT_TRUE(session->execute(put, {{"v", "5"}}));
    ASSERT_TRUE(session->execute(put, {{"v", nullptr}}));
    ASSERT_TRUE(session->execute(put, {{"v", 6}}));
    EXPECT_EQ(cell("SELECT group_concat(typeof(v)) FROM loose"), "integer,text,null,integer");
}

TEST_F(SqliteSession, uses_one_value_for_a_name_that_stands_twice) {
    const auto twice = session->first({"twice", "SELECT :a || '-' || :b || '-' || :a"}, {{"a", "x"}, {"b", "y"}},
                                      [](const Row& row) { return std::string{row.text(0)}; });
    ASSERT_TRUE(twice);
    EXPECT_EQ(*twice, "x-y-x");
}

TEST_F(SqliteSession, refuses_binds_that_do_not_fit) {
    const auto unknown = session->execute(kPut, {{"number", 1}, {"body", "x"}, {"bodi", "y"}});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Errc::internal);
    EXPECT_EQ(unknown.error().message, "it has no parameter 'bodi'");
    const auto missing = session->execute(kPut, {{"number", 1}});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "parameter 'body' was given no value");
    EXPECT_EQ(missing.error().where, "sql:t.put");
    EXPECT_FALSE(session->execute({"anonymous", "SELECT ?"}));
    EXPECT_EQ(cell("SELECT count(*) FROM t"), "0");
}

TEST_F(SqliteSession, fails_on_a_cell_that_is_no_number) {
    run("INSERT INTO t VALUES ('abc', 'x'), (2, 'y')");
    const auto read = session->all(kAll, {}, [](const Row& row) { return row.integer(0); });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::storage);
    EXPECT_EQ(read.error().message, "file damaged: column 0 holds no whole number");
    EXPECT_EQ(read.error().where, "sql:t.all");
    EXPECT_FALSE(session->first(kAll, {}, [](const Row& row) { return row.integer(0); }));
    EXPECT_TRUE(session->all(kAll, {}, [](const Row& row) { return std::string{row.text(0)}; }));  // the next reading is not tainted
}

TEST_F(SqliteSession, reads_one_query_inside_itself) {
    run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    int pairs = 0;
    auto outer = session->query(kAll);
    ASSERT_TRUE(outer);
    while (outer->next().value()) {
        auto inner = session->query(kAll);
        ASSERT_TRUE(inner);
        while (inner->next().value()) ++pairs;
    }
    EXPECT_EQ(pairs, 4);
}

TEST_F(SqliteSession, closes_a_result_that_was_not_read_to_its_end) {
    run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    {
        auto rows = session->query(kAll);
        ASSERT_TRUE(rows && rows->next().value());
    }
    auto other = open({.busy_timeout_ms = 0});
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->execute_as_is({"t.drop", "DROP TABLE t"}));  // would be SQLITE_LOCKED
}

TEST_F(SqliteSession, counts_the_rows_it_changed) {
    run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    EXPECT_EQ(session->execute({"t.update", "UPDATE t SET body = 'x' WHERE number > :n"}, {{"n", 1}}), 2);
    EXPECT_EQ(session->execute({"t.update", "UPDATE t SET body = 'x' WHERE number > :n"}, {{"n", 9}}), 0);
}

TEST_F(SqliteSession, names_the_columns_without_running_the_query) {
    run("INSERT INTO t VALUES (1, 'a')");
    EXPECT_EQ(session->columns({"q", "SELECT number AS n, body, count(*) AS \"how many\" FROM t WHERE number > :x"}),
              (std::vector<std::string>{"n", "body", "how many"}));
    EXPECT_EQ(session->columns({"q", "DELETE FROM t RETURNING number"}), std::vector<std::string>{"number"});
    EXPECT_EQ(cell("SELECT count(*) FROM t"), "1");
}

TEST_F(SqliteSession, tells_a_query_that_does_not_fit) {
    const auto column = session->columns({"moves", "SELECT nombre FROM t"});
    ASSERT_FALSE(column);
    EXPECT_EQ(column.error().code, Errc::config);
    EXPECT_EQ(column.error().message, "the query does not fit the database: no such column: nombre");
    EXPECT_EQ(column.error().where, "sql:moves");
    EXPECT_EQ(session->columns({"moves", "SELECT 1 FROM stock_move"}).error().code, Errc::config);
    EXPECT_FALSE(session->columns({"moves", "SELECT \"nombre\" FROM t"})) << "a quoted name is never a text";
}

TEST_F(SqliteSession, maps_the_engines_refusals) {
    run("PRAGMA foreign_keys=ON");
    run("CREATE TABLE parent (id BIGINT PRIMARY KEY)");
    run("CREATE TABLE child (id BIGINT NOT NULL REFERENCES parent (id))");
    run("INSERT INTO parent VALUES (1)");
    const auto code = [&](const char* text) { return session->execute({"x", text}).error(); };
    EXPECT_EQ(code("INSERT INTO parent VALUES (1)").code, Errc::conflict);
    EXPECT_EQ(code("INSERT INTO child VALUES (2)").message, "the row it points to does not exist: FOREIGN KEY constraint failed");
    EXPECT_EQ(code("INSERT INTO child VALUES (NULL)").code, Errc::storage);
}

TEST_F(SqliteSession, is_told_that_another_writes) {
    auto other = open({.busy_timeout_ms = 20});
    ASSERT_TRUE(other);
    auto first = Transaction::begin(*session, Transaction::Mode::write);
    ASSERT_TRUE(first);
    const auto second = Transaction::begin(*other, Transaction::Mode::write);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::unavailable);
    EXPECT_TRUE(first->commit());
    EXPECT_TRUE(Transaction::begin(*other, Transaction::Mode::write));
}

TEST_F(SqliteSession, writes_nothing_when_opened_for_reading) {
    auto reader = open({.read_only = true});
    ASSERT_TRUE(reader);
    const auto refused = reader->execute(kPut, {{"number", 1}, {"body", "x"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_EQ(refused.error().message, "the database was opened for reading only: attempt to write a readonly database");
    ASSERT_TRUE(reader->execute_as_is({"x", "PRAGMA query_only=OFF"}));
    EXPECT_FALSE(reader->execute(kPut, {{"number", 1}, {"body", "x"}})) << "the file itself is open for reading";
}

TEST_F(SqliteSession, never_makes_a_file_for_a_reader) {
    const std::string path = folder.file("missing.db");
    const auto opened = Session::open({.target = path, .read_only = true});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::unavailable);
    EXPECT_EQ(opened.error().message, "no database file at " + path);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SqliteSession, tells_a_file_that_is_no_database) {
    std::ofstream{folder.file("note.txt")} << std::string(4096, 'n');
    const auto opened = Session::open({.target = folder.file("note.txt"), .read_only = true});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message, "file damaged: file is not a database");
    EXPECT_FALSE(Session::open({.target = folder.file("no/such/folder/x.db")}));
}

TEST_F(SqliteSession, rolls_back_what_was_not_committed) {
    {
        auto transaction = Transaction::begin(*session, Transaction::Mode::write);
        ASSERT_TRUE(transaction && session->in_transaction());
        ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    }
    EXPECT_FALSE(session->in_transaction());
    EXPECT_EQ(cell("SELECT count(*) FROM t"), "0");
    auto transaction = Transaction::begin(*session, Transaction::Mode::write);
    ASSERT_TRUE(transaction && session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    ASSERT_TRUE(transaction->commit());
    EXPECT_FALSE(transaction->commit());
    EXPECT_EQ(cell("SELECT count(*) FROM t"), "1");
}

TEST_F(SqliteSession, takes_a_readers_snapshot_at_once) {
    run("PRAGMA journal_mode=WAL");
    auto reader = open({.read_only = true});
    ASSERT_TRUE(reader);
    auto snapshot = Transaction::begin(*reader, Transaction::Mode::read);
    ASSERT_TRUE(snapshot);
    ASSERT_TRUE(session->execute(kPut, {{"number", 1}, {"body", "x"}}));
    const Query count{"t.count", "SELECT count(*) FROM t"};
    const auto seen = [&] { return reader->first(count, {}, [](const Row& row) { return row.integer(0); }).value(); };
    EXPECT_EQ(seen(), 0);
    ASSERT_TRUE(snapshot->commit());
    EXPECT_EQ(seen(), 1);
}

TEST_F(SqliteSession, is_durable_when_asked) {
    auto durable = Session::open({.target = folder.file("ledger.db"), .durable = true});
    ASSERT_TRUE(durable);
    const auto setting = [&](const char* pragma) {
        return durable->first({"pragma", pragma}, {}, [](const Row& row) { return std::string{row.text(0)}; }).value().value();
    };
    EXPECT_EQ(setting("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(setting("PRAGMA synchronous"), "2");  // FULL
    EXPECT_EQ(setting("PRAGMA foreign_keys"), "1");
    EXPECT_EQ(setting("PRAGMA busy_timeout"), "5000");
}

TEST_F(SqliteSession, keeps_a_bounded_number_of_statements) {
    for (std::size_t i = 0; i < 2 * kStatementsKeptMax + 1; ++i) {
        const std::string text = "SELECT " + std::to_string(i);
        EXPECT_EQ(cell(text.c_str()), std::to_string(i));
    }
}

}  // namespace
}  // namespace stemma::sql
