#include "core/engine/replay.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"
#include "core/engine/cases.hpp"
#include "core/engine/judge.hpp"
#include "core/engine/stored.hpp"

namespace stemma::engine {
namespace {

bool same_plugin(const PluginInfo& plugin, const Judgement& judgement) {
    return plugin.id == judgement.plugin && plugin.binary_sha256 == judgement.binary_sha256 &&
           plugin.options_sha256 == judgement.options_sha256 && plugin.data_sha256 == judgement.data_sha256;
}

const PluginInfo* find_plugin(const PluginSet& set, const Judgement& judgement, bool exact) {
    for (const PluginInfo& plugin : set.plugins())
        if (exact ? same_plugin(plugin, judgement) : plugin.id == judgement.plugin) return &plugin;
    return nullptr;
}

std::string what_changed(const PluginInfo& now, const Judgement& then) {
    std::vector<std::string> parts;
    if (now.version != then.version) parts.push_back(fmt::format("version {} instead of {}", now.version, then.version));
    if (now.binary_sha256 != then.binary_sha256) parts.emplace_back("other code");
    if (now.options_sha256 != then.options_sha256) parts.emplace_back("other options");
    if (now.data_sha256 != then.data_sha256) parts.emplace_back("other data files");
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string in_words(const FactRequest& request) { return fmt::format("{}({})", request.name, fmt::join(request.arguments, ", ")); }

std::string in_words(const Verdict& verdict) {
    std::vector<std::string> codes;
    codes.reserve(verdict.findings.size());
    for (const Finding& finding : verdict.findings) codes.push_back(finding.code);
    return fmt::format("{}{}{}", to_string(verdict.outcome), codes.empty() ? "" : " ", fmt::join(codes, " "));
}

/// Answers from what a judgement was told; anything else cannot be told.
AnswerFact told_in(const Judgement& stored) {
    return [&stored](const FactRequest& request) -> Result<FactTable> {
        for (const FactTable& fact : stored.facts)
            if (fact.name == request.name && fact.arguments == request.arguments) return fact;
        return fail(Errc::not_found, fmt::format("it asks now for {}, which it was not told then", clip(in_words(request), 200)));
    };
}

/// What one way of judging again came to. `judge` runs the plugin on facts from `answer`.
struct Again {
    Verdict verdict;
    std::vector<FactRequest> requests;
    std::string facts_sha256;
    std::vector<FactTable> facts;
};
using JudgeAgain = std::function<Result<Again>(const AnswerFact& answer)>;

Again from_judgement(std::optional<Judgement> judgement) {
    if (!judgement) return {{}, {}, to_hex(digest_of({})), {}};
    return {std::move(judgement->verdict), std::move(judgement->requests), std::move(judgement->facts_sha256), std::move(judgement->facts)};
}

Result<Again> rules_again(const PluginSet& set, const Entry& entry, const Event& event, const Judgement& stored, FactReader& reader,
                          const AnswerFact& answer) {
    const auto& all = set.rules();
    const auto rules = std::ranges::find(all, stored.plugin, [](const Rules* one) -> const std::string& { return one->plugin().id; });
    if (rules == all.end()) return fail(Errc::not_found, "the plugin offers no rules any more");
    auto tables = tables_of(event, reader);
    if (!tables) return std::unexpected(tables.error());
    DecisionInput input{entry.recorded_at, *std::move(tables), {}, 0};
    auto judged = judge_by(**rules, input, entry.source ? Standing::observed : Standing::commanded, stored.position, answer);
    if (!judged) return std::unexpected(judged.error());
    return from_judgement(*std::move(judged));
}

Result<Again> numbers_again(const PluginSet& set, const Entry& entry, const Item& item, const Judgement& stored) {
    auto judged = judge_identifiers(set, item, entry.source ? Standing::observed : Standing::commanded, stored.position);
    const auto mine = std::ranges::find(judged, stored.plugin, &Judgement::plugin);
    return from_judgement(mine == judged.end() ? std::nullopt : std::optional{std::move(*mine)});
}

/// The case as it stood when the command of a step came: the fold of its last step below the judgement's position.
Result<CaseState> case_before(ReadSnapshot& snapshot, const CaseEvent& step, Sequence position) {
    CaseState before{step.case_id, step.workflow, 0, "", step.item, {}};
    const auto sequences = snapshot.subject_entries(step.case_id.str(), position, 1);
    if (!sequences) return std::unexpected(sequences.error());
    if (sequences->empty()) return before;
    const auto rows = snapshot.entries_at(*sequences);
    if (!rows) return std::unexpected(rows.error());
    const auto entry = decode_stored(rows->front());
    if (!entry) return std::unexpected(entry.error());
    const CaseEvent* const last = std::get_if<CaseEvent>(&entry->body);
    if (last == nullptr)
        return fail(Errc::storage, fmt::format("entry {} is no step of case {}", rows->front().sequence, step.case_id.str()));
    return CaseState{last->case_id, last->workflow, last->version, last->state, last->item, last->fields};
}

/// The findings that tell where a step that was taken again is not the one of then; none where it is the same.
Result<std::vector<Finding>> fold_again(const Workflow& workflow, CaseState state, const std::vector<WorkflowStep>& steps,
                                        const CaseEvent& then, std::uint64_t place) {
    const auto differs = [&](std::string message) {
        return std::vector<Finding>{{"case.step_differs", Severity::refuse, std::move(message), then.case_id.str(), then.command, ""}};
    };
    if (steps.size() <= place) return differs(fmt::format("the command leads to {} steps, this was number {}", steps.size(), place + 1));
    for (std::uint64_t i = 0; i <= place; ++i) {
        auto folded = workflow.apply({state.state, state.fields}, steps[i]);
        if (!folded) return std::unexpected(folded.error());
        state.state = std::move(folded->state);
        state.fields = std::move(folded->fields);
        ++state.version;
    }
    if (steps[place].type != then.type) return differs(fmt::format("the step is '{}', not '{}'", steps[place].type, then.type));
    if (state.state != then.state) return differs(fmt::format("the case is '{}' after it, not '{}'", state.state, then.state));
    if (state.fields != then.fields) return differs("the case's fields after it are others");
    return std::vector<Finding>{};
}

Result<Again> step_again(const PluginSet& set, ReadSnapshot& snapshot, const Entry& entry, Sequence sequence, const CaseEvent& step,
                         const Judgement& stored, const AnswerFact& answer) {
    const auto& all = set.workflows();
    const auto workflow = std::ranges::find(all, step.workflow, [](const Workflow* one) -> const std::string& { return one->name(); });
    if (workflow == all.end()) return fail(Errc::not_found, fmt::format("the plugin offers no workflow '{}' any more", step.workflow));
    auto before = case_before(snapshot, step, stored.position);
    if (!before) return std::unexpected(before.error());
    const CaseCommand command{step.case_id, step.workflow, step.command, step.item, 0, step.given, {}};
    DecisionInput input{entry.recorded_at, tables_of(*before, command), {}, 0};
    auto requests = gather_facts(**workflow, input, answer);
    if (!requests) return std::unexpected(requests.error());
    auto outcome = (*workflow)->act(input);
    if (!outcome) return std::unexpected(outcome.error());
    Again again{{}, *std::move(requests), to_hex(digest_of(input.facts)), std::move(input.facts)};
    if (auto* refusals = std::get_if<std::vector<Finding>>(&*outcome)) {
        again.verdict = {Outcome::refused, std::move(*refusals)};
        return again;
    }
    // A command's steps follow one another from the position at which it was judged.
    auto differing =
        fold_again(**workflow, *std::move(before), std::get<std::vector<WorkflowStep>>(*outcome), step, sequence - stored.position);
    if (!differing) return std::unexpected(differing.error());
    if (!differing->empty()) again.verdict = {Outcome::refused, *std::move(differing)};
    return again;
}

/// How this entry's judgement is come to again.
JudgeAgain judge_of(const ReplaySource& source, const PluginSet& set, const Entry& entry, Sequence sequence, const Judgement& stored,
                    FactReader& reader) {
    if (const Event* event = std::get_if<Event>(&entry.body))
        return [&, event](const AnswerFact& answer) { return rules_again(set, entry, *event, stored, reader, answer); };
    if (const CaseEvent* step = std::get_if<CaseEvent>(&entry.body))
        return [&, step, sequence](const AnswerFact& answer) {
            return step_again(set, source.snapshot, entry, sequence, *step, stored, answer);
        };
    const Master* const master = std::get_if<Master>(&entry.body);
    const Item* const item = master != nullptr ? std::get_if<Item>(master) : nullptr;
    if (item == nullptr) return {};
    return [&, item](const AnswerFact&) { return numbers_again(set, entry, *item, stored); };
}

/// Which facts are others than those of then.
void compare_facts(ReplayedJudgement& replayed, const Again& again) {
    for (const FactTable& fact : again.facts) {
        const auto then = std::ranges::find_if(
            replayed.stored.facts, [&](const FactTable& one) { return one.name == fact.name && one.arguments == fact.arguments; });
        const std::string name = in_words(FactRequest{fact.name, fact.arguments});
        if (then == replayed.stored.facts.end())
            replayed.why.push_back(fmt::format("by the facts read now it asks for {} as well", clip(name, 200)));
        else if (*then != fact)
            replayed.why.push_back(fmt::format("the fact {} is not as it was told then", clip(name, 200)));
    }
    if (replayed.why.empty()) replayed.why.emplace_back("the facts read now differ from those told then");
}

void judge_by_stored(ReplayedJudgement& replayed, const JudgeAgain& judge, const ReplayOptions& options) {
    auto again = judge(told_in(replayed.stored));
    // A plugin of today may ask for more than was told then: reading gives it that.
    const bool may_differ = options.by == ReplayBy::now && options.read_again;
    if (!again) {
        replayed.verdict_by_stored = {Outcome::undecided, {}};
        if (!may_differ) replayed.why.push_back(again.error().message);
        return;
    }
    replayed.verdict_by_stored = std::move(again->verdict);
    replayed.requests_equal = again->requests == replayed.stored.requests;
    const bool same_verdict = replayed.verdict_by_stored == replayed.stored.verdict;
    replayed.stored_equal = same_verdict && replayed.requests_equal;
    if (may_differ) return;
    if (!same_verdict)
        replayed.why.push_back(fmt::format("the facts told then lead to {}, then to {}", in_words(replayed.verdict_by_stored),
                                           in_words(replayed.stored.verdict)));
    if (!replayed.requests_equal && options.by == ReplayBy::then) replayed.why.emplace_back("it asks for other facts than then");
}

/// Reads what was asked for then; where that is as it was, so is what the plugin makes of it. Else it judges once more.
void judge_by_reading(ReplayedJudgement& replayed, const JudgeAgain& judge, FactReader& reader, const ReplayOptions& options) {
    std::vector<FactTable> facts;
    facts.reserve(replayed.stored.requests.size());
    for (const FactRequest& request : replayed.stored.requests) {
        auto fact = reader.answer(request);
        if (!fact) break;
        facts.push_back(*std::move(fact));
    }
    replayed.facts_sha256 = to_hex(digest_of(facts));
    replayed.facts_equal = replayed.facts_sha256 == replayed.stored.facts_sha256;
    if (replayed.facts_equal && replayed.requests_equal) return;
    auto again = judge([&](const FactRequest& request) { return reader.answer(request); });
    if (!again) {
        replayed.verdict = {Outcome::undecided, {}};
        replayed.verdict_equal = replayed.verdict == replayed.stored.verdict;
        replayed.why.push_back(again.error().text());
        return;
    }
    if (!replayed.facts_equal) compare_facts(replayed, *again);
    replayed.facts_sha256 = std::move(again->facts_sha256);
    replayed.verdict = std::move(again->verdict);
    replayed.verdict_equal = replayed.verdict == replayed.stored.verdict;
    if (!replayed.verdict_equal)
        replayed.why.push_back(fmt::format("the facts read {} lead to {}, then to {}", options.by == ReplayBy::now ? "by it" : "now",
                                           in_words(replayed.verdict), in_words(replayed.stored.verdict)));
}

ReplayedJudgement replay_one(const ReplaySource& source, const Entry& entry, Sequence sequence, const Judgement& stored,
                             const ReplayOptions& options) {
    ReplayedJudgement replayed;
    replayed.stored = stored;
    const auto not_replayed = [&](std::string why) {
        replayed.replayed = false;
        replayed.why = {std::move(why)};
        return replayed;
    };
    if (const CaseEvent* step = std::get_if<CaseEvent>(&entry.body); step != nullptr && step->command.empty())
        return not_replayed("a case's step from before its command was kept in the ledger; it cannot be acted again");
    std::shared_ptr<const PluginSet> kept;
    const PluginSet* set = &source.current;
    if (options.by == ReplayBy::then && find_plugin(*set, stored, true) == nullptr) kept = source.archive(stored);
    if (kept) set = kept.get();
    const PluginInfo* const plugin = find_plugin(*set, stored, false);
    replayed.plugin_equal = find_plugin(*set, stored, true) != nullptr;
    if (plugin == nullptr && options.by == ReplayBy::now)
        return not_replayed(fmt::format("the plugin {} is not enabled now", stored.plugin));
    if (plugin == nullptr) {
        replayed.facts_equal = false;
        replayed.why.push_back(fmt::format("the plugin {} {} is not loaded and no longer kept", stored.plugin, stored.version));
        return replayed;
    }
    FactReader reader{source.snapshot, stored.position, source.limits};
    const JudgeAgain judge = judge_of(source, *set, entry, sequence, stored, reader);
    if (!judge) return not_replayed("nothing of this kind is judged");
    judge_by_stored(replayed, judge, options);
    replayed.verdict = replayed.verdict_by_stored;
    replayed.verdict_equal = replayed.verdict == stored.verdict;
    if (options.read_again) judge_by_reading(replayed, judge, reader, options);
    if (!replayed.plugin_equal && (options.by == ReplayBy::then || !replayed.equal(options.by)))
        replayed.why.insert(replayed.why.begin(), fmt::format("judged by the plugin as it is now: {}", what_changed(*plugin, stored)) +
                                                      (options.by == ReplayBy::then ? "; that of then is no longer kept" : ""));
    return replayed;
}

}  // namespace

std::string ReplayedJudgement::note() const { return fmt::format("{}", fmt::join(why, "; ")); }

Result<std::vector<ReplayedJudgement>> replay(const ReplaySource& source, Sequence sequence, const ReplayOptions& options) {
    const auto rows = source.snapshot.entries(sequence, 1);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return fail(Errc::not_found, fmt::format("there is no entry {}", sequence));
    const Result<Entry> entry = decode_stored(rows->front());
    if (!entry) return std::unexpected(entry.error());
    std::vector<ReplayedJudgement> replayed;
    for (const Judgement& stored : entry->judgements) replayed.push_back(replay_one(source, *entry, sequence, stored, options));
    return replayed;
}

Result<ReplayPart> replay_part(const ReplaySource& source, Sequence from, Sequence to, const ReplayOptions& options,
                               const std::atomic<bool>* cancel) {
    constexpr std::uint64_t kRowsAtOnce = 1'000;
    ReplayPart part;
    for (part.next = from; part.next < to && part.entries < kReplayEntriesAtOnce && part.judgements < kReplayJudgementsAtOnce;) {
        const auto rows = source.snapshot.entries(part.next, std::min(kRowsAtOnce, to - part.next));
        if (!rows) return std::unexpected(rows.error());
        if (rows->empty()) return fail(Errc::storage, fmt::format("entry {} is missing", part.next));
        for (const StoredEntry& row : *rows) {
            if (part.judgements >= kReplayJudgementsAtOnce || (cancel != nullptr && cancel->load(std::memory_order_relaxed))) return part;
            ++part.entries;
            part.next = row.sequence + 1;
            if (!row.bytes.contains(R"("judgements":)")) continue;  // most master records: not worth decoding
            const Result<Entry> entry = decode_stored(row);
            if (!entry) return std::unexpected(entry.error());
            for (const Judgement& stored : entry->judgements) {
                ReplayedJudgement one = replay_one(source, *entry, row.sequence, stored, options);
                ++part.judgements;
                const bool equal = one.equal(options.by);
                ++(!one.replayed ? part.not_replayed : equal ? part.equal : part.differing);
                if ((!one.replayed || !equal) && part.told.size() < kReplayDifferencesMax)
                    part.told.emplace_back(row.sequence, std::move(one));
            }
        }
    }
    return part;
}

}  // namespace stemma::engine
