// What moves along: the movements that count for an item are its own and those of the units it is packed or installed in. Asked for by
// stock_of() and by everything that goes by it. An item that no event ever packed or installed costs one look at a flag.
//
// EPCIS 2.0, 7.4.3 (AggregationEvent): what is contained and what contains it are at the same place at the same time until they are
// disaggregated. So what happens to a pallet alone happens to the cases on it. An AssociationEvent says the same of what is installed.
//
//  - From an ADD on, an item is in its unit, until a DELETE (its own, or one without children, which empties the unit), or until it is
//    taken out by a movement of its own: used, delivered, sent back, written off, come back. A move of its own leaves it in the unit.
//  - A unit's moves, deliveries, returns, uses and write-offs apply to what is in it: from the item's place of record, to the unit's places
//    and parties. So do those of the unit's unit. A receipt of the unit brings in what nothing else ever brought in.
//  - Nothing is counted twice where the item is recorded as well. A movement of the item wins over its unit's in the same event. After a
//    move of its own, the unit takes it along only from where it is. A movement that takes more from a place than is left there takes back
//    first what the unit had taken from there.
//  - Units are logistic units, serials, and items without master data. Of a lot a part may move, so what is in it stays where it is.
//  - A serial is in one unit, the last. Of a lot the ADD's amount is in the unit, taken from what is on hand and in no unit, at the place
//    of packing first; without an amount all at that place, or all there is where nothing is there. An amount in one unit of measure
//    takes along that unit of measure alone. Only what is on hand can be packed. An item that nothing ever brought in
//    is there when it is packed.
//  - Of a lot, its own movements take first what is in no unit, then what is in units, in order of node number.
//  - A logistic unit comes into being, one piece, by the first ADD that names it, unless something else brought it in: at the place of
//    that event (bizLocation, else readPoint), else where its first movement takes it from.
//
// Order: event time, then the ledger's order; at equal times what is received, made or found is there first. A date without a time of day
// is its first moment, and where the item has such a date, what came in on that day is there from that moment. Goods without lots or
// serials are in no unit: their pieces cannot be told apart. Of units that are in each other each takes the own movements of the others
// alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/lineage/index.hpp"
#include "core/lineage/steps.hpp"

namespace stemma::lineage {

struct UnitBond;  // unit_goods.hpp

/// The movements that count, item by item. Keeps what it found of units: one of these for many items costs each unit once, and each item
/// what happened to its units while it was in them. The view outlives it. One thread.
class CountedMovements {
public:
    /// Where the flag is set, for_each() gives some of the movements or none: whoever sets it throws away what was made of them.
    explicit CountedMovements(const View& view, const std::atomic<bool>* cancel = nullptr) : view_{view}, steps_{cancel} {}

    /// Calls visit(const Movement&) for each. Those of a unit name it in `through`, have the item's amount, and may be several of one
    /// event.
    template <class Visit>
    void for_each(Node item, Visit&& visit) {
        const auto unless_over = [&](const Movement& movement) {
            if (!steps_.over()) visit(movement);
        };
        if (!is_bonded(item)) return view_.for_each_movement(item, unless_over);
        if (item != newest_) find(item);
        for (const Movement& movement : *found_) unless_over(movement);
    }

    [[nodiscard]] const View& view() const noexcept { return view_; }
    [[nodiscard]] bool cancelled() const noexcept { return steps_.is_over(); }   ///< seen set; what it gave is not whole
    [[nodiscard]] std::size_t steps() const noexcept { return steps_.count(); }  ///< movements, bonds and parts looked at by now

private:
    using Movements = std::vector<Movement>;
    struct Unit {
        Node group;                                  ///< the same for all that are in each other
        std::shared_ptr<const Movements> movements;  ///< in order of time, then of the ledger
    };

    [[nodiscard]] bool is_bonded(Node item) const noexcept {
        return (view_.may_be_in(item) || view_.may_hold(item)) && !view_.is_untracked(item);
    }
    void find(Node item);
    [[nodiscard]] std::vector<UnitBond> bonds_of(Node node, Direction direction);
    [[nodiscard]] std::vector<Node> units_of(Node item);
    void find_units(Node from);
    void finish_units(std::span<const Node> in_each_other);
    [[nodiscard]] Movements follow(Node item, bool asked);
    void go_along(Node item, const std::vector<UnitBond>& bonds, Movements& all);
    [[nodiscard]] Movements own(Node item);

    const View& view_;
    Steps steps_;
    Node newest_{Node::none};
    std::shared_ptr<const Movements> found_;
    std::unordered_map<Node, Unit> units_;
};

/// So many units are kept; then it begins anew.
inline constexpr std::size_t kUnitsKeptMax = 65'536;

}  // namespace stemma::lineage
