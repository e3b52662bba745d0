#include "tests/integration/erp/mariadb_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "adapters/sql/session.hpp"
#include "core/config/tree.hpp"
#include "tests/integration/erp/tryton_database.hpp"
#include "tests/support/one_server.hpp"

namespace stemma::erp::test {
namespace {

/// What mysqldump wrote about these tables, and its settings in front: an ERP has hundreds, and each takes its time to be made.
std::string sections_of(const std::string& dump, const std::set<std::string>& tables) {
    const std::string_view heading = "\n-- Table structure for table `";
    std::size_t at = dump.find(heading);
    std::string kept = dump.substr(0, at);
    while (at != std::string::npos) {
        const std::size_t name = at + heading.size();
        const std::size_t next = dump.find(heading, name);
        if (tables.contains(dump.substr(name, dump.find('`', name) - name))) kept += dump.substr(at, next - at);
        at = next;
    }
    return kept;
}

/// One server for the whole program, with each dump loaded once; stopped before main() ends.
class Server : public stemma::test::OneServer<stemma::test::Mariadb> {
public:
    /// The database that holds these tables of the dump, in the shape that the mapping reads.
    std::string loaded(const MariadbErp& erp, const std::set<std::string>& tables) {
        std::string& name = loaded_[erp.mapping];
        if (!name.empty() || get() == nullptr) return name;
        name = fmt::format("dump_{}", loaded_.size());
        const auto made = running_->run("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        EXPECT_TRUE(made) << made.error().text();
        const auto filled = running_->run(sections_of(unpacked(shared_erp_path(erp.dump)), tables), name);
        EXPECT_TRUE(filled) << filled.error().text();
        if (erp.shape == nullptr) return name;
        std::ostringstream shape;
        shape << std::ifstream{fmt::format("{}/tests/integration/erp/shapes/{}", STEMMA_SOURCE_DIR, erp.shape)}.rdbuf();
        const auto made_over = running_->run("SET SESSION sql_mode='ANSI_QUOTES';" + shape.str(), name);
        EXPECT_TRUE(made_over) << made_over.error().text();
        return name;
    }

private:
    std::map<std::string, std::string> loaded_;
};

Server* const the_server = dynamic_cast<Server*>(::testing::AddGlobalTestEnvironment(new Server));

std::shared_ptr<const Mapping> shipped(const char* file) {
    auto mapping = read_mapping_file(fmt::format("{}/config/erp/{}", STEMMA_SOURCE_DIR, file));
    if (mapping) return std::make_shared<const Mapping>(std::move(*mapping));
    for (const Error& error : mapping.error()) ADD_FAILURE() << error.text();
    return std::make_shared<Mapping>();
}

}  // namespace

std::string shared_erp_path(const std::string& name) { return fmt::format("{}/../shared/erp/{}", STEMMA_SOURCE_DIR, name); }

MariadbDatabase::MariadbDatabase(const MariadbErp& erp, Rows rows) : erp_{erp} {
    static int made = 0;
    const std::string dump = shared_erp_path(erp.dump);
    if (!stemma::test::Mariadb::installed()) missing_ = stemma::test::Mariadb::kMissing;
    if (!std::filesystem::exists(dump)) missing_ = "needs " + dump;
    if (!missing_.empty()) return;
    mapping_ = shipped(erp.mapping);
    std::set<std::string> tables;
    for (const char* table : erp.beside)
        if (table != nullptr) tables.insert(table);
    for (const auto& [table, columns] : tables_read(*mapping_)) tables.insert(table);
    dump_database_ = the_server->loaded(erp, tables);
    database_ = fmt::format("erp_{}", ++made);
    reader_ = fmt::format("reader_{}", made);
    std::string sql = fmt::format("CREATE DATABASE {0} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; CREATE USER '{1}'@'%'; USE {0};",
                                  database_, reader_);
    for (const auto& [table, columns] : tables_read(*mapping_)) {
        sql += fmt::format("CREATE TABLE `{1}` LIKE {0}.`{1}`;", dump_database_, table);
        if (rows == Rows::all) sql += fmt::format("INSERT INTO `{1}` SELECT * FROM {0}.`{1}`;", dump_database_, table);
        sql += fmt::format("GRANT SELECT ON `{}`.`{}` TO '{}'@'%';", database_, table, reader_);
    }
    const auto done = the_server->get()->run("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO';" + sql);
    EXPECT_TRUE(done) << done.error().text();
}

MariadbDatabase::~MariadbDatabase() {
    if (database_.empty()) return;
    const auto dropped = the_server->get()->run(fmt::format("DROP DATABASE {}; DROP USER '{}'@'%'", database_, reader_));
    EXPECT_TRUE(dropped) << dropped.error().text();
}

std::string MariadbDatabase::connection(const std::string& user) const {
    return the_server->get()->connection(database_, user == "reader" ? reader_ : user);
}

std::unique_ptr<ErpSource> MariadbDatabase::source(SourceSettings settings) const {
    settings.name = erp_.name;
    if (settings.connection.target.empty()) settings.connection = *sql::parse_connection(connection("reader"));
    auto made = make_source(std::move(settings), mapping_);
    EXPECT_TRUE(made);
    return std::move(*made);
}

std::unique_ptr<ErpSource> MariadbDatabase::source_of(const std::vector<std::pair<std::string, std::string>>& replaced) const {
    std::ostringstream file;
    file << std::ifstream{fmt::format("{}/config/erp/{}", STEMMA_SOURCE_DIR, erp_.mapping)}.rdbuf();
    std::string text = file.str();
    for (const auto& [from, to] : replaced) {
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        if (at != std::string::npos) text.replace(at, from.size(), to);
    }
    auto tree = config::read_yaml_text(text, erp_.mapping);
    EXPECT_TRUE(tree) << tree.error().text();
    auto mapping = read_mapping(tree->root());
    EXPECT_TRUE(mapping) << mapping.error().front().text();
    SourceSettings settings;
    settings.name = erp_.name;
    settings.connection = *sql::parse_connection(connection("reader"));
    return *make_source(std::move(settings), std::make_shared<const Mapping>(*std::move(mapping)));
}

void MariadbDatabase::run(const std::string& sql) const {
    const auto done = the_server->get()->run("SET SESSION time_zone='+00:00', sql_mode='ANSI_QUOTES';" + sql, database_);
    ASSERT_TRUE(done) << done.error().text();
}

std::vector<std::vector<std::string>> MariadbDatabase::rows(const std::string& sql) const {
    auto session = sql::Session::open(*sql::parse_connection(connection()));
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

std::string MariadbDatabase::content() const {
    std::string all;
    for (const auto& table : rows("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"))
        all += fmt::format("{}\n", fmt::join(rows(fmt::format("CHECKSUM TABLE \"{}\"", table[0]))[0], " "));
    return all;
}

}  // namespace stemma::erp::test
