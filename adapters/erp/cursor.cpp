#include "adapters/erp/cursor.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace stemma::erp {

Result<Cursor> parse_cursor(std::string_view text) {
    const std::size_t bar = text.find('|');
    const Result<WrittenTime> time = parse_time(text.substr(0, bar));
    if (bar == std::string_view::npos || !time)
        return fail(Errc::invalid_input, fmt::format("'{}' is no cursor", clip(text)), {}, "an empty cursor reads from the beginning");
    return Cursor{time->instant, std::string{text.substr(bar + 1)}};
}

std::string format_cursor(const Cursor& cursor) { return fmt::format("{}|{}", format_instant(cursor.changed), cursor.id); }

void advance(std::optional<Cursor>& cursor, const Cursor& row, Instant now) {
    if (row.changed > now) return;
    if (!cursor || row.changed >= cursor->changed) cursor = row;
}

std::string since_text(const Cursor& cursor, std::chrono::microseconds overlap) {
    const Instant since{cursor.changed.us - overlap.count()};
    std::string text = format_instant(since);
    text[10] = ' ';
    text.pop_back();  // Z
    return text;
}

}  // namespace stemma::erp
