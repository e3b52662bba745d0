// Whether a policy is meant for a unit as it was sold: by product, market, buyer, condition and the day of the sale.
#pragma once

#include <optional>
#include <string>

#include "plugins/warranty/coverage.hpp"
#include "plugins/warranty/cycles.hpp"

namespace stemma::warranty {

struct Match {
    enum class Is : unsigned char { no, yes, unknown };
    Is is{Is::yes};
    std::string why;  ///< unknown: what is not recorded; yes: what was assumed, or ""
};

[[nodiscard]] Match match(const Policy& policy, const Facts& facts, const Unit& unit, const Cycle& cycle);
[[nodiscard]] bool names_part(const Policy& policy, const Component& part);

/// Where the buyer is: of the delivery, else of the sale, the invoice, the shipping; "" when none says it.
[[nodiscard]] std::string market_of(const Cycle& cycle);

/// The day the policy's sold_from and sold_to speak of.
[[nodiscard]] std::optional<Day> sold_day(const Policy& policy, const Cycle& cycle);

/// What the policy's period begins with, the first of its list that is recorded.
struct Start {
    Basis basis;
    Day day;       ///< grace included
    Day happened;  ///< without it
};
[[nodiscard]] std::optional<Start> start_of(const Policy& policy, const Cycle& cycle);

}  // namespace stemma::warranty
