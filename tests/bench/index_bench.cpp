// The index itself: its memory, its start, and how reading and writing bear each other.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/lineage/node_flags.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/feed.hpp"
#include "tests/bench/latency.hpp"
#include "tests/bench/ledger.hpp"
#include "tests/bench/seeds.hpp"
#include "tests/bench/sqlite.hpp"

namespace stemma::bench {
namespace {

constexpr double kEdgeBytes = 24;
constexpr double kNameBytes = 48;
constexpr std::uint64_t kStartLinks = 9'000'000;    // G5 speaks of 10 M
constexpr std::uint64_t kStoreEventsMax = 500'000;  // of a ledger that a start reads: at most a few minutes to write
constexpr std::size_t kBatch = 10'000;
constexpr double kRecent = 0.1;  // of the edges come last, and stay unmerged where the index can do that
constexpr const char* kSnapshotGoal = "start from a snapshot: 10 M edges at most 0.5 s";
constexpr const char* kMerged = "all merged";
constexpr const char* kAppendGoal = "append at least 10 M edges/s in memory";
constexpr const char* kDeltaGoal = "10 % unmerged edges: a trace costs at most 1.3 ×";

std::uint64_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Writes the plant's first events into a ledger, 10,000 at a time.
std::uint64_t write_ledger(LedgerUnderTest& ledger, const StepTape& tape) {
    for (std::size_t first = 0; first < tape.size(); first += kBatch) {
        const auto done = ledger.appender().run([&](engine::Appending& tx) -> Result<void> {
            for (std::size_t i = first; i < std::min(first + kBatch, tape.size()); ++i)
                if (auto added = tx.add(entry_of(tape[i])); !added) return std::unexpected(added.error());
            return {};
        });
        if (!done) throw std::runtime_error(done.error().text());
    }
    return tape.size();
}

/// Reads every ledger row as the database gives it and looks at each byte's place no more than that: what any rebuild has to pay.
void scan(Sqlite& database, std::uint64_t expected) {
    const SqliteStatement rows = database.prepare("SELECT sequence, bytes, leaf_hash, chain_hash FROM ledger_entry ORDER BY sequence");
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    while (sqlite3_step(rows.get()) == SQLITE_ROW) {
        ++count;
        bytes += static_cast<std::uint64_t>(sqlite3_column_bytes(rows.get(), 1));
        if (sqlite3_column_text(rows.get(), 1) == nullptr) throw std::runtime_error("a ledger row has no bytes");
    }
    if (count != expected || bytes == 0) throw std::runtime_error("the scan did not see every entry");
}

void measure_snapshot(const RunOptions& options, Report& report) {
    if (const std::string why = why_it_does_not_fit(options.chain.links); !why.empty()) return report.skip("G5", kSnapshotGoal, why);
    const std::string file = options.scratch + "/lineage.snapshot";
    std::uint64_t links = 0;
    {
        lineage::Index index;
        links = fill(index, options.chain).links;
        index.merge();
        if (const auto saved = index.save(file, "bench", {}); !saved) throw std::runtime_error(saved.error().text());
    }
    const Contender load{kOurs, [&](std::size_t) {
                             lineage::Index index;
                             if (!index.load(file, {})) throw std::runtime_error("the snapshot was refused");
                         }};
    Case measured{"start", fmt::format("from a snapshot of {} links", number(links)), "start",
                  interleave({load}, Rounds{options.rounds, false})};
    const Spread wall = measured.contenders.front().wall();
    if (links >= kStartLinks)
        report.add(Goal{"G5", kSnapshotGoal, wall.median / 1e9, 0.5 * static_cast<double>(links) / 1e7, false, duration(wall.median), "",
                        "by the clock"});
    else
        report.skip("G5", kSnapshotGoal, fmt::format("{} links took {}", number(links), duration(wall.median)));
    report.add(std::move(measured));
}

/// An index that merges when it is told to and not before.
std::unique_ptr<lineage::Index> make_index_without_merges() {
    lineage::IndexSettings settings;
    settings.merge_in_background = false;
    return std::make_unique<lineage::Index>(settings);
}

/// Feeds the stream up to the last tenth of its links; returns the entries of that last tenth.
std::vector<std::pair<Sequence, Entry>> fill_most(lineage::Index& index, const test::SupplyChainOptions& options,
                                                  std::uint64_t& links_held_back) {
    std::vector<std::pair<Sequence, Entry>> recent;
    std::uint64_t links = 0;
    const auto first = static_cast<std::uint64_t>(static_cast<double>(options.links) * (1 - kRecent));
    test::run_supply_chain(options, [&](const test::Step& step) {
        links += step.inputs.size() * step.outputs.size();
        if (links < first)
            index.apply(step.number, entry_of(step));
        else
            recent.emplace_back(step.number, entry_of(step));
    });
    links_held_back = links - first;
    return recent;
}

/// The same traces with the last tenth of the edges beside the base, and merged into it; then small ones during the merge.
void measure_delta(lineage::Index& index, const RunOptions& options, const Graph& graph, const std::vector<TraceCase>& cases,
                   const Latency& idle, Report& report) {
    const auto whole = make_index_without_merges();
    fill(*whole, options.chain);
    whole->merge();
    const auto unmerged = stemma_trace(index, graph);
    const auto merged = stemma_trace(*whole, graph);
    for (const TraceCase& wanted : cases) {
        const auto run = [&wanted](Tracer& tracer) {
            return [&](std::size_t) {
                for (const std::uint32_t seed : wanted.seeds) tracer.run(seed, wanted.way);
            };
        };
        const auto traces = static_cast<double>(wanted.seeds.size());
        Rounds how;
        how.count = options.rounds;
        Case measured{"delta", wanted.name, "trace",
                      interleave({{kOurs, run(*unmerged), {}, traces}, {kMerged, run(*merged), {}, traces}}, how)};
        const double ours = find(measured, kOurs).cpu().median;
        const double theirs = find(measured, kMerged).cpu().median;
        report.add(Goal{"G6", kDeltaGoal, ours / theirs, 1.3, false, duration(ours), duration(theirs), wanted.name});
        report.add(std::move(measured));
    }
    judge_latency(report, "during a merge", idle, probe_beside(*unmerged, cases.front(), [&] { index.merge(); }));
}

/// Edges straight into the index's graph, without entries and names; merged whenever it wants that, by the same thread.
void measure_append(const RunOptions& options, Report& report) {
    std::vector<std::uint32_t> item_of_node;
    const EdgeList edges = make_node_edges(options.chain, item_of_node);
    const auto append = [&](bool merging) {
        lineage::Column<std::uint8_t> flags;
        for (const std::uint32_t item : item_of_node)
            flags.push_back(item == kNone ? lineage::NodeFlags::kTransformation : std::uint8_t{0});
        lineage::Graph graph{{}, flags};
        const Cost cost = cost_of_thread([&] {
            for (std::size_t edge = 0; edge < edges.from.size(); ++edge) {
                graph.add(lineage::Node{edges.from[edge]}, lineage::Node{edges.to[edge]}, {});
                if (merging && graph.wants_merge() && graph.begin_merge(static_cast<std::uint32_t>(item_of_node.size())))
                    graph.end_merge(graph.build());
            }
        });
        return cost.client_cpu_ns / static_cast<double>(edges.from.size());
    };
    std::vector<double> bare;
    std::vector<double> merged;
    for (std::size_t round = 0; round < options.rounds; ++round) {
        bare.push_back(append(false));
        merged.push_back(append(true));
    }
    const double each = spread_of(bare).median;
    report.add(Goal{
        "G6", kAppendGoal, 1e3 / each, 10, true, rate(each), "",
        fmt::format("in M/s, edges without entries and names; {} with the merges in the same thread", rate(spread_of(merged).median))});
}

}  // namespace

void bench_memory(const RunOptions& options, Report& report) {
    if (const std::string why = why_it_does_not_fit(options.chain.links); !why.empty()) return report.skip("G4", "memory", why);
    malloc_trim(0);  // what benches before this one gave back would else be taken again, and not show as growth
    const std::uint64_t before = resident_bytes();
    lineage::Index index;
    const auto totals = fill(index, options.chain);
    index.merge();
    const std::uint64_t grown = resident_bytes() - before;
    const lineage::Counts counts = index.counts();
    const auto bytes = static_cast<double>(index.memory_bytes());
    const auto edges = static_cast<double>(counts.edges);
    const auto names = static_cast<double>(counts.items + counts.events);
    const double budget = edges * kEdgeBytes + names * kNameBytes;
    report.fact("index, as it accounts itself", bytes / 1e6, "MB");
    report.fact("index, growth of the resident set", static_cast<double>(grown) / 1e6, "MB");
    report.fact("edges with their event", edges / 1e6, "M");
    report.fact("identifiers of 27 characters, of items and events", names / 1e6, "M");
    report.fact("all memory per edge", bytes / edges, "B");
    report.fact("all memory per link from item to item", bytes / static_cast<double>(totals.links), "B");
    report.add(Goal{"G4", "memory: at most 24 B per edge and 48 B per identifier, together", bytes / budget, 1, false,
                    fmt::format("{:.0f} MB", bytes / 1e6), fmt::format("{:.0f} MB allowed", budget / 1e6),
                    fmt::format("{} edges, {} identifiers of items and events; resident {:.0f} MB", number(counts.edges),
                                number(counts.items + counts.events), static_cast<double>(grown) / 1e6)});
}

void bench_start(const RunOptions& options, Report& report) {
    measure_snapshot(options, report);
    const StepTape tape{options.chain, kStoreEventsMax};
    const std::string folder = options.scratch + "/start";
    std::uint64_t entries = 0;
    {
        LedgerUnderTest ledger{folder};
        entries = write_ledger(ledger, tape);
    }
    Sqlite database{folder + "/stemma.db"};
    const std::vector<Contender> contenders{{kOurs,
                                             [&](std::size_t) {
                                                 LedgerUnderTest again{folder};
                                                 if (again.index().position() != entries)
                                                     throw std::runtime_error("the start did not take in every entry");
                                             }},
                                            {"bare scan of the rows", [&](std::size_t) { scan(database, entries); }}};
    Case measured{"start", fmt::format("rebuilt from a store of {} entries", number(entries)), "start",
                  interleave(contenders, Rounds{std::min<std::size_t>(options.rounds, 3), false})};
    const Spread ours = measured.contenders[0].cpu();
    const Spread theirs = measured.contenders[1].cpu();
    const Spread ours_wall = measured.contenders[0].wall();
    const Spread theirs_wall = measured.contenders[1].wall();
    report.add(Goal{"G5", "rebuild from the store: at most 1.5 × the bare scan", ours.median / theirs.median, 1.5, false,
                    duration(ours.median), duration(theirs.median),
                    fmt::format("by CPU time of all threads: hashes, decodes, applies every entry; by the clock {:.1f} ×, {} against {}",
                                ours_wall.median / theirs_wall.median, duration(ours_wall.median), duration(theirs_wall.median))});
    report.add(std::move(measured));
}

void bench_delta(const RunOptions& options, Report& report) {
    if (const std::string why = why_it_does_not_fit(options.chain.links); !why.empty()) return report.skip("G6", "delta", why);
    const Graph graph = make_graph(options.chain);
    const auto cases = trace_cases(graph);
    const auto made = make_index_without_merges();
    lineage::Index& index = *made;
    std::uint64_t links = 0;
    const auto recent = fill_most(index, options.chain, links);
    index.merge();
    const auto before = stemma_trace(index, graph);
    const TraceCase& small = cases.front();
    const Latency idle = probe_idle(*before, small);
    tell(report, "on an idle index", idle);
    Cost append;
    const auto add_recent = [&] {
        append = cost_of_thread([&] {
            for (const auto& [sequence, entry] : recent) index.apply(sequence, entry);
        });
    };
    judge_latency(report, "while edges are appended", idle, probe_beside(*before, small, add_recent));
    report.fact("append of whole entries with their names, by links", static_cast<double>(links) / append.client_cpu_ns * 1e3, "M/s");
    measure_append(options, report);
    measure_delta(index, options, graph, cases, idle, report);
}

}  // namespace stemma::bench
