// Small traces while the whole pipeline takes in events as fast as it can: validated, judged, sealed, committed, taught to the index, and
// merged in the background whenever the index wants that. The same in a ledger on a real disk, as the daemon has it.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tests/bench/bench.hpp"
#include "tests/bench/feed.hpp"
#include "tests/bench/latency.hpp"
#include "tests/bench/ledger.hpp"

namespace stemma::bench {
namespace {

constexpr std::size_t kBatch = 10'000;
constexpr std::uint64_t kEventsMax = 1'000'000;  // half of them before, half beside: about a minute of ingest
constexpr const char* kWhen = "while events are ingested at full rate";

std::vector<engine::Capture> commands_of(const StepTape& tape, std::size_t first, std::size_t end) {
    std::vector<engine::Capture> commands;
    for (; first < end; first += kBatch) {
        engine::Capture command{"user:bench", "", "", {}};
        for (std::size_t i = first; i < std::min(first + kBatch, end); ++i) command.records.emplace_back(event_of(tape[i]));
        commands.push_back(std::move(command));
    }
    return commands;
}

void ingest(LedgerUnderTest& ledger, const std::vector<engine::Capture>& commands) {
    for (const engine::Capture& command : commands) {
        const auto receipt = ledger.capturing().capture(command);
        if (!receipt) throw std::runtime_error(receipt.error().text());
        if (!receipt->recorded) throw std::runtime_error("a batch was refused");
    }
}

/// The small lots among those whose whole reach is in the first half or in the second: whatever is known of them at the time is traced.
TraceCase known(const lineage::Index& index, const TraceCase& wanted) {
    const lineage::View view = index.view();
    TraceCase found = wanted;
    std::erase_if(found.seeds, [&](std::uint32_t item) { return view.find(ItemId{test::item_name(item)}) == lineage::Node::none; });
    return found;
}

}  // namespace

void bench_beside(const RunOptions& options, Report& report) {
    if (const std::string why = why_it_does_not_fit(options.chain.links); !why.empty()) return report.skip("p99", kWhen, why);
    const Graph graph = make_graph(options.chain);
    const StepTape tape{options.chain, kEventsMax};
    LedgerUnderTest ledger{options.scratch + "/beside"};
    const std::size_t half = tape.size() / 2;
    ingest(ledger, commands_of(tape, 0, half));
    ledger.index().merge();
    const TraceCase small = known(ledger.index(), trace_cases(graph).front());
    if (small.seeds.empty()) return report.skip("p99", kWhen, "no small lot is known after half of the events: take more --edges");
    const auto tracer = stemma_trace(ledger.index(), graph);
    const Latency idle = probe_idle(*tracer, small);
    tell(report, "before the ingest", idle);
    const std::vector<engine::Capture> rest = commands_of(tape, half, tape.size());
    Cost cost;
    const Latency busy = probe_beside(*tracer, small, [&] { cost = cost_of([&] { ingest(ledger, rest); }, {}); });
    if (ledger.index().position() != tape.size()) throw std::runtime_error("not every event was ingested");
    report.fact("events ingested meanwhile", static_cast<double>(tape.size() - half) / cost.wall_ns * 1e6, "k/s");
    judge_latency(report, kWhen, idle, busy);
}

}  // namespace stemma::bench
