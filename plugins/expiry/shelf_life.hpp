// Whether an item is fresh, close to expiring or expired on a given day, with the arithmetic as reasons. Pure.
// Everything is counted in whole UTC days: the day of expiry itself is not expired, and has 0 days remaining.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stemma::expiry {

/// What is known of an item, in microseconds UTC; absent = not known.
struct Dates {
    std::optional<std::int64_t> made_at;
    std::optional<std::int64_t> expiry;
    std::optional<std::int64_t> best_before;  ///< counts only where there is no expiry date
};

/// Close to expiring = at most `share_percent` of the shelf life, or at most `days` remain, whichever comes first.
struct Policy {
    int share_percent{20};  ///< of the days from made_at to the end; 0 to 100
    int days{14};           ///< 0 to 3650
};

enum class Status : unsigned char {
    fresh,
    close_to_expiring,
    expired,
    unknown,  ///< neither an expiry date nor a best-before date is known
};
[[nodiscard]] std::string_view to_string(Status status) noexcept;  ///< "fresh", "close_to_expiring", "expired", "unknown"

struct Reason {
    std::string code;  ///< "expiry.share"
    std::string text;
};

struct Answer {
    Status status{Status::unknown};
    std::string basis;                           ///< "expiry" or "best_before": the date that counts; empty when unknown
    std::optional<std::int64_t> end_us;          ///< 00:00 UTC of the last day that is not expired
    std::optional<std::int64_t> close_from_us;   ///< 00:00 UTC of the first day that is close to expiring
    std::optional<std::int64_t> remaining_days;  ///< days from as_of's day to the last day; negative when expired
    std::vector<Reason> reasons;
};

[[nodiscard]] Answer assess(const Dates& dates, const Policy& policy, std::int64_t as_of_us);

}  // namespace stemma::expiry
