#include "adapters/erp/sql_text.hpp"

#include <gtest/gtest.h>

#include "tests/unit/erp/support.hpp"

namespace stemma::erp {
namespace {

std::string refusal(std::string_view sql) {
    const Result<void> ok = check_sql_form(sql);
    return ok ? "" : ok.error().message;
}

TEST(SqlForm, takes_a_plain_select) {
    EXPECT_EQ(refusal("SELECT a, 'it''s (' AS b, \"set\" FROM \"t-u\" WHERE (a > 1 OR b IN ('x;', '--'))"), "");
    EXPECT_EQ(refusal("select\n1"), "");
}

TEST(SqlForm, refuses_what_does_not_begin_with_select) {
    for (const char* sql : {"", "SELECT", "SELECTED 1", "WITH a AS (SELECT 1) SELECT 2", "VALUES (1)"})
        EXPECT_EQ(refusal(sql), "the SQL does not begin with SELECT") << sql;
}

TEST(SqlForm, refuses_a_second_statement_placeholders_and_comments) {
    EXPECT_EQ(refusal("SELECT 1; SELECT 2"), "the SQL holds a ';'");
    EXPECT_EQ(refusal("SELECT :a"), "the SQL holds a ':'");
    EXPECT_EQ(refusal("SELECT a::text"), "the SQL holds a ':'");
    EXPECT_EQ(refusal("SELECT ':'"), "the SQL holds a ':'");
    EXPECT_EQ(refusal("SELECT E'\\'' FROM t"), "the SQL holds a '\\'");
    EXPECT_EQ(refusal("SELECT $1"), "the SQL holds a '$'");
    EXPECT_EQ(refusal("SELECT $$a$$"), "the SQL holds a '$'");
    EXPECT_EQ(refusal("SELECT ?"), "the SQL holds a '?'");
    EXPECT_EQ(refusal("SELECT 1 -- x"), "the SQL holds a comment");
    EXPECT_EQ(refusal("SELECT 1 /* x */"), "the SQL holds a comment");
}

TEST(SqlForm, refuses_brackets_and_quotes_that_could_leave_the_outer_select) {
    EXPECT_EQ(refusal("SELECT 1) AS q, (SELECT 2"), "the brackets of the SQL do not match");
    EXPECT_EQ(refusal("SELECT (1"), "the brackets of the SQL do not match");
    EXPECT_EQ(refusal("SELECT 'a"), "a quoted text does not end");
    EXPECT_EQ(refusal("SELECT \"a"), "a quoted text does not end");
}

TEST(SqlForm, refuses_words_that_change_something) {
    for (const char* sql : {"SELECT 1 INTO t", "SELECT * FROM t FOR UPDATE", "SELECT pg_sleep(1)", "SELECT lo_export(1, 'x')",
                            "SELECT nextval('s')", "SELECT * FROM dblink('x')", "SELECT load_extension('x')", "SELECT (delete)"})
        EXPECT_TRUE(refusal(sql).ends_with("has no place in a SELECT")) << sql;
    EXPECT_EQ(refusal("SELECT \"update\", updated, into_stock FROM t"), "");
}

TEST(Compose, wraps_the_select_with_cursor_and_limit) {
    const auto mapping = test::toy();
    const MappedQuery& moves = *mapping->find("moves");
    EXPECT_EQ(compose(*mapping, moves, {}, {.since = {}, .ordered = false, .rows = {}}), "SELECT * FROM (" + moves.sql + ") AS q");
    EXPECT_EQ(compose(*mapping, moves, {}, {.since = "'2026-03-01 10:00:00'", .ordered = true, .rows = 7}),
              "SELECT * FROM (" + moves.sql +
                  ") AS q WHERE \"changed\" >= '2026-03-01 10:00:00' OR \"changed\" IS NULL ORDER BY \"changed\", \"id\" LIMIT 7");
}

TEST(Compose, puts_an_empty_table_in_place_of_an_absent_part) {
    const auto mapping = test::toy();
    const MappedQuery& lots = *mapping->find("lots");
    EXPECT_EQ(compose(*mapping, lots, {}, {}), "WITH RECURSIVE \"dates\" (\"lot_id\", \"expires\") AS (" + mapping->parts[0].sql +
                                                   ") SELECT * FROM (" + lots.sql + ") AS q");
    EXPECT_EQ(compose(*mapping, lots, {0}, {}),
              "WITH RECURSIVE \"dates\" (\"lot_id\", \"expires\") AS (SELECT CAST(NULL AS BIGINT), CAST(NULL AS DATE) WHERE 1 = 0) "
              "SELECT * FROM (" +
                  lots.sql + ") AS q");
}

TEST(QuotedName, doubles_a_quote) { EXPECT_EQ(quoted_name("a\"b-c"), "\"a\"\"b-c\""); }

}  // namespace
}  // namespace stemma::erp
