#include "adapters/erp/row_feed.hpp"

#include <fmt/format.h>

#include <utility>

#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {

RowFeed::RowFeed(sql::Session& session, SourceCost& cost, std::string name, std::string sql, std::size_t columns, std::size_t fetch_rows)
    : session_{&session},
      cost_{&cost},
      name_{std::move(name)},
      sql_{std::move(sql)},
      fetch_rows_{fetch_rows},
      fetches_{session.engine() == sql::Engine::postgresql},
      values_(columns) {}

Result<std::unique_ptr<RowFeed>> RowFeed::start(sql::Session& session, SourceCost& cost, std::string name, std::string sql,
                                                std::size_t columns, std::size_t fetch_rows) {
    std::unique_ptr<RowFeed> feed{new RowFeed{session, cost, std::move(name), std::move(sql), columns, fetch_rows}};
    if (auto opened = feed->open(); !opened) return fail(std::move(opened));
    if (auto first = feed->advance(); !first) return fail(std::move(first));
    return feed;
}

Result<void> RowFeed::open() {
    if (!fetches_) {
        const CountedStatement counted{*cost_};
        auto rows = session_->query({name_.c_str(), sql_.c_str()});
        if (!rows) return fail(std::move(rows));
        rows_ = std::make_unique<sql::Rows>(std::move(*rows));
        return {};
    }
    // A cursor is planned for its first tenth unless told otherwise; all rows will be fetched.
    if (auto set = session_->execute_as_is({name_.c_str(), "SET LOCAL cursor_tuple_fraction = 1"}); !set) return set;
    const std::string declare = fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", quoted_name(name_), sql_);
    if (auto declared = session_->execute_as_is({name_.c_str(), declare.c_str()}); !declared) return declared;
    sql_ = fmt::format("FETCH FORWARD {} FROM {}", fetch_rows_, quoted_name(name_));
    return next_fetch();
}

Result<void> RowFeed::next_fetch() {
    const CountedStatement counted{*cost_};
    rows_.reset();
    fetched_ = 0;
    auto rows = session_->query({name_.c_str(), sql_.c_str()});
    if (!rows) return fail(std::move(rows));
    rows_ = std::make_unique<sql::Rows>(std::move(*rows));
    return {};
}

Result<void> RowFeed::close() {
    has_row_ = false;
    rows_.reset();
    if (!fetches_) return {};
    const std::string close = fmt::format("CLOSE {}", quoted_name(name_));
    return session_->execute_as_is({name_.c_str(), close.c_str()});
}

Result<void> RowFeed::advance() {
    auto more = rows_->next();
    if (!more) return fail(std::move(more));
    if (!*more && fetches_ && fetched_ == fetch_rows_) {
        if (auto fetched = next_fetch(); !fetched) return fetched;
        more = rows_->next();
        if (!more) return fail(std::move(more));
    }
    has_row_ = *more;
    if (!has_row_) return {};
    ++fetched_;
    ++cost_->rows;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        values_[i] = rows_->row().maybe_text(i);
        if (values_[i]) cost_->bytes += values_[i]->size();
    }
    return {};
}

}  // namespace stemma::erp
