// Stemma's database in a schema of a PostgreSQL database. A commit is durable as the server's own settings make it; one that is answered
// with a warning is not acknowledged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/ports/store.hpp"

namespace stemma::store {

struct PostgresOptions {
    std::string connection;                ///< libpq's "host=... dbname=... user=..." or "postgresql://user@host/db"
    std::string schema{"stemma"};          ///< made when missing, unless read_only
    bool read_only{false};                 ///< nothing is written, begin() fails
    std::uint32_t busy_timeout_ms{5'000};  ///< for the writer's turn and for a reader's connection
    std::size_t readers_max{8};            ///< snapshots at once
    std::string ledger{};                  ///< the ledger's origin: who writes must have its seat (take_seat). "" = there is none to be had
    std::string name{"stemma"};            ///< how others are told who has the seat
    std::uint32_t statement_timeout_ms{600'000};  ///< longest run of a statement; 5 s later a silent server is given up
};

/// Connects, and brings the tables to this program's schema. The store must outlive what it hands out.
/// Errors: Errc::unavailable (no connection, a standby), Errc::config (refused login, wrong encoding), Errc::not_found (read_only, and
/// there is no ledger), Errc::storage (newer than this program, changed schema).
[[nodiscard]] Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options);

}  // namespace stemma::store
