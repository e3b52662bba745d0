// The numbers are those of sqlite3.h and of PostgreSQL 15, appendix A. What the engines really send is tried in session_test.cpp and
// postgresql_test.cpp.
#include "adapters/sql/error_map.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace stemma::sql {
namespace {

TEST(ErrorMap, reads_sqlite_codes) {
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_UNIQUE), Cause::unique);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_PRIMARYKEY), Cause::unique);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_ROWID), Cause::unique);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_FOREIGNKEY), Cause::foreign_key);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_TRIGGER), Cause::constraint);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CONSTRAINT_NOTNULL), Cause::constraint);
    EXPECT_EQ(cause_of_sqlite(SQLITE_BUSY), Cause::busy);
    EXPECT_EQ(cause_of_sqlite(SQLITE_BUSY_SNAPSHOT), Cause::busy);
    EXPECT_EQ(cause_of_sqlite(SQLITE_LOCKED), Cause::busy);
    EXPECT_EQ(cause_of_sqlite(SQLITE_READONLY), Cause::read_only);
    EXPECT_EQ(cause_of_sqlite(SQLITE_READONLY_DBMOVED), Cause::read_only);
    EXPECT_EQ(cause_of_sqlite(SQLITE_FULL), Cause::full);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CORRUPT), Cause::damaged);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CORRUPT_INDEX), Cause::damaged);
    EXPECT_EQ(cause_of_sqlite(SQLITE_NOTADB), Cause::damaged);
    EXPECT_EQ(cause_of_sqlite(SQLITE_CANTOPEN), Cause::lost);
    EXPECT_EQ(cause_of_sqlite(SQLITE_INTERRUPT), Cause::timeout);
    EXPECT_EQ(cause_of_sqlite(SQLITE_ERROR), Cause::no_such);
    EXPECT_EQ(cause_of_sqlite(SQLITE_IOERR_READ), Cause::other);
}

TEST(ErrorMap, reads_postgresql_states) {
    EXPECT_EQ(cause_of_postgresql("23505"), Cause::unique);
    EXPECT_EQ(cause_of_postgresql("23503"), Cause::foreign_key);
    EXPECT_EQ(cause_of_postgresql("23502"), Cause::constraint);  // not_null_violation
    EXPECT_EQ(cause_of_postgresql("40001"), Cause::busy);
    EXPECT_EQ(cause_of_postgresql("40P01"), Cause::busy);
    EXPECT_EQ(cause_of_postgresql("55P03"), Cause::busy);
    EXPECT_EQ(cause_of_postgresql("57014"), Cause::timeout);
    EXPECT_EQ(cause_of_postgresql("57P01"), Cause::lost);  // admin_shutdown
    EXPECT_EQ(cause_of_postgresql("08006"), Cause::lost);  // connection_failure
    EXPECT_EQ(cause_of_postgresql("25006"), Cause::read_only);
    EXPECT_EQ(cause_of_postgresql("42501"), Cause::denied);
    EXPECT_EQ(cause_of_postgresql("28P01"), Cause::login);  // invalid_password
    EXPECT_EQ(cause_of_postgresql("53100"), Cause::full);
    EXPECT_EQ(cause_of_postgresql("XX001"), Cause::damaged);
    EXPECT_EQ(cause_of_postgresql("XX000"), Cause::other);
    EXPECT_EQ(cause_of_postgresql("42P01"), Cause::no_such);  // undefined_table
    EXPECT_EQ(cause_of_postgresql("42703"), Cause::no_such);  // undefined_column
    EXPECT_EQ(cause_of_postgresql(""), Cause::other);
}

TEST(ErrorMap, knows_mariadbs_numbers) {
    EXPECT_EQ(cause_of_mariadb(1062, "23000"), Cause::unique);       // ER_DUP_ENTRY
    EXPECT_EQ(cause_of_mariadb(1452, "23000"), Cause::foreign_key);  // ER_NO_REFERENCED_ROW_2
    EXPECT_EQ(cause_of_mariadb(1048, "23000"), Cause::constraint);   // ER_BAD_NULL_ERROR
    EXPECT_EQ(cause_of_mariadb(1213, "40001"), Cause::busy);         // ER_LOCK_DEADLOCK
    EXPECT_EQ(cause_of_mariadb(1205, "HY000"), Cause::busy);         // ER_LOCK_WAIT_TIMEOUT
    EXPECT_EQ(cause_of_mariadb(1040, "08004"), Cause::busy);         // ER_CON_COUNT_ERROR
    EXPECT_EQ(cause_of_mariadb(1969, "70100"), Cause::timeout);      // ER_STATEMENT_TIMEOUT
    EXPECT_EQ(cause_of_mariadb(3024, "HY000"), Cause::timeout);      // MySQL: ER_QUERY_TIMEOUT
    EXPECT_EQ(cause_of_mariadb(1927, "70100"), Cause::lost);         // ER_CONNECTION_KILLED
    EXPECT_EQ(cause_of_mariadb(2006, "HY000"), Cause::lost);         // CR_SERVER_GONE_ERROR
    EXPECT_EQ(cause_of_mariadb(2013, "HY000"), Cause::lost);         // CR_SERVER_LOST
    EXPECT_EQ(cause_of_mariadb(2014, "HY000"), Cause::other);        // CR_COMMANDS_OUT_OF_SYNC
    EXPECT_EQ(cause_of_mariadb(1792, "25006"), Cause::read_only);
    EXPECT_EQ(cause_of_mariadb(1142, "42000"), Cause::denied);  // ER_TABLEACCESS_DENIED_ERROR
    EXPECT_EQ(cause_of_mariadb(1045, "28000"), Cause::login);   // ER_ACCESS_DENIED_ERROR
    EXPECT_EQ(cause_of_mariadb(1114, "HY000"), Cause::full);    // ER_RECORD_FILE_FULL
    EXPECT_EQ(cause_of_mariadb(1194, "HY000"), Cause::damaged);
    EXPECT_EQ(cause_of_mariadb(1146, "42S02"), Cause::no_such);  // ER_NO_SUCH_TABLE
    EXPECT_EQ(cause_of_mariadb(1054, "42S22"), Cause::no_such);  // ER_BAD_FIELD_ERROR
    EXPECT_EQ(cause_of_mariadb(1064, "42000"), Cause::no_such);  // ER_PARSE_ERROR
    EXPECT_EQ(cause_of_mariadb(1105, "HY000"), Cause::other);    // ER_UNKNOWN_ERROR
}

TEST(ErrorMap, gives_each_cause_its_code) {
    EXPECT_EQ(error_of(Cause::unique, "", "").code, Errc::conflict);
    for (const Cause cause : {Cause::busy, Cause::timeout, Cause::lost, Cause::login})
        EXPECT_EQ(error_of(cause, "", "").code, Errc::unavailable);
    for (const Cause cause : {Cause::denied, Cause::no_such}) EXPECT_EQ(error_of(cause, "", "").code, Errc::config);
    for (const Cause cause : {Cause::foreign_key, Cause::constraint, Cause::read_only, Cause::full, Cause::damaged, Cause::other})
        EXPECT_EQ(error_of(cause, "", "").code, Errc::storage);
}

TEST(ErrorMap, says_what_the_engine_said_and_in_which_query) {
    const Error error = error_of(Cause::damaged, "database disk image is malformed\n", "ledger.read");
    EXPECT_EQ(error.message, "file damaged: database disk image is malformed");
    EXPECT_EQ(error.where, "sql:ledger.read");
    EXPECT_EQ(error_of(Cause::busy, "", "").where, "");
}

}  // namespace
}  // namespace stemma::sql
