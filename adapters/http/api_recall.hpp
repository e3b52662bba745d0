// The parts of a recall that its roll-ups do not say: parties with their contacts, balances that do not close, the digest.
#pragma once

#include "adapters/http/api_lineage.hpp"

namespace stemma::http {

/// "digest", "parties", "unbalancedItems" and "unbalanced", into an open object. Names and contacts are those known now; they are in no
/// digest and can be redacted.
void write_recall_parts(json::Writer& out, LineageText& text, const lineage::RecallReport& report);

/// A position in a body: a number, or a text as for position_of().
void read_as_of(Api& api, json::Reading& reading, const json::Node& node, std::uint64_t& as_of);

}  // namespace stemma::http
