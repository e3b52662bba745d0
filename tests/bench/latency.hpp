// How long single small traces take by the clock, one after the other: on an idle index, and beside work of another thread. What counts
// is the slowest of a hundred: a reader that waits for a writer or a merge shows there and nowhere else.
#pragma once

#include <functional>
#include <string>

#include "tests/bench/report.hpp"
#include "tests/bench/seeds.hpp"

namespace stemma::bench {

struct Latency {
    std::size_t traces{0};
    double median_ns{0};
    double p99_ns{0};
    double p999_ns{0};
};

/// 20,000 traces with nobody else at work.
[[nodiscard]] Latency probe_idle(Tracer& tracer, const TraceCase& wanted);
/// Traces for as long as `work` takes in a thread of its own. What it throws is thrown on.
[[nodiscard]] Latency probe_beside(Tracer& tracer, const TraceCase& wanted, const std::function<void()>& work);

/// Tells the report its figures as facts.
void tell(Report& report, const std::string& when, const Latency& latency);
/// Likewise, and the goal: 99 of 100 within 10 times what 99 of 100 take on an idle index.
void judge_latency(Report& report, const std::string& when, const Latency& idle, const Latency& busy);

}  // namespace stemma::bench
