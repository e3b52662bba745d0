#include "tests/integration/erp/lot_answer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace stemma::erp::test {

LotAnswer ask(stemma::test::EngineRig& rig, const std::string& id, lineage::Direction direction) {
    const lineage::View view = rig.index().view();
    LotAnswer answer;
    const lineage::Node seed = view.find(ItemId{id});
    if (seed == lineage::Node::none) {
        ADD_FAILURE() << id << " is not there";
        return answer;
    }
    const lineage::Trace trace = lineage::trace(view, std::vector{seed}, direction);
    for (const lineage::Reached& reached : trace.nodes) {
        if (view.is_transformation(reached.node) || view.is_untracked(reached.node)) continue;
        if (reached.node != seed) answer.items.emplace(view.id(reached.node));
        view.for_each_movement(reached.node, [&](const lineage::Movement& movement) {
            using enum lineage::MovementKind;
            if (movement.kind != shipped && movement.kind != received) return;
            if (movement.party == lineage::PartyNo::none || movement.document == lineage::DocumentNo::none) {
                ADD_FAILURE() << view.id(reached.node) << " was moved without a party or a document";
                return;
            }
            (movement.kind == shipped ? answer.shipped : answer.received)
                .emplace(view.party(movement.party).id, view.document(movement.document).number);
        });
    }
    return answer;
}

std::set<std::string> texts_of(const boost::json::value& list) {
    std::set<std::string> texts;
    for (const boost::json::value& one : list.as_array()) texts.emplace(one.as_string());
    return texts;
}

}  // namespace stemma::erp::test
