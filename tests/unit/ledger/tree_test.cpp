// The Merkle tree against an oracle: the definitions of RFC 9162 section 2.1, written down recursively over all leaves.
#include "core/ledger/tree.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/merkle_definitions.hpp"

namespace stemma {
namespace {

using Leaves = std::vector<Digest>;

using test::mth;
using test::path;
using test::subproof;

Leaves some_leaves(std::uint64_t count) {
    Leaves leaves;
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
    return leaves;
}

MerkleTree tree_of(const Leaves& leaves) {
    MerkleTree tree;
    for (const Digest& leaf : leaves) tree.append(leaf);
    return tree;
}

LeafSource source(const Leaves& leaves) {
    return [&leaves](std::uint64_t first, std::uint64_t count) -> Result<Leaves> {
        EXPECT_LE(count, kTileLeaves);
        EXPECT_LE(first + count, leaves.size());
        return Leaves(leaves.begin() + static_cast<std::ptrdiff_t>(first), leaves.begin() + static_cast<std::ptrdiff_t>(first + count));
    };
}

std::vector<std::string> raw(const Proof& proof) {
    std::vector<std::string> out;
    for (const Digest& hash : proof) out.emplace_back(as_view(hash));
    return out;
}

TEST(MerkleTree, knows_the_roots_of_rfc_6962) {
    MerkleTree tree;
    EXPECT_EQ(to_hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");  // SHA-256 of nothing
    EXPECT_EQ(to_hex(leaf_hash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    using std::string_view_literals::operator""sv;
    const std::string_view leaves[] = {""sv,
                                       "\x00"sv,
                                       "\x10"sv,
                                       "\x20\x21"sv,
                                       "\x30\x31"sv,
                                       "\x40\x41\x42\x43"sv,
                                       "\x50\x51\x52\x53\x54\x55\x56\x57"sv,
                                       "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"sv};
    // The reference tests of Certificate Transparency.
    const std::string_view roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    for (std::size_t i = 0; i < std::size(leaves); ++i) {
        tree.append(leaf_hash(leaves[i]));
        EXPECT_EQ(to_hex(tree.root()), roots[i]) << i + 1;
    }
}

TEST(MerkleTree, has_the_oracles_root_at_every_size_past_the_first_tiles) {
    const Leaves leaves = some_leaves(1'100);
    MerkleTree tree;
    for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
        ASSERT_EQ(tree.root(), mth(std::span{leaves}.first(size))) << size;
        if (size < leaves.size()) tree.append(leaves[size]);
    }
    for (std::uint64_t size = 0; size <= leaves.size(); size += 7)
        ASSERT_EQ(tree.root(size, source(leaves)).value(), mth(std::span{leaves}.first(size))) << size;
}

TEST(MerkleTree, gives_the_oracles_proofs_and_they_verify) {
    std::mt19937_64 random{5};
    const auto below = [&](std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(random); };
    for (int round = 0; round < 60; ++round) {
        const std::uint64_t most = round < 30 ? 40 : 4'000;
        const Leaves leaves = some_leaves(1 + below(most));
        const MerkleTree tree = tree_of(leaves);
        for (int i = 0; i < 10; ++i) {
            const std::uint64_t size = 1 + below(leaves.size());
            const std::uint64_t index = below(size);
            const auto seen = std::span{leaves}.first(size);
            const std::string root{as_view(mth(seen))};
            const Proof inclusion = tree.inclusion_proof(index, size, source(leaves)).value();
            ASSERT_EQ(inclusion, path(index, seen));
            ASSERT_TRUE(verify_inclusion(index, size, as_view(leaves[index]), raw(inclusion), root));
            const std::uint64_t old_size = 1 + below(size);
            const Proof consistency = tree.consistency_proof(old_size, size, source(leaves)).value();
            ASSERT_EQ(consistency, subproof(old_size, seen, true));
            ASSERT_TRUE(verify_consistency(old_size, size, as_view(mth(seen.first(old_size))), raw(consistency), root));
        }
    }
}

/// Some other proof: a flipped bit, a hash more, less, twice, swapped or of another length.
std::vector<std::string> mutated(std::vector<std::string> proof, std::mt19937_64& random) {
    const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>{0, end - 1}(random); };
    const std::vector<std::string> before = proof;
    if (proof.empty()) return {std::string(32, 'x')};
    std::string& hash = proof[below(proof.size())];
    switch (below(7)) {
        case 0: hash[below(32)] ^= static_cast<char>(1 << below(8)); break;
        case 1: hash.pop_back(); break;
        case 2: hash += '\0'; break;
        case 3: proof.pop_back(); break;
        case 4: proof.push_back(proof[below(proof.size())]); break;
        case 5: proof.insert(proof.begin(), std::string(32, '\0')); break;
        default: std::swap(proof[below(proof.size())], proof[below(proof.size())]); break;
    }
    if (proof == before) proof.emplace_back(32, '\0');
    return proof;
}

TEST(MerkleTree, accepts_none_of_200000_mutated_proofs) {
    std::mt19937_64 random{6};
    const auto below = [&](std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>{0, end - 1}(random); };
    const Leaves leaves = some_leaves(300);
    const MerkleTree tree = tree_of(leaves);
    for (int i = 0; i < 1'000; ++i) {
        const std::uint64_t size = 1 + below(leaves.size());
        const std::uint64_t index = below(size);
        const std::uint64_t old_size = 1 + below(size);
        const std::string root{as_view(tree.root(size, source(leaves)).value())};
        const std::string old_root{as_view(tree.root(old_size, source(leaves)).value())};
        const auto inclusion = raw(tree.inclusion_proof(index, size, source(leaves)).value());
        const auto consistency = raw(tree.consistency_proof(old_size, size, source(leaves)).value());
        ASSERT_EQ(verify_consistency(old_size, size, root, consistency, old_root), old_size == size);
        for (int times = 0; times < 100; ++times) {
            ASSERT_FALSE(verify_inclusion(index, size, as_view(leaves[index]), mutated(inclusion, random), root));
            ASSERT_FALSE(verify_consistency(old_size, size, old_root, mutated(consistency, random), root));
            const std::uint64_t other = below(leaves.size());
            ASSERT_EQ(verify_inclusion(other, size, as_view(leaves[index]), inclusion, root), other == index);
        }
    }
}

TEST(MerkleTree, refuses_sizes_and_hashes_at_their_edges) {
    const Leaves leaves = some_leaves(2);
    const std::string root{as_view(mth(leaves))};
    const std::string leaf{as_view(leaves[0])};
    const std::vector<std::string> proof{std::string{as_view(leaves[1])}};
    EXPECT_TRUE(verify_inclusion(0, 2, leaf, proof, root));
    EXPECT_FALSE(verify_inclusion(2, 2, leaf, proof, root));
    EXPECT_FALSE(verify_inclusion(0, 0, leaf, {}, root));
    EXPECT_FALSE(verify_inclusion(0, 2, leaf.substr(0, 31), proof, root));
    EXPECT_FALSE(verify_inclusion(0, 2, leaf, proof, root.substr(0, 31)));
    EXPECT_FALSE(verify_inclusion(0, 2, leaf, std::vector{proof[0].substr(0, 31)}, root));
    EXPECT_TRUE(verify_consistency(1, 2, leaf, proof, root));
    EXPECT_TRUE(verify_consistency(2, 2, root, {}, root));
    EXPECT_FALSE(verify_consistency(2, 2, root, proof, root));
    EXPECT_FALSE(verify_consistency(0, 2, as_view(empty_root()), {}, root));
    EXPECT_FALSE(verify_consistency(0, 0, as_view(empty_root()), {}, as_view(empty_root())));
    EXPECT_FALSE(verify_consistency(3, 2, leaf, proof, root));
    EXPECT_FALSE(verify_consistency(1, 2, leaf, {}, root));
    constexpr std::uint64_t kMost = ~std::uint64_t{0};
    EXPECT_FALSE(verify_inclusion(kMost - 1, kMost, leaf, proof, root));
    EXPECT_FALSE(verify_consistency(kMost - 1, kMost, leaf, proof, root));
}

TEST(MerkleTree, refuses_proofs_of_what_is_not_there) {
    const Leaves leaves = some_leaves(10);
    const MerkleTree tree = tree_of(leaves);
    EXPECT_TRUE(tree.inclusion_proof(9, 10, source(leaves)));
    EXPECT_EQ(tree.inclusion_proof(9, 9, source(leaves)).error().code, Errc::invalid_input);
    EXPECT_EQ(tree.inclusion_proof(0, 11, source(leaves)).error().code, Errc::invalid_input);
    EXPECT_EQ(tree.consistency_proof(0, 10, source(leaves)).error().code, Errc::invalid_input);
    EXPECT_EQ(tree.consistency_proof(7, 6, source(leaves)).error().code, Errc::invalid_input);
    EXPECT_EQ(tree.root(11, source(leaves)).error().code, Errc::invalid_input);
}

TEST(MerkleTree, passes_on_that_leaves_cannot_be_fetched) {
    const MerkleTree tree = tree_of(some_leaves(10));
    const LeafSource broken = [](std::uint64_t, std::uint64_t) -> Result<Leaves> { return fail(Errc::storage, "gone"); };
    EXPECT_EQ(tree.inclusion_proof(3, 9, broken).error().message, "gone");
    const LeafSource meagre = [](std::uint64_t, std::uint64_t) -> Result<Leaves> { return Leaves(3); };
    EXPECT_EQ(tree.root(9, meagre).error().code, Errc::storage);
}

TEST(MerkleTree, comes_back_from_its_image_and_goes_on) {
    const Leaves leaves = some_leaves(1'600);
    for (const std::uint64_t size : {0U, 1U, 255U, 256U, 257U, 511U, 512U, 1'023U, 1'024U, 1'291U}) {
        const MerkleTree tree = tree_of(Leaves(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size)));
        const std::string image = tree.image();
        auto back = MerkleTree::from_image(size, image);
        ASSERT_TRUE(back) << size;
        EXPECT_EQ(back->root(), tree.root()) << size;
        for (std::uint64_t next = size; next < leaves.size(); ++next) back->append(leaves[next]);
        EXPECT_EQ(back->root(), mth(leaves)) << size;
        EXPECT_EQ(back->inclusion_proof(700, leaves.size(), source(leaves)).value(),
                  tree_of(leaves).inclusion_proof(700, leaves.size(), source(leaves)).value());
        EXPECT_FALSE(MerkleTree::from_image(size, image + std::string(32, 'x'))) << size;
        EXPECT_FALSE(MerkleTree::from_image(size, image + 'x')) << size;
        EXPECT_EQ(MerkleTree::from_image(size, image.substr(0, image.size() - std::min<std::size_t>(image.size(), 32))).has_value(),
                  size == 0);
    }
}

TEST(MerkleTree, has_another_root_when_any_hash_of_its_image_is_changed) {
    const MerkleTree tree = tree_of(some_leaves(1'291));
    const std::string image = tree.image();
    for (std::size_t at = 0; at < image.size(); at += 32) {
        std::string bad = image;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        EXPECT_NE(MerkleTree::from_image(1'291, bad)->root(), tree.root()) << at;
    }
}

TEST(MerkleTree, goes_back_to_a_mark_from_anywhere) {
    std::mt19937_64 random{7};
    const Leaves leaves = some_leaves(1'500);
    for (int i = 0; i < 40; ++i) {
        const std::uint64_t marked = std::uniform_int_distribution<std::uint64_t>{0, 1'100}(random);
        MerkleTree tree = tree_of(Leaves(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(marked)));
        const MerkleTree::Mark mark = tree.mark();
        for (int more = 0; more < 300; ++more) tree.append(sha256("lost"));
        tree.reset(mark);
        ASSERT_EQ(tree.size(), marked);
        for (std::uint64_t next = marked; next < leaves.size(); ++next) tree.append(leaves[next]);
        ASSERT_EQ(tree.root(), mth(leaves));
    }
}

}  // namespace
}  // namespace stemma
