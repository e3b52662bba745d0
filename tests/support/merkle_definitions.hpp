// The tree and its proofs by the recursive definitions of RFC 9162 section 2.1, over all leaves: an oracle that shares nothing with
// core/ledger but the hash.
#pragma once

#include <cstdint>
#include <span>

#include "core/ledger/tree.hpp"

namespace stemma::test {

/// The largest power of two below n.
inline std::uint64_t split(std::uint64_t n) {
    std::uint64_t k = 1;
    while (k < n - k) k *= 2;
    return k;
}

inline Digest join(const Digest& left, const Digest& right) { return sha256({std::string_view{"\x01"}, as_view(left), as_view(right)}); }

inline Digest mth(std::span<const Digest> leaves) {
    if (leaves.empty()) return sha256("");
    if (leaves.size() == 1) return leaves[0];
    const std::uint64_t k = split(leaves.size());
    return join(mth(leaves.first(k)), mth(leaves.subspan(k)));
}

inline Proof path(std::uint64_t m, std::span<const Digest> leaves) {
    if (leaves.size() == 1) return {};
    const std::uint64_t k = split(leaves.size());
    Proof out = m < k ? path(m, leaves.first(k)) : path(m - k, leaves.subspan(k));
    out.push_back(m < k ? mth(leaves.subspan(k)) : mth(leaves.first(k)));
    return out;
}

inline Proof subproof(std::uint64_t m, std::span<const Digest> leaves, bool whole) {
    if (m == leaves.size()) return whole ? Proof{} : Proof{mth(leaves)};
    const std::uint64_t k = split(leaves.size());
    Proof out = m <= k ? subproof(m, leaves.first(k), whole) : subproof(m - k, leaves.subspan(k), false);
    out.push_back(m <= k ? mth(leaves.subspan(k)) : mth(leaves.first(k)));
    return out;
}

}  // namespace stemma::test
