// Which rows of a query may have become something else since a mark: found by the changed rows of the tables that the mapping says to
// follow, so that a reading looks at these alone. A changed row is told by its transaction where the database has a horizon, else by its
// change time and the overlap.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "adapters/erp/cursor.hpp"
#include "adapters/erp/horizon.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/sql_text.hpp"

namespace stemma::erp {

inline constexpr std::size_t kTouchedKeysMax = 2'000;  ///< keys that are put into the statement one by one; more are a SELECT in it

/// What is left to read of `query` after `mark`; `selection` gets its `keys`, `more` and `since`. False = nothing at all.
/// `query` has a cursor that says what touches it. `horizon`: of the reading, none where the engine has none or it is not to be used.
/// Errors: as the session's.
[[nodiscard]] Result<bool> select_touched(Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                                          const std::optional<Horizon>& horizon, std::chrono::microseconds overlap, Selection& selection);

/// The SELECT of touched keys that select_touched() asks the database for, with changed rows told by their transactions or times and
/// none looked up before; "" where no table that is there tells its changes.
[[nodiscard]] std::string touched_statement(const Opened& opened, const Mapping& mapping, const MappedQuery& query, const ReadMark& mark,
                                            const std::optional<Horizon>& horizon, std::chrono::microseconds overlap);

/// Whether changes of the query's own table can be followed: by the horizon, or by change times.
[[nodiscard]] bool follows(const MappedQuery& query, const std::optional<Horizon>& horizon);

}  // namespace stemma::erp
