#include "tests/integration/erp/tryton_database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/digest.hpp"
#include "tests/support/one_server.hpp"

namespace stemma::erp::test {
namespace {

std::string packed_path(const Which& which) {
    if (which.data == Data::demo) return STEMMA_SOURCE_DIR "/tests/support/tryton_demo/demo.sql.gz";
    return shared_path(which.engine == sql::Engine::sqlite ? "tryton60_trace_slim.sqlite.gz" : "tryton60_trace_slim.sql.gz");
}

using Server = stemma::test::OneServer<stemma::test::Postgres>;
Server* const the_server = dynamic_cast<Server*>(::testing::AddGlobalTestEnvironment(new Server));

}  // namespace

std::string name_of(const Which& which) {
    return fmt::format("{}_{}", which.data == Data::demo ? "demo" : "trace", which.engine == sql::Engine::sqlite ? "sqlite" : "postgresql");
}

void PrintTo(const Which& which, std::ostream* out) { *out << name_of(which); }

std::shared_ptr<const Mapping> tryton(const std::string& version) {
    auto mapping = read_mapping_file(fmt::format("{}/config/erp/tryton-{}.yaml", STEMMA_SOURCE_DIR, version));
    if (!mapping) {
        ADD_FAILURE() << mapping.error().front().text();
        return std::make_shared<Mapping>();
    }
    return std::make_shared<const Mapping>(std::move(*mapping));
}

std::string shared_path(std::string_view name) { return fmt::format("{}/../shared/erp/tryton/{}", STEMMA_SOURCE_DIR, name); }

std::string ground_truth_path(Data data) {
    return data == Data::demo ? STEMMA_SOURCE_DIR "/tests/support/tryton_demo/ground_truth.json.gz" : shared_path("ground_truth.json.gz");
}

std::string unpacked(const std::string& path) {
    if (!std::filesystem::exists(path)) return {};
    std::FILE* pipe = popen(fmt::format("gzip -dcf '{}'", path).c_str(), "r");
    if (pipe == nullptr) return {};
    std::string text;
    char part[65536];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, pipe)) > 0;) text.append(part, got);
    return pclose(pipe) == 0 ? text : std::string{};
}

TrytonDatabase::TrytonDatabase(Which which) : which_{which} {
    const std::string packed = packed_path(which);
    if (!std::filesystem::exists(packed)) {
        missing_ = fmt::format("needs {}", packed);
        return;
    }
    connection_.engine = which.engine;
    if (which.engine == sql::Engine::sqlite) {
        connection_.target = folder_.file("tryton.sqlite");
        load_sqlite(unpacked(packed), which.data == Data::trace);
    } else if (!stemma::test::Postgres::installed()) {
        missing_ = stemma::test::Postgres::kMissing;
    } else {
        load_postgres(packed);
    }
}

void TrytonDatabase::load_sqlite(const std::string& sql_or_file, bool is_file) {
    if (!is_file) return run(sql_or_file);
    std::ofstream{connection_.target, std::ios::binary} << sql_or_file;
}

void TrytonDatabase::load_postgres(const std::string& packed) {
    static int made = 0;
    const stemma::test::Postgres* server = the_server->get();
    if (server == nullptr) return;
    const std::string database = fmt::format("tryton_{}", ++made);
    connection_.target = sql::parse_connection(server->connection())->target;
    run("CREATE DATABASE " + database);
    connection_.target = sql::parse_connection(server->connection(database))->target;
    const std::string load =
        fmt::format("gzip -dc '{}' | psql -X -q -v ON_ERROR_STOP=1 '{}' > '{}'", packed, connection_.target, folder_.file("psql.log"));
    EXPECT_EQ(std::system(load.c_str()), 0) << load;
}

std::unique_ptr<ErpSource> TrytonDatabase::source(std::size_t batch_rows) const {
    SourceSettings settings;
    settings.batch_rows = batch_rows;
    return source(std::move(settings));
}

std::unique_ptr<ErpSource> TrytonDatabase::source(SourceSettings settings, std::shared_ptr<const Mapping> mapping) const {
    if (settings.name.empty()) settings.name = "tryton";
    if (settings.connection.target.empty()) settings.connection = connection_;
    auto made = make_source(std::move(settings), std::move(mapping));
    EXPECT_TRUE(made);
    return std::move(*made);
}

void TrytonDatabase::run(const std::string& sql) const {
    if (which_.engine == sql::Engine::sqlite) {
        sqlite3* file = nullptr;
        char* message = nullptr;
        EXPECT_EQ(sqlite3_open(connection_.target.c_str(), &file), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
        sqlite3_free(message);
        sqlite3_close(file);
        return;
    }
    auto session = sql::Session::open(connection_);
    ASSERT_TRUE(session) << session.error().text();
    const auto done = session->execute_as_is({"test", sql.c_str()});
    ASSERT_TRUE(done) << done.error().text();
}

std::vector<std::vector<std::string>> TrytonDatabase::rows(const std::string& sql) const {
    auto session = sql::Session::open(connection_);
    EXPECT_TRUE(session) << session.error().text();
    auto found = session->all({"test", sql.c_str()}, {}, [](const sql::Row& row) {
        std::vector<std::string> values;
        for (std::size_t i = 0; i < row.size(); ++i) values.emplace_back(row.text(i));
        return values;
    });
    EXPECT_TRUE(found) << found.error().text();
    return found ? std::move(*found) : std::vector<std::vector<std::string>>{};
}

std::int64_t TrytonDatabase::number(const std::string& sql) const { return std::stoll(rows(sql).at(0).at(0)); }

std::string TrytonDatabase::content() const {
    if (which_.engine == sql::Engine::sqlite) return to_hex(*sha256_file(connection_.target));
    std::string all;
    for (const auto& table :
         rows("SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"))
        all += fmt::format(
            "{} {}\n", table[0],
            rows(fmt::format("SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t", table[0]))[0][0]);
    return all;
}

std::vector<SourceBatch> read_all(ErpSource& source, const std::map<std::string, std::string>& cursors) {
    std::vector<SourceBatch> batches;
    auto reading = source.read(cursors);
    if (!reading) {
        ADD_FAILURE() << reading.error().text();
        return batches;
    }
    while (true) {
        auto batch = (*reading)->next();
        if (!batch) ADD_FAILURE() << batch.error().text();
        if (!batch || !*batch) return batches;
        batches.push_back(std::move(**batch));
    }
}

}  // namespace stemma::erp::test
