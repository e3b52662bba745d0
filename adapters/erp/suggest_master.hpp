// The queries of a proposal: master data here, movements in suggest_moves. A Proposal holds what they share: units that were seen, names
// that are taken, what people are told at the end. Internal to suggest.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/erp/suggest_roles.hpp"
#include "adapters/erp/suggest_text.hpp"

namespace stemma::erp {

struct Proposal {
    Foreign& foreign;
    const Roles& roles;
    bool sample{true};
    std::vector<QueryText> queries;
    std::map<std::string, std::uint64_t> units;                                      ///< symbols that were seen, with how many rows
    std::vector<std::pair<std::string, std::string>> left_out;                       ///< table, why
    std::map<std::string, std::vector<std::pair<std::string, std::uint64_t>>> seen;  ///< "table.column" -> values_of()

    [[nodiscard]] sql::Engine engine() const noexcept { return foreign.session->engine(); }
    /// A few values of a column, or none where no sample is wanted.
    const std::vector<std::pair<std::string, std::uint64_t>>& values(const ForeignTable& table, const ForeignColumn& column);
    /// What a column holds: a text of SQLite whose values are dates is a date.
    std::optional<ColumnType> kind(const ForeignTable& table, const ForeignColumn& column);
    /// A name for a query that no other one has.
    [[nodiscard]] std::string query_name(std::string_view wanted) const;
};

/// The last change of a row: `changed`, or when it was made. "" where the table has no such column.
[[nodiscard]] std::string change_time(Proposal& proposal, QueryText& query, const Alias& alias);
/// The unit of a product's amounts, as a text expression; joins what it needs. "" where the product has none.
[[nodiscard]] std::string product_unit(Proposal& proposal, QueryText& query, const Alias& product);
/// An SQL condition that says that a product's items are single pieces; "" where nothing says so.
[[nodiscard]] std::string serial_condition(QueryText& query, const Alias& product);
/// "3 'done', 1 'open'".
[[nodiscard]] std::string listed(const std::vector<std::pair<std::string, std::uint64_t>>& values);

void propose_products(Proposal& proposal);
void propose_places(Proposal& proposal);
void propose_parties(Proposal& proposal);
void propose_lots(Proposal& proposal);
void propose_movements(Proposal& proposal);

}  // namespace stemma::erp
