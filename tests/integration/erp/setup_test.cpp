// What is done before an ERP is attached, on real servers: a login made by the printed SQL reads what the mapping reads and nothing else;
// the doctor's plans, indexes, clock and replica; databases that are recognised, and one that nobody mapped.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "adapters/erp/grants.hpp"
#include "adapters/erp/opened.hpp"
#include "adapters/erp/suggest.hpp"
#include "tests/integration/erp/mariadb_database.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/child.hpp"
#include "tests/support/one_server.hpp"

namespace stemma::erp {
namespace {

using test::Data;
using test::MariadbDatabase;
using test::TrytonDatabase;
using test::Which;

class PostgresServer : public stemma::test::OneServer<stemma::test::Postgres> {};
class MariadbServer : public stemma::test::OneServer<stemma::test::Mariadb> {};
PostgresServer* const the_postgres = dynamic_cast<PostgresServer*>(::testing::AddGlobalTestEnvironment(new PostgresServer));
MariadbServer* const the_mariadb = dynamic_cast<MariadbServer*>(::testing::AddGlobalTestEnvironment(new MariadbServer));

sql::Connection writing(const std::string& text) {
    auto connection = sql::parse_connection(text);
    EXPECT_TRUE(connection);
    return *connection;
}

/// Whether the login of this connection may run a statement.
bool may(sql::Session& session, const std::string& text) {
    const bool done = session.execute_as_is({"test", text.c_str()}).has_value();
    session.roll_back();
    return done;
}

void run(const std::string& connection, const std::string& text) {
    auto session = sql::Session::open(writing(connection));
    ASSERT_TRUE(session) << session.error().text();
    const auto done = session->execute_as_is({"test", text.c_str()});
    ASSERT_TRUE(done) << text << ": " << done.error().text();
}

/// The records of a whole reading, by query.
std::map<std::string, std::size_t> records(ErpSource& source) {
    std::map<std::string, std::size_t> counts;
    for (const SourceBatch& batch : test::read_all(source)) counts[batch.query] += batch.records.size();
    return counts;
}

const SourceFinding* about(const SourceReport& report, std::string_view subject) {
    for (const SourceFinding& finding : report.about_server)
        if (finding.subject == subject) return &finding;
    return nullptr;
}

/// What the doctor says of the rows' transactions; ok where it says nothing.
SourceFinding::Level row_versions(ErpSource& source) {
    const auto report = source.check();
    EXPECT_TRUE(report);
    for (const SourceFinding& finding : report->findings)
        if (finding.subject == "row versions") return finding.level;
    return SourceFinding::Level::ok;
}

// --- grants -------------------------------------------------------------------------------------------------------------------------

TEST(PrintedGrants, on_postgresql_let_an_oddly_named_login_read_the_mapping_and_nothing_else) {
    const TrytonDatabase database{Which{Data::demo, sql::Engine::postgresql}};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    const auto opened = open_for_reading(database.connection(), *test::tryton());
    ASSERT_TRUE(opened);
    const std::string login = "o'dd \"reader; --";
    const auto sql = grants_sql(*test::tryton(), {.login = login, .database = opened->catalogue.database, .there = &opened->catalogue});
    ASSERT_TRUE(sql) << sql.error().text();
    database.run(*sql);

    SourceSettings settings;
    settings.connection = database.connection();
    const std::string owner = "user=stemma";
    settings.connection.target.replace(settings.connection.target.find(owner), owner.size(), "user='o\\'dd \"reader; --'");
    const auto source = database.source(settings);
    const auto report = source->check();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    EXPECT_EQ(records(*source), records(*database.source()));
    EXPECT_FALSE(report->costs.empty()) << "the right to SELECT is enough for a plan";
    for (const SourceFinding& finding : report->findings) EXPECT_NE(finding.level, SourceFinding::Level::warning) << finding.message;

    auto session = sql::Session::open(settings.connection);
    ASSERT_TRUE(session) << session.error().text();
    ASSERT_TRUE(may(*session, "SET default_transaction_read_only = off"));
    const Tables read = tables_read(*test::tryton());
    std::size_t others = 0;
    for (const auto& [table, shape] : opened->catalogue.tables) {
        const std::string name = fmt::format("\"{}\"", table);
        const bool granted = read.contains(table);
        EXPECT_FALSE(may(*session, fmt::format("SELECT * FROM {}", name)) && !granted) << table;
        EXPECT_FALSE(may(*session, fmt::format("INSERT INTO {} DEFAULT VALUES", name))) << table;
        EXPECT_FALSE(may(*session, fmt::format("DELETE FROM {}", name))) << table;
        EXPECT_FALSE(may(*session, fmt::format("UPDATE {0} SET \"{1}\" = \"{1}\"", name, shape.columns.begin()->first))) << table;
        for (const auto& [column, readable] : shape.columns) {
            const bool wanted = granted && std::ranges::find(read.at(table), column) != read.at(table).end();
            EXPECT_EQ(may(*session, fmt::format("SELECT \"{}\" FROM {} LIMIT 1", column, name)), wanted) << table << '.' << column;
        }
        others += granted ? 0 : 1;
    }
    RecordProperty("tables_refused", static_cast<int>(others));
    database.run("CREATE TABLE salaries (id INTEGER, amount INTEGER)");
    EXPECT_FALSE(may(*session, "SELECT id FROM salaries"));
    EXPECT_FALSE(may(*session, "CREATE TABLE mine (id INTEGER)"));
    database.run("DROP OWNED BY \"o'dd \"\"reader; --\"; DROP ROLE \"o'dd \"\"reader; --\"");
}

/// A login from before: without the place of a row, its transaction alone tells what changed. And a column that only tells the version need
/// not be readable.
TEST(PrintedGrants, on_postgresql_are_enough_for_later_readings_too_with_the_places_of_rows_and_without) {
    const TrytonDatabase database{Which{Data::demo, sql::Engine::postgresql}};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    Mapping told_by_column = *test::tryton();
    told_by_column.fingerprint["stock_move"].emplace_back("internal_quantity");
    const auto mapping = std::make_shared<const Mapping>(told_by_column);
    const auto opened = open_for_reading(database.connection(), *mapping);
    ASSERT_TRUE(opened);
    const auto sql = grants_sql(*mapping, {.login = "later_reader", .there = &opened->catalogue});
    ASSERT_TRUE(sql) << sql.error().text();
    EXPECT_FALSE(sql->contains("internal_quantity")) << "nobody reads it";
    database.run(*sql);
    SourceSettings settings;
    settings.connection = database.connection();
    const std::string owner = "user=stemma";
    settings.connection.target.replace(settings.connection.target.find(owner), owner.size(), "user=later_reader");
    const auto source = database.source(settings, mapping);
    std::map<std::string, std::string> cursors;
    const auto read = [&] {
        std::set<std::string> ids;
        for (const SourceBatch& batch : test::read_all(*source, cursors)) {
            cursors[batch.query] = batch.cursor;
            if (batch.query == "moves")
                for (const SourceRecord& record : batch.records) ids.insert(record.key);
        }
        return ids;
    };
    EXPECT_GT(read().size(), 100U);
    EXPECT_TRUE(cursors.at("moves").starts_with("xmin="));
    const std::string move = database.rows("SELECT MIN(id) FROM stock_move WHERE state = 'done' AND quantity > 1").at(0).at(0);
    const std::string change = fmt::format("UPDATE stock_move SET quantity = quantity + 1 WHERE id = {}", move);  // without a change time
    database.run(change);
    EXPECT_TRUE(read().contains(move));
    EXPECT_FALSE(read().contains(move));
    EXPECT_EQ(row_versions(*source), SourceFinding::Level::ok);
    database.run("REVOKE SELECT (ctid) ON stock_move, stock_lot, production FROM later_reader");
    database.run(change);
    EXPECT_TRUE(read().contains(move));
    EXPECT_FALSE(read().contains(move));
    database.run("REVOKE SELECT (xmin) ON stock_move FROM later_reader");
    EXPECT_EQ(row_versions(*source), SourceFinding::Level::warning) << "only the change times tell then";
    database.run("DROP OWNED BY later_reader; DROP ROLE later_reader");
}

TEST(PrintedGrants, on_mariadb_let_a_login_read_the_mapping_and_nothing_else) {
    const MariadbDatabase database{test::kDolibarr, MariadbDatabase::Rows::all};
    if (!database.missing().empty()) GTEST_SKIP() << database.missing();
    const auto owner = open_for_reading(writing(database.connection()), *database.mapping());
    ASSERT_TRUE(owner);
    const auto sql = grants_sql(*database.mapping(), {.engine = sql::Engine::mariadb,
                                                      .login = "o'dd reader@127.0.0.1",
                                                      .database = owner->catalogue.database,
                                                      .there = &owner->catalogue});
    ASSERT_TRUE(sql) << sql.error().text();
    database.run(*sql);
    std::string text = database.connection();
    text.replace(text.find("user=root"), 9, "user='o\\'dd reader' password=chosen");
    EXPECT_FALSE(sql::Session::open(writing(text))) << "the login is locked until somebody chooses a password";
    database.run("ALTER USER 'o''dd reader'@'127.0.0.1' IDENTIFIED BY 'chosen' ACCOUNT UNLOCK");

    SourceSettings settings;
    settings.connection = writing(text);
    const auto source = database.source(settings);
    const auto report = source->check();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    EXPECT_EQ(records(*source), records(*database.source()));
    EXPECT_FALSE(report->costs.empty()) << "the right to SELECT is enough for a plan";
    for (const SourceFinding& finding : report->findings) EXPECT_NE(finding.level, SourceFinding::Level::warning) << finding.message;

    database.run("CREATE TABLE salaries (id INTEGER, amount INTEGER)");
    const std::string before = database.content();
    auto session = sql::Session::open(settings.connection);
    ASSERT_TRUE(session) << session.error().text();
    Tables read = tables_read(*database.mapping());
    for (const auto& [table, columns] : database.mapping()->fingerprint)  // MariaDB shows a login no name that it may not read
        read[table].insert(read[table].end(), columns.begin(), columns.end());
    for (const auto& [table, shape] : owner->catalogue.tables)
        for (const auto& [column, readable] : shape.columns) {
            const bool wanted = read.contains(table) && std::ranges::find(read.at(table), column) != read.at(table).end();
            EXPECT_EQ(may(*session, fmt::format("SELECT \"{}\" FROM \"{}\" LIMIT 1", column, table)), wanted) << table << '.' << column;
            EXPECT_FALSE(may(*session, fmt::format("UPDATE \"{0}\" SET \"{1}\" = \"{1}\"", table, column))) << table;
        }
    for (const auto& [table, columns] : read) {
        EXPECT_FALSE(may(*session, fmt::format("INSERT INTO \"{}\" () VALUES ()", table))) << table;
        EXPECT_FALSE(may(*session, fmt::format("DELETE FROM \"{}\"", table))) << table;
    }
    EXPECT_FALSE(may(*session, "SELECT id FROM salaries"));
    EXPECT_FALSE(may(*session, "CREATE TABLE mine (id INTEGER)"));
    EXPECT_FALSE(may(*session, fmt::format("SELECT * FROM \"{}\".llx_product_stock", database.dump_database())));
    EXPECT_EQ(database.content(), before);
    database.run("DROP USER 'o''dd reader'@'127.0.0.1'");
}

// --- the doctor's plans -------------------------------------------------------------------------------------------------------------

constexpr std::string_view kJournal = R"(mapping: journal-1
erp: Journal
version: "1"
fingerprint:
  tables: {{journal: [id, changed]}}
units: {{pc: C62}}
queries:
  - name: moves
    table: journal
    key: id
    cursor: {{changed: changed, id: id}}
    tables: {{journal: [id, day, lot, made, changed]}}
    columns: {{id: int, day: date, lot: int, changed: "time?"}}
    sql: SELECT j.id, j.day, j.lot, {} AS changed FROM journal j
    record:
      event:
        id: "move:{{id}}"
        time: day
        biz_step: receiving
        items: [{{item: "lot:{{lot}}"}}]
)";

std::unique_ptr<ErpSource> journal(const std::string& connection, std::string_view changed) {
    const auto tree = config::read_yaml_text(fmt::format(fmt::runtime(kJournal), changed), "journal.yaml");
    EXPECT_TRUE(tree) << tree.error().text();
    auto mapping = read_mapping(tree->root());
    EXPECT_TRUE(mapping) << mapping.error().front().text();
    SourceSettings settings;
    settings.name = "journal";
    settings.connection = writing(connection);
    return std::move(*make_source(settings, std::make_shared<const Mapping>(std::move(*mapping))));
}

/// The CREATE INDEX that a hint ends with.
std::string index_of(const SourceFinding& finding) { return finding.hint.substr(finding.hint.find("CREATE INDEX")); }

TEST(DoctorOfPostgresql, warns_of_a_big_table_read_whole_until_the_index_that_it_names_is_there) {
    if (!stemma::test::Postgres::installed()) GTEST_SKIP() << stemma::test::Postgres::kMissing;
    run(the_postgres->get()->connection(), "CREATE DATABASE plans");
    const std::string owner = the_postgres->get()->connection("plans");
    run(owner, "CREATE TABLE journal (id INTEGER PRIMARY KEY, day DATE, lot INTEGER, made TIMESTAMP NOT NULL, changed TIMESTAMP)");
    run(owner,
        "INSERT INTO journal SELECT i, DATE '2026-01-01', i, TIMESTAMP '2020-01-01' + i * INTERVAL '1 minute', NULL "
        "FROM generate_series(1, 50000) i");
    run(owner, "ANALYZE journal");
    run(owner, "CREATE ROLE looker LOGIN");
    run(owner, "GRANT SELECT ON journal TO looker");
    std::string reader = owner;
    reader.replace(reader.find("user=stemma"), 11, "user=looker");
    const auto source = journal(reader, "COALESCE(j.changed, j.made)");
    const auto before = source->check();
    ASSERT_TRUE(before && before->fits);
    ASSERT_EQ(before->costs.size(), 2U);
    EXPECT_TRUE(before->costs[1].later);
    EXPECT_EQ(before->costs[1].whole, std::vector<std::string>{"journal"});
    const SourceFinding* warning = about(*before, "table journal");
    ASSERT_NE(warning, nullptr);
    EXPECT_EQ(warning->level, SourceFinding::Level::warning);
    EXPECT_EQ(index_of(*warning), R"(CREATE INDEX "stemma_journal_changed" ON "journal" ((COALESCE("changed", "made")));)");
    run(owner, index_of(*warning));
    run(owner, "ANALYZE journal");
    const auto after = source->check();
    ASSERT_TRUE(after);
    EXPECT_EQ(about(*after, "table journal"), nullptr);
    EXPECT_TRUE(after->costs[1].whole.empty());
    EXPECT_LT(*after->costs[1].cost * 10, *before->costs[1].cost);
    EXPECT_TRUE(source->fit()->about_server.empty());
}

TEST(DoctorOfPostgresql, tells_clock_and_replica_to_a_login_that_may_only_select) {
    if (!stemma::test::Postgres::installed()) GTEST_SKIP() << stemma::test::Postgres::kMissing;
    const TrytonDatabase database{Which{Data::demo, sql::Engine::postgresql}};
    const auto report = database.source()->check();
    ASSERT_TRUE(report);
    ASSERT_TRUE(report->clock_ahead_us);
    EXPECT_LT(std::abs(*report->clock_ahead_us), 5'000'000) << "both are this computer's";
    EXPECT_EQ(about(*report, "clock")->level, SourceFinding::Level::ok);
    EXPECT_EQ(report->replica.is_one, std::optional{false});
    EXPECT_EQ(about(*report, "replica")->level, SourceFinding::Level::ok);
    EXPECT_EQ(report->costs.size(), 9U) << "two for each query, one for the places, which have no cursor";
    for (const QueryEstimate& cost : report->costs) EXPECT_TRUE(cost.cost && cost.rows) << cost.query;
}

/// A standby of the program's server, made by pg_basebackup.
class Standby {
public:
    explicit Standby(const stemma::test::Postgres& first) {
        namespace fs = std::filesystem;
        for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql"})
            if (fs::exists(version.path() / "bin" / "pg_basebackup")) bin_ = version.path() / "bin";
        const std::string data = folder_ + "/data";
        EXPECT_TRUE(stemma::test::child::give_away(folder_, kUsers));
        const std::string from = std::to_string(first.port());
        EXPECT_EQ(stemma::test::child::wait_for(spawn({bin_ + "/pg_basebackup", "-h", "127.0.0.1", "-p", from, "-U", "stemma", "-D", data,
                                                       "-R", "-X", "stream", "-c", "fast", "--no-sync"})),
                  0)
            << stemma::test::child::content(log());
        port_ = stemma::test::child::free_port();
        const std::string port = std::to_string(port_);
        server_ =
            spawn({bin_ + "/postgres", "-D", data, "-h", "127.0.0.1", "-p", port, "-c", "unix_socket_directories=", "-c", "fsync=off"});
        for (int i = 0; i < 1'500 && !sql::Session::open(writing(connection("postgres"))); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    Standby(const Standby&) = delete;
    Standby& operator=(const Standby&) = delete;
    ~Standby() {
        kill(server_, SIGINT);
        stemma::test::child::wait_for(server_);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
        std::filesystem::remove(log(), ignored);
    }
    [[nodiscard]] std::string connection(const std::string& database) const {
        return fmt::format("postgresql:host=127.0.0.1 port={} user=stemma dbname={}", port_, database);
    }

private:
    static constexpr std::array<const char*, 2> kUsers{"postgres", "nobody"};
    static std::string made_folder() {
        std::string folder = (std::filesystem::temp_directory_path() / "stemma-standby-XXXXXX").string();
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        return folder;
    }
    [[nodiscard]] std::string log() const { return folder_ + ".log"; }
    [[nodiscard]] pid_t spawn(const std::vector<std::string>& words) const {
        return stemma::test::child::spawn(words, {.output = log(), .users = kUsers, .at_our_death = SIGQUIT});
    }

    std::string folder_{made_folder()};
    std::string bin_;
    int port_{0};
    pid_t server_{-1};
};

TEST(DoctorOfPostgresql, tells_how_far_a_standby_is_behind) {
    if (!stemma::test::Postgres::installed()) GTEST_SKIP() << stemma::test::Postgres::kMissing;
    run(the_postgres->get()->connection(), "CREATE DATABASE followed");
    const std::string first = the_postgres->get()->connection("followed");
    run(first, "CREATE TABLE journal (id INTEGER PRIMARY KEY, day DATE, lot INTEGER, made TIMESTAMP, changed TIMESTAMP)");
    run(first, "CREATE ROLE follower LOGIN");
    run(first, "GRANT SELECT ON journal TO follower");
    const Standby standby{*the_postgres->get()};
    std::string reader = standby.connection("followed");
    reader.replace(reader.find("user=stemma"), 11, "user=follower");
    const auto source = journal(reader, "j.changed");
    const auto waits_for = [&](auto good) {
        for (int i = 0; i < 500; ++i) {
            const auto report = source->check();
            if (report && good(*report)) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return false;
    };
    EXPECT_TRUE(waits_for([](const SourceReport& report) {
        return report.replica.is_one == true && report.replica.lag_us == 0 && about(report, "replica")->level == SourceFinding::Level::ok;
    }));
    run(standby.connection("followed"), "SELECT pg_wal_replay_pause()");
    run(first, "INSERT INTO journal VALUES (1, '2026-01-01', 1, now(), now())");
    EXPECT_TRUE(waits_for([](const SourceReport& report) { return report.replica.lag_us != 0; }))
        << "it has received what it does not replay";
}

TEST(DoctorOfMariadb, warns_of_a_big_table_and_says_what_a_plain_login_cannot_see) {
    if (!stemma::test::Mariadb::installed()) GTEST_SKIP() << stemma::test::Mariadb::kMissing;
    const auto done = the_mariadb->get()->run(
        "CREATE DATABASE plans; USE plans; CREATE TABLE journal (id INTEGER PRIMARY KEY, day DATE, lot INTEGER, made DATETIME NOT NULL, "
        "changed "
        "DATETIME); INSERT INTO journal SELECT seq, '2026-01-01', seq, '2020-01-01' + INTERVAL seq MINUTE, '2020-01-01' + INTERVAL seq "
        "MINUTE "
        "FROM seq_1_to_50000; ANALYZE TABLE journal; CREATE USER 'looker'@'%'; GRANT SELECT ON plans.journal TO 'looker'@'%'");
    ASSERT_TRUE(done) << done.error().text();
    const std::string reader = the_mariadb->get()->connection("plans", "looker");
    const auto source = journal(reader, "j.changed");
    const auto before = source->check();
    ASSERT_TRUE(before && before->fits) << (before ? "" : before.error().text());
    const SourceFinding* warning = about(*before, "table journal");
    ASSERT_NE(warning, nullptr);
    EXPECT_EQ(index_of(*warning), "CREATE INDEX `stemma_journal_changed` ON `journal` (`changed`);");
    EXPECT_EQ(about(*before, "clock")->level, SourceFinding::Level::ok);
    EXPECT_EQ(about(*before, "replica")->level, SourceFinding::Level::note);
    EXPECT_TRUE(about(*before, "replica")->message.contains("no right SLAVE MONITOR")) << about(*before, "replica")->message;
    EXPECT_FALSE(before->replica.is_one);

    ASSERT_TRUE(
        the_mariadb->get()->run("ANALYZE TABLE journal; " + index_of(*warning) + "GRANT SLAVE MONITOR ON *.* TO 'looker'@'%'", "plans"));
    const auto after = source->check();
    ASSERT_TRUE(after);
    EXPECT_EQ(about(*after, "table journal"), nullptr);
    EXPECT_EQ(after->replica.is_one, std::optional{false});
    // A replica that was set up and has never reached its master.
    ASSERT_TRUE(the_mariadb->get()->run("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='nobody'"));
    const auto replica = source->check();
    ASSERT_TRUE(the_mariadb->get()->run("RESET SLAVE ALL"));
    ASSERT_TRUE(replica);
    EXPECT_EQ(replica->replica.is_one, std::optional{true});
    EXPECT_EQ(about(*replica, "replica")->level, SourceFinding::Level::warning);
    const auto expression = journal(reader, "COALESCE(j.changed, j.made)")->check();
    ASSERT_TRUE(expression);
    ASSERT_NE(about(*expression, "table journal"), nullptr);
    EXPECT_EQ(about(*expression, "table journal")->level, SourceFinding::Level::note);
    EXPECT_TRUE(about(*expression, "table journal")->message.contains("no index on an expression"));
}

// --- suggest ------------------------------------------------------------------------------------------------------------------------

std::vector<Mapping> shipped() {
    std::vector<Mapping> all;
    for (const char* name :
         {"dolibarr-22", "erpnext-14", "erpnext-15", "odoo-13-15", "odoo-16-17", "odoo-18", "tryton-6.0", "tryton-7.0"}) {
        auto mapping = read_mapping_file(fmt::format("{}/config/erp/{}.yaml", STEMMA_SOURCE_DIR, name));
        EXPECT_TRUE(mapping) << name;
        if (mapping) all.push_back(std::move(*mapping));
    }
    return all;
}

std::vector<std::string> recognised(const std::string& connection_text) {
    const auto foreign = open_foreign(writing(connection_text));
    EXPECT_TRUE(foreign) << foreign.error().text();
    std::vector<std::string> names;
    for (const KnownMapping& known : recognise(foreign->catalogue, shipped()).fitting) names.push_back(known.name);
    return names;
}

/// A proposal that loads and fits; the rows that it cannot read, by query.
struct Proposed {
    std::string yaml;
    std::map<std::string, std::size_t> records, rejects;
};
Proposed proposed(const sql::Connection& connection) {
    Proposed made;
    auto foreign = open_foreign(connection);
    EXPECT_TRUE(foreign) << foreign.error().text();
    auto yaml = suggest(*foreign, {"proposed-1", "a database", true, {}});
    EXPECT_TRUE(yaml) << yaml.error().text();
    made.yaml = yaml.value_or("");
    const auto tree = config::read_yaml_text(made.yaml, "proposed-1.yaml");
    auto mapping = read_mapping(tree->root());
    EXPECT_TRUE(mapping) << mapping.error().front().text();
    SourceSettings settings;
    settings.name = "erp";
    settings.connection = connection;
    const auto source = std::move(*make_source(settings, std::make_shared<const Mapping>(std::move(*mapping))));
    const auto report = source->check();
    EXPECT_TRUE(report && report->fits);
    for (const SourceBatch& batch : test::read_all(*source)) {
        made.records[batch.query] += batch.records.size();
        made.rejects[batch.query] += batch.rejects.size();
    }
    return made;
}

TEST(Recognition, of_the_erps_that_have_a_mapping) {
    const TrytonDatabase tryton{Which{Data::demo, sql::Engine::postgresql}};
    if (tryton.missing().empty()) {
        const auto foreign = open_foreign(tryton.connection());
        ASSERT_TRUE(foreign);
        const Recognised found = recognise(foreign->catalogue, shipped());
        ASSERT_EQ(found.fitting.size(), 1U);
        EXPECT_EQ(found.fitting[0].name, "tryton-6.0");
    }
    const MariadbDatabase dolibarr{test::kDolibarr, MariadbDatabase::Rows::none};
    if (dolibarr.missing().empty()) {
        EXPECT_EQ(recognised(dolibarr.connection()), std::vector<std::string>{"dolibarr-22"});
    }
    const MariadbDatabase erpnext{test::kErpnext, MariadbDatabase::Rows::none};
    if (erpnext.missing().empty()) {
        EXPECT_EQ(recognised(erpnext.connection()), std::vector<std::string>{"erpnext-15"});
    }
}

/// Lists of columns that Odoo 17 and 18 have; PostgreSQL's catalogue would say the same.
TEST(Recognition, of_odoo_tells_its_versions_apart) {
    for (const auto& [file, mapping] : {std::pair{"columns-17.csv.gz", "odoo-16-17"}, std::pair{"columns-18.csv.gz", "odoo-18"}}) {
        std::istringstream lines{test::unpacked(test::shared_erp_path(fmt::format("odoo/{}", file)))};
        Catalogue catalogue;
        for (std::string line; std::getline(lines, line);) {
            const std::size_t comma = line.find(',');
            catalogue.tables[line.substr(0, comma)].columns[line.substr(comma + 1, line.find(',', comma + 1) - comma - 1)] = true;
        }
        if (catalogue.tables.empty()) GTEST_SKIP() << "needs ../shared/erp/odoo/" << file;
        const Recognised found = recognise(catalogue, shipped());
        ASSERT_EQ(found.fitting.size(), 1U) << file;
        EXPECT_EQ(found.fitting[0].name, mapping);
    }
}

TEST(Proposal, for_the_tutorials_erp_is_the_same_on_postgresql) {
    if (!stemma::test::Postgres::installed()) GTEST_SKIP() << stemma::test::Postgres::kMissing;
    run(the_postgres->get()->connection(), "CREATE DATABASE teahouse");
    std::ifstream file{STEMMA_SOURCE_DIR "/config/examples/teahouse.sql"};
    const std::string connection = the_postgres->get()->connection("teahouse");
    run(connection, {std::istreambuf_iterator<char>{file}, {}});
    const Proposed made = proposed(writing(connection));
    const std::map<std::string, std::size_t> rejects{{"products", 1},
                                                     {"places", 0},
                                                     {"partner", 0},
                                                     {"lots", 0},
                                                     {"delivery_line", 2},
                                                     {"customer_return_line", 1},
                                                     {"goods_receipt_line", 0},
                                                     {"work_order_input", 0},
                                                     {"work_order_output", 1}};
    EXPECT_EQ(made.rejects, rejects) << "rows with tins, whose unit nobody knows";
}

/// webERP's own demonstration data; what its tables are is written in the schema notes beside it.
TEST(Proposal, for_weberp_finds_its_journal_and_says_what_it_leaves_open) {
    const std::string dump = test::unpacked(test::shared_erp_path("weberp/weberp-4.13-demo.sql.gz"));
    if (dump.empty() || !stemma::test::Mariadb::installed()) GTEST_SKIP() << "needs ../shared/erp/weberp and a MariaDB server";
    ASSERT_TRUE(the_mariadb->get()->run("CREATE DATABASE weberp"));
    const auto loaded = the_mariadb->get()->run("SET SESSION sql_mode='';" + dump, "weberp");
    ASSERT_TRUE(loaded) << loaded.error().text();
    const Proposed made = proposed(writing(the_mariadb->get()->connection("weberp")));
    for (const char* line :
         {"table: stockmaster", "table: locations", "table: suppliers", "table: debtorsmaster", "table: stockserialitems",
          "# a lot is known by stockid and serialno together", "type 10 'Sales Invoice' is taken for 'ship'",
          "type 25 'Purchase Order Delivery' is taken for 'receive'", "type 26 'Work Order Receipt' is taken for 'produce'",
          "type 28 'Work Order Issue' is taken for 'consume'", "transformation: \"stockmoves_no:{doc_key}\""})
        EXPECT_TRUE(made.yaml.contains(line)) << line;
    for (const char* open : {"no column says when a row changed", "has to be the same for all inputs and outputs of one production order",
                             "debtorno names a customer alone", "# - loctransfers: has no primary key", "grns may tell of the same",
                             "# - locstock: looks like what is in stock now"})
        EXPECT_TRUE(made.yaml.contains(open)) << open;
    EXPECT_EQ(made.records.at("products") + made.rejects.at("products"), 31U);
    EXPECT_EQ(made.rejects.at("lots"), 0U) << "expiry '2000-00-00' is unknown, not an error";
    EXPECT_EQ(made.records.at("stockmoves") + made.rejects.at("stockmoves") + made.records.at("stockserialmoves") +
                  made.rejects.at("stockserialmoves"),
              22U);
}

TEST(Proposal, for_large_erps_loads_whatever_it_guesses) {
    const TrytonDatabase tryton{Which{Data::demo, sql::Engine::postgresql}};
    if (tryton.missing().empty()) {
        EXPECT_TRUE(proposed(tryton.connection()).yaml.contains("name: stock_move"));
    }
    const MariadbDatabase dolibarr{test::kDolibarr, MariadbDatabase::Rows::all};
    if (dolibarr.missing().empty()) {
        EXPECT_TRUE(proposed(writing(dolibarr.connection())).yaml.contains("table: llx_product\n"));
    }
    const MariadbDatabase erpnext{test::kErpnext, MariadbDatabase::Rows::all};
    if (erpnext.missing().empty()) {
        EXPECT_TRUE(proposed(writing(erpnext.connection())).yaml.contains("table: tabItem\n"));
    }
}

}  // namespace
}  // namespace stemma::erp
