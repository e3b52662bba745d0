// The consistency audit over a source's entries: the faults that core/lineage finds, each with the ERP's own rows behind it, page by page.
// Reads; never writes, neither here nor in the ERP.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "core/lineage/audit.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

inline constexpr std::size_t kAuditNodesPage = 50'000;       ///< items and productions that one page looks at
inline constexpr Instant kAuditClocksDiffer{kMicrosPerDay};  ///< an event may be dated so much later than it was recorded: clocks, zones

struct AuditQuestion {
    std::string source;                      ///< faults with a row of this source behind them alone; "" = all
    std::uint32_t kinds{~std::uint32_t{0}};  ///< a bit per kind, 1 << kind
    std::uint64_t after{0};                  ///< `next` of the page before, for the same as-of, source and kinds; 0 for the first page
    std::size_t limit{50};                   ///< faults of a page, at least 1
    bool count{false};                       ///< counts alone: `limit` plays no part
    std::size_t nodes_max{kAuditNodesPage};
    const std::atomic<bool>* cancel{nullptr};
};

/// An event behind a fault with the entry that recorded it.
struct AuditRow {
    lineage::AuditedEvent event;
    Sequence sequence{0};
    std::optional<SourceRow> source;  ///< the ERP's row; none for what a user recorded
};

/// The newest record of an item or product and the row it came from.
struct AuditRecord {
    lineage::Node item{lineage::Node::none};
    Sequence sequence{0};
    std::optional<SourceRow> source;
};

struct AuditFinding {
    lineage::AuditFault fault;
    std::vector<AuditRow> rows;        ///< beside fault.events
    std::vector<AuditRecord> records;  ///< of the item and the others, where master data is known
};

struct AuditPage {
    std::vector<AuditFinding> findings;  ///< in the order in which the ledger first named what they are of; same_number at the end
    std::array<std::size_t, lineage::kAuditKinds> by_kind{};  ///< of this page
    std::size_t count{0};
    std::size_t nodes{0};   ///< looked at for this page
    std::uint64_t next{0};  ///< a page may be short, or empty, and still have a next one; 0: this was the last
    bool cancelled{false};
};

/// `view`: of no more entries than the snapshot has. Errors: Errc::storage.
[[nodiscard]] Result<AuditPage> audit(ReadSnapshot& snapshot, const lineage::View& view, const AuditQuestion& question);

}  // namespace stemma::engine
