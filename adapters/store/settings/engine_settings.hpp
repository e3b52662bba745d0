// What a database engine says of its own settings, as the durability doctor wants it (core/engine/durability.hpp judges; nothing here
// does). Reads alone.
#pragma once

#include <filesystem>

#include "adapters/sql/session.hpp"
#include "core/ports/store.hpp"

namespace stemma::store {

/// PostgreSQL: fsync, full_page_writes, synchronous_commit (as this session has it), synchronous_standby_names, data_checksums, wal_level,
/// default_transaction_read_only, server_version; in_recovery ("on", "off"); synchronous_standbys_now, a number, where the role may see it;
/// clock_difference_ms, the server's clock minus this machine's.
[[nodiscard]] Result<StoreSettings> postgresql_settings(sql::Session& session);

/// SQLite: journal_mode, synchronous (the level's number, as this session has it), and file_system, of the file's folder.
[[nodiscard]] Result<StoreSettings> sqlite_settings(sql::Session& session, const std::filesystem::path& file);

/// "ext2/ext3", "xfs", "nfs4", "fuse.sshfs": as the kernel's list of mounts names it, else by its number (statfs(2)), else "unknown".
[[nodiscard]] std::string file_system_of(const std::filesystem::path& path);

}  // namespace stemma::store
