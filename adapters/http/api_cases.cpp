// /cases: workflows. A command names the version it saw; a refusal answers 422 with the workflow's reasons.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "adapters/http/signing.hpp"
#include "core/base/text.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::http {
namespace {

void write_state(json::Writer& out, const CaseState& state, const std::string& label) {
    out.field("case", state.case_id.str());
    out.field("workflow", state.workflow);
    out.field("state", state.state);
    out.number("version", state.version);
    out.field("item", state.item.str());
    out.field("label", label);
    write_attributes(out, "fields", state.fields);
}

Result<std::string> list(Api& api, const Request& request) {
    const auto limit = number_of(request, "limit", kPageDefault, 1, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto cases = (*snapshot)->cases(request.parameter("workflow").value_or(""), *limit);
    if (!cases) return std::unexpected(cases.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    json::Writer out;
    out.begin_object();
    out.key("cases");
    out.begin_array();
    for (const CaseState& state : *cases) {
        out.begin_object();
        write_state(out, state, names.item(state.item.str()));
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

Result<std::string> show(Api& api, const Request& request) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto state = (*snapshot)->case_state(CaseId{request.argument("case")});
    if (!state) return std::unexpected(state.error());
    if (!*state) return fail(Errc::not_found, fmt::format("there is no case {}", clip(request.argument("case"))));
    const auto history =
        engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.history(request.argument("case"), UINT64_MAX, kPageMax);
    if (!history) return std::unexpected(history.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    json::Writer out;
    out.begin_object();
    write_state(out, **state, names.item((*state)->item.str()));
    out.key("history");
    out.begin_array();
    for (const engine::EntryLine& line : *history) write_entry_line(out, line, names);
    out.end_array();
    out.end_object();
    return out.take();
}

/// What people call an item. The command is carried out by now: where the store fails, the id must do.
std::string item_label(Api& api, const ItemId& item) {
    const auto snapshot = api.engine.read();
    return snapshot ? DisplayNames{**snapshot, api.engine.index(), api.engine.limits()}.item(item.str()) : item.str();
}

bool may_be_signed(const Api& api) { return api.access != nullptr && api.access->signs(Act::cases_act); }

/// What a step is signed as: every word of the command, and the version of the case that it is for, which it is bound to from here on.
Result<Signable> signable_of(Api& api, CaseCommand& command, const std::string& reason) {
    if (!command.case_id.empty()) {
        const auto snapshot = api.engine.read();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto state = (*snapshot)->case_state(command.case_id);
        if (!state) return std::unexpected(state.error());
        if (*state) command.workflow = (*state)->workflow;
        if (*state && command.version == 0) command.version = (*state)->version;
    }
    std::vector<std::pair<std::string, std::string>> words{{"case", command.case_id.str()},
                                                           {"workflow", command.workflow},
                                                           {"step", command.name},
                                                           {"item", command.item.str()},
                                                           {"version", std::to_string(command.version)},
                                                           {"reason", reason}};
    for (const auto& [name, value] : command.fields) words.emplace_back("field." + name, value);
    return Signable{Act::cases_act, command.workflow, command.name, words_to_sign(Act::cases_act, words)};
}

Response act(Api& api, const Request& request, CaseCommand command, const std::string& reason) {
    const auto actor = actor_of(request);
    if (!actor) return problem(actor.error());
    command.key = request.header("idempotency-key");
    if (may_be_signed(api)) {
        const auto signable = signable_of(api, command, reason);
        if (!signable) return problem(signable.error());
        if (auto answer = take_signatures(api, request, *signable, command.signatures)) return *std::move(answer);
    }
    const auto receipt = api.engine.act(command, *actor, reason);
    if (!receipt) return problem(receipt.error());
    const bool refused = receipt->steps.empty();
    json::Writer out;
    out.begin_object();
    if (refused) {
        out.field("type", "/problems/refused");
        out.field("title", "Refused");
        out.number("status", 422);
        out.field("detail",
                  receipt->verdict.findings.empty() ? "the workflow refused the command" : receipt->verdict.findings.front().message);
        out.key("verdict");
        json::write(out, receipt->verdict);
    }
    if (!refused || !command.case_id.empty()) write_state(out, receipt->state, item_label(api, receipt->state.item));
    if (!refused) write_flag(out, "replayed", receipt->replayed);
    out.end_object();
    return {refused ? 422 : 201, refused ? "application/problem+json" : "application/json", out.take(), {}};
}

void read_fields(json::Reading& reading, json::Fields& fields, CaseCommand& command, std::string& reason) {
    fields.read("reason", reason);
    fields.with("fields", [&](const json::Node& node) { json::read(reading, node, command.fields); });
}

Response open(Api& api, const Request& request) {
    CaseCommand command;
    command.name = "open";
    std::string reason;
    std::string item;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.need("workflow", command.workflow);
        fields.need("item", item);
        read_fields(reading, fields, command, reason);
    });
    if (!read) return problem(read.error());
    {
        const auto snapshot = api.engine.read();
        if (!snapshot) return problem(snapshot.error());
        const auto hit = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.resolve(item);
        if (!hit) return problem(hit.error());
        command.item = hit->item.id;
    }
    return act(api, request, std::move(command), reason);
}

Response command(Api& api, const Request& request) {
    CaseCommand command;
    command.case_id = CaseId{request.argument("case")};
    std::string reason;
    auto read = read_object(request, [&](json::Reading& reading, json::Fields& fields) {
        fields.need("command", command.name);
        fields.read("version", command.version);
        read_fields(reading, fields, command, reason);
    });
    if (!read) return problem(read.error());
    return act(api, request, std::move(command), reason);
}

Result<std::string> workflows(Api& api, const Request&) {
    const auto set = api.engine.plugins();
    json::Writer out;
    out.begin_object();
    out.key("workflows");
    out.begin_array();
    for (const Workflow* workflow : set->workflows()) {
        out.begin_object();
        out.field("name", workflow->name());
        write_texts(out, "states", workflow->states());
        write_texts(out, "commands", workflow->commands());
        out.list("transitions", workflow->transitions(), [&](const Transition& transition) {
            out.begin_object();
            out.field("from", transition.from);
            out.field("command", transition.command);
            out.field("to", transition.to);
            out.end_object();
        });
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

}  // namespace

void add_case_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/workflows", {}, json_handler([&](const Request& r) { return workflows(api, r); })});
    router.add({"GET", "/api/v1/cases", {"workflow", "limit"}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"POST", "/api/v1/cases", {}, [&](const Request& r) { return open(api, r); }, {}, true});
    router.add({"GET", "/api/v1/cases/{case}", {}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add({"POST", "/api/v1/cases/{case}/commands", {}, [&](const Request& r) { return command(api, r); }, {}, true});
}

}  // namespace stemma::http
