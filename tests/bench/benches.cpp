#include <array>

#include "tests/bench/bench.hpp"

namespace stemma::bench {

std::span<const Bench> benches() {
    static constexpr std::array kAll{
        Bench{"trace", "traces in memory, against the bare walk and recursive CTEs", &bench_trace},
        Bench{"ingest", "durable ingest by 10,000, against raw database libraries", &bench_ingest},
        Bench{"single", "durable single events of many callers, against one commit per event", &bench_single},
    };
    return kAll;
}

}  // namespace stemma::bench
