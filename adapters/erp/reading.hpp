// A reading in progress: the mapping's queries one after another, in one snapshot, as batches of mapped rows.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/erp/cursor.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/row_feed.hpp"
#include "adapters/erp/row_mapper.hpp"
#include "adapters/erp/source.hpp"

namespace stemma::erp {

class Reading final : public SourceReading {
public:
    /// `cursors`: query -> where to start; checked by the caller.
    Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::map<std::string, Cursor> cursors);

    [[nodiscard]] Result<std::optional<SourceBatch>> next() override;

private:
    [[nodiscard]] Result<void> start_query();
    void keep_pace(std::uint64_t rows);

    SourceSettings settings_;
    std::shared_ptr<const Mapping> mapping_;
    Opened opened_;
    std::map<std::string, Cursor> cursors_;
    std::size_t query_{0};  ///< index of the query being read
    std::unique_ptr<RowFeed> feed_;
    std::unique_ptr<RowMapper> mapper_;
    std::optional<Cursor> cursor_;  ///< how far the query was read
    bool full_{false};
    std::uint64_t rows_read_{0};
    std::chrono::steady_clock::time_point began_{std::chrono::steady_clock::now()};
};

}  // namespace stemma::erp
