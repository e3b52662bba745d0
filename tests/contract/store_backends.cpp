#include "tests/contract/store_backends.hpp"

#include "adapters/memory/memory_store.hpp"
#include "adapters/sql/session.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/support/one_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::test {
namespace {

class Sqlite final : public Backend {
public:
    std::unique_ptr<Store> open(std::chrono::milliseconds busy_timeout) override {
        auto opened =
            store::open_sqlite({.path = folder_.file("stemma.db"), .busy_timeout_ms = static_cast<std::uint32_t>(busy_timeout.count())});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }

private:
    TempFolder folder_;
};

class Memory final : public Backend {
public:
    std::unique_ptr<Store> open(std::chrono::milliseconds busy_timeout) override { return memory::make_store(busy_timeout); }
};

/// A schema that goes with it.
class PostgresSchema final : public Backend {
public:
    explicit PostgresSchema(const Postgres& server) : options_{postgres_options(server)} {}
    PostgresSchema(const PostgresSchema&) = delete;
    PostgresSchema& operator=(const PostgresSchema&) = delete;
    ~PostgresSchema() override {
        const auto where = sql::parse_connection("postgresql:" + options_.connection);
        auto session = sql::Session::open(*where);
        const std::string drop = "DROP SCHEMA " + options_.schema + " CASCADE";
        EXPECT_TRUE(session && session->execute_as_is({"test.drop", drop.c_str()}));
    }
    std::unique_ptr<Store> open(std::chrono::milliseconds busy_timeout) override {
        options_.busy_timeout_ms = static_cast<std::uint32_t>(busy_timeout.count());
        auto opened = store::open_postgres(options_);
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }

private:
    store::PostgresOptions options_;
};

auto* const the_server = dynamic_cast<OneServer<Postgres>*>(::testing::AddGlobalTestEnvironment(new OneServer<Postgres>));

}  // namespace

Postgres* postgres_server() { return the_server->get(); }

store::PostgresOptions postgres_options(const Postgres& server) {
    static int made = 0;
    store::PostgresOptions options;
    options.connection = server.connection().substr(std::string_view{"postgresql:"}.size());
    options.schema = "ledger_" + std::to_string(++made);
    return options;
}

std::unique_ptr<Backend> make_backend(const std::string& name) {
    if (name == "sqlite") return std::make_unique<Sqlite>();
    if (name == "memory") return std::make_unique<Memory>();
    const Postgres* server = postgres_server();
    return server != nullptr ? std::make_unique<PostgresSchema>(*server) : nullptr;
}

}  // namespace stemma::test
