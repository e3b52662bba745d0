// Stemma's database in one SQLite file. A commit is on the disk when it returns (WAL, synchronous=FULL).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/ports/store.hpp"

namespace stemma::store {

struct SqliteOptions {
    std::string path;                      ///< made when missing, unless read_only; its folder must exist
    bool read_only{false};                 ///< for a backup: nothing is written, begin() fails
    std::uint32_t busy_timeout_ms{5'000};  ///< for the writer's turn and for a reader's connection
    std::size_t readers_max{8};            ///< snapshots at once
};

/// Opens, and brings the tables to this program's schema. The store must outlive what it hands out.
/// Errors: Errc::unavailable (cannot be opened), Errc::storage (no database, newer than this program, changed schema).
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options);

}  // namespace stemma::store
