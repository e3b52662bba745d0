#include "tests/bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace stemma::bench {
namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec now{};
    if (clock_gettime(clock, &now) != 0) throw std::runtime_error("a clock cannot be read");
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t cpu_of_all(const std::vector<pid_t>& processes) {
    std::int64_t sum = 0;
    for (const pid_t process : processes) sum += cpu_ns_of(process);
    return sum;
}

Cost divided(Cost cost, double by) { return {cost.wall_ns / by, cost.client_cpu_ns / by, cost.server_cpu_ns / by}; }

template <class Of>
Spread spread_over(const std::vector<Cost>& rounds, Of of) {
    std::vector<double> values;
    for (const Cost& cost : rounds) values.push_back(of(cost));
    return spread_of(std::move(values));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {values.front(), median, values.back()};
}

std::uint64_t available_bytes() {
    std::ifstream file{"/proc/meminfo"};
    for (std::string word; file >> word;)
        if (std::uint64_t kib = 0; word == "MemAvailable:" && file >> kib) return kib * 1024;
    throw std::runtime_error("/proc/meminfo does not say how much memory there is");
}

std::int64_t cpu_ns_of(pid_t process) {
    clockid_t clock{};
    if (clock_getcpuclockid(process, &clock) != 0)
        throw std::runtime_error(fmt::format("process {} has no CPU clock: has it ended?", process));
    return read_clock(clock);
}

Cost cost_of(const std::function<void()>& work, const std::vector<pid_t>& servers) {
    const std::int64_t servers_before = cpu_of_all(servers);
    const std::int64_t client_before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    const std::int64_t wall_before = read_clock(CLOCK_MONOTONIC);
    work();
    const std::int64_t wall = read_clock(CLOCK_MONOTONIC) - wall_before;
    const std::int64_t client = read_clock(CLOCK_PROCESS_CPUTIME_ID) - client_before;
    const std::int64_t server = cpu_of_all(servers) - servers_before;
    return {static_cast<double>(wall), static_cast<double>(client), static_cast<double>(server)};
}

Cost cost_of_thread(const std::function<void()>& work) {
    const std::int64_t cpu_before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    const std::int64_t wall_before = read_clock(CLOCK_MONOTONIC);
    work();
    const std::int64_t wall = read_clock(CLOCK_MONOTONIC) - wall_before;
    return {static_cast<double>(wall), static_cast<double>(read_clock(CLOCK_THREAD_CPUTIME_ID) - cpu_before), 0};
}

Spread Sampled::cpu() const {
    return spread_over(rounds, [](const Cost& cost) { return cost.cpu_ns(); });
}
Spread Sampled::wall() const {
    return spread_over(rounds, [](const Cost& cost) { return cost.wall_ns; });
}
Spread Sampled::server_cpu() const {
    return spread_over(rounds, [](const Cost& cost) { return cost.server_cpu_ns; });
}

std::vector<Sampled> interleave(const std::vector<Contender>& contenders, const Rounds& rounds) {
    std::vector<Sampled> all;
    std::vector<double> spent;
    for (const Contender& contender : contenders) {
        all.push_back({contender.name, {}, 1});
        spent.push_back(0);
        if (!rounds.repeat) continue;
        contender.work(0);
        const Cost once = cost_of([&] { contender.work(0); }, contender.servers);
        all.back().repeats = static_cast<std::uint64_t>(std::clamp(rounds.sample_ns / std::max(once.wall_ns, 1.0), 1.0, 1e6));
    }
    for (std::size_t round = 0; round < rounds.count; ++round) {
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            if (round > 0 && spent[i] > rounds.contender_ns) continue;
            const std::uint64_t repeats = all[i].repeats;
            if (contenders[i].prepare) contenders[i].prepare(round);
            const Cost cost = cost_of(
                [&] {
                    for (std::uint64_t turn = 0; turn < repeats; ++turn) contenders[i].work(round);
                },
                contenders[i].servers);
            spent[i] += cost.wall_ns;
            all[i].rounds.push_back(divided(cost, static_cast<double>(repeats) * contenders[i].operations));
        }
    }
    return all;
}

}  // namespace stemma::bench
