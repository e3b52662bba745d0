// The implementations that the contract is tried on, and short ways to write and read.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/store.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::test {

/// A store with nothing in it, and what keeps it alive.
class Backend {
public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual std::unique_ptr<Store> open(std::chrono::milliseconds busy_timeout) = 0;
};
/// "sqlite", "memory", or "postgresql": a schema of its own on the program's one server, null with a failure where that does not start.
[[nodiscard]] std::unique_ptr<Backend> make_backend(const std::string& name);

class StoreContract : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (std::string{GetParam()} == "postgresql" && !Postgres::installed()) GTEST_SKIP() << Postgres::kMissing;
        reopen(std::chrono::seconds{5});
    }
    void reopen(std::chrono::milliseconds busy_timeout) {
        store.reset();
        backend = make_backend(GetParam());
        ASSERT_TRUE(backend);
        store = backend->open(busy_timeout);
        ASSERT_TRUE(store);
    }

    [[nodiscard]] std::unique_ptr<UnitOfWork> begin() const {
        auto work = store->begin();
        EXPECT_TRUE(work) << work.error().text();
        return work ? std::move(*work) : nullptr;
    }
    [[nodiscard]] std::unique_ptr<ReadSnapshot> read() const {
        auto snapshot = store->read();
        EXPECT_TRUE(snapshot) << snapshot.error().text();
        return snapshot ? std::move(*snapshot) : nullptr;
    }
    void apply(const std::vector<ReadModelChange>& changes) const {
        auto work = begin();
        for (const ReadModelChange& change : changes) {
            const auto done = work->apply(change);
            ASSERT_TRUE(done) << done.error().text();
        }
        ASSERT_TRUE(work->commit());
    }

    std::unique_ptr<Backend> backend;
    std::unique_ptr<Store> store;
};

#define STEMMA_ON_EVERY_STORE(suite)                                                            \
    INSTANTIATE_TEST_SUITE_P(Store, suite, ::testing::Values("sqlite", "memory", "postgresql"), \
                             [](const auto& tested) { return std::string{tested.param}; })

/// Unwraps a result that a test takes for granted.
template <class T>
[[nodiscard]] T value(Result<T> result) {
    EXPECT_TRUE(result) << (result ? "" : result.error().text());
    return result ? std::move(*result) : T{};
}

/// An entry whose hashes are mere marks: a store does not judge them.
[[nodiscard]] inline StoredEntry entry(Sequence sequence, std::string bytes = "{}") {
    return {sequence, std::move(bytes), "leaf-" + std::to_string(sequence), "chain-" + std::to_string(sequence)};
}

}  // namespace stemma::test
