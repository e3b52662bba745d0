// plugin: what is enabled, what it adds, and an administrator's changes to it. check works on the file, without a daemon.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string list_text(const Json& plugins, const Look& look) {
    Table table{{{"plugin"}, {"state"}, {"version"}, {"adds"}, {"summary"}}};
    for (const Json& plugin : list_at(plugins, "plugins")) {
        const bool enabled = flag_at(plugin, "enabled");
        table.add({text_at(plugin, "name"), Cell{enabled ? "enabled" : "available", enabled ? Tone::good : Tone::faint},
                   text_at(plugin, "version"), joined_at(plugin, "offers"), text_at(plugin, "summary")});
    }
    return (table.empty() ? "There is no plugin in plugins.directory.\n" : table.text(look, 0)) +
           fmt::format("generation {}\n", text_at(plugins, "generation"));
}

std::string info_text(const Json& plugin, const Look& look) {
    return heading(look, fmt::format("{} {} ({})", text_at(plugin, "name"), text_at(plugin, "version"), text_at(plugin, "id"))) +
           Facts{}
               .add("summary", text_at(plugin, "summary"))
               .add("adds", joined_at(plugin, "offers"))
               .add("capabilities", joined_at(plugin, "capabilities"))
               .add("file, SHA-256", text_at(plugin, "sha256"))
               .add("options, SHA-256", text_at(plugin, "optionsSha256"))
               .add("data, SHA-256", text_at(plugin, "dataSha256"))
               .add("takes data files", joined_at(plugin, "dataKinds"))
               .text(look) +
           '\n' + heading(look, "Options") + render_options(at(plugin, "optionsSchema"), look);
}

std::string change_text(const Json& change, const Look& look) {
    const bool dry = flag_at(change, "dryRun");
    std::string out;
    for (const Json& one : list_at(change, "added"))
        out += fmt::format("{} {}\n", paint(look, Tone::good, dry ? "would add" : "added"), printable(text_of(one)));
    for (const Json& one : list_at(change, "removed"))
        out += fmt::format("{} {}\n", paint(look, Tone::warn, dry ? "would remove" : "removed"), printable(text_of(one)));
    for (const Json& one : list_at(change, "changed"))
        out += fmt::format("{} {}\n", paint(look, Tone::warn, dry ? "would change" : "changed"), printable(text_of(one)));
    if (out.empty()) out = dry ? "It would add, remove and change nothing.\n" : "Nothing was added, removed or changed.\n";
    for (const Json& one : list_at(change, "dataFiles"))
        out += fmt::format("{} {}\n", dry ? "data then in force:" : "data in force:", printable(text_of(one)));
    const std::string file = text_at(change, "file");
    if (!dry)
        return out + (file.empty() ? "" : fmt::format("written: {}\n", printable(file))) +
               fmt::format("generation {} is in force\n", text_at(change, "generation"));
    out += fmt::format("\nNothing was changed. {} would be:\n", printable(file));
    const std::string text = text_at(change, "text");  // a file's text: its lines stay lines
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        out += fmt::format("  {}\n", printable(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

ExitCode change(Session& session, const char* what) {
    const Invocation& call = session.call();
    boost::json::object body;
    if (call.dry_run) body["dryRun"] = true;
    if (call.options_file) {
        const auto options = session.read_input(*call.options_file);
        if (!options) return session.fail(options.error());
        body["options"] = *options;
    }
    boost::json::array data;
    for (const std::string& file : call.data_files)  // the daemon works in another folder
        data.emplace_back(std::filesystem::absolute(file).lexically_normal().string());
    if (!data.empty()) body["data"] = std::move(data);
    return session.show(post(api_path("plugins/", call.subject, what), boost::json::serialize(body)),
                        [&](const Json& answer) { return change_text(answer, session.look()); });
}

}  // namespace

ExitCode plugin_list(Session& session) {
    return session.show(get("/api/v1/plugins"), [&](const Json& answer) { return list_text(answer, session.look()); });
}

ExitCode plugin_info(Session& session) {
    return session.show(get(api_path("plugins/", session.call().subject)),
                        [&](const Json& answer) { return info_text(answer, session.look()); });
}

ExitCode plugin_check(Session& session) {
    const auto settings = session.settings_or_defaults();
    if (!settings) return session.fail(settings.error());
    std::string options;
    if (const auto& file = session.call().options_file) {
        auto read = session.read_input(*file);
        if (!read) return session.fail(read.error());
        options = *std::move(read);
    }
    std::error_code ignored;
    if (!std::filesystem::exists(session.call().file, ignored))
        return session.fail(Error{Errc::not_found, "there is no such file", session.call().file.string(), {}});
    const auto check = session.offline().check_plugin(**settings, session.call().file, options);
    if (!check) {
        const ExitCode code = session.fail(check.error());
        const bool refused = check.error().code == Errc::config || check.error().code == Errc::too_large;
        return refused ? ExitCode::no : code;  // its options, or its size: a plugin that cannot be loaded did not pass
    }
    if (session.call().json) {
        boost::json::array lines;
        for (const std::string& line : check->lines) lines.emplace_back(line);
        session.print_json(boost::json::object{{"passed", check->passed}, {"lines", std::move(lines)}});
    } else {
        std::string out;
        for (const std::string& line : check->lines) out += printable(line) + '\n';
        session.print(out + (check->passed ? paint(session.look(), Tone::good, "passed") : paint(session.look(), Tone::bad, "not passed")));
    }
    return check->passed ? ExitCode::done : ExitCode::no;
}

ExitCode plugin_enable(Session& session) { return change(session, "/enable"); }
ExitCode plugin_disable(Session& session) { return change(session, "/disable"); }

ExitCode plugin_reload(Session& session) {
    return session.show(post("/api/v1/plugins/reload"), [&](const Json& answer) { return change_text(answer, session.look()); });
}

}  // namespace stemma::cli
