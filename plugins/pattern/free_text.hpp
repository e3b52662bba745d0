// The scheme without a pattern: any printable text of a given length. Letters of every script, digits, symbols and inner spaces
// are fine; control characters and bytes that are no UTF-8 are not.
#pragma once

#include <cstddef>
#include <string>

#include "plugins/pattern/scheme.hpp"

namespace stemma::pattern {

struct FreeTextDefinition {
    std::string kind;  ///< "serial", "lot", "sku": begins the reasons' codes
    std::string name;
    std::string summary;         ///< empty: made from the limits
    std::string example;         ///< empty: made up
    std::size_t length_min{1};   ///< bytes
    std::size_t length_max{64};  ///< bytes, up to kNumberBytesMax
    Normalisation normalisation;
};

/// Errors: one sentence that says which limit or example makes no sense.
[[nodiscard]] Outcome<SchemePtr> make_free_text(FreeTextDefinition definition);

}  // namespace stemma::pattern
