#include "core/lineage/packed_in.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "core/lineage/index.hpp"

namespace stemma::lineage {
namespace {

/// Something that puts the thing into a unit or takes it out.
struct Step {
    Instant time;
    EventNo event{EventNo::none};
    int rank{0};  ///< of one event: its movements, then its bonds
    std::size_t number{0};
    const UnitBond* bond{nullptr};  ///< null: a movement of its own
};

}  // namespace

bool takes_out(MovementKind kind) noexcept {
    switch (kind) {
        case MovementKind::consumed:
        case MovementKind::shipped:
        case MovementKind::returned_to_supplier:
        case MovementKind::written_off:
        case MovementKind::returned_by_customer: return true;
        case MovementKind::received:
        case MovementKind::produced:
        case MovementKind::found:
        case MovementKind::wasted:
        case MovementKind::moved: return false;
    }
    return false;
}

bool is_unit(const View& view, Node node) noexcept {
    const NodeKind kind = view.kind(node);
    return is_one_thing(kind) || kind == NodeKind::unknown;
}

std::vector<UnitBond> bonds_of(const View& view, Node node, Direction direction) {
    std::vector<UnitBond> bonds;
    std::vector<BondFact> facts;
    view.layers().for_each_edge(node, direction, view.events_end(), [&](EdgeNo edge, Node other) {
        const EdgeKind kind = view.layers().facts(edge).kind();
        const bool forward = direction == Direction::forward;
        if (kind == EdgeKind::consumed || kind == EdgeKind::produced || (!forward && kind == EdgeKind::installed)) return;
        if (forward && !is_unit(view, other)) return;
        facts.clear();
        view.append_bond_facts(edge, forward ? node : other, forward ? other : node, facts);
        for (const BondFact& fact : facts) bonds.push_back({forward ? other : node, kind, fact});
    });
    return bonds;
}

const UnitBond& PackedIn::of(const View& view, Node thing) {
    if (thing != newest_) {
        newest_ = Node::none;
        held_ = find(view, thing);
        newest_ = thing;
    }
    return held_;
}

UnitBond PackedIn::find(const View& view, Node thing) {
    const std::vector<UnitBond> bonds = bonds_of(view, thing, Direction::forward);
    std::vector<Step> steps;
    steps.reserve(bonds.size() + 1);
    for (const UnitBond& bond : bonds) steps.push_back({view.time_of(bond.fact.event), bond.fact.event, 1, steps.size(), &bond});
    view.for_each_movement(thing, [&](const Movement& own) {
        if (takes_out(own.kind)) steps.push_back({own.time, own.event, 0, steps.size(), nullptr});
    });
    std::ranges::sort(steps, {}, [](const Step& one) { return std::tuple(one.time, one.event, one.rank, one.number); });
    UnitBond held;
    const auto ends = [&](const Step& step) {
        if (step.bond == nullptr) return !std::ranges::binary_search(outings(view, held.unit), step.event);
        return step.bond->unit == held.unit && (!step.bond->fact.empties || step.bond->kind == held.kind);
    };
    for (const Step& step : steps) {
        if (step.bond != nullptr && step.bond->fact.adds)
            held = *step.bond;
        else if (held.unit != Node::none && ends(step))
            held = {};
    }
    return held;
}

const std::vector<EventNo>& PackedIn::outings(const View& view, Node unit) {
    if (const auto known = outings_.find(unit); known != outings_.end()) return known->second;
    std::vector<EventNo> events;
    std::vector<Node> units{unit};
    std::unordered_set<Node> met{unit};
    for (std::size_t i = 0; i < units.size(); ++i) {
        view.for_each_movement(units[i], [&](const Movement& one) {
            if (takes_out(one.kind)) events.push_back(one.event);
        });
        if (!view.may_be_in(units[i])) continue;
        for (const UnitBond& bond : bonds_of(view, units[i], Direction::forward))
            if (bond.fact.adds && met.insert(bond.unit).second) units.push_back(bond.unit);
    }
    std::ranges::sort(events);
    if (outings_.size() == kOutingsKeptMax) outings_.clear();
    return outings_.emplace(unit, std::move(events)).first->second;
}

}  // namespace stemma::lineage
