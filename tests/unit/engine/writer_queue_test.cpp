// Who is written together and in which order: the queue alone, with the test as the writer.
#include "core/engine/writer_queue.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace stemma::engine {
namespace {

/// Callers that wait in a queue, each on its own thread.
class Line : public ::testing::Test {
protected:
    ~Line() override { EXPECT_TRUE(callers_.empty()) << "release_all() ends a test"; }

    /// Returns once the command waits.
    void come(const Demand& demand) {
        const std::uint64_t before = queue_.stats().waiting;
        callers_.emplace_back([this, demand] {
            WriterQueue::Command command{nothing_, demand};
            EXPECT_TRUE(queue_.await(command));
        });
        while (queue_.stats().waiting == before) std::this_thread::yield();
    }
    std::vector<std::size_t> take() {
        const WriterQueue::Group group = queue_.take();
        std::vector<std::size_t> records;
        for (const WriterQueue::Command* command : group) records.push_back(command->demand.records);
        queue_.release(group);
        return records;
    }
    void release_all() {
        queue_.close();
        while (!take().empty()) {
        }
        callers_.clear();
    }

    WriterQueue queue_;
    const Work nothing_{[](Appending&) { return Result<void>{}; }};
    std::vector<std::jthread> callers_;
};

constexpr std::size_t kLarge = kSmallRecordsMax + 1;

TEST_F(Line, gives_small_commands_together_in_the_order_they_came) {
    for (const std::size_t records : {1U, 2U, 3U}) come({records, 0, true});
    EXPECT_EQ(take(), (std::vector<std::size_t>{1, 2, 3}));
    release_all();
}

TEST_F(Line, lets_all_of_a_group_go_on) {
    for (const std::size_t count : {std::size_t{1}, kReleasedTogether, kReleasedTogether + 1, 3 * kReleasedTogether}) {
        for (std::size_t i = 0; i < count; ++i) come({1});
        EXPECT_EQ(take().size(), count);
        callers_.clear();  // ends when each of them has
    }
    release_all();
}

TEST_F(Line, lets_small_and_large_commands_take_turns) {
    for (const std::size_t records : {kLarge, kLarge + 1, std::size_t{1}, std::size_t{2}}) come({records});
    EXPECT_EQ(take(), std::vector<std::size_t>{kLarge}) << "alone";
    come({3});
    EXPECT_EQ(take(), (std::vector<std::size_t>{1, 2, 3})) << "the second large one does not go first";
    come({4});
    EXPECT_EQ(take(), std::vector<std::size_t>{kLarge + 1}) << "nor does it wait for all small ones";
    EXPECT_EQ(take(), std::vector<std::size_t>{4});
    release_all();
}

TEST_F(Line, counts_the_largest_small_command_as_small) {
    come({kSmallRecordsMax});
    come({1});
    EXPECT_EQ(take(), (std::vector<std::size_t>{kSmallRecordsMax, 1}));
    release_all();
}

TEST_F(Line, refuses_the_command_after_the_last_that_may_wait) {
    queue_.set_limits(2, 1000);
    come({1, 0, true});
    come({1, 0, true});
    WriterQueue::Command third{nothing_, {1, 0, true}};
    const auto refused = queue_.await(third);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::busy);
    EXPECT_EQ(queue_.stats().refused, 1U);
    come({1, 0, false});  // a sync's batch waits however long the line is
    EXPECT_EQ(take().size(), 3U);
    come({1, 0, true});
    release_all();
}

TEST_F(Line, refuses_the_byte_after_the_last_but_never_a_command_in_an_empty_line) {
    queue_.set_limits(10, 1000);
    come({1, 5000, true});
    WriterQueue::Command second{nothing_, {1, 1, true}};
    EXPECT_EQ(queue_.await(second).error().code, Errc::busy);
    EXPECT_EQ(take().size(), 1U);
    come({1, 600, true});
    come({1, 400, true});
    WriterQueue::Command third{nothing_, {1, 1, true}};
    EXPECT_EQ(queue_.await(third).error().code, Errc::busy);
    EXPECT_EQ(queue_.stats().waiting_bytes, 1000U);
    release_all();
    EXPECT_EQ(queue_.stats().waiting_bytes, 0U);
}

TEST_F(Line, takes_nobody_once_it_is_closed_and_leaves_nobody_behind) {
    come({1});
    come({kLarge});
    queue_.close();
    WriterQueue::Command late{nothing_, {1}};
    EXPECT_EQ(queue_.await(late).error().code, Errc::unavailable);
    EXPECT_EQ(take().size(), 1U);
    EXPECT_EQ(take().size(), 1U);
    EXPECT_TRUE(take().empty());
    release_all();
}

}  // namespace
}  // namespace stemma::engine
