// A reading in progress: the mapping's queries one after another, in one snapshot, as batches of mapped rows; of each, what changed since
// its mark, or all of it. Where it may not read fast, a batch is at most a second's worth of rows: whoever asks for the next one waits a
// second at most, and may stop instead.
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
#include "adapters/erp/horizon.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/row_feed.hpp"
#include "adapters/erp/row_mapper.hpp"
#include "adapters/erp/source.hpp"
#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {

class Reading final : public SourceReading {
public:
    /// `marks`: those of the plan's cursors, checked by the caller. `horizon`: of `opened`, none where it is not to be used. `notice` is
    /// told of rows that are ahead of the clock.
    Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::optional<Horizon> horizon, ReadPlan plan,
            std::map<std::string, ReadMark> marks, std::shared_ptr<AheadNotice> notice);

    [[nodiscard]] Result<std::optional<SourceBatch>> next() override;
    [[nodiscard]] SourceCost cost() const override { return opened_.cost; }

private:
    enum class Step : unsigned char { start, rows, keys };

    [[nodiscard]] Result<void> start_query();
    [[nodiscard]] Result<bool> select(const MappedQuery& query, Selection& selection);
    [[nodiscard]] Result<void> start_keys();
    [[nodiscard]] Result<void> start_feed(std::string name, std::string sql, std::size_t columns);
    [[nodiscard]] Result<void> end_feed();
    [[nodiscard]] Result<SourceBatch> read_rows();
    [[nodiscard]] Result<SourceBatch> read_keys();
    void read_row(SourceBatch& batch);
    void end_query();
    [[nodiscard]] std::string cursor_after(const MappedQuery& query, bool at_end) const;
    [[nodiscard]] bool skipped(const MappedQuery& query) const;
    void keep_pace() const;

    SourceSettings settings_;
    std::shared_ptr<const Mapping> mapping_;
    Opened opened_;
    std::optional<Horizon> horizon_;
    ReadPlan plan_;
    std::map<std::string, ReadMark> marks_;
    std::shared_ptr<AheadNotice> notice_;
    std::size_t batch_rows_;  ///< most rows of a batch
    std::size_t query_{0};    ///< index of the query being read
    Step step_{Step::start};
    std::unique_ptr<RowFeed> feed_;  ///< none where nothing is left to read
    std::unique_ptr<RowMapper> mapper_;
    std::optional<ReadMark> mark_;  ///< where the reading of the query starts; none = at its beginning
    bool rekeyed_{false};           ///< keys of the query are made otherwise than when it was read last
    std::optional<Cursor> cursor_;  ///< how far the query was read
    RowsAhead ahead_;               ///< of the query
    std::uint64_t rows_read_{0};
    std::chrono::steady_clock::time_point began_{std::chrono::steady_clock::now()};
};

}  // namespace stemma::erp
