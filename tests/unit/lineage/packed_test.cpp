// Numbers in less room: what goes in comes out, at each width, over every edge of a block and of a byte.
#include "core/lineage/packed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace stemma::lineage {
namespace {

constexpr std::uint32_t kLargest = 0xFFFFFFFF;

std::uint32_t below(std::mt19937& dice, std::uint64_t end) { return static_cast<std::uint32_t>(dice() % end); }

TEST(Packed, gives_back_what_was_set_at_each_width) {
    const std::vector<std::pair<std::uint32_t, std::size_t>> widths{{0, 1},      {255, 1},        {256, 2},        {65'535, 2},
                                                                    {65'536, 3}, {16'777'215, 3}, {16'777'216, 4}, {kLargest, 4}};
    for (const auto& [largest, width] : widths) {
        const Packed packed{100, largest};
        std::mt19937 dice{largest};
        std::vector<std::uint32_t> expected;
        for (std::size_t i = 0; i < 100; ++i) expected.push_back(i % 7 == 0 ? largest : below(dice, std::uint64_t{largest} + 1));
        for (std::size_t i = 100; i-- > 0;) packed.set(i, expected[i]);
        for (std::size_t i = 0; i < 100; ++i) ASSERT_EQ(packed[i], expected[i]) << largest << " at " << i;
        EXPECT_EQ(packed.size(), 100U);
        EXPECT_EQ(packed.memory_bytes(), 100 * width + 4);
    }
}

TEST(Packed, without_numbers_takes_nothing_from_outside) {
    const Packed none;
    EXPECT_EQ(none.size(), 0U);
    EXPECT_EQ(none.memory_bytes(), 0U);
}

template <std::size_t kBlock>
void compare_with_a_plain_list() {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 dice{seed};
        Ascending<kBlock> packed;
        std::vector<std::uint32_t> plain;
        std::uint32_t value = seed % 3 == 0 ? 0 : below(dice, 1'000'000);
        for (std::size_t i = 0; i < 1500; ++i) {
            packed.push_back(value);
            plain.push_back(value);
            const std::uint32_t kind = below(dice, 20);
            if (kind < 12) value += below(dice, 3);
            if (kind == 12) value += 253 + below(dice, 5);  // around what a byte can tell
            if (kind == 13) value += below(dice, 100'000);
        }
        ASSERT_EQ(packed.size(), plain.size());
        for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(packed[i], plain[i]);
        for (const std::size_t size : {0UZ, 1UZ, 31UZ, 32UZ, 33UZ, 63UZ, 64UZ, 65UZ, 128UZ, 129UZ, 1499UZ, 1500UZ}) {
            const auto end = plain.begin() + static_cast<std::ptrdiff_t>(size);
            for (std::size_t i = 0; i < plain.size(); i += 3)
                for (const std::uint32_t wanted : {plain[i] - std::min(plain[i], 1U), plain[i], plain[i] + 1})
                    ASSERT_EQ(packed.lower_bound(wanted, size),
                              static_cast<std::size_t>(std::lower_bound(plain.begin(), end, wanted) - plain.begin()));
            ASSERT_EQ(packed.lower_bound(kLargest, size), size);
        }
    }
}

TEST(Ascending, equals_a_plain_list_in_each_number_and_each_search) {
    compare_with_a_plain_list<32>();
    compare_with_a_plain_list<128>();
}

TEST(Ascending, of_close_numbers_takes_little_more_than_a_byte_each) {
    Ascending<32> packed;
    for (std::uint32_t i = 0; i < 100'000; ++i) packed.push_back(i / 3);
    EXPECT_LE(packed.memory_bytes(), 115'000U);
}

}  // namespace
}  // namespace stemma::lineage
