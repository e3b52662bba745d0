// The times a unit was sold. A cycle begins with a sale and ends when the unit came back and was sold again; a unit that went to repair
// and came back to the same owner is still in its cycle.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "plugins/warranty/facts.hpp"
#include "plugins/warranty/policy.hpp"

namespace stemma::warranty {

struct Cycle {
    std::array<const Milestone*, kBases> first{};  ///< by Basis; null = not recorded
    std::vector<const Milestone*> all;             ///< everything in it, in order
    const Milestone* ended{nullptr};               ///< the return before the next sale
    bool used{false};                              ///< the unit was sold before
    bool inherited{false};                         ///< it went out as the replacement of another unit
    Moment swapped;                                ///< when that was; only where inherited

    [[nodiscard]] const Milestone* at(Basis basis) const noexcept { return first[static_cast<std::size_t>(basis)]; }
    /// The sale, else the invoice, the shipping, the delivery.
    [[nodiscard]] const Milestone* sale() const noexcept;
};

/// At least one. Points into the unit. Its first `made` and `received` are in every cycle.
[[nodiscard]] std::vector<Cycle> cycles_of(const Unit& unit);

}  // namespace stemma::warranty
