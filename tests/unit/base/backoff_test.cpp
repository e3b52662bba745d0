#include "core/base/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace stemma {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono::microseconds;

TEST(Backoff, doubles_from_the_first_pause_to_the_longest) {
    Backoff backoff{{.first = 50ms, .longest = 5s}, 1};
    for (const microseconds whole : {50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms}) {
        const microseconds pause = backoff.next();
        EXPECT_GE(pause, whole / 2);
        EXPECT_LE(pause, whole);
    }
    EXPECT_EQ(backoff.failures(), 9U);
    backoff.reset();
    EXPECT_LE(backoff.next(), 50ms);
}

TEST(Backoff, never_waits_longer_than_the_longest_however_often_it_fails) {
    Backoff backoff{{.first = 50ms, .longest = 300s}, 7};
    for (int i = 0; i < 100'000; ++i) ASSERT_LE(backoff.next(), 300s);
}

TEST(Backoff, a_hundred_that_failed_together_do_not_come_back_together) {
    std::set<microseconds> pauses;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        Backoff backoff{{.first = 50ms, .longest = 5s}, seed * 7919};
        for (int i = 0; i < 7; ++i) (void)backoff.next();
        pauses.insert(backoff.next());
    }
    EXPECT_GT(pauses.size(), 90U);
    EXPECT_GT(*pauses.rbegin() - *pauses.begin(), 2s) << "over the upper half of 5 s";
}

}  // namespace
}  // namespace stemma
