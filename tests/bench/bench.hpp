// The benches by name. Each makes what it needs from the run's options, measures, and tells the report its cases and goals; what cannot run
// says why instead of giving a number.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "tests/bench/report.hpp"
#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

struct RunOptions {
    test::SupplyChainOptions chain;
    std::size_t rounds{5};
    bool postgres{true};   ///< take part, where it is installed
    std::string programs;  ///< folder of stemmad and stemma
    std::string scratch;   ///< a folder of the run's own, on a real disk
};

void bench_trace(const RunOptions& options, Report& report);   ///< G1, G3 in the engine, G14
void bench_memory(const RunOptions& options, Report& report);  ///< G4
void bench_start(const RunOptions& options, Report& report);   ///< G5
void bench_delta(const RunOptions& options, Report& report);   ///< G6
void bench_beside(const RunOptions& options, Report& report);  ///< p99 of small traces during ingest
void bench_ingest(const RunOptions& options, Report& report);  ///< G7, G9
void bench_single(const RunOptions& options, Report& report);  ///< G8
void bench_judge(const RunOptions& options, Report& report);   ///< G12: an event before it is written
void bench_rules(const RunOptions& options, Report& report);   ///< events judged by the shipped rule packs, beside a bare scan
void bench_erp(const RunOptions& options, Report& report);     ///< load on an ERP's database, the first sync's speed
void bench_http(const RunOptions& options, Report& report);    ///< G2, G3 over HTTP, G12: a request that does nothing

struct Bench {
    const char* name;
    const char* shows;
    void (*run)(const RunOptions&, Report&);
};
[[nodiscard]] std::span<const Bench> benches();

}  // namespace stemma::bench
