// What a lineage says, as texts that two of them can be compared by: a sync that followed an ERP's changes against one from nothing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/engine/engine_rig.hpp"

namespace stemma::test {

/// Of each item what it is called, what happened to it and what it is joined to, without the ids of events: these tell of corrections.
[[nodiscard]] std::map<std::string, std::vector<std::string>> picture(EngineRig& rig);

/// What the events say that stand, ids, record times and numbers of the ledger aside.
[[nodiscard]] std::multiset<std::string> standing_events(EngineRig& rig);

/// Fails where the one differs from the other: events, names, movements, joints. An item that `followed` has besides is one that
/// vanished: nothing may be told of it but its name.
void expect_same_lineage(EngineRig& followed, EngineRig& fresh);

}  // namespace stemma::test
