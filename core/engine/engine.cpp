#include "core/engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/engine/absent_snapshot.hpp"
#include "core/engine/judge.hpp"

namespace stemma::engine {
namespace {

Result<const Assessment*> find_assessment(const PluginSet& plugins, const std::string& kind) {
    std::vector<std::string> kinds;
    for (const Assessment* assessment : plugins.assessments()) {
        if (assessment->kind() == kind) return assessment;
        kinds.push_back(assessment->kind());
    }
    return fail(Errc::not_found, fmt::format("no enabled plugin assesses '{}'", clip(kind)), {},
                kinds.empty() ? "stemma plugin enable expiry" : fmt::format("there is {}", fmt::join(kinds, ", ")));
}

FactTable item_table(const Item& item) {
    using enum ColumnType;
    return {"item",
            {},
            {{"item", text}, {"product", text}, {"kind", text}},
            {{item.id.str(), item.product.str(), std::string{to_string(item.kind)}}}};
}

}  // namespace

std::unique_ptr<ReadSnapshot> Engine::read_names() {
    auto snapshot = parts_.store.read();
    return snapshot ? *std::move(snapshot) : absent_snapshot(std::move(snapshot).error());
}

Engine::Engine(const Parts& parts)
    : parts_{parts},
      capturing_{parts_.appender, parts_.plugins, parts_.limits, parts_.undecided},
      cases_{parts_.appender, parts_.plugins, parts_.limits} {}

Result<std::vector<ReplayedJudgement>> Engine::replay(Sequence sequence, const ReplayOptions& options) {
    const auto snapshot = parts_.store.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const PluginArchive archive = [this](const Judgement& judgement) { return parts_.plugin_admin.archived(judgement); };
    const auto set = plugins();
    return engine::replay({**snapshot, *set, archive, parts_.limits}, sequence, options);
}

Result<ReplayPart> Engine::replay_part(Sequence from, Sequence to, const ReplayOptions& options, const std::atomic<bool>* cancel) {
    const auto snapshot = parts_.store.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const PluginArchive archive = [this](const Judgement& judgement) { return parts_.plugin_admin.archived(judgement); };
    const auto set = plugins();
    return engine::replay_part({**snapshot, *set, archive, parts_.limits}, from, to, options, cancel);
}

Result<Engine::Assessed> Engine::assess(const std::string& kind, const Item& item, Instant as_of) {
    const std::shared_ptr<const PluginSet> set = plugins();
    const auto assessment = find_assessment(*set, kind);
    if (!assessment) return std::unexpected(assessment.error());
    const auto snapshot = parts_.store.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto size = (*snapshot)->size();
    if (!size) return std::unexpected(size.error());
    // The lineage learns new entries a moment after the store has them.
    const Sequence position = std::min(*size, parts_.index.position());
    const lineage::View view = parts_.index.view(position);
    FactReader reader{**snapshot, position, parts_.limits};
    reader.look_at(view);
    DecisionInput input{as_of, {item_table(item)}, {}, 0};
    auto requests = gather_facts(**assessment, input, reader);
    if (!requests) return std::unexpected(requests.error());
    auto answer = (*assessment)->assess(input);
    if (!answer) return std::unexpected(answer.error());
    Assessed assessed{judgement_frame((*assessment)->plugin(), position, *std::move(requests), std::move(input.facts)), *std::move(answer)};
    if (!assessed.answer.decided) assessed.judgement.verdict.outcome = Outcome::undecided;
    return assessed;
}

Result<ReportTable> Engine::report(const std::string& name, const ReportWish& wish) {
    const std::shared_ptr<const PluginSet> set = plugins();
    const auto report = find_report(*set, name);
    if (!report) return std::unexpected(report.error());
    const auto snapshot = parts_.store.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return run_report(**snapshot, **report, wish, parts_.limits);
}

Result<Meeting> Engine::declare_meeting(const std::string& first, const std::string& second, bool apart, const std::string& actor,
                                        const std::string& reason) {
    Meeting declared;
    const Result<void> done = parts_.appender.run(
        [&](Appending& tx) -> Result<void> {
            auto meeting = meetings().declare(tx, actor, reason, first, second, apart);
            if (!meeting) return std::unexpected(meeting.error());
            declared = *std::move(meeting);
            return {};
        },
        Demand{.refusable = true});
    if (!done) return std::unexpected(done.error());
    return declared;
}

Result<void> Engine::record_change(const SystemChange& change, const std::string& actor,
                                   const std::vector<ElectronicSignature>& signatures) {
    return parts_.appender.run([&](Appending& tx) -> Result<void> {
        Entry entry;
        entry.actor = actor;
        entry.signatures = signatures;
        entry.body = change;
        const auto added = tx.add(std::move(entry));
        return added ? Result<void>{} : std::unexpected(added.error());
    });
}

}  // namespace stemma::engine
