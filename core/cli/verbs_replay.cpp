// replay: verdicts come to again and compared, of one entry, of a range, of all. A range is asked for part by part, so that it may be as
// long as the ledger.
#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/cli/render.hpp"
#include "core/cli/verbs.hpp"
#include "core/cli/words.hpp"

namespace stemma::cli {
namespace {

constexpr std::size_t kToldMax = 1'000;  ///< differences shown of a range

bool agrees(const Json& judgement) { return !flag_at(judgement, "replayed") || flag_at(judgement, "equal"); }

std::string entry_text(const Json& replayed, const Look& look) {
    const auto judgements = list_at(replayed, "judgements");
    if (judgements.empty()) return fmt::format("Entry {} carries no verdict: nothing judged it.\n", text_at(replayed, "sequence"));
    std::string out = heading(look, fmt::format("Entry {}: {}", text_at(replayed, "sequence"), counted(judgements.size(), "verdict")));
    Table table{{{"plugin"}, {"facts at", Align::right}, {"then"}, {"now"}, {"plugin, by stored facts, facts, verdict"}, {"note"}}};
    for (const Json& one : judgements) {
        const Json& stored = at(one, "stored");
        const bool again = flag_at(one, "replayed");
        const auto word = [&](const char* flag) { return flag_at(one, flag) ? "equal" : "DIFFERENT"; };
        table.add(
            {fmt::format("{} {}", text_at(stored, "plugin"), text_at(stored, "version")), text_at(stored, "position"),
             verdict_text(at(stored, "verdict")), again ? verdict_text(at(at(one, "now"), "verdict")) : "",
             again ? Cell{fmt::format("{}, {}, {}, {}", word("pluginEqual"), word("storedEqual"), word("factsEqual"), word("verdictEqual")),
                          agrees(one) ? Tone::good : Tone::bad}
                   : Cell{"not judged again"},
             text_at(one, "note")});
    }
    return out + table.text(look);
}

Query query_of(const Invocation& call) {
    Query query;
    if (call.by_now) query["by"] = "now";
    if (call.stored_facts) query["facts"] = "stored";
    return query;
}

/// What the parts of a range come to.
struct Sum {
    std::uint64_t entries{0};
    std::uint64_t judgements{0};
    std::uint64_t equal{0};
    std::uint64_t differing{0};
    std::uint64_t not_replayed{0};
    boost::json::array told;

    void add(const Json& part) {
        entries += count_at(part, "entries");
        judgements += count_at(part, "judgements");
        equal += count_at(part, "equal");
        differing += count_at(part, "differing");
        not_replayed += count_at(part, "notReplayed");
        for (const Json& one : list_at(part, "told"))
            if (told.size() < kToldMax) told.push_back(one);
    }
};

std::string told_text(const Sum& sum, const Look& look) {
    if (sum.told.empty()) return {};
    Table table{{{"entry", Align::right}, {"plugin"}, {"then"}, {"now"}, {"why"}}};
    for (const Json& one : sum.told) {
        const bool again = flag_at(one, "replayed");
        table.add({text_at(one, "sequence"), fmt::format("{} {}", text_at(one, "plugin"), text_at(one, "version")),
                   verdict_text(at(one, "then")),
                   again ? Cell{verdict_text(at(at(one, "now"), "verdict")), Tone::bad} : Cell{"not judged again"}, text_at(one, "note")});
    }
    std::string out = table.text(look);
    const std::uint64_t more =
        sum.differing + sum.not_replayed - std::min<std::uint64_t>(sum.told.size(), sum.differing + sum.not_replayed);
    if (more != 0) out += fmt::format("  and {} more\n", grouped(more));
    return out;
}

std::string sum_text(const Sum& sum, double seconds, const Look& look) {
    std::string out = told_text(sum, look);
    out += fmt::format("{} in {} judged again: {} equal, ", counted(sum.judgements, "verdict"), counted(sum.entries, "entry", "entries"),
                       grouped(sum.equal));
    out += paint(look, sum.differing == 0 ? Tone::good : Tone::bad, fmt::format("{} different", grouped(sum.differing)));
    if (sum.not_replayed != 0) out += fmt::format(", {} not judged again", grouped(sum.not_replayed));
    if (seconds > 0)
        out += fmt::format("; {:.1f} s, {} a second", seconds,
                           grouped(static_cast<std::uint64_t>(static_cast<double>(sum.judgements) / seconds)));
    return out + '\n';
}

ExitCode replay_range(Session& session) {
    const Invocation& call = session.call();
    const auto begin = std::chrono::steady_clock::now();
    Sum sum;
    std::uint64_t next = call.first.value_or(0);
    {
        ProgressLine progress{session.screen()};
        for (bool more = true; more;) {
            Query query = query_of(call);
            query["from"] = std::to_string(next);
            if (call.last) query["to"] = std::to_string(*call.last + 1);
            const auto answer = session.ask(get("/api/v1/ledger/replay", query));
            if (!answer) return session.fail(answer.error());
            if (!answer->ok()) return session.fail(*answer);
            sum.add(answer->json);
            more = !at(answer->json, "next").is_null();
            next = count_at(answer->json, "next");
            progress.show(fmt::format("{} verdicts, {} different", grouped(sum.judgements), grouped(sum.differing)));
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (call.json)
        session.print_json({{"entries", sum.entries},
                            {"judgements", sum.judgements},
                            {"equal", sum.equal},
                            {"differing", sum.differing},
                            {"notReplayed", sum.not_replayed},
                            {"told", std::move(sum.told)}});
    else
        session.print(sum_text(sum, seconds, session.look()));
    return sum.differing == 0 ? ExitCode::done : ExitCode::no;
}

}  // namespace

ExitCode replay(Session& session) {
    const Invocation& call = session.call();
    if (call.all || call.last) return replay_range(session);
    if (!call.first)
        return session.fail(Error{Errc::invalid_input, "name an entry, the first and the last one of a range, or --all", "SEQUENCE", {}});
    return session.show(
        get(fmt::format("/api/v1/ledger/entries/{}/replay", call.sequence), query_of(call)),
        [&](const Json& answer) { return entry_text(answer, session.look()); },
        [](const Json& answer) {
            for (const Json& one : list_at(answer, "judgements"))
                if (!agrees(one)) return ExitCode::no;
            return ExitCode::done;
        });
}

}  // namespace stemma::cli
