// What a ground truth says of a lot, asked of our own lineage.
#pragma once

#include <boost/json.hpp>

#include <set>
#include <string>
#include <utility>

#include "core/lineage/trace.hpp"
#include "tests/integration/engine/engine_rig.hpp"

namespace stemma::erp::test {

struct LotAnswer {
    std::set<std::string> items;                            ///< ids of the items reached, without the one that was asked about
    std::set<std::pair<std::string, std::string>> shipped;  ///< id of the party, number of the document: of it and all reached
    std::set<std::pair<std::string, std::string>> received;
};

/// A failure of the test where there is no such item.
[[nodiscard]] LotAnswer ask(stemma::test::EngineRig& rig, const std::string& id, lineage::Direction direction);

[[nodiscard]] std::set<std::string> texts_of(const boost::json::value& list);

}  // namespace stemma::erp::test
