// The published Merkle proofs of ../shared/vectors/merkle, good and bad, as values. Its README.md says where they are from.
#pragma once

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/digest.hpp"

namespace stemma::test {

inline const std::filesystem::path kMerkleVectors = std::filesystem::path{STEMMA_SOURCE_DIR} / "../shared/vectors/merkle";

inline boost::json::value read_json(const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream{file}.rdbuf();
    return boost::json::parse(text.str());
}

/// One published proof; hashes are raw bytes of any length.
struct ProofVector {
    std::string name;        ///< its file
    std::uint64_t first{0};  ///< leaf index, or the old size
    std::uint64_t size{0};   ///< of the tree
    std::string hash;        ///< of the leaf, or the old root
    std::vector<std::string> proof;
    std::string root;
    bool valid{false};
};

inline ProofVector vector_of(const boost::json::value& v, const char* first, const char* size, const char* hash, const char* root) {
    const auto bytes = [](const boost::json::value& base64) {
        return base64.is_null() ? std::string{} : from_base64(std::string_view{base64.as_string()}).value();
    };
    ProofVector out;
    out.first = v.at(first).to_number<std::uint64_t>();
    out.size = v.at(size).to_number<std::uint64_t>();
    out.hash = bytes(v.at(hash));
    out.root = bytes(v.at(root));
    if (const auto* hashes = v.at("proof").if_array())
        for (const boost::json::value& one : *hashes) out.proof.push_back(bytes(one));
    out.valid = !v.at("wantErr").as_bool();
    return out;
}

/// All of the folder "inclusion" or "consistency".
inline std::vector<ProofVector> proof_vectors(const std::string& kind) {
    std::vector<ProofVector> all;
    for (const auto& file : std::filesystem::recursive_directory_iterator{kMerkleVectors / kind}) {
        if (file.path().extension() != ".json") continue;
        const boost::json::value read = read_json(file.path());
        all.push_back(kind == "inclusion" ? vector_of(read, "leafIdx", "treeSize", "leafHash", "root")
                                          : vector_of(read, "size1", "size2", "root1", "root2"));
        all.back().name = file.path().string();
    }
    return all;
}

}  // namespace stemma::test
