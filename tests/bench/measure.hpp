// How the benchmarks measure: CPU time of this process and of the servers that work for it, and wall time; contenders take turns, round by
// round, so that whatever else the machine does meets all of them alike. Figures are judged as ratios inside one run.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace stemma::bench {

/// Memory that the machine can still give, in bytes (MemAvailable).
[[nodiscard]] std::uint64_t available_bytes();

/// What one operation cost, in nanoseconds.
struct Cost {
    double wall_ns{0};
    double client_cpu_ns{0};  ///< this process, all its threads
    double server_cpu_ns{0};  ///< the processes named by the contender
    [[nodiscard]] double cpu_ns() const noexcept { return client_cpu_ns + server_cpu_ns; }
};

struct Spread {
    double least{0};
    double median{0};
    double most{0};
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// CPU time that a process has used so far, with all its threads, also those that ended. Throws std::runtime_error when it is gone.
[[nodiscard]] std::int64_t cpu_ns_of(pid_t process);

/// Cost of one call of `work`.
[[nodiscard]] Cost cost_of(const std::function<void()>& work, const std::vector<pid_t>& servers);

/// Likewise of the calling thread alone: client CPU is its own, not the process's.
[[nodiscard]] Cost cost_of_thread(const std::function<void()>& work);

struct Contender {
    std::string name;
    std::function<void(std::size_t round)> work;
    std::vector<pid_t> servers{};
    double operations{1};                              ///< in one call of work; the costs are given per operation
    std::function<void(std::size_t round)> prepare{};  ///< before each call, not measured; for rounds without repeats
};

/// A contender's costs per operation, one for each round.
struct Sampled {
    std::string name;
    std::vector<Cost> rounds;
    std::uint64_t repeats{1};  ///< calls of work in a round
    [[nodiscard]] Spread cpu() const;
    [[nodiscard]] Spread wall() const;
    [[nodiscard]] Spread server_cpu() const;
};

struct Rounds {
    std::size_t count{5};
    bool repeat{true};             ///< warm up, then call work in each round until the sample is long enough; else once a round, cold
    double sample_ns{20'000'000};  ///< long enough
    double contender_ns{30'000'000'000};  ///< after so much time a contender gets no further round; it has had one at least
};

/// A, B, C, A, B, C ...
[[nodiscard]] std::vector<Sampled> interleave(const std::vector<Contender>& contenders, const Rounds& rounds);

}  // namespace stemma::bench
