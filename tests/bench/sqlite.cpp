#include "tests/bench/sqlite.hpp"

#include <stdexcept>

namespace stemma::bench {
namespace {

[[noreturn]] void broken(sqlite3* database) { throw std::runtime_error(std::string{"SQLite: "} + sqlite3_errmsg(database)); }

}  // namespace

Sqlite::Sqlite(const std::string& path) {
    sqlite3* opened = nullptr;
    const int state = sqlite3_open(path.c_str(), &opened);
    database_.reset(opened);
    if (state != SQLITE_OK) broken(opened);
}

void Sqlite::run(const std::string& sql) {
    if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) broken(handle());
}

SqliteStatement Sqlite::prepare(const std::string& sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(handle(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) broken(handle());
    return SqliteStatement{made};
}

void Sqlite::step(const SqliteStatement& statement) {
    const int state = sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
    if (state != SQLITE_DONE && state != SQLITE_ROW) broken(handle());
}

}  // namespace stemma::bench
