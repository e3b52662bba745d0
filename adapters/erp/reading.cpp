#include "adapters/erp/reading.hpp"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {

Reading::Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::map<std::string, Cursor> cursors)
    : settings_{std::move(settings)}, mapping_{std::move(mapping)}, opened_{std::move(opened)}, cursors_{std::move(cursors)} {}

Result<void> Reading::start_query() {
    const MappedQuery& query = mapping_->queries[query_];
    Selection selection;
    selection.ordered = true;
    cursor_.reset();
    if (const auto found = cursors_.find(query.name); query.cursor && found != cursors_.end()) {
        cursor_ = found->second;
        selection.since = fmt::format("'{}'", since_text(*cursor_, settings_.overlap));  // our own digits: nothing to escape
    }
    full_ = !selection.since;
    mapper_ = std::make_unique<RowMapper>(*mapping_, query, settings_.name);
    auto feed = RowFeed::start(*opened_.session, "erp." + query.name, compose(*mapping_, query, opened_.fit.absent, selection),
                               query.columns.size(), settings_.batch_rows);
    if (!feed) return std::unexpected(explain(std::move(feed).error(), settings_.connection, *mapping_, query));
    feed_ = std::move(*feed);
    return {};
}

Result<std::optional<SourceBatch>> Reading::next() {
    if (query_ == mapping_->queries.size()) return std::nullopt;
    if (!feed_)
        if (auto started = start_query(); !started) return fail(std::move(started));
    const MappedQuery& query = mapping_->queries[query_];
    SourceBatch batch;
    batch.query = query.name;
    batch.full = full_;
    for (; feed_->has_row() && batch.rows < settings_.batch_rows; ++batch.rows) {
        MappedRow row = mapper_->map(feed_->row());
        if (row.place) advance(cursor_, *row.place);
        if (row.result)
            batch.records.push_back(std::move(*row.result));
        else
            batch.rejects.push_back(std::move(row.result).error());
        if (auto advanced = feed_->advance(); !advanced)
            return std::unexpected(explain(std::move(advanced).error(), settings_.connection, *mapping_, query));
    }
    if (cursor_) batch.cursor = format_cursor(*cursor_);
    batch.last_of_query = !feed_->has_row();
    if (batch.last_of_query) {
        feed_.reset();
        ++query_;
    }
    keep_pace(batch.rows);
    return batch;
}

void Reading::keep_pace(std::uint64_t rows) {
    rows_read_ += rows;
    if (settings_.rows_per_second_max == 0) return;
    const std::chrono::duration<double> due{static_cast<double>(rows_read_) / static_cast<double>(settings_.rows_per_second_max)};
    std::this_thread::sleep_until(began_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
}

}  // namespace stemma::erp
