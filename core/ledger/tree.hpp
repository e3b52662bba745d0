// The Merkle tree over the ledger's entries (RFC 6962 section 2.1, RFC 9162 section 2.1): leaf = SHA-256(0x00 ‖ bytes),
// node = SHA-256(0x01 ‖ left ‖ right). Held are the hashes of complete subtrees from 256 leaves up (0.25 bytes per leaf) and the open
// right edge; a proof fetches the few tiles of 256 leaf hashes it needs through a callback.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"

namespace stemma {

inline constexpr std::uint64_t kTileLeaves = 256;  ///< leaf hashes that are fetched at once

/// Leaf hashes [first, first + count), count <= kTileLeaves; exactly that many or an error.
using LeafSource = std::function<Result<std::vector<Digest>>(std::uint64_t first, std::uint64_t count)>;
using Proof = std::vector<Digest>;

[[nodiscard]] Digest leaf_hash(std::string_view bytes);
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);
/// MTH of no leaves: SHA-256 of nothing.
[[nodiscard]] Digest empty_root();

/// One thread at a time; copies are independent.
class MerkleTree {
public:
    /// What reset() needs to forget all leaves after this moment. Small.
    struct Mark {
        std::uint64_t size{0};
        std::vector<Digest> edge;
    };

    void append(const Digest& leaf);
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Root over all leaves; at most 64 hashes' work.
    [[nodiscard]] Digest root() const;

    // The tree as it was at an earlier size. Errors: Errc::invalid_input for an index or size that does not exist; those of `leaves`.
    [[nodiscard]] Result<Digest> root(std::uint64_t size, const LeafSource& leaves) const;
    /// PATH(index, D[size]) of RFC 9162 section 2.1.3.1.
    [[nodiscard]] Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const LeafSource& leaves) const;
    /// PROOF(old, D[size]) of RFC 9162 section 2.1.4.1; 0 < old <= size.
    [[nodiscard]] Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const LeafSource& leaves) const;

    /// The hashes it is made of: subtrees of 256 leaves from the left, then the open right edge. A quarter of a byte per leaf.
    [[nodiscard]] std::string image() const;
    /// The tree of an image; all wider subtrees are hashed anew, so that its root vouches for each of them. None when the image has not the
    /// length that `size` leaves give it.
    [[nodiscard]] static std::optional<MerkleTree> from_image(std::uint64_t size, std::string_view image);

    [[nodiscard]] Mark mark() const { return {size_, edge_}; }
    /// Back to a mark of this tree; no leaf before it may have been taken away since.
    void reset(Mark mark);

private:
    friend class RangeHasher;
    static constexpr unsigned kTileLevel = 8;  ///< log2(kTileLeaves)
    void put_tile(Digest node, std::uint64_t index);

    std::uint64_t size_{0};
    std::vector<Digest> edge_;                 ///< roots of the complete subtrees below kTileLevel at the right edge, widest first
    std::vector<std::vector<Digest>> levels_;  ///< [k]: roots of the complete subtrees of 2^(kTileLevel + k) leaves, from the left
};

/// RFC 9162 section 2.1.3.2. Hashes are raw bytes: one that is not 32 bytes long is refused, as is a proof of any other length than it
/// needs.
[[nodiscard]] bool verify_inclusion(std::uint64_t index, std::uint64_t size, std::string_view leaf, std::span<const std::string> proof,
                                    std::string_view root);
/// RFC 9162 section 2.1.4.2; an old size of 0 is refused, for an empty tree is consistent with anything and proves nothing.
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, std::uint64_t size, std::string_view old_root,
                                      std::span<const std::string> proof, std::string_view root);

}  // namespace stemma
