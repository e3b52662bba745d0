#include "core/engine/cases.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/engine/idempotency.hpp"
#include "core/engine/judge.hpp"

namespace stemma::engine {
namespace {

FactTable one_row(std::string name, std::initializer_list<std::pair<std::string, Value>> fixed, const Attributes& fields) {
    FactTable table{std::move(name), {}, {}, {{}}};
    const auto add = [&](const std::string& column, const Value& value) {
        const ColumnType type = std::holds_alternative<std::int64_t>(value) ? ColumnType::int64 : ColumnType::text;
        table.columns.push_back({column, type});
        table.rows.front().push_back(value);
    };
    for (const auto& [column, value] : fixed) add(column, value);
    for (const auto& [column, value] : fields) add(column, value);
    return table;
}

Result<const Workflow*> find_workflow(const PluginSet& plugins, const std::string& name) {
    std::vector<std::string> names;
    for (const Workflow* workflow : plugins.workflows()) {
        if (workflow->name() == name) return workflow;
        names.push_back(workflow->name());
    }
    return fail(Errc::not_found, fmt::format("no enabled plugin offers the workflow '{}'", clip(name)), {},
                names.empty() ? "stemma plugin enable rma" : fmt::format("there is {}", fmt::join(names, ", ")));
}

/// The case a command speaks of: a fresh one for "open", else as stored.
Result<CaseState> find_case(Appending& tx, const CaseCommand& command) {
    if (command.case_id.empty()) {
        const auto item = tx.unit().subject(command.item.str());
        if (!item) return std::unexpected(item.error());
        if (!*item) return fail(Errc::not_found, fmt::format("there is no item {}", clip(command.item.str(), 128)), "/item");
        return CaseState{CaseId{fmt::format("{}-{:06}", command.workflow, tx.position())}, command.workflow, 0, "", command.item, {}};
    }
    const auto state = tx.unit().case_state(command.case_id);
    if (!state) return std::unexpected(state.error());
    if (!*state) return fail(Errc::not_found, fmt::format("there is no case {}", clip(command.case_id.str())), "/case");
    if (command.version != 0 && command.version != (*state)->version)
        return fail(Errc::conflict,
                    fmt::format("case {} is at version {} ({}), not {}", (*state)->case_id.str(), (*state)->version, (*state)->state,
                                command.version),
                    "/version", "look at the case as it is now and decide again");
    return **state;
}

/// Digest over everything the caller said but the key: the same key with other content is a conflict.
std::string digest_of_command(const CaseCommand& command, const std::string& actor, const std::string& reason) {
    std::string canonical = "case";
    const auto add = [&](std::string_view text) { canonical += fmt::format("\n{}:{}", text.size(), text); };
    for (const std::string* text : {&actor, &reason, &command.case_id.str(), &command.workflow, &command.name, &command.item.str()})
        add(*text);
    add(fmt::format("{}", command.version));
    for (const auto& [name, value] : command.fields) {
        add(name);
        add(value);
    }
    return to_hex(sha256(canonical));
}

/// The receipt of a command that is already in the ledger: the case as it stood after it.
Result<void> answer_again(Appending& tx, const CommandRow& command, CaseReceipt& receipt) {
    const auto entries = entries_of(tx.unit(), command);
    if (!entries) return std::unexpected(entries.error());
    for (std::uint64_t i = 0; i < entries->size(); ++i) {
        const auto* step = std::get_if<CaseEvent>(&(*entries)[i].body);
        if (step == nullptr) return fail(Errc::storage, "the idempotency key leads to an entry that is no case's step");
        receipt.state = {step->case_id, step->workflow, step->version, step->state, step->item, step->fields};
        receipt.steps.push_back(command.first + i);
    }
    receipt.replayed = true;
    return {};
}

}  // namespace

std::vector<FactTable> tables_of(const CaseState& state, const CaseCommand& command) {
    return {one_row("case", {{"state", state.state}, {"version", static_cast<std::int64_t>(state.version)}, {"item", state.item.str()}},
                    state.fields),
            one_row("command", {{"name", command.name}}, command.fields)};
}

CaseDesk::CaseDesk(Appender& appender, const PluginCatalog& plugins, const Limits& limits)
    : appender_{appender}, plugins_{plugins}, limits_{limits} {}

Result<CaseReceipt> CaseDesk::act(const CaseCommand& command, const std::string& actor, const std::string& reason) {
    if (auto ok = check_key_and_reason(command.key, reason, limits_.event); !ok) return fail(std::move(ok));
    Entry frame;
    frame.actor = actor;
    frame.reason = reason;
    frame.command = command.key;
    frame.signatures = command.signatures;
    if (!command.key.empty()) frame.command_digest = digest_of_command(command, actor, reason);
    CaseReceipt receipt;
    const Result<void> done = appender_.run(
        [&](Appending& tx) -> Result<void> {
            receipt = {};
            const auto known = find_command(tx.unit(), command.key, frame.command_digest);
            if (!known) return std::unexpected(known.error());
            return *known ? answer_again(tx, **known, receipt) : act_within(tx, command, frame, receipt);
        },
        {.refusable = true});
    if (!done) return std::unexpected(done.error());
    return receipt;
}

Result<void> CaseDesk::act_within(Appending& tx, const CaseCommand& command, Entry frame, CaseReceipt& receipt) {
    Result<CaseState> found = find_case(tx, command);
    if (!found) return std::unexpected(found.error());
    receipt.state = *std::move(found);
    const std::shared_ptr<const PluginSet> plugins = plugins_.current();
    const auto workflow = find_workflow(*plugins, receipt.state.workflow);
    if (!workflow) return std::unexpected(workflow.error());

    FactReader reader = tx.facts(limits_);
    DecisionInput input{tx.recorded_at(), tables_of(receipt.state, command), {}, 0};
    auto requests = gather_facts(**workflow, input, reader);
    if (!requests) return std::unexpected(requests.error());
    auto outcome = (*workflow)->act(input);
    if (!outcome) return std::unexpected(outcome.error());
    Judgement judgement = judgement_frame((*workflow)->plugin(), tx.position(), *std::move(requests), std::move(input.facts));
    if (auto* refusal = std::get_if<std::vector<Finding>>(&*outcome)) {
        receipt.verdict = {Outcome::refused, std::move(*refusal)};
        return {};
    }
    frame.judgements = {std::move(judgement)};
    for (const WorkflowStep& step : std::get<std::vector<WorkflowStep>>(*outcome)) {
        auto folded = (*workflow)->apply({receipt.state.state, receipt.state.fields}, step);
        if (!folded) return std::unexpected(folded.error());
        receipt.state.state = folded->state;
        receipt.state.fields = folded->fields;
        ++receipt.state.version;
        Entry entry = frame;
        entry.body = CaseEvent{receipt.state.case_id, receipt.state.workflow, receipt.state.version, step.type,     receipt.state.item,
                               receipt.state.fields,  receipt.state.state,    command.name,          command.fields};
        const auto added = tx.add(std::move(entry));
        if (!added) return std::unexpected(added.error());
        receipt.steps.push_back(*added);
    }
    return {};
}

}  // namespace stemma::engine
