// Replay: comes to a stored verdict again. Facts are re-read as of the judgement's ledger position and compared by digest with those
// that were told then; the same plugin with the same options and data judges; the two verdicts are compared.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/engine/facts.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

struct ReplayedJudgement {
    Judgement stored;
    bool replayed{true};       ///< false: a verdict of a kind that is not judged again; the note says so and nothing below is set
    std::string facts_sha256;  ///< of the facts as re-read now
    bool facts_equal{false};
    bool plugin_equal{false};  ///< binary, options and data are those of then
    Verdict verdict;           ///< come to now
    bool verdict_equal{false};
    std::string note;  ///< why it could not be replayed, or what differs; empty when all is equal
};

/// Finds a plugin as it was when a verdict was given (by digest of binary, options and data); null when it is no longer kept.
using PluginArchive = std::function<std::shared_ptr<const PluginSet>(const Judgement&)>;

/// Re-judges every judgement of one entry. Errors: Errc::not_found, Errc::storage.
[[nodiscard]] Result<std::vector<ReplayedJudgement>> replay(ReadSnapshot& snapshot, Sequence sequence, const PluginSet& current,
                                                            const PluginArchive& archive, const Limits& limits);

}  // namespace stemma::engine
