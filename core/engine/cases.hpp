// Cases: commands to workflows. A command names the version it saw; the workflow plugin says which steps follow or why not;
// each step becomes a ledger entry whose state is the workflow's own fold.
#pragma once

#include <string>
#include <vector>

#include "core/engine/append.hpp"
#include "core/engine/limits.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

/// What came of a command: the case as it stands, or the findings that refuse it.
struct CaseReceipt {
    CaseState state;
    std::vector<Sequence> steps;  ///< entries written; empty when refused
    Verdict verdict;
    bool replayed{false};  ///< the same command was carried out before: state and steps are those of then
};

class CaseDesk {
public:
    CaseDesk(Appender& appender, const PluginCatalog& plugins, const Limits& limits);

    /// Errors: Errc::not_found (case, workflow, item), Errc::conflict (the case moved on since `command.version`; the
    /// idempotency key was used for another command), Errc::invalid_input (key, reason), Errc::plugin, Errc::storage. A refusal by the
    /// workflow is no error. Any thread.
    [[nodiscard]] Result<CaseReceipt> act(const CaseCommand& command, const std::string& actor, const std::string& reason);

private:
    Result<void> act_within(Appending& tx, const CaseCommand& command, Entry frame, CaseReceipt& receipt);

    Appender& appender_;
    const PluginCatalog& plugins_;
    const Limits& limits_;
};

/// The tables a workflow sees: "case" (state, version, item, then the case's fields) and "command" (name, then its fields), one row each.
[[nodiscard]] std::vector<FactTable> tables_of(const CaseState& state, const CaseCommand& command);

}  // namespace stemma::engine
