#include "adapters/sql/error_map.hpp"

// The numbers of sqlite3.h, PostgreSQL's appendix A and MariaDB's mysqld_error.h are written out: this file includes no library, so that
// the map can be tested as a table.
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
        case Cause::lost:
            return {Errc::unavailable, "the database cannot be reached",
                    "check that it runs, and the address, user, password and database name in the connection"};
        case Cause::login:
            return {Errc::unavailable, "the server refuses the login", "check user, password and database name in the connection"};
        case Cause::read_only: return {Errc::storage, "the database was opened for reading only", ""};
        case Cause::denied: return {Errc::config, "the account may not read this", "grant it SELECT on the table"};
        case Cause::full: return {Errc::storage, "no space left for the database", "free disk space; nothing of the transaction was kept"};
        case Cause::damaged: return {Errc::storage, "file damaged", "is it such a database? If so, restore a backup and check the disk"};
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
    if (sqlstate == "42501") return Cause::denied;                       // insufficient_privilege
    if (group == "28" || group == "3D") return Cause::login;             // invalid authorization, no such database
    if (group == "42" || group == "3F") return Cause::no_such;
    if (group == "XX") return sqlstate == "XX000" ? Cause::other : Cause::damaged;  // XX001 data_corrupted, XX002 index_corrupted
    return Cause::other;
}

Cause cause_of_mariadb(unsigned code, std::string_view sqlstate) noexcept {
    switch (code) {
        case 1062:                        // ER_DUP_ENTRY
        case 1586: return Cause::unique;  // ER_DUP_ENTRY_WITH_KEY_NAME
        case 1216:                        // ER_NO_REFERENCED_ROW
        case 1217:                        // ER_ROW_IS_REFERENCED
        case 1451:                        // ER_ROW_IS_REFERENCED_2
        case 1452: return Cause::foreign_key;
        case 1048:                            // ER_BAD_NULL_ERROR
        case 1364:                            // ER_NO_DEFAULT_FOR_FIELD
        case 1644:                            // ER_SIGNAL_EXCEPTION: a trigger's refusal
        case 3819:                            // MySQL: a CHECK
        case 4025: return Cause::constraint;  // ER_CONSTRAINT_FAILED
        case 1040:                            // ER_CON_COUNT_ERROR: too many connections
        case 1203:                            // ER_TOO_MANY_USER_CONNECTIONS
        case 1205:                            // ER_LOCK_WAIT_TIMEOUT
        case 1213:                            // ER_LOCK_DEADLOCK
        case 1226: return Cause::busy;        // ER_USER_LIMIT_REACHED
        case 1317:                            // ER_QUERY_INTERRUPTED: an administrator's KILL QUERY
        case 1969:                            // ER_STATEMENT_TIMEOUT
        case 3024: return Cause::timeout;     // MySQL: max_execution_time
        case 1053:                            // ER_SERVER_SHUTDOWN
        case 1927: return Cause::lost;        // ER_CONNECTION_KILLED
        case 1290:                            // ER_OPTION_PREVENTS_STATEMENT: --read-only
        case 1792:                            // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
        case 1836: return Cause::read_only;   // ER_READ_ONLY_MODE
        case 1044:                            // ER_DBACCESS_DENIED_ERROR
        case 1045:                            // ER_ACCESS_DENIED_ERROR
        case 1049:                            // ER_BAD_DB_ERROR
        case 1130:                            // ER_HOST_NOT_PRIVILEGED
        case 1698:                            // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
        case 1820: return Cause::login;       // ER_MUST_CHANGE_PASSWORD
        case 1142:                            // ER_TABLEACCESS_DENIED_ERROR
        case 1143:                            // ER_COLUMNACCESS_DENIED_ERROR
        case 1227: return Cause::denied;      // ER_SPECIFIC_ACCESS_DENIED_ERROR
        case 1021:                            // ER_DISK_FULL
        case 1114: return Cause::full;        // ER_RECORD_FILE_FULL
        case 1034:                            // ER_NOT_KEYFILE
        case 1194:                            // ER_CRASHED_ON_USAGE
        case 1195: return Cause::damaged;     // ER_CRASHED_ON_REPAIR
        default: break;
    }
    if (code >= 2000 && code < 3000)  // of the client library: out of memory, out of step, wrong parameters; all else is the connection
        return code == 2008 || code == 2014 || (code >= 2030 && code <= 2036) ? Cause::other : Cause::lost;
    const std::string_view group = sqlstate.substr(0, 2);
    if (group == "08") return Cause::lost;
    if (group == "23") return Cause::constraint;
    if (group == "28") return Cause::login;
    if (group == "42") return Cause::no_such;
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
