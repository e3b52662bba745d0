// What is asked of SQLite about its file, and the writer's settings.
#pragma once

#include "adapters/sql/session.hpp"

namespace stemma::store::q {

using sql::Query;

inline constexpr Query file_check{"store.check", "PRAGMA integrity_check(100)"};
inline constexpr Query file_version{"store.version", "SELECT sqlite_version()"};
inline constexpr Query file_plain_journal{"file.plain_journal", "PRAGMA journal_mode=DELETE"};
inline constexpr Query file_journal{"store.journal", "PRAGMA journal_mode"};
inline constexpr Query file_synchronous{"store.synchronous", "PRAGMA synchronous"};
inline constexpr Query file_changed_by_others{"store.changed", "PRAGMA data_version"};
// Settings of the writer. A rarer checkpoint writes a hot page once for many commits; the log may grow to 64 MiB in between.
inline constexpr Query file_cache{"store.cache", "PRAGMA cache_size=-65536"};  // KiB
inline constexpr Query file_checkpoint_pages{"store.checkpoint", "PRAGMA wal_autocheckpoint=16384"};
// What a command's part takes back is kept in memory, as far as one part goes; in a file it would grow over all parts of a unit.
inline constexpr Query file_parts_in_memory{"store.temp", "PRAGMA temp_store=MEMORY"};
inline constexpr Query file_overwrite_deleted{"store.secure_delete", "PRAGMA secure_delete=ON"};  // a redacted name is gone from the file

}  // namespace stemma::store::q
