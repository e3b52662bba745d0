#include "core/lineage/unit_goods.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace stemma::lineage {
namespace {

/// Where a movement's goods are afterwards.
Where after(const Movement& movement) noexcept {
    if (movement.kind == MovementKind::shipped) return with(movement.party);
    if (movement.kind == MovementKind::moved || is_inflow(movement.kind)) return at(movement.to);
    return {Where::Kind::gone, kNone};
}

/// Whether goods that are there are at a place or, for what comes back, with a customer.
bool can_go(const Where& where, MovementKind kind) noexcept {
    return where.kind == (kind == MovementKind::returned_by_customer ? Where::Kind::customer : Where::Kind::place);
}

/// Nearest to the place first: there, where nobody knows, elsewhere, with customers.
auto distance(Where where, PlaceNo place) noexcept {
    return std::tuple(where.kind, where.number != static_cast<std::uint32_t>(place), where.number != kNone, where.number);
}

}  // namespace

bool comes_into_being(MovementKind kind) noexcept {
    return kind == MovementKind::received || kind == MovementKind::produced || kind == MovementKind::found;
}

// --- keeping ---------------------------------------------------------------------------------------------------------

void Goods::put(Node unit, Part part) {
    if (part.micros <= 0) return;
    Parts& parts = units_[unit];
    const auto same = std::ranges::find_if(parts, [&](const Part& other) { return part.key() == other.key(); });
    if (same == parts.end())
        parts.push_back(std::move(part));
    else
        same->micros = add_clamped(same->micros, part.micros);
}

void Goods::put_loose(UnitNo unit, Where where, std::int64_t micros) {
    if (micros == 0) return;
    std::int64_t& there = loose_[{unit, where}];
    there = add_clamped(there, micros);
    if (there == 0) loose_.erase({unit, where});
}

std::int64_t Goods::take_loose(UnitNo code, Where where, std::int64_t wanted) {
    const auto there = loose_.find({code, where});
    if (there == loose_.end() || there->second <= 0) return 0;
    const std::int64_t taken = std::min(wanted, there->second);
    put_loose(code, where, -taken);
    return taken;
}

/// Takes up to `wanted` from the parts of a unit that fit, in order of where they are; each is given to take(part, amount).
template <class Fits, class Take>
std::int64_t Goods::take_from(Node unit, std::int64_t wanted, const Fits& fits, const Take& take) {
    const auto found = units_.find(unit);
    if (found == units_.end() || wanted <= 0) return 0;
    Parts& parts = found->second;
    std::ranges::sort(parts, {}, &Part::key);
    std::vector<Part> taken;
    std::int64_t left = wanted;
    for (Part& part : parts) {
        if (left == 0) break;
        if (!fits(part)) continue;
        const std::int64_t micros = std::min(left, part.micros);
        taken.push_back(part);
        taken.back().micros = micros;
        part.micros -= micros;
        left -= micros;
    }
    std::erase_if(parts, [](const Part& part) { return part.micros == 0; });
    if (parts.empty()) units_.erase(found);
    for (const Part& part : taken) take(part);
    return wanted - left;
}

// --- packing ---------------------------------------------------------------------------------------------------------

/// All of a serial, wherever it is, is in this unit now.
void Goods::take_up(Node unit) {
    in_ = unit;
    const auto is_there = [](const Part& part) { return part.where.kind != Where::Kind::gone; };
    for (const Node other : holding())
        take_from(other, kAll, is_there, [&](Part part) {
            part.along = true;
            put(unit, std::move(part));
        });
    for (auto there = loose_.begin(); there != loose_.end();) {
        const auto& [key, micros] = *there;
        if (micros > 0) put(unit, {key.first, key.second, micros, true, false, {}});
        there = micros > 0 ? loose_.erase(there) : std::next(there);
    }
}

void Goods::join(const UnitBond& bond) {
    if (!one_thing_) return join_lot(bond, view_.place_of_bond(bond.fact.event));
    take_up(bond.unit);
    if (!brought_in_ && !existed_) put(bond.unit, {bond.fact.amount.unit, at(PlaceNo::none), kQuantityScale, true, true, {}});
    existed_ = true;
}

/// What of the item can be packed, the nearest first.
std::vector<std::pair<UnitNo, Where>> Goods::loose_on_hand(const BondFact& fact, PlaceNo place) const {
    std::vector<std::pair<UnitNo, Where>> there;
    for (const auto& [key, micros] : loose_)
        if (micros > 0 && key.second.kind == Where::Kind::place && (fact.whole || key.first == fact.amount.unit)) there.push_back(key);
    std::ranges::sort(there, {}, [&](const auto& key) { return std::tuple(distance(key.second, place), key); });
    return there;
}

void Goods::join_lot(const UnitBond& bond, PlaceNo place) {
    const BondFact& fact = bond.fact;
    std::vector<std::pair<UnitNo, Where>> there = loose_on_hand(fact, place);
    if (fact.whole && !there.empty() && place != PlaceNo::none && there.front().second == at(place))
        std::erase_if(there, [&](const auto& key) { return key.second != at(place); });
    std::int64_t left = fact.whole ? kAll : fact.amount.micros;
    for (const auto& [code, where] : there) {
        const std::int64_t taken = take_loose(code, where, left);
        put(bond.unit, {code, where, taken, true, false, {}});
        left -= taken;
    }
    if (brought_in_) return;
    if (fact.whole) left = there.empty() ? fact.amount.micros : 0;
    put(bond.unit, {fact.amount.unit, at(PlaceNo::none), left, true, true, {}});
}

void Goods::part(const UnitBond& bond) {
    const BondFact& fact = bond.fact;
    if (one_thing_ && in_ == bond.unit) in_ = Node::none;
    const bool all = fact.whole || one_thing_;
    const auto found = units_.find(bond.unit);
    if (found == units_.end()) return;
    Parts& parts = found->second;
    const PlaceNo place = view_.place_of_bond(fact.event);
    std::ranges::sort(parts, {}, [&](const Part& one) { return std::tuple(distance(one.where, place), one.key()); });
    std::int64_t left = kAll;
    if (!all) left = fact.amount.micros;
    for (Part& one : parts) {
        if (one.where.kind == Where::Kind::gone || (!all && one.unit != fact.amount.unit)) continue;
        const std::int64_t taken = std::min(left, one.micros);
        put_loose(one.unit, one.where, taken);
        one.micros -= taken;
        if (!all) left -= taken;
    }
    std::erase_if(parts, [](const Part& one) { return one.micros == 0; });
    if (parts.empty()) units_.erase(found);
}

// --- movements of its own --------------------------------------------------------------------------------------------

/// So much of the item arrives where a movement of its own takes it. What is delivered or comes back is in no unit any more, but where the
/// same event takes its unit along.
void Goods::arrive(const Movement& own, Node unit, std::int64_t micros, bool same_event) {
    const Where where = after(own);
    if (where.kind == Where::Kind::gone) return;
    if (unit == Node::none || (own.kind != MovementKind::moved && !same_event))
        put_loose(own.amount.unit, where, micros);
    else
        put(unit, {own.amount.unit, where, micros, same_event, false, {}});
}

/// The newest step by which a unit took the part from there, or out where it does not say from where.
std::optional<std::size_t> Goods::step_from(const Part& part, Where from) const {
    for (std::size_t i = part.steps.size(); i-- > 0;) {
        const Step& step = along_[part.steps[i]];
        if (from.unknown() ? is_outflow(step.movement.kind) : step.from == from) return i;
    }
    return std::nullopt;
}

/// What units took away from there is taken back, for the item's own movement says how it went.
std::int64_t Goods::take_back(UnitNo code, Where from, std::int64_t wanted) {
    std::int64_t taken = 0;
    const auto fits = [&](const Part& part) { return part.unit == code && step_from(part, from).has_value(); };
    for (const Node unit : holding())
        taken += take_from(unit, wanted - taken, fits, [&](const Part& part) {
            for (std::size_t i = *step_from(part, from); i < part.steps.size(); ++i) {
                std::int64_t& along = along_[part.steps[i]].movement.amount.micros;
                along = subtract_clamped(along, part.micros);
            }
        });
    return taken;
}

std::vector<Node> Goods::holding() const {
    std::vector<Node> units;
    units.reserve(units_.size());
    for (const auto& [unit, parts] : units_) units.push_back(unit);
    return units;
}

/// From there; then, for goods at places, from where nobody knows; then, where the movement does not say from where, from anywhere.
std::int64_t Goods::take_loose_for(const Movement& own, Where from, std::int64_t wanted) {
    std::int64_t taken = take_loose(own.amount.unit, from, wanted);
    if (from.kind == Where::Kind::customer) return taken;
    taken += take_loose(own.amount.unit, at(PlaceNo::none), wanted - taken);
    if (!from.unknown()) return taken;
    std::vector<Where> there;
    for (const auto& [key, micros] : loose_)
        if (key.first == own.amount.unit && key.second.kind == Where::Kind::place && micros > 0) there.push_back(key.second);
    for (const Where where : there) taken += take_loose(own.amount.unit, where, wanted - taken);
    return taken;
}

void Goods::move(const Movement& own, const std::vector<Node>& units) {
    const auto [code, micros] = own.amount;
    const bool with_unit = std::ranges::find(units, in_) != units.end();
    if (own.kind == MovementKind::wasted || is_half(own)) return;
    existed_ = true;
    if (comes_into_being(own.kind)) {
        if (in_ == Node::none) return put_loose(code, at(own.to), micros);
        return put(in_, {code, at(own.to), micros, with_unit, false, {}});
    }
    if (one_thing_ && own.kind != MovementKind::moved && !with_unit) in_ = Node::none;
    const bool back = own.kind == MovementKind::returned_by_customer;
    const Where from = back ? with(own.party) : at(own.from);
    const auto here = [&](const Part& part) {
        if (part.unit != code || !can_go(part.where, own.kind)) return false;
        return part.where == from || (!back && (from.unknown() || part.where.unknown()));
    };
    const auto with_it = [&](const Part& part) { return here(part) || (part.unit == code && part.along && can_go(part.where, own.kind)); };
    std::int64_t left = micros;
    for (const Node unit : units) left -= take_from(unit, left, with_it, [&](const Part& part) { arrive(own, unit, part.micros, true); });
    const std::int64_t loose = take_loose_for(own, from, left);
    arrive(own, Node::none, loose, false);
    left -= loose;
    if (left == 0) return;
    for (const Node unit : holding()) left -= take_from(unit, left, here, [&](const Part& part) { arrive(own, unit, part.micros, false); });
    if (left == 0) return;
    const std::int64_t taken_back = take_back(code, from, left);
    if (!from.unknown()) put_loose(code, from, taken_back - left);
    arrive(own, Node::none, left, false);
}

// --- movements of the unit -------------------------------------------------------------------------------------------

void Goods::go_along(Node unit, const Movement& movement) {
    const MovementKind kind = movement.kind;
    const bool back = kind == MovementKind::returned_by_customer;
    const bool brings_in = kind == MovementKind::received;
    if (kind == MovementKind::produced || kind == MovementKind::found || kind == MovementKind::wasted || is_half(movement)) return;
    const Where from = back ? with(movement.party) : at(movement.from);
    const auto fits = [&](const Part& part) {
        if (brings_in) return part.unsaid && part.along && part.where.unknown();
        if (!can_go(part.where, kind)) return false;
        return part.along || part.where == from || part.where == after(movement) || part.where.number == kNone || from.number == kNone;
    };
    take_from(unit, kAll, fits, [&](Part part) {
        part.along = true;
        if (part.where == after(movement)) return put(unit, std::move(part));  // a move of its own brought it there
        Step step{movement, part.where.unknown() ? from : part.where};
        step.movement.amount = {part.unit, part.micros};
        step.movement.through = unit;
        if (back)
            step.movement.party = PartyNo{part.where.number};
        else if (!brings_in)
            step.movement.from = PlaceNo{step.from.number};
        along_.push_back(step);
        part.where = after(movement);
        part.unsaid = part.unsaid && !brings_in;
        if (!brings_in) part.steps.push_back(along_.size() - 1);
        put(unit, std::move(part));
    });
}

std::vector<Movement> Goods::along() && {
    std::vector<Movement> movements;
    for (const Step& step : along_)
        if (step.movement.amount.micros > 0) movements.push_back(step.movement);
    return movements;
}

}  // namespace stemma::lineage
