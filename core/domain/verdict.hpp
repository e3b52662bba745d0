// Verdicts: what the plugins make of an event, a number or a command. A verdict is data, never an error.
// A plugin that fails makes the verdict undecided; undecided is never taken as accepted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/fact.hpp"

namespace stemma {

enum class Severity : unsigned char { finding, hold, refuse };
enum class Outcome : unsigned char { accepted, accepted_with_findings, refused, undecided };

/// A rule's or plugin's remark.
struct Finding {
    std::string code;  ///< "food.expiry_missing", "imei.check_digit": stable, lower case
    Severity severity{Severity::finding};
    std::string message;   ///< one sentence for a person
    std::string subject;   ///< id of the item or document it is about; may be empty
    std::string rule;      ///< id of the rule; empty for a numbering remark
    std::string citation;  ///< the law or standard; may be empty
    friend bool operator==(const Finding&, const Finding&) = default;
};

struct Verdict {
    Outcome outcome{Outcome::accepted};
    std::vector<Finding> findings;
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// The outcome that findings amount to: refuse -> refused; hold or finding -> accepted_with_findings; none -> accepted.
[[nodiscard]] Outcome outcome_of(const std::vector<Finding>& findings) noexcept;
/// The stronger of two outcomes: refused > undecided > accepted_with_findings > accepted.
[[nodiscard]] Outcome worse(Outcome a, Outcome b) noexcept;

/// One plugin's verdict with all that is needed to come to it again: the `.so`, its options and data, what it asked, what it was told.
struct Judgement {
    std::string plugin;  ///< "org.stemma.compliance"
    std::string version;
    std::string binary_sha256;   ///< hex, of the .so as loaded
    std::string options_sha256;  ///< hex, of the options' JSON
    std::string data_sha256;     ///< hex, over all data files; empty without data
    std::uint64_t position{0};   ///< ledger size at which the facts were read: entries [0, position) were known
    std::vector<FactRequest> requests;
    std::string facts_sha256;      ///< hex, digest_of the facts
    std::vector<FactTable> facts;  ///< as they were told; kept so that the verdict can be explained without a re-read
    Verdict verdict;
    friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// The sum over all judgements.
[[nodiscard]] Verdict sum_of(const std::vector<Judgement>& judgements);

[[nodiscard]] std::string_view to_string(Severity severity) noexcept;
[[nodiscard]] std::string_view to_string(Outcome outcome) noexcept;
[[nodiscard]] Result<Severity> severity_from(std::string_view text);
[[nodiscard]] Result<Outcome> outcome_from(std::string_view text);

}  // namespace stemma
