// rule, number: what is checked, in words, and a number checked by hand.
#include <fmt/format.h>

#include <algorithm>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string validity(const Json& rule) {
    const std::string from = text_at(rule, "validFrom");
    const std::string to = text_at(rule, "validTo");
    if (from.empty() && to.empty()) return "always";
    return to.empty() ? "from " + from : from.empty() ? "until " + to : fmt::format("{} to {}", from, to);
}

std::string rules_text(const Json& rules, const Look& look) {
    Table table{{{"rule"}, {"title"}, {"severity"}, {"valid"}, {"plugin"}}};
    for (const Json& rule : list_at(rules, "rules"))
        table.add({text_at(rule, "id"), text_at(rule, "title"), text_at(rule, "severity"), validity(rule), text_at(rule, "plugin")});
    return table.empty() ? "No enabled plugin brings rules.\n" : table.text(look, 0);
}

std::string rule_text(const Json& rule, const Look& look) {
    std::string out = heading(look, fmt::format("{}: {}", text_at(rule, "id"), text_at(rule, "title")));
    out += Facts{}
               .add("citation", text_at(rule, "citation"))
               .add("severity", text_at(rule, "severity"))
               .add("valid", validity(rule))
               .add("plugin", text_at(rule, "plugin"))
               .text(look);
    return out + '\n' + text_at(rule, "inWords") + '\n';
}

/// A line under the number that marks the bytes a remark is about.
std::string mark_under(const std::string& number, const Json& check) {
    const std::size_t offset = std::min<std::size_t>(count_at(check, "offset"), number.size());
    const std::size_t length = std::min<std::size_t>(count_at(check, "length"), number.size() - offset);
    const std::string_view view = number;
    const std::size_t columns = std::max<std::size_t>(1, width_of(view.substr(offset, length)));
    return fmt::format("  {}\n  {}{}\n", printable(number), std::string(width_of(view.substr(0, offset)), ' '), std::string(columns, '^'));
}

std::string number_text(const Json& check, const Look& look) {
    const std::string result = text_at(check, "result");
    const std::string number = text_at(check, "number");
    const Tone tone = result == "valid" ? Tone::good : result == "invalid" ? Tone::bad : Tone::warn;
    std::string out = fmt::format("{}: {}, scheme {}\n", printable(number), paint(look, tone, words(result)), text_at(check, "scheme"));
    if (const std::string message = text_at(check, "message"); !message.empty())
        out += mark_under(number, check) + fmt::format("  {} ({})\n", printable(message), text_at(check, "code"));
    if (const std::string normal = text_at(check, "normal"); normal != number) out += fmt::format("  normal form: {}\n", printable(normal));
    Table sections{{{"section"}, {"value"}}};
    for (const Json& section : list_at(check, "sections")) sections.add({words(text_at(section, "name")), text_at(section, "value")});
    return out + sections.text(look);
}

}  // namespace

ExitCode rule_list(Session& session) {
    return session.show(get("/api/v1/rules"), [&](const Json& answer) { return rules_text(answer, session.look()); });
}

ExitCode rule_explain(Session& session) {
    return session.show(get(api_path("rules/", session.call().subject)),
                        [&](const Json& answer) { return rule_text(answer, session.look()); });
}

ExitCode number_check(Session& session) {
    return session.show(
        get(api_path("numbers/", session.call().subject), {{"number", session.call().text}}),
        [&](const Json& answer) { return number_text(answer, session.look()); },
        [](const Json& answer) { return text_at(answer, "result") == "invalid" ? ExitCode::no : ExitCode::done; });
}

}  // namespace stemma::cli
