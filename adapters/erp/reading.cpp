#include "adapters/erp/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {
namespace {

/// Rows of a batch, such that a limited rate allows the next one within a second.
std::size_t batch_rows_of(const SourceSettings& settings) noexcept {
    if (settings.rows_per_second_max == 0) return settings.batch_rows;
    return static_cast<std::size_t>(std::min<std::uint64_t>(settings.batch_rows, settings.rows_per_second_max));
}

}  // namespace

Reading::Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::map<std::string, Cursor> cursors,
                 std::shared_ptr<AheadNotice> notice)
    : settings_{std::move(settings)},
      mapping_{std::move(mapping)},
      opened_{std::move(opened)},
      cursors_{std::move(cursors)},
      notice_{std::move(notice)},
      batch_rows_{batch_rows_of(settings_)} {}

Result<void> Reading::start_query() {
    const MappedQuery& query = mapping_->queries[query_];
    Selection selection;
    selection.ordered = true;
    selection.engine = opened_.session->engine();
    cursor_.reset();
    ahead_ = {};
    const auto found = cursors_.find(query.name);
    // A cursor ahead of the clock (the clock was set back) does not say what was read: the query is read from its beginning.
    if (query.cursor && found != cursors_.end() && found->second.changed <= opened_.now) {
        cursor_ = found->second;
        selection.since = fmt::format("'{}'", since_text(*cursor_, settings_.overlap));  // our own digits: nothing to escape
    }
    full_ = !selection.since;
    mapper_ = std::make_unique<RowMapper>(*mapping_, query, settings_.name);
    auto feed = RowFeed::start(*opened_.session, "erp." + query.name, compose(*mapping_, query, opened_.fit.absent, selection),
                               query.columns.size(), batch_rows_);
    if (!feed) return std::unexpected(explain(std::move(feed).error(), settings_.connection, *mapping_, query));
    feed_ = std::move(*feed);
    return {};
}

Result<std::optional<SourceBatch>> Reading::next() {
    if (query_ == mapping_->queries.size()) return std::nullopt;
    keep_pace();
    if (!feed_)
        if (auto started = start_query(); !started) return fail(std::move(started));
    const MappedQuery& query = mapping_->queries[query_];
    SourceBatch batch;
    batch.query = query.name;
    batch.full = full_;
    for (; feed_->has_row() && batch.rows < batch_rows_; ++batch.rows) {
        read_row(batch);
        if (auto advanced = feed_->advance(); !advanced)
            return std::unexpected(explain(std::move(advanced).error(), settings_.connection, *mapping_, query));
    }
    if (cursor_) batch.cursor = format_cursor(*cursor_);
    batch.last_of_query = !feed_->has_row();
    if (batch.last_of_query) {
        notice_->tell(settings_.name, query.name, ahead_);
        feed_.reset();
        ++query_;
    }
    rows_read_ += batch.rows;
    return batch;
}

void Reading::read_row(SourceBatch& batch) {
    MappedRow row = mapper_->map(feed_->row());
    if (row.place) {
        advance(cursor_, *row.place, opened_.now);
        ahead_.note(*row.place, opened_.now);
    }
    if (row.result)
        batch.records.push_back(std::move(*row.result));
    else
        batch.rejects.push_back(std::move(row.result).error());
}

void Reading::keep_pace() const {
    if (settings_.rows_per_second_max == 0) return;
    const std::chrono::duration<double> due{static_cast<double>(rows_read_) / static_cast<double>(settings_.rows_per_second_max)};
    std::this_thread::sleep_until(began_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
}

}  // namespace stemma::erp
