// The published vectors: roots and paths of sizes 1 to 8, and the inclusion and consistency proofs, good and bad, of transparency-dev.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/ledger/tree.hpp"

namespace stemma {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path{STEMMA_SOURCE_DIR} / "../shared/vectors/merkle";

boost::json::value read_json(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream{file}.rdbuf();
    return boost::json::parse(text.str());
}

std::string bytes(const boost::json::value& base64) {
    return base64.is_null() ? std::string{} : from_base64(std::string_view{base64.as_string()}).value();
}

std::vector<std::string> proof_of(const boost::json::value& vector) {
    std::vector<std::string> proof;
    if (const auto* hashes = vector.at("proof").if_array())
        for (const boost::json::value& hash : *hashes) proof.push_back(bytes(hash));
    return proof;
}

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

template <class Check>
int run(const fs::path& folder, Check check) {
    int count = 0;
    for (const auto& file : fs::recursive_directory_iterator{folder}) {
        if (file.path().extension() != ".json") continue;
        const boost::json::value vector = read_json(file.path());
        EXPECT_EQ(check(vector), !vector.at("wantErr").as_bool()) << file.path() << ": " << vector.at("desc");
        ++count;
    }
    return count;
}

TEST(MerkleVectors, agree_on_the_roots_and_all_paths_of_sizes_1_to_8) {
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no shared/vectors/merkle";
    const boost::json::value known = read_json(kFolder / "roots.json");
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
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no shared/vectors/merkle";
    EXPECT_EQ(run(kFolder / "inclusion",
                  [](const boost::json::value& v) {
                      return verify_inclusion(v.at("leafIdx").to_number<std::uint64_t>(), v.at("treeSize").to_number<std::uint64_t>(),
                                              bytes(v.at("leafHash")), proof_of(v), bytes(v.at("root")));
                  }),
              98);
}

TEST(MerkleVectors, agree_on_all_consistency_proofs) {
    if (!fs::exists(kFolder)) GTEST_SKIP() << "no shared/vectors/merkle";
    EXPECT_EQ(run(kFolder / "consistency",
                  [](const boost::json::value& v) {
                      return verify_consistency(v.at("size1").to_number<std::uint64_t>(), v.at("size2").to_number<std::uint64_t>(),
                                                bytes(v.at("root1")), proof_of(v), bytes(v.at("root2")));
                  }),
              98);
}

}  // namespace
}  // namespace stemma
