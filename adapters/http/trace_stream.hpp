// A trace or recall as rows, sent while they are made. In front a line that says what was asked (NDJSON) or names the columns (CSV), at the
// end one that says that the answer is whole. Texts are those of the answer's position.
#pragma once

#include "adapters/http/trace_rows.hpp"

namespace stemma::http {

/// Rows of a trace: one for each node.
[[nodiscard]] Response stream_trace(Api& api, TraceQuestion question, Admitted admitted, const TraceRows& rows, RowForm form);
/// Rows of a recall: one for each affected item.
[[nodiscard]] Response stream_recall(Api& api, TraceQuestion question, Admitted admitted, RowFields fields, RowForm form);

}  // namespace stemma::http
