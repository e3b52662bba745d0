#include "adapters/erp/cursor.hpp"

#include <gtest/gtest.h>

#include "adapters/erp/horizon.hpp"

namespace stemma::erp {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

Cursor cursor(std::string_view time, std::string id) { return {parse_time(time)->instant, std::move(id)}; }

TEST(Cursor, is_written_and_read_back) {
    const Cursor at = cursor("2026-03-01T10:00:00.123456Z", "a|b");
    EXPECT_EQ(format_cursor(at), "2026-03-01T10:00:00.123456Z|a|b");
    EXPECT_EQ(*parse_cursor(format_cursor(at)), at);
}

TEST(Cursor, refuses_a_text_that_is_none) {
    for (const char* text : {"", "2026-03-01T10:00:00Z", "yesterday|1", "|"}) EXPECT_FALSE(parse_cursor(text)) << text;
}

TEST(ReadMark, is_written_and_read_back_with_a_horizon_and_without) {
    const Cursor at = cursor("2026-03-01T10:00:00.123456Z", "a|b c");
    EXPECT_EQ(format_mark({at, std::nullopt, false}), "2026-03-01T10:00:00.123456Z|a|b c") << "as marks were before there were horizons";
    EXPECT_EQ(format_mark({at, HorizonMark{734, "16384"}, true}), "xmin=734/16384 partly 2026-03-01T10:00:00.123456Z|a|b c");
    for (const bool partly : {false, true})
        for (const auto& horizon : {std::optional<HorizonMark>{}, std::optional{HorizonMark{18'446'744'073'709'551'615U, "16384"}}}) {
            const ReadMark mark{at, horizon, partly};
            EXPECT_EQ(*parse_mark(format_mark(mark)), mark);
        }
}

TEST(ReadMark, names_the_revision_of_the_keys_where_it_is_not_the_first) {
    const Cursor at = cursor("2026-03-01T10:00:00Z", "a");
    EXPECT_EQ(format_mark({at, HorizonMark{734, "16384"}, true, 2}), "rev=2 xmin=734/16384 partly 2026-03-01T10:00:00Z|a");
    EXPECT_EQ(parse_mark("rev=2 2026-03-01T10:00:00Z|a")->revision, 2U);
    EXPECT_EQ(parse_mark("2026-03-01T10:00:00Z|a")->revision, 1U);
    for (const char* text : {"rev=2", "rev= 2026-03-01T10:00:00Z|a", "rev=0 2026-03-01T10:00:00Z|a", "rev=x 2026-03-01T10:00:00Z|a"})
        EXPECT_FALSE(parse_mark(text)) << text;
}

TEST(ReadMark, refuses_a_text_that_is_none) {
    for (const char* text : {"", "xmin=734/16384", "xmin=734 2026-03-01T10:00:00Z|1", "xmin=/1 2026-03-01T10:00:00Z|1", "partly ",
                             "xmin=734/16384 partly", "xmin=18446744073709551616/1 2026-03-01T10:00:00Z|1"})
        EXPECT_FALSE(parse_mark(text)) << text;
}

TEST(Horizon, reaches_back_to_marks_of_its_own_database_within_what_row_versions_tell) {
    const Horizon now{{5'000'000'000, "16384"}, 5'000'000'010, true, {}, {}};
    EXPECT_TRUE(reaches_back_to(now, {5'000'000'010, "16384"}));
    EXPECT_FALSE(reaches_back_to(now, {5'000'000'011, "16384"})) << "the database was set back";
    EXPECT_FALSE(reaches_back_to(now, {5'000'000'000, "16385"})) << "another database";
    EXPECT_TRUE(reaches_back_to(now, {now.next - kTransactionsMax + 1, "16384"}));
    EXPECT_FALSE(reaches_back_to(now, {now.next - kTransactionsMax, "16384"}));
}

TEST(Horizon, compares_the_32_bits_that_a_row_version_tells) {
    EXPECT_EQ(written_since("\"t\"", {(1ULL << 32U) + 7, "1"}), "pg_catalog.age(\"t\".xmin) <= (SELECT pg_catalog.age(CAST('7' AS xid)))");
}

TEST(Cursor, moves_on_and_never_back_in_time) {
    const Instant now = parse_time("2026-03-02T00:00:00Z")->instant;
    std::optional<Cursor> at;
    advance(at, cursor("2026-03-01T10:00:00Z", "5"), now);
    EXPECT_EQ(at->id, "5");
    advance(at, cursor("2026-03-01T09:59:59Z", "6"), now);
    EXPECT_EQ(at->id, "5");
    advance(at, cursor("2026-03-01T10:00:00Z", "7"), now);
    EXPECT_EQ(at->id, "7");
}

TEST(Cursor, does_not_follow_a_row_that_is_ahead_of_the_clock) {
    const Instant now = parse_time("2026-03-01T10:00:00Z")->instant;
    std::optional<Cursor> at;
    advance(at, cursor("2026-03-01T10:00:00.000001Z", "1"), now);
    EXPECT_FALSE(at);
    advance(at, cursor("2026-03-01T10:00:00Z", "2"), now);
    EXPECT_EQ(at->id, "2");
    advance(at, cursor("2099-01-01T00:00:00Z", "3"), now);
    EXPECT_EQ(at->id, "2");
}

TEST(Cursor, the_next_reading_starts_an_overlap_earlier) {
    const Cursor at = cursor("2026-03-01T00:30:00.500000Z", "1");
    EXPECT_EQ(since_text(at, microseconds{0}), "2026-03-01 00:30:00.500");
    EXPECT_EQ(since_text(at, hours{1}), "2026-02-28 23:30:00.500");
    EXPECT_EQ(since_text(at, microseconds{500'000}), "2026-03-01 00:30:00");
}

}  // namespace
}  // namespace stemma::erp
