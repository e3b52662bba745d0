// Ed25519 keys: RFC 8032's own vectors, and a private key's file that nobody else can read.
#include "core/base/signature.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "core/base/digest.hpp"

namespace stemma {
namespace {

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) out += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return out;
}

struct Vector {
    std::string_view seed;
    std::string_view key;
    std::string_view message;
    std::string_view signature;
};

// RFC 8032 section 7.1, TEST 1 to 3.
constexpr std::array kVectors{
    Vector{
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    Vector{
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    Vector{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
           "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
           "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40"
           "a"}};

TEST(Signature, agrees_with_rfc_8032) {
    for (const Vector& vector : kVectors) {
        const SigningKey key = SigningKey::from_seed(from_hex(vector.seed)).value();
        EXPECT_EQ(to_hex(as_view(key.public_key())), vector.key);
        EXPECT_EQ(to_hex(as_view(key.sign(from_hex(vector.message)))), vector.signature);
        EXPECT_TRUE(verify_signature(key.public_key(), from_hex(vector.message), from_hex(vector.signature)));
    }
}

TEST(Signature, refuses_every_flipped_bit_and_every_other_length) {
    const SigningKey key = SigningKey::generate();
    const std::string signature{as_view(key.sign("ten bolts"))};
    EXPECT_TRUE(verify_signature(key.public_key(), "ten bolts", signature));
    EXPECT_FALSE(verify_signature(key.public_key(), "two bolts", signature));
    EXPECT_FALSE(verify_signature(SigningKey::generate().public_key(), "ten bolts", signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        std::string flipped = signature;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(verify_signature(key.public_key(), "ten bolts", flipped));
    }
    EXPECT_FALSE(verify_signature(key.public_key(), "ten bolts", signature.substr(0, 63)));
    EXPECT_FALSE(verify_signature(key.public_key(), "ten bolts", signature + "x"));
    EXPECT_FALSE(verify_signature(key.public_key(), "ten bolts", ""));
}

TEST(Signature, takes_a_seed_of_32_bytes_only) {
    EXPECT_TRUE(SigningKey::from_seed(std::string(32, 'a')));
    EXPECT_FALSE(SigningKey::from_seed(std::string(31, 'a')));
    EXPECT_FALSE(SigningKey::from_seed(std::string(33, 'a')));
}

class KeyFile : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "stemma-key-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = (folder / "ledger.key").string();
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder;
    std::string path;
};

TEST_F(KeyFile, is_written_for_its_owner_alone_and_read_back) {
    const SigningKey key = SigningKey::generate();
    ASSERT_TRUE(key.save(path));
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    const Result<SigningKey> back = SigningKey::load(path);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->public_key(), key.public_key());
    EXPECT_EQ(back->sign("x"), key.sign("x"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 1);  // nothing is left beside it
}

TEST_F(KeyFile, is_never_replaced) {
    const SigningKey first = SigningKey::generate();
    ASSERT_TRUE(first.save(path));
    const Result<void> second = SigningKey::generate().save(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::conflict);
    EXPECT_EQ(SigningKey::load(path).value().public_key(), first.public_key());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 1);
}

TEST_F(KeyFile, is_refused_when_others_may_read_or_write_it) {
    ASSERT_TRUE(SigningKey::generate().save(path));
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        const Result<SigningKey> key = SigningKey::load(path);
        ASSERT_FALSE(key) << mode;
        EXPECT_EQ(key.error().code, Errc::config);
        EXPECT_FALSE(key.error().hint.empty());
    }
    ASSERT_EQ(::chmod(path.c_str(), 0400), 0);
    EXPECT_TRUE(SigningKey::load(path));
}

TEST_F(KeyFile, is_refused_when_it_is_no_key) {
    EXPECT_EQ(SigningKey::load(path).error().code, Errc::not_found);
    EXPECT_EQ(SigningKey::load(folder.string()).error().code, Errc::config);
    const std::string head = "stemma-ed25519-private-key ";
    for (const std::string& content :
         {std::string{}, std::string{"hello\n"}, head, head + "\n", head + "AAAA\n", head + to_base64(std::string(32, 'a')),
          head + to_base64(std::string(33, 'a')) + "\n", std::string(5000, 'a')}) {
        std::ofstream{path, std::ios::trunc} << content;
        ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
        const Result<SigningKey> key = SigningKey::load(path);
        ASSERT_FALSE(key) << content;
        EXPECT_EQ(key.error().code, Errc::config);
        EXPECT_FALSE(key.error().text().contains("aaaa"));  // an error never shows what may be a key
    }
}

TEST_F(KeyFile, says_when_its_folder_is_not_there) {
    EXPECT_EQ(SigningKey::generate().save((folder / "none" / "k").string()).error().code, Errc::storage);
}

}  // namespace
}  // namespace stemma
