// The account of one source: does the mapping fit the database, what may the login do, what will be read; for the doctor also how much is
// there.
#pragma once

#include "adapters/erp/opened.hpp"
#include "adapters/erp/source.hpp"

namespace stemma::erp {

/// Whether a report counts rows, which reads whole tables, and asks the server about itself and its plans (check_server.hpp).
enum class RowCounts : unsigned char { left_out, taken };

/// Errors: only when the database cannot be asked at all.
[[nodiscard]] Result<SourceReport> report(const SourceSettings& settings, const Mapping& mapping, Opened& opened, RowCounts counts);

}  // namespace stemma::erp
