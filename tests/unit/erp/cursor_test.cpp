#include "adapters/erp/cursor.hpp"

#include <gtest/gtest.h>

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
