// A numbering pattern: sections in a row. A pattern that could be read in two ways is refused when it is made, so that taking a
// number apart never guesses: at most one section's length may follow from what is left over, each other one must be told by itself.
#pragma once

#include <string>
#include <vector>

#include "plugins/pattern/section.hpp"

namespace stemma::pattern {

inline constexpr std::size_t kSectionsMax = 32;  ///< sections of one pattern

struct PatternDefinition {
    std::string kind;  ///< "serial", "lot", "sku": begins the reasons' codes
    std::string name;
    std::string summary;  ///< empty: made from the sections' names
    std::string example;  ///< empty: made by format
    std::vector<Section> sections;
    Normalisation normalisation;
};

/// Errors: one sentence that names the section and says what is wrong with it.
[[nodiscard]] Outcome<SchemePtr> make_pattern(PatternDefinition definition);

}  // namespace stemma::pattern
