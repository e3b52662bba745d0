// Step "project": what one ledger entry changes in the read models. A pure function, so that a rebuild gives the same content.
#pragma once

#include <string>
#include <string_view>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// How identifiers are compared in a search: ASCII letters in lower case; blanks, '-', '.', '/', ':' and '_' left out.
/// Leading zeros and all other characters stay. A search form never decides identity, it only finds.
[[nodiscard]] std::string search_form(std::string_view identifier);

/// `previous` is the source row's state before this entry, where the entry has a source row (for its version).
[[nodiscard]] ReadModelChange project(Sequence sequence, const Entry& entry, const std::optional<SourceRowState>& previous);

}  // namespace stemma::engine
