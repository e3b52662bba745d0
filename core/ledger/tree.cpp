#include "core/ledger/tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <ranges>

namespace stemma {

Digest leaf_hash(std::string_view bytes) { return sha256({std::string_view{"\0", 1}, bytes}); }
Digest node_hash(const Digest& left, const Digest& right) { return sha256({"\1", as_view(left), as_view(right)}); }
Digest empty_root() { return sha256(""); }

/// Hashes of ranges of leaves, as RFC 9162 section 2.1.1 defines MTH, out of the tree's subtrees and, where they end, its tiles.
/// The first failing fetch stays in error_ and ends the work.
class RangeHasher {
public:
    /// No leaf from `size` on is asked for: the tree may hold more than is stored yet.
    RangeHasher(const MerkleTree& tree, std::uint64_t size, const LeafSource& leaves) : tree_{tree}, size_{size}, leaves_{leaves} {}

    /// MTH(D[first : first + count]); `first` is a multiple of the range's widest subtree, as in every step of the RFC's recursions.
    Digest range(std::uint64_t first, std::uint64_t count) {
        if (error_) return {};
        if (std::has_single_bit(count)) {
            const auto level = static_cast<unsigned>(std::countr_zero(count));
            if (level >= MerkleTree::kTileLevel) return tree_.levels_[level - MerkleTree::kTileLevel][first >> level];
            if (level == 0) return leaf(first);
        }
        const std::uint64_t left = widest_below(count);
        const Digest left_hash = range(first, left);
        return node_hash(left_hash, range(first + left, count - left));
    }

    /// PATH(index, D[first : first + count])
    void path(std::uint64_t index, std::uint64_t first, std::uint64_t count, Proof& out) {
        if (count == 1) return;
        const std::uint64_t left = widest_below(count);
        if (index < left) {
            path(index, first, left, out);
            out.push_back(range(first + left, count - left));
        } else {
            path(index - left, first + left, count - left, out);
            out.push_back(range(first, left));
        }
    }

    /// SUBPROOF(old, D[first : first + count], whole)
    void subproof(std::uint64_t old, std::uint64_t first, std::uint64_t count, bool whole, Proof& out) {
        if (old == count) {
            if (!whole) out.push_back(range(first, count));
            return;
        }
        const std::uint64_t left = widest_below(count);
        if (old <= left) {
            subproof(old, first, left, whole, out);
            out.push_back(range(first + left, count - left));
        } else {
            subproof(old - left, first + left, count - left, false, out);
            out.push_back(range(first, left));
        }
    }

    template <class T>
    Result<T> result(T value) {
        if (error_) return std::unexpected(*std::move(error_));
        return value;
    }

private:
    /// The largest power of two smaller than `count` (> 1).
    static std::uint64_t widest_below(std::uint64_t count) { return std::bit_floor(count - 1); }

    Digest leaf(std::uint64_t index) {
        const std::uint64_t first = index - index % kTileLeaves;
        auto found = tiles_.find(first);
        if (found == tiles_.end()) {
            const std::uint64_t count = std::min(kTileLeaves, size_ - first);
            Result<std::vector<Digest>> tile = leaves_(first, count);
            if (tile && tile->size() != count)
                tile = fail(Errc::storage, fmt::format("{} leaf hashes from {} on were asked for, {} came", count, first, tile->size()));
            if (!tile) {
                error_ = std::move(tile).error();
                return {};
            }
            found = tiles_.emplace(first, *std::move(tile)).first;
        }
        return found->second[index - first];
    }

    const MerkleTree& tree_;
    std::uint64_t size_;
    const LeafSource& leaves_;
    std::map<std::uint64_t, std::vector<Digest>> tiles_;
    std::optional<Error> error_;
};

void MerkleTree::append(const Digest& leaf) {
    Digest node = leaf;
    std::uint64_t index = size_++;  // of `node` in its level
    for (unsigned level = 0; level < kTileLevel; ++level, index >>= 1U) {
        if ((index & 1U) == 0) return edge_.push_back(node);
        node = node_hash(edge_.back(), node);
        edge_.pop_back();
    }
    put_tile(node, index);
}

/// The `index`-th subtree of kTileLeaves, and those that it completes.
void MerkleTree::put_tile(Digest node, std::uint64_t index) {
    for (std::size_t level = 0;; ++level, index >>= 1U) {
        if (levels_.size() == level) levels_.emplace_back();
        levels_[level].push_back(node);
        if ((index & 1U) == 0) return;
        node = node_hash(levels_[level][index - 1], node);
    }
}

std::string MerkleTree::image() const {
    std::string image;
    const auto add = [&](const std::vector<Digest>& hashes) {
        for (const Digest& hash : hashes) image += as_view(hash);
    };
    if (!levels_.empty()) add(levels_.front());
    add(edge_);
    return image;
}

std::optional<MerkleTree> MerkleTree::from_image(std::uint64_t size, std::string_view image) {
    const std::uint64_t tiles = size >> kTileLevel;
    const auto open = static_cast<std::uint64_t>(std::popcount(size & (kTileLeaves - 1)));
    constexpr std::size_t kHashBytes = sizeof(Digest);
    if (image.size() % kHashBytes != 0 || image.size() / kHashBytes != tiles + open) return std::nullopt;
    MerkleTree tree;
    for (std::uint64_t i = 0; i < tiles + open; ++i, image.remove_prefix(kHashBytes)) {
        Digest hash{};
        std::ranges::copy(image.substr(0, kHashBytes), hash.begin());
        if (i < tiles)
            tree.put_tile(hash, i);
        else
            tree.edge_.push_back(hash);
    }
    tree.size_ = size;
    return tree;
}

Digest MerkleTree::root() const {
    if (size_ == 0) return empty_root();
    std::optional<Digest> root;
    const auto join = [&](const Digest& left) { root = root ? node_hash(left, *root) : left; };
    for (const Digest& subtree : edge_ | std::views::reverse) join(subtree);
    for (const std::vector<Digest>& subtrees : levels_)
        if (subtrees.size() % 2 == 1) join(subtrees.back());
    return *root;
}

Result<Digest> MerkleTree::root(std::uint64_t size, const LeafSource& leaves) const {
    if (size > size_) return fail(Errc::invalid_input, fmt::format("the ledger has {} entries, not {}", size_, size));
    if (size == 0) return empty_root();
    if (size == size_) return root();
    RangeHasher hasher{*this, size, leaves};
    return hasher.result(hasher.range(0, size));
}

Result<Proof> MerkleTree::inclusion_proof(std::uint64_t index, std::uint64_t size, const LeafSource& leaves) const {
    if (size > size_) return fail(Errc::invalid_input, fmt::format("the ledger has {} entries, not {}", size_, size));
    if (index >= size) return fail(Errc::invalid_input, fmt::format("entry {} is not among the first {}", index, size));
    RangeHasher hasher{*this, size, leaves};
    Proof proof;
    hasher.path(index, 0, size, proof);
    return hasher.result(std::move(proof));
}

Result<Proof> MerkleTree::consistency_proof(std::uint64_t old_size, std::uint64_t size, const LeafSource& leaves) const {
    if (size > size_) return fail(Errc::invalid_input, fmt::format("the ledger has {} entries, not {}", size_, size));
    if (old_size == 0 || old_size > size)
        return fail(Errc::invalid_input, fmt::format("the older size is {}, it must lie from 1 to {}", old_size, size));
    RangeHasher hasher{*this, size, leaves};
    Proof proof;
    hasher.subproof(old_size, 0, size, true, proof);
    return hasher.result(std::move(proof));
}

void MerkleTree::reset(Mark mark) {
    size_ = mark.size;
    edge_ = std::move(mark.edge);
    for (unsigned level = 0; level < levels_.size(); ++level) levels_[level].resize(size_ >> (level + kTileLevel));
    while (!levels_.empty() && levels_.back().empty()) levels_.pop_back();
}

namespace {

std::optional<Digest> as_digest(std::string_view raw) {
    Digest digest;
    if (raw.size() != digest.size()) return std::nullopt;
    std::ranges::copy(raw, digest.begin());
    return digest;
}

std::optional<Proof> as_proof(std::span<const std::string> raw) {
    Proof proof;
    for (const std::string& hash : raw) {
        const std::optional<Digest> digest = as_digest(hash);
        if (!digest) return std::nullopt;
        proof.push_back(*digest);
    }
    return proof;
}

/// Steps 2 to 5 of RFC 9162 section 2.1.3.2.
bool includes(std::uint64_t index, std::uint64_t size, Digest hash, const Proof& proof, const Digest& root) {
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    for (const Digest& p : proof) {
        if (sn == 0) return false;
        if ((fn & 1U) != 0 || fn == sn) {
            hash = node_hash(p, hash);
            for (; (fn & 1U) == 0 && fn != 0; fn >>= 1U) sn >>= 1U;
        } else {
            hash = node_hash(hash, p);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    return sn == 0 && hash == root;
}

/// Steps 2 to 7 of RFC 9162 section 2.1.4.2; `path` is not empty, old_size < size.
bool is_consistent(std::uint64_t old_size, std::uint64_t size, const Digest& old_root, std::span<const Digest> path, const Digest& root) {
    std::uint64_t fn = old_size - 1;
    std::uint64_t sn = size - 1;
    for (; (fn & 1U) != 0; fn >>= 1U) sn >>= 1U;
    Digest fr = path.front();
    Digest sr = path.front();
    for (const Digest& c : path.subspan(1)) {
        if (sn == 0) return false;
        if ((fn & 1U) != 0 || fn == sn) {
            fr = node_hash(c, fr);
            sr = node_hash(c, sr);
            for (; (fn & 1U) == 0 && fn != 0; fn >>= 1U) sn >>= 1U;
        } else {
            sr = node_hash(sr, c);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    return sn == 0 && fr == old_root && sr == root;
}

}  // namespace

bool verify_inclusion(std::uint64_t index, std::uint64_t size, std::string_view leaf, std::span<const std::string> proof,
                      std::string_view root) {
    const std::optional<Digest> leaf_digest = as_digest(leaf);
    const std::optional<Digest> root_digest = as_digest(root);
    const std::optional<Proof> path = as_proof(proof);
    if (!leaf_digest || !root_digest || !path || index >= size) return false;
    return includes(index, size, *leaf_digest, *path, *root_digest);
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t size, std::string_view old_root, std::span<const std::string> proof,
                        std::string_view root) {
    if (old_size == 0 || old_size > size) return false;
    if (old_size == size) return proof.empty() && old_root == root;  // nothing to hash: one tree has one root
    const std::optional<Digest> old_digest = as_digest(old_root);
    const std::optional<Digest> new_digest = as_digest(root);
    std::optional<Proof> path = as_proof(proof);
    if (!old_digest || !new_digest || !path || path->empty()) return false;
    // An old tree that is one complete subtree is the first hash of the path, which the proof therefore leaves out.
    if (std::has_single_bit(old_size)) path->insert(path->begin(), *old_digest);
    return is_consistent(old_size, size, *old_digest, *path, *new_digest);
}

}  // namespace stemma
