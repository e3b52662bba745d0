// backup, verify, restore: on the files alone, whether or not a daemon uses them.
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::uint64_t kKiB = 1024;  ///< bytes

Json texts(const std::vector<std::string>& lines) {
    boost::json::array out;
    for (const std::string& line : lines) out.emplace_back(line);
    return out;
}

app::BackupProgress shown(ProgressLine& line) {
    return [&line](std::string_view what, std::uint64_t done, std::uint64_t total) {
        line.show(fmt::format("{} of {} {}", grouped(done), grouped(total), what));
    };
}

std::string lines_of(const char* word, const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += fmt::format("{:6}{}\n", word, printable(line));
    return out;
}

std::string fails_of(const std::vector<std::string>& lines, const Look& look) {
    std::string out;
    for (const std::string& line : lines) out += paint(look, Tone::bad, "FAIL") + "  " + printable(line) + '\n';
    return out;
}

boost::json::object head_json(const app::Manifest& manifest) {
    return {{"origin", manifest.origin},
            {"key", manifest.public_key},
            {"size", manifest.size},
            {"root", manifest.root},
            {"checkpoint", manifest.checkpoint}};
}

void add_head(Facts& facts, const app::Manifest& manifest) {
    facts.add("made at", format_instant(manifest.made_at)).add("by stemma", manifest.version).add("origin", manifest.origin);
    facts.add("entries", grouped(manifest.size)).add("root", manifest.root);
}

app::BackupCheck check_of(const Invocation& call) { return {call.file, call.key, call.checkpoint}; }

void print_made(Session& session, const app::BackupReport& report) {
    const bool with_key = report.manifest.find(app::BackupFile::Role::signing_key) != nullptr;
    if (session.call().json) {
        session.print_json(boost::json::object{{"folder", report.folder.string()},
                                               {"ledger", head_json(report.manifest)},
                                               {"files", report.manifest.files.size()},
                                               {"bytes", report.bytes},
                                               {"withKey", with_key},
                                               {"missing", texts(report.manifest.missing)}});
        return;
    }
    Facts facts;
    facts.add("backup", report.folder.string());
    add_head(facts, report.manifest);
    facts.add("files", fmt::format("{}, {} KiB", grouped(report.manifest.files.size()), grouped((report.bytes + kKiB - 1) / kKiB)));
    std::string out = facts.text(session.look(), 0);
    for (const std::string& place : report.manifest.missing)
        out += fmt::format("note  not in it, for it is not there: {}\n", printable(place));
    out += with_key ? "note  The key that signs is in it: who has this backup can write another history under your name. Lock it away.\n"
                    : "note  The key that signs is not in it: keep ledger.key apart, a restored ledger goes on with it alone.\n";
    session.print(out + fmt::format("Check it, here or anywhere: stemma verify {}\n", report.folder.string()));
}

void print_verdict(Session& session, const app::BackupVerdict& verdict) {
    const auto& manifest = verdict.manifest;
    if (session.call().json) {
        boost::json::object out{{"ok", verdict.ok()}, {"findings", texts(verdict.findings)}, {"notes", texts(verdict.notes)}};
        if (manifest) out["ledger"] = head_json(*manifest);
        if (verdict.ledger) out["verified"] = verdict.ledger->verified;
        session.print_json(out);
        return;
    }
    const Look& look = session.look();
    std::string out;
    if (manifest) {
        Facts facts;
        add_head(facts, *manifest);
        out += facts.text(look, 0);
    }
    if (verdict.ledger)
        out += fmt::format("{} of {} verified\n", grouped(verdict.ledger->verified), counted(verdict.ledger->entries, "entry", "entries"));
    out += fails_of(verdict.findings, look) + lines_of("note", verdict.notes);
    out += verdict.ok() ? paint(look, Tone::good, "ok") + "    every file is as it was written, every entry as it was signed\n"
                        : paint(look, Tone::bad, "This backup does not verify.") + '\n';
    session.print(out);
}

void print_restored(Session& session, const app::RestoreReport& report) {
    const bool tried = session.call().dry_run;
    if (session.call().json) {
        boost::json::object out{{"done", report.done() && !tried},
                                {"refusals", texts(report.refusals)},
                                {"made", texts(report.made)},
                                {"kept", texts(report.kept)},
                                {"aside", texts(report.aside)},
                                {"notes", texts(report.notes)},
                                {"stateFolder", report.state_folder.string()},
                                {"settingsFile", report.settings_file.string()}};
        if (report.verdict.manifest) out["ledger"] = head_json(*report.verdict.manifest);
        session.print_json(out);
        return;
    }
    const Look& look = session.look();
    if (!report.done()) {
        session.print(fails_of(report.refusals, look) + paint(look, Tone::bad, "Nothing was restored.") + '\n');
        return;
    }
    std::string out = lines_of("aside", report.aside) + lines_of("made", report.made) + lines_of("kept", report.kept);
    out += lines_of("note", report.notes);
    if (tried) {
        session.print(out + "Nothing was changed: this is what would be done.\n");
        return;
    }
    const app::Manifest& manifest = *report.verdict.manifest;
    out += fmt::format("{}    the ledger's head is the backup's: {}, root {}\n", paint(look, Tone::good, "ok"),
                       counted(manifest.size, "entry", "entries"), manifest.root);
    session.print(
        out + fmt::format("Next:\n  stemma doctor --config {0}\n  stemmad --config {0}, or the service\n", report.settings_file.string()));
}

}  // namespace

ExitCode backup(Session& session) {
    const auto settings = session.settings();
    if (!settings) return session.fail(settings.error());
    const auto report = [&] {
        ProgressLine line{session.screen()};
        return session.offline().backup(**settings, {session.call().file, session.call().with_key}, shown(line));
    }();
    if (!report) return session.fail(report.error());
    print_made(session, *report);
    return ExitCode::done;
}

ExitCode verify(Session& session) {
    const auto verdict = [&] {
        ProgressLine line{session.screen()};
        return session.offline().verify_backup(check_of(session.call()), shown(line));
    }();
    if (!verdict) return session.fail(verdict.error());
    print_verdict(session, *verdict);
    return verdict->ok() ? ExitCode::done : ExitCode::no;
}

ExitCode restore(Session& session) {
    const Invocation& call = session.call();
    const auto report = [&] {
        ProgressLine line{session.screen()};
        return session.offline().restore({.from = check_of(call),
                                          .to = call.folder,
                                          .force = call.force,
                                          .accept_loss = call.accept_loss,
                                          .dry_run = call.dry_run,
                                          .actor = call.actor,
                                          .reason = call.reason},
                                         shown(line));
    }();
    if (!report) return session.fail(report.error());
    print_restored(session, *report);
    return report->done() ? ExitCode::done : ExitCode::no;
}

}  // namespace stemma::cli
