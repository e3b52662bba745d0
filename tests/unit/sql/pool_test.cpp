#include "adapters/sql/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "adapters/sql/transaction.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::sql {
namespace {

using std::chrono::milliseconds;

class SqlitePool : public ::testing::Test {
protected:
    [[nodiscard]] Pool pool(PoolLimits limits) const { return Pool{{.target = folder.file("p.db")}, limits}; }
    test::TempFolder folder;
};

TEST_F(SqlitePool, lends_as_many_sessions_as_allowed_and_not_one_more) {
    Pool two = pool({.sessions_max = 2, .wait = milliseconds{20}});
    auto first = two.lease();
    auto second = two.lease();
    ASSERT_TRUE(first && second);
    const auto third = two.lease();
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Errc::unavailable);
    EXPECT_EQ(two.open_sessions(), 2U);
}

TEST_F(SqlitePool, waits_for_a_session_to_come_back) {
    Pool one = pool({.sessions_max = 1, .wait = milliseconds{10'000}});
    auto first = std::make_unique<Result<Lease>>(one.lease());
    ASSERT_TRUE(*first);
    std::thread giver{[&] {
        std::this_thread::sleep_for(milliseconds{50});
        first.reset();
    }};
    EXPECT_TRUE(one.lease());
    giver.join();
    EXPECT_EQ(one.open_sessions(), 1U);
}

TEST_F(SqlitePool, rolls_back_what_a_borrower_left_open) {
    Pool one = pool({.sessions_max = 1});
    {
        auto lease = one.lease();
        ASSERT_TRUE(lease && (*lease)->execute_as_is({"t", "BEGIN"}) && (*lease)->execute_as_is({"t", "CREATE TABLE t (a)"}));
    }
    auto lease = one.lease();
    ASSERT_TRUE(lease);
    EXPECT_FALSE((*lease)->in_transaction());
    EXPECT_FALSE((*lease)->execute_as_is({"t", "SELECT * FROM t"}));
}

TEST_F(SqlitePool, opens_no_session_before_it_is_needed) {
    Pool missing{{.target = folder.file("none.db"), .read_only = true}, {.sessions_max = 1, .wait = milliseconds{20}}};
    EXPECT_EQ(missing.open_sessions(), 0U);
    EXPECT_EQ(missing.lease().error().code, Errc::unavailable);
    EXPECT_EQ(missing.open_sessions(), 0U) << "a failed opening takes no place";
    ASSERT_TRUE(Session::open({.target = folder.file("none.db")})->execute_as_is({"t", "CREATE TABLE t (a)"}));
    EXPECT_TRUE(missing.lease());
}

TEST_F(SqlitePool, pings_a_session_that_lay_idle) {
    Pool one = pool({.sessions_max = 1, .ping_after_idle = milliseconds{0}});
    { ASSERT_TRUE(one.lease()); }
    EXPECT_TRUE(one.lease());
    EXPECT_EQ(one.open_sessions(), 1U);
}

TEST_F(SqlitePool, may_be_gone_before_a_lease) {
    auto brief = std::make_unique<Pool>(pool({}));
    auto lease = brief->lease();
    ASSERT_TRUE(lease);
    brief.reset();
    EXPECT_TRUE((*lease)->ping());
}

TEST_F(SqlitePool, never_lends_one_session_twice) {
    Pool three = pool({.sessions_max = 3, .wait = milliseconds{10'000}});
    std::atomic<int> lent{0};
    std::atomic<bool> exceeded{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 50; ++turn) {
                auto lease = three.lease();
                if (!lease || ++lent > 3 || !(*lease)->ping()) exceeded = true;
                --lent;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(exceeded);
    EXPECT_LE(three.open_sessions(), 3U);
}

}  // namespace
}  // namespace stemma::sql
