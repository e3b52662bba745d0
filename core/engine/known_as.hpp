// Which ids are one, as the ledger says it at a position, for whoever folds entries by id: facts, pages, searches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// Reads from one snapshot, as of one position. One thread.
class KnownAs {
public:
    KnownAs(ReadSnapshot& snapshot, Sequence as_of) : snapshot_{snapshot}, as_of_{as_of} {}

    /// All ids that are one with this one, itself included; the group's first, whose label is shown, stands in front. Itself alone where
    /// nothing met. Errors: Errc::storage.
    [[nodiscard]] Result<std::vector<std::string>> all(const std::string& id);
    /// The group's first.
    [[nodiscard]] Result<std::string> first(const std::string& id);

private:
    ReadSnapshot& snapshot_;
    Sequence as_of_;
    std::optional<bool> any_;  ///< whether any two ids ever met; asked once
};

}  // namespace stemma::engine
