// A reading in progress: the mapping's queries one after another, in one snapshot, as batches of mapped rows. Where it may not read fast,
// a batch is at most a second's worth of rows: whoever asks for the next one waits a second at most, and may stop instead.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/erp/ahead_notice.hpp"
#include "adapters/erp/cursor.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/row_feed.hpp"
#include "adapters/erp/row_mapper.hpp"
#include "adapters/erp/source.hpp"

namespace stemma::erp {

class Reading final : public SourceReading {
public:
    /// `cursors`: query -> where to start; checked by the caller. `notice` is told of rows that are ahead of the clock.
    Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::map<std::string, Cursor> cursors,
            std::shared_ptr<AheadNotice> notice);

    [[nodiscard]] Result<std::optional<SourceBatch>> next() override;

private:
    [[nodiscard]] Result<void> start_query();
    void read_row(SourceBatch& batch);
    void keep_pace() const;

    SourceSettings settings_;
    std::shared_ptr<const Mapping> mapping_;
    Opened opened_;
    std::map<std::string, Cursor> cursors_;
    std::shared_ptr<AheadNotice> notice_;
    std::size_t batch_rows_;  ///< most rows of a batch
    std::size_t query_{0};    ///< index of the query being read
    std::unique_ptr<RowFeed> feed_;
    std::unique_ptr<RowMapper> mapper_;
    std::optional<Cursor> cursor_;  ///< how far the query was read
    RowsAhead ahead_;               ///< of the query
    bool full_{false};
    std::uint64_t rows_read_{0};
    std::chrono::steady_clock::time_point began_{std::chrono::steady_clock::now()};
};

}  // namespace stemma::erp
