// The rows of one composed query, one at a time, in bounded memory on both engines: SQLite steps, PostgreSQL fetches from a cursor.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/erp/opened.hpp"
#include "adapters/sql/session.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

class RowFeed {
public:
    /// Starts the query inside the session's transaction and stands on its first row, if any. `name` is unique in the transaction.
    /// `fetch_rows`: rows that PostgreSQL hands over at once. The session and `cost`, which it counts in, must outlive the feed.
    [[nodiscard]] static Result<std::unique_ptr<RowFeed>> start(sql::Session& session, SourceCost& cost, std::string name, std::string sql,
                                                                std::size_t columns, std::size_t fetch_rows);

    /// Whether it stands on a row.
    [[nodiscard]] bool has_row() const noexcept { return has_row_; }
    /// The row it stands on: one value per column, none for NULL. Valid until advance().
    [[nodiscard]] std::span<const std::optional<std::string_view>> row() const noexcept { return values_; }
    [[nodiscard]] Result<void> advance();
    /// Gives back what PostgreSQL keeps for it: until then, or the transaction's end, the server holds what it sorted. No row after it.
    [[nodiscard]] Result<void> close();

private:
    RowFeed(sql::Session& session, SourceCost& cost, std::string name, std::string sql, std::size_t columns, std::size_t fetch_rows);
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> next_fetch();

    sql::Session* session_;
    SourceCost* cost_;
    std::string name_;
    std::string sql_;
    std::size_t fetch_rows_;
    bool fetches_;            ///< PostgreSQL
    std::size_t fetched_{0};  ///< rows of the present fetch that were seen
    bool has_row_{false};
    std::unique_ptr<sql::Rows> rows_;
    std::vector<std::optional<std::string_view>> values_;
};

}  // namespace stemma::erp
