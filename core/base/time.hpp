// Instants: microseconds since 1970-01-01T00:00:00Z, always UTC. Text is RFC 3339 / ISO 8601.
// Knows no clock: the time of day comes in through core/ports/clock.hpp.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace stemma {

/// A point in time, UTC, resolution 1 µs. Range: years 1 to 9999 (what parse_instant accepts).
struct Instant {
    std::int64_t us{0};  ///< microseconds since the Unix epoch; negative before 1970
    friend auto operator<=>(const Instant&, const Instant&) = default;
};

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// An instant as a person wrote it: with its zone offset, and whether only a date was known.
struct WrittenTime {
    Instant instant;
    std::string offset{"+00:00"};  ///< EPCIS eventTimeZoneOffset: "+02:00", "Z" is normalised to "+00:00"
    bool date_only{false};         ///< no time of day was given; the instant is 00:00:00Z of that date
    friend bool operator==(const WrittenTime&, const WrittenTime&) = default;
};

/// Reads "2026-03-01", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00.123456+02:00" (RFC 3339 section 5.6, ISO 8601 date).
/// A time without an offset is taken as UTC. Errors: Errc::invalid_input naming the text.
[[nodiscard]] Result<WrittenTime> parse_time(std::string_view text);

/// RFC 3339 in UTC: "2026-03-01T10:00:00Z"; fractional digits (3 or 6) only where they are not zero.
[[nodiscard]] std::string format_instant(Instant instant);

/// "2026-03-01", the UTC date.
[[nodiscard]] std::string format_date(Instant instant);

}  // namespace stemma
