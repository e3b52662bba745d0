#include "core/domain/verdict.hpp"

#include <algorithm>

#include "core/domain/names.hpp"

namespace stemma {
namespace {

constexpr NameTable<Severity, 3> kSeverity{{{Severity::finding, "finding"}, {Severity::hold, "hold"}, {Severity::refuse, "refuse"}}};
constexpr NameTable<Outcome, 4> kOutcome{{{Outcome::accepted, "accepted"},
                                          {Outcome::accepted_with_findings, "accepted_with_findings"},
                                          {Outcome::refused, "refused"},
                                          {Outcome::undecided, "undecided"}}};

int weight(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::accepted: return 0;
        case Outcome::accepted_with_findings: return 1;
        case Outcome::undecided: return 2;
        case Outcome::refused: return 3;
    }
    return 3;
}

}  // namespace

Outcome outcome_of(const std::vector<Finding>& findings) noexcept {
    if (std::ranges::any_of(findings, [](const Finding& f) { return f.severity == Severity::refuse; })) return Outcome::refused;
    return findings.empty() ? Outcome::accepted : Outcome::accepted_with_findings;
}

Outcome worse(Outcome a, Outcome b) noexcept { return weight(a) >= weight(b) ? a : b; }

Verdict sum_of(const std::vector<Judgement>& judgements) {
    Verdict sum;
    for (const Judgement& judgement : judgements) {
        sum.outcome = worse(sum.outcome, judgement.verdict.outcome);
        sum.findings.insert(sum.findings.end(), judgement.verdict.findings.begin(), judgement.verdict.findings.end());
    }
    return sum;
}

std::string_view to_string(Severity severity) noexcept { return name_of(kSeverity, severity); }
std::string_view to_string(Outcome outcome) noexcept { return name_of(kOutcome, outcome); }
Result<Severity> severity_from(std::string_view text) { return value_of(kSeverity, text, "severity"); }
Result<Outcome> outcome_from(std::string_view text) { return value_of(kOutcome, text, "outcome"); }

}  // namespace stemma
