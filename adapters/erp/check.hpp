// The doctor's account of one source: does the mapping fit the database, what may the login do, how much is there, what will be read.
#pragma once

#include "adapters/erp/opened.hpp"
#include "adapters/erp/source.hpp"

namespace stemma::erp {

/// Errors: only when the database cannot be asked at all.
[[nodiscard]] Result<SourceReport> report(const SourceSettings& settings, const Mapping& mapping, Opened& opened);

}  // namespace stemma::erp
