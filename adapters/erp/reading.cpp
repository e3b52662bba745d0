#include "adapters/erp/reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "adapters/erp/decode.hpp"
#include "adapters/erp/touched.hpp"

namespace stemma::erp {
namespace {

/// Rows of a batch, such that a limited rate allows the next one within a second.
std::size_t batch_rows_of(const SourceSettings& settings) noexcept {
    if (settings.rows_per_second_max == 0) return settings.batch_rows;
    return static_cast<std::size_t>(std::min<std::uint64_t>(settings.batch_rows, settings.rows_per_second_max));
}

}  // namespace

Reading::Reading(SourceSettings settings, std::shared_ptr<const Mapping> mapping, Opened opened, std::optional<Horizon> horizon,
                 ReadPlan plan, std::map<std::string, ReadMark> marks, std::shared_ptr<AheadNotice> notice)
    : settings_{std::move(settings)},
      mapping_{std::move(mapping)},
      opened_{std::move(opened)},
      horizon_{std::move(horizon)},
      plan_{std::move(plan)},
      marks_{std::move(marks)},
      notice_{std::move(notice)},
      batch_rows_{batch_rows_of(settings_)} {}

/// A reading of single rows passes over the queries that it is not asked for.
bool Reading::skipped(const MappedQuery& query) const { return !plan_.rows.empty() && !plan_.rows.contains(query.name); }

/// What of the query is to be read: false = nothing. Sets the mark that the reading starts from.
Result<bool> Reading::select(const MappedQuery& query, Selection& selection) {
    mark_.reset();
    rekeyed_ = false;
    const auto found = marks_.find(query.name);
    if (!plan_.rows.empty()) {
        std::vector<std::string> keys;
        for (const std::string& key : plan_.rows.at(query.name)) {
            auto literal = key_literal(query, key);
            if (!literal) return std::unexpected(literal.error());
            keys.push_back(*std::move(literal));
        }
        selection.keys = fmt::format("({})", fmt::join(keys, ", "));
        if (found != marks_.end()) mark_ = found->second;
        return !keys.empty();
    }
    // Of keys made otherwise nothing that was read before says what was read.
    rekeyed_ = query.cursor && found != marks_.end() && found->second.revision != query.revision;
    if (rekeyed_) return true;
    // A cursor ahead of the clock (the clock was set back) does not say what was read, nor does a horizon that is not of this database (a
    // copy of it) or ahead of it (it was set back): the query is read from its beginning.
    if (!query.cursor || found == marks_.end() || found->second.cursor.changed > opened_.now) return true;
    if (horizon_ && found->second.horizon && !reaches_back_to(*horizon_, *found->second.horizon)) return true;
    mark_ = found->second;
    const bool marked = !horizon_ || mark_->horizon;  // a mark from before horizons were kept says nothing of those that still ran
    if (follows(query, horizon_) && marked)
        return select_touched(opened_, *mapping_, query, *mark_, horizon_, settings_.overlap, selection);
    selection.since = quoted_text(since_text(mark_->cursor, settings_.overlap));
    return true;
}

Result<void> Reading::start_feed(std::string name, std::string sql, std::size_t columns) {
    auto feed = RowFeed::start(*opened_.session, opened_.cost, std::move(name), std::move(sql), columns, batch_rows_);
    if (!feed) return std::unexpected(explain(std::move(feed).error(), settings_.connection, *mapping_, mapping_->queries[query_]));
    feed_ = std::move(*feed);
    return {};
}

Result<void> Reading::end_feed() {
    if (!feed_) return {};
    auto closed = feed_->close();
    feed_.reset();
    return closed;
}

Result<void> Reading::start_query() {
    const MappedQuery& query = mapping_->queries[query_];
    Selection selection;
    selection.ordered = true;
    selection.engine = opened_.session->engine();
    ahead_ = {};
    const auto any = select(query, selection);
    if (!any) return std::unexpected(explain(any.error(), settings_.connection, *mapping_, query));
    cursor_.reset();
    if (mark_) cursor_ = mark_->cursor;
    mapper_ = std::make_unique<RowMapper>(*mapping_, query, settings_.name);
    step_ = Step::rows;
    if (!*any) return {};
    return start_feed("erp." + query.name, compose(*mapping_, query, opened_.fit.absent, selection), query.columns.size());
}

Result<void> Reading::start_keys() {
    const MappedQuery& query = mapping_->queries[query_];
    Selection selection;
    selection.engine = opened_.session->engine();
    step_ = Step::keys;
    return start_feed("erp." + query.name + ".keys", compose_keys(*mapping_, query, opened_.fit.absent, selection), 1);
}

void Reading::end_query() {
    step_ = Step::start;
    ++query_;
}

Result<std::optional<SourceBatch>> Reading::next() {
    while (step_ == Step::start && query_ < mapping_->queries.size() && skipped(mapping_->queries[query_])) ++query_;
    if (query_ == mapping_->queries.size()) return std::nullopt;
    keep_pace();
    if (step_ == Step::start)
        if (auto started = start_query(); !started) return fail(std::move(started));
    auto batch = step_ == Step::rows ? read_rows() : read_keys();
    if (!batch) return std::unexpected(explain(std::move(batch).error(), settings_.connection, *mapping_, mapping_->queries[query_]));
    rows_read_ += batch->rows + batch->keys.size();
    if (batch->last_of_query)
        end_query();
    else if (step_ == Step::rows && !feed_)
        if (auto started = start_keys(); !started) return fail(std::move(started));
    return std::optional{std::move(*batch)};
}

Result<SourceBatch> Reading::read_rows() {
    const MappedQuery& query = mapping_->queries[query_];
    SourceBatch batch;
    batch.query = query.name;
    batch.full = !mark_ && plan_.rows.empty();
    batch.rekeyed = rekeyed_;
    for (; feed_ && feed_->has_row() && batch.rows < batch_rows_; ++batch.rows) {
        read_row(batch);
        if (auto advanced = feed_->advance(); !advanced) return fail(std::move(advanced));
    }
    const bool at_end = !feed_ || !feed_->has_row();
    batch.cursor = cursor_after(query, at_end);
    if (cursor_) batch.newest = cursor_->changed;
    if (!at_end) return batch;
    notice_->tell(settings_.name, query.name, ahead_);
    if (auto closed = end_feed(); !closed) return fail(std::move(closed));
    batch.last_of_query = batch.full || !plan_.sweep || !plan_.rows.empty();
    return batch;
}

Result<SourceBatch> Reading::read_keys() {
    const MappedQuery& query = mapping_->queries[query_];
    SourceBatch batch;
    batch.query = query.name;
    batch.sweep = true;
    if (cursor_) batch.newest = cursor_->changed;
    batch.cursor = cursor_after(query, true);
    while (feed_->has_row() && batch.keys.size() < batch_rows_) {
        auto key = decode(query.columns[query.key], feed_->row().front());  // as a row that is read has it; without one it is rejected
        batch.keys.push_back(key ? (*std::move(key)).value_or("") : "");
        if (auto advanced = feed_->advance(); !advanced) return fail(std::move(advanced));
    }
    batch.last_of_query = !feed_->has_row();
    if (batch.last_of_query)
        if (auto closed = end_feed(); !closed) return fail(std::move(closed));
    return batch;
}

/// Until all is read, a reading of touched rows leaves the mark as it was: they are few, and their order says nothing of what is left.
/// One that goes by change times moves it on and says that it is not through.
std::string Reading::cursor_after(const MappedQuery& query, bool at_end) const {
    if (!query.cursor || !cursor_) return {};
    if (!plan_.rows.empty()) return mark_ ? format_mark(*mark_) : std::string{};
    const bool followed = follows(query, horizon_);
    if (rekeyed_ && !at_end) return format_mark(marks_.at(query.name));  // cut short, it is to begin again: old keys are still to vanish
    if (!followed) return format_mark({*cursor_, std::nullopt, false, query.revision});
    ReadMark mark{*cursor_, horizon_ ? std::optional{horizon_->mark} : std::nullopt, !at_end, query.revision};
    if (at_end || !mark_) return format_mark(mark);
    const bool touched_alone = !mark_->partly && (!horizon_ || mark_->horizon);
    if (touched_alone) return format_mark(*mark_);
    if (mark_->horizon) mark.horizon = mark_->horizon;
    return format_mark(mark);
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
