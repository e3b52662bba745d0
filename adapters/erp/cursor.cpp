#include "adapters/erp/cursor.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/base/text.hpp"

namespace stemma::erp {
namespace {

constexpr std::string_view kRevision = "rev=";
constexpr std::string_view kHorizon = "xmin=";
constexpr std::string_view kPartly = "partly ";

std::unexpected<Error> no_cursor(std::string_view text) {
    return fail(Errc::invalid_input, fmt::format("'{}' is no cursor", clip(text)), {}, "an empty cursor reads from the beginning");
}

/// "734/16384/7412345678901234567/1"
std::optional<HorizonMark> parse_horizon(std::string_view text) {
    HorizonMark mark;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), mark.transaction);
    if (wrong != std::errc{} || end == text.data() + text.size() || *end != '/') return std::nullopt;
    mark.database = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
    return mark;
}

}  // namespace

Result<Cursor> parse_cursor(std::string_view text) {
    const std::size_t bar = text.find('|');
    const Result<WrittenTime> time = parse_time(text.substr(0, bar));
    if (bar == std::string_view::npos || !time) return no_cursor(text);
    return Cursor{time->instant, std::string{text.substr(bar + 1)}};
}

std::string format_cursor(const Cursor& cursor) { return fmt::format("{}|{}", format_instant(cursor.changed), cursor.id); }

Result<ReadMark> parse_mark(std::string_view text) {
    ReadMark mark;
    std::string_view rest = text;
    if (rest.starts_with(kRevision)) {
        const char* const last = text.data() + text.size();
        const auto [end, wrong] = std::from_chars(text.data() + kRevision.size(), last, mark.revision);
        if (wrong != std::errc{} || mark.revision == 0 || end == last || *end != ' ') return no_cursor(text);
        rest.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    if (rest.starts_with(kHorizon)) {
        const std::size_t end = rest.find(' ');
        if (end == std::string_view::npos) return no_cursor(text);
        mark.horizon = parse_horizon(rest.substr(kHorizon.size(), end - kHorizon.size()));
        if (!mark.horizon) return no_cursor(text);
        rest.remove_prefix(end + 1);
    }
    mark.partly = rest.starts_with(kPartly);
    if (mark.partly) rest.remove_prefix(kPartly.size());
    Result<Cursor> cursor = parse_cursor(rest);
    if (!cursor) return no_cursor(text);
    mark.cursor = *std::move(cursor);
    return mark;
}

std::string format_mark(const ReadMark& mark) {
    std::string text;
    if (mark.revision != 1) text = fmt::format("{}{} ", kRevision, mark.revision);
    if (mark.horizon) text += fmt::format("{}{}/{} ", kHorizon, mark.horizon->transaction, mark.horizon->database);
    if (mark.partly) text += kPartly;
    return text + format_cursor(mark.cursor);
}

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
