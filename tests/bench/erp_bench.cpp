// What attaching Stemma means for an ERP: the load of a first sync, of an idle one and of a sweep, and the first sync's speed beside bare
// SELECTs of the same rows through the database's own C library. On real databases of the folder beside the project, on servers of the
// run's own; what the servers say they were asked stands beside what Stemma counts.
#include <fmt/format.h>
#include <mysql.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "adapters/erp/opened.hpp"
#include "adapters/erp/source.hpp"
#include "adapters/erp/sql_text.hpp"
#include "core/engine/sync.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/ledger.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/integration/engine/engine_rig.hpp"
#include "tests/support/mariadb.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::bench {
namespace {

namespace fs = std::filesystem;
constexpr const char* kMappedOnly = "stemma, read and mapped alone";
constexpr const char* kBareRows = "bare SELECT of the same rows";
constexpr const char* kBareTables = "bare SELECT of the tables' columns";
constexpr Instant kNow{1'893'456'000 * kMicrosPerSecond};  // 2030-01-01, after every date in the dumps

template <class T>
T must(Result<T>&& made) {
    if (!made) throw std::runtime_error(made.error().text());
    if constexpr (!std::is_void_v<T>) return *std::move(made);
}

struct Dump {
    const char* erp;
    const char* mapping;  ///< file in config/erp
    const char* file;     ///< in ../shared/erp
};
constexpr Dump kOdoo{"Odoo 18 on PostgreSQL", "odoo-18.yaml", "odoo/odoo-18.0.sql.gz"};
constexpr Dump kErpnext{"ERPNext 15 on MariaDB", "erpnext-15.yaml", "erpnext/erpnext-15-trace.sql.gz"};

std::string path_of(const Dump& dump) { return fmt::format("{}/../shared/erp/{}", STEMMA_SOURCE_DIR, dump.file); }

/// What the server says it was asked since the last look, and its longest statement in milliseconds where it tells.
struct Asked {
    std::uint64_t statements{0};
    double longest_ms{0};
};

/// A server with the dump, and the database's own C library.
class ErpServer {
public:
    virtual ~ErpServer() = default;
    [[nodiscard]] virtual std::string connection() const = 0;
    /// Every value of every row is looked at; how many rows there were.
    virtual std::uint64_t select(const std::string& sql) = 0;
    virtual void forget_asked() = 0;
    [[nodiscard]] virtual Asked asked() = 0;
};

class OnPostgres final : public ErpServer {
public:
    explicit OnPostgres(const std::string& dump)
        : server_{must(test::Postgres::start({"shared_preload_libraries=pg_stat_statements"}))},
          watching_{libpq_form(server_->connection())} {
        watching_.run("CREATE EXTENSION pg_stat_statements");
        watching_.run("CREATE DATABASE erp");
        // The dump has rows of the business tables alone: keys to the others cannot be set up again, which psql says and goes on.
        const std::string load = fmt::format("gzip -dc '{}' | psql -X -q '{}' > /dev/null 2>&1", dump, libpq_form(connection()));
        if (std::system(load.c_str()) != 0) throw std::runtime_error("cannot load " + dump);
        session_ = std::make_unique<PgSession>(libpq_form(connection()));
        session_->run("ANALYZE");
        session_->run("SET jit = off");  // as Stemma has it: compiling a wide SELECT takes longer than running it
    }
    [[nodiscard]] std::string connection() const override { return server_->connection("erp"); }
    std::uint64_t select(const std::string& sql) override {
        const PgResult rows = session_->run(sql);
        for (int row = 0; row < PQntuples(rows.get()); ++row)
            for (int column = 0; column < PQnfields(rows.get()); ++column) bytes_ += PQgetlength(rows.get(), row, column);
        return static_cast<std::uint64_t>(PQntuples(rows.get()));
    }
    void forget_asked() override { watching_.run("SELECT pg_stat_statements_reset()"); }
    [[nodiscard]] Asked asked() override {
        const PgResult row = watching_.run(
            "SELECT COALESCE(sum(calls), 0), COALESCE(max(max_exec_time), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = "
            "s.dbid "
            "WHERE d.datname = 'erp'");
        return {std::strtoull(PQgetvalue(row.get(), 0, 0), nullptr, 10), std::strtod(PQgetvalue(row.get(), 0, 1), nullptr)};
    }

private:
    std::unique_ptr<test::Postgres> server_;
    PgSession watching_;
    std::unique_ptr<PgSession> session_;
    std::int64_t bytes_{0};
};

class OnMariadb final : public ErpServer {
public:
    explicit OnMariadb(const std::string& dump) : server_{must(test::Mariadb::start())}, session_{mysql_init(nullptr), &mysql_close} {
        must(server_->run("CREATE DATABASE erp CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"));
        must(server_->run(unpacked(dump), "erp"));
        mysql_options(session_.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (mysql_real_connect(session_.get(), "127.0.0.1", "root", "", "erp", static_cast<unsigned>(server_->port()), nullptr, 0) ==
            nullptr)
            throw std::runtime_error(mysql_error(session_.get()));
        select("SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'");
    }
    [[nodiscard]] std::string connection() const override { return server_->connection("erp"); }
    std::uint64_t select(const std::string& sql) override {
        if (mysql_real_query(session_.get(), sql.data(), sql.size()) != 0) throw std::runtime_error(mysql_error(session_.get()));
        const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> rows{mysql_use_result(session_.get()), &mysql_free_result};
        if (!rows) return 0;
        std::uint64_t count = 0;
        for (; mysql_fetch_row(rows.get()) != nullptr; ++count) {
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            for (unsigned column = 0; column < mysql_num_fields(rows.get()); ++column) bytes_ += lengths[column];
        }
        return count;
    }
    void forget_asked() override { before_ = questions(); }
    /// Looking is a question, too.
    [[nodiscard]] Asked asked() override { return {questions() - before_ - 1, 0}; }

private:
    static std::string unpacked(const std::string& path) {
        const std::unique_ptr<std::FILE, decltype(&pclose)> pipe{popen(fmt::format("gzip -dc '{}'", path).c_str(), "r"), &pclose};
        if (!pipe) throw std::runtime_error("cannot read " + path);
        std::string text;
        std::array<char, 65536> part{};
        for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe.get())) > 0;) text.append(part.data(), got);
        return text;
    }
    std::uint64_t questions() {
        if (mysql_query(session_.get(), "SHOW GLOBAL STATUS LIKE 'Questions'") != 0) throw std::runtime_error(mysql_error(session_.get()));
        const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> rows{mysql_store_result(session_.get()), &mysql_free_result};
        return std::strtoull(mysql_fetch_row(rows.get())[1], nullptr, 10);
    }
    std::unique_ptr<test::Mariadb> server_;
    std::unique_ptr<MYSQL, decltype(&mysql_close)> session_;
    std::uint64_t before_{0};
    std::uint64_t bytes_{0};
};

/// An engine on a fresh ledger that syncs the ERP.
class Syncer {
public:
    Syncer(const std::string& folder, ErpSource& source) : ledger_{folder}, source_{source} {}
    engine::SyncReport sync(engine::SyncReach reach) {
        engine::Syncing syncing{ledger_.store(), ledger_.appender(), plugins_, clock_, limits_};
        engine::SyncReport report = must(syncing.run(
            source_, reach, [](const auto&, const auto&) {}, [] { return false; }));
        if (!report.complete || report.sum.rejected != 0) throw std::runtime_error("the sync is not complete: " + report.paused);
        return report;
    }

private:
    LedgerUnderTest ledger_;
    ErpSource& source_;
    test::NoPlugins plugins_;
    memory::SetClock clock_{kNow};
    engine::Limits limits_;
};

/// The SELECTs that the mapping is for this database, and the tables and columns they read.
struct Selects {
    std::vector<std::string> rows;
    std::vector<std::string> tables;
};

Selects selects_of(const erp::Mapping& mapping, const sql::Connection& connection) {
    const erp::Opened opened = must(erp::open_for_reading(connection, mapping));
    Selects made;
    for (const erp::MappedQuery& query : mapping.queries) {
        erp::Selection whole;
        whole.engine = connection.engine;
        made.rows.push_back(compose(mapping, query, opened.fit.absent, whole));
    }
    for (const auto& [table, columns] : tables_read(mapping, opened.fit.absent)) {
        std::string list;
        for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + erp::quoted_name(column);
        made.tables.push_back(fmt::format("SELECT {} FROM {}", list, erp::quoted_name(table)));
    }
    return made;
}

std::uint64_t read_all(ErpSource& source) {
    const auto reading = must(source.read({}));
    std::uint64_t rows = 0;
    while (const auto batch = must(reading->next())) rows += batch->rows;
    return rows;
}

/// `asked`: by the server's own account, with what opening the sessions and looking whether the mapping fits takes.
void tell_load(Report& report, const std::string& what, const engine::SyncReport& sync, const Asked& asked) {
    const double seconds = static_cast<double>(sync.took_us) / 1e6;
    report.fact(what + ", took", seconds * 1e3, "ms");
    report.fact(what + ", statements by the server's account", static_cast<double>(asked.statements), "");
    report.fact(what + ", statements a second", static_cast<double>(asked.statements) / seconds, "/s");
    report.fact(what + ", of them reading", static_cast<double>(sync.cost.statements), "");
    report.fact(what + ", longest wait for an answer", static_cast<double>(sync.cost.longest_us) / 1e3, "ms");
    if (asked.longest_ms > 0) report.fact(what + ", longest statement by the server's account", asked.longest_ms, "ms");
    report.fact(what + ", rows over the line", static_cast<double>(sync.cost.rows), "");
    report.fact(what + ", bytes of their values", static_cast<double>(sync.cost.bytes), "");
}

/// By the clock: the sessions of a sync come and go, and their CPU time with them.
void tell_speed(Report& report, const std::string& erp, const std::vector<Sampled>& contenders) {
    const auto wall = [&](const char* name) { return std::ranges::find(contenders, name, &Sampled::name)->wall().median; };
    fmt::print(
        "\n### erp: {}, by the clock (per row)\n| contender | min | median | max | rows | to the bare SELECT "
        "|\n|---|---|---|---|---|---|\n",
        erp);
    for (const Sampled& each : contenders) {
        const Spread spread = each.wall();
        fmt::print("| {} | {} | {} | {} | {} | {:.2f} × |\n", each.name, duration(spread.least), duration(spread.median),
                   duration(spread.most), rate(spread.median), spread.median / wall(kBareRows));
    }
    for (const Sampled& each : contenders) report.fact(fmt::format("{}, {}", erp, each.name), 1e9 / each.wall().median, "rows/s");
    report.fact(erp + ", first sync's time to the bare SELECT's", wall(kOurs) / wall(kBareRows), "×");
}

void measure(const RunOptions& options, Report& report, const Dump& dump, ErpServer& server) {
    auto read = erp::read_mapping_file(fmt::format("{}/config/erp/{}", STEMMA_SOURCE_DIR, dump.mapping));
    if (!read) throw std::runtime_error(read.error().front().text());
    const auto mapping = std::make_shared<const erp::Mapping>(*std::move(read));
    erp::SourceSettings settings;
    settings.name = "bench";
    settings.connection = must(sql::parse_connection(server.connection()));
    settings.connection.read_only = true;
    const Selects selects = selects_of(*mapping, settings.connection);
    const auto source = must(erp::make_source(settings, mapping));

    const fs::path folder = fs::path{options.scratch} / fs::path{dump.mapping}.stem();
    engine::SyncReport first;
    {
        Syncer syncer{folder / "load", *source};
        const auto look = [&](const char* what, engine::SyncReach reach) {
            server.forget_asked();
            engine::SyncReport sync = syncer.sync(reach);
            const Asked asked = server.asked();
            tell_load(report, fmt::format("{}, {}", dump.erp, what), sync, asked);
            return sync;
        };
        first = look("first sync", engine::SyncReach::changes);
        look("idle sync", engine::SyncReach::changes);
        look("sweep", engine::SyncReach::keys);
    }
    const auto rows = static_cast<double>(first.sum.rows);
    const auto run_all = [&](const std::vector<std::string>& statements) {
        std::uint64_t count = 0;
        for (const std::string& sql : statements) count += server.select(sql);
        return count;
    };
    const auto same = [&](std::uint64_t count) {
        if (count != first.sum.rows) throw std::runtime_error(fmt::format("{} rows instead of {}", count, first.sum.rows));
    };
    std::unique_ptr<Syncer> fresh;
    const std::vector<Contender> contenders{{kOurs,
                                             [&](std::size_t) { same(fresh->sync(engine::SyncReach::changes).sum.rows); },
                                             {},
                                             rows,
                                             [&](std::size_t round) {
                                                 fresh.reset();
                                                 fresh = std::make_unique<Syncer>(folder / fmt::format("round-{}", round), *source);
                                             }},
                                            {kMappedOnly, [&](std::size_t) { same(read_all(*source)); }, {}, rows},
                                            {kBareRows, [&](std::size_t) { same(run_all(selects.rows)); }, {}, rows},
                                            {kBareTables, [&](std::size_t) { run_all(selects.tables); }, {}, rows}};
    tell_speed(report, fmt::format("{}, {} rows", dump.erp, number(first.sum.rows)), interleave(contenders, Rounds{options.rounds, false}));
}

template <class Server>
void bench_one(const RunOptions& options, Report& report, const Dump& dump, bool installed, const char* missing) {
    const std::string what = fmt::format("load and first sync of {}", dump.erp);
    if (!installed) return report.skip("erp", what, missing);
    if (!fs::exists(path_of(dump))) return report.skip("erp", what, "needs " + path_of(dump));
    Server server{path_of(dump)};
    measure(options, report, dump, server);
}

}  // namespace

void bench_erp(const RunOptions& options, Report& report) {
    if (options.postgres)
        bench_one<OnPostgres>(options, report, kOdoo, test::Postgres::installed(), test::Postgres::kMissing);
    else
        report.skip("erp", "load and first sync of Odoo 18 on PostgreSQL", "left out by --without-postgres");
    bench_one<OnMariadb>(options, report, kErpnext, test::Mariadb::installed(), test::Mariadb::kMissing);
}

}  // namespace stemma::bench
