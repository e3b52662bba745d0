#include "adapters/sql/migrate.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace stemma::sql {
namespace {

using Statements = std::vector<std::string>;

TEST(SplitStatements, cuts_at_semicolons) {
    EXPECT_EQ(split_statements("CREATE TABLE a (x); CREATE TABLE b (y);\nINSERT INTO a VALUES (1)"),
              (Statements{"CREATE TABLE a (x)", "CREATE TABLE b (y)", "INSERT INTO a VALUES (1)"}));
}

TEST(SplitStatements, gives_nothing_for_blanks_and_comments) {
    EXPECT_EQ(split_statements(""), Statements{});
    EXPECT_EQ(split_statements(" \n;; -- a; comment\n/* and; more */ ; "), Statements{});
}

TEST(SplitStatements, leaves_semicolons_in_texts_names_and_comments) {
    EXPECT_EQ(split_statements("INSERT INTO a VALUES ('x;''y;'); SELECT \"a;b\" /* c;d */ FROM a -- e;f\n WHERE 1;"),
              (Statements{"INSERT INTO a VALUES ('x;''y;')", "SELECT \"a;b\" /* c;d */ FROM a -- e;f\n WHERE 1"}));
}

TEST(SplitStatements, keeps_a_trigger_in_one_piece) {
    const std::string trigger = "create temp trigger t after insert on a begin update a set x = case when 1 then 2 end; delete from b; end";
    EXPECT_EQ(split_statements(trigger + "; SELECT 1;"), (Statements{trigger, "SELECT 1"}));
    EXPECT_EQ(split_statements("CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION f(); SELECT 1;"),
              (Statements{"CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION f()", "SELECT 1"}));
}

TEST(SplitStatements, takes_begin_for_a_word_outside_a_trigger) {
    EXPECT_EQ(split_statements("BEGIN; CREATE TABLE trigger_log (begin_at); END;"),
              (Statements{"BEGIN", "CREATE TABLE trigger_log (begin_at)", "END"}));
}

TEST(SplitStatements, leaves_dollar_quoted_bodies_alone) {
    const std::string function = "CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN RAISE 'no; $$ way'; END; $body$ LANGUAGE plpgsql";
    EXPECT_EQ(split_statements(function + ";SELECT $1;"), (Statements{function, "SELECT $1"}));
}

TEST(SplitStatements, refuses_what_is_not_closed) {
    for (const char* text : {"SELECT 'a;", "SELECT \"a;", "SELECT 1; /* x", "SELECT $$ x"}) EXPECT_FALSE(split_statements(text)) << text;
    EXPECT_EQ(split_statements("SELECT 1;\nSELECT 'a").error().message, "a text or comment that begins in line 2 is not closed");
}

class Migrations : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = Session::open({.target = folder.file("m.db")});
        ASSERT_TRUE(opened);
        session = std::make_unique<Session>(std::move(*opened));
    }
    [[nodiscard]] bool has_table(const char* name) const {
        return session->columns({"probe", ("SELECT * FROM " + std::string{name}).c_str()}).has_value();
    }

    test::TempFolder folder;
    std::unique_ptr<Session> session;
    const Migration one{"0001_one.sql", "CREATE TABLE a (x); CREATE TABLE b (y); CREATE TABLE c (z);"};
    const Migration two{"0002_two.sql", "CREATE TABLE d (x);"};
};

TEST_F(Migrations, run_all_statements_of_a_file_once) {
    EXPECT_EQ(migrate(*session, std::vector{one}), 1U);
    for (const char* table : {"a", "b", "c"}) EXPECT_TRUE(has_table(table)) << table;
    EXPECT_EQ(migrate(*session, std::vector{one}), 0U);
    EXPECT_EQ(migrate(*session, std::vector{one, two}), 1U);
    EXPECT_TRUE(has_table("d"));
}

TEST_F(Migrations, leave_nothing_of_a_file_that_fails) {
    const Migration broken{"0002_two.sql", "CREATE TABLE d (x); CREATE TABLE a (x);"};
    const auto refused = migrate(*session, std::vector{one, broken});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().where, "sql:migration.0002_two.sql");
    EXPECT_TRUE(has_table("a"));
    EXPECT_FALSE(has_table("d"));
    EXPECT_EQ(migrate(*session, std::vector{one, two}), 1U);
}

TEST_F(Migrations, refuse_a_newer_database_by_name) {
    ASSERT_TRUE(migrate(*session, std::vector{one, two}));
    const auto refused = migrate(*session, std::vector{one});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_EQ(refused.error().message, "the database is newer than this program: it has 0002_two.sql");
}

TEST_F(Migrations, refuse_a_file_whose_text_changed) {
    ASSERT_TRUE(migrate(*session, std::vector{one}));
    const auto refused = migrate(*session, std::vector{Migration{one.name, "CREATE TABLE a (x)"}, two});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage);
    EXPECT_EQ(refused.error().where, "sql:migration.0001_one.sql");
    EXPECT_FALSE(has_table("d"));
}

TEST_F(Migrations, can_be_checked_without_a_change) {
    EXPECT_EQ(check_schema(*session, std::vector{one}).error().message, "the database was not made by this program");
    ASSERT_TRUE(migrate(*session, std::vector{one}));
    EXPECT_TRUE(check_schema(*session, std::vector{one}));
    EXPECT_EQ(check_schema(*session, std::vector{one, two}).error().message, "the database lacks 0002_two.sql");
    EXPECT_FALSE(has_table("d"));
    ASSERT_TRUE(migrate(*session, std::vector{one, two}));
    EXPECT_EQ(check_schema(*session, std::vector{one}).error().message, "the database is newer than this program: it has 0002_two.sql");
}

TEST_F(Migrations, must_be_numbered_without_a_gap) {
    EXPECT_EQ(migrate(*session, std::vector{two}).error().code, Errc::internal);
    EXPECT_FALSE(has_table("d"));
}

}  // namespace
}  // namespace stemma::sql
