#include "tests/integration/odoo/odoo_database.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/erp/grants.hpp"
#include "adapters/erp/opened.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/one_server.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::erp::test {
namespace {

constexpr std::string_view kDump = "odoo-18.0.sql.gz";
constexpr std::string_view kReader = "stemma_ro";

/// One server for the whole program, stopped before main() ends.
class OdooServer : public stemma::test::OneServer<stemma::test::Postgres> {
public:
    /// Restored once; each test has a copy of it.
    bool restore(const std::string& as) {
        if (restored_) return true;
        const std::string target = sql::parse_connection(running_->connection(as))->target;
        // The dump has rows of the business tables alone: keys to the others cannot be set up again.
        const std::string load = fmt::format("gzip -dc '{}' | psql -X -q '{}' > /dev/null 2>&1", odoo_path(kDump), target);
        restored_ = std::system(load.c_str()) == 0;
        EXPECT_TRUE(restored_) << load;
        return restored_;
    }
    [[nodiscard]] bool restored() const noexcept { return restored_; }

private:
    bool restored_{false};
};

OdooServer* const the_server = dynamic_cast<OdooServer*>(::testing::AddGlobalTestEnvironment(new OdooServer));

void execute(const sql::Connection& connection, const std::string& sql) {
    auto session = sql::Session::open(connection);
    ASSERT_TRUE(session) << session.error().text();
    const auto done = session->execute_as_is({"test", sql.c_str()});
    ASSERT_TRUE(done) << done.error().text();
}

}  // namespace

std::shared_ptr<const Mapping> odoo_mapping(const std::string& name) {
    auto mapping = read_mapping_file(fmt::format("{}/config/erp/{}.yaml", STEMMA_SOURCE_DIR, name));
    if (mapping) return std::make_shared<const Mapping>(std::move(*mapping));
    for (const Error& error : mapping.error()) ADD_FAILURE() << error.text();
    return std::make_shared<Mapping>();
}

std::string odoo_path(std::string_view name) { return fmt::format("{}/../shared/erp/odoo/{}", STEMMA_SOURCE_DIR, name); }

std::string odoo_unpacked(std::string_view name) { return unpacked(odoo_path(name)); }

std::string odoo_shape(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream{fmt::format("{}/tests/integration/odoo/shapes/{}.sql", STEMMA_SOURCE_DIR, name)}.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
}

std::string odoo_story(int version) {
    std::string statements = odoo_shape("odoo-18") + odoo_shape("story");
    for (int to = 17; to >= version; --to) statements += odoo_shape(fmt::format("to-{}", to));
    return statements;
}

OdooDatabase::OdooDatabase() {
    constexpr const char* kTemplate = "odoo_restored";
    if (!std::filesystem::exists(odoo_path(kDump))) {
        missing_ = fmt::format("needs {}", odoo_path(kDump));
        return;
    }
    create();
    if (!missing_.empty()) return;
    const sql::Connection server = *sql::parse_connection(the_server->get()->connection());
    if (!the_server->restored()) {
        execute(server, fmt::format("CREATE DATABASE {}", kTemplate));
        if (!the_server->restore(kTemplate)) return;
    }
    execute(server, fmt::format("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name_, kTemplate));
}

OdooDatabase::OdooDatabase(const std::string& statements) {
    create();
    if (!missing_.empty()) return;
    execute(*sql::parse_connection(the_server->get()->connection()), fmt::format("CREATE DATABASE {}", name_));
    run(statements);
}

OdooDatabase::~OdooDatabase() {
    if (!missing_.empty()) return;
    const sql::Connection server = *sql::parse_connection(the_server->get()->connection());
    execute(server, fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_));
    for (const std::string& login : logins_) execute(server, fmt::format("DROP ROLE {}", login));
}

void OdooDatabase::create() {
    static int made = 0;
    if (!stemma::test::Postgres::installed()) {
        missing_ = stemma::test::Postgres::kMissing;
        return;
    }
    const stemma::test::Postgres* server = the_server->get();
    if (server == nullptr) {
        missing_ = "the server did not start";
        return;
    }
    name_ = fmt::format("odoo_{}", ++made);
    connection_ = *sql::parse_connection(server->connection(name_));
}

std::unique_ptr<ErpSource> OdooDatabase::source(std::shared_ptr<const Mapping> mapping, SourceSettings settings) const {
    const auto opened = open_for_reading(connection_, *mapping);
    EXPECT_TRUE(opened);
    logins_.push_back(fmt::format("{}_{}_{}", kReader, name_, logins_.size()));
    const auto grants =
        grants_sql(*mapping, {.login = logins_.back(), .database = opened->catalogue.database, .there = &opened->catalogue});
    EXPECT_TRUE(grants);
    run(*grants);
    settings.name = "odoo";
    settings.connection = connection_;
    const std::size_t user = settings.connection.target.find("user=stemma");
    settings.connection.target.replace(user, std::string_view{"user=stemma"}.size(), fmt::format("user={}", logins_.back()));
    auto made = make_source(std::move(settings), std::move(mapping));
    EXPECT_TRUE(made);
    return std::move(*made);
}

void OdooDatabase::run(const std::string& sql) const { execute(connection_, sql); }

std::vector<std::vector<std::string>> OdooDatabase::rows(const std::string& sql) const {
    auto session = sql::Session::open(connection_);
    EXPECT_TRUE(session) << session.error().text();
    auto found = session->all({"test", sql.c_str()}, {}, [](const sql::Row& row) {
        std::vector<std::string> values;
        values.reserve(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) values.emplace_back(row.text(i));
        return values;
    });
    EXPECT_TRUE(found) << found.error().text();
    return found ? std::move(*found) : std::vector<std::vector<std::string>>{};
}

std::set<std::string> OdooDatabase::column(const std::string& sql) const {
    std::set<std::string> values;
    for (const auto& row : rows(sql)) values.insert(row.at(0));
    return values;
}

std::string OdooDatabase::content() const {
    std::string all;
    for (const auto& table :
         rows("SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"))
        all += fmt::format("{}SELECT '{} ' || count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t",
                           all.empty() ? "" : " UNION ALL ", table[0], table[0]);
    std::string text;
    for (const std::string& table : column(all)) text += table + '\n';
    return text;
}

}  // namespace stemma::erp::test
