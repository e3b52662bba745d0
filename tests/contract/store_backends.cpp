#include "tests/contract/store_backends.hpp"

#include "adapters/memory/memory_store.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/support/postgres_schema.hpp"
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

class PostgreSql final : public Backend {
public:
    std::unique_ptr<Store> open(std::chrono::milliseconds busy_timeout) override {
        auto opened = store::open_postgres({.connection = schema_.connection(),
                                            .schema = schema_.name(),
                                            .busy_timeout_ms = static_cast<std::uint32_t>(busy_timeout.count())});
        EXPECT_TRUE(opened) << opened.error().text();
        return opened ? std::move(*opened) : nullptr;
    }

private:
    PostgresSchema schema_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& name) {
    if (name == "sqlite") return std::make_unique<Sqlite>();
    if (name == "memory") return std::make_unique<Memory>();
    return shared_postgres() != nullptr ? std::make_unique<PostgreSql>() : nullptr;
}

}  // namespace stemma::test
