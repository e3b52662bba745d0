// SOCI's exceptions end here, in Impl::caught().
// SOCI opens SQLite's connection; statements run on its handle. MariaDB is reached without SOCI. See README.md.
#include "adapters/sql/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "adapters/sql/error_map.hpp"
#include "adapters/sql/session_impl.hpp"
#include "adapters/sql/transaction.hpp"

namespace stemma::sql {
namespace {

constexpr int kCopyPages = 1024;  ///< pages copied at once: 4 MiB of the usual size
constexpr std::string_view kCopyName = "session.copy";
constexpr const char* kCommitName = "transaction.commit";

/// Keeps a warning for the commit that it may belong to; what is of less weight is dropped.
void keep_warning(void* kept, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == nullptr || std::string_view{severity} != "WARNING") return;
    const char* state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    const char* sentence = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    *static_cast<std::string*>(kept) = fmt::format("{}: {}", state == nullptr ? "" : state, sentence == nullptr ? "" : sentence);
}

/// SOCI puts its own function's name in front of SQLite's sentence, and libpq adds its severity and further lines.
std::string engine_sentence(std::string message) {
    if (message.starts_with("sqlite3_"))
        if (const std::size_t colon = message.find(": "); colon != std::string::npos) message.erase(0, colon + 2);
    for (const std::string_view severity : {"ERROR:  ", "FATAL:  "})
        if (const std::size_t at = message.find(severity); at != std::string::npos) message.erase(0, at + severity.size());
    if (const std::size_t line = message.find('\n'); line != std::string::npos) {
        const bool heading = message.starts_with("Cannot establish connection");
        message = heading ? message.substr(line + 1, message.find('\n', line + 1) - line - 1) : message.substr(0, line);
    }
    return message;
}

}  // namespace

// --- a prepared statement -------------------------------------------------------------------------------------------

Prepared::~Prepared() {
    sqlite_api::sqlite3_finalize(native);
    const auto waiting = owner.await();  // SOCI tells the server to forget the statement
    statement.reset();
}

Session::Impl::~Impl() {
    const auto waiting = await();
    by_address = {};
    kept.clear();
}

/// Ties cells and slots to SOCI's statement. Repeated only when a parameter changes between integer and text.
void Prepared::attach() {
    if (bound) statement->bind_clean_up();
    for (std::size_t i = 0; i < cells.size(); ++i) statement->exchange(soci::into(cells[i], nulls[i]));
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].is_integer)
            statement->exchange(soci::use(slots[i].number, slots[i].indicator, names[i]));
        else
            statement->exchange(soci::use(slots[i].text, slots[i].indicator, names[i]));
    }
    statement->define_and_bind();
    bound = true;
}

void Prepared::put(Slot& slot, const Value::Held& held, bool& stale) const {
    slot.indicator = std::holds_alternative<std::monostate>(held) ? soci::i_null : soci::i_ok;
    if (slot.indicator == soci::i_null) return;
    const bool is_integer = std::holds_alternative<std::int64_t>(held);
    stale = stale || is_integer != slot.is_integer;
    slot.is_integer = is_integer;
    if (is_integer)
        slot.number = std::get<std::int64_t>(held);
    else
        slot.text = std::get<std::string_view>(held);
}

/// Binds mostly come in the order of the statement's parameters.
std::optional<std::size_t> Prepared::parameter(std::string_view wanted, std::size_t likely) const {
    if (likely < names.size() && names[likely] == wanted) return likely;
    const auto found = std::ranges::find(names, wanted);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

bool Prepared::bind_native(std::size_t parameter, const Value::Held& held, bool borrowed) const {
    const int index = static_cast<int>(parameter) + 1;
    if (const auto* number = std::get_if<std::int64_t>(&held)) return sqlite_api::sqlite3_bind_int64(native, index, *number) == SQLITE_OK;
    const auto* text = std::get_if<std::string_view>(&held);
    if (text == nullptr) return sqlite_api::sqlite3_bind_null(native, index) == SQLITE_OK;
    const char* const begin = text->data() == nullptr ? "" : text->data();  // a null pointer would bind NULL
    // NOLINTNEXTLINE(performance-no-int-to-ptr): SQLITE_TRANSIENT is this very cast
    const auto life = borrowed ? SQLITE_STATIC : reinterpret_cast<sqlite_api::sqlite3_destructor_type>(-1);
    return sqlite_api::sqlite3_bind_text64(native, index, begin, text->size(), life, SQLITE_UTF8) == SQLITE_OK;
}

Result<void> Prepared::take(Binds binds, bool borrowed) {
    given.assign(names.size(), false);
    bool stale = !bound;
    for (std::size_t i = 0; i < binds.size(); ++i) {
        const auto found = parameter(binds[i].name, i);
        if (!found) return fail(Errc::internal, fmt::format("it has no parameter '{}'", binds[i].name), "sql:" + name);
        given[*found] = true;
        const Value::Held& held = binds[i].value.held();
        if (mariadb)
            mariadb->put(*found, held);
        else if (native == nullptr)
            put(slots[*found], held, stale);
        else if (!bind_native(*found, held, borrowed))
            return std::unexpected(owner.sqlite_failure(name));
    }
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!given[i]) return fail(Errc::internal, fmt::format("parameter '{}' was given no value", names[i]), "sql:" + name);
    if (statement && stale) attach();
    return {};
}

void Prepared::close() noexcept {
    open = false;
    misread.reset();
    if (native != nullptr)
        sqlite_api::sqlite3_reset(native);
    else if (mariadb)
        mariadb->close();
    else  // by engine: SOCI hides its typeinfo, so that a dynamic_cast does not even link
        static_cast<PostgresqlStatement*>(statement->get_backend())->result_.reset();
}

// --- errors ---------------------------------------------------------------------------------------------------------

/// What SQLite says of its newest failed call.
Error Session::Impl::sqlite_failure(std::string_view name) {
    sqlite_api::sqlite3* const handle = sqlite().conn_;
    return error_of(cause_of_sqlite(sqlite_api::sqlite3_extended_errcode(handle)), sqlite_api::sqlite3_errmsg(handle), name);
}

/// The exception in flight as an Error; notes whether the connection was lost. Called from a catch block.
Error Session::Impl::caught(std::string_view name) {
    try {
        throw;
    } catch (const soci::sqlite3_soci_error& error) {
        int code = error.result();
        if (session.get_backend() != nullptr) {
            const int extended = sqlite_api::sqlite3_extended_errcode(sqlite().conn_);
            if ((extended & 0xFF) == code) code = extended;
        }
        return error_of(cause_of_sqlite(code), engine_sentence(error.get_error_message()), name);
    } catch (const soci::postgresql_soci_error& error) {
        Cause cause = cause_of_postgresql(error.sqlstate());
        if (session.get_backend() == nullptr || PQstatus(postgresql().conn_) != CONNECTION_OK) cause = Cause::lost;
        note_lost(cause);
        return error_of(cause, silence_or(engine_sentence(error.get_error_message())), name);
    } catch (const soci::soci_error& error) {
        const bool connected = session.get_backend() != nullptr;
        return error_of(connected ? Cause::other : Cause::lost, engine_sentence(error.get_error_message()), name);
    }
}

Error Session::Impl::failed_result(const PGresult* result, std::string_view name) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    Cause cause = cause_of_postgresql(state == nullptr ? "" : state);
    if (PQstatus(postgresql().conn_) != CONNECTION_OK) cause = Cause::lost;
    note_lost(cause);
    return error_of(cause, silence_or(engine_sentence(PQerrorMessage(postgresql().conn_))), name);
}

/// What libpq says, or that the connection was given up here.
std::string Session::Impl::silence_or(std::string said) const {
    return silence && silence->overdue() ? fmt::format("no answer for {} s", silence->longest().count() / 1000) : std::move(said);
}

/// A session for writing that is refused a write (25006) is at a standby, or at a server that was made one: it is of no use any more.
void Session::Impl::note_lost(Cause cause) noexcept { lost = lost || cause == Cause::lost || (cause == Cause::read_only && !reads_only); }

// --- preparing ------------------------------------------------------------------------------------------------------

Result<std::shared_ptr<Prepared>> Session::Impl::prepared(const Query& query) {
    // Nearly every text is a constant, met again at the same address: comparing it is cheaper than hashing it.
    std::shared_ptr<Prepared>& recent = by_address[reinterpret_cast<std::uintptr_t>(query.text) / 16 % by_address.size()];
    if (recent && !recent->open && recent->sql == query.text) {
        recent->name = query.name;
        return recent;
    }
    const auto found = kept.find(std::string_view{query.text});
    if (found != kept.end() && !found->second->open) {
        found->second->name = query.name;
        recent = found->second;
        return found->second;
    }
    auto made = prepare(query);
    if (!made || found != kept.end()) return made;  // the same text is being read further out: this one lives as long as its rows
    if (kept.size() >= kStatementsKeptMax) {
        by_address = {};
        std::erase_if(kept, [](const auto& entry) { return !entry.second->open; });
    }
    kept.emplace(query.text, *made);
    return made;
}

Result<std::shared_ptr<Prepared>> Session::Impl::prepare(const Query& query) {
    auto made = engine == Engine::sqlite    ? prepare_sqlite(query)
                : engine == Engine::mariadb ? prepare_mariadb(query)
                                            : prepare_postgresql(query);
    if (made) {
        (*made)->name = query.name;
        (*made)->sql = query.text;
    }
    return made;
}

Result<std::shared_ptr<Prepared>> Session::Impl::prepare_sqlite(const Query& query) {
    auto made = std::make_shared<Prepared>(*this);
    if (sqlite_api::sqlite3_prepare_v3(sqlite().conn_, query.text, -1, SQLITE_PREPARE_PERSISTENT, &made->native, nullptr) != SQLITE_OK)
        return std::unexpected(sqlite_failure(query.name));
    for (int i = 1; i <= sqlite_api::sqlite3_bind_parameter_count(made->native); ++i) {
        const char* parameter = sqlite_api::sqlite3_bind_parameter_name(made->native, i);
        if (parameter == nullptr || *parameter != ':')
            return fail(Errc::internal, "its parameters must be written :name", fmt::format("sql:{}", query.name));
        made->names.emplace_back(parameter + 1);
    }
    return made;
}

Result<std::shared_ptr<Prepared>> Session::Impl::prepare_postgresql(const Query& query) {
    try {
        auto made = std::make_shared<Prepared>(*this);
        made->name = query.name;
        made->statement.emplace(session);
        made->statement->alloc();
        made->statement->prepare(query.text, soci::details::st_repeatable_query);
        for (const std::string& parameter : static_cast<PostgresqlStatement*>(made->statement->get_backend())->names_)
            if (std::ranges::find(made->names, parameter) == made->names.end()) made->names.push_back(parameter);
        made->slots.resize(made->names.size());
        auto columns = column_names(*made);
        if (!columns) return fail(std::move(columns));
        made->cells.resize(columns->size());
        made->nulls.resize(columns->size(), soci::i_null);
        return made;
    } catch (const soci::soci_error&) {
        return std::unexpected(caught(query.name));
    }
}

Result<std::shared_ptr<Prepared>> Session::Impl::prepare_mariadb(const Query& query) {
    auto statement = mariadb->prepare(query);
    if (!statement) return fail(std::move(statement));
    auto made = std::make_shared<Prepared>(*this);
    made->mariadb = std::move(*statement);
    made->names = made->mariadb->parameters();
    return made;
}

Result<std::vector<std::string>> Session::Impl::column_names(Prepared& made) {
    std::vector<std::string> names;
    if (made.mariadb) return made.mariadb->columns();
    if (engine == Engine::sqlite) {
        for (int i = 0; i < sqlite_api::sqlite3_column_count(made.native); ++i)
            names.emplace_back(sqlite_api::sqlite3_column_name(made.native, i));
        return names;
    }
    const std::string& label = static_cast<PostgresqlStatement*>(made.statement->get_backend())->statementName_;
    const std::unique_ptr<PGresult, decltype(&PQclear)> description{PQdescribePrepared(postgresql().conn_, label.c_str()), &PQclear};
    if (PQresultStatus(description.get()) != PGRES_COMMAND_OK) return std::unexpected(failed_result(description.get(), made.name));
    for (int i = 0; i < PQnfields(description.get()); ++i) names.emplace_back(PQfname(description.get(), i));
    return names;
}

void Session::Impl::forget(const Prepared& broken) {
    for (std::shared_ptr<Prepared>& recent : by_address)
        if (recent.get() == &broken) recent.reset();
    std::erase_if(kept, [&](const auto& entry) { return entry.second.get() == &broken; });
}

// --- running --------------------------------------------------------------------------------------------------------

/// The next row of a SQLite statement, if there is one. A statement that failed is not used again.
Result<bool> Session::Impl::step(Prepared& statement) {
    const int code = sqlite_api::sqlite3_step(statement.native);
    if (code == SQLITE_ROW) return true;
    statement.finished = true;
    if (code == SQLITE_DONE) {
        sqlite_api::sqlite3_reset(statement.native);
        return false;
    }
    Error error = sqlite_failure(statement.name);
    sqlite_api::sqlite3_reset(statement.native);
    forget(statement);
    return std::unexpected(std::move(error));
}

Result<bool> Session::Impl::start_mariadb(Prepared& statement, Binds binds) {
    if (auto taken = statement.take(binds, false); !taken) return fail(std::move(taken));
    auto run = statement.mariadb->execute(statement.name);
    if (run) return fetch(statement);
    forget(statement);
    return fail(std::move(run));
}

/// Whether there is a first row.
Result<bool> Session::Impl::start(Prepared& statement, Binds binds, bool borrowed) {
    if (engine == Engine::sqlite) {
        sqlite_api::sqlite3_reset(statement.native);
        statement.finished = false;
        if (auto taken = statement.take(binds, borrowed); !taken) return fail(std::move(taken));
        return step(statement);
    }
    if (engine == Engine::mariadb) return start_mariadb(statement, binds);
    for (const Bind& bind : binds)  // libpq takes C strings: the rest would be lost in silence
        if (const auto* text = std::get_if<std::string_view>(&bind.value.held()); text != nullptr && text->contains('\0'))
            return fail(Errc::invalid_input, fmt::format("'{}' holds a NUL character", bind.name), "sql:" + statement.name);
    try {
        if (auto taken = statement.take(binds, borrowed); !taken) return fail(std::move(taken));
        return statement.statement->execute(true);
    } catch (const soci::soci_error&) {
        Error error = caught(statement.name);
        forget(statement);
        return std::unexpected(std::move(error));
    }
}

Result<bool> Session::Impl::fetch(Prepared& statement) {
    if (engine == Engine::sqlite) return statement.finished ? Result<bool>{false} : step(statement);
    if (engine == Engine::mariadb) {
        auto more = statement.mariadb->fetch(statement.name);
        if (!more) forget(statement);
        return more;
    }
    try {
        return statement.statement->fetch();
    } catch (const soci::soci_error&) {
        Error error = caught(statement.name);
        forget(statement);
        return std::unexpected(std::move(error));
    }
}

Result<std::int64_t> Session::execute(const Query& text, Binds binds) {
    const auto waiting = impl_->await();
    auto statement = impl_->prepared(text);
    if (!statement) return fail(std::move(statement));
    auto more = impl_->start(**statement, binds, true);
    while (more && *more) more = impl_->fetch(**statement);
    if (!more) return fail(std::move(more));
    if (impl_->engine == Engine::sqlite) return sqlite_api::sqlite3_changes(impl_->sqlite().conn_);
    if (impl_->engine == Engine::mariadb) return (*statement)->mariadb->affected_rows();
    return (*statement)->statement->get_affected_rows();
}

Result<Rows> Session::query(const Query& text, Binds binds) { return query(text, binds, false); }

Result<Rows> Session::query_within(const Query& text, Binds binds) { return query(text, binds, true); }

Result<Rows> Session::query(const Query& text, Binds binds, bool borrowed) {
    const auto waiting = impl_->await();
    auto statement = impl_->prepared(text);
    if (!statement) return fail(std::move(statement));
    auto more = impl_->start(**statement, binds, borrowed);
    if (!more) return fail(std::move(more));
    (*statement)->open = true;
    return Rows{std::move(*statement), *more};
}

Result<std::vector<std::string>> Session::columns(const Query& text) {
    const auto waiting = impl_->await();
    auto statement = impl_->prepare(text);
    if (!statement) return fail(std::move(statement));
    return impl_->column_names(**statement);
}

Result<void> Session::execute_as_is(const Query& text) {
    if (impl_->engine == Engine::mariadb) return impl_->mariadb->run(text);
    if (impl_->engine == Engine::postgresql) {
        const auto waiting = impl_->await();
        const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(impl_->postgresql().conn_, text.text), &PQclear};
        const ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return std::unexpected(impl_->failed_result(result.get(), text.name));
        return {};
    }
    auto statement = impl_->prepare_sqlite(text);
    if (!statement) return fail(std::move(statement));
    (*statement)->name = text.name;
    auto more = impl_->step(**statement);
    while (more && *more) more = impl_->step(**statement);
    if (!more) return fail(std::move(more));
    return {};
}

// --- opening and closing --------------------------------------------------------------------------------------------

Session::Session(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Engine Session::engine() const noexcept { return impl_->engine; }

std::int64_t Session::last_id() const noexcept { return sqlite_api::sqlite3_last_insert_rowid(impl_->sqlite().conn_); }

Result<Session> Session::open(const Connection& connection) {
    Session session{std::make_unique<Impl>(connection.engine)};
    auto ready = session.impl_->connect(connection);
    if (ready && connection.engine == Engine::sqlite) ready = session.impl_->set_up_sqlite(session, connection);
    if (ready && connection.engine == Engine::postgresql) ready = session.impl_->set_up_postgresql(session, connection);
    if (!ready) return fail(std::move(ready));
    return session;
}

Result<void> Session::Impl::connect(const Connection& connection) {
    if (engine == Engine::mariadb) {
        auto opened = MariadbConnection::open(connection);
        if (!opened) return fail(std::move(opened));
        mariadb = std::move(*opened);
        return {};
    }
    try {
        if (engine == Engine::sqlite) {
            std::error_code ignored;
            if (connection.read_only && !std::filesystem::is_regular_file(connection.target, ignored))
                return fail(Errc::unavailable, "no database file at " + connection.target, {}, "check the path and its rights");
            if (connection.target.contains('"')) return fail(Errc::config, "a database path may not contain '\"'");
            session.open(soci::sqlite3, fmt::format("dbname=\"{}\"{}", connection.target, connection.read_only ? " readonly=true" : ""));
        } else {
            auto uri = postgresql_uri(connection.target);
            if (!uri) return fail(std::move(uri));
            session.open(soci::postgresql, *uri);
        }
    } catch (const soci::soci_error&) {
        Error error = caught("");
        error.message += " (" + describe(connection) + ")";
        return std::unexpected(std::move(error));
    }
    return {};
}

Result<void> Session::Impl::set_up_sqlite(Session& self, const Connection& connection) {
    // "no_such_column" in double quotes would be read as a text: a mapping's typing error must fail instead.
    sqlite_api::sqlite3_db_config(sqlite().conn_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    std::vector<std::string> pragmas{fmt::format("PRAGMA busy_timeout={}", connection.busy_timeout_ms), "PRAGMA trusted_schema=OFF"};
    if (connection.read_only)
        pragmas.emplace_back("PRAGMA query_only=ON");
    else if (connection.durable)
        pragmas.insert(pragmas.end(), {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"});
    for (const std::string& pragma : pragmas)
        if (auto done = self.execute_as_is({"session.set", pragma.c_str()}); !done) return done;
    return self.execute_as_is({"session.open", "SELECT 1 FROM sqlite_master LIMIT 1"});  // a file that is no database is told here
}

Result<void> Session::Impl::set_up_postgresql(Session& self, const Connection& connection) {
    silence.emplace(PQsocket(postgresql().conn_), std::chrono::milliseconds{answer_timeout_ms(connection)});
    PQsetNoticeReceiver(postgresql().conn_, &keep_warning, &warning);
    reads_only = connection.read_only;
    std::vector<std::string> settings{"client_encoding='UTF8'",
                                      "TimeZone='UTC'",
                                      "DateStyle='ISO'",
                                      "IntervalStyle='iso_8601'",
                                      "bytea_output='hex'",
                                      "standard_conforming_strings=on",
                                      fmt::format("statement_timeout={}", connection.statement_timeout_ms),
                                      fmt::format("lock_timeout={}", connection.busy_timeout_ms)};
    if (connection.read_only) settings.emplace_back("default_transaction_read_only=on");
    if (!connection.search_path.empty()) settings.push_back(fmt::format("search_path TO {}", quoted_name(connection.search_path)));
    for (const std::string& setting : settings)
        if (auto done = self.execute_as_is({"session.set", ("SET " + setting).c_str()}); !done) return done;
    return {};
}

Result<void> Session::copy_into(Session& to, const CopyProgress& progress) {
    if (engine() != Engine::sqlite || to.engine() != Engine::sqlite)
        return fail(Errc::internal, "only a SQLite database can be copied", fmt::format("sql:{}", kCopyName));
    // Held over all steps: without it, each commit between two steps would begin the copy anew, under load for ever.
    auto unchanged = Transaction::begin(*this, Transaction::Mode::read);
    if (!unchanged) return fail(std::move(unchanged));
    sqlite_api::sqlite3* target = to.impl_->sqlite().conn_;
    sqlite_api::sqlite3_backup* copy = sqlite_api::sqlite3_backup_init(target, "main", impl_->sqlite().conn_, "main");
    if (copy == nullptr)
        return std::unexpected(
            error_of(cause_of_sqlite(sqlite_api::sqlite3_extended_errcode(target)), sqlite_api::sqlite3_errmsg(target), kCopyName));
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
        code = sqlite_api::sqlite3_backup_step(copy, kCopyPages);
        const int total = sqlite_api::sqlite3_backup_pagecount(copy);
        if (progress)
            progress(static_cast<std::uint64_t>(total - sqlite_api::sqlite3_backup_remaining(copy)), static_cast<std::uint64_t>(total));
    }
    const int finished = sqlite_api::sqlite3_backup_finish(copy);
    if (code == SQLITE_DONE && finished == SQLITE_OK) return {};
    const int failed = code == SQLITE_DONE ? finished : code;
    return std::unexpected(error_of(cause_of_sqlite(failed), sqlite_api::sqlite3_errstr(failed), kCopyName));
}

Result<void> Session::commit() {
    if (impl_->engine != Engine::postgresql) return execute_as_is({kCommitName, "COMMIT"});
    const auto waiting = impl_->await();
    impl_->warning.clear();
    const std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(impl_->postgresql().conn_, "COMMIT"), &PQclear};
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return std::unexpected(impl_->failed_result(result.get(), kCommitName));
    const std::string where = fmt::format("sql:{}", kCommitName);
    if (const std::string_view tag = PQcmdStatus(result.get()); tag != "COMMIT")
        return fail(Errc::storage, fmt::format("the transaction had failed before and was rolled back (the answer was {})", tag), where);
    if (!impl_->warning.empty())
        return fail(Errc::unavailable, "the commit was answered with a warning, so it is not acknowledged: " + impl_->warning, where,
                    "see to the standby that synchronous_standby_names asks for; then send it again with its own key");
    return {};
}

Result<void> Session::ping() { return execute_as_is({"session.ping", "SELECT 1"}); }

bool Session::usable() const noexcept { return impl_ && !impl_->lost && !(impl_->mariadb && impl_->mariadb->lost()); }

bool Session::in_transaction() const noexcept {
    if (impl_->engine == Engine::sqlite) return sqlite_api::sqlite3_get_autocommit(impl_->sqlite().conn_) == 0;
    if (impl_->engine == Engine::mariadb) return impl_->mariadb->in_transaction();
    const PGTransactionStatusType status = PQtransactionStatus(impl_->postgresql().conn_);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void Session::roll_back() noexcept {
    if (!usable() || !in_transaction()) return;
    if (!execute_as_is({"transaction.rollback", "ROLLBACK"})) impl_->lost = true;
}

}  // namespace stemma::sql
