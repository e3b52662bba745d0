// An ERP's database behind the port ErpSource: opened for reading alone, read by a mapping in one snapshot, in batches, not too fast.
// Keeps no connection between calls. No traceability logic: what a row means stands in the mapping.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/erp/mapping.hpp"
#include "adapters/sql/connection.hpp"
#include "core/ports/erp_source.hpp"

namespace stemma::erp {

inline constexpr std::size_t kBatchRowsMax = 100'000;

struct SourceSettings {
    std::string name;                                          ///< "tryton": ids begin with it and never change afterwards
    sql::Connection connection;                                ///< opened read_only, whatever it says
    std::size_t batch_rows{500};                               ///< 1..kBatchRowsMax
    std::uint64_t rows_per_second_max{0};                      ///< 0 = no limit
    std::chrono::microseconds overlap{std::chrono::hours{1}};  ///< how much earlier than its cursor a query starts: the longest transaction
    /// Mappings that a database may have come to fit instead; asked for when it does not fit its own.
    std::function<std::vector<std::shared_ptr<const Mapping>>()> others = [] { return std::vector<std::shared_ptr<const Mapping>>{}; };
    bool horizon{true};  ///< follows PostgreSQL's transaction horizon; off: the overlap alone finds what was committed late
};

/// Does not connect. Errors: Errc::config for a name that is empty or settings out of range.
[[nodiscard]] Result<std::unique_ptr<ErpSource>> make_source(SourceSettings settings, std::shared_ptr<const Mapping> mapping);

}  // namespace stemma::erp
