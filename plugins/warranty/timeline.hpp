// All policies together: the timeline of an item, its parts and its supplier's side, and the verdict at one moment.
// A timeline has no gaps and no overlaps: its first segment has no first day, its last one no last day. Where several policies cover a day,
// the one that covers longest is named; a shorter one never hides a longer one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/warranty/coverage.hpp"

namespace stemma::warranty {

enum class State : unsigned char {
    in_warranty,
    tolled,  ///< covered, and the clock stands
    out,     ///< not begun yet, or its term is over
    ended    ///< ended before its term: transferred, replaced, scrapped, sold anew
};
[[nodiscard]] std::string_view to_string(State state) noexcept;

enum class Side : unsigned char { customer, component, supplier };
[[nodiscard]] std::string_view to_string(Side side) noexcept;

struct Segment {
    std::string subject;  ///< the item, or the part
    Side side{Side::customer};
    std::optional<Day> from;
    std::optional<Day> last;  ///< included
    State state{State::out};
    std::string basis;
    std::string policy;  ///< "" where none is meant
    std::string reason;
    std::string citation;
};

struct Verdict {
    bool decided{true};  ///< false: nothing that is known covers the day, and a policy could not be reckoned
    State state{State::out};
    std::optional<Day> until;  ///< the last day of the time without a gap that covers the moment; out: the last day there was
    const Coverage* by{nullptr};
    std::optional<bool> presumed;  ///< none: no policy that covers the moment has a presumption
    std::optional<Day> presumed_to;
    Day today{};  ///< in the calendar of `by`; UTC where there is none
    std::string why;
};

struct Answer {
    std::vector<Coverage> customer;  ///< statutory and commercial
    std::vector<Coverage> parts;
    std::vector<Coverage> supplier;
    Verdict verdict;
    Verdict claim;  ///< towards the supplier
    std::vector<Segment> timeline;

    Answer() = default;
    Answer(Answer&&) = default;
    Answer& operator=(Answer&&) = default;
    Answer(const Answer&) = delete;  // the verdicts point into the coverages
    Answer& operator=(const Answer&) = delete;
    ~Answer() = default;
};

[[nodiscard]] Answer assess(const std::vector<Policy>& policies, const Facts& facts);

}  // namespace stemma::warranty
