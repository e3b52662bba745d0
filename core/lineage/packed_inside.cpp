#include "core/lineage/packed_inside.hpp"

#include <algorithm>
#include <unordered_set>

namespace stemma::lineage {
namespace {

std::size_t count_taken_out(const View& view, Node unit, const std::unordered_set<Node>& held) {
    std::unordered_set<Node> gone;
    std::vector<BondFact> facts;
    view.layers().for_each_edge(unit, Direction::back, view.events_end(), [&](EdgeNo edge, Node child) {
        if (view.layers().facts(edge).kind() != EdgeKind::packed || held.contains(child)) return;
        facts.clear();
        view.append_bond_facts(edge, child, unit, facts);
        if (std::ranges::any_of(facts, &BondFact::adds)) gone.insert(child);
    });
    return gone.size();
}

}  // namespace

PackedInside packed_inside(const View& view, Node unit, std::size_t items_max) {
    PackedInside inside;
    std::unordered_set<Node> held{unit};
    const auto open = [&](Node holder) {
        if (!view.may_hold(holder)) return;
        view.for_each_edge(holder, Direction::back, [&](EdgeNo edge, Node child) {
            if (view.layers().facts(edge).kind() != EdgeKind::packed || held.contains(child)) return;
            if (inside.items.size() == items_max) {
                inside.truncated = true;
                return;
            }
            held.insert(child);
            inside.items.push_back(child);
            if (view.kind(child) == NodeKind::lot) ++inside.lots;
        });
    };
    open(unit);
    inside.taken_out = count_taken_out(view, unit, held);
    std::size_t next = 0;
    while (next < inside.items.size()) open(inside.items[next++]);  // which may add more
    return inside;
}

}  // namespace stemma::lineage
