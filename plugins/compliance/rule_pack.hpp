// Reads a rule pack (YAML, handed over as JSON) into rules. Strict: an unknown key, place or operator is an error that names it, so
// that a misspelt rule is refused when it is loaded and not silently without effect. Form: schemas/rules/rule-pack.schema.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/compliance/conditions.hpp"
#include "plugins/compliance/rule.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::compliance {

inline constexpr std::size_t kRulesPerPackMax = 1'000;
inline constexpr std::size_t kExamplesPerRuleMax = 100;
inline constexpr std::size_t kFieldsPerRuleMax = 100;

/// Throws sdk::BadOption, the text beginning with `file`.
[[nodiscard]] std::vector<Rule> read_rule_pack(std::string_view file, std::string_view json);

}  // namespace stemma::compliance
