// Which unit a thing of one piece (a serial, a logistic unit) is in. It is in one unit, the last that it was put in, until it is taken out:
// by a DELETE of either type of event, by one that empties the unit of what its type put there, or by a movement of its own: used,
// delivered, sent back, written off, come back, unless the same event says so of the unit as well, or of one that the unit was ever put in.
// A move from place to place leaves it in the unit. Stock goes by the same rule (containment.hpp), so a trace and a recall say the same of
// it.
//
// Of a lot, and of what has no master data, nobody knows which part a movement took: there the facts of the pair alone count (bonds.hpp),
// and a trace follows a unit as long as something may be in it.
//
// Order: event time, then the ledger's order; of one event its movements first. A date without a time of day is its first moment.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "core/lineage/bonds.hpp"
#include "core/lineage/movement.hpp"

namespace stemma::lineage {

class View;

/// Used, delivered, sent back, written off, come back: what takes a thing out of its unit.
[[nodiscard]] bool takes_out(MovementKind kind) noexcept;

/// A bond's fact, with the unit.
struct UnitBond {
    Node unit{Node::none};
    EdgeKind kind{EdgeKind::packed};
    BondFact fact;
};

/// What can be a unit. Of a lot a part may move: nobody knows what of it is in that part.
[[nodiscard]] bool is_unit(const View& view, Node node) noexcept;
/// Every fact that a view sees on an item and its units (forward), or on a unit and what is in it (back), in ledger order per pair.
[[nodiscard]] std::vector<UnitBond> bonds_of(const View& view, Node node, Direction direction);

/// Where things are. Keeps what it found of units: a tote with thousands of things is looked at once. Of one view and one thread.
class PackedIn {
public:
    /// The unit of a thing and the fact that put it there; Node::none for a thing that is in no unit. Good until the next call.
    [[nodiscard]] const UnitBond& of(const View& view, Node thing);

private:
    [[nodiscard]] UnitBond find(const View& view, Node thing);
    /// The events that take out the unit or one that it was ever put in, in order of number.
    [[nodiscard]] const std::vector<EventNo>& outings(const View& view, Node unit);

    Node newest_{Node::none};
    UnitBond held_;
    std::unordered_map<Node, std::vector<EventNo>> outings_;
};

/// So many units are kept; then it begins anew.
inline constexpr std::size_t kOutingsKeptMax = 4096;

}  // namespace stemma::lineage
