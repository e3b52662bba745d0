// How far a query was read: the latest change time seen, and the id of the last row that had it. The next reading starts an overlap
// earlier, since transactions that began before may commit after. A cursor is never ahead of the database's clock: from there, no row
// that is written now would be seen.
// Where the database tells its transaction horizon, a mark holds that too: whatever was not committed then is found by it, however
// long it takes and whatever change time it has.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace stemma::erp {

struct Cursor {
    Instant changed;
    std::string id;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// The oldest transaction that was running when a reading began, and the database that counts its transactions so.
struct HorizonMark {
    std::uint64_t transaction{0};
    std::string database;  ///< its number in its cluster, the cluster's, the cluster's timeline: a copy counts by itself
    friend bool operator==(const HorizonMark&, const HorizonMark&) = default;
};

/// What the store keeps of a query between readings: "rev=2 xmin=734/16384 partly 2026-03-01T10:00:00.123456Z|42".
struct ReadMark {
    Cursor cursor;
    std::optional<HorizonMark> horizon;  ///< of the newest reading that came to its end, or of the first one while it has not
    bool partly{false};                  ///< that reading did not come to its end: rows changed since `cursor` may never have been read
    std::uint32_t revision{1};           ///< of the mapping's query, by which keys and ids were made
    friend bool operator==(const ReadMark&, const ReadMark&) = default;
};

/// "2026-03-01T10:00:00.123456Z|42". Errors: Errc::invalid_input for a text that is no cursor.
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text);
[[nodiscard]] std::string format_cursor(const Cursor& cursor);

/// Errors: Errc::invalid_input for a text that is no mark.
[[nodiscard]] Result<ReadMark> parse_mark(std::string_view text);
[[nodiscard]] std::string format_mark(const ReadMark& mark);

/// Moves `cursor` on to a row, never back in time. A row that changed after `now`, the database's clock, moves nothing: it is read again.
void advance(std::optional<Cursor>& cursor, const Cursor& row, Instant now);

/// Where the next reading starts, as an SQL text of the moment: "2026-03-01 10:00:00.123456"; without a fraction where it is zero, so that
/// it also compares as text with how SQLite's users write it.
[[nodiscard]] std::string since_text(const Cursor& cursor, std::chrono::microseconds overlap);

}  // namespace stemma::erp
