#include <array>

#include "tests/bench/bench.hpp"

namespace stemma::bench {

std::span<const Bench> benches() {
    static constexpr std::array kAll{
        Bench{"trace", "traces in memory, against the bare walk and recursive CTEs", &bench_trace},
        Bench{"memory", "memory of the index, per edge and per identifier", &bench_memory},
        Bench{"start", "start from a snapshot and from the store, against a bare scan", &bench_start},
        Bench{"delta", "traces beside appends, and with edges that are not merged", &bench_delta},
        Bench{"beside", "small traces while the pipeline ingests at full rate", &bench_beside},
        Bench{"ingest", "durable ingest by 10,000, against raw database libraries", &bench_ingest},
        Bench{"single", "durable single events of many callers, against one commit per event", &bench_single},
        Bench{"judge", "an event read, held to its form and judged, before it is written", &bench_judge},
        Bench{"rules", "a million events judged by the shipped rule packs, beside a bare scan of them", &bench_rules},
        Bench{"erp", "load on an ERP's database, and the first sync beside a bare SELECT", &bench_erp},
        Bench{"http", "the daemon over HTTP, against nginx and PostgreSQL's rows", &bench_http},
    };
    return kAll;
}

}  // namespace stemma::bench
