// What a run found: costs of each contender, and each goal held against its number. Printed as Markdown, written as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/measure.hpp"

namespace stemma::bench {

inline constexpr const char* kOurs = "stemma";  ///< name of our contender; ratios are to it

/// A goal of ours and what was measured for it. Without `measured` it was skipped, for the reason in `note`.
struct Goal {
    std::string id;    ///< "G1"
    std::string text;  ///< what is asked, with its number
    std::optional<double> measured;
    double limit{0};
    bool at_least{false};  ///< measured >= limit is met; else measured <= limit
    std::string ours;      ///< absolute figure with its unit
    std::string theirs;    ///< the other side's, or "" for an absolute goal
    std::string note;
    [[nodiscard]] bool met() const noexcept { return measured && (at_least ? *measured >= limit : *measured <= limit); }
};

struct Case {
    std::string bench;
    std::string name;  ///< "forward, 49,874 items"
    std::string per;   ///< what a cost is for: "trace", "event"
    std::vector<Sampled> contenders;
};

class Report {
public:
    Report(std::uint64_t edges, std::uint64_t seed) : edges_{edges}, seed_{seed} {}

    /// Prints the case's table at once: a long run shows what it has.
    void add(Case measured);
    void add(Goal goal) { goals_.push_back(std::move(goal)); }
    void skip(const std::string& id, const std::string& text, const std::string& reason) {
        add(Goal{id, text, {}, 0, false, "", "", reason});
    }
    void fact(const std::string& name, double value, const std::string& unit);

    void print_goals() const;
    /// Throws std::runtime_error when the file cannot be written.
    void write_json(const std::string& path) const;

private:
    struct Fact {
        std::string name;
        double value;
        std::string unit;
    };
    std::uint64_t edges_;
    std::uint64_t seed_;
    std::vector<Case> cases_;
    std::vector<Goal> goals_;
    std::vector<Fact> facts_;
};

/// The contender of that name. Throws std::logic_error when it is not there.
[[nodiscard]] const Sampled& find(const Case& measured, const std::string& name);
[[nodiscard]] bool has(const Case& measured, const std::string& name);

[[nodiscard]] std::string duration(double ns);          ///< "3.42 ms"
[[nodiscard]] std::string rate(double ns_each);         ///< "343 k/s"
[[nodiscard]] std::string number(std::uint64_t value);  ///< "864,113"

}  // namespace stemma::bench
