#include "core/lineage/unit_goods.hpp"

#include <algorithm>
#include <array>
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

/// What units must hold for a movement of the item's own that takes from there: from anywhere, where it does not say from where.
std::vector<Holding> where_it_can_be(const Movement& own, Where from) {
    const UnitNo code = own.amount.unit;
    if (from.unknown()) return {{Holding::By::being_at_a_place, code, {}}};
    if (from.kind == Where::Kind::customer) return {{Holding::By::being_there, code, from}};
    return {{Holding::By::being_there, code, from}, {Holding::By::being_there, code, at(PlaceNo::none)}};
}

}  // namespace

bool comes_into_being(MovementKind kind) noexcept {
    return kind == MovementKind::received || kind == MovementKind::produced || kind == MovementKind::found;
}

// --- keeping ---------------------------------------------------------------------------------------------------------

void Goods::put(Node unit, const Part& part) {
    if (part.micros <= 0) return;
    if (indexed_) index(unit, part);
    Parts& parts = units_[unit];
    const auto same = std::ranges::find_if(parts, [&](const Part& other) { return part.key() == other.key(); });
    if (same == parts.end())
        parts.push_back(part);
    else
        same->micros = add_clamped(same->micros, part.micros);
}

void Goods::put_loose(UnitNo code, Where where, std::int64_t micros) {
    if (micros == 0) return;
    std::int64_t& there = loose_[{code, where}];
    there = add_clamped(there, micros);
    if (there == 0) loose_.erase({code, where});
}

std::int64_t Goods::take_loose(UnitNo code, Where where, std::int64_t wanted) {
    const auto there = loose_.find({code, where});
    if (there == loose_.end() || there->second <= 0) return 0;
    const std::int64_t taken = std::min(wanted, there->second);
    put_loose(code, where, -taken);
    return taken;
}

/// From places in order of number, the unknown one last; each amount is given to take(where, amount).
template <class Take>
std::int64_t Goods::take_loose_anywhere(UnitNo code, std::int64_t wanted, const Take& take) {
    std::int64_t taken = 0;
    for (auto there = loose_.lower_bound({code, at(PlaceNo{0})}); there != loose_.end() && taken < wanted;) {
        const auto [unit, where] = there->first;
        if (unit != code || where.kind != Where::Kind::place) break;
        ++there;  // before what it stood at may be erased
        steps_.over();
        const std::int64_t micros = take_loose(code, where, wanted - taken);
        if (micros > 0) take(where, micros);
        taken += micros;
    }
    return taken;
}

std::vector<UnitNo> Goods::loose_codes() const {
    constexpr Where kLast{Where::Kind::gone, kNone};
    std::vector<UnitNo> codes;
    for (auto there = loose_.begin(); there != loose_.end(); there = loose_.upper_bound({codes.back(), kLast}))
        codes.push_back(there->first.first);
    return codes;
}

/// Takes up to `wanted` from the parts of a unit that fit, in order of where they are; each is given to take(part, amount).
template <class Fits, class Take>
std::int64_t Goods::take_from(Node unit, std::int64_t wanted, const Fits& fits, const Take& take) {
    const auto found = units_.find(unit);
    if (found == units_.end() || wanted <= 0) return 0;
    Parts& parts = found->second;
    steps_.over(parts.size());
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

// --- which units hold what -------------------------------------------------------------------------------------------

void Goods::index(Node unit, UnitNo code, const Step& step) {
    index_[{Holding::By::taken_from, code, step.from}].insert(unit);
    if (is_outflow(step.movement.kind)) index_[{Holding::By::taken_out, code, {}}].insert(unit);
}

void Goods::index(Node unit, const Part& part) {
    index_[{Holding::By::being_there, part.unit, part.where}].insert(unit);
    if (part.where.kind == Where::Kind::place) index_[{Holding::By::being_at_a_place, part.unit, {}}].insert(unit);
}

void Goods::index_all() {
    if (indexed_) return;
    indexed_ = true;
    for (const auto& [unit, parts] : units_)
        for (const Part& part : parts) {
            index(unit, part);
            for (StepNo number = part.last_step; number != StepNo::none; number = step(number).before) index(unit, part.unit, step(number));
        }
}

/// Takes up to `wanted` from all units, in order of their numbers; each part is given to take(unit, part). `asked` finds all units with
/// parts that fit. A unit that is found and has none is forgotten, so each costs a look once.
template <class Fits, class Take>
std::int64_t Goods::take_from_all(std::span<const Holding> asked, std::int64_t wanted, const Fits& fits, const Take& take) {
    index_all();
    std::vector<std::set<Node>*> lists;
    for (const Holding& one : asked)
        if (const auto found = index_.find(one); found != index_.end()) lists.push_back(&found->second);
    std::int64_t taken = 0;
    std::optional<Node> last;
    while (taken < wanted) {
        steps_.over();
        std::optional<Node> unit;
        for (const std::set<Node>* list : lists) {
            const auto next = last ? list->upper_bound(*last) : list->begin();
            if (next != list->end() && (!unit || *next < *unit)) unit = *next;
        }
        if (!unit) break;
        last = unit;
        std::vector<std::set<Node>*> named;
        for (std::set<Node>* list : lists)
            if (list->erase(*unit) > 0) named.push_back(list);
        taken += take_from(*unit, wanted - taken, fits, [&](const Part& part) { take(*unit, part); });
        const auto rest = units_.find(*unit);
        if (rest != units_.end() && std::ranges::any_of(rest->second, fits))
            for (std::set<Node>* list : named) list->insert(*unit);
    }
    return taken;
}

// --- packing ---------------------------------------------------------------------------------------------------------

/// All of a serial, wherever it is, is in this unit now.
void Goods::take_up(Node unit) {
    in_ = unit;
    const auto is_there = [](const Part& part) { return part.where.kind != Where::Kind::gone; };
    std::vector<Node> others;
    others.reserve(units_.size());
    for (const auto& [other, parts] : units_) others.push_back(other);
    for (const Node other : others)
        take_from(other, kAll, is_there, [&](Part part) {
            part.along = true;
            if (indexed_)
                for (StepNo number = part.last_step; number != StepNo::none; number = step(number).before)
                    index(unit, part.unit, step(number));
            put(unit, part);
        });
    for (auto there = loose_.begin(); there != loose_.end();) {
        const auto& [key, micros] = *there;
        if (micros > 0) put(unit, {key.first, key.second, micros, true, false});
        there = micros > 0 ? loose_.erase(there) : std::next(there);
    }
}

void Goods::join(const UnitBond& bond) {
    if (!one_thing_) return join_lot(bond, view_.place_of_bond(bond.fact.event));
    take_up(bond.unit);
    if (!brought_in_ && !existed_) put(bond.unit, {bond.fact.amount.unit, at(PlaceNo::none), kQuantityScale, true, true});
    existed_ = true;
}

/// What is nearest first: at the place of packing, where nobody knows, elsewhere. Without an amount all at that place, or all there is
/// where nothing is there.
void Goods::join_lot(const UnitBond& bond, PlaceNo place) {
    const BondFact& fact = bond.fact;
    std::int64_t packed = 0;
    const auto pack = [&](UnitNo code, Where where, std::int64_t micros) {
        put(bond.unit, {code, where, micros, true, false});
        packed = add_clamped(packed, micros);
    };
    const auto pack_all = [&](UnitNo code, std::int64_t wanted) {
        return take_loose_anywhere(code, wanted, [&](Where where, std::int64_t micros) { pack(code, where, micros); });
    };
    if (!fact.whole) {
        const UnitNo code = fact.amount.unit;
        std::int64_t left = fact.amount.micros;
        for (const Where where : {at(place), at(PlaceNo::none)}) {
            const std::int64_t taken = take_loose(code, where, left);
            pack(code, where, taken);
            left -= taken;
        }
        left -= pack_all(code, left);
        if (!brought_in_) put(bond.unit, {code, at(PlaceNo::none), left, true, true});
        return;
    }
    const std::vector<UnitNo> codes = loose_codes();
    if (place != PlaceNo::none)
        for (const UnitNo code : codes) pack(code, at(place), take_loose(code, at(place), kAll));
    if (packed == 0)
        for (const UnitNo code : codes) pack_all(code, kAll);
    if (!brought_in_ && packed == 0) put(bond.unit, {fact.amount.unit, at(PlaceNo::none), fact.amount.micros, true, true});
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
        put(unit, {own.amount.unit, where, micros, same_event, false});
}

/// The newest step by which a unit took the part from there, or out where it does not say from where; none for none.
StepNo Goods::step_from(const Part& part, Where from) {
    StepNo number = part.last_step;
    while (number != StepNo::none && !(from.unknown() ? is_outflow(step(number).movement.kind) : step(number).from == from))
        number = step(number).before;
    return number;
}

/// What units took away from there is taken back, for the item's own movement says how it went.
std::int64_t Goods::take_back(UnitNo code, Where from, std::int64_t wanted) {
    using By = Holding::By;
    const std::array<Holding, 1> asked{from.unknown() ? Holding{By::taken_out, code, {}} : Holding{By::taken_from, code, from}};
    const auto fits = [&](const Part& part) { return part.unit == code && step_from(part, from) != StepNo::none; };
    return take_from_all(asked, wanted, fits, [&](Node, const Part& part) {
        const StepNo end = step(step_from(part, from)).before;
        for (StepNo number = part.last_step; number != end; number = step(number).before) {
            std::int64_t& along = step(number).movement.amount.micros;
            along = subtract_clamped(along, part.micros);
        }
    });
}

/// From there; then, for goods at places, from where nobody knows; then, where the movement does not say from where, from anywhere.
std::int64_t Goods::take_loose_for(const Movement& own, Where from, std::int64_t wanted) {
    std::int64_t taken = take_loose(own.amount.unit, from, wanted);
    if (from.kind == Where::Kind::customer) return taken;
    taken += take_loose(own.amount.unit, at(PlaceNo::none), wanted - taken);
    if (!from.unknown()) return taken;
    return taken + take_loose_anywhere(own.amount.unit, wanted - taken, [](Where, std::int64_t) {});
}

void Goods::move(const Movement& own, const std::vector<Node>& units) {
    const auto [code, micros] = own.amount;
    const bool with_unit = std::ranges::find(units, in_) != units.end();
    if (own.kind == MovementKind::wasted || is_half(own)) return;
    existed_ = true;
    if (comes_into_being(own.kind)) {
        if (in_ == Node::none) return put_loose(code, at(own.to), micros);
        return put(in_, {code, at(own.to), micros, with_unit, false});
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
    left -=
        take_from_all(where_it_can_be(own, from), left, here, [&](Node unit, const Part& part) { arrive(own, unit, part.micros, false); });
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
        if (part.where == after(movement)) return put(unit, part);  // a move of its own brought it there
        Step& newest = along_.emplace_back(movement, part.where.unknown() ? from : part.where, part.last_step);
        newest.movement.amount = {part.unit, part.micros};
        newest.movement.through = unit;
        if (back)
            newest.movement.party = PartyNo{part.where.number};
        else if (!brings_in)
            newest.movement.from = PlaceNo{newest.from.number};
        part.where = after(movement);
        part.unsaid = part.unsaid && !brings_in;
        if (!brings_in) {
            part.last_step = StepNo{static_cast<std::uint32_t>(along_.size())};
            if (part.first_step == StepNo::none) part.first_step = part.last_step;
            if (indexed_) index(unit, part.unit, newest);
        }
        put(unit, part);
    });
}

bool Goods::are_in(Node unit) const {
    const auto found = units_.find(unit);
    return found != units_.end() &&
           std::ranges::any_of(found->second, [](const Part& part) { return part.where.kind != Where::Kind::gone; });
}

std::vector<Movement> Goods::along() && {
    std::vector<Movement> movements;
    for (const Step& step : along_)
        if (step.movement.amount.micros > 0) movements.push_back(step.movement);
    return movements;
}

}  // namespace stemma::lineage
