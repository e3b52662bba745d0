#include "core/lineage/packing_dates.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "core/lineage/containment.hpp"
#include "core/lineage/timed.hpp"
#include "core/lineage/unit_goods.hpp"

namespace stemma::lineage {
namespace {

Instant day_of(Instant time) {
    const std::int64_t into = time.us % kMicrosPerDay;
    return {time.us - (into < 0 ? into + kMicrosPerDay : into)};
}

/// The first that lies at or after a time, of a list in order of time.
template <class Steps>
auto from(const Steps& steps, Instant time) {
    return std::ranges::lower_bound(steps, time, {}, [](const auto& step) { return step.time; });
}

}  // namespace

/// What came in of an item by movements of its own, by unit of measure and all together.
class PackingDates::Arrivals {
public:
    explicit Arrivals(const std::vector<Movement>& movements) {
        std::vector<const Movement*> came_in;
        for (const Movement& movement : movements)
            if (comes_into_being(movement.kind) && movement.through == Node::none) came_in.push_back(&movement);
        std::ranges::sort(came_in, {}, &Movement::time);
        for (const Movement* movement : came_in)
            for (Arrived* list : {&all_, &by_unit_[movement->amount.unit]}) {
                const std::int64_t before = list->empty() ? 0 : list->back().so_far;
                list->push_back({movement->time, add_clamped(before, movement->amount.micros), movement->event});
            }
    }

    struct Arrival {
        Instant time;
        std::int64_t so_far;
        EventNo event;
    };
    using Arrived = std::vector<Arrival>;  // by time

    [[nodiscard]] const Arrived& all() const noexcept { return all_; }
    [[nodiscard]] const Arrived* in(UnitNo unit) const {
        const auto list = by_unit_.find(unit);
        return list == by_unit_.end() ? nullptr : &list->second;
    }

private:
    Arrived all_;
    std::map<UnitNo, Arrived> by_unit_;
};

PackingDoubt PackingDates::of(Node item, const std::vector<Movement>& movements) {
    PackingDoubt doubt;
    if (!view_.may_be_in(item) || view_.is_untracked(item)) return doubt;
    const Arrivals arrivals{movements};
    std::vector<BondFact> facts;
    view_.layers().for_each_edge(item, Direction::forward, view_.events_end(), [&](EdgeNo edge, Node unit) {
        const EdgeKind kind = view_.layers().facts(edge).kind();
        if (kind != EdgeKind::packed && kind != EdgeKind::installed) return;
        if (!is_one_thing(view_.kind(unit)) && view_.kind(unit) != NodeKind::unknown) return;
        facts.clear();
        view_.append_bond_facts(edge, item, unit, facts);
        find_unclear(unit, facts, doubt);
        if (!arrivals.all().empty()) find_before_in(item, unit, facts, arrivals, doubt);
    });
    return doubt;
}

const PackingDates::Steps& PackingDates::steps_of(Node unit) {
    if (units_.size() > kUnitsKeptMax) units_.clear();
    const auto [known, fresh] = units_.try_emplace(unit);
    if (!fresh) return known->second;
    view_.for_each_movement(unit, [&](const Movement& movement) {
        if (!comes_into_being(movement.kind) && movement.kind != MovementKind::wasted)
            known->second.push_back({movement.time, movement.date_only, movement.event});
    });
    std::ranges::sort(known->second, {}, &Step::time);
    return known->second;
}

/// As a day goes: packed, moved, unpacked. A date alone is taken for the day's first moment, so it is out of this order where it is of a
/// movement and the packing has a time, or of the unpacking and anything else has. Unpacked at a time, with a movement of that date: open.
void PackingDates::find_unclear(Node unit, const std::vector<BondFact>& facts, PackingDoubt& doubt) {
    const auto tell = [&](EventNo a, EventNo b) { doubt.unclear.insert(doubt.unclear.end(), {a, b}); };
    const Steps& steps = steps_of(unit);
    for (const BondFact& fact : facts) {
        const Instant day = day_of(view_.time_of(fact.event));
        const bool date_only = view_.date_only(fact.event);
        for (auto step = from(steps, day); step != steps.end() && step->time.us < day.us + kMicrosPerDay; ++step)
            if (step->date_only != date_only && (step->date_only || !fact.adds)) tell(fact.event, step->event);
        if (fact.adds || !date_only) continue;
        for (const BondFact& other : facts)
            if (other.adds && !view_.date_only(other.event) && day_of(view_.time_of(other.event)) == day) tell(fact.event, other.event);
    }
}

/// Of one thing only where its unit went on without it; of a lot always, since what has not come in cannot be packed.
void PackingDates::find_before_in(Node item, Node unit, const std::vector<BondFact>& facts, const Arrivals& arrivals, PackingDoubt& doubt) {
    const bool one_thing = is_one_thing(view_.kind(item));
    for (const BondFact& fact : facts) {
        if (!fact.adds) continue;
        const bool any_unit = one_thing || fact.whole;
        const Arrivals::Arrived* came_in = any_unit ? &arrivals.all() : arrivals.in(fact.amount.unit);
        if (came_in == nullptr) {
            doubt.other_unit.push_back(fact.event);
            continue;
        }
        const EventSpan packed = span_of(view_, fact.event);
        const auto later = std::ranges::upper_bound(*came_in, packed.last, {}, &Arrivals::Arrival::time);
        if (later == came_in->end()) continue;
        const std::int64_t there = later == came_in->begin() ? 0 : std::prev(later)->so_far;
        const std::int64_t missing = subtract_clamped(fact.amount.micros, there);
        if (missing <= 0 || (any_unit && there > 0)) continue;
        if (one_thing) {
            const Steps& steps = steps_of(unit);
            const auto went = from(steps, packed.first);
            if (went == steps.end() || went->time >= later->time) continue;
        }
        doubt.before_in.insert(doubt.before_in.end(), {fact.event, later->event});
        doubt.missing = {fact.amount.unit, std::max(doubt.missing.micros, missing)};
    }
}

}  // namespace stemma::lineage
