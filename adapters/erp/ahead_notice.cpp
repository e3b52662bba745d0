#include "adapters/erp/ahead_notice.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace stemma::erp {

void RowsAhead::note(const Cursor& row, Instant now) {
    if (row.changed.us - now.us <= std::chrono::microseconds{kAheadNoticed}.count()) return;
    ++rows;
    if (rows == 1 || row.changed >= farthest.changed) farthest = row;
}

void AheadNotice::tell(const std::string& source, const std::string& query, const RowsAhead& ahead) {
    const std::lock_guard lock{mutex_};
    if (ahead.rows == 0) {
        told_.erase(query);
        return;
    }
    std::string text =
        fmt::format("{}: {} row{} of {} changed, by the ERP's account, after the database's clock, such as {} at {}; read again each time",
                    source, ahead.rows, ahead.rows == 1 ? "" : "s", query, ahead.farthest.id, format_instant(ahead.farthest.changed));
    std::string& told = told_[query];
    if (told == text) return;
    log::warn("ERP_CHANGE_TIME_IN_FUTURE", text);
    told = std::move(text);
}

}  // namespace stemma::erp
