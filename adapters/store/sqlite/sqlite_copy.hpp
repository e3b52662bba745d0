// A consistent copy of Stemma's database while it is in use. The copy is one plain file that needs nothing beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/error.hpp"

namespace stemma::store {

/// Called while the database is copied, with its pages done and their number.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Copies the database at `from` as of one commit to the new file `to`, for its owner alone (0600) and durable when it returns. The
/// writer, in this process or another, waits for nothing; its write-ahead log grows until the end. After an error `to` may be half there.
/// Errors: Errc::conflict when `to` exists; Errc::unavailable when `from` is not there; Errc::storage.
[[nodiscard]] Result<void> copy_sqlite(const std::string& from, const std::string& to, std::uint32_t busy_timeout_ms,
                                       const CopyProgress& progress);

}  // namespace stemma::store
