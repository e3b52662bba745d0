// GMAC against the test vectors of its makers and of NIST, and the secrets that keys are derived from.
#include "core/base/mac.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/signature.hpp"

namespace stemma {
namespace {

template <class Bytes>
Bytes from_hex(std::string_view hex) {
    Bytes bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<unsigned char>(std::stoi(std::string{hex.substr(2 * i, 2)}, nullptr, 16));
    return bytes;
}

std::string tag_of(const MacKey& key, const MacNonce& nonce, const std::vector<std::string>& parts) {
    Mac mac{key, nonce};
    for (const std::string& part : parts) mac.add(part);
    const MacTag tag = mac.finish();
    return to_hex({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

TEST(Mac, of_nothing_is_that_of_the_specification) {
    // McGrew and Viega, The Galois/Counter Mode of Operation, test case 13: AES-256, all zero, nothing to encrypt or to add.
    EXPECT_EQ(tag_of({}, {}, {}), "530f8afbc74536b9a963b4f1c4cb738b");
}

TEST(Mac, is_that_of_the_validation_programme_in_one_part_and_in_many) {
    // NIST CAVP, gcmEncryptExtIV256: no plain text, 128 bits of additional data, count 0.
    const auto key = from_hex<MacKey>("78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223");
    const auto nonce = from_hex<MacNonce>("d79cf22d504cc793c3fb6c8a");
    const auto data = from_hex<std::array<unsigned char, 16>>("b96baa8c1c75a671bfb2d08d06be5f36");
    const std::string text{reinterpret_cast<const char*>(data.data()), data.size()};
    EXPECT_EQ(tag_of(key, nonce, {text}), "3e5d486aa2e30b22e040b85723a06e76");
    std::vector<std::string> bytes;
    for (const char byte : text) bytes.emplace_back(1, byte);
    EXPECT_EQ(tag_of(key, nonce, bytes), "3e5d486aa2e30b22e040b85723a06e76");
}

TEST(Mac, takes_another_nonce_each_time) { EXPECT_NE(random_nonce(), random_nonce()); }

TEST(SigningKey, derives_the_hmac_of_the_purpose_under_its_seed) {
    // RFC 4231 gives no key of 32 bytes; this one is Python's hmac.new(bytes(range(32)), b"lineage snapshot", "sha256").
    std::string seed(32, '\0');
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<char>(i);
    const auto key = SigningKey::from_seed(seed);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->secret_for("lineage snapshot")), "5400f8322b709067ce31b0756e605fae598757204e53dd27241d171c5ef142b2");
    EXPECT_NE(key->secret_for("lineage snapshot"), key->secret_for("lineage snapshot "));
}

}  // namespace
}  // namespace stemma
