// What only a real PostgreSQL can show: a commit that is not acknowledged, sessions that are given up, two programs on one ledger.
#include "adapters/store/postgres/postgres_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "adapters/sql/session.hpp"
#include "adapters/store/postgres/name_filter.hpp"
#include "tests/contract/store_backends.hpp"
#include "tests/support/postgres_schema.hpp"

namespace stemma::store {
namespace {

using test::entry;
using test::Postgres;
using test::PostgresSchema;
using test::value;

std::unique_ptr<Store> open(const std::string& connection, const std::string& schema, bool read_only = false) {
    auto opened = open_postgres({.connection = connection, .schema = schema, .read_only = read_only, .busy_timeout_ms = 200});
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

class OnPostgres : public ::testing::Test {
protected:
    void SetUp() override {
        if (!Postgres::installed()) GTEST_SKIP() << Postgres::kMissing;
        schema = std::make_unique<PostgresSchema>();
        store = again();
        ASSERT_TRUE(store);
    }
    [[nodiscard]] std::unique_ptr<Store> again(bool read_only = false) const {
        return open(schema->connection(), schema->name(), read_only);
    }
    static void append(Store& to, Sequence sequence, const std::string& item) {
        auto work = to.begin();
        ASSERT_TRUE(work) << work.error().text();
        ASSERT_TRUE((*work)->append(entry(sequence)));
        ASSERT_TRUE((*work)->apply({.sequence = sequence, .touched = {{Subject::Kind::item, item}, {Subject::Kind::place, "l:1"}}}));
        const auto done = (*work)->commit();
        ASSERT_TRUE(done) << done.error().text();
    }

    std::unique_ptr<PostgresSchema> schema;
    std::unique_ptr<Store> store;
};

TEST_F(OnPostgres, says_what_it_is_and_no_password) {
    const std::string text = value(store->describe());
    EXPECT_TRUE(text.starts_with("PostgreSQL 1")) << text;
    EXPECT_NE(text.find("schema " + schema->name()), std::string::npos) << text;
    EXPECT_EQ(text.find("password"), std::string::npos) << text;
}

TEST_F(OnPostgres, lets_two_programs_write_in_turn) {
    const auto other = again();
    append(*store, 0, "i:1");
    append(*other, 1, "i:2");
    append(*store, 2, "i:2");
    append(*other, 3, "i:1");
    const auto snapshot = value(store->read());
    EXPECT_EQ(value(snapshot->subject_entries("i:1", 9, 9)), (std::vector<Sequence>{0, 3}));
    EXPECT_EQ(value(snapshot->subject_entries("i:2", 9, 9)), (std::vector<Sequence>{1, 2}));
    EXPECT_EQ(value(snapshot->subject_entries("l:1", 9, 9)), (std::vector<Sequence>{0, 1, 2, 3}));
    EXPECT_EQ(value(snapshot->subjects(Subject::Kind::item, 0, 9)).size(), 2U);
}

TEST_F(OnPostgres, makes_its_tables_once_for_programs_that_start_at_one_moment) {
    schema->run("DROP SCHEMA " + schema->name() + " CASCADE");
    std::vector<Result<std::unique_ptr<Store>>> opened(6);
    {
        std::vector<std::jthread> programs;
        for (auto& each : opened)
            programs.emplace_back(
                [&] { each = open_postgres({.connection = schema->connection(), .schema = schema->name(), .busy_timeout_ms = 60'000}); });
    }
    for (const auto& each : opened) EXPECT_TRUE(each) << each.error().text();
    append(**opened.front(), 0, "i:1");
    EXPECT_EQ(value(value((*opened.back())->read())->size()), 1U);
}

TEST_F(OnPostgres, tells_a_second_program_that_it_is_not_its_turn) {
    const auto other = again();
    auto first = store->begin();
    ASSERT_TRUE(first);
    const auto second = other->begin();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::unavailable);
    ASSERT_TRUE((*first)->append(entry(0)) && (*first)->commit());
    first->reset();
    EXPECT_TRUE(other->begin());
}

TEST_F(OnPostgres, refuses_to_change_or_delete_entries) {
    append(*store, 0, "i:1");
    auto connection = sql::parse_connection(schema->connection());
    connection->search_path = schema->name();
    auto session = sql::Session::open(*connection);
    ASSERT_TRUE(session);
    for (const char* statement : {"UPDATE ledger_entry SET bytes = ''", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"}) {
        const auto done = session->execute_as_is({"test.change", statement});
        ASSERT_FALSE(done) << statement;
        EXPECT_NE(done.error().message.find("never changed"), std::string::npos) << done.error().text();
    }
}

TEST_F(OnPostgres, refuses_a_database_that_is_newer_or_was_made_by_another_text) {
    schema->run("INSERT INTO schema_migration (number, name, sha256) VALUES (99, '0099_future.sql', '00')");
    auto newer = open_postgres({.connection = schema->connection(), .schema = schema->name()});
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Errc::storage);
    EXPECT_NE(newer.error().message.find("newer"), std::string::npos);
    schema->run("DELETE FROM schema_migration WHERE number = 99");
    schema->run("UPDATE schema_migration SET sha256 = '00' WHERE number = 2");
    EXPECT_FALSE(open_postgres({.connection = schema->connection(), .schema = schema->name(), .read_only = true}));
}

TEST_F(OnPostgres, tells_a_reader_that_there_is_no_ledger) {
    const auto none = open_postgres({.connection = schema->connection(), .schema = "nobody_made_it", .read_only = true});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Errc::not_found);
}

TEST_F(OnPostgres, writes_nothing_when_opened_for_reading) {
    append(*store, 0, "i:1");
    const auto reader = again(true);
    EXPECT_EQ(value(value(reader->read())->size()), 1U);
    EXPECT_FALSE(reader->begin());
}

TEST_F(OnPostgres, finds_a_missing_entry) {
    append(*store, 0, "i:1");
    append(*store, 1, "i:1");
    EXPECT_TRUE(value(store->check_integrity()).empty());
    schema->run("ALTER TABLE ledger_entry DISABLE TRIGGER USER");
    schema->run("DELETE FROM ledger_entry WHERE sequence = 0");
    const auto lines = value(store->check_integrity());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0], "file damaged: 1 entries of the ledger are missing");
}

TEST_F(OnPostgres, refuses_a_text_that_it_cannot_keep_and_goes_on) {
    auto work = value(store->begin());
    ASSERT_TRUE(work->begin_part());
    const auto refused = work->apply({.sequence = 0, .touched = {{Subject::Kind::item, "i:\xFF"}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
    ASSERT_TRUE(work->undo_part());
    EXPECT_FALSE(value(work->subject("i:\xFF")));
    EXPECT_FALSE(value(work->event(EventId{std::string("e:\0", 3)})));
    ASSERT_TRUE(work->append(entry(0)));
    EXPECT_TRUE(work->commit());
}

TEST_F(OnPostgres, opens_a_new_connection_after_one_was_lost) {
    append(*store, 0, "i:1");
    schema->run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
    auto work = store->begin();
    if (!work) work = store->begin();  // the loss is met here
    ASSERT_TRUE(work) << work.error().text();
    ASSERT_TRUE((*work)->append(entry(1)));
    EXPECT_TRUE((*work)->commit());
}

TEST_F(OnPostgres, drops_a_session_that_turned_out_to_be_read_only) {
    const auto backend = [&] {
        auto work = value(store->begin());
        auto connection = sql::parse_connection(schema->connection());
        auto session = sql::Session::open(*connection);
        const auto pid = session->first({"test.pid", "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"}, {},
                                        [](const sql::Row& row) { return row.integer(0); });
        return pid->value_or(0);
    };
    const std::int64_t before = backend();
    EXPECT_EQ(backend(), before) << "a session is kept";
    schema->run(
        "CREATE FUNCTION as_a_standby() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'read-only' USING ERRCODE = '25006'; "
        "END $$");
    schema->run("CREATE TRIGGER standby BEFORE INSERT ON person EXECUTE FUNCTION as_a_standby()");
    auto work = value(store->begin());
    ASSERT_TRUE(work->put_person({PartyId{"p:1"}, "Ada", "", "00"}));
    EXPECT_FALSE(work->commit());
    work.reset();
    EXPECT_NE(backend(), before);
}

/// A commit that waits for a standby that does not exist, until somebody cancels the wait: the server then says COMMIT, and a warning.
class WithoutItsStandby : public ::testing::Test {
protected:
    void SetUp() override {
        if (!Postgres::installed()) GTEST_SKIP() << Postgres::kMissing;
        auto started = Postgres::start({"synchronous_commit=on"});
        ASSERT_TRUE(started) << started.error().text();
        server = std::move(*started);
        watching.emplace(value_of(sql::Session::open(*sql::parse_connection(server->connection()))));
    }
    static sql::Session value_of(Result<sql::Session> opened) {
        EXPECT_TRUE(opened) << opened.error().text();
        return std::move(*opened);
    }
    /// From here on each commit waits. The server takes such a setting over in its own time: tried until one does.
    void ask_for_a_standby() {
        ASSERT_TRUE(watching->execute_as_is({"test.probe", "CREATE TABLE probe (n BIGINT)"}));
        auto probing = value_of(sql::Session::open(*sql::parse_connection(server->connection())));
        ASSERT_TRUE(watching->execute_as_is({"test.set", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"}));
        ASSERT_TRUE(watching->execute_as_is({"test.reload", "SELECT pg_reload_conf()"}));
        const auto commit = [&] { EXPECT_TRUE(probing.execute_as_is({"test.add", "INSERT INTO probe VALUES (1)"})); };
        while (cancel_while(commit) == 0) continue;
    }
    /// Ends the waits of the commits that `work` is in, until it is through; how many.
    std::int64_t cancel_while(const std::function<void()>& work) {
        std::atomic<bool> through{false};
        std::jthread committing{[&] {
            work();
            through = true;
        }};
        const sql::Query cancel{"test.cancel", "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"};
        std::int64_t cancelled = 0;
        for (; !through; std::this_thread::sleep_for(std::chrono::milliseconds{5})) {
            const auto counted = watching->first(cancel, {}, [](const sql::Row& row) { return row.integer(0); });
            EXPECT_TRUE(counted) << counted.error().text();
            cancelled += counted ? counted->value_or(0) : 0;
        }
        return cancelled;
    }

    std::unique_ptr<Postgres> server;
    std::optional<sql::Session> watching;
};

TEST_F(WithoutItsStandby, acknowledges_no_commit_whose_wait_was_cancelled) {
    const auto store = open(server->connection(), "ledger");
    ask_for_a_standby();
    Result<void> answer;
    EXPECT_GT(cancel_while([&] {
                  auto work = value(store->begin());
                  EXPECT_TRUE(work->append(entry(0)));
                  answer = work->commit();
              }),
              0);
    ASSERT_FALSE(answer) << "the server answered COMMIT";
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_NE(answer.error().message.find("01000"), std::string::npos) << answer.error().text();
    EXPECT_EQ(value(value(store->read())->size()), 1U) << "it did take hold here: the outcome is only known after reading again";
}

/// The red control: whoever looks at the answer alone is told that all is well.
TEST_F(WithoutItsStandby, would_be_told_of_success_without_the_warning) {
    auto session = value_of(sql::Session::open(*sql::parse_connection(server->connection())));
    ASSERT_TRUE(session.execute_as_is({"test.table", "CREATE TABLE t (n BIGINT)"}));
    ask_for_a_standby();
    Result<void> answer = fail(Errc::internal, "not asked");
    EXPECT_GT(
        cancel_while([&] {
            EXPECT_TRUE(session.execute_as_is({"test.begin", "BEGIN"}) && session.execute_as_is({"test.add", "INSERT INTO t VALUES (1)"}));
            answer = session.execute_as_is({"test.commit", "COMMIT"});
        }),
        0);
    EXPECT_TRUE(answer);
}

TEST(NameFilter, knows_every_name_that_was_added_and_few_others) {
    constexpr int kNames = 300'000;  // several layers
    const auto hash = [](const std::string& form, int i) { return std::hash<std::string>{}(form + std::to_string(i)); };
    postgres::NameFilter filter;
    EXPECT_FALSE(filter.may_have(hash("urn:", 1)));
    for (int i = 0; i < kNames; ++i) filter.add(hash("urn:", i));
    int taken_for_known = 0;
    for (int i = 0; i < kNames; ++i) {
        ASSERT_TRUE(filter.may_have(hash("urn:", i)));
        taken_for_known += filter.may_have(hash("other:", i)) ? 1 : 0;
    }
    EXPECT_LT(taken_for_known, kNames / 100);
    filter.clear();
    EXPECT_FALSE(filter.may_have(hash("urn:", 1)));
}

}  // namespace
}  // namespace stemma::store
