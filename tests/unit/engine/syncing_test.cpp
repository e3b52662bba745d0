// What a sync does with rows that the core itself refuses, and with an ERP's own dates. The source is a list of rows in memory;
// the real ones are in tests/integration.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "adapters/memory/clock.hpp"
#include "adapters/memory/memory_store.hpp"
#include "core/engine/stored.hpp"
#include "core/engine/sync.hpp"
#include "core/engine/sync_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {
namespace {

class OneBatch final : public SourceReading {
public:
    OneBatch(std::vector<SourceRecord> records, std::vector<SourceReject> rejects, bool full, bool rekeyed)
        : batch_{{"moves", std::move(records), std::move(rejects), "end", 1, true, full, rekeyed, {}, false, {}}} {}
    Result<std::optional<SourceBatch>> next() override { return std::exchange(batch_, std::nullopt); }

private:
    std::optional<SourceBatch> batch_;
};

class RowsInMemory final : public ErpSource {
public:
    std::vector<SourceRecord> records;
    std::vector<SourceReject> rejects;
    bool rekeyed{false};
    std::function<void(bool full)> before_reading = [](bool) {};
    std::vector<bool> swept;  ///< of each reading, whether the keys were asked for

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::vector<std::string> queries() const override { return {"moves"}; }
    [[nodiscard]] Result<SourceReport> fit() override {
        SourceReport report;
        report.fits = true;
        return report;
    }
    [[nodiscard]] Result<SourceReport> check() override { return fail(Errc::internal, "a sync counts no rows: it asks fit()"); }
    [[nodiscard]] Result<std::unique_ptr<SourceReading>> read(const ReadPlan& plan) override {
        const std::map<std::string, std::string>& cursors = plan.cursors;
        swept.push_back(plan.sweep);
        before_reading(cursors.empty());
        return std::make_unique<OneBatch>(records, rejects, cursors.empty(), rekeyed);
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
    static SourceRecord party(const std::string& digest, std::optional<SourceContact> contact) {
        return {"moves", "c1", digest, Master{Party{PartyId{"urn:erp:party:1"}, "C1", ""}}, std::move(contact)};
    }
    SyncCounts sync(std::vector<SourceRecord> records, bool full = false) {
        source_.records = std::move(records);
        const auto report = syncing_.run(
            source_, full ? SyncReach::all : SyncReach::changes, [](const std::string&, const SyncCounts&) {}, [] { return false; });
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

TEST_F(SyncOfRows, rejects_a_row_whose_event_id_is_taken_and_goes_on_with_the_others) {
    SourceRecord same = row("b", 5);
    same.key = "8";
    SourceRecord other = row("c", 5);
    other.key = "9";
    std::get<Event>(other.record).id = EventId{"urn:erp:move:9"};
    const SyncCounts counts = sync({row("a", 5), same, other});
    EXPECT_EQ(counts.added, 2U);
    EXPECT_EQ(counts.rejected, 1U);
    ASSERT_EQ(rejects().size(), 1U);
    EXPECT_EQ(rejects()[0].key, "8");
    EXPECT_NE(rejects()[0].reason.find("already recorded, in entry 0"), std::string::npos) << rejects()[0].reason;
}

TEST_F(SyncOfRows, takes_a_reject_off_the_list_when_its_row_is_as_it_was_or_gone) {
    source_.rejects = {{"moves", "8", "move", "no date"}};
    sync({row("a", 5)}, true);
    sync({row("b", -5)}, true);
    ASSERT_EQ(rejects().size(), 2U);
    sync({row("a", 5)}, true);
    ASSERT_EQ(rejects().size(), 1U) << "put back to what it was";
    EXPECT_EQ(rejects()[0].key, "8");
    source_.rejects.clear();
    sync({row("a", 5)}, false);
    EXPECT_EQ(rejects().size(), 1U) << "only a full reading knows that a row is gone";
    sync({row("a", 5)}, true);
    EXPECT_TRUE(rejects().empty());
}

TEST_F(SyncOfRows, keeps_a_party_s_name_only_while_the_erp_has_it) {
    const PartyId id{"urn:erp:party:1"};
    const auto person = [&] { return *(*store_->read())->person(id); };
    EXPECT_EQ(sync({party("a", SourceContact{"Ada", "ada@example.org"})}).added, 1U);
    ASSERT_TRUE(person());
    EXPECT_EQ(sync({party("a", SourceContact{"Ada", "ada@example.org"})}).unchanged, 1U);
    EXPECT_EQ(sync({party("a", SourceContact{"Ada", "ada@example.com"})}).changed, 1U) << "a name is no part of the digest";
    EXPECT_EQ(person()->contact, "ada@example.com");
    EXPECT_EQ(sync({party("a", std::nullopt)}).changed, 1U);
    EXPECT_FALSE(person());
    sync({party("a", SourceContact{"Ada", ""})});
    ASSERT_TRUE(person());
    sync({}, true);
    EXPECT_FALSE(person()) << "the party is gone from the ERP";
}

TEST_F(SyncOfRows, says_whether_it_read_everything_and_keeps_when) {
    const auto run = [&](bool stopped) {
        return *syncing_.run(
            source_, SyncReach::changes, [](const std::string&, const SyncCounts&) {}, [&] { return stopped; });
    };
    const auto whole = [&] {
        const auto snapshot = store_->read();
        const auto states = (*snapshot)->source_states();
        for (const SourceState& state : *states)
            if (state.query.empty()) return state.cursor;
        return std::string{};
    };
    EXPECT_FALSE(run(true).complete);
    EXPECT_EQ(whole(), "");
    const SyncReport first = run(false);
    EXPECT_TRUE(first.full && first.complete) << "without cursors everything is read";
    EXPECT_EQ(whole(), format_instant(clock_.now()));
    const std::string then = whole();
    clock_.advance(kMicrosPerSecond);
    EXPECT_FALSE(run(false).full);
    EXPECT_EQ(whole(), then);
}

TEST_F(SyncOfRows, takes_one_of_two_rows_that_have_one_key_and_rejects_the_other_each_time) {
    EXPECT_EQ(sync({row("a", 5), row("b", 6)}, true).added, 1U);
    for (const bool full : {true, false, true}) {
        const SyncCounts again = sync({row("a", 5), row("b", 6)}, full);
        EXPECT_EQ(again.unchanged, 1U);
        EXPECT_EQ(again.rejected, 1U);
    }
    EXPECT_EQ(events().size(), 1U);
    ASSERT_EQ(rejects().size(), 1U);
    EXPECT_EQ(rejects()[0].key, "7");
    EXPECT_NE(rejects()[0].reason.find("two rows of query moves have the key '7'"), std::string::npos) << rejects()[0].reason;
    EXPECT_EQ(sync({row("a", 5), row("a", 5)}).unchanged, 2U) << "two rows that say the same say it";
    EXPECT_TRUE(rejects().empty());
}

TEST_F(SyncOfRows, marks_master_data_that_vanished_once_and_takes_it_in_again) {
    const auto keys = [&] { return *(*store_->read())->source_keys("erp", "moves", "", 10); };
    const auto entries = [&] { return *(*store_->read())->size(); };
    sync({party("p", SourceContact{"Ann", "x"})}, true);
    ASSERT_EQ(keys(), std::vector<std::string>{"c1"});
    EXPECT_EQ(sync({}, true).vanished, 1U);
    EXPECT_TRUE(keys().empty());
    const Sequence then = entries();
    EXPECT_EQ(sync({}, true).vanished, 0U);
    EXPECT_EQ(entries(), then) << "it is known to be gone";
    EXPECT_TRUE((*(*store_->read())->subject("urn:erp:party:1"))->master) << "events may still name it";
    EXPECT_EQ(sync({party("p", std::nullopt)}, true).added, 1U);
    EXPECT_EQ(keys(), std::vector<std::string>{"c1"});
}

/// Another row, of another query or the same, has said more of the same thing since: that stands.
TEST_F(SyncOfRows, master_data_that_another_row_says_anew_is_not_set_back_by_one_that_vanished) {
    SourceRecord other = party("q", std::nullopt);
    other.key = "c2";
    std::get<Party>(std::get<Master>(other.record)).code = "NEW";
    sync({party("p", std::nullopt), other}, true);
    EXPECT_EQ(sync({other}, true).vanished, 1U);
    const auto snapshot = store_->read();
    const auto subject = (*snapshot)->subject("urn:erp:party:1");
    const auto newest = (*snapshot)->entries_at({*(*subject)->master});
    const Entry entry = *decode_stored(newest->front());
    EXPECT_EQ(std::get<Party>(std::get<Master>(entry.body)).code, "NEW");
}

/// Rows of which most vanish at once; the other ones stay.
class SyncOfMany : public SyncOfRows {
protected:
    static std::vector<SourceRecord> rows(int count) {
        std::vector<SourceRecord> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(row("a", 5));
            all.back().key = std::to_string(i);
            std::get<Event>(all.back().record).id = EventId{"urn:erp:move:" + all.back().key};
        }
        return all;
    }
    SyncReport sync_as(std::vector<SourceRecord> records, const SyncOrder& order) {
        source_.records = std::move(records);
        auto report = syncing_.run(
            source_, order, [](const std::string&, const SyncCounts&) {}, [] { return false; });
        EXPECT_TRUE(report) << report.error().text();
        return *std::move(report);
    }
    std::size_t standing() { return (*(*store_->read())->source_keys("erp", "moves", "", 10'000)).size(); }
};

TEST_F(SyncOfMany, half_of_the_rows_may_vanish_and_one_more_may_not) {
    sync(rows(210), true);
    const SyncReport refused = sync_as(rows(104), SyncReach::all);
    EXPECT_EQ(refused.sum.vanished, 0U);
    EXPECT_EQ(standing(), 210U);
    EXPECT_EQ(*(*store_->read())->size(), 210U) << "nothing was written";
    EXPECT_TRUE(
        refused.refused.starts_with("106 of the 210 rows recorded of query moves are gone from the source, more than 50 %: nothing was "
                                    "taken back"))
        << refused.refused;
    EXPECT_TRUE(refused.refused.contains("stemma erp sync erp --sweep --accept-vanished")) << refused.refused;
    const SyncReport half = sync_as(rows(105), SyncReach::all);
    EXPECT_EQ(half.refused, "");
    EXPECT_EQ(half.sum.vanished, 105U);
    EXPECT_EQ(standing(), 105U);
}

TEST_F(SyncOfMany, a_hundred_rows_may_vanish_whatever_their_share_and_one_more_may_not) {
    sync(rows(101), true);
    EXPECT_NE(sync_as({}, SyncReach::all).refused, "") << "an empty database behind the same address";
    EXPECT_EQ(standing(), 101U);
    EXPECT_EQ(sync_as(rows(1), SyncReach::all).refused, "");
    EXPECT_EQ(standing(), 1U);
}

TEST_F(SyncOfMany, all_may_vanish_once_somebody_says_so_page_after_page) {
    sync(rows(2'500), true);
    EXPECT_NE(sync_as({}, SyncReach::all).refused, "");
    const std::uint64_t groups = appender_.writer().groups;
    const SyncReport accepted = sync_as({}, {SyncReach::all, true});
    EXPECT_EQ(accepted.refused, "");
    EXPECT_EQ(accepted.sum.vanished, 2'500U);
    EXPECT_EQ(standing(), 0U);
    EXPECT_GE(appender_.writer().groups - groups, 3U) << "2,500 rows in pages of 1,000";
}

TEST_F(SyncOfMany, keys_that_are_made_otherwise_make_all_of_before_vanish_unasked) {
    sync(rows(150), true);
    source_.rekeyed = true;
    auto moved = rows(150);
    for (SourceRecord& each : moved) {
        each.key += "/x";
        std::get<Event>(each.record).id = EventId{"urn:erp:move:" + each.key};
    }
    moved.resize(140);  // ten of them cannot be mapped any more
    const SyncReport report = sync_as(moved, SyncReach::all);
    EXPECT_EQ(report.refused, "");
    EXPECT_EQ(report.sum.added, 140U);
    EXPECT_EQ(report.sum.vanished, 150U);
}

/// Runs a source on the runner's own thread until it has run `runs` times.
class SyncThread : public SyncOfRows {
protected:
    SourceStatus run(Instant full_read_at, std::uint64_t runs) {
        SyncRunner runner{syncing_, clock_, {{&source_, std::chrono::milliseconds{1}, "", full_read_at}}};
        runner.start(true);
        while (runner.status().front().runs < runs) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        runner.stop();
        return runner.status().front();
    }
};

TEST_F(SyncThread, outlives_a_source_that_throws) {
    int readings = 0;
    source_.before_reading = [&](bool) {
        if (++readings == 1) throw std::runtime_error{"out of cheese"};
    };
    EXPECT_NE(run({}, 1).error.find("out of cheese"), std::string::npos);
    EXPECT_EQ(run({}, 1).error, "");
}

TEST_F(SyncThread, a_refusal_to_take_rows_back_stays_told_until_a_reading_that_looks_again) {
    std::vector<SourceRecord> many;
    for (int i = 0; i < 101; ++i) {
        many.push_back(row("a", 5));
        many.back().key = std::to_string(i);
        std::get<Event>(many.back().record).id = EventId{"urn:erp:move:" + many.back().key};
    }
    sync(many, true);
    source_.records.clear();
    SyncRunner runner{syncing_, clock_, {{&source_, std::chrono::milliseconds{0}, "", clock_.now()}}};
    runner.start(true);
    const auto status_after = [&](const SyncOrder& order) {
        const std::uint64_t wanted = *runner.request("erp", order);
        while (runner.status().front().runs < wanted) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        return runner.status().front();
    };
    EXPECT_TRUE(status_after(SyncReach::all).error.starts_with("101 of the 101 rows"));
    EXPECT_TRUE(status_after(SyncReach::changes).stale()) << "what is served may still be wrong";
    EXPECT_EQ(status_after({SyncReach::all, true}).error, "");
    EXPECT_EQ(status_after(SyncReach::all).last->sum.vanished, 0U);
    runner.stop();
}

/// R14, without its day: what a source costs that is down for 24 hours is the number of its tries.
TEST(SyncDue, a_source_that_is_down_for_a_day_is_tried_a_few_hundred_times_and_is_back_within_five_minutes) {
    const SyncDue::Time began{std::chrono::hours{1000}};
    SyncDue due{std::chrono::seconds{1}, began};
    int tries = 0;
    SyncDue::Time newest = began;
    for (; due.at() < began + std::chrono::hours{24}; ++tries) {
        newest = due.at();
        due.failed(newest);
        ASSERT_GT(due.at(), newest) << "no try at once: that would be a busy loop";
        ASSERT_LE(due.at() - newest, kSyncRetry.longest);
    }
    // At the longest pause of 300 s there are 288 in a day, at half of it 576; and the first dozen, below a minute.
    EXPECT_GE(tries, 288);
    EXPECT_LE(tries, 576 + 16);
    due.went_well(due.at());
    const SyncDue::Time well = due.at();
    due.failed(well);
    EXPECT_LE(due.at() - well, kSyncRetry.first) << "the next failure begins anew";
}

TEST_F(SyncThread, tries_a_source_that_is_down_again_and_resumes_from_its_cursor) {
    ASSERT_EQ(sync({row("a", 5)}).added, 1U);
    int readings = 0;
    std::vector<bool> full;
    source_.before_reading = [&](bool whole) {
        full.push_back(whole);
        if (++readings <= 4) throw std::runtime_error{"the server is down"};
    };
    const SourceStatus status = run(clock_.now(), 5);
    EXPECT_EQ(status.error, "");
    EXPECT_EQ(full, std::vector<bool>(full.size(), false)) << "from the cursor, never from the beginning";
    EXPECT_EQ(status.last->sum.unchanged, 1U);
    EXPECT_EQ(status.last->sum.added, 0U);
}

TEST_F(SyncThread, sweeps_the_keys_when_it_is_time_and_not_before) {
    ASSERT_TRUE(sync({row("a", 5)}).added == 1U);
    const auto sweeps = [&](std::chrono::microseconds every) {
        source_.swept.clear();
        SyncRunner runner{syncing_, clock_, {{&source_, std::chrono::milliseconds{1}, "", clock_.now(), every}}};
        runner.start(true);
        while (runner.status().front().runs < 3) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        runner.stop();
        return std::ranges::count(source_.swept, true);
    };
    EXPECT_EQ(sweeps(std::chrono::hours{1}), 0);
    EXPECT_EQ(sweeps(std::chrono::microseconds{0}), 0) << "switched off";
    EXPECT_GE(sweeps(std::chrono::microseconds{1}), 2);
}

TEST_F(SyncThread, reads_everything_again_when_a_day_has_passed_since_whoever_read_it) {
    ASSERT_TRUE(sync({row("a", 5)}).added == 1U);
    std::vector<bool> full;
    source_.before_reading = [&](bool whole) { full.push_back(whole); };
    const Instant now = clock_.now();
    run({now.us - std::chrono::microseconds{kFullReadingEvery}.count()}, 2);
    ASSERT_GE(full.size(), 2U);
    EXPECT_TRUE(full[0]);
    EXPECT_FALSE(full[1]) << "once";
    full.clear();
    run({now.us - std::chrono::microseconds{kFullReadingEvery}.count() + 60 * kMicrosPerSecond}, 2);
    EXPECT_FALSE(full[0]);
    source_.rejects.clear();
    int readings = 0;
    full.clear();
    source_.before_reading = [&](bool whole) {
        full.push_back(whole);
        if (++readings == 1) throw std::runtime_error{"out of cheese"};
    };
    run({}, 2);
    ASSERT_GE(full.size(), 2U);
    EXPECT_TRUE(full[0]);
    EXPECT_TRUE(full[1]) << "a full reading that failed is still due";
}

}  // namespace
}  // namespace stemma::engine
