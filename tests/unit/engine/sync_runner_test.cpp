// When sources are read and what is told of them: by a daemon that writes, by one that does not, and after a start. The sources are in
// memory and do as they are told.
#include "core/engine/sync_runner.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "adapters/memory/clock.hpp"
#include "adapters/memory/memory_store.hpp"
#include "core/engine/sync.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"

namespace stemma::engine {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kPatience = std::chrono::seconds{60};  ///< then the test has hung

class NoRows final : public SourceReading {
public:
    explicit NoRows(bool full) {
        SourceBatch batch;
        batch.query = "moves";
        batch.cursor = "end";
        batch.last_of_query = true;
        batch.full = full;
        batch_ = std::move(batch);
    }
    Result<std::optional<SourceBatch>> next() override { return std::exchange(batch_, std::nullopt); }

private:
    std::optional<SourceBatch> batch_;
};

class ToldSource final : public ErpSource {
public:
    explicit ToldSource(std::string name = "erp") : name_{std::move(name)} {}

    std::atomic<bool> fits{true};
    std::atomic<bool> reached{true};
    std::atomic<bool> readable{true};

    void hold() { set_held(true); }
    void let_go() { set_held(false); }
    [[nodiscard]] std::vector<bool> full() const {
        const std::lock_guard lock{mutex_};
        return full_;
    }

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] std::vector<std::string> queries() const override { return {"moves"}; }
    [[nodiscard]] Result<SourceReport> fit() override {
        if (!reached) return fail(Errc::unavailable, "password authentication failed");
        SourceReport report;
        report.mapping = "odoo-18";
        report.fits = fits;
        if (!fits) report.findings = {{SourceFinding::Level::error, "column stock_move.lot", "is not there", ""}};
        return report;
    }
    [[nodiscard]] Result<SourceReport> check() override { return fail(Errc::internal, "a sync counts no rows: it asks fit()"); }
    [[nodiscard]] Result<std::unique_ptr<SourceReading>> read(const ReadPlan& plan) override {
        std::unique_lock lock{mutex_};
        full_.push_back(plan.cursors.empty());
        changed_.wait(lock, [&] { return !held_; });
        if (!readable) return fail(Errc::unavailable, "the connection was cut");
        return std::make_unique<NoRows>(plan.cursors.empty());
    }
    [[nodiscard]] Result<SourcePreview> preview(const std::string&, std::uint64_t) override { return SourcePreview{}; }

private:
    void set_held(bool held) {
        {
            const std::lock_guard lock{mutex_};
            held_ = held;
        }
        changed_.notify_all();
    }
    std::string name_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool held_{false};
    std::vector<bool> full_;  ///< of each reading, whether it was of everything
};

class SyncRunning : public ::testing::Test {
protected:
    SyncRunning() { EXPECT_TRUE(appender_.load()); }

    [[nodiscard]] std::unique_ptr<SyncRunner> runner(std::vector<ScheduledSource> sources) {
        return std::make_unique<SyncRunner>(syncing_, clock_, sources);
    }
    [[nodiscard]] ScheduledSource often(ToldSource& source) const { return {&source, 1ms, "", clock_.now()}; }
    template <class Holds>
    [[nodiscard]] static bool comes(const Holds& holds) {
        for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;) {
            if (holds()) return true;
            std::this_thread::sleep_for(1ms);
        }
        return false;
    }
    /// One sync, by a runner of its own: as a daemon that was started, read, and ended.
    SourceStatus one_run(ToldSource& source) {
        const auto once = runner({{&source, {}, "", clock_.now()}});
        once->start(false);
        EXPECT_TRUE(once->request("erp", SyncReach::changes));
        EXPECT_TRUE(comes([&] { return once->status().front().runs == 1; }));
        once->stop();
        return once->status().front();
    }

    test::TempFolder folder_;
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};
    std::unique_ptr<Store> store_{memory::make_store()};
    lineage::Index index_;
    test::FakeSet plugins_;
    Limits limits_;
    Appender appender_{*store_, index_, clock_,
                       Seal{"test.example/ledger", SigningKey::generate(), CheckpointFile{folder_.file("ledger.checkpoint")}}};
    Syncing syncing_{*store_, appender_, plugins_, clock_, limits_};
    ToldSource source_;
};

TEST_F(SyncRunning, a_pause_that_ends_is_followed_by_a_reading_of_everything) {
    one_run(source_);
    ASSERT_EQ(source_.full(), std::vector<bool>{true}) << "the first one";
    const auto running = runner({often(source_)});
    source_.fits = false;
    running->start(true);
    ASSERT_TRUE(comes([&] { return !running->status().front().paused.empty(); }));
    source_.fits = true;
    ASSERT_TRUE(comes([&] { return source_.full().size() >= 3; }));
    running->stop();
    EXPECT_TRUE(source_.full()[1]);
    EXPECT_FALSE(source_.full()[2]) << "once";
}

TEST_F(SyncRunning, a_reading_of_everything_that_is_due_after_a_pause_outlives_a_start) {
    one_run(source_);
    source_.fits = false;
    EXPECT_NE(one_run(source_).paused, "");
    source_.fits = true;
    source_.readable = false;
    EXPECT_NE(one_run(source_).error, "");
    source_.readable = true;
    EXPECT_EQ(one_run(source_).error, "");
    one_run(source_);
    EXPECT_EQ(source_.full(), (std::vector<bool>{true, true, true, false}));
}

TEST_F(SyncRunning, a_standby_tells_what_the_daemon_that_reads_left_in_the_store) {
    const Instant good = clock_.now();
    one_run(source_);
    const auto standby = runner({often(source_)});
    standby->only_while([] { return false; });
    standby->start(true);
    EXPECT_TRUE(comes([&] { return standby->status().front().good_at == good; }));
    EXPECT_FALSE(standby->status().front().stale());
    clock_.advance(kMicrosPerSecond);
    source_.fits = false;
    const std::string paused = one_run(source_).paused;
    EXPECT_NE(paused, "");
    EXPECT_TRUE(comes([&] { return standby->status().front().paused == paused; }));
    EXPECT_TRUE(standby->status().front().stale());
    EXPECT_EQ(standby->status().front().good_at, good);
    source_.reached = false;
    one_run(source_);
    EXPECT_TRUE(comes([&] { return standby->status().front().error.contains("password authentication failed"); }));
    source_.reached = source_.fits = true;
    clock_.advance(kMicrosPerSecond);
    one_run(source_);
    EXPECT_TRUE(comes([&] { return !standby->status().front().stale(); }));
    EXPECT_EQ(standby->status().front().good_at, clock_.now());
    EXPECT_EQ(standby->status().front().runs, 0U) << "it read nothing itself";
}

TEST_F(SyncRunning, a_daemon_that_takes_over_does_not_read_in_full_what_another_one_read) {
    std::atomic<bool> writes{false};
    const auto running = runner({{&source_, 1ms, "", Instant{}}});  // as it stood when this daemon was started: never read
    running->only_while([&] { return writes.load(); });
    running->start(true);
    one_run(source_);
    ASSERT_EQ(source_.full().size(), 1U);
    ASSERT_TRUE(comes([&] { return running->status().front().good_at.us != 0; })) << "it stands by";
    writes = true;
    ASSERT_TRUE(comes([&] { return source_.full().size() >= 3; }));
    running->stop();
    EXPECT_EQ(source_.full()[1], false);
    EXPECT_EQ(source_.full()[2], false);
}

TEST_F(SyncRunning, a_sync_that_was_asked_for_is_ended_when_the_daemon_no_longer_writes) {
    std::atomic<bool> writes{true};
    const auto running = runner({{&source_, {}, "", clock_.now()}});
    running->only_while([&] { return writes.load(); });
    running->start(false);
    source_.hold();
    ASSERT_TRUE(running->request("erp", SyncReach::changes));
    ASSERT_TRUE(comes([&] { return source_.full().size() == 1; }));
    const auto second = running->request("erp", SyncReach::changes);
    ASSERT_TRUE(second);
    EXPECT_EQ(*second, 2U);
    writes = false;
    source_.let_go();
    ASSERT_TRUE(comes([&] { return running->status().front().runs >= *second; })) << "its caller waits for this number";
    EXPECT_NE(running->status().front().not_run.find("standby"), std::string::npos);
    EXPECT_EQ(source_.full().size(), 1U);
    EXPECT_FALSE(running->request("erp", SyncReach::changes));
    writes = true;
    EXPECT_TRUE(running->request("erp", SyncReach::changes));
    EXPECT_EQ(running->status().front().not_run, "");
}

TEST_F(SyncRunning, a_source_that_is_slow_keeps_no_other_waiting) {
    ToldSource slow{"slow"};
    slow.hold();
    const auto running = runner({often(slow), often(source_)});
    running->start(true);
    ASSERT_TRUE(comes([&] { return slow.full().size() == 1; }));
    EXPECT_TRUE(comes([&] { return running->status().back().runs >= 3; }));
    EXPECT_TRUE(running->status().front().running);
    slow.let_go();
    running->stop();
    EXPECT_EQ(slow.full().size(), running->status().front().runs) << "one reading at a time of each";
}

TEST_F(SyncRunning, what_the_newest_sync_met_is_told_before_the_pause_that_lasts) {
    source_.fits = false;
    const std::string paused = one_run(source_).why_stale();
    EXPECT_NE(paused.find("column stock_move.lot"), std::string::npos);
    source_.reached = false;
    const std::string both = one_run(source_).why_stale();
    EXPECT_TRUE(both.starts_with("password authentication failed")) << both;
    EXPECT_TRUE(both.ends_with("; still paused: " + paused)) << both;
    source_.reached = source_.fits = true;
    source_.readable = false;
    EXPECT_EQ(one_run(source_).why_stale(), "the connection was cut") << "it fits again";
}

TEST_F(SyncRunning, the_time_of_the_last_good_sync_outlives_a_start) {
    const Instant good = clock_.now();
    one_run(source_);
    clock_.advance(kMicrosPerSecond);
    source_.reached = false;
    EXPECT_EQ(one_run(source_).good_at, good);
    const auto started = runner({{&source_, {}, "", clock_.now()}});
    started->start(false);
    EXPECT_EQ(started->status().front().good_at, good);
    EXPECT_TRUE(started->status().front().stale()) << "nobody has reached it since";
}

}  // namespace
}  // namespace stemma::engine
