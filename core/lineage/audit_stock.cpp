#include "core/lineage/audit_stock.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace stemma::lineage {
namespace {

/// UN/CEFACT Recommendation 20: one, piece, each. In other units (a cheese by its weight) a serial is not counted.
bool counts_pieces(const View& view, UnitNo unit) { return unit == UnitNo::piece || view.unit(unit) == "H87" || view.unit(unit) == "EA"; }

struct PlaceStep {
    Instant time;
    bool out;
    Sequence sequence;
    std::int64_t micros;
    EventNo event;
};

PlaceHistory fold(PlaceNo place, UnitNo unit, std::vector<PlaceStep>& steps) {
    std::ranges::sort(steps, {}, [](const PlaceStep& step) { return std::tuple(step.time, step.out, step.sequence); });
    PlaceHistory history{place, unit, 0, 0, EventNo::none};
    for (const PlaceStep& step : steps) {
        history.end = step.out ? subtract_clamped(history.end, step.micros) : add_clamped(history.end, step.micros);
        history.least = std::min(history.least, history.end);
        if (history.end < 0 && history.first == EventNo::none) history.first = step.event;
    }
    return history;
}

/// The transformations that take the item in and put it out again: a repair, a test.
std::set<Node> passed_through(const std::vector<Movement>& movements) {
    std::set<Node> in;
    std::set<Node> both;
    for (const Movement& movement : movements)
        if (movement.kind == MovementKind::consumed && movement.transformation != Node::none) in.insert(movement.transformation);
    for (const Movement& movement : movements)
        if (movement.kind == MovementKind::produced && in.contains(movement.transformation)) both.insert(movement.transformation);
    return both;
}

AuditKind kind_of(MovementKind before, MovementKind again) {
    if (before == MovementKind::consumed) return AuditKind::consumed_yet_available;
    return before == MovementKind::shipped && again == MovementKind::shipped ? AuditKind::delivered_twice : AuditKind::left_twice;
}

}  // namespace

std::vector<PlaceHistory> place_histories(const View& view, const std::vector<Movement>& movements) {
    std::map<std::pair<PlaceNo, UnitNo>, std::vector<PlaceStep>> steps;
    const auto add = [&](PlaceNo place, const Movement& movement, bool out) {
        if (place == PlaceNo::none || view.place(place).kind == PlaceKind::outside) return;
        const auto [first, last] = span_of(view, movement.event);
        steps[{place, movement.amount.unit}].push_back(
            {out ? last : first, out, movement.sequence, movement.amount.micros, movement.event});
    };
    for (const Movement& movement : movements) {
        if (is_half(movement)) continue;  // told as missing_place
        if (needs_from(movement.kind)) add(movement.from, movement, true);
        if (needs_to(movement.kind)) add(movement.to, movement, false);
    }
    std::vector<PlaceHistory> histories;
    histories.reserve(steps.size());
    for (auto& [where, of_place] : steps) histories.push_back(fold(where.first, where.second, of_place));
    return histories;
}

OneThing follow_one_thing(const View& view, const std::vector<Movement>& movements) {
    OneThing thing;
    std::vector<std::tuple<Instant, bool, Sequence, std::size_t>> order;  // at the same time what comes in is there first
    const std::set<Node> passed = passed_through(movements);
    for (std::size_t i = 0; i < movements.size(); ++i) {
        const Movement& movement = movements[i];
        if (!counts_pieces(view, movement.amount.unit)) continue;
        if (movement.amount.micros != kQuantityScale && movement.through == Node::none) thing.not_one.push_back(i);
        if (movement.transformation != Node::none && passed.contains(movement.transformation)) continue;
        const bool in = is_inflow(movement.kind);
        if (in == is_outflow(movement.kind)) continue;  // waste, or a move
        const auto [first, last] = span_of(view, movement.event);
        order.emplace_back(in ? first : last, !in, movement.sequence, i);
    }
    std::ranges::sort(order);
    std::int64_t there = 0;
    for (const auto& [time, out, sequence, i] : order) {
        if (!out) {
            ++there;
            thing.last_out.reset();
            continue;
        }
        if (there > 0) {
            --there;
        } else if (thing.last_out) {
            const AuditKind kind = kind_of(movements[*thing.last_out].kind, movements[i].kind);
            if (std::ranges::find(thing.departures, kind, &Departure::kind) == thing.departures.end())
                thing.departures.push_back({kind, *thing.last_out, i});
        }
        if (there == 0) thing.last_out = i;
    }
    return thing;
}

}  // namespace stemma::lineage
