// Replay: comes to a stored verdict again, in two ways that are compared with it: by the facts that were told then, as the ledger keeps
// them, and by the facts as they are read again at the judgement's position. The same plugin with the same options and data judges, from
// the archive; or the plugins in force now, to see what a change of rules would have done. A case's step is acted and folded again.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/facts.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

/// Who judges again.
enum class ReplayBy : unsigned char {
    then,  ///< the plugin as it was; as it is now where it is no longer kept, which counts as a difference
    now,   ///< the plugin in force now: that it is another one is no difference, only what it says
};

struct ReplayOptions {
    ReplayBy by{ReplayBy::then};
    bool read_again{true};  ///< else by the stored facts alone, which is faster
};

struct ReplayedJudgement {
    Judgement stored;
    bool replayed{true};         ///< false: it cannot be judged again; the note says why and nothing below is set
    bool plugin_equal{false};    ///< binary, options and data are those of then
    Verdict verdict_by_stored;   ///< come to now, by the stored facts
    bool requests_equal{false};  ///< by the stored facts the plugin asked for the same facts as then
    bool stored_equal{false};    ///< so it did, and the verdict is the stored one
    std::string facts_sha256;    ///< of the facts as re-read now; "" where they were not
    bool facts_equal{true};      ///< they are the stored ones
    Verdict verdict;             ///< come to now, by the facts as re-read; as verdict_by_stored where they were not
    bool verdict_equal{false};
    std::vector<std::string> why{};  ///< what differs, a sentence each; empty when all is equal

    /// Nothing differs that should not: of another plugin that is in force now only what it says. Always so where it was not judged again.
    [[nodiscard]] bool equal(ReplayBy by) const noexcept {
        if (!replayed) return true;
        return verdict_equal && (by == ReplayBy::now || (plugin_equal && stored_equal && facts_equal));
    }
    [[nodiscard]] std::string note() const;  ///< `why` in one line
};

/// Finds a plugin as it was when a verdict was given (by digest of binary, options and data); null when it is no longer kept.
using PluginArchive = std::function<std::shared_ptr<const PluginSet>(const Judgement&)>;

/// What a replay stands on; outlives it.
struct ReplaySource {
    ReadSnapshot& snapshot;
    const PluginSet& current;
    const PluginArchive& archive;
    const Limits& limits;
};

/// Re-judges every judgement of one entry. Errors: Errc::not_found, Errc::storage.
[[nodiscard]] Result<std::vector<ReplayedJudgement>> replay(const ReplaySource& source, Sequence sequence,
                                                            const ReplayOptions& options = {});

inline constexpr std::uint64_t kReplayEntriesAtOnce = 50'000;    ///< entries that one part of a range looks at
inline constexpr std::uint64_t kReplayJudgementsAtOnce = 2'000;  ///< judgements that it comes to again
inline constexpr std::size_t kReplayDifferencesMax = 200;        ///< differences that it tells in full; all are counted

/// What came of a part of a range.
struct ReplayPart {
    Sequence next{0};             ///< where to go on; the range's end when it is done
    std::uint64_t entries{0};     ///< looked at
    std::uint64_t judgements{0};  ///< stored with them
    std::uint64_t equal{0};
    std::uint64_t differing{0};
    std::uint64_t not_replayed{0};
    std::vector<std::pair<Sequence, ReplayedJudgement>> told;  ///< those that differ or were not replayed, up to kReplayDifferencesMax
};

/// Re-judges the entries [from, to) until the part is full; at least one entry. `cancel` may be null; where it is set, the part ends early.
/// Errors: Errc::storage.
[[nodiscard]] Result<ReplayPart> replay_part(const ReplaySource& source, Sequence from, Sequence to, const ReplayOptions& options,
                                             const std::atomic<bool>* cancel = nullptr);

}  // namespace stemma::engine
