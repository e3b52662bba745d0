// Reports: a plugin is asked about each subject of a kind (item, product, case) with facts of one snapshot, and its rows become one typed
// table. Nothing is cut: a report that passes a limit is refused by the limit's name. Nothing is written.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "core/engine/limits.hpp"
#include "core/ports/plugin_catalog.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// What is asked for.
struct ReportWish {
    std::map<std::string, std::string> parameters;  ///< as text; those that are not here have their fallback
    ProductId product{};                            ///< items of this product alone, or this product alone; empty: all
    Instant as_of;                                  ///< "now" of the report. The facts are those of the newest entry
    const std::atomic<bool>* cancel{nullptr};       ///< set: nobody waits for it any more
};

/// A report as it came out.
struct ReportTable {
    ReportInfo about;
    PluginInfo plugin;
    Sequence position{0};  ///< ledger size at which the facts were read
    Instant as_of;
    std::map<std::string, std::string> parameters;  ///< that had a value, fallbacks included, as text
    std::uint64_t subjects{0};                      ///< that were asked about
    FactTable table;                                ///< named as the report; its digest tells two runs apart
};

/// Errors: Errc::not_found naming the reports there are.
[[nodiscard]] Result<const Report*> find_report(const PluginSet& plugins, const std::string& name);

/// Reads everything from `snapshot`. Errors: Errc::invalid_input (a parameter, with where "?name"), Errc::too_large naming the limit,
/// Errc::plugin, Errc::storage, Errc::unavailable when it was cancelled.
[[nodiscard]] Result<ReportTable> run_report(ReadSnapshot& snapshot, const Report& report, const ReportWish& wish, const Limits& limits);

}  // namespace stemma::engine
