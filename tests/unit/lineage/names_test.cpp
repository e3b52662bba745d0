// Names: every text its number and back, and no more room than promised.
#include "core/lineage/names.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace stemma::lineage {
namespace {

std::string name(std::uint32_t number) { return fmt::format("urn:epc:id:sgtin:4012345.{:02}", number); }

TEST(Names, keep_their_numbers_in_order_of_first_appearance) {
    Names names;
    for (std::uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(names.intern(name(i)), i);
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        ASSERT_EQ(names.find(name(i)), i);
        ASSERT_EQ(names.intern(name(i)), i);
        ASSERT_EQ(names.text(i), name(i));
    }
    EXPECT_EQ(names.size(), 100'000U);
    EXPECT_EQ(names.find("urn:epc:id:sgtin:4012345"), kNone);
}

TEST(Names, tell_spaces_apart) {
    Names names;
    const std::uint32_t item = names.intern("urn:x", 'i');
    const std::uint32_t transformation = names.intern("urn:x", 't');
    EXPECT_NE(item, transformation);
    EXPECT_EQ(names.find("urn:x", 'i'), item);
    EXPECT_EQ(names.find("urn:x", 't'), transformation);
    EXPECT_EQ(names.find("urn:x"), kNone);
}

TEST(Names, may_be_empty_or_longer_than_a_chunk) {
    Names names;
    const std::string lengths[] = {std::string{},
                                   std::string(61, 'g'),
                                   std::string(62, 'h'),
                                   std::string(63, 'i'),
                                   std::string(255, 'j'),
                                   std::string(256, 'k'),
                                   std::string(32'765, 'a'),
                                   std::string(32'766, 'b'),
                                   std::string(65'534, 'c'),
                                   std::string(65'535, 'd'),
                                   std::string(65'536, 'l'),
                                   std::string(200'001, 'e'),
                                   std::string{"f"}};
    for (const std::string& text : lengths) {
        const std::uint32_t number = names.intern(text);
        EXPECT_EQ(names.text(number), text);
    }
    for (std::uint32_t i = 0; i < std::size(lengths); ++i) EXPECT_EQ(names.find(lengths[i]), i);
}

TEST(Names, of_27_bytes_take_at_most_48_bytes_each) {
    Names names;
    for (std::uint32_t i = 1; i <= 500'000; ++i) {
        names.intern(fmt::format("urn:stemma:item:{:011}", i));
        if (i >= 20'000 && i % 9973 == 0) {
            ASSERT_LE(names.memory_bytes(), std::size_t{48} * i);
        }
    }
    EXPECT_EQ(names.text(7).size(), 27U);
}

}  // namespace
}  // namespace stemma::lineage
