// erp: check, preview, sync, rejects; and beside a daemon: grants, map.
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::chrono::milliseconds kPollEvery{200};

std::string source_path(const std::string& source, std::string_view after = {}) { return api_path("erp/sources/", source, after); }

// --- check --------------------------------------------------------------------------------------------------------------------------

std::string check_text(const Json& check, const Look& look) {
    const bool fits = flag_at(check, "fits");
    std::string out = heading(look, fmt::format("{}: {} {}", text_at(check, "source"), text_at(check, "erp"), text_at(check, "version")));
    out += Facts{}
               .add("mapping", text_at(check, "mapping"))
               .add("database", text_at(check, "database"))
               .add("fits", fits ? "yes" : "no: the source is paused, its last state is served", fits ? Tone::good : Tone::bad)
               .text(look);
    std::vector<Remark> remarks;
    for (const Json& finding : list_at(check, "findings"))
        remarks.push_back({text_at(finding, "level"), text_at(finding, "subject"), text_at(finding, "message"), text_at(finding, "hint")});
    if (!remarks.empty()) out += '\n' + render_remarks(remarks, look);
    Table tables{{{"table"}, {"rows", Align::right}}};
    for (const Json& table : list_at(check, "tables")) tables.add({text_at(table, "table"), grouped(text_at(table, "rows"))});
    if (!tables.empty()) out += '\n' + tables.text(look);
    Table reads{{{"query"}, {"becomes"}}};
    for (const Json& read : list_at(check, "reads")) reads.add({text_at(read, "query"), text_at(read, "becomes")});
    return reads.empty() ? out : out + '\n' + reads.text(look);
}

ExitCode fits(const Json& check) { return flag_at(check, "fits") ? ExitCode::done : ExitCode::no; }

/// Every source, one after the other; the first one that is not well gives the exit code.
ExitCode check_all(Session& session) {
    const auto sources = session.ask(get("/api/v1/erp/sources"));
    if (!sources) return session.fail(sources.error());
    if (!sources->ok()) return session.fail(*sources);
    const auto names = list_at(sources->json, "sources");
    if (names.empty() && !session.call().json) session.print("No source is enabled under erp.sources.");
    ExitCode code = ExitCode::done;
    boost::json::array all;
    std::string text;
    for (const Json& name : names) {
        const auto check = session.ask(get(source_path(text_at(name, "source"), "/check")));
        if (!check) return session.fail(check.error());
        ExitCode one = ExitCode::done;
        if (check->ok()) {
            one = fits(check->json);
            all.push_back(check->json);
            text += (text.empty() ? "" : "\n") + check_text(check->json, session.look());
        } else {
            one = session.fail(*check);
        }
        if (code == ExitCode::done) code = one;
    }
    if (session.call().json)
        session.print_json(all);
    else
        session.print(text);
    return code;
}

// --- preview ------------------------------------------------------------------------------------------------------------------------

std::string preview_text(const Json& preview, const Look& look) {
    std::string out = fmt::format("query {} (the mapping has: {})\n", text_at(preview, "query"), joined_at(preview, "queries"));
    std::vector<Column> columns;
    for (const Json& column : list_at(preview, "columns")) columns.push_back({text_of(column)});
    Table rows{columns};
    for (const Json& row : list_at(preview, "rows")) {
        std::vector<Cell> cells;
        if (const auto* array = row.if_array())
            for (const Json& cell : *array) cells.emplace_back(text_of(cell));
        rows.add(std::move(cells));
    }
    out += '\n' + heading(look, "Rows as they are") + (rows.empty() ? "  none\n" : rows.text(look));
    Table records{{{"key"}, {"becomes"}}};
    for (const Json& record : list_at(preview, "records"))
        records.add({text_at(record, "key"), boost::json::serialize(at(record, "record"))});
    out += '\n' + heading(look, "What they become") + (records.empty() ? "  nothing\n" : records.text(look));
    Table rejects{{{"key"}, {"table"}, {"reason"}}};
    for (const Json& reject : list_at(preview, "rejects"))
        rejects.add({text_at(reject, "key"), text_at(reject, "table"), text_at(reject, "reason")});
    return rejects.empty() ? out : out + '\n' + heading(look, "Rejected") + rejects.text(look);
}

// --- sync ---------------------------------------------------------------------------------------------------------------------------

std::vector<Cell> counts_line(std::string name, const Json& counts) {
    std::vector<Cell> cells{std::move(name)};
    for (const char* count : {"rows", "added", "changed", "vanished", "unchanged", "rejected", "findings"})
        cells.emplace_back(grouped(text_at(counts, count)));
    return cells;
}

/// Rows whose content changed, and rows that vanished, are answered by entries too: one or two for each.
std::string corrections_text(const Json& counts) {
    const std::uint64_t changed = count_at(counts, "changed");
    const std::uint64_t vanished = count_at(counts, "vanished");
    return (changed == 0 ? "" : fmt::format(", {} corrected", counted(changed, "changed row"))) +
           (vanished == 0 ? "" : fmt::format(", {} declared wrong", counted(vanished, "vanished row")));
}

double seconds_of(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1e6; }

bool is_failed(const Json& source) { return flag_at(source, "stale") || !text_at(source, "notRun").empty(); }

/// A sync that read nothing: why, and what stands. The figures of an earlier one would pass for this one's.
std::string failed_sync_text(const Json& source, const Look& look) {
    const std::string error = text_at(source, "error");
    const std::string paused = text_at(source, "paused");
    const std::string not_run = text_at(source, "notRun");
    if (!not_run.empty()) return paint(look, Tone::bad, "NOT READ: ") + printable(not_run) + "\n";
    std::string out;
    if (!error.empty()) out += paint(look, Tone::bad, "FAILED: ") + printable(error) + '\n';
    if (!paused.empty()) out += (error.empty() ? paint(look, Tone::bad, "PAUSED: ") : "Still paused: ") + printable(paused) + '\n';
    const std::string good = text_at(source, "goodAt");
    return out + fmt::format("The last state is served, marked stale{}.\n",
                             good.empty() ? "" : "; the last good sync was at " + short_time(good));
}

std::string sync_text(const Json& source, const Look& look) {
    if (is_failed(source)) return failed_sync_text(source, look);
    Table table{{{"query"},
                 {"rows", Align::right},
                 {"added", Align::right},
                 {"changed", Align::right},
                 {"vanished", Align::right},
                 {"unchanged", Align::right},
                 {"rejected", Align::right},
                 {"findings", Align::right}}};
    const Json& last = at(source, "last");
    for (const Json& query : list_at(last, "queries")) table.add(counts_line(text_at(query, "query"), query));
    if (!table.empty()) table.add(counts_line("all", last));
    std::string out = table.text(look);
    if (count_at(last, "rejected") > 0) out += fmt::format("`stemma erp rejects {}` lists the rejected rows.\n", text_at(source, "source"));
    if (const std::uint64_t statements = count_at(last, "statements"); statements > 0)
        out += fmt::format("{} to the database, {:.1f} s in all, the longest {:.2f} s; {} bytes read.\n", counted(statements, "statement"),
                           seconds_of(count_at(last, "waitedUs")), seconds_of(count_at(last, "longestStatementUs")),
                           grouped(text_at(last, "bytesRead")));
    return out + fmt::format("{} is up to date: {} read, {} recorded{}.\n", text_at(source, "source"),
                             counted(count_at(last, "rows"), "row"), counted(count_at(last, "added"), "new row"), corrections_text(last));
}

/// Waits until the source has finished run number `run`.
std::expected<Answer, Errors> wait_for(Session& session, std::uint64_t run) {
    ProgressLine progress{session.screen()};
    std::uint64_t runs_before = 0;
    while (true) {
        auto answer = session.ask(get(source_path(session.call().subject)));
        if (!answer || !answer->ok()) return answer;
        const std::uint64_t runs = count_at(answer->json, "runs");
        if (runs >= run) return answer;
        if (runs < runs_before)
            return std::unexpected(Errors{{Errc::unavailable,
                                           "stemmad was started anew before the sync was done",
                                           {},
                                           "run the command again: nothing is read twice"}});
        runs_before = runs;
        const Json& so_far = at(answer->json, "progress");
        if (flag_at(answer->json, "running"))
            progress.show(fmt::format("{}: {} rows read, {} added", text_at(answer->json, "query"), grouped(count_at(so_far, "rows")),
                                      grouped(count_at(so_far, "added"))));
        std::this_thread::sleep_for(kPollEvery);
    }
}

}  // namespace

ExitCode erp_check(Session& session) {
    if (session.call().subject.empty()) return check_all(session);
    return session.show(
        get(source_path(session.call().subject, "/check")), [&](const Json& answer) { return check_text(answer, session.look()); }, fits);
}

ExitCode erp_preview(Session& session) {
    Query query;
    add(query, "query", session.call().query);
    add(query, "rows", session.call().rows);
    return session.show(get(source_path(session.call().subject, "/preview"), query),
                        [&](const Json& answer) { return preview_text(answer, session.look()); });
}

/// What is asked for, or nothing: then what changed.
std::string sync_body(const Invocation& call) {
    const char* reach = call.full ? R"("full":true)" : call.resume ? R"("resume":true)" : call.sweep ? R"("sweep":true)" : "";
    const char* comma = *reach != '\0' && call.accept_vanished ? "," : "";
    return fmt::format("{{{}{}{}}}", reach, comma, call.accept_vanished ? R"("acceptVanished":true)" : "");
}

ExitCode erp_sync(Session& session) {
    const auto started = session.ask(post(source_path(session.call().subject, "/sync"), sync_body(session.call())));
    if (!started) return session.fail(started.error());
    if (!started->ok()) return session.fail(*started);
    const auto done = wait_for(session, count_at(started->json, "run"));
    if (!done) return session.fail(done.error());
    if (!done->ok()) return session.fail(*done);
    if (session.call().json)
        session.print(done->body);
    else
        session.print(sync_text(done->json, session.look()));
    return is_failed(done->json) ? ExitCode::no : ExitCode::done;
}

ExitCode erp_rejects(Session& session) {
    Query query;
    add(query, "source", session.call().subject);
    add(query, "limit", session.call().limit);
    return session.show(get("/api/v1/erp/rejects", query), [&](const Json& answer) {
        Table table{{{"source"}, {"query"}, {"key"}, {"table"}, {"reason"}, {"since"}}};
        for (const Json& reject : list_at(answer, "rejects"))
            table.add({text_at(reject, "source"), text_at(reject, "query"), text_at(reject, "key"), text_at(reject, "table"),
                       text_at(reject, "reason"), short_time(text_at(reject, "at"))});
        return table.empty() ? std::string{"No row is rejected.\n"} : table.text(session.look(), 0);
    });
}

ExitCode erp_grants(Session& session) {
    const Invocation& call = session.call();
    const auto settings = session.settings_or_defaults();
    if (!settings) return session.fail(settings.error());
    const auto sql =
        session.offline().grants(**settings, {call.subject, call.mapping, call.engine, call.login, call.database_name, call.whole_tables});
    if (!sql) return session.fail(sql.error());
    if (session.call().json)
        session.print_json(boost::json::object{{"sql", *sql}});
    else
        session.print(*sql);
    return ExitCode::done;
}

ExitCode erp_map(Session& session) {
    const Invocation& call = session.call();
    const auto settings = session.settings_or_defaults();
    if (!settings) return session.fail(settings.error());
    const auto answer = session.offline().suggest(**settings, {call.subject, call.mapping, !call.no_sample, call.anyway});
    if (!answer) return session.fail(answer.error());
    if (call.json) {
        boost::json::array known;
        for (const app::KnownMapping& one : answer->known)
            known.push_back(boost::json::object{{"mapping", one.name}, {"erp", one.erp}, {"version", one.version}});
        boost::json::array nearly;
        for (const std::string& name : answer->nearly) nearly.emplace_back(name);
        session.print_json(
            boost::json::object{{"database", answer->database}, {"known", known}, {"nearly", nearly}, {"mapping", answer->yaml}});
        return ExitCode::done;
    }
    if (!answer->yaml.empty()) {
        session.print(answer->yaml);
        return ExitCode::done;
    }
    std::string text;
    for (const app::KnownMapping& one : answer->known)
        text += fmt::format("This is {} {}: use mapping: {}\n", one.erp, one.version, one.name);
    session.print(text + "No other mapping is needed; --anyway proposes one all the same.\n");
    return ExitCode::done;
}

}  // namespace stemma::cli
