#include "tests/bench/report.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace stemma::bench {
namespace {

namespace json = boost::json;

/// Three figures: enough for what was measured on a machine that does other things too.
std::string three(double value) {
    const double size = std::abs(value);
    if (size >= 100) return fmt::format("{:.0f}", value);
    if (size >= 10) return fmt::format("{:.1f}", value);
    return fmt::format("{:.2f}", value);
}

json::object json_of(const Spread& spread) { return {{"min", spread.least}, {"median", spread.median}, {"max", spread.most}}; }

json::object json_of(const Case& measured) {
    json::array contenders;
    for (const Sampled& sampled : measured.contenders) {
        json::object one{{"name", sampled.name}, {"rounds", sampled.rounds.size()}, {"repeats", sampled.repeats}};
        one["cpu_ns"] = json_of(sampled.cpu());
        one["server_cpu_ns"] = json_of(sampled.server_cpu());
        one["wall_ns"] = json_of(sampled.wall());
        contenders.emplace_back(std::move(one));
    }
    json::object result{{"bench", measured.bench}, {"case", measured.name}, {"per", measured.per}};
    result["contenders"] = std::move(contenders);
    return result;
}

json::object json_of(const Goal& goal) {
    json::object one{{"goal", goal.id}, {"text", goal.text}};
    if (goal.measured) {
        one["measured"] = *goal.measured;
        one["limit"] = goal.limit;
        one["at_least"] = goal.at_least;
        one["met"] = goal.met();
        one["ours"] = goal.ours;
        one["theirs"] = goal.theirs;
    } else {
        one["skipped"] = true;
    }
    if (!goal.note.empty()) one["note"] = goal.note;
    return one;
}

json::object machine() {
    utsname name{};
    uname(&name);
    return {{"kernel", std::string{name.release}}, {"processors", sysconf(_SC_NPROCESSORS_ONLN)}};
}

}  // namespace

std::string duration(double ns) {
    if (ns < 1e3) return three(ns) + " ns";
    if (ns < 1e6) return three(ns / 1e3) + " µs";
    if (ns < 1e9) return three(ns / 1e6) + " ms";
    return three(ns / 1e9) + " s";
}

std::string rate(double ns_each) {
    const double per_second = ns_each > 0 ? 1e9 / ns_each : 0;
    if (per_second >= 1e6) return three(per_second / 1e6) + " M/s";
    if (per_second >= 1e3) return three(per_second / 1e3) + " k/s";
    return three(per_second) + " /s";
}

std::string number(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

bool has(const Case& measured, const std::string& name) {
    return std::ranges::find(measured.contenders, name, &Sampled::name) != measured.contenders.end();
}

const Sampled& find(const Case& measured, const std::string& name) {
    const auto found = std::ranges::find(measured.contenders, name, &Sampled::name);
    if (found == measured.contenders.end()) throw std::logic_error("no contender " + name + " in " + measured.name);
    return *found;
}

void Report::add(Case measured) {
    fmt::print("\n### {}: {} (per {})\n", measured.bench, measured.name, measured.per);
    fmt::print(
        "| contender | CPU min | CPU median | CPU max | of it server | wall median | CPU to ours |\n|---|---|---|---|---|---|---|\n");
    const double ours = has(measured, kOurs) ? find(measured, kOurs).cpu().median : 0;
    for (const Sampled& sampled : measured.contenders) {
        const Spread cpu = sampled.cpu();
        const std::string ratio = ours > 0 ? three(cpu.median / ours) + " ×" : "";
        fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", sampled.name, duration(cpu.least), duration(cpu.median), duration(cpu.most),
                   duration(sampled.server_cpu().median), duration(sampled.wall().median), ratio);
    }
    std::fflush(stdout);
    cases_.push_back(std::move(measured));
}

void Report::fact(const std::string& name, double value, const std::string& unit) {
    fmt::print("{}: {} {}\n", name, three(value), unit);
    std::fflush(stdout);
    facts_.push_back({name, value, unit});
}

void Report::print_goals() const {
    fmt::print("\n## Goals at {} edges\n| # | goal | measured | ours | other side | |\n|---|---|---|---|---|---|\n", number(edges_));
    for (const Goal& goal : goals_) {
        const std::string verdict = !goal.measured ? "SKIP" : goal.met() ? "met" : "**missed**";
        fmt::print("| {} | {} | {} | {} | {} | {}{}{} |\n", goal.id, goal.text, goal.measured ? three(*goal.measured) : "–", goal.ours,
                   goal.theirs, verdict, goal.note.empty() ? "" : ": ", goal.note);
    }
    std::fflush(stdout);
}

void Report::write_json(const std::string& path) const {
    json::object all{{"edges", edges_}, {"seed", seed_}};
    all["machine"] = machine();
    json::array cases;
    for (const Case& measured : cases_) cases.emplace_back(json_of(measured));
    all["cases"] = std::move(cases);
    json::array facts;
    for (const Fact& fact : facts_) facts.emplace_back(json::object{{"name", fact.name}, {"value", fact.value}, {"unit", fact.unit}});
    all["facts"] = std::move(facts);
    json::array goals;
    for (const Goal& goal : goals_) goals.emplace_back(json_of(goal));
    all["goals"] = std::move(goals);
    std::ofstream out{path};
    out << json::serialize(all) << '\n';
    if (!out.flush()) throw std::runtime_error("cannot write " + path);
    fmt::print("\nWritten: {}\n", path);
}

}  // namespace stemma::bench
