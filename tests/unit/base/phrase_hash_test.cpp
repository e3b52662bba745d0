// Hashes of passwords: their text form (PHC string format), their salt, their cost.
#include "core/base/phrase_hash.hpp"

#include <gtest/gtest.h>

namespace stemma {
namespace {

constexpr HashCost kCheap{1, 8192};

TEST(PhraseHash, fits_its_own_phrase_and_no_other) {
    const std::string hash = hash_phrase("five quiet herons wade", kCheap).value();
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
    EXPECT_TRUE(fits_phrase("five quiet herons wade", hash));
    EXPECT_FALSE(fits_phrase("five quiet herons wad", hash));
    EXPECT_FALSE(fits_phrase("", hash));
}

TEST(PhraseHash, has_a_salt_of_its_own_each_time) { EXPECT_NE(hash_phrase("same", kCheap).value(), hash_phrase("same", kCheap).value()); }

TEST(PhraseHash, fits_nothing_when_it_is_no_hash) {
    EXPECT_FALSE(fits_phrase("x", ""));
    EXPECT_FALSE(fits_phrase("x", "$argon2id$v=19$m=8,t=1,p=1$"));
}

TEST(PhraseHash, tells_that_it_was_made_with_another_cost) {
    const std::string hash = hash_phrase("same", kCheap).value();
    EXPECT_FALSE(is_of_other_cost(hash, kCheap));
    EXPECT_TRUE(is_of_other_cost(hash, {2, 8192}));
    EXPECT_TRUE(is_of_other_cost(hash, {1, 16384}));
}

}  // namespace
}  // namespace stemma
