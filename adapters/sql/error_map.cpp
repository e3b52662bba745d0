#include "adapters/sql/error_map.hpp"

// The numbers of sqlite3.h and of PostgreSQL's appendix A are written out: this file includes neither library, so that the map can be
// tested as a table.
namespace stemma::sql {
namespace {

struct Meaning {
    Errc code;
    std::string_view sentence;
    std::string_view hint;
};

Meaning meaning_of(Cause cause) noexcept {
    switch (cause) {
        case Cause::unique: return {Errc::conflict, "a row with this key exists already", ""};
        case Cause::foreign_key: return {Errc::storage, "the row it points to does not exist", ""};
        case Cause::constraint: return {Errc::storage, "the database refused the row", ""};
        case Cause::busy: return {Errc::unavailable, "the database is busy", "try again"};
        case Cause::timeout:
            return {Errc::unavailable, "the statement ran longer than allowed", "raise the statement timeout or read smaller batches"};
        case Cause::lost: return {Errc::unavailable, "the database cannot be reached", "check that it runs and that its address is right"};
        case Cause::read_only: return {Errc::storage, "the database was opened for reading only", ""};
        case Cause::denied: return {Errc::config, "the account may not read this", "grant it SELECT on the table"};
        case Cause::full: return {Errc::storage, "no space left for the database", "free disk space; nothing of the transaction was kept"};
        case Cause::damaged: return {Errc::storage, "file damaged", "restore a backup and check the disk"};
        case Cause::no_such: return {Errc::config, "the query does not fit the database", ""};
        case Cause::other: break;
    }
    return {Errc::storage, "the database reported an error", ""};
}

}  // namespace

Cause cause_of_sqlite(int extended_code) noexcept {
    switch (extended_code) {
        case 1555:  // SQLITE_CONSTRAINT_PRIMARYKEY
        case 2067:  // SQLITE_CONSTRAINT_UNIQUE
        case 2579:  // SQLITE_CONSTRAINT_ROWID
            return Cause::unique;
        case 787: return Cause::foreign_key;  // SQLITE_CONSTRAINT_FOREIGNKEY
        default: break;
    }
    switch (extended_code & 0xFF) {
        case 1: return Cause::no_such;  // SQLITE_ERROR: "no such table", syntax
        case 3:                         // SQLITE_PERM
        case 23: return Cause::denied;  // SQLITE_AUTH
        case 5:                         // SQLITE_BUSY
        case 6: return Cause::busy;     // SQLITE_LOCKED
        case 8: return Cause::read_only;
        case 9: return Cause::timeout;   // SQLITE_INTERRUPT
        case 11:                         // SQLITE_CORRUPT
        case 26: return Cause::damaged;  // SQLITE_NOTADB
        case 13: return Cause::full;
        case 14: return Cause::lost;  // SQLITE_CANTOPEN
        case 19: return Cause::constraint;
        default: return Cause::other;
    }
}

Cause cause_of_postgresql(std::string_view sqlstate) noexcept {
    const std::string_view group = sqlstate.substr(0, 2);
    if (sqlstate == "23505") return Cause::unique;
    if (sqlstate == "23503") return Cause::foreign_key;
    if (group == "23") return Cause::constraint;
    if (sqlstate == "25006") return Cause::read_only;                    // read_only_sql_transaction
    if (sqlstate == "40001" || sqlstate == "40P01") return Cause::busy;  // serialization_failure, deadlock_detected
    if (sqlstate == "55P03" || sqlstate == "53300") return Cause::busy;  // lock_not_available, too_many_connections
    if (sqlstate == "57014") return Cause::timeout;                      // query_canceled
    if (group == "08" || group == "57") return Cause::lost;              // connection exception, operator intervention
    if (sqlstate == "53100") return Cause::full;                         // disk_full
    if (sqlstate == "42501" || group == "28") return Cause::denied;      // insufficient_privilege, invalid authorization
    if (group == "42" || group == "3D" || group == "3F") return Cause::no_such;
    if (group == "XX") return sqlstate == "XX000" ? Cause::other : Cause::damaged;  // XX001 data_corrupted, XX002 index_corrupted
    return Cause::other;
}

Error error_of(Cause cause, std::string_view detail, std::string_view name) {
    const Meaning meaning = meaning_of(cause);
    Error error{meaning.code, std::string{meaning.sentence}, {}, std::string{meaning.hint}};
    while (detail.ends_with('\n')) detail.remove_suffix(1);
    if (!detail.empty()) error.message.append(": ").append(detail);
    if (!name.empty()) error.where.append("sql:").append(name);
    return error;
}

}  // namespace stemma::sql
