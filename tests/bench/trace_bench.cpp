// Traces forward from lots that reach about 100, 50 thousand and a million items, and back from finished units. All contenders must give
// the same set of items, or the run is broken.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/bench/bench.hpp"
#include "tests/bench/feed.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/bench/seeds.hpp"
#include "tests/bench/tracer.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::bench {
namespace {

constexpr std::uint64_t kHeadlineLinks = 90'000'000;
constexpr const char* kHeadline = "~1 M units among 100 M links: less than 0.1 s of CPU";
constexpr std::uint64_t kPeersMax = 20'000'000;  // links; databases of more take hours to fill and tell nothing new

constexpr std::size_t kCompared = 1'000;  // answers that all contenders give, beside those that are measured

using Tracers = std::vector<std::unique_ptr<Tracer>>;

/// Runs one contender over all seeds of a case, one after the other.
Contender contender_of(Tracer& tracer, const TraceCase& wanted) {
    const auto work = [&tracer, &wanted](std::size_t) {
        for (const std::uint32_t seed : wanted.seeds) tracer.run(seed, wanted.way);
    };
    return {tracer.name(), work, tracer.servers(), static_cast<double>(wanted.seeds.size())};
}

Case measure(const Tracers& tracers, const TraceCase& wanted, std::size_t rounds) {
    std::vector<Contender> contenders;
    for (const auto& tracer : tracers) {
        tracer->get_ready(wanted.seeds.front(), wanted.way);
        contenders.push_back(contender_of(*tracer, wanted));
    }
    Case measured{"trace", wanted.name, "trace", {}};
    Rounds how;
    how.count = rounds;
    measured.contenders = interleave(contenders, how);
    return measured;
}

double ratio(const Case& measured, const std::string& above, const std::string& below) {
    return find(measured, above).cpu().median / find(measured, below).cpu().median;
}

std::string cpu(const Case& measured, const std::string& name) { return duration(find(measured, name).cpu().median); }

void judge_against_peers(const Case& measured, double times, const std::string& size, const Tracers& tracers, Report& report) {
    report.add(Goal{"G1", fmt::format("forward, {}: CPU at most 2 × the bare walk", size), ratio(measured, kOurs, "bare walk"), 2, false,
                    cpu(measured, kOurs), cpu(measured, "bare walk"),
                    fmt::format("{}; items alone {}", measured.name, cpu(measured, "bare walk, items alone"))});
    for (const auto& tracer : tracers) {
        if (!tracer->name().ends_with("CTE")) continue;
        report.add(Goal{"G1", fmt::format("forward, {}: at least {} × faster than {}", size, times, tracer->name()),
                        ratio(measured, tracer->name(), kOurs), times, true, cpu(measured, kOurs), cpu(measured, tracer->name()),
                        measured.name});
    }
}

void judge(const TraceCase& wanted, const Case& measured, const Tracers& tracers, std::uint64_t links, Report& report) {
    const double ours = find(measured, kOurs).cpu().median;
    switch (wanted.size) {
        case TraceSize::large:
            judge_against_peers(measured, 100, "~1 M items", tracers, report);
            if (wanted.as_asked && links >= kHeadlineLinks)
                report.add(Goal{"G14", kHeadline, ours / 1e9, 0.1, false, cpu(measured, kOurs), "", measured.name});
            else
                report.skip("G14", kHeadline, fmt::format("{} in {} links took {}", measured.name, number(links), cpu(measured, kOurs)));
            break;
        case TraceSize::middle: judge_against_peers(measured, 60, "~50 k items", tracers, report); break;
        case TraceSize::small:
        case TraceSize::back:
            report.add(Goal{"G3",
                            fmt::format("{} in the engine: at most 5 µs", wanted.size == TraceSize::small ? "~100 items" : "backward, ~30"),
                            ours / 1e3, 5, false, cpu(measured, kOurs), cpu(measured, "bare walk"), measured.name});
            break;
    }
}

}  // namespace

void check_equal(const std::vector<std::unique_ptr<Tracer>>& tracers, const TraceCase& wanted) {
    for (const std::uint32_t seed : wanted.seeds) {
        SetDigest first;
        for (const auto& tracer : tracers) {
            tracer->run(seed, wanted.way);
            const SetDigest digest = digest_of(tracer->items());
            if (tracer == tracers.front()) first = digest;
            if (digest != first)
                throw std::runtime_error(fmt::format("from item {}, {}: {} gives {} items (sum {:x}), {} gives {} (sum {:x})", seed,
                                                     wanted.name, tracers.front()->name(), first.count, first.sum, tracer->name(),
                                                     digest.count, digest.sum));
        }
    }
}

void bench_trace(const RunOptions& options, Report& report) {
    if (const std::string why = why_it_does_not_fit(options.chain.links); !why.empty()) return report.skip("G1", "traces in memory", why);
    const Graph graph = make_graph(options.chain);
    const auto cases = trace_cases(graph);
    lineage::Index index;
    fill(index, options.chain);
    index.merge();

    Tracers tracers;
    tracers.push_back(bare_walk(graph, false));
    tracers.push_back(bare_walk(graph, true));
    for (auto& tracer : stemma_traces(index, graph)) tracers.push_back(std::move(tracer));
    const bool peers = options.chain.links <= kPeersMax;
    if (peers)
        tracers.push_back(sqlite_cte(graph));
    else
        report.skip("G1", "forward against recursive CTEs", fmt::format("the databases take part up to {} links", number(kPeersMax)));
    std::unique_ptr<test::Postgres> server;
    if (!peers) {
    } else if (options.postgres && test::Postgres::installed()) {
        auto started = test::Postgres::start(peer_settings(false));
        if (!started) throw std::runtime_error(started.error().text());
        server = *std::move(started);
        tracers.push_back(postgres_cte(graph, libpq_form(server->connection())));
    } else {
        report.skip("G1", "forward against PostgreSQL's recursive CTE", options.postgres ? test::Postgres::kMissing : "left out");
    }
    for (const TraceCase& wanted : random_cases(graph, kCompared, options.chain.seed)) check_equal(tracers, wanted);
    report.fact("traces from items drawn at random that all contenders answer alike", static_cast<double>(kCompared), "");
    for (const TraceCase& wanted : cases) {
        check_equal(tracers, wanted);
        Case measured = measure(tracers, wanted, options.rounds);
        judge(wanted, measured, tracers, graph.totals.links, report);
        report.add(std::move(measured));
    }
}

}  // namespace stemma::bench
