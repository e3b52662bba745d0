// Attaching Stemma changes nothing in an ERP: one test over every ERP and database beside the project. A login made by the SQL that
// `stemma erp grants` prints (on SQLite: a file that nobody may write) reads everything, compares the keys, runs the doctor and the audit;
// then every table of the database has the rows and the checksum that it had before, and the server refuses that login each UPDATE. The
// red controls: the owner may run the same UPDATE, and one cell that he changes is noticed in its table.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/erp/catalogue.hpp"
#include "adapters/erp/grants.hpp"
#include "adapters/erp/opened.hpp"
#include "core/base/digest.hpp"
#include "tests/integration/audit/audit_rig.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/mariadb.hpp"
#include "tests/support/one_server.hpp"

namespace stemma::erp {
namespace {

namespace fs = std::filesystem;
using sql::Engine;

struct Dump {
    const char* name;
    Engine engine;
    const char* file;     ///< in ../shared/erp
    const char* mapping;  ///< in config/erp
    const char* table;    ///< that `cell` changes
    const char* cell;     ///< changes one value of one row
};
constexpr std::array kDumps{
    Dump{"odoo_18_on_postgresql", Engine::postgresql, "odoo/odoo-18.0.sql.gz", "odoo-18.yaml", "stock_lot",
         "UPDATE stock_lot SET name = name || 'x' WHERE id = (SELECT MIN(id) FROM stock_lot)"},
    Dump{"tryton_on_postgresql", Engine::postgresql, "tryton/tryton60_trace_slim.sql.gz", "tryton-6.0.yaml", "stock_move",
         "UPDATE stock_move SET quantity = quantity + 1 WHERE id = (SELECT MIN(id) FROM stock_move)"},
    Dump{"tryton_on_sqlite", Engine::sqlite, "tryton/tryton60_trace_slim.sqlite.gz", "tryton-6.0.yaml", "stock_move",
         "UPDATE stock_move SET quantity = quantity + 1 WHERE id = (SELECT MIN(id) FROM stock_move)"},
    Dump{"erpnext_15_on_mariadb", Engine::mariadb, "erpnext/erpnext-15-trace.sql.gz", "erpnext-15.yaml", "tabBatch",
         "UPDATE tabBatch SET expiry_date = '2031-01-31' ORDER BY name LIMIT 1"},
    Dump{"dolibarr_22_on_mariadb", Engine::mariadb, "dolibarr/dolibarr-22.0.4-trace.sql.gz", "dolibarr-22.yaml", "llx_stock_mouvement",
         "UPDATE llx_stock_mouvement SET value = value + 1 ORDER BY rowid LIMIT 1"},
};
void PrintTo(const Dump& dump, std::ostream* out) {  // NOLINT(readability-identifier-naming): GoogleTest calls it so
    *out << dump.name;
}

using Postgres = stemma::test::OneServer<stemma::test::Postgres>;
using Mariadb = stemma::test::OneServer<stemma::test::Mariadb>;
Postgres* const the_postgres = dynamic_cast<Postgres*>(::testing::AddGlobalTestEnvironment(new Postgres));
Mariadb* const the_mariadb = dynamic_cast<Mariadb*>(::testing::AddGlobalTestEnvironment(new Mariadb));

sql::Session open(const sql::Connection& connection) {
    auto session = sql::Session::open(connection);
    EXPECT_TRUE(session) << session.error().text();
    return *std::move(session);
}

std::vector<std::string> texts(sql::Session& session, const std::string& sql) {
    const auto rows = session.all({"test", sql.c_str()}, {}, [](const sql::Row& row) { return std::string{row.text(row.size() - 1)}; });
    EXPECT_TRUE(rows) << rows.error().text();
    return rows.value_or(std::vector<std::string>{});
}

std::vector<std::string> tables_of(sql::Session& session) {
    switch (session.engine()) {
        case Engine::sqlite: return texts(session, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        case Engine::postgresql:
            return texts(session, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
        case Engine::mariadb: break;
    }
    return texts(session, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'");
}

/// All values of all rows, of SQLite, which has no checksum of its own.
std::string digest_of(sql::Session& session, const std::string& table) {
    std::string all;
    const std::string sql = fmt::format("SELECT * FROM {}", sql::quoted_name(table));
    const auto done = session.each({"test", sql.c_str()}, {}, [&](const sql::Row& row) {
        for (std::size_t i = 0; i < row.size(); ++i) all += row.is_null(i) ? "-" : fmt::format("{}:{}", row.text(i).size(), row.text(i));
        all += '\n';
    });
    EXPECT_TRUE(done) << done.error().text();
    return to_hex(sha256(all));
}

/// Its rows and their checksum.
std::string content_of(sql::Session& session, const std::string& table) {
    const std::string name = sql::quoted_name(table);
    if (session.engine() == Engine::postgresql)
        return texts(session, fmt::format("SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t", name))
            .at(0);
    const std::string sum =
        session.engine() == Engine::mariadb ? texts(session, "CHECKSUM TABLE " + name).at(0) : digest_of(session, table);
    return texts(session, "SELECT COUNT(*) FROM " + name).at(0) + ' ' + sum;
}

/// Of a table: "rows checksum". Of a SQLite file also its own digest, under "".
using Content = std::map<std::string, std::string>;
Content content_of(const sql::Connection& connection) {
    sql::Session session = open(connection);
    Content content;
    for (const std::string& table : tables_of(session)) content[table] = content_of(session, table);
    if (connection.engine == Engine::sqlite) content[""] = to_hex(*sha256_file(connection.target));
    return content;
}

std::set<std::string> differing(const Content& before, const Content& after) {
    std::set<std::string> names;
    for (const auto& [table, content] : before)
        if (!after.contains(table) || after.at(table) != content) names.insert(table);
    for (const auto& [table, content] : after)
        if (!before.contains(table)) names.insert(table);
    return names;
}

bool may(sql::Session& session, const std::string& text) {
    const bool done = session.execute_as_is({"test", text.c_str()}).has_value();
    session.roll_back();
    return done;
}

/// What mysqldump wrote about tables that hold rows or are read: hundreds of empty ones would take most of the test's time.
std::string tables_with_rows(const std::string& dump, const Tables& read) {
    const std::string_view heading = "\n-- Table structure for table `";
    std::size_t at = dump.find(heading);
    std::string kept = dump.substr(0, at);
    while (at != std::string::npos) {
        const std::size_t name = at + heading.size();
        const std::size_t next = dump.find(heading, name);
        const std::string section = dump.substr(at, next - at);
        if (section.contains("\nINSERT INTO") || read.contains(dump.substr(name, dump.find('`', name) - name))) kept += section;
        at = next;
    }
    return kept;
}

/// A database as it was dumped, its owner, and a login that may only read.
class Attached {
public:
    explicit Attached(const Dump& dump) : dump_{dump}, path_{fmt::format("{}/../shared/erp/{}", STEMMA_SOURCE_DIR, dump.file)} {
        if (!fs::exists(path_)) missing_ = "needs " + path_;
        if (dump.engine == Engine::postgresql && !stemma::test::Postgres::installed()) missing_ = stemma::test::Postgres::kMissing;
        if (dump.engine == Engine::mariadb && !stemma::test::Mariadb::installed()) missing_ = stemma::test::Mariadb::kMissing;
        if (!missing_.empty()) return;
        auto read = read_mapping_file(fmt::format("{}/config/erp/{}", STEMMA_SOURCE_DIR, dump.mapping));
        EXPECT_TRUE(read);
        mapping_ = std::make_shared<const Mapping>(*std::move(read));
        switch (dump.engine) {
            case Engine::sqlite: load_sqlite(); break;
            case Engine::postgresql: load_postgres(); break;
            case Engine::mariadb: load_mariadb(); break;
        }
    }
    ~Attached() {
        if (dump_.engine == Engine::sqlite && missing_.empty()) fs::permissions(owner_.target, fs::perms::owner_all);
    }
    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;

    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }
    [[nodiscard]] const Mapping& mapping() const noexcept { return *mapping_; }
    [[nodiscard]] const sql::Connection& owner() const noexcept { return owner_; }
    [[nodiscard]] const sql::Connection& reader() const noexcept { return reader_; }
    [[nodiscard]] std::unique_ptr<ErpSource> source() const {
        SourceSettings settings;
        settings.name = "erp";
        settings.connection = reader_;
        return *make_source(std::move(settings), mapping_);
    }

private:
    void load_sqlite() {
        owner_ = {.engine = Engine::sqlite, .target = folder_.file("erp.sqlite")};
        std::ofstream{owner_.target, std::ios::binary} << test::unpacked(path_);
        fs::permissions(owner_.target, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
        fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                                            fs::perms::others_exec);
        reader_ = owner_;
    }

    void load_postgres() {
        run(*sql::parse_connection(the_postgres->get()->connection()), fmt::format("CREATE DATABASE {}", dump_.name));
        owner_ = *sql::parse_connection(the_postgres->get()->connection(dump_.name));
        // Up to the foreign keys, which take longest and no reading needs; Odoo's dump has no rows of some tables that they lead to.
        const std::string load =
            fmt::format("gzip -dc '{}' | sed '/Type: FK CONSTRAINT/,$d' | psql -X -q '{}' > /dev/null 2>&1", path_, owner_.target);
        EXPECT_EQ(std::system(load.c_str()), 0) << load;
        reader_ = owner_;
        const std::string login = fmt::format("reader_of_{}", dump_.name);
        run(owner_, granted(login));
        const std::string user = "user=stemma";
        reader_.target.replace(reader_.target.find(user), user.size(), "user=" + login);
    }

    void load_mariadb() {
        const stemma::test::Mariadb& server = *the_mariadb->get();
        EXPECT_TRUE(server.run(fmt::format("CREATE DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", dump_.name)));
        const auto loaded = server.run(tables_with_rows(test::unpacked(path_), tables_read(*mapping_)), dump_.name);
        EXPECT_TRUE(loaded) << loaded.error().text();
        owner_ = *sql::parse_connection(server.connection(dump_.name));
        const std::string login = fmt::format("reader_of_{}", dump_.mapping);
        const auto made = server.run(
            granted(login + "@127.0.0.1") + fmt::format("ALTER USER '{}'@'127.0.0.1' IDENTIFIED BY 'chosen' ACCOUNT UNLOCK", login),
            dump_.name);
        EXPECT_TRUE(made) << made.error().text();
        reader_ = *sql::parse_connection(server.connection(dump_.name, login) + " password=chosen");
    }

    /// What `stemma erp grants` prints for this database.
    [[nodiscard]] std::string granted(const std::string& login) const {
        const auto opened = open_for_reading(owner_, *mapping_);
        EXPECT_TRUE(opened) << opened.error().text();
        const auto sql = grants_sql(
            *mapping_, {.engine = dump_.engine, .login = login, .database = opened->catalogue.database, .there = &opened->catalogue});
        EXPECT_TRUE(sql) << sql.error().text();
        return sql.value_or("");
    }

    static void run(const sql::Connection& connection, const std::string& sql) {
        sql::Session session = open(connection);
        const auto done = session.execute_as_is({"test", sql.c_str()});
        EXPECT_TRUE(done) << done.error().text();
    }

    const Dump& dump_;
    std::string path_;
    std::string missing_;
    stemma::test::TempFolder folder_;
    std::shared_ptr<const Mapping> mapping_;
    sql::Connection owner_;
    sql::Connection reader_;
};

/// Everything that Stemma asks an ERP for: all rows, what changed, all keys, what the doctor and the audit ask.
void do_all(const Attached& erp) {
    const stemma::test::TempFolder folder;
    stemma::test::EngineRig rig{folder.path()};
    const auto source = erp.source();
    const auto fit = source->fit();
    ASSERT_TRUE(fit) << fit.error().text();
    const engine::SyncReport first = rig.sync(*source, engine::SyncReach::all);
    EXPECT_TRUE(first.complete) << first.paused;
    EXPECT_GT(first.sum.added, 100U);
    EXPECT_EQ(first.sum.rejected, 0U);
    for (const engine::SyncReach reach : {engine::SyncReach::changes, engine::SyncReach::keys}) {
        const engine::SyncReport again = rig.sync(*source, reach);
        EXPECT_TRUE(again.complete) << again.paused;
        EXPECT_EQ(again.sum.added + again.sum.changed + again.sum.vanished, 0U);
    }
    const auto report = source->check();
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->fits);
    for (const SourceFinding& finding : report->findings)
        EXPECT_LT(finding.level, SourceFinding::Level::warning) << finding.subject << ": " << finding.message;
    EXPECT_FALSE(rig.entries().empty());
    (void)stemma::test::audit_of(rig, "erp");
}

/// A file's mode binds everybody but root, and the tests may run as root.
class AsNobody {
public:
    AsNobody() { EXPECT_EQ(geteuid() == 0 ? seteuid(kNobody) : 0, 0); }
    ~AsNobody() { EXPECT_EQ(getuid() == 0 ? seteuid(0) : 0, 0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

private:
    static constexpr uid_t kNobody = 65534;
};

/// Each table that is read, tried with the session's own refusal of writing off.
void expect_refused(const Attached& erp) {
    std::size_t tried = 0;
    const auto try_each = [&](const sql::Connection& connection, bool allowed) {
        sql::Session session = open(connection);
        sql::Session looking = open(erp.owner());
        const std::vector<std::string> there = tables_of(looking);
        for (const auto& [table, columns] : tables_read(erp.mapping())) {
            if (std::ranges::find(there, table) == there.end()) continue;
            const std::string name = sql::quoted_name(table);
            const std::string column = sql::quoted_name(columns.front());
            EXPECT_EQ(may(session, fmt::format("UPDATE {0} SET {1} = {1} WHERE 1 = 0", name, column)), allowed) << table;
            EXPECT_EQ(may(session, fmt::format("DELETE FROM {} WHERE 1 = 0", name)), allowed) << table;
            ++tried;
        }
    };
    if (erp.owner().engine == Engine::sqlite) {
        sql::Connection as_stemma = erp.reader();
        as_stemma.read_only = true;
        try_each(as_stemma, false);
        const AsNobody nobody;
        try_each(erp.reader(), false);
    } else {
        try_each(erp.reader(), false);
        try_each(erp.owner(), true);
    }
    EXPECT_GE(tried, 20U);
}

class Untouched : public ::testing::TestWithParam<Dump> {};

TEST_P(Untouched, an_erp_holds_what_it_held_after_all_that_stemma_does_and_refuses_its_login_each_change) {
    const Attached erp{GetParam()};
    if (!erp.missing().empty()) GTEST_SKIP() << erp.missing();
    const Content before = content_of(erp.owner());
    EXPECT_GT(before.size(), tables_read(erp.mapping()).size() / 2);
    do_all(erp);
    expect_refused(erp);
    EXPECT_EQ(differing(before, content_of(erp.owner())), std::set<std::string>{}) << "the ERP's tables were changed";

    if (erp.owner().engine == Engine::sqlite) fs::permissions(erp.owner().target, fs::perms::owner_all);
    sql::Session owner = open(erp.owner());
    const auto changed = owner.execute_as_is({"test", GetParam().cell});
    ASSERT_TRUE(changed) << changed.error().text();
    std::set<std::string> noticed = differing(before, content_of(erp.owner()));
    noticed.erase("");
    EXPECT_EQ(noticed, std::set<std::string>{GetParam().table}) << "one changed cell is noticed, and where it is";
}

INSTANTIATE_TEST_SUITE_P(Every, Untouched, ::testing::ValuesIn(kDumps), [](const auto& given) { return std::string{given.param.name}; });

}  // namespace
}  // namespace stemma::erp
