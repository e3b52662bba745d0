// SQLite's C API as the raw contenders use it: nothing between them and it but errors that stop the run.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace stemma::bench {

struct SqliteFinalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using SqliteStatement = std::unique_ptr<sqlite3_stmt, SqliteFinalize>;

/// All functions throw std::runtime_error with SQLite's words.
class Sqlite {
public:
    explicit Sqlite(const std::string& path);
    void run(const std::string& sql);  ///< one or more statements without results
    [[nodiscard]] SqliteStatement prepare(const std::string& sql);
    void step(const SqliteStatement& statement);  ///< runs it to its end, and makes it ready for the next values
    [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace stemma::bench
