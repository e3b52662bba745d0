#include "core/engine/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/log.hpp"
#include "core/base/text.hpp"

namespace stemma::engine {
namespace {

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value{std::string{text}}; }

const std::vector<Column>& event_columns() {
    using enum ColumnType;
    static const std::vector<Column> columns{{"event_id", text},    {"type", text},       {"action", text},     {"biz_step", text},
                                             {"disposition", text}, {"event_time", time}, {"from_place", text}, {"place", text},
                                             {"from_party", text},  {"party", text},      {"document", text}};
    return columns;
}

/// Cell by cell: a row from a list in braces would copy each text once more.
FactTable event_table(const Event& event) {
    FactTable table{"event", {}, event_columns(), {}};
    const auto party = [](const std::vector<SourceDest>& list) {
        const std::string_view possessing = find_source_dest(list, "possessing_party");
        return possessing.empty() ? find_source_dest(list, "owning_party") : possessing;
    };
    const std::string_view place = find_source_dest(event.destinations, "location");
    std::vector<Value>& row = table.rows.emplace_back();
    row.reserve(table.columns.size());
    row.push_back(text_or_none(event.id.str()));
    row.emplace_back(std::in_place_type<std::string>, to_string(event.type));
    row.emplace_back(std::in_place_type<std::string>, to_string(event.action));
    row.push_back(text_or_none(event.biz_step));
    row.push_back(text_or_none(event.disposition));
    row.emplace_back(event.time.instant);
    row.push_back(text_or_none(find_source_dest(event.sources, "location")));
    row.push_back(text_or_none(place.empty() ? std::string_view{event.biz_location.str()} : place));
    row.push_back(text_or_none(party(event.sources)));
    row.push_back(text_or_none(party(event.destinations)));
    row.push_back(event.documents.empty() ? Value{} : text_or_none(event.documents.front().id.str()));
    return table;
}

const std::vector<Column>& item_columns() {
    using enum ColumnType;
    static const std::vector<Column> columns{{"item", text}, {"product", text}, {"kind", text}, {"role", text}, {"quantity", quantity}};
    return columns;
}

Verdict standing_verdict(Verdict verdict, Standing standing) {
    if (standing == Standing::observed && verdict.outcome == Outcome::refused) verdict.outcome = Outcome::accepted_with_findings;
    return verdict;
}

}  // namespace

Result<std::vector<FactTable>> tables_of(const Event& event, FactReader& reader) {
    const std::vector<ItemRole> roles = items_of(event);
    std::vector<const std::string*> ids;
    ids.reserve(roles.size());
    for (const ItemRole& role : roles) ids.push_back(&role.item->str());
    const auto found = reader.items(ids);
    if (!found) return std::unexpected(found.error());
    std::vector<FactTable> tables;
    tables.reserve(2);
    tables.push_back(event_table(event));
    FactTable& items = tables.emplace_back(FactTable{"event.items", {}, item_columns(), {}});
    items.rows.reserve(roles.size());
    for (std::size_t i = 0; i < roles.size(); ++i) {
        const ItemRole& role = roles[i];
        const Item* const item = (*found)[i];
        std::vector<Value>& row = items.rows.emplace_back();
        row.reserve(items.columns.size());
        row.emplace_back(*ids[i]);
        row.push_back(text_or_none(item != nullptr ? item->product.str() : *ids[i]));
        row.emplace_back(std::in_place_type<std::string>, item != nullptr ? to_string(item->kind) : "untracked");
        row.emplace_back(std::in_place_type<std::string>, to_string(role.role));
        row.push_back(role.quantity != nullptr ? Value{*role.quantity} : Value{});
    }
    return tables;
}

Result<std::vector<FactRequest>> gather_facts(const Decision& plugin, DecisionInput& input, FactReader& reader) {
    return gather_facts(plugin, input, [&](const FactRequest& request) { return reader.answer(request); });
}

Result<std::vector<FactRequest>> gather_facts(const Decision& plugin, DecisionInput& input, const AnswerFact& answer) {
    std::vector<FactRequest> asked;
    for (input.round = 0; input.round < kFactRoundsMax; ++input.round) {
        auto plans = plugin.plan(std::span{&input, 1});
        if (!plans) return std::unexpected(plans.error());
        const std::vector<FactRequest>& wanted = plans->front();
        if (wanted.empty()) return asked;
        if (asked.size() + wanted.size() > kFactRequestsMax)
            return fail(Errc::plugin, fmt::format("it asked for more than {} facts", kFactRequestsMax), "plugin:" + plugin.plugin().id);
        for (const FactRequest& request : wanted) {
            if (std::ranges::find(asked, request) != asked.end()) continue;
            Result<FactTable> fact = answer(request);
            if (!fact) {
                if (fact.error().where.empty()) fact.error().where = "plugin:" + plugin.plugin().id;
                return std::unexpected(fact.error());
            }
            input.facts.push_back(*std::move(fact));
            asked.push_back(request);
        }
    }
    auto plans = plugin.plan(std::span{&input, 1});
    if (!plans) return std::unexpected(plans.error());
    if (!plans->front().empty())
        return fail(Errc::plugin, fmt::format("it still asks for facts after {} rounds", kFactRoundsMax), "plugin:" + plugin.plugin().id);
    return asked;
}

Judgement judgement_frame(const PluginInfo& plugin, Sequence position, std::vector<FactRequest> requests, std::vector<FactTable> facts) {
    Judgement judgement;
    judgement.plugin = plugin.id;
    judgement.version = plugin.version;
    judgement.binary_sha256 = plugin.binary_sha256;
    judgement.options_sha256 = plugin.options_sha256;
    judgement.data_sha256 = plugin.data_sha256;
    judgement.position = position;
    judgement.requests = std::move(requests);
    judgement.facts_sha256 = to_hex(digest_of(facts));
    judgement.facts = std::move(facts);
    return judgement;
}

Verdict undecided(const PluginInfo& plugin, const Error& why) {
    log::warn("PLUGIN_CALL_FAILED", fmt::format("{}: {}", plugin.id, why.text()));
    return {Outcome::undecided,
            {{"plugin.failed", Severity::finding, fmt::format("{} could not decide: {}", plugin.id, why.message), "", "", ""}}};
}

Result<std::optional<Judgement>> judge_by(const Rules& rules, DecisionInput& input, Standing standing, Sequence position,
                                          const AnswerFact& answer) {
    auto requests = gather_facts(rules, input, answer);
    if (!requests && (requests.error().code == Errc::storage || requests.error().code == Errc::not_found))
        return std::unexpected(requests.error());
    Result<std::vector<Verdict>> verdicts = requests ? rules.judge(std::span{&input, 1}) : std::unexpected(requests.error());
    const bool silent = requests && requests->empty() && verdicts && verdicts->front() == Verdict{};
    if (silent) return std::nullopt;
    Judgement judgement =
        judgement_frame(rules.plugin(), position, requests ? *std::move(requests) : std::vector<FactRequest>{}, std::move(input.facts));
    judgement.verdict = verdicts ? standing_verdict(std::move(verdicts->front()), standing) : undecided(rules.plugin(), verdicts.error());
    return judgement;
}

Result<std::vector<Judgement>> judge_event(const PluginSet& plugins, const Event& event, Standing standing, Instant as_of,
                                           FactReader& reader) {
    std::vector<Judgement> judgements;
    if (plugins.rules().empty()) return judgements;
    auto tables = tables_of(event, reader);
    if (!tables) return std::unexpected(tables.error());
    DecisionInput input{as_of, *std::move(tables), {}, 0};
    for (const Rules* rules : plugins.rules()) {
        input.facts.clear();
        input.round = 0;
        auto judged =
            judge_by(*rules, input, standing, reader.position(), [&](const FactRequest& request) { return reader.answer(request); });
        if (!judged) return std::unexpected(judged.error());
        if (*judged) judgements.push_back(**std::move(judged));
    }
    return judgements;
}

std::vector<Judgement> judge_identifiers(const PluginSet& plugins, const Item& item, Standing standing, Sequence position) {
    std::map<std::string, Judgement> by_plugin;
    for (const Identifier& identifier : item.identifiers) {
        const auto& schemes = plugins.schemes();
        const auto scheme =
            std::ranges::find(schemes, identifier.scheme, [](const NumberScheme* s) -> const std::string& { return s->name(); });
        if (scheme == schemes.end()) continue;
        const PluginInfo& plugin = (*scheme)->plugin();
        const std::string_view number = identifier.value;
        const auto checked = (*scheme)->check(std::span{&number, 1});
        if (checked && checked->front().outcome == NumberCheck::Outcome::valid) continue;
        Judgement& judgement = by_plugin.try_emplace(plugin.id, judgement_frame(plugin, position, {}, {})).first->second;
        if (!checked) {
            judgement.verdict = undecided(plugin, checked.error());
            continue;
        }
        const NumberCheck& check = checked->front();
        const Severity severity = check.outcome == NumberCheck::Outcome::invalid ? Severity::refuse : Severity::finding;
        judgement.verdict.findings.push_back({check.code, severity,
                                              fmt::format("{} '{}': {}", identifier.scheme, clip(identifier.value), check.message),
                                              item.id.str(), "", ""});
        judgement.verdict.outcome = worse(judgement.verdict.outcome, outcome_of(judgement.verdict.findings));
        judgement.verdict = standing_verdict(std::move(judgement.verdict), standing);
    }
    std::vector<Judgement> judgements;
    judgements.reserve(by_plugin.size());
    for (auto& [plugin, judgement] : by_plugin) judgements.push_back(std::move(judgement));
    return judgements;
}

}  // namespace stemma::engine
