#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/bench/ledger.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/bench/sqlite.hpp"

namespace stemma::bench {
namespace {

void bind_at(const SqliteStatement& statement, int at, std::int64_t value) { sqlite3_bind_int64(statement.get(), at, value); }
void bind_at(const SqliteStatement& statement, int at, const std::string& value) {
    sqlite3_bind_text(statement.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
}

std::string schema(const std::string& engine) {
    std::string all;
    for (const char* name : {"0001_ledger.sql", "0002_read_models.sql", "0003_state.sql"}) {
        std::ifstream file{STEMMA_SOURCE_DIR "/schemas/db/" + engine + "/" + name};
        if (!file) throw std::runtime_error(std::string{"cannot read the schema "} + name);
        std::ostringstream text;
        text << file.rdbuf();
        all += text.str();
    }
    return all;
}

class RawSqlite final : public RawWriter {
public:
    explicit RawSqlite(const std::string& file) : database_{file} {
        database_.run(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA "
            "wal_autocheckpoint=16384; PRAGMA secure_delete=ON");
        database_.run(schema("sqlite"));
        entry_ = database_.prepare("INSERT INTO ledger_entry (sequence, bytes, leaf_hash, chain_hash) VALUES (?1, ?2, ?3, ?4)");
        subject_ = database_.prepare("INSERT INTO subject (id, kind, uri) VALUES (?1, ?2, ?3)");
        subject_entry_ = database_.prepare("INSERT INTO subject_entry (subject, sequence) VALUES (?1, ?2)");
        event_ = database_.prepare("INSERT INTO event_row (event, sequence) VALUES (?1, ?2)");
        checkpoint_ = database_.prepare("INSERT INTO ledger_checkpoint (size, note) VALUES (?1, ?2)");
        begin_ = database_.prepare("BEGIN IMMEDIATE");
        commit_ = database_.prepare("COMMIT");
    }

    void write(const RawRows& rows) override {
        database_.step(begin_);
        for (const StoredEntry& row : rows.entries) {
            bind_at(entry_, 1, static_cast<std::int64_t>(row.sequence));
            bind_at(entry_, 2, row.bytes);
            bind_at(entry_, 3, row.leaf_hash);
            bind_at(entry_, 4, row.chain_hash);
            database_.step(entry_);
        }
        for (const RawRows::Subject& row : rows.subjects) {
            bind_at(subject_, 1, row.id);
            bind_at(subject_, 2, row.kind);
            bind_at(subject_, 3, row.uri);
            database_.step(subject_);
        }
        put_pairs(subject_entry_, rows.subject_entries);
        put_pairs(event_, rows.events);
        for (const StoredCheckpoint& row : rows.notes) {
            bind_at(checkpoint_, 1, static_cast<std::int64_t>(row.size));
            bind_at(checkpoint_, 2, row.note);
            database_.step(checkpoint_);
        }
        database_.step(commit_);
    }

    [[nodiscard]] std::uint64_t entries() override {
        const SqliteStatement count = database_.prepare("SELECT count(*) FROM ledger_entry");
        sqlite3_step(count.get());
        return static_cast<std::uint64_t>(sqlite3_column_int64(count.get(), 0));
    }

private:
    void put_pairs(const SqliteStatement& statement, const std::vector<RawRows::Pair>& pairs) {
        for (const RawRows::Pair& row : pairs) {
            bind_at(statement, 1, row.subject);
            bind_at(statement, 2, row.sequence);
            database_.step(statement);
        }
    }

    Sqlite database_;
    SqliteStatement entry_;
    SqliteStatement subject_;
    SqliteStatement subject_entry_;
    SqliteStatement event_;
    SqliteStatement checkpoint_;
    SqliteStatement begin_;
    SqliteStatement commit_;
};

/// A one-dimensional array in PostgreSQL's binary form: dimensions, nulls, type, length, lower bound; then each value's length and bytes.
class PgArray {
public:
    static constexpr std::uint32_t kByteaType = 17;  // pg_type.oid
    static constexpr std::uint32_t kBigintType = 20;
    static constexpr std::uint32_t kTextType = 25;

    PgArray(std::size_t count, std::uint32_t type) {
        for (const std::uint32_t word : {1U, 0U, type, static_cast<std::uint32_t>(count), 1U}) put_word(word);
    }
    void put(std::int64_t value) {
        put_word(sizeof value);
        const std::uint64_t network = htobe64(static_cast<std::uint64_t>(value));
        bytes_.append(reinterpret_cast<const char*>(&network), sizeof network);
    }
    void put(const std::string& value) {
        put_word(static_cast<std::uint32_t>(value.size()));
        bytes_ += value;
    }
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

private:
    void put_word(std::uint32_t value) {
        const std::uint32_t network = htonl(value);
        bytes_.append(reinterpret_cast<const char*>(&network), sizeof network);
    }
    std::string bytes_;
};

template <class Row, class Get>
PgArray column(const std::vector<Row>& rows, Get get, std::uint32_t text = PgArray::kTextType) {
    constexpr bool kIsText = std::is_same_v<std::decay_t<decltype(get(rows.front()))>, std::string>;
    PgArray array{rows.size(), kIsText ? text : PgArray::kBigintType};
    for (const Row& row : rows) array.put(get(row));
    return array;
}

class RawPostgres final : public RawWriter {
public:
    explicit RawPostgres(const std::string& connection) : session_{connection} {
        session_.run("SET search_path TO public");  // not the schema of the account's name, which is the product's
        session_.run(schema("postgres"));
        session_.prepare("entry", "INSERT INTO ledger_entry SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[])");
        session_.prepare("subject", "INSERT INTO subject (id, kind, uri) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])");
        session_.prepare("subject_entry", "INSERT INTO subject_entry SELECT * FROM unnest($1::bigint[], $2::bigint[])");
        session_.prepare("event", "INSERT INTO event_row (event, sequence) SELECT * FROM unnest($1::bigint[], $2::bigint[])");
        session_.prepare("checkpoint", "INSERT INTO ledger_checkpoint SELECT * FROM unnest($1::bigint[], $2::text[])");
    }

    void write(const RawRows& rows) override {
        session_.run("BEGIN");
        const auto& entries = rows.entries;
        put("entry", {column(entries, [](const auto& row) { return static_cast<std::int64_t>(row.sequence); }),
                      column(
                          entries, [](const auto& row) -> const std::string& { return row.bytes; }, PgArray::kByteaType),
                      column(entries, [](const auto& row) -> const std::string& { return row.leaf_hash; }),
                      column(entries, [](const auto& row) -> const std::string& { return row.chain_hash; })});
        const auto& subjects = rows.subjects;
        put("subject",
            {column(subjects, [](const auto& row) { return row.id; }), column(subjects, [](const auto& row) { return row.kind; }),
             column(subjects, [](const auto& row) -> const std::string& { return row.uri; })});
        put_pairs("subject_entry", rows.subject_entries);
        put_pairs("event", rows.events);
        put("checkpoint", {column(rows.notes, [](const auto& row) { return static_cast<std::int64_t>(row.size); }),
                           column(rows.notes, [](const auto& row) -> const std::string& { return row.note; })});
        session_.run("COMMIT");
    }

    [[nodiscard]] std::vector<pid_t> servers() const override { return {session_.backend()}; }
    [[nodiscard]] std::uint64_t entries() override {
        return std::stoull(PQgetvalue(session_.run("SELECT count(*) FROM ledger_entry").get(), 0, 0));
    }

private:
    void put(const std::string& statement, const std::vector<PgArray>& columns) { session_.run_binary(statement, bytes_of(columns)); }
    static std::vector<std::string_view> bytes_of(const std::vector<PgArray>& columns) {
        std::vector<std::string_view> bytes;
        for (const PgArray& one : columns) bytes.emplace_back(one.bytes());
        return bytes;
    }
    void put_pairs(const std::string& statement, const std::vector<RawRows::Pair>& pairs) {
        put(statement,
            {column(pairs, [](const auto& row) { return row.subject; }), column(pairs, [](const auto& row) { return row.sequence; })});
    }

    PgSession session_;
};

}  // namespace

std::unique_ptr<RawWriter> raw_sqlite(const std::string& file) { return std::make_unique<RawSqlite>(file); }
std::unique_ptr<RawWriter> raw_postgres(const std::string& connection) { return std::make_unique<RawPostgres>(connection); }

}  // namespace stemma::bench
