#include "core/engine/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/judge.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

bool same_plugin(const PluginInfo& plugin, const Judgement& judgement) {
    return plugin.id == judgement.plugin && plugin.binary_sha256 == judgement.binary_sha256 &&
           plugin.options_sha256 == judgement.options_sha256 && plugin.data_sha256 == judgement.data_sha256;
}

bool has_plugin(const PluginSet& set, const Judgement& judgement, bool exact) {
    return std::ranges::any_of(set.plugins(),
                               [&](const PluginInfo& p) { return exact ? same_plugin(p, judgement) : p.id == judgement.plugin; });
}

/// The judgement that `set` comes to now about the same entry, by the same plugin.
Result<Judgement> judge_again(const PluginSet& set, const Entry& entry, const Judgement& stored, FactReader& reader) {
    const Standing standing = entry.source ? Standing::observed : Standing::commanded;
    std::vector<Judgement> again;
    if (const Event* event = std::get_if<Event>(&entry.body)) {
        auto judged = judge_event(set, *event, standing, entry.recorded_at, reader);
        if (!judged) return std::unexpected(judged.error());
        again = *std::move(judged);
    } else if (const Master* master = std::get_if<Master>(&entry.body); master != nullptr && std::holds_alternative<Item>(*master)) {
        again = judge_identifiers(set, std::get<Item>(*master), standing, stored.position);
    }
    const auto mine = std::ranges::find(again, stored.plugin, &Judgement::plugin);
    return mine == again.end() ? judgement_frame(PluginInfo{}, stored.position, {}, {}) : std::move(*mine);
}

ReplayedJudgement replay_one(ReadSnapshot& snapshot, const Entry& entry, const Judgement& stored, const PluginSet& current,
                             const PluginArchive& archive, const Limits& limits) {
    ReplayedJudgement replayed;
    replayed.stored = stored;
    if (std::holds_alternative<CaseEvent>(entry.body)) {
        replayed.replayed = false;
        replayed.note = "a case's step is kept as its workflow folded it; verdicts on events and items are judged again";
        return replayed;
    }
    std::shared_ptr<const PluginSet> kept;
    const PluginSet* set = &current;
    if (!has_plugin(current, stored, true)) kept = archive(stored);
    if (kept) set = kept.get();
    replayed.plugin_equal = has_plugin(*set, stored, true);
    if (!replayed.plugin_equal && !has_plugin(*set, stored, false)) {
        replayed.note = fmt::format("the plugin {} {} is not loaded and no longer kept", stored.plugin, stored.version);
        return replayed;
    }
    FactReader reader{snapshot, stored.position, limits};
    const Result<Judgement> again = judge_again(*set, entry, stored, reader);
    if (!again) {
        replayed.note = again.error().text();
        return replayed;
    }
    replayed.facts_sha256 = again->facts_sha256;
    replayed.facts_equal = again->facts_sha256 == stored.facts_sha256;
    replayed.verdict = again->verdict;
    replayed.verdict_equal = again->verdict == stored.verdict;
    if (!replayed.plugin_equal)
        replayed.note = "judged by the plugin as it is now: that version with its options and data is no longer kept";
    else if (!replayed.facts_equal)
        replayed.note = "the facts read now differ from those told then";
    else if (!replayed.verdict_equal)
        replayed.note = "the same facts led to another verdict: the plugin is not deterministic";
    return replayed;
}

}  // namespace

Result<std::vector<ReplayedJudgement>> replay(ReadSnapshot& snapshot, Sequence sequence, const PluginSet& current,
                                              const PluginArchive& archive, const Limits& limits) {
    const auto rows = snapshot.entries(sequence, 1);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return fail(Errc::not_found, fmt::format("there is no entry {}", sequence));
    const Result<Entry> entry = decode_stored(rows->front());
    if (!entry) return std::unexpected(entry.error());
    std::vector<ReplayedJudgement> replayed;
    for (const Judgement& stored : entry->judgements) replayed.push_back(replay_one(snapshot, *entry, stored, current, archive, limits));
    return replayed;
}

}  // namespace stemma::engine
