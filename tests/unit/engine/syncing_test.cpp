// What a sync does with rows that the core itself refuses, and with an ERP's own dates. The source is a list of rows in memory;
// the real ones are in tests/integration.
#include <gtest/gtest.h>

#include "adapters/memory/clock.hpp"
#include "adapters/memory/memory_store.hpp"
#include "core/engine/stored.hpp"
#include "core/engine/sync.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {
namespace {

class OneBatch final : public SourceReading {
public:
    explicit OneBatch(std::vector<SourceRecord> records) : batch_{{"moves", std::move(records), {}, "end", 0, true, false}} {}
    Result<std::optional<SourceBatch>> next() override { return std::exchange(batch_, std::nullopt); }

private:
    std::optional<SourceBatch> batch_;
};

class RowsInMemory final : public ErpSource {
public:
    std::vector<SourceRecord> records;

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::vector<std::string> queries() const override { return {"moves"}; }
    [[nodiscard]] Result<SourceReport> fit() override {
        SourceReport report;
        report.fits = true;
        return report;
    }
    [[nodiscard]] Result<SourceReport> check() override { return fail(Errc::internal, "a sync counts no rows: it asks fit()"); }
    [[nodiscard]] Result<std::unique_ptr<SourceReading>> read(const std::map<std::string, std::string>&) override {
        return std::make_unique<OneBatch>(records);
    }
    [[nodiscard]] Result<SourcePreview> preview(const std::string&, std::uint64_t) override { return SourcePreview{}; }

private:
    std::string name_{"erp"};
};

class SyncOfRows : public ::testing::Test {
protected:
    SyncOfRows()
        : store_{memory::make_store()},
          appender_{*store_, index_, clock_,
                    Seal{"test.example/ledger", SigningKey::generate(), CheckpointFile{folder_.file("ledger.checkpoint")}}},
          syncing_{*store_, appender_, plugins_, clock_, limits_} {
        EXPECT_TRUE(appender_.load());
    }

    static SourceRecord row(const std::string& digest, std::int64_t quantity, Instant when = Instant{1'790'000'000 * kMicrosPerSecond}) {
        Event event;
        event.id = EventId{"urn:erp:move:7"};
        event.biz_step = "shipping";
        event.time.instant = when;
        event.items = {{ItemId{"urn:i:1"}, Quantity{quantity * kQuantityScale, "C62"}}};
        return {"moves", "7", digest, event, std::nullopt};
    }
    SyncCounts sync(std::vector<SourceRecord> records) {
        source_.records = std::move(records);
        const auto report = syncing_.run(
            source_, false, [](const std::string&, const SyncCounts&) {}, [] { return false; });
        EXPECT_TRUE(report) << report.error().text();
        return report->sum;
    }
    std::vector<Event> events() {
        const auto snapshot = store_->read();
        std::vector<Event> all;
        const auto rows = (*snapshot)->entries(0, 100);
        for (const StoredEntry& entry : *rows) all.push_back(std::get<Event>(decode_stored(entry)->body));
        return all;
    }
    std::vector<RejectRow> rejects() { return *(*store_->read())->rejects("erp", 10); }

    test::TempFolder folder_;
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};
    std::unique_ptr<Store> store_;
    lineage::Index index_;
    test::FakeSet plugins_;
    Limits limits_;
    Appender appender_;
    Syncing syncing_;
    RowsInMemory source_;
};

TEST_F(SyncOfRows, lets_an_event_stand_when_what_the_row_became_cannot_be_recorded) {
    EXPECT_EQ(sync({row("a", 5)}).added, 1U);
    const SyncCounts bad = sync({row("b", -5)});
    EXPECT_EQ(bad.rejected, 1U);
    EXPECT_EQ(bad.changed, 0U);
    ASSERT_EQ(events().size(), 1U) << "nothing names a replacement that is not there";
    ASSERT_EQ(rejects().size(), 1U);
    EXPECT_NE(rejects()[0].reason.find("quantity"), std::string::npos) << rejects()[0].reason;

    const SyncCounts mended = sync({row("c", 6)});
    EXPECT_EQ(mended.changed, 1U);
    EXPECT_EQ(mended.added, 0U);
    EXPECT_TRUE(rejects().empty());
    const auto all = events();
    ASSERT_EQ(all.size(), 3U);
    ASSERT_TRUE(all[1].error);
    EXPECT_EQ(all[1].id, all[0].id);
    ASSERT_EQ(all[1].error->corrective_events.size(), 1U);
    EXPECT_EQ(all[1].error->corrective_events[0], all[2].id);
}

TEST_F(SyncOfRows, keeps_events_that_the_erp_dates_ahead_and_counts_them) {
    const Instant now = clock_.now();
    const Instant at_limit{now.us + limits_.event.future_us_max};
    EXPECT_EQ(sync({row("a", 5, at_limit)}).future, 0U);
    const SyncCounts ahead = sync({row("b", 5, Instant{at_limit.us + 1})});
    EXPECT_EQ(ahead.changed, 1U);
    EXPECT_EQ(ahead.rejected, 0U);
    EXPECT_EQ(ahead.future, 1U);
}

}  // namespace
}  // namespace stemma::engine
