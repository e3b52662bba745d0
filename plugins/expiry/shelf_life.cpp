#include "plugins/expiry/shelf_life.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace stemma::expiry {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

std::int64_t day_of(std::int64_t us) noexcept {
    const std::int64_t day = us / kMicrosPerDay;
    return us % kMicrosPerDay < 0 ? day - 1 : day;
}

/// 00:00 UTC of a day; the first or last that 64 bits hold where it lies beyond.
std::int64_t start_of(std::int64_t day) noexcept {
    return std::clamp(day, std::numeric_limits<std::int64_t>::min() / kMicrosPerDay,
                      std::numeric_limits<std::int64_t>::max() / kMicrosPerDay) *
           kMicrosPerDay;
}

std::string padded(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string date_text(std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    std::string year = std::to_string(static_cast<int>(date.year()));
    if (year.size() < 4) year.insert(0, 4 - year.size(), '0');
    return year + "-" + padded(static_cast<unsigned>(date.month())) + "-" + padded(static_cast<unsigned>(date.day()));
}

std::string days_text(std::int64_t days) { return std::to_string(days) + (days == 1 || days == -1 ? " day" : " days"); }

/// `percent` of `days` with its fraction: "18.2 days".
std::string share_text(std::int64_t days, int percent) {
    const std::int64_t hundredths = days * percent;
    std::string text = std::to_string(hundredths / 100);
    if (hundredths % 100 != 0) {
        std::string fraction = padded(static_cast<unsigned>(hundredths % 100));
        if (fraction.back() == '0') fraction.pop_back();
        text += "." + fraction;
    }
    return text + " days";
}

/// Days before the end at which the share rule begins; nothing when it cannot be reckoned, with the reason why.
std::optional<std::int64_t> share_days(const Dates& dates, const Policy& policy, std::int64_t end, std::vector<Reason>& reasons) {
    if (!dates.made_at) {
        reasons.push_back({"expiry.no_made_date",
                           "when it was made is not known, so the share of its shelf life cannot be reckoned; only the days count"});
        return std::nullopt;
    }
    const std::int64_t made = day_of(*dates.made_at);
    if (made > end) {
        reasons.push_back({"expiry.dates_contradict", "it was made on " + date_text(made) + ", after its last day " + date_text(end) +
                                                          "; its shelf life makes no sense and only the days count"});
        return std::nullopt;
    }
    const std::int64_t life = end - made;
    const std::int64_t share = life * policy.share_percent / 100;
    reasons.push_back({"expiry.share", "made on " + date_text(made) + ", it has a shelf life of " + days_text(life) + "; " +
                                           std::to_string(policy.share_percent) + " % of that is " +
                                           share_text(life, policy.share_percent) + ", so at most that much is left from " +
                                           date_text(end - share) + " on"});
    return share;
}

}  // namespace

std::string_view to_string(Status status) noexcept {
    switch (status) {
        case Status::fresh: return "fresh";
        case Status::close_to_expiring: return "close_to_expiring";
        case Status::expired: return "expired";
        case Status::unknown: return "unknown";
    }
    return "unknown";
}

Answer assess(const Dates& dates, const Policy& policy, std::int64_t as_of_us) {
    Answer answer;
    const std::optional<std::int64_t> last = dates.expiry ? dates.expiry : dates.best_before;
    if (!last) {
        answer.reasons.push_back({"expiry.no_date", "neither an expiry date nor a best-before date is known"});
        return answer;
    }
    const std::int64_t end = day_of(*last);
    const std::int64_t today = day_of(as_of_us);
    const std::int64_t remaining = end - today;
    answer.basis = dates.expiry ? "expiry" : "best_before";
    answer.reasons.push_back(
        {"expiry.last_day", (dates.expiry ? "its expiry date is " : "it has no expiry date; its best-before date is ") + date_text(end) +
                                ", and that day itself is not expired"});
    const std::int64_t close_days = std::max<std::int64_t>(share_days(dates, policy, end, answer.reasons).value_or(0), policy.days);
    answer.reasons.push_back(
        {"expiry.days", "at most " + days_text(policy.days) + " are left from " + date_text(end - policy.days) + " on"});
    answer.reasons.push_back(
        {"expiry.close_from", "it is close to expiring from " + date_text(end - close_days) + " on, the earlier of these dates"});
    answer.end_us = start_of(end);
    answer.close_from_us = start_of(end - close_days);
    answer.remaining_days = remaining;
    answer.status = remaining < 0 ? Status::expired : remaining <= close_days ? Status::close_to_expiring : Status::fresh;
    answer.reasons.push_back({"expiry.status", remaining < 0
                                                   ? "on " + date_text(today) + " it has been expired for " + days_text(-remaining)
                                                   : "on " + date_text(today) + " " + days_text(remaining) +
                                                         " remain: " + (answer.status == Status::fresh ? "fresh" : "close to expiring")});
    return answer;
}

}  // namespace stemma::expiry
