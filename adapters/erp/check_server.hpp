// The doctor's second half: not whether a mapping fits, but what reading it means for the server, and how far the server's answers can be
// relied on: its clock, whether it is a replica and how far behind, the cost of each query, indexes that are missing. What the login
// cannot see is said, never left out. Asks only; nothing is changed or created.
#pragma once

#include "adapters/erp/opened.hpp"
#include "adapters/erp/source.hpp"

namespace stemma::erp {

/// Fills in about_server, costs, clock_ahead_us and replica; the queries' costs only where the report says that they fit.
void look_at_server(const SourceSettings& settings, const Mapping& mapping, Opened& opened, SourceReport& report);

}  // namespace stemma::erp
