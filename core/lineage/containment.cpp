#include "core/lineage/containment.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "core/lineage/unit_goods.hpp"

namespace stemma::lineage {
namespace {

/// Came into being by packing: nothing else is found through a unit.
bool is_made(const Movement& movement) { return movement.kind == MovementKind::found && movement.through != Node::none; }

/// The movement by which packing makes a logistic unit. Its place is none where the event does not say it.
std::optional<Movement> made_by_packing(const View& view, Node unit, const std::vector<Movement>& own, std::vector<UnitBond> bonds) {
    if (std::ranges::any_of(own, [](const Movement& movement) { return comes_into_being(movement.kind); })) return std::nullopt;
    std::erase_if(bonds, [](const UnitBond& bond) { return !bond.fact.adds; });
    if (bonds.empty()) return std::nullopt;
    const auto when = [&](const UnitBond& bond) { return std::tuple(view.time_of(bond.fact.event), bond.fact.event); };
    const EventNo event = std::ranges::min_element(bonds, {}, when)->fact.event;
    Movement made;
    made.sequence = view.sequence_of(event);
    made.time = view.time_of(event);
    made.date_only = view.date_only(event);
    made.kind = MovementKind::found;
    made.amount = {UnitNo::piece, kQuantityScale};
    made.to = view.place_of_bond(event);
    made.event = event;
    made.through = unit;
    return made;
}

/// Where packing does not say where it made the unit, its first movement does; without one nobody knows that it is anywhere.
void place_what_was_made(std::vector<Movement>& movements) {
    const auto made = std::ranges::find_if(movements, [](const Movement& one) { return is_made(one) && one.to == PlaceNo::none; });
    if (made == movements.end()) return;
    if (movements.size() == 1) return movements.clear();
    const auto when = [&](const Movement& one) { return std::tuple(is_made(one), one.time, one.sequence); };
    made->to = std::ranges::min_element(movements, {}, when)->from;
}

/// In order of time, then of the ledger; those of one event as they are.
auto when(const Movement& movement) noexcept { return std::pair(movement.time, movement.event); }

std::vector<Movement> in_order(std::vector<Movement> movements) {
    if (std::ranges::is_sorted(movements, {}, when)) return movements;
    std::vector<std::size_t> order;
    order.reserve(movements.size());
    for (std::size_t i = 0; i < movements.size(); ++i) order.push_back(i);
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(when(movements[i]), i); });
    std::vector<Movement> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) sorted.push_back(movements[i]);
    return sorted;
}

/// Something that happens to the item itself: a movement of its own, or a bond.
struct Happening {
    Instant time;
    bool later{true};  ///< at the same time: false for what comes into being
    EventNo event{EventNo::none};
    std::size_t number{0};  ///< of one event: its own movements, bonds
    const Movement* movement{nullptr};
    const UnitBond* bond{nullptr};

    [[nodiscard]] auto order() const { return std::tuple(time, later, event, number); }
};

/// All that happens to an item, in order. Of its units it takes the movements that come while something of the item is in them: where that
/// begins is found by a search, so a unit that is used again and again costs each item the time that it was in it.
class Timeline {
public:
    using Movements = std::vector<Movement>;

    Timeline(const View& view, Steps& steps) : view_{view}, steps_{steps} {}

    /// Own movements, then bonds, then units in order of number.
    void add_own(const Movement& movement) {
        happenings_.push_back({movement.time, !comes_into_being(movement.kind), movement.event, happenings_.size(), &movement, nullptr});
        own_.push_back(when(movement));
    }
    void add(const UnitBond& bond) {
        happenings_.push_back({view_.time_of(bond.fact.event), true, bond.fact.event, happenings_.size(), nullptr, &bond});
    }
    void add(Node unit, std::shared_ptr<const Movements> movements) { units_.push_back({unit, std::move(movements), false}); }

    std::vector<Movement> run(Goods goods) {
        come_in_before_dates();
        std::ranges::sort(own_);
        own_.erase(std::ranges::unique(own_).begin(), own_.end());
        std::ranges::sort(happenings_, {}, &Happening::order);
        const std::map<EventNo, std::vector<Node>> together = find_together();
        for (const Happening& one : happenings_) {
            go_along(goods, one);
            if (steps_.over()) return {};
            if (one.bond != nullptr) {
                one.bond->fact.adds ? goods.join(*one.bond) : goods.part(*one.bond);
                begin(goods, one.bond->unit, one);
            } else {
                const auto units = together.find(one.event);
                goods.move(*one.movement, units == together.end() ? std::vector<Node>{} : units->second);
                begin(goods, goods.unit(), one);
            }
        }
        go_along(goods, std::nullopt);
        return std::move(goods).along();
    }

private:
    struct Unit {
        Node node;
        std::shared_ptr<const Movements> movements;
        bool under_way;  ///< its next movement is in next_
    };
    /// A unit's movement. Of one event first those of the first unit.
    struct Next {
        Instant time;
        EventNo event;
        std::size_t unit;
        std::size_t number;
        friend auto operator<=>(const Next&, const Next&) = default;
    };

    [[nodiscard]] bool is_own(const Movement& movement) const { return std::ranges::binary_search(own_, when(movement)); }

    /// The units that an event of its own moves as well. Looks up the events of the item in the unit, or the other way round: the fewer.
    [[nodiscard]] std::map<EventNo, std::vector<Node>> find_together() {
        std::map<EventNo, std::vector<Node>> together;
        const auto add = [&](EventNo event, Node unit) {
            std::vector<Node>& units = together[event];
            if (units.empty() || units.back() != unit) units.push_back(unit);
        };
        for (const Unit& unit : units_) {
            if (steps_.over(std::min(unit.movements->size(), own_.size()))) break;
            if (unit.movements->size() < own_.size()) {
                for (const Movement& movement : *unit.movements)
                    if (is_own(movement)) add(movement.event, unit.node);
            } else {
                for (const auto& event : own_)
                    if (std::ranges::binary_search(*unit.movements, event, {}, when)) add(event.second, unit.node);
            }
        }
        return together;
    }

    /// From here on the unit takes along what is in it.
    void begin(const Goods& goods, Node node, const Happening& here) {
        const auto unit = std::ranges::lower_bound(units_, node, {}, &Unit::node);
        if (unit == units_.end() || unit->node != node || unit->under_way || !goods.are_in(node)) return;
        const auto first = std::ranges::lower_bound(*unit->movements, std::pair(here.time, here.later ? here.event : EventNo{0}), {}, when);
        push_next(static_cast<std::size_t>(unit - units_.begin()), static_cast<std::size_t>(first - unit->movements->begin()));
    }

    void push_next(std::size_t unit, std::size_t number) {
        const Movements& movements = *units_[unit].movements;
        units_[unit].under_way = number < movements.size();
        if (units_[unit].under_way) next_.push({movements[number].time, movements[number].event, unit, number});
    }

    /// The units' movements before the next that happens to the item itself. At the same time that comes first where it is of the same
    /// event or comes into being.
    void go_along(Goods& goods, const std::optional<Happening>& until) {
        while (!next_.empty()) {
            const Next next = next_.top();
            if (until && std::tuple(next.time, true, next.event) >= std::tuple(until->time, until->later, until->event)) return;
            if (steps_.over()) return;
            next_.pop();
            Unit& unit = units_[next.unit];
            unit.under_way = false;
            if (!goods.are_in(unit.node)) continue;
            const Movement& movement = (*unit.movements)[next.number];
            if (!is_own(movement)) goods.go_along(unit.node, movement);
            push_next(next.unit, next.number + 1);
        }
    }

    /// What was received at nine is there for a packing or a delivery of that day whose time nobody wrote down.
    void come_in_before_dates() {
        const auto day_of = [](Instant time) { return Instant{time.us - ((time.us % kMicrosPerDay) + kMicrosPerDay) % kMicrosPerDay}; };
        std::vector<Instant> dates;
        for (const Happening& one : happenings_)
            if (one.later && view_.date_only(one.event)) dates.push_back(day_of(one.time));
        std::ranges::sort(dates);
        for (Happening& one : happenings_) {
            const Instant day = day_of(one.time);
            if (!one.later && (std::ranges::binary_search(dates, day) || has_unit_move_on(day))) one.time = day;
        }
    }
    /// Whether a unit moved on that day and only the date is known.
    [[nodiscard]] bool has_unit_move_on(Instant day) const {
        return std::ranges::any_of(units_, [&](const Unit& unit) {
            auto movement = std::ranges::lower_bound(*unit.movements, std::pair(day, EventNo{0}), {}, when);
            while (movement != unit.movements->end() && movement->time == day && !movement->date_only) ++movement;
            return movement != unit.movements->end() && movement->time == day;
        });
    }

    const View& view_;
    Steps& steps_;
    std::vector<Happening> happenings_;
    std::vector<std::pair<Instant, EventNo>> own_;
    std::vector<Unit> units_;
    std::priority_queue<Next, std::vector<Next>, std::greater<>> next_;
};

}  // namespace

CountedMovements::Movements CountedMovements::own(Node item) {
    Movements movements;
    view_.for_each_movement(item, [&](const Movement& movement) {
        if (!steps_.over()) movements.push_back(movement);
    });
    return movements;
}

std::vector<UnitBond> CountedMovements::bonds_of(Node node, Direction direction) {
    if (steps_.is_over()) return {};
    std::vector<UnitBond> bonds = lineage::bonds_of(view_, node, direction);
    steps_.over(bonds.size());
    return bonds;
}

void CountedMovements::find(Node item) {
    newest_ = Node::none;
    if (units_.size() > kUnitsKeptMax) units_.clear();
    if (view_.may_hold(item))
        find_units(item);
    else
        for (const Node unit : units_of(item)) find_units(unit);
    found_ = std::make_shared<const Movements>(follow(item, true));
    newest_ = item;
}

std::vector<Node> CountedMovements::units_of(Node item) {
    std::vector<Node> units;
    if (!view_.may_be_in(item) || view_.is_untracked(item)) return units;
    for (const UnitBond& bond : bonds_of(item, Direction::forward)) units.push_back(bond.unit);
    std::ranges::sort(units);
    units.erase(std::ranges::unique(units).begin(), units.end());
    return units;
}

/// Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1 (1972): a unit is finished after all that it is in,
/// and those that are in each other are finished together.
void CountedMovements::find_units(Node from) {
    struct Step {
        Node unit;
        std::vector<Node> outer;
        std::size_t next;
        std::size_t low;
    };
    std::vector<Step> path;
    std::vector<Node> open;
    std::unordered_map<Node, std::size_t> numbers;
    const auto enter = [&](Node unit) {
        path.push_back({unit, units_of(unit), 0, numbers.size()});
        numbers.emplace(unit, numbers.size());
        open.push_back(unit);
    };
    if (!units_.contains(from)) enter(from);
    while (!path.empty() && !steps_.over()) {
        Step& step = path.back();
        if (step.next < step.outer.size()) {
            const Node outer = step.outer[step.next++];
            if (units_.contains(outer)) continue;
            if (const auto met = numbers.find(outer); met != numbers.end())
                step.low = std::min(step.low, met->second);
            else
                enter(outer);
            continue;
        }
        const auto [unit, low] = std::pair{step.unit, step.low};
        path.pop_back();
        if (!path.empty()) path.back().low = std::min(path.back().low, low);
        if (low != numbers.at(unit)) continue;
        const auto first = std::ranges::find(open, unit);
        finish_units({first, open.end()});
        open.erase(first, open.end());
    }
}

void CountedMovements::finish_units(std::span<const Node> in_each_other) {
    for (const Node unit : in_each_other) units_.emplace(unit, Unit{in_each_other.front(), nullptr});
    for (const Node unit : in_each_other) {
        auto movements = std::make_shared<const Movements>(in_order(follow(unit, false)));
        units_.at(unit).movements = std::move(movements);
    }
}

/// `asked`: the item asked about, and no unit of it. How a unit came into being is of no use to what is in it, unless it is in another.
CountedMovements::Movements CountedMovements::follow(Node item, bool asked) {
    Movements all = own(item);
    if (view_.is_untracked(item)) return all;
    std::vector<UnitBond> bonds;
    if (view_.may_be_in(item)) bonds = bonds_of(item, Direction::forward);
    const NodeKind kind = view_.kind(item);
    const bool is_logistic_unit = kind == NodeKind::logistic_unit || (kind == NodeKind::unknown && view_.has_held(item));
    if (is_logistic_unit && (asked || !bonds.empty())) {
        std::vector<UnitBond> named = bonds_of(item, Direction::back);
        named.insert(named.end(), bonds.begin(), bonds.end());
        if (const auto made = made_by_packing(view_, item, all, std::move(named))) all.push_back(*made);
    }
    if (!bonds.empty()) go_along(item, bonds, all);
    place_what_was_made(all);
    return all;
}

/// Adds to the item's own movements those of its units, which are known.
void CountedMovements::go_along(Node item, const std::vector<UnitBond>& bonds, Movements& all) {
    std::vector<Node> units;
    units.reserve(bonds.size());
    for (const UnitBond& bond : bonds) units.push_back(bond.unit);
    std::ranges::sort(units);
    units.erase(std::ranges::unique(units).begin(), units.end());

    Timeline timeline{view_, steps_};
    for (const Movement& movement : all) timeline.add_own(movement);
    for (const UnitBond& bond : bonds) timeline.add(bond);
    const auto group = units_.find(item);
    for (const Node unit : units) {
        if (steps_.over()) return;
        const auto known = units_.find(unit);
        if (group != units_.end() && group->second.group == known->second.group)
            timeline.add(unit, std::make_shared<const Movements>(in_order(own(unit))));
        else
            timeline.add(unit, known->second.movements);
    }
    const bool brought_in = std::ranges::any_of(all, [](const Movement& movement) { return comes_into_being(movement.kind); });
    const Movements along = timeline.run(Goods{view_, item, brought_in, steps_});
    all.insert(all.end(), along.begin(), along.end());
}

}  // namespace stemma::lineage
