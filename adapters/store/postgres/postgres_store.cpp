#include "adapters/store/postgres/postgres_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "adapters/sql/migrate.hpp"
#include "adapters/sql/pool.hpp"
#include "adapters/sql/transaction.hpp"
#include "adapters/store/postgres/reading.hpp"
#include "adapters/store/postgres/unit_of_work.hpp"
#include "adapters/store/postgres/writer_session.hpp"
#include "adapters/store/settings/engine_settings.hpp"
#include "embedded/store_postgres.hpp"

namespace stemma::store {
namespace postgres {
namespace {

using Mode = sql::Transaction::Mode;

constexpr std::chrono::seconds kDeadAtOnce{1};  ///< a connection that failed later was given up by its deadline: no second wait

constexpr sql::Query kSchemaThere{"store.schema", "SELECT 1 FROM pg_namespace WHERE nspname = :name"};
constexpr sql::Query kTablesThere{"store.tables", "SELECT 1 FROM pg_tables WHERE schemaname = :name AND tablename = 'schema_migration'"};
constexpr sql::Query kOnlyMaker{"store.make", "SELECT 1 FROM pg_advisory_lock(:lock::bigint)"};
constexpr sql::Query kMade{"store.make", "SELECT 1 FROM pg_advisory_unlock(:lock::bigint)"};
constexpr sql::Query kAbout{"store.about",
                            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),"
                            " current_setting('synchronous_standby_names')"};
constexpr sql::Query kGaps{"store.gaps", "SELECT coalesce(max(sequence) + 1, 0) - count(*) FROM ledger_entry"};
constexpr sql::Query kChecksumFailures{"store.checksums",
                                       "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"};

class Snapshot final : public Reading<ReadSnapshot> {
public:
    Snapshot(sql::Lease lease, sql::Transaction transaction)
        : Reading{*lease}, lease_{std::move(lease)}, transaction_{std::move(transaction)} {}

private:
    sql::Lease lease_;
    sql::Transaction transaction_;  // ends before the session goes back
};

class PostgresStore final : public Store {
public:
    PostgresStore(const PostgresOptions& options, const sql::Connection& reading, std::unique_ptr<WriterSession> writer)
        : options_{options},
          writer_{std::move(writer)},
          readers_{
              reading,
              {.sessions_max = options.readers_max, .wait = std::chrono::milliseconds{options.busy_timeout_ms}, .pause = BackoffSpan{}}} {}

    Result<Seat> take_seat() override;
    void leave_seat() override;
    Result<std::unique_ptr<UnitOfWork>> begin() override;
    Result<std::unique_ptr<ReadSnapshot>> read() override;
    Result<std::vector<std::string>> check_integrity() override;
    Result<std::string> describe() override;
    Result<StoreSettings> settings() override;

private:
    [[nodiscard]] Result<Turn> take_turn();
    /// `found_dead`: the connection had ended before anything was asked over it.
    [[nodiscard]] Result<std::unique_ptr<ReadSnapshot>> read_once(bool& found_dead);

    PostgresOptions options_;
    std::unique_ptr<WriterSession> writer_;  ///< none when read-only
    sql::Pool readers_;
};

Result<Turn> PostgresStore::take_turn() {
    if (!writer_) return fail(Errc::storage, "the store was opened for reading only", "sql:transaction.begin");
    if (!writer_->turn.try_acquire_for(std::chrono::milliseconds{options_.busy_timeout_ms}))
        return fail(Errc::unavailable, fmt::format("another writer held the database for {} ms", options_.busy_timeout_ms),
                    "sql:transaction.begin", "try again");
    return Turn{writer_.get()};
}

Result<Seat> PostgresStore::take_seat() {
    if (options_.ledger.empty() || !writer_) return Seat{.held = writer_ != nullptr};
    auto turn = take_turn();
    if (!turn) return fail(std::move(turn));
    auto seat = (*turn)->take_seat();
    if (seat) readers_.end_pause();  // the server is there: who has just come back reads the ledger before anything else
    return seat;
}

void PostgresStore::leave_seat() {
    if (options_.ledger.empty() || !writer_) return;
    if (auto turn = take_turn()) (*turn)->leave_seat();
}

/// As the writing session has them: some can be set for an account or a session.
Result<StoreSettings> PostgresStore::settings() {
    if (!writer_) {
        auto lease = readers_.lease();
        if (!lease) return fail(std::move(lease));
        auto settings = postgresql_settings(**lease);
        if (settings) settings->erase("default_transaction_read_only");  // this session's own doing
        return settings;
    }
    auto turn = take_turn();
    if (!turn) return fail(std::move(turn));
    if (auto connected = (*turn)->connect(); !connected) return fail(std::move(connected));
    return postgresql_settings((*turn)->session());
}

Result<std::unique_ptr<UnitOfWork>> PostgresStore::begin() {
    auto taken = take_turn();
    if (!taken) return fail(std::move(taken));
    Turn turn = std::move(*taken);
    auto transaction = turn->begin_unit();
    if (!transaction) return fail(std::move(transaction));
    auto size = LedgerTables{turn->session()}.size();
    if (!size) return fail(std::move(size));
    return std::make_unique<Work>(std::move(turn), std::move(*transaction), *size);
}

/// A server that was started again has ended the connections that lie in the pool, and nobody notices before the first question.
Result<std::unique_ptr<ReadSnapshot>> PostgresStore::read() {
    bool found_dead = false;
    auto snapshot = read_once(found_dead);
    if (snapshot || !found_dead) return snapshot;
    readers_.drop_idle();
    return read_once(found_dead);
}

Result<std::unique_ptr<ReadSnapshot>> PostgresStore::read_once(bool& found_dead) {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    const auto began = std::chrono::steady_clock::now();
    auto transaction = sql::Transaction::begin(**lease, Mode::read);
    found_dead = !transaction && !(*lease)->usable() && std::chrono::steady_clock::now() - began < kDeadAtOnce;
    if (!transaction) return fail(std::move(transaction));
    return std::make_unique<Snapshot>(std::move(*lease), std::move(*transaction));
}

/// PostgreSQL checks its pages when they are read, where the cluster was made with checksums. Here they are read: those of the ledger.
Result<std::vector<std::string>> PostgresStore::check_integrity() {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    const auto number = [&](const sql::Query& query) {
        return (*lease)->first(query, {}, [](const sql::Row& row) { return row.integer(0); });
    };
    std::vector<std::string> lines;
    auto gaps = number(kGaps);
    if (!gaps && gaps.error().message.starts_with("file damaged: ")) return std::vector{std::move(gaps.error().message)};
    if (!gaps) return fail(std::move(gaps));
    if (gaps->value_or(0) != 0) lines.push_back(fmt::format("file damaged: {} entries of the ledger are missing", **gaps));
    auto failures = number(kChecksumFailures);
    if (!failures) return fail(std::move(failures));
    if (failures->value_or(0) != 0)
        lines.push_back(fmt::format("file damaged: the server counted {} pages with a wrong checksum", **failures));
    return lines;
}

Result<std::string> PostgresStore::describe() {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    auto about = (*lease)->first(kAbout, {}, [&](const sql::Row& row) {
        const std::string standbys{row.text(3)};
        return fmt::format("PostgreSQL {}, {}, schema {}, {}, fsync={}, synchronous_commit={}{}", row.text(0),
                           sql::describe(readers_.connection()).substr(sql::to_string(sql::Engine::postgresql).size() + 1), options_.schema,
                           writer_ ? "for writing" : "read-only", row.text(1), row.text(2),
                           standbys.empty() ? "" : ", synchronous_standby_names=" + standbys);
    });
    if (!about) return fail(std::move(about));
    return about->value_or("PostgreSQL");
}

std::vector<sql::Migration> migrations() {
    std::vector<sql::Migration> files;
    for (const embedded::File& file : embedded::store_postgres::files()) files.push_back({file.name, file.text});
    return files;
}

/// The schema is made where it is missing, so that an account that owns its schema needs no right to make one.
Result<void> make_schema(sql::Session& session, const std::string& name) {
    auto there = session.first(kSchemaThere, {{"name", name}}, [](const sql::Row&) { return true; });
    if (!there) return fail(std::move(there));
    if (*there) return {};
    const std::string create = "CREATE SCHEMA IF NOT EXISTS " + sql::quoted_name(name);
    auto made = session.execute_as_is({"store.schema", create.c_str()});
    if (!made && made.error().code == Errc::config)
        made.error().hint =
            fmt::format("let an administrator run: CREATE SCHEMA {} AUTHORIZATION the account of store.connection", sql::quoted_name(name));
    return made;
}

Result<void> must_hold_a_ledger(sql::Session& session, const std::string& schema) {
    auto there = session.first(kTablesThere, {{"name", schema}}, [](const sql::Row&) { return true; });
    if (!there) return fail(std::move(there));
    if (!*there) return fail(Errc::not_found, "the schema " + schema + " holds no ledger yet", "sql:store.tables");
    return {};
}

/// Of several daemons that start at one moment one makes the tables: "IF NOT EXISTS" looks before it makes, and both may look first.
/// A failure ends the session, and the lock with it.
Result<std::unique_ptr<WriterSession>> open_writer(const PostgresOptions& options) {
    auto writer = std::make_unique<WriterSession>(options);
    if (auto connected = writer->connect(); !connected) return fail(std::move(connected));
    const std::int64_t lock = making_lock(options.schema);
    if (auto locked = writer->session().execute(kOnlyMaker, {{"lock", lock}}); !locked) return fail(std::move(locked));
    if (auto made = make_schema(writer->session(), options.schema); !made) return fail(std::move(made));
    if (auto done = sql::migrate(writer->session(), migrations()); !done) return fail(std::move(done));
    if (auto freed = writer->session().execute(kMade, {{"lock", lock}}); !freed) return fail(std::move(freed));
    return writer;
}

}  // namespace
}  // namespace postgres

Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options) {
    auto reading = postgres::connection_of(options, true);
    if (!reading) return fail(std::move(reading));
    std::unique_ptr<postgres::WriterSession> writer;
    if (options.read_only) {
        auto session = sql::Session::open(*reading);
        if (!session) return fail(std::move(session));
        if (auto there = postgres::must_hold_a_ledger(*session, options.schema); !there) return fail(std::move(there));
        if (auto sound = sql::check_schema(*session, postgres::migrations()); !sound) return fail(std::move(sound));
    } else {
        auto opened = postgres::open_writer(options);
        if (!opened) return fail(std::move(opened));
        writer = std::move(*opened);
    }
    return std::make_unique<postgres::PostgresStore>(options, *reading, std::move(writer));
}

}  // namespace stemma::store
