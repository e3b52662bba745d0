#include "tests/bench/latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

namespace stemma::bench {
namespace {

constexpr std::size_t kProbes = 20'000;    // on an idle index
constexpr std::size_t kProbesMin = 1'000;  // fewer say nothing about one in a hundred

Latency probe(Tracer& tracer, const TraceCase& wanted, const std::function<bool(std::size_t)>& go_on) {
    std::vector<double> times;
    while (go_on(times.size())) {
        const auto begin = std::chrono::steady_clock::now();
        tracer.run(wanted.seeds[times.size() % wanted.seeds.size()], wanted.way);
        times.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
    }
    if (times.empty()) return {};
    std::ranges::sort(times);
    const auto at = [&](double part) { return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]; };
    return {times.size(), at(0.5), at(0.99), at(0.999)};
}

}  // namespace

Latency probe_idle(Tracer& tracer, const TraceCase& wanted) {
    return probe(tracer, wanted, [](std::size_t traces) { return traces < kProbes; });
}

Latency probe_beside(Tracer& tracer, const TraceCase& wanted, const std::function<void()>& work) {
    std::atomic<bool> done{false};
    std::exception_ptr broken;
    std::jthread worker{[&] {
        try {
            work();
        } catch (...) {
            broken = std::current_exception();
        }
        done = true;
    }};
    const Latency latency = probe(tracer, wanted, [&](std::size_t) { return !done.load(); });
    worker.join();
    if (broken) std::rethrow_exception(broken);
    return latency;
}

void tell(Report& report, const std::string& when, const Latency& latency) {
    report.fact(fmt::format("small traces {}", when), static_cast<double>(latency.traces), "");
    report.fact(fmt::format("small trace {}, median", when), latency.median_ns / 1e3, "µs");
    report.fact(fmt::format("small trace {}, 99 of 100 within", when), latency.p99_ns / 1e3, "µs");
    report.fact(fmt::format("small trace {}, 999 of 1000 within", when), latency.p999_ns / 1e3, "µs");
}

void judge_latency(Report& report, const std::string& when, const Latency& idle, const Latency& busy) {
    tell(report, when, busy);
    const std::string text = fmt::format("small traces {}: 99 of 100 within 10 × the idle ones", when);
    if (busy.traces < kProbesMin)
        return report.skip("p99", text, fmt::format("it was over after {} traces: take more --edges", busy.traces));
    report.add(Goal{"p99", text, busy.p99_ns / idle.p99_ns, 10, false, duration(busy.p99_ns), duration(idle.p99_ns),
                    "by the clock; the other side is idle"});
}

}  // namespace stemma::bench
