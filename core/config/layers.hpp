// What lies between the files of a configuration and its one tree: references into the environment and secret files, and merging.
// Pure but for reading the environment and the files named.
#pragma once

#include <vector>

#include "core/base/error.hpp"
#include "core/config/tree.hpp"

namespace stemma::config {

/// The tree with ${env:NAME} and ${file:PATH} in its texts replaced. A replaced scalar keeps its quotes and remembers what was written.
/// A secret file must not be open to group or others; one trailing newline of it is cut. Mistakes are appended to `errors`.
[[nodiscard]] Node resolve_references(const Node& node, std::vector<Error>& errors);

/// `over` laid on `base`: maps merge deeply, all else replaces; lists whose elements are known by `name` merge by it.
[[nodiscard]] Node merge(const Node& base, const Node& over);

/// Names given twice in one list that merges by name, as errors.
void check_names(const Node& root, std::vector<Error>& errors);

}  // namespace stemma::config
