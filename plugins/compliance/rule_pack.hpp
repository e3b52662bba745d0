// Reads a rule pack (YAML, handed over as JSON) into rules. Strict: an unknown key, place or operator is an error that names it, so
// that a misspelt rule is refused when it is loaded and not silently without effect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/compliance/rule.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::compliance {

inline constexpr std::size_t kConditionDepthMax = 8;  ///< levels of all, any, none in one condition

/// Throws sdk::BadOption, the text beginning with `file`.
[[nodiscard]] std::vector<Rule> read_rule_pack(std::string_view file, std::string_view json);

/// Argument a fact is asked with: "item" or "product", the column of event.items that holds it.
[[nodiscard]] std::string_view argument_of(std::string_view fact) noexcept;

/// The column that names a row of a fact that lists names and values; empty for a fact of one row.
[[nodiscard]] std::string_view key_column_of(std::string_view fact) noexcept;

}  // namespace stemma::compliance
