// The published vectors: roots and paths of sizes 1 to 8, and the inclusion and consistency proofs, good and bad, of transparency-dev.
#include <gtest/gtest.h>

#include "core/ledger/tree.hpp"
#include "tests/support/merkle_vectors.hpp"

namespace stemma {
namespace {

using test::ProofVector;

std::vector<std::string> path_of(const boost::json::value& vector) {
    std::vector<std::string> path;
    for (const boost::json::value& hash : vector.at("path").as_array())
        path.emplace_back(as_view(digest_from_hex(std::string_view{hash.as_string()}).value()));
    return path;
}

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) out += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return out;
}

TEST(MerkleVectors, agree_on_the_roots_and_all_paths_of_sizes_1_to_8) {
    if (!std::filesystem::exists(test::kMerkleVectors)) GTEST_SKIP() << "no shared/vectors/merkle";
    const boost::json::value known = test::read_json(test::kMerkleVectors / "roots.json");
    std::vector<Digest> leaves;
    MerkleTree tree;
    std::vector<Digest> roots{tree.root()};
    for (const boost::json::value& input : known.at("leaf_inputs_hex").as_array()) {
        leaves.push_back(leaf_hash(from_hex(std::string_view{input.as_string()})));
        tree.append(leaves.back());
        roots.push_back(tree.root());
    }
    const LeafSource source = [&](std::uint64_t first, std::uint64_t count) -> Result<std::vector<Digest>> {
        return std::vector<Digest>(leaves.begin() + static_cast<std::ptrdiff_t>(first),
                                   leaves.begin() + static_cast<std::ptrdiff_t>(first + count));
    };
    const auto raw = [](const Result<Proof>& proof) {
        std::vector<std::string> out;
        for (const Digest& hash : proof.value()) out.emplace_back(as_view(hash));
        return out;
    };
    const auto& expected = known.at("roots_by_size").as_array();
    ASSERT_EQ(expected.size(), 9U);
    for (std::size_t size = 0; size < expected.size(); ++size) EXPECT_EQ(to_hex(roots[size]), std::string_view{expected[size].as_string()});
    ASSERT_EQ(known.at("inclusion").as_array().size(), 36U);
    for (const boost::json::value& v : known.at("inclusion").as_array()) {
        const auto leaf = v.at("leaf").to_number<std::uint64_t>();
        const auto size = v.at("size").to_number<std::uint64_t>();
        EXPECT_EQ(raw(tree.inclusion_proof(leaf, size, source)), path_of(v)) << v;
        EXPECT_TRUE(verify_inclusion(leaf, size, as_view(leaves[leaf]), path_of(v), as_view(roots[size]))) << v;
    }
    ASSERT_EQ(known.at("consistency").as_array().size(), 36U);
    for (const boost::json::value& v : known.at("consistency").as_array()) {
        const auto old_size = v.at("size1").to_number<std::uint64_t>();
        const auto size = v.at("size2").to_number<std::uint64_t>();
        EXPECT_EQ(raw(tree.consistency_proof(old_size, size, source)), path_of(v)) << v;
        EXPECT_TRUE(verify_consistency(old_size, size, as_view(roots[old_size]), path_of(v), as_view(roots[size]))) << v;
    }
}

TEST(MerkleVectors, agree_on_all_inclusion_proofs) {
    if (!std::filesystem::exists(test::kMerkleVectors)) GTEST_SKIP() << "no shared/vectors/merkle";
    const std::vector<ProofVector> vectors = test::proof_vectors("inclusion");
    EXPECT_EQ(vectors.size(), 98U);
    for (const ProofVector& v : vectors) EXPECT_EQ(verify_inclusion(v.first, v.size, v.hash, v.proof, v.root), v.valid) << v.name;
}

TEST(MerkleVectors, agree_on_all_consistency_proofs) {
    if (!std::filesystem::exists(test::kMerkleVectors)) GTEST_SKIP() << "no shared/vectors/merkle";
    const std::vector<ProofVector> vectors = test::proof_vectors("consistency");
    EXPECT_EQ(vectors.size(), 98U);
    for (const ProofVector& v : vectors) EXPECT_EQ(verify_consistency(v.first, v.size, v.hash, v.proof, v.root), v.valid) << v.name;
}

}  // namespace
}  // namespace stemma
