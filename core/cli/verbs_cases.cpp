// case: workflows. A refusal comes back as a problem document with the workflow's findings.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// What people call the item that a case is about.
std::string item_of(const Json& state) {
    const std::string label = text_at(state, "label");
    return label.empty() || label == text_at(state, "item") ? short_id(text_at(state, "item")) : label;
}

std::string case_line(const Json& state) {
    return fmt::format("{}: {}, {} (version {}), about {}", text_at(state, "case"), text_at(state, "workflow"),
                       words(text_at(state, "state")), text_at(state, "version"), item_of(state));
}

std::string fields_text(const Json& state, const Look& look) {
    Facts facts;
    if (const auto* fields = at(state, "fields").if_object())
        for (const auto& [name, value] : *fields) facts.add(words({name.data(), name.size()}), text_of(value));
    return facts.text(look);
}

std::string case_text(const Json& state, const Look& look) {
    std::string out = heading(look, case_line(state)) + fields_text(state, look);
    Table table{{{"entry", Align::right}, {"date"}, {"step"}, {"state"}, {"by"}, {"reason"}}};
    for (const Json& entry : list_at(state, "history")) {
        const Json& step = at(entry, "case");
        table.add({text_at(entry, "sequence"), short_time(text_at(entry, "recordedAt")), words(text_at(step, "type")),
                   words(text_at(step, "state")), text_at(entry, "actor"), text_at(entry, "reason")});
    }
    return out + '\n' + table.text(look);
}

std::string cases_text(const Json& cases, const Look& look) {
    Table table{{{"case"}, {"workflow"}, {"state"}, {"version", Align::right}, {"item"}}};
    for (const Json& state : list_at(cases, "cases"))
        table.add({text_at(state, "case"), text_at(state, "workflow"), words(text_at(state, "state")), text_at(state, "version"),
                   item_of(state)});
    return table.empty() ? "There is no case.\n" : table.text(look, 0);
}

ExitCode command(Session& session, std::string path, boost::json::object body) {
    const Invocation& call = session.call();
    if (!call.reason.empty()) body["reason"] = call.reason;
    boost::json::object fields;
    for (const auto& [name, value] : call.fields) fields[name] = value;
    if (!fields.empty()) body["fields"] = std::move(fields);
    return session.show(post(std::move(path), boost::json::serialize(body)),
                        [&](const Json& answer) { return case_line(answer) + '\n' + fields_text(answer, session.look()); });
}

}  // namespace

ExitCode case_list(Session& session) {
    Query query;
    add(query, "workflow", session.call().workflow);
    add(query, "limit", session.call().limit);
    return session.show(get("/api/v1/cases", query), [&](const Json& answer) { return cases_text(answer, session.look()); });
}

ExitCode case_show(Session& session) {
    return session.show(get(api_path("cases/", session.call().subject)),
                        [&](const Json& answer) { return case_text(answer, session.look()); });
}

ExitCode case_open(Session& session) {
    return command(session, "/api/v1/cases", {{"workflow", session.call().workflow}, {"item", session.call().subject}});
}

ExitCode case_do(Session& session) {
    boost::json::object body{{"command", session.call().text}};
    if (const auto& version = session.call().version) body["version"] = *version;
    return command(session, api_path("cases/", session.call().subject, "/commands"), std::move(body));
}

}  // namespace stemma::cli
