// Reads a file of warranty policies (YAML, handed over as JSON). Strict: an unknown key or word is an error that names its place, so that
// a misspelt policy is refused when it is loaded and is not silently without effect. Form: schemas/config/warranty.schema.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/warranty/policy.hpp"
#include "stemma/plugin/json.hpp"

namespace stemma::warranty {

inline constexpr std::size_t kPoliciesMax = 1'000;  ///< over all files
inline constexpr std::size_t kListMax = 10'000;     ///< values of one list in `applies`
inline constexpr std::size_t kExtensionsMax = 32;   ///< of one policy
inline constexpr int kTimesMax = 100;

/// Adds the file's policies. Throws sdk::BadOption, the text beginning with `file` and the place in it.
void read_policies(std::string_view file, std::string_view json, std::vector<Policy>& policies);

}  // namespace stemma::warranty
