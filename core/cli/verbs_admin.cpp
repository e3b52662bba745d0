// init, serve, status, doctor, config: setting up a Stemma and looking after it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/time.hpp"
#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

/// Where a new settings file goes: where `stemma` would look first.
std::filesystem::path new_settings_file(const Invocation& call) {
    if (call.config) return *call.config;
    const char* named = std::getenv("STEMMA_CONFIG");
    return named != nullptr && *named != '\0' ? named : "stemma.yaml";
}

Json texts(const std::vector<std::string>& lines) {
    boost::json::array out;
    for (const std::string& line : lines) out.emplace_back(line);
    return out;
}

const char* name_of(app::DoctorLine::Level level) noexcept {
    switch (level) {
        case app::DoctorLine::Level::ok: return "ok";
        case app::DoctorLine::Level::note: return "note";
        case app::DoctorLine::Level::warning: return "warning";
        case app::DoctorLine::Level::error: return "error";
    }
    return "error";
}

std::vector<app::DoctorLine> examine(Session& session) {
    const auto file = config::find_settings_file(session.call().config);
    if (file) return session.offline().doctor(*file);
    return {{app::DoctorLine::Level::error, "configuration", file.error().where, file.error().message,
             file.error().hint.empty() ? "stemma init makes one" : file.error().hint}};
}

/// "40 s", "12 min", "9 h 53 min", "3 d 4 h": two units at most, cut and not rounded.
std::string span_text(std::int64_t seconds) {
    constexpr std::int64_t kMinute = 60;
    constexpr std::int64_t kHour = 60 * kMinute;
    constexpr std::int64_t kDay = 24 * kHour;
    if (seconds < kMinute) return fmt::format("{} s", seconds);
    if (seconds < kHour) return fmt::format("{} min", seconds / kMinute);
    if (seconds < kDay) return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
    return fmt::format("{} d {} h", seconds / kDay, seconds % kDay / kHour);
}

/// When the ERP was last changed, and how old that was when it was last read well: "" where no change time was met.
std::string newest_change_text(const Json& source) {
    std::string newest;
    for (const Json& query : list_at(at(source, "last"), "queries")) newest = std::max(newest, text_at(query, "newestChange"));
    if (newest.empty()) return {};
    std::string out = "newest change " + short_time(newest);
    const auto changed = parse_time(newest);
    const auto good = parse_time(text_at(source, "goodAt"));
    if (changed && good && good->instant >= changed->instant)
        out += fmt::format(", {} before the last good sync", span_text((good->instant.us - changed->instant.us) / kMicrosPerSecond));
    return out;
}

/// What the last sync asked of the ERP's database: "" where it came to nothing.
std::string sync_cost_text(const Json& last) {
    if (count_at(last, "statements") == 0) return {};
    const auto seconds = [&](const char* name) { return static_cast<double>(count_at(last, name)) / 1e6; };
    return fmt::format("the last sync took {:.2f} s: {}, the longest {:.2f} s, {} and {} read", seconds("tookUs"),
                       counted(count_at(last, "statements"), "statement"), seconds("longestStatementUs"),
                       counted(count_at(last, "rowsRead"), "row"), counted(count_at(last, "bytesRead"), "byte"));
}

/// A line for each source under the table, where there is something to say.
std::string sources_figures_text(const Json& sources) {
    std::string out;
    for (const Json& source : list_at(sources, "sources")) {
        const std::string newest = newest_change_text(source);
        const std::string cost = sync_cost_text(at(source, "last"));
        if (newest.empty() && cost.empty()) continue;
        out +=
            fmt::format("  {}: {}{}{}\n", printable(text_at(source, "source")), newest, newest.empty() || cost.empty() ? "" : "; ", cost);
    }
    return out;
}

/// In a word or two; the reason of a state that is not well stands above the table.
std::string source_state(const Json& source) {
    const bool paused = !text_at(source, "paused").empty();
    if (!text_at(source, "error").empty()) return paused ? "failing, paused" : "failing";
    if (paused) return "paused";
    return flag_at(source, "running") ? "reading " + text_at(source, "query") : "ok";
}

std::string sources_text(const Json& sources, const Look& look) {
    Table table{{{"source"},
                 {"state"},
                 {"last good sync"},
                 {"rows", Align::right},
                 {"added", Align::right},
                 {"changed", Align::right},
                 {"rejected", Align::right}}};
    for (const Json& source : list_at(sources, "sources")) {
        const Json& last = at(source, "last");
        const bool stale = flag_at(source, "stale");
        table.add({text_at(source, "source"), Cell{source_state(source), stale ? Tone::warn : Tone::good},
                   short_time(text_at(source, "goodAt")), grouped(text_at(last, "rows")), grouped(text_at(last, "added")),
                   grouped(text_at(last, "changed")), grouped(text_at(last, "rejected"))});
    }
    return table.empty() ? "" : '\n' + heading(look, "ERP sources") + table.text(look) + sources_figures_text(sources);
}

constexpr std::uint64_t kKiB = 1024;  ///< bytes

std::string memory_text(std::uint64_t bytes) {
    return bytes < 10 * kKiB * kKiB ? grouped(bytes / kKiB) + " KiB" : grouped(bytes / (kKiB * kKiB)) + " MiB";
}

/// What the check after the start says of the entries that the start did not read.
std::string ledger_check_text(const Json& check) {
    if (const std::string found = text_at(check, "found"); !found.empty()) return "; " + found + "; run: stemma ledger verify";
    const auto checked = count_at(check, "checked");
    const auto of = count_at(check, "of");
    return checked == of ? "" : fmt::format("; the check after the start is at {} of {}", checked, of);
}

std::string memory_by_part(const Json& memory) {
    std::string out;
    for (const auto& [part, name] : {std::pair{"edges", "links"},
                                     {"identifiers", "ids"},
                                     {"events", "events"},
                                     {"movements", "movements"},
                                     {"masterData", "master data"}})
        if (const std::uint64_t bytes = count_at(memory, part); bytes > 0)
            out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, memory_text(bytes));
    return out;
}

std::string writer_text(const Json& writer) {
    std::string out = counted(count_at(writer, "waiting"), "command") + " waiting";
    if (const std::uint64_t refused = count_at(writer, "refused"); refused > 0) out += fmt::format(", {} refused", grouped(refused));
    if (const std::uint64_t failed = count_at(writer, "failedGroups"); failed > 0)
        out += fmt::format(", {} not committed", counted(failed, "group"));
    return out;
}

/// "standby of stemmad at 10.0.0.7, 12 entries behind"; nothing of a daemon that writes and always did.
std::string role_text(const Json& role) {
    const std::string is = text_at(role, "is");
    if (is != "standby") return count_at(role, "changes") == 0 ? std::string{} : is;
    const std::string writer = text_at(role, "writer");
    const std::uint64_t behind = count_at(role, "behind");
    return fmt::format("standby{}{}", writer.empty() ? "" : " of " + writer,
                       behind == 0 ? "" : fmt::format(", {} behind", counted(behind, "entry", "entries")));
}

/// Where the database is away: since when, why, and what goes on.
std::string store_text(const Json& status) {
    const Json& away = at(status, "storeAway");
    if (!away.is_object()) return text_at(status, "store");
    const std::string since = text_at(away, "since");
    return fmt::format("AWAY{}: {}; traces by id go on from memory", since.empty() ? "" : " since " + short_time(since),
                       text_at(away, "why"));
}

std::string status_text(const Json& status, const Look& look) {
    const Json& lineage = at(status, "lineage");
    const Json& traces = at(status, "traces");
    Facts facts;
    facts.add("version", text_at(status, "version"))
        .add("running since", text_at(status, "startedAt"))
        .add("store", store_text(status), at(status, "storeAway").is_object() ? Tone::bad : Tone::plain)
        .add("durability", text_at(status, "durability"))
        .add("access", text_at(status, "access") == "open" ? "open: there is no user, everybody may everything" : text_at(status, "access"))
        .add("role", role_text(at(status, "role")))
        .add("READ ONLY", text_at(status, "readOnly"), Tone::bad);
    facts.add("ledger", counted(count_at(status, "entries"), "entry", "entries") + ledger_check_text(at(status, "ledgerCheck")));
    facts.add("lineage",
              fmt::format("{}, {}, {}, {}, at ledger position {}", counted(count_at(lineage, "items"), "item"),
                          counted(count_at(lineage, "transformations"), "production"), counted(count_at(lineage, "movements"), "movement"),
                          memory_text(count_at(lineage, "memoryBytes")), text_at(lineage, "position")));
    facts.add("memory", memory_by_part(at(lineage, "memory")))
        .add("writer", writer_text(at(status, "writer")))
        .add("traces", fmt::format("{} large running, {} being sent in rows", grouped(count_at(traces, "largeRunning")),
                                   grouped(count_at(traces, "streamsRunning"))));
    const Json& meetings = at(status, "meetings");
    const std::uint64_t conflicts = count_at(meetings, "conflicts");
    if (const std::uint64_t entries = count_at(meetings, "entries"); entries + conflicts != 0)
        facts.add("several ERPs",
                  counted(entries, "entry", "entries") + " of meetings" +
                      (conflicts == 0 ? "" : fmt::format(", {}: stemma erp conflicts lists them", counted(conflicts, "conflict"))));
    facts.add("plugins", fmt::format("{}, generation {}", count_at(status, "plugins"), text_at(status, "pluginGeneration")));
    return stale_text(status, look) + facts.text(look, 0);
}

}  // namespace

ExitCode init(Session& session) {
    const std::filesystem::path file = new_settings_file(session.call());
    const auto report = session.offline().init(file);
    if (!report) return session.fail(report.error());
    if (session.call().json) {
        session.print_json(
            boost::json::object{{"made", texts(report->made)}, {"kept", texts(report->kept)}, {"publicKey", report->public_key}});
        return ExitCode::done;
    }
    std::string out;
    for (const std::string& line : report->made) out += paint(session.look(), Tone::good, "made") + "  " + printable(line) + '\n';
    for (const std::string& line : report->kept) out += "kept  " + printable(line) + '\n';
    out += fmt::format(
        "\nPublic key, for auditors:\n  {}\n\nNext: name your ERP database under erp.sources in {}, then\n  stemma doctor\n  stemma "
        "serve\n",
        report->public_key, file.string());
    session.print(out);
    return ExitCode::done;
}

ExitCode serve(Session& session) {
    std::vector<std::string> arguments;
    if (const auto& file = session.call().config) arguments = {"--config", file->string()};
    return session.fail(session.offline().serve(arguments));
}

ExitCode status(Session& session) {
    const ExitCode code = session.show(get("/api/v1/status"), [&](const Json& answer) { return status_text(answer, session.look()); });
    if (code != ExitCode::done || session.call().json) return code;
    return session.show(get("/api/v1/erp/sources"), [&](const Json& answer) { return sources_text(answer, session.look()); });
}

ExitCode doctor(Session& session) {
    const std::vector<app::DoctorLine> lines = examine(session);
    const auto count = [&](app::DoctorLine::Level level) {
        return static_cast<std::uint64_t>(std::ranges::count(lines, level, &app::DoctorLine::level));
    };
    const std::uint64_t errors = count(app::DoctorLine::Level::error);
    const std::uint64_t warnings = count(app::DoctorLine::Level::warning);
    const ExitCode code = errors == 0 ? ExitCode::done : ExitCode::no;
    if (session.call().json) {
        boost::json::array findings;
        for (const app::DoctorLine& line : lines)
            findings.push_back(boost::json::object{{"level", name_of(line.level)},
                                                   {"area", line.area},
                                                   {"subject", line.subject},
                                                   {"message", line.message},
                                                   {"hint", line.hint}});
        session.print_json(boost::json::object{{"findings", std::move(findings)}, {"errors", errors}, {"warnings", warnings}});
        return code;
    }
    std::vector<Remark> remarks;
    remarks.reserve(lines.size());
    for (const app::DoctorLine& line : lines)
        remarks.push_back(
            {name_of(line.level), line.area, line.subject.empty() ? line.message : line.subject + ": " + line.message, line.hint});
    const std::string sum =
        fmt::format("{}, {}, {}", counted(lines.size(), "check"), counted(errors, "error"), counted(warnings, "warning"));
    session.print(render_remarks(remarks, session.look()) + paint(session.look(), errors == 0 ? Tone::good : Tone::bad, sum));
    return code;
}

/// A wrong file is this verb's answer "no", wherever else it is a usage error.
ExitCode config_check(Session& session) {
    const auto settings = session.settings();
    if (!settings) {
        const bool missing = settings.error().size() == 1 && settings.error().front().code == Errc::not_found;
        const ExitCode code = session.fail(settings.error());
        return missing ? code : ExitCode::no;
    }
    if (!(*settings)->unresolved.empty()) {
        session.fail((*settings)->unresolved);
        return ExitCode::no;
    }
    const app::PartsCheck parts = session.offline().check_parts(**settings);
    if (!parts.errors.empty()) {
        session.fail(parts.errors);
        return ExitCode::no;
    }
    std::vector<std::string> files;
    files.reserve((*settings)->files.size());
    for (const std::filesystem::path& file : (*settings)->files) files.push_back(file.string());
    if (session.call().json) {
        session.print_json(boost::json::object{{"valid", true}, {"files", texts(files)}, {"warnings", texts(parts.warnings)}});
        return ExitCode::done;
    }
    std::string out = fmt::format("The configuration is valid: {}\n", fmt::join(files, ", "));
    for (const std::string& warning : parts.warnings) out += paint(session.look(), Tone::warn, "warn") + "  " + printable(warning) + '\n';
    session.print(out + "Plugins' options and the ERP databases are looked at by: stemma doctor\n");
    return ExitCode::done;
}

ExitCode config_show(Session& session) {
    const auto settings = session.settings();
    if (!settings) return session.fail(settings.error());
    if (session.call().json) {
        boost::json::array lines;
        for (const config::SettingLine& line : (*settings)->lines)
            lines.push_back(boost::json::object{{"path", line.path}, {"value", line.value}, {"origin", line.origin}});
        session.print_json(lines);
        return ExitCode::done;
    }
    Table table{{{"setting"}, {"value"}, {"origin"}}};
    for (const config::SettingLine& line : (*settings)->lines) table.add({line.path, line.value, session.call().origin ? line.origin : ""});
    session.print(table.text(session.look(), 0));
    return ExitCode::done;
}

}  // namespace stemma::cli
