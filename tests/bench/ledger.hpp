// What the ledger's benches share: the plant's steps kept in memory, a ledger of our own on a real disk, and the same rows for raw writers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/memory/clock.hpp"
#include "core/engine/append.hpp"
#include "core/engine/capture.hpp"
#include "core/engine/limits.hpp"
#include "core/ledger/head.hpp"
#include "core/lineage/index.hpp"
#include "core/ports/store.hpp"
#include "tests/support/supply_chain.hpp"

namespace stemma::bench {

/// A stretch of the stream, kept.
class StepTape {
public:
    /// The first `most` steps of a stream; all where it has fewer.
    StepTape(const test::SupplyChainOptions& options, std::uint64_t most);
    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
    [[nodiscard]] test::Step operator[](std::size_t at) const;

private:
    struct Kept {
        test::Step step;  // its spans are made when asked for
        std::size_t first;
        std::uint32_t inputs;
        std::uint32_t outputs;
    };
    std::vector<Kept> steps_;
    std::vector<test::Part> parts_;
};

struct PostgresPlace {
    std::string connection;  ///< libpq's
};

/// A real ledger, as the daemon has one, without plugins and without HTTP. Throws std::runtime_error.
class LedgerUnderTest {
public:
    /// Made anew, or opened with the key that lies there.
    explicit LedgerUnderTest(const std::string& folder, const std::string& origin = "bench.example/ledger");
    /// On the product's store in PostgreSQL. The folder has the key.
    LedgerUnderTest(const std::string& folder, const PostgresPlace& place);
    ~LedgerUnderTest();
    [[nodiscard]] engine::Appender& appender() noexcept { return *appender_; }
    [[nodiscard]] engine::Capturing& capturing() noexcept { return *capturing_; }
    [[nodiscard]] Store& store() noexcept { return *store_; }
    [[nodiscard]] lineage::Index& index() noexcept { return index_; }

private:
    void open(std::unique_ptr<Store> store, const std::string& folder, const std::string& origin);
    memory::SetClock clock_{Instant{1'893'456'000 * kMicrosPerSecond}};  // 2030-01-01, after every date in the stream
    engine::Limits limits_;
    std::unique_ptr<PluginCatalog> plugins_;
    std::unique_ptr<Store> store_;
    lineage::Index index_;
    std::unique_ptr<engine::Appender> appender_;
    std::unique_ptr<engine::Capturing> capturing_;
};

/// The rows of entries as the product writes them, numbers given: what is left to do for a raw writer is to bind and to step.
struct RawRows {
    struct Subject {
        std::int64_t id;
        std::int64_t kind;
        std::string uri;
    };
    struct Pair {
        std::int64_t subject;
        std::int64_t sequence;
    };
    std::vector<StoredEntry> entries;
    std::vector<Subject> subjects;        ///< new ones
    std::vector<Pair> subject_entries;    ///< sorted by (subject, sequence): best for a clustered table
    std::vector<Pair> events;             ///< event_row
    std::vector<StoredCheckpoint> notes;  ///< one
};

/// Makes rows, batch after batch, in the ledger's order.
class RowMaker {
public:
    RowMaker();
    ~RowMaker();
    [[nodiscard]] RawRows make(const StepTape& tape, std::size_t first, std::size_t count);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Writes rows through a database's own C library; one call of write() is one durable transaction.
class RawWriter {
public:
    virtual ~RawWriter() = default;
    virtual void write(const RawRows& rows) = 0;
    [[nodiscard]] virtual std::vector<pid_t> servers() const { return {}; }
    [[nodiscard]] virtual std::uint64_t entries() = 0;  ///< in the table, counted
};
/// SQLite with the tables, indexes, triggers and settings of the product's store.
[[nodiscard]] std::unique_ptr<RawWriter> raw_sqlite(const std::string& file);
/// PostgreSQL with the same tables and indexes, one INSERT ... SELECT unnest per table, arrays in binary.
[[nodiscard]] std::unique_ptr<RawWriter> raw_postgres(const std::string& connection);

}  // namespace stemma::bench
