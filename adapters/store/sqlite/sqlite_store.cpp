#include "adapters/store/sqlite/sqlite_store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <semaphore>
#include <utility>

#include "adapters/sql/migrate.hpp"
#include "adapters/sql/pool.hpp"
#include "adapters/sql/transaction.hpp"
#include "adapters/store/settings/engine_settings.hpp"
#include "adapters/store/sqlite/file_queries.hpp"
#include "adapters/store/sqlite/ledger_tables.hpp"
#include "adapters/store/sqlite/read_model_writer.hpp"
#include "adapters/store/tables/queries.hpp"
#include "adapters/store/tables/reading.hpp"
#include "embedded/store_sqlite.hpp"

namespace stemma::store {
namespace {

using Mode = sql::Transaction::Mode;

constexpr std::string_view kDamaged = "file damaged: ";

class Snapshot final : public Reading<ReadSnapshot, LedgerTables> {
public:
    Snapshot(sql::Lease lease, sql::Transaction transaction) noexcept
        : Reading{*lease}, lease_{std::move(lease)}, transaction_{std::move(transaction)} {}

private:
    sql::Lease lease_;
    sql::Transaction transaction_;  // ends before the session goes back
};

/// The one writing session, and whose turn it is.
struct Writer {
    explicit Writer(sql::Session opened) : session{std::move(opened)} {}

    sql::Session session;
    SubjectIds subjects;
    std::int64_t seen_version{0};  ///< SQLite's data_version: changes when another connection wrote
    std::binary_semaphore turn{1};

    struct GiveBack {
        void operator()(Writer* writer) const noexcept { writer->turn.release(); }
    };
    using Turn = std::unique_ptr<Writer, GiveBack>;
};

class Work final : public Reading<UnitOfWork, LedgerTables> {
public:
    Work(Writer::Turn turn, sql::Transaction transaction, Sequence next) noexcept
        : Reading{turn->session},
          turn_{std::move(turn)},
          transaction_{std::move(transaction)},
          writer_{turn_->session, turn_->subjects},
          next_{next},
          part_start_{next} {
        writer_.begin_part();
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() override {
        if (!committed_) turn_->subjects.clear();
    }

    Result<std::vector<Sequence>> subject_entries(const std::string& id, Sequence before, std::uint64_t limit) override {
        if (auto done = settle(); !done) return fail(std::move(done));
        return Reading::subject_entries(id, before, limit);
    }
    Result<std::vector<Sequence>> subject_entries_from(const std::string& id, Sequence from, Sequence before) override {
        if (auto done = settle(); !done) return fail(std::move(done));
        return Reading::subject_entries_from(id, from, before);
    }
    Result<Digest> read_model_digest() override {
        if (auto done = settle(); !done) return fail(std::move(done));
        return Reading::read_model_digest();
    }

    Result<void> append(const StoredEntry& entry) override {
        return change([&]() -> Result<void> {
            if (entry.sequence != next_)
                return fail(Errc::conflict, fmt::format("entry {} cannot be appended: the next one is {}", entry.sequence, next_),
                            "sql:ledger.append");
            ++next_;
            return ledger_.append(entry);
        });
    }
    Result<void> apply(const ReadModelChange& what) override {
        return change([&] { return writer_.apply(what); });
    }
    Result<void> put_checkpoint(const StoredCheckpoint& checkpoint) override {
        return change([&] { return ledger_.put_checkpoint(checkpoint); });
    }
    Result<void> put_person(const Person& person) override {
        return change([&] { return state_.put_person(person); });
    }
    Result<void> redact_person(const PartyId& party) override {
        return change([&] { return state_.redact_person(party); });
    }
    Result<void> put_source_state(const SourceState& state) override {
        return change([&] { return state_.put_source_state(state); });
    }
    Result<void> put_reject(const RejectRow& reject) override {
        return change([&] { return state_.put_reject(reject); });
    }
    Result<void> clear_reject(const std::string& source, const std::string& query, const std::string& key) override {
        return change([&] { return state_.clear_reject(source, query, key); });
    }
    Result<void> put_access(const AccessRow& row) override {
        return change([&] { return state_.put_access(row); });
    }
    Result<void> remove_access(const std::string& kind, const std::string& id) override {
        return change([&] { return state_.remove_access(kind, id); });
    }
    Result<void> drop_read_models() override {
        return change([&] { return writer_.drop(); });
    }
    Result<void> begin_part() override;
    Result<void> undo_part() override;
    Result<void> commit() override {
        if (over_) return std::unexpected(*over_);
        auto done = check_open();
        if (done) done = writer_.write_entries();
        if (done) done = transaction_.commit();
        if (!done) {
            over_ = done.error();
        } else {
            committed_ = true;
            over_ = Error{Errc::internal, "the unit of work has been committed already", "sql:transaction.commit", {}};
        }
        return done;
    }

private:
    /// Does one change, unless the unit of work is over. The first failure ends it: half of a change is never committed, and nothing
    /// is written outside the transaction.
    template <class Act>
    [[nodiscard]] Result<void> change(Act&& act) {
        if (over_) return std::unexpected(*over_);
        auto done = open_part();
        if (done) done = act();
        if (!done) over_ = done.error();
        return done;
    }
    [[nodiscard]] Result<void> open_part();
    [[nodiscard]] Result<void> settle();
    [[nodiscard]] Result<void> check_open() const;
    [[nodiscard]] Result<void> undo_first_part();
    [[nodiscard]] Result<void> run(const sql::Query& query) {
        auto done = turn_->session.execute(query);
        if (!done) return fail(std::move(done));
        return {};
    }

    Writer::Turn turn_;  // given back last
    sql::Transaction transaction_;
    ReadModelWriter writer_;
    Sequence next_;
    Sequence part_start_;          ///< next_ at the start of the part
    bool written_before_{false};   ///< by an earlier part
    bool written_{false};          ///< by this part
    bool savepoint_{false};        ///< stands at the start of this part
    std::optional<Error> over_{};  ///< why nothing more can be done
    bool committed_{false};
};

/// A part's savepoint is set by its first write: a command that only looks costs nothing. The first part that writes needs none, it is
/// taken back with the transaction; a savepoint makes SQLite keep a copy of each page that is changed.
Result<void> Work::open_part() {
    if (std::exchange(written_, true)) return {};
    if (auto open = check_open(); !open || !written_before_) return open;
    savepoint_ = true;
    return run(q::part_begin);
}

/// Puts into their table what the writer has kept of this unit: somebody is about to read it.
Result<void> Work::settle() {
    if (!writer_.entries_wait()) return {};
    if (over_) return std::unexpected(*over_);
    auto done = check_open();
    if (done) done = writer_.write_entries();
    if (!done) over_ = done.error();
    return done;
}

/// SQLite ends a transaction by itself after some failures (a full disk, no memory): what came then would be written outside of it.
Result<void> Work::check_open() const {
    if (turn_->session.in_transaction()) return {};
    return fail(Errc::storage, "the transaction was ended by an earlier failure", "sql:transaction.begin");
}

Result<void> Work::begin_part() {
    if (over_) return std::unexpected(*over_);
    if (std::exchange(savepoint_, false)) {
        if (auto done = run(q::part_end); !done) {
            over_ = done.error();
            return done;
        }
    }
    written_before_ = written_before_ || written_;
    written_ = false;
    part_start_ = next_;
    writer_.begin_part();
    return {};
}

Result<void> Work::undo_part() {
    if (committed_) return std::unexpected(*over_);
    if (!written_) return {};
    Result<void> undone;
    if (savepoint_) {
        undone = run(q::part_undo);
        if (undone) undone = run(q::part_end);
    } else {
        undone = undo_first_part();
    }
    if (!undone) {
        over_ = undone.error();
        return undone;
    }
    over_.reset();
    written_ = false;
    savepoint_ = false;
    next_ = part_start_;
    writer_.undo_part();
    return {};
}

/// Nothing else was written in the unit: all of it goes.
Result<void> Work::undo_first_part() {
    if (auto again = transaction_.start_over(); !again) return again;
    const auto size = ledger_.size();
    if (!size) return std::unexpected(size.error());
    if (*size != part_start_) return fail(Errc::unavailable, "another program wrote to the ledger", "sql:transaction.begin", "try again");
    return {};
}

class SqliteStore final : public Store {
public:
    SqliteStore(const SqliteOptions& options, std::unique_ptr<Writer> writer, std::string synchronous)
        : options_{options},
          writer_{std::move(writer)},
          readers_{reading(), {.sessions_max = options.readers_max, .wait = std::chrono::milliseconds{options.busy_timeout_ms}}},
          synchronous_{std::move(synchronous)} {}

    Result<std::unique_ptr<UnitOfWork>> begin() override;
    Result<std::unique_ptr<ReadSnapshot>> read() override;
    Result<std::vector<std::string>> check_integrity() override;
    Result<std::string> describe() override;
    Result<StoreSettings> settings() override;

private:
    [[nodiscard]] sql::Connection reading() const {
        return {.target = options_.path, .read_only = true, .busy_timeout_ms = options_.busy_timeout_ms};
    }

    SqliteOptions options_;
    std::unique_ptr<Writer> writer_;  ///< none when read-only
    sql::Pool readers_;
    std::string synchronous_;
};

Result<std::unique_ptr<UnitOfWork>> SqliteStore::begin() {
    if (!writer_) return fail(Errc::storage, options_.path + " was opened for reading only", "sql:transaction.begin");
    if (!writer_->turn.try_acquire_for(std::chrono::milliseconds{options_.busy_timeout_ms}))
        return fail(Errc::unavailable, fmt::format("another writer held the database for {} ms", options_.busy_timeout_ms),
                    "sql:transaction.begin", "try again");
    Writer::Turn turn{writer_.get()};
    auto transaction = sql::Transaction::begin(turn->session, Mode::write);
    if (!transaction) return fail(std::move(transaction));
    auto version = turn->session.first(q::file_changed_by_others, {}, [](const sql::Row& row) { return row.integer(0); });
    if (!version) return fail(std::move(version));
    if (const std::int64_t seen = version->value_or(0); std::exchange(turn->seen_version, seen) != seen) turn->subjects.clear();
    auto size = LedgerTables{turn->session}.size();
    if (!size) return fail(std::move(size));
    return std::make_unique<Work>(std::move(turn), std::move(*transaction), *size);
}

Result<std::unique_ptr<ReadSnapshot>> SqliteStore::read() {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    auto transaction = sql::Transaction::begin(**lease, Mode::read);
    if (!transaction) return fail(std::move(transaction));
    return std::make_unique<Snapshot>(std::move(*lease), std::move(*transaction));
}

/// On a connection of its own: one that has the pages in its cache does not look at the file.
Result<std::vector<std::string>> SqliteStore::check_integrity() {
    const auto told = [](Error error) -> Result<std::vector<std::string>> {
        if (error.message.starts_with(kDamaged)) return std::vector{std::move(error.message)};
        return std::unexpected(std::move(error));
    };
    auto session = sql::Session::open(reading());
    if (!session) return told(std::move(session.error()));
    auto lines = session->all(q::file_check, {}, [](const sql::Row& row) { return text_at(row, 0); });
    if (!lines) return told(std::move(lines.error()));
    if (*lines == std::vector<std::string>{"ok"}) return std::vector<std::string>{};
    for (std::string& line : *lines) line.insert(0, kDamaged);
    return lines;
}

Result<std::string> SqliteStore::describe() {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    const auto text = [&](const sql::Query& query) {
        return (*lease)->first(query, {}, [](const sql::Row& row) { return text_at(row, 0); });
    };
    auto version = text(q::file_version);
    if (!version) return fail(std::move(version));
    auto journal = text(q::file_journal);
    if (!journal) return fail(std::move(journal));
    return fmt::format("SQLite {}, {}, journal_mode={}, {}", version->value_or(""), options_.path, journal->value_or(""),
                       writer_ ? "synchronous=" + synchronous_ : "read-only");
}

/// The journal is the file's; how much is synced is the writing session's.
Result<StoreSettings> SqliteStore::settings() {
    auto lease = readers_.lease();
    if (!lease) return fail(std::move(lease));
    auto settings = sqlite_settings(**lease, options_.path);
    if (!settings) return settings;
    settings->erase("synchronous");
    if (writer_) settings->emplace("synchronous", synchronous_ == "FULL" ? "2" : synchronous_);
    return settings;
}

std::vector<sql::Migration> migrations() {
    std::vector<sql::Migration> files;
    for (const embedded::File& file : embedded::store_sqlite::files()) files.push_back({file.name, file.text});
    return files;
}

/// Opens the writing session with its tables in order. `synchronous` becomes what the engine says it is.
Result<std::unique_ptr<Writer>> open_writer(const SqliteOptions& options, std::string& synchronous) {
    auto session = sql::Session::open({.target = options.path, .durable = true, .busy_timeout_ms = options.busy_timeout_ms});
    if (!session) return fail(std::move(session));
    for (const sql::Query& setting : {q::file_cache, q::file_checkpoint_pages, q::file_parts_in_memory, q::file_overwrite_deleted})
        if (auto done = session->execute_as_is(setting); !done) return fail(std::move(done));
    if (auto done = sql::migrate(*session, migrations()); !done) return fail(std::move(done));
    auto level = session->first(q::file_synchronous, {}, [](const sql::Row& row) { return row.integer(0); });
    if (!level) return fail(std::move(level));
    synchronous = level->value_or(0) >= 2 ? "FULL" : fmt::format("{}", level->value_or(0));
    return std::make_unique<Writer>(std::move(*session));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
    std::unique_ptr<Writer> writer;
    std::string synchronous;
    if (options.read_only) {
        auto session = sql::Session::open({.target = options.path, .read_only = true, .busy_timeout_ms = options.busy_timeout_ms});
        if (!session) return fail(std::move(session));
        if (auto sound = sql::check_schema(*session, migrations()); !sound) return fail(std::move(sound));
    } else {
        auto opened = open_writer(options, synchronous);
        if (!opened) return fail(std::move(opened));
        writer = std::move(*opened);
    }
    return std::make_unique<SqliteStore>(options, std::move(writer), std::move(synchronous));
}

}  // namespace stemma::store
