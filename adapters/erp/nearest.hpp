// When a database does not fit its mapping: which other mapping fits, of whatever ERP, or else which of the same ERP misses least. An ERP
// that was upgraded mostly has the shape of a version that is known.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/mapping.hpp"
#include "core/ports/erp_source.hpp"

namespace stemma::erp {

/// "odoo-16-17 fits this database", with what to do about it; or the one that misses least. None where nothing can be said. Pure.
[[nodiscard]] std::optional<SourceFinding> nearest_mapping(const Mapping& given, const std::vector<std::shared_ptr<const Mapping>>& others,
                                                           const Catalogue& catalogue);

}  // namespace stemma::erp
