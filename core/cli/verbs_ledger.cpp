// ledger: the record and its proofs. verify and rebuild work on the files, without a daemon.
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

std::string head_text(const Json& head, const Look& look) {
    Facts facts;
    facts.add("entries", grouped(count_at(head, "size"))).add("root", text_at(head, "root")).add("origin", text_at(head, "origin"));
    facts.add("public key", text_at(head, "key"));
    const std::string note = text_at(head, "checkpoint");
    return facts.text(look, 0) + (note.empty() ? "" : fmt::format("\n{}", note));
}

std::string proof_text(const Json& proof, const Look& look) {
    std::string out = Facts{}
                          .add("entry", text_at(proof, "sequence"))
                          .add("in a ledger of", counted(count_at(proof, "size"), "entry", "entries"))
                          .add("root", text_at(proof, "root"))
                          .text(look, 0);
    out += '\n' + heading(look, "Proof, from the leaf up");
    for (const Json& hash : list_at(proof, "proof")) out += fmt::format("  {}\n", text_of(hash));
    if (const std::string note = text_at(proof, "checkpoint"); !note.empty()) out += fmt::format("\n{}", note);
    if (!at(proof, "nextCheckpoint").is_null())
        out += fmt::format("\nNo signed checkpoint of this size is stored; the next one is of {}:\n  stemma ledger proof {} --size {}\n",
                           counted(count_at(proof, "nextCheckpoint"), "entry", "entries"), text_at(proof, "sequence"),
                           text_at(proof, "nextCheckpoint"));
    return out;
}

void print_verified(Session& session, const VerifyReport& report) {
    if (session.call().json) {
        boost::json::array findings;
        for (const VerifyFinding& finding : report.findings) {
            boost::json::object one{{"text", finding.text}};
            if (finding.entry) one["entry"] = *finding.entry;
            findings.push_back(std::move(one));
        }
        session.print_json(boost::json::object{{"ok", report.ok()},
                                               {"entries", report.entries},
                                               {"verified", report.verified},
                                               {"root", report.root},
                                               {"findings", std::move(findings)},
                                               {"notes", boost::json::array(report.notes.begin(), report.notes.end())}});
        return;
    }
    const Look& look = session.look();
    std::string out = fmt::format("{} of {} verified\n", grouped(report.verified), counted(report.entries, "entry", "entries"));
    if (!report.root.empty()) out += fmt::format("root {}\n", report.root);
    for (const VerifyFinding& finding : report.findings) out += paint(look, Tone::bad, "FAIL") + "  " + printable(finding.text) + '\n';
    for (const std::string& note : report.notes) out += "note  " + printable(note) + '\n';
    out += report.ok() ? paint(look, Tone::good, "ok") + "    every entry is as it was signed\n"
                       : paint(look, Tone::bad, "This ledger does not verify.") + '\n';
    session.print(out);
}

}  // namespace

ExitCode ledger_head(Session& session) {
    return session.show(get("/api/v1/ledger"), [&](const Json& answer) { return head_text(answer, session.look()); });
}

ExitCode ledger_show(Session& session) {
    return session.show(get(fmt::format("/api/v1/ledger/entries/{}", session.call().sequence)),
                        [&](const Json& answer) { return render_entry(at(answer, "entry"), session.look()); });
}

ExitCode ledger_proof(Session& session) {
    Query query;
    add(query, "size", session.call().size);
    return session.show(get(fmt::format("/api/v1/ledger/entries/{}/proof", session.call().sequence), query),
                        [&](const Json& answer) { return proof_text(answer, session.look()); });
}

/// A copy and a key need no settings: an auditor may have nothing else.
ExitCode ledger_verify(Session& session) {
    const Invocation& call = session.call();
    const auto settings = call.database && call.key ? session.settings_or_defaults() : session.settings();
    if (!settings) return session.fail(settings.error());
    const auto report = [&] {
        ProgressLine progress{session.screen()};
        return session.offline().verify(**settings, call.database, call.key, [&](std::uint64_t done, std::uint64_t total) {
            progress.show(fmt::format("{} of {} entries verified", grouped(done), grouped(total)));
        });
    }();
    if (!report) return session.fail(report.error());
    print_verified(session, *report);
    return report->ok() ? ExitCode::done : ExitCode::no;
}

ExitCode ledger_rebuild(Session& session) {
    const auto settings = session.settings();
    if (!settings) return session.fail(settings.error());
    const auto report = [&] {
        ProgressLine progress{session.screen()};
        return session.offline().rebuild(**settings,
                                         [&](std::uint64_t done) { progress.show(fmt::format("{} entries read", grouped(done))); });
    }();
    if (!report) return session.fail(report.error());
    const bool equal = report->digest_before == report->digest_after;
    if (session.call().json)
        session.print_json(boost::json::object{
            {"entries", report->entries}, {"equal", equal}, {"before", report->digest_before}, {"after", report->digest_after}});
    else
        session.print(fmt::format(
            "Read models rebuilt from {}.\n  before  {}\n  after   {}\n{}\n", counted(report->entries, "entry", "entries"),
            report->digest_before, report->digest_after,
            equal ? paint(session.look(), Tone::good, "The result is identical.")
                  : paint(session.look(), Tone::bad, "The result differs: the read models were not what the ledger says. They are now.")));
    return equal ? ExitCode::done : ExitCode::no;
}

}  // namespace stemma::cli
