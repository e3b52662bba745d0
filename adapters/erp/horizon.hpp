// PostgreSQL's transaction horizon: the oldest transaction that a snapshot does not see the end of. Each row version names the transaction
// that wrote it, so that all of them that were not seen then can be found later, whatever the ERP says of when they changed.
// Other engines tell no such thing to a login that may only read.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "adapters/erp/cursor.hpp"
#include "adapters/sql/session.hpp"
#include "core/base/error.hpp"

namespace stemma::erp {

struct Horizon {
    HorizonMark mark;
    std::uint64_t next{0};           ///< the transaction that will be the next to begin
    bool inlines{false};             ///< version 12 or later: knows AS NOT MATERIALIZED
    std::set<std::string> tables;    ///< whose row versions tell their transaction to this login: no views, no foreign tables
    std::set<std::string> placed{};  ///< of these, the ones whose rows tell it where they stand (ctid) as well
};

/// Row versions tell 32 bits of their transaction. From a mark farther back than this nothing can be told apart.
inline constexpr std::uint64_t kTransactionsMax = 2'000'000'000;

/// Of the session's snapshot; none where the engine has none. Errors: as the session's.
[[nodiscard]] Result<std::optional<Horizon>> read_horizon(sql::Session& session);

/// Whether what was written since `mark` can be found: the same database, and neither set back nor too far on.
[[nodiscard]] bool reaches_back_to(const Horizon& horizon, const HorizonMark& mark) noexcept;

/// SQL: whether the row version of `table` (quoted) was written by `mark`'s transaction or a later one. Holds over the wrap-around.
[[nodiscard]] std::string written_since(const std::string& table, const HorizonMark& mark);

}  // namespace stemma::erp
