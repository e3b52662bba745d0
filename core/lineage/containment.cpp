#include "core/lineage/containment.hpp"

#include <algorithm>
#include <map>
#include <optional>
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

/// Something that happens to the item: a movement of its own, a bond, or a movement of a unit.
struct Happening {
    Instant time;
    bool later{true};  ///< at the same time: false for what comes into being
    EventNo event{EventNo::none};
    int rank{0};  ///< of one event: its own movements, bonds, its units' movements
    std::size_t number{0};
    const Movement* movement{nullptr};
    const UnitBond* bond{nullptr};
    Node unit{Node::none};  ///< whose movement it is
};

class Timeline {
public:
    explicit Timeline(const View& view) : view_{view} {}

    void add_own(const Movement& movement) {
        add({movement.time, !comes_into_being(movement.kind), movement.event, 0, 0, &movement, nullptr, Node::none});
        own_.push_back(movement.event);
    }
    void add(const UnitBond& bond) { add({view_.time_of(bond.fact.event), true, bond.fact.event, 1, 0, nullptr, &bond, Node::none}); }
    void add(Node unit, const Movement& movement) { add({movement.time, true, movement.event, 2, 0, &movement, nullptr, unit}); }

    std::vector<Movement> run(Goods goods) {
        come_in_before_dates();
        std::ranges::sort(own_);
        std::ranges::sort(happenings_, {},
                          [](const Happening& one) { return std::tuple(one.time, one.later, one.event, one.rank, one.number); });
        std::map<EventNo, std::vector<Node>> together;
        for (const Happening& one : happenings_)
            if (one.rank == 2 && is_own(one.event)) together[one.event].push_back(one.unit);
        for (auto& [event, units] : together) {
            std::ranges::sort(units);
            units.erase(std::ranges::unique(units).begin(), units.end());
        }
        for (const Happening& one : happenings_) {
            if (one.bond != nullptr) {
                one.bond->fact.adds ? goods.join(*one.bond) : goods.part(*one.bond);
            } else if (one.rank == 0) {
                const auto units = together.find(one.event);
                goods.move(*one.movement, units == together.end() ? std::vector<Node>{} : units->second);
            } else if (!is_own(one.event)) {
                goods.go_along(one.unit, *one.movement);
            }
        }
        return std::move(goods).along();
    }

private:
    void add(Happening happening) {
        happening.number = happenings_.size();
        happenings_.push_back(happening);
    }
    /// What was received at nine is there for a packing of that day whose time nobody wrote down.
    void come_in_before_dates() {
        const auto day_of = [](Instant time) { return Instant{time.us - ((time.us % kMicrosPerDay) + kMicrosPerDay) % kMicrosPerDay}; };
        std::vector<Instant> dates;
        for (const Happening& one : happenings_)
            if (one.later && view_.date_only(one.event)) dates.push_back(day_of(one.time));
        if (dates.empty()) return;
        std::ranges::sort(dates);
        for (Happening& one : happenings_)
            if (!one.later && std::ranges::binary_search(dates, day_of(one.time))) one.time = day_of(one.time);
    }
    [[nodiscard]] bool is_own(EventNo event) const { return std::ranges::binary_search(own_, event); }

    const View& view_;
    std::vector<Happening> happenings_;
    std::vector<EventNo> own_;
};

}  // namespace

std::shared_ptr<const CountedMovements::Movements> CountedMovements::own(Node item) const {
    auto movements = std::make_shared<Movements>();
    view_.for_each_movement(item, [&](const Movement& movement) { movements->push_back(movement); });
    return movements;
}

void CountedMovements::find(Node item) {
    newest_ = Node::none;
    if (units_.size() > kUnitsKeptMax) units_.clear();
    if (view_.may_hold(item))
        find_units(item);
    else
        for (const Node unit : units_of(item)) find_units(unit);
    found_ = follow(item, true);
    newest_ = item;
}

std::vector<Node> CountedMovements::units_of(Node item) const {
    std::vector<Node> units;
    if (!view_.may_be_in(item) || view_.is_untracked(item)) return units;
    for (const UnitBond& bond : bonds_of(view_, item, Direction::forward)) units.push_back(bond.unit);
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
    while (!path.empty()) {
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
    for (const Node unit : in_each_other) units_.at(unit).movements = follow(unit, false);
}

/// `asked`: the item asked about, and no unit of it. How a unit came into being is of no use to what is in it, unless it is in another.
std::shared_ptr<const CountedMovements::Movements> CountedMovements::follow(Node item, bool asked) const {
    auto all = std::make_shared<Movements>(*own(item));
    if (view_.is_untracked(item)) return all;
    std::vector<UnitBond> bonds;
    if (view_.may_be_in(item)) bonds = bonds_of(view_, item, Direction::forward);
    const NodeKind kind = view_.kind(item);
    const bool is_logistic_unit = kind == NodeKind::logistic_unit || (kind == NodeKind::unknown && view_.may_hold(item));
    if (is_logistic_unit && (asked || !bonds.empty())) {
        std::vector<UnitBond> named = bonds_of(view_, item, Direction::back);
        named.insert(named.end(), bonds.begin(), bonds.end());
        if (const auto made = made_by_packing(view_, item, *all, std::move(named))) all->push_back(*made);
    }
    if (!bonds.empty()) go_along(item, bonds, *all);
    place_what_was_made(*all);
    return all;
}

/// Adds to the item's own movements those of its units, which are known.
void CountedMovements::go_along(Node item, const std::vector<UnitBond>& bonds, Movements& all) const {
    std::vector<Node> units;
    units.reserve(bonds.size());
    for (const UnitBond& bond : bonds) units.push_back(bond.unit);
    std::ranges::sort(units);
    units.erase(std::ranges::unique(units).begin(), units.end());

    Timeline timeline{view_};
    std::vector<std::shared_ptr<const Movements>> of_units;  // the timeline points into them
    for (const Movement& movement : all) timeline.add_own(movement);
    for (const UnitBond& bond : bonds) timeline.add(bond);
    const auto group = units_.find(item);
    for (const Node unit : units) {
        const Unit& known = units_.at(unit);
        const bool in_each_other = group != units_.end() && group->second.group == known.group;
        of_units.push_back(in_each_other ? own(unit) : known.movements);
        for (const Movement& movement : *of_units.back()) timeline.add(unit, movement);
    }
    const bool brought_in = std::ranges::any_of(all, [](const Movement& movement) { return comes_into_being(movement.kind); });
    const std::vector<Movement> along = timeline.run(Goods{view_, item, brought_in});
    all.insert(all.end(), along.begin(), along.end());
}

}  // namespace stemma::lineage
