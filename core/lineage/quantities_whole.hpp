// How many goods of one item there ever were, each part of them once, as its movements tell it: the fewest and the most.
//
// Records are incomplete. What is taken to be missing from them, and no more:
//  - Goods that came in unrecorded: as many as the dates show to be missing. That is what left, or was moved, beyond what had come in by
//    then, and what a customer brought back beyond what had been delivered to it by then. Both may be goods from elsewhere.
//  - Anything that left unrecorded, and anything that came back unrecorded.
// At one time, or within a date without a time of day, the order is the one that explains most: what comes in is there first, what a
// customer brings back was delivered before.
#pragma once

#include <compare>
#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

class CountedMovements;  // containment.hpp

struct Whole {
    enum class Told : unsigned char {
        nothing,        ///< no movement
        one_unit,       ///< of what came in and what left; moves in another unit do not count
        several_units,  ///< what came in and what left is in more than one unit, and nothing is converted: no figure
    };
    Told told{Told::nothing};
    UnitNo unit{UnitNo::piece};  ///< of its movements, whatever its product's is
    /// The largest of: what came in, without what customers brought back, without what can have come back from the same supplier or turned
    /// up again; what went into transformations or was wasted; the largest movement. Micros.
    std::int64_t fewest{0};
    /// What came in, without what customers brought back, and all that is missing. Micros.
    std::int64_t most{0};
};

/// For many items of one view, one after the other. The movements outlive it. One thread.
class WholeReader {
public:
    explicit WholeReader(CountedMovements& counted) : counted_{counted} {}
    [[nodiscard]] Whole of(Node item);

private:
    struct Turn {
        Instant time;
        int rank{0};
        Sequence sequence{0};
        bool comes_in{false};
        std::size_t movement{0};
        friend auto operator<=>(const Turn&, const Turn&) = default;
    };

    void read(Node item, Whole& whole);
    void sort(bool leaving_first);
    [[nodiscard]] std::int64_t used_or_largest() const;
    [[nodiscard]] std::int64_t missing_from_stock();

    CountedMovements& counted_;
    std::vector<Movement> movements_;  // of the item, in its unit
    std::vector<Turn> order_;
};

}  // namespace stemma::lineage
