// The `record` of a query, from YAML to compiled templates. Part of reading a mapping; the schema check came before.
#pragma once

#include <string>
#include <vector>

#include "adapters/erp/mapping.hpp"
#include "core/config/tree.hpp"

namespace stemma::erp {

/// Reads the one record under `record`, whose texts and columns refer to `columns`. Mistakes are added to `errors`; the result is then
/// of no use.
[[nodiscard]] RecordTemplate read_record(const config::Node& record, const std::vector<Column>& columns, std::vector<Error>& errors);

/// Index of the column that `node` names; 0 and an error when there is none.
[[nodiscard]] std::size_t read_column(const config::Node& node, const std::vector<Column>& columns, std::vector<Error>& errors);

}  // namespace stemma::erp
