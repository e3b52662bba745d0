// A store in RAM, for tests: same contract as a database, except that it forgets. Each unit of work changes a copy of everything, which
// is simple and gives snapshots for nothing; meant for some ten thousand rows.
#pragma once

#include <chrono>
#include <memory>

#include "core/ports/store.hpp"

namespace stemma::memory {

/// Snapshots may outlive the store, a unit of work may not.
[[nodiscard]] std::unique_ptr<Store> make_store(std::chrono::milliseconds busy_timeout = std::chrono::seconds{5});

}  // namespace stemma::memory
