// store: the database that the ledger is kept in.
#include <fmt/format.h>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

void print_copied(Session& session, const engine::StoreCopyReport& report) {
    if (session.call().json) {
        session.print_json(boost::json::object{{"entries", report.entries},
                                               {"resumedAt", report.resumed_at},
                                               {"root", report.root},
                                               {"checkpoints", report.checkpoints},
                                               {"persons", report.persons},
                                               {"sourceStates", report.source_states},
                                               {"rejects", report.rejects},
                                               {"readModelsEqual", report.read_models_equal}});
        return;
    }
    const Look& look = session.look();
    Facts facts;
    facts.add("entries", grouped(report.entries)).add("root", report.root).add("checkpoints", grouped(report.checkpoints));
    facts.add("persons", grouped(report.persons)).add("cursors", grouped(report.source_states)).add("rejects", grouped(report.rejects));
    std::string out = facts.text(look, 0);
    if (report.resumed_at != 0)
        out += fmt::format("note  an unfinished copy was there: it went on at entry {}\n", grouped(report.resumed_at));
    if (!report.read_models_equal) out += "note  the read models of the original were not what its ledger says; those of the copy are\n";
    out += paint(look, Tone::good, "ok") + "    size and root are the same in both: every entry was read back from the copy\n";
    session.print(out);
}

}  // namespace

ExitCode store_copy(Session& session) {
    const Invocation& call = session.call();
    const auto report = [&] {
        ProgressLine line{session.screen()};
        return session.offline().copy_store(
            {call.copy_from, call.copy_to, call.schema},
            {.progress = [&](std::uint64_t done,
                             std::uint64_t total) { line.show(fmt::format("{} of {} entries copied", grouped(done), grouped(total))); },
             .before_end = {}});
    }();
    if (!report) return session.fail(report.error());
    print_copied(session, *report);
    return ExitCode::done;
}

}  // namespace stemma::cli
