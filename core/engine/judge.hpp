// Step "judge": asks every rule plugin of a set about an event, with facts read at one position, and keeps all that a replay needs.
// A plugin that fails gives an undecided verdict with a finding that says so; it is never left out and never taken as accepted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/domain/entry.hpp"
#include "core/engine/facts.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma::engine {

/// An event as the tables "event" (one row) and "event.items" that rules see. What is not known is an empty cell; goods without
/// lots have the kind "untracked" and are their own product.
[[nodiscard]] Result<std::vector<FactTable>> tables_of(const Event& event, FactReader& reader);

/// Where the facts come from: a reader, or what a stored judgement was told.
using AnswerFact = std::function<Result<FactTable>(const FactRequest&)>;

/// Plans until the plugin asks no more (at most kFactRoundsMax rounds) and answers by `answer`.
/// Fills input.facts and returns all requests in order. Errors: Errc::plugin, Errc::storage.
[[nodiscard]] Result<std::vector<FactRequest>> gather_facts(const Decision& plugin, DecisionInput& input, const AnswerFact& answer);
[[nodiscard]] Result<std::vector<FactRequest>> gather_facts(const Decision& plugin, DecisionInput& input, FactReader& reader);

/// Everything of a judgement but the verdict, filled from the plugin's info and the gathered facts.
[[nodiscard]] Judgement judgement_frame(const PluginInfo& plugin, Sequence position, std::vector<FactRequest> requests,
                                        std::vector<FactTable> facts);

/// Commanded: somebody asks for it, and a rule may refuse. Observed: it has happened; a refusal is kept as a finding of severity refuse,
/// but the outcome is accepted_with_findings, for dropping history makes traces wrong.
enum class Standing : unsigned char { commanded, observed };

/// One rule plugin's judgement on an event whose tables stand in `input`; nothing when it asked for no fact and found nothing. A plugin
/// that fails makes it undecided. Errors: Errc::storage, and Errc::not_found where `answer` has no such fact to give.
[[nodiscard]] Result<std::optional<Judgement>> judge_by(const Rules& rules, DecisionInput& input, Standing standing, Sequence position,
                                                        const AnswerFact& answer);

/// One judgement for each rule plugin that asked for a fact, found something or failed; a plugin with nothing to say leaves none.
[[nodiscard]] Result<std::vector<Judgement>> judge_event(const PluginSet& plugins, const Event& event, Standing standing, Instant as_of,
                                                         FactReader& reader);

/// One judgement per numbering plugin that remarks on an item's identifiers. Identifiers of schemes that no plugin knows pass.
[[nodiscard]] std::vector<Judgement> judge_identifiers(const PluginSet& plugins, const Item& item, Standing standing, Sequence position);

/// A verdict that says the plugin failed.
[[nodiscard]] Verdict undecided(const PluginInfo& plugin, const Error& why);

}  // namespace stemma::engine
