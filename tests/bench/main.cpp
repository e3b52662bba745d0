// stemma_bench: runs the benches, prints what they found, writes it as JSON. ./run bench calls it.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "tests/bench/bench.hpp"

namespace stemma::bench {
namespace {

namespace fs = std::filesystem;

/// "1000000", "10M", "100k".
std::uint64_t count_from(const std::string& text) {
    std::size_t read = 0;
    const std::uint64_t value = std::stoull(text, &read);
    const std::string unit = text.substr(read);
    const std::uint64_t times = unit.empty() ? 1 : unit == "k" ? 1'000 : unit == "M" ? 1'000'000 : 0;
    if (times == 0 || value == 0 || value * times > 1'000'000'000) throw std::invalid_argument(text);
    return value * times;
}

std::string default_output(const std::string& name, const std::string& edges) {
    return fmt::format("{}/results-{}-{}.json", STEMMA_BUILD_DIR, name.empty() ? "all" : name, edges);
}

int run(const std::string& wanted, const RunOptions& options, const std::string& output) {
    Report report{options.chain.links, options.chain.seed};
    int status = 0;
    for (const Bench& bench : benches()) {
        if (!wanted.empty() && wanted != bench.name) continue;
        fmt::print("\n## {}: {}\n", bench.name, bench.shows);
        std::fflush(stdout);
        try {
            bench.run(options, report);
        } catch (const std::exception& broken) {
            fmt::print(stderr, "{}: {}\n", bench.name, broken.what());
            report.skip(bench.name, bench.shows, std::string{"BROKEN: "} + broken.what());
            status = 1;
        }
    }
    report.print_goals();
    report.write_json(output);
    return status;
}

int main_of(int count, char** words) {
    CLI::App app{"Measures Stemma beside its peers. Judge by the ratios: they are of one run."};
    std::string name;
    std::string edges = "1M";
    std::string output;
    bool without_postgres = false;
    RunOptions options;
    options.programs = STEMMA_BUILD_DIR "/bin";
    std::vector<std::string> names;
    for (const Bench& bench : benches()) names.emplace_back(bench.name);
    app.add_option("name", name, "one bench; without it all")->check(CLI::IsMember(names));
    app.add_option("--edges", edges, "links in the graph: 1M, 10M, 100M")->capture_default_str();
    app.add_option("--seed", options.chain.seed, "of the made-up plant")->capture_default_str();
    app.add_option("--rounds", options.rounds, "turns of each contender")->check(CLI::Range(1, 100))->capture_default_str();
    app.add_option("--output", output, "JSON file");
    app.add_option("--programs", options.programs, "folder of stemmad and stemma, to measure another build over HTTP")
        ->check(CLI::ExistingDirectory);
    app.add_flag("--without-postgres", without_postgres, "leave PostgreSQL out");
    CLI11_PARSE(app, count, words);
    try {
        options.chain.links = count_from(edges);
    } catch (const std::exception&) {
        fmt::print(stderr, "--edges {}: a number, with k or M, up to 1000M\n", edges);
        return 2;
    }
    options.postgres = !without_postgres;
    options.scratch = fmt::format("{}/scratch-{}", STEMMA_BUILD_DIR, getpid());
    fs::create_directories(options.scratch);
    const int status = run(name, options, output.empty() ? default_output(name, edges) : output);
    std::error_code ignored;
    fs::remove_all(options.scratch, ignored);
    return status;
}

}  // namespace
}  // namespace stemma::bench

int main(int count, char** words) {
    try {
        return stemma::bench::main_of(count, words);
    } catch (const std::exception& broken) {
        fmt::print(stderr, "stemma_bench: {}\n", broken.what());
        return 1;
    }
}
