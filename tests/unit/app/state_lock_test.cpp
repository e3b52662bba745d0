// Who uses a state folder, as another process sees it: its lock, and the port that the holder told.
#include "core/app/state_lock.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <optional>

#include "tests/support/temp_folder.hpp"

namespace stemma::app {
namespace {

TEST(StateUse, is_told_by_the_lock_and_ends_with_it) {
    const test::TempFolder folder;
    const auto use = [&] { return StateLock::use_of(folder.path()); };
    ASSERT_TRUE(use());
    EXPECT_FALSE(use()->held);  // nobody ever took it
    {
        const auto held = StateLock::take(folder.path());
        ASSERT_TRUE(held);
        EXPECT_TRUE(use()->held);
        EXPECT_EQ(use()->port, std::nullopt);
        for (const std::uint16_t port : std::initializer_list<std::uint16_t>{7430, 65535, 1}) {
            ASSERT_TRUE(held->tell_port(port));
            EXPECT_EQ(use()->port, port);
        }
        const auto second = StateLock::take(folder.path());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, Errc::unavailable);
    }
    EXPECT_FALSE(use()->held);
    EXPECT_EQ(use()->port, std::nullopt);
    const auto again = StateLock::take(folder.path());  // looking left nothing behind
    ASSERT_TRUE(again);
    EXPECT_TRUE(use()->held);
    EXPECT_EQ(use()->port, std::nullopt);  // what the one before told
}

TEST(StateUse, cannot_be_told_of_a_folder_that_is_not_there) {
    const test::TempFolder folder;
    EXPECT_EQ(StateLock::use_of(std::filesystem::path{folder.path()} / "none"), std::nullopt);
}

}  // namespace
}  // namespace stemma::app
