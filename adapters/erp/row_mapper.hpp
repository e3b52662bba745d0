// One row of a query becomes one record, or a reason why not. Pure: the same cells give the same record and the same digest.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/erp/cursor.hpp"
#include "adapters/erp/mapping.hpp"
#include "core/ports/erp_source.hpp"

namespace stemma::erp {

struct MappedRow {
    std::expected<SourceRecord, SourceReject> result;
    std::optional<Cursor> place;  ///< none where the query has no cursor or the row no change time
};

/// Maps rows of one query. Borrows the mapping. Any thread.
class RowMapper {
public:
    /// `source` is the name under which ids are made.
    RowMapper(const Mapping& mapping, const MappedQuery& query, std::string_view source)
        : mapping_{&mapping}, query_{&query}, source_{source} {}

    /// `values`: one per declared column, in order, none for NULL.
    [[nodiscard]] MappedRow map(std::span<const std::optional<std::string_view>> values) const;

private:
    [[nodiscard]] std::optional<Cursor> place(const Cells& cells) const;

    const Mapping* mapping_;
    const MappedQuery* query_;
    std::string source_;
};

}  // namespace stemma::erp
