// How far a query was read: "2026-03-01T10:00:00.123456Z|42" = the latest change time seen, and the id of the last row that had it.
// The next reading starts an overlap earlier, since transactions that began before may commit after. A cursor is never ahead of the
// database's clock: from there, no row that is written now would be seen.
#pragma once

#include <chrono>
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

/// Errors: Errc::invalid_input for a text that is no cursor.
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text);
[[nodiscard]] std::string format_cursor(const Cursor& cursor);

/// Moves `cursor` on to a row, never back in time. A row that changed after `now`, the database's clock, moves nothing: it is read again.
void advance(std::optional<Cursor>& cursor, const Cursor& row, Instant now);

/// Where the next reading starts, as an SQL text of the moment: "2026-03-01 10:00:00.123456"; without a fraction where it is zero, so that
/// it also compares as text with how SQLite's users write it.
[[nodiscard]] std::string since_text(const Cursor& cursor, std::chrono::microseconds overlap);

}  // namespace stemma::erp
