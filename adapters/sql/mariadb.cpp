#include "adapters/sql/mariadb.hpp"

#include <fmt/format.h>
#include <mysql.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "adapters/sql/error_map.hpp"

namespace stemma::sql {
namespace {

constexpr unsigned long kFetchRows = 500;  ///< rows of one block that the server sends
constexpr std::size_t kCellBytes = 64;     ///< room of a cell at first; it grows to what a row needs

bool begins_name(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) noexcept { return begins_name(c) || (c >= '0' && c <= '9'); }

/// The server opens a cursor for queries alone. The few rows of SHOW, EXPLAIN and their like are taken at once: asked for a cursor, the
/// client library would wait for ever for one that is not there.
bool opens_cursor(std::string_view sql) noexcept {
    const auto begins = [&](std::string_view word) {
        return std::ranges::equal(sql.substr(0, word.size()), word, [](char a, char b) { return (a | 0x20) == b; });
    };
    return begins("select") || begins("with");
}

std::uint32_t whole_seconds(std::uint32_t ms) noexcept { return std::max(1U, (ms + 999) / 1000); }

std::uint32_t silence_max(const Connection& connection, const MariadbTarget& target) noexcept {
    if (target.read_timeout != 0) return target.read_timeout;
    return whole_seconds(answer_timeout_ms(connection));
}

const char* or_null(const std::string& text) noexcept { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

PositionalSql positional(std::string_view sql) {
    PositionalSql made;
    for (std::size_t i = 0; i < sql.size();) {
        const char c = sql[i];
        if (c == '\'' || c == '"' || c == '`') {
            const std::size_t end = std::min(sql.find(c, i + 1), sql.size() - 1) + 1;  // a doubled quote closes and opens again
            made.text += sql.substr(i, end - i);
            i = end;
            continue;
        }
        if (c != ':' || i + 1 == sql.size() || !begins_name(sql[i + 1])) {
            made.text += c;
            ++i;
            continue;
        }
        const std::size_t begin = ++i;
        while (i < sql.size() && continues_name(sql[i])) ++i;
        const std::string_view name = sql.substr(begin, i - begin);
        const auto found = std::ranges::find(made.names, name);
        made.positions.push_back(static_cast<std::size_t>(found - made.names.begin()));
        if (found == made.names.end()) made.names.emplace_back(name);
        made.text += '?';
    }
    return made;
}

// --- the connection -------------------------------------------------------------------------------------------------

struct MariadbConnection::Native {
    MYSQL* handle{nullptr};
};

MariadbConnection::MariadbConnection() : native_{std::make_unique<Native>()} {}

MariadbConnection::~MariadbConnection() {
    if (native_->handle != nullptr) mysql_close(native_->handle);
}

Error MariadbConnection::failure(unsigned code, const char* sqlstate, const char* sentence, std::string_view name) {
    const Cause cause = cause_of_mariadb(code, sqlstate);
    lost_ = lost_ || cause == Cause::lost;
    return error_of(cause, sentence, name);
}

Error MariadbConnection::failure(std::string_view name) {
    MYSQL* const handle = native_->handle;
    return failure(mysql_errno(handle), mysql_sqlstate(handle), mysql_error(handle), name);
}

Result<std::unique_ptr<MariadbConnection>> MariadbConnection::open(const Connection& connection) {
    static const int ready = mysql_server_init(0, nullptr, nullptr);  // once, before threads may meet in it
    const auto target = parse_mariadb_target(connection.target);
    if (!target) return std::unexpected(target.error());
    std::unique_ptr<MariadbConnection> made{new MariadbConnection};
    made->native_->handle = ready == 0 ? mysql_init(nullptr) : nullptr;
    if (made->native_->handle == nullptr) return fail(Errc::internal, "MariaDB's client library does not start");
    auto done = made->connect(connection, *target);
    if (done) done = made->set_up(connection);
    if (!done) {
        Error error = std::move(done).error();
        error.message += " (" + describe(connection) + ")";
        return std::unexpected(std::move(error));
    }
    return made;
}

Result<void> MariadbConnection::connect(const Connection& connection, const MariadbTarget& target) {
    MYSQL* const handle = native_->handle;
    const unsigned connecting = target.connect_timeout == 0 ? kConnectTimeoutS : target.connect_timeout;
    const unsigned silence = silence_max(connection, target);
    const unsigned none = 0;  // a server may otherwise ask for any file of this machine
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &none);
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
    mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &silence);
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &silence);
    mysql_optionsv(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "stemma");
    if (!target.ssl_ca.empty()) {
        const my_bool yes = 1;
        mysql_options(handle, MYSQL_OPT_SSL_CA, target.ssl_ca.c_str());
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    }
    if (mysql_real_connect(handle, or_null(target.host), target.user.c_str(), target.password.c_str(), target.db.c_str(), target.port,
                           or_null(target.socket), 0) == nullptr)
        return std::unexpected(failure(""));
    return {};
}

Result<void> MariadbConnection::set_up(const Connection& connection) {
    const bool is_mysql = mariadb_connection(native_->handle) == 0;
    const std::string longest = is_mysql ? fmt::format("max_execution_time={}", connection.statement_timeout_ms)
                                         : fmt::format("max_statement_time={}.{:03}", connection.statement_timeout_ms / 1000,
                                                       connection.statement_timeout_ms % 1000);
    // Of a recursive part MariaDB returns what it has after so many rounds, with a warning that nobody reads; MySQL refuses.
    const std::string_view rounds = is_mysql ? "cte_max_recursion_depth=1000000" : "max_recursive_iterations=1000000";
    const std::uint32_t lock = whole_seconds(connection.busy_timeout_ms);
    const std::vector<std::string> settings{
        "SET NAMES utf8mb4",  // again: a server may be told to pass over what the client asks at first
        "SET SESSION time_zone='+00:00', sql_big_selects=1, "
        "sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES'",
        fmt::format("SET SESSION {}, {}, lock_wait_timeout={}, innodb_lock_wait_timeout={}", longest, rounds, lock, lock),
        fmt::format("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ {}", connection.read_only ? "ONLY" : "WRITE")};
    for (const std::string& setting : settings)
        if (auto done = run({"session.set", setting.c_str()}); !done) return done;
    return {};
}

Result<void> MariadbConnection::run(const Query& query) {
    MYSQL* const handle = native_->handle;
    if (mysql_query(handle, query.text) != 0) return std::unexpected(failure(query.name));
    MYSQL_RES* const rows = mysql_store_result(handle);
    if (rows == nullptr && mysql_errno(handle) != 0) return std::unexpected(failure(query.name));
    mysql_free_result(rows);
    return {};
}

Result<std::unique_ptr<MariadbStatement>> MariadbConnection::prepare(const Query& query) {
    std::unique_ptr<MariadbStatement> made{new MariadbStatement{*this, positional(query.text)}};
    if (auto done = made->prepare(query.name); !done) return fail(std::move(done));
    return made;
}

bool MariadbConnection::in_transaction() const noexcept {
    unsigned status = 0;
    mariadb_get_infov(native_->handle, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return !lost_ && (status & SERVER_STATUS_IN_TRANS) != 0;
}

// --- a statement ----------------------------------------------------------------------------------------------------

struct MariadbStatement::Native {
    struct Cell {
        std::string room;
        unsigned long length{0};
        my_bool null{0};
    };
    struct Given {
        long long number{0};
        std::string text;
        enum_field_types type{MYSQL_TYPE_NULL};
    };

    MYSQL_STMT* handle{nullptr};
    std::vector<Cell> cells;   ///< beside the columns
    std::vector<Given> given;  ///< beside the names of the parameters
    bool widened{false};       ///< cells have moved since they were bound
};

MariadbStatement::MariadbStatement(MariadbConnection& owner, PositionalSql sql)
    : owner_{owner}, sql_{std::move(sql)}, has_cursor_{opens_cursor(sql_.text)}, native_{std::make_unique<Native>()} {
    native_->given.resize(sql_.names.size());
}

MariadbStatement::~MariadbStatement() {
    if (native_->handle != nullptr) mysql_stmt_close(native_->handle);
}

Error MariadbStatement::failure(std::string_view name) {
    more_ = false;
    MYSQL_STMT* const handle = native_->handle;
    return owner_.failure(mysql_stmt_errno(handle), mysql_stmt_sqlstate(handle), mysql_stmt_error(handle), name);
}

Result<void> MariadbStatement::prepare(std::string_view name) {
    native_->handle = mysql_stmt_init(owner_.native_->handle);
    if (native_->handle == nullptr) return std::unexpected(owner_.failure(name));
    const unsigned long cursor = has_cursor_ ? CURSOR_TYPE_READ_ONLY : CURSOR_TYPE_NO_CURSOR;
    mysql_stmt_attr_set(native_->handle, STMT_ATTR_CURSOR_TYPE, &cursor);
    mysql_stmt_attr_set(native_->handle, STMT_ATTR_PREFETCH_ROWS, &kFetchRows);
    if (mysql_stmt_prepare(native_->handle, sql_.text.data(), sql_.text.size()) != 0) return std::unexpected(failure(name));
    read_columns();
    return {};
}

/// The columns that the statement gives, where it says so: CHECKSUM TABLE and its like say it only once they have run.
void MariadbStatement::read_columns() {
    MYSQL_RES* const description = mysql_stmt_result_metadata(native_->handle);
    if (description == nullptr) return;
    columns_.clear();
    const MYSQL_FIELD* const fields = mysql_fetch_fields(description);
    for (unsigned i = 0; i < mysql_num_fields(description); ++i) columns_.emplace_back(fields[i].name, fields[i].name_length);
    mysql_free_result(description);
    native_->cells.resize(columns_.size());
    for (Native::Cell& cell : native_->cells) cell.room.resize(kCellBytes);
}

void MariadbStatement::put(std::size_t parameter, const Value::Held& value) {
    Native::Given& given = native_->given[parameter];
    given.type = MYSQL_TYPE_NULL;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        given.type = MYSQL_TYPE_LONGLONG;
        given.number = *number;
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
        given.type = MYSQL_TYPE_STRING;
        given.text = *text;
    }
}

Result<void> MariadbStatement::execute(std::string_view name) {
    MYSQL_STMT* const handle = native_->handle;
    std::vector<MYSQL_BIND> binds(sql_.positions.size());
    for (std::size_t i = 0; i < binds.size(); ++i) {
        Native::Given& given = native_->given[sql_.positions[i]];
        binds[i].buffer_type = given.type;
        binds[i].buffer = given.type == MYSQL_TYPE_LONGLONG ? static_cast<void*>(&given.number) : given.text.data();
        binds[i].buffer_length = static_cast<unsigned long>(given.text.size());
    }
    if (!binds.empty() && mysql_stmt_bind_param(handle, binds.data()) != 0) return std::unexpected(failure(name));
    if (mysql_stmt_execute(handle) != 0) return std::unexpected(failure(name));
    more_ = mysql_stmt_field_count(handle) != 0;
    if (!more_) return {};
    if (columns_.empty()) read_columns();
    if (!bind_row()) return std::unexpected(failure(name));
    if (!has_cursor_ && mysql_stmt_store_result(handle) != 0) return std::unexpected(failure(name));
    return {};
}

bool MariadbStatement::bind_row() {
    std::vector<MYSQL_BIND> binds(native_->cells.size());
    for (std::size_t i = 0; i < binds.size(); ++i) {
        Native::Cell& cell = native_->cells[i];
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        binds[i].buffer = cell.room.data();
        binds[i].buffer_length = static_cast<unsigned long>(cell.room.size());
        binds[i].length = &cell.length;
        binds[i].is_null = &cell.null;
    }
    return mysql_stmt_bind_result(native_->handle, binds.data()) == 0;
}

Result<bool> MariadbStatement::fetch(std::string_view name) {
    if (!more_) return false;
    if (std::exchange(native_->widened, false) && !bind_row()) return std::unexpected(failure(name));
    const int code = mysql_stmt_fetch(native_->handle);
    if (code == MYSQL_NO_DATA) {
        more_ = false;
        return false;
    }
    if (code != 0 && code != MYSQL_DATA_TRUNCATED) return std::unexpected(failure(name));
    if (code == MYSQL_DATA_TRUNCATED && !widen_cells()) return std::unexpected(failure(name));
    return true;
}

/// Reads again the cells whose text was longer than their room. Their new room is bound before the next row and not now: Debian's 10.11.18
/// of the library sets the length of every cell to 0 when it binds, and this row is still to be read.
bool MariadbStatement::widen_cells() {
    for (std::size_t i = 0; i < native_->cells.size(); ++i) {
        Native::Cell& cell = native_->cells[i];
        if (cell.null != 0 || cell.length <= cell.room.size()) continue;
        cell.room.resize(cell.length);
        MYSQL_BIND bind{};
        bind.buffer_type = MYSQL_TYPE_STRING;
        bind.buffer = cell.room.data();
        bind.buffer_length = cell.length;
        bind.length = &cell.length;
        bind.is_null = &cell.null;
        if (mysql_stmt_fetch_column(native_->handle, &bind, static_cast<unsigned>(i), 0) != 0) return false;
        native_->widened = true;
    }
    return true;
}

void MariadbStatement::close() noexcept {
    if (more_ && !owner_.lost()) mysql_stmt_reset(native_->handle);
    more_ = false;
}

std::int64_t MariadbStatement::affected_rows() const noexcept {
    return static_cast<std::int64_t>(mysql_stmt_affected_rows(native_->handle));
}

bool MariadbStatement::is_null(std::size_t column) const noexcept { return native_->cells[column].null != 0; }

std::string_view MariadbStatement::text(std::size_t column) const noexcept {
    const Native::Cell& cell = native_->cells[column];
    if (cell.null != 0) return {};
    return std::string_view{cell.room}.substr(0, cell.length);
}

}  // namespace stemma::sql
