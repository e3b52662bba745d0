#include "core/lineage/packed_in.hpp"

#include <algorithm>
#include <tuple>

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

bool goes_out(const View& view, Node unit, EventNo event) {
    bool found = false;
    view.for_each_movement(unit, [&](const Movement& one) { found = found || (one.event == event && takes_out(one.kind)); });
    return found;
}

/// Whether the event takes out the unit or one that it was ever put in.
bool takes_along(const View& view, EventNo event, Node unit) {
    std::vector<Node> units{unit};
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (goes_out(view, units[i], event)) return true;
        if (!view.may_be_in(units[i])) continue;
        for (const UnitBond& bond : bonds_of(view, units[i], Direction::forward))
            if (bond.fact.adds && std::ranges::find(units, bond.unit) == units.end()) units.push_back(bond.unit);
    }
    return false;
}

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

UnitBond packed_in(const View& view, Node thing) {
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
        if (step.bond == nullptr) return !takes_along(view, step.event, held.unit);
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

}  // namespace stemma::lineage
