// A daemon beside the one that writes: it takes in what that one wrote, and the writer's seat is nobody's who cannot use it.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "adapters/memory/clock.hpp"
#include "adapters/memory/memory_store.hpp"
#include "core/engine/capture.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/engine/fake_plugins.hpp"
#include "tests/unit/ledger/fake_ledger.hpp"

namespace stemma::engine {
namespace {

using std::chrono_literals::operator""ms;

/// A snapshot whose connection ends while entries are read.
class CutSnapshot final : public test::FakeLedger {
public:
    explicit CutSnapshot(std::unique_ptr<ReadSnapshot> inner) : inner_{std::move(inner)} {}
    Result<Sequence> size() override { return inner_->size(); }
    Result<std::vector<StoredEntry>> entries(Sequence first, std::uint64_t count) override { return inner_->entries(first, count); }
    Result<void> visit_entries(Sequence, std::uint64_t, const EntryVisitor&) override {
        return fail(Errc::unavailable, "the connection was cut");
    }
    Result<std::vector<StoredEntry>> entries_at(const std::vector<Sequence>& sequences) override { return inner_->entries_at(sequences); }
    Result<std::vector<std::string>> leaf_hashes(Sequence first, std::uint64_t count) override { return inner_->leaf_hashes(first, count); }
    Result<std::optional<StoredCheckpoint>> latest_checkpoint() override { return inner_->latest_checkpoint(); }

private:
    std::unique_ptr<ReadSnapshot> inner_;
};

/// One daemon's view of a store that another one writes.
class SharedStore final : public Store {
public:
    explicit SharedStore(Store& inner) : inner_{inner} {}
    bool seat_free{false};
    bool cut{false};
    int taken{0};
    int left{0};

    Result<Seat> take_seat() override {
        if (!seat_free) return Seat{.held = false, .holder = "the other"};
        return Seat{.held = true, .taken = static_cast<std::uint64_t>(++taken)};
    }
    void leave_seat() override { ++left; }
    Result<std::unique_ptr<UnitOfWork>> begin() override { return inner_.begin(); }
    Result<std::unique_ptr<ReadSnapshot>> read() override {
        auto snapshot = inner_.read();
        if (!snapshot || !cut) return snapshot;
        return std::make_unique<CutSnapshot>(*std::move(snapshot));
    }
    Result<std::vector<std::string>> check_integrity() override { return inner_.check_integrity(); }
    Result<std::string> describe() override { return inner_.describe(); }

private:
    Store& inner_;
};

const auto kNothing = [](Appending&) { return Result<void>{}; };

class Standby : public ::testing::Test {
protected:
    Standby() { EXPECT_TRUE(writer_.load()); }

    std::unique_ptr<Appender> standby(BackoffSpan retry = {.first = 1ms, .longest = 1ms}) {
        auto made = std::make_unique<Appender>(shared_, standby_index_, clock_, seal("standby"));
        made->wait_for_store(0ms, retry);
        made->check_before_writing([this]() -> Result<void> { return unfit_.empty() ? Result<void>{} : fail(Errc::config, unfit_); });
        EXPECT_TRUE(made->load());
        return made;
    }
    /// By the daemon that writes.
    void record(int number) {
        Event event;
        event.id = EventId{"urn:e:" + std::to_string(number)};
        event.biz_step = "shipping";
        event.time.instant = Instant{1'790'000'000 * kMicrosPerSecond};
        event.items = {{ItemId{"urn:i:1"}, Quantity{kQuantityScale, "C62"}}};
        const auto done = capturing_.capture({"user:test", "", "", {event}});
        ASSERT_TRUE(done) << done.error().text();
    }
    Seal seal(const std::string& file) const {
        return {"test.example/ledger", *SigningKey::from_seed(std::string(32, '7')), CheckpointFile{folder_.file(file)}};
    }

    test::TempFolder folder_;
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};
    std::unique_ptr<Store> store_{memory::make_store()};
    SharedStore shared_{*store_};
    test::FakeSet plugins_;
    Limits limits_;
    lineage::Index index_;
    lineage::Index standby_index_;
    Appender writer_{*store_, index_, clock_, seal("writer")};
    Capturing capturing_{writer_, plugins_, limits_, {}};
    std::string unfit_;
};

TEST_F(Standby, reads_on_where_its_reading_was_cut) {
    record(1);
    const auto standby_daemon = standby();
    ASSERT_EQ(standby_index_.position(), 1U);
    record(2);
    record(3);
    shared_.cut = true;
    EXPECT_FALSE(standby_daemon->follow());
    EXPECT_EQ(standby_daemon->role().behind, 2U) << "by what the lineage knows";
    shared_.cut = false;
    std::this_thread::sleep_for(5ms);
    const auto healed = standby_daemon->follow();
    ASSERT_TRUE(healed) << healed.error().text();
    EXPECT_EQ(standby_index_.position(), 3U);
    EXPECT_EQ(standby_daemon->role().behind, 0U);
}

TEST_F(Standby, leaves_a_seat_that_it_cannot_use_to_others_and_follows_on) {
    record(1);
    const auto daemon = standby({.first = 200ms, .longest = 200ms});
    unfit_ = "synchronous_commit is off";
    shared_.seat_free = true;
    record(2);
    ASSERT_TRUE(daemon->follow());
    EXPECT_EQ(shared_.taken, 1);
    EXPECT_EQ(shared_.left, 1) << "another may take it";
    EXPECT_FALSE(daemon->role().writes);
    EXPECT_EQ(standby_index_.position(), 2U) << "it follows";
    EXPECT_NE(daemon->trouble().store.find(unfit_), std::string::npos) << daemon->trouble().store;
    const auto refused = daemon->run(kNothing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().message.find(unfit_), std::string::npos) << refused.error().message;
    ASSERT_TRUE(daemon->follow());
    EXPECT_EQ(shared_.taken, 1) << "not again at once";
    unfit_.clear();
    std::this_thread::sleep_for(250ms);
    ASSERT_TRUE(daemon->follow());
    EXPECT_TRUE(daemon->role().writes) << "mended, it writes";
    EXPECT_EQ(daemon->trouble().store, "");
    EXPECT_EQ(shared_.left, 1);
}

TEST_F(Standby, keeps_its_seat_through_a_cut_and_leaves_it_when_the_ledger_stays_out_of_reach) {
    record(1);
    const auto daemon = standby();
    record(2);
    shared_.seat_free = true;
    shared_.cut = true;
    EXPECT_FALSE(daemon->follow());
    EXPECT_EQ(shared_.left, 0) << "one cut is no reason";
    for (int i = 0; i < 1'000 && shared_.left == 0; ++i) {
        std::this_thread::sleep_for(2ms);
        [[maybe_unused]] const auto tried = daemon->follow();
    }
    EXPECT_EQ(shared_.left, 1);
    EXPECT_EQ(shared_.taken, static_cast<int>(kSeatTriesMax));
}

}  // namespace
}  // namespace stemma::engine
