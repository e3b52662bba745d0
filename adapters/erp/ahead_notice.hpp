// Rows whose change time is far ahead of the database's clock: they move no cursor, are read again each time, and a person should know.
// Said once in the log, and again only when something about it changed: a source is read every minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "adapters/erp/cursor.hpp"
#include "core/base/time.hpp"

namespace stemma::erp {

/// Less far ahead is the skew of a clock or a local time: the clock passes it within the day.
inline constexpr std::chrono::hours kAheadNoticed{24};

/// The rows of one query that one reading met.
struct RowsAhead {
    std::uint64_t rows{0};
    Cursor farthest;  ///< of meaning where rows is not 0

    /// Counts a row that is more than kAheadNoticed ahead of `now`.
    void note(const Cursor& row, Instant now);
};

/// Any thread.
class AheadNotice {
public:
    /// Called when a query was read to its end.
    void tell(const std::string& source, const std::string& query, const RowsAhead& ahead);

private:
    std::mutex mutex_;
    std::map<std::string, std::string> told_;  ///< query -> what was said of it last; guarded by mutex_
};

}  // namespace stemma::erp
