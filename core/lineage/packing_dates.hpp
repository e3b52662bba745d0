// What the dates of packing leave open. Goods go along with a unit from the moment they are in it (containment.hpp); where a record of
// packing is dated before the goods came in, or has a time where the unit's delivery has a date alone, they are left behind in every
// figure.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

/// Packing that is dated wrongly or not exactly enough, of one item, with the events that tell it.
struct PackingDoubt {
    std::vector<EventNo> before_in;   ///< packed before so much had come in, and what came in later
    Amount missing;                   ///< so much had not come in, at most
    std::vector<EventNo> other_unit;  ///< packed in a unit of measure that nothing came in in, so that it is not in there
    std::vector<EventNo> unclear;     ///< the same day, one with a time and one without: in the wrong order, as far as Stemma orders them
};

/// For many items of one view, one after the other. The view outlives it. One thread.
class PackingDates {
public:
    explicit PackingDates(const View& view) : view_{view} {}
    /// `movements`: those that count for the item.
    [[nodiscard]] PackingDoubt of(Node item, const std::vector<Movement>& movements);

private:
    /// A movement of a unit that takes along what is in it.
    struct Step {
        Instant time;
        bool date_only;
        EventNo event;
    };
    using Steps = std::vector<Step>;  // by time
    class Arrivals;

    const Steps& steps_of(Node unit);
    void find_unclear(Node unit, const std::vector<BondFact>& facts, PackingDoubt& doubt);
    void find_before_in(Node item, Node unit, const std::vector<BondFact>& facts, const Arrivals& arrivals, PackingDoubt& doubt);

    const View& view_;
    std::unordered_map<Node, Steps> units_;
};

}  // namespace stemma::lineage
