// The snapshot of a store that is away: every question to it fails as the store did. For answers that come from memory and ask the store
// for names alone, which then are ids.
#pragma once

#include <memory>

#include "core/ports/store.hpp"

namespace stemma::engine {

[[nodiscard]] std::unique_ptr<ReadSnapshot> absent_snapshot(Error why);

}  // namespace stemma::engine
