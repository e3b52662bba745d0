// The end of the ledger as its one writer holds it: size, chain hash, tree. It gives each new entry its number and hashes, and goes back
// when the transaction that stored them does not commit.
#pragma once

#include <cstdint>
#include <string>

#include "core/ledger/tree.hpp"
#include "core/ports/store.hpp"

namespace stemma {

/// Chain hash of an entry: SHA-256(chain hash of the entry before ‖ leaf hash), raw bytes.
[[nodiscard]] Digest chain_hash(const Digest& before, const Digest& leaf);
/// The chain hash before entry 0: 32 zero bytes.
inline constexpr Digest kChainStart{};

/// One thread at a time: the writer's.
class LedgerHead {
public:
    /// State before a transaction. Small.
    struct Mark {
        MerkleTree::Mark tree;
        Digest chain{};
    };

    LedgerHead() = default;  ///< of an empty ledger
    /// Reads all leaf hashes as they are stored and the last chain hash; whether they are right is verify's business.
    /// Errors: the snapshot's; Errc::storage for a hash that is none or a gap.
    [[nodiscard]] static Result<LedgerHead> load(ReadSnapshot& ledger) { return load(ledger, {}); }
    /// The same behind the leaves that `tree` has already; they are not read. Errors: besides, Errc::storage when the ledger has fewer.
    [[nodiscard]] static Result<LedgerHead> load(ReadSnapshot& ledger, MerkleTree tree);

    [[nodiscard]] std::uint64_t size() const noexcept { return tree_.size(); }
    [[nodiscard]] Digest root() const { return tree_.root(); }
    [[nodiscard]] const MerkleTree& tree() const noexcept { return tree_; }

    /// The next row, and the head behind it.
    [[nodiscard]] StoredEntry next(std::string bytes);
    /// For bytes whose leaf hash is known.
    [[nodiscard]] StoredEntry next(std::string bytes, const Digest& leaf);

    [[nodiscard]] Mark mark() const { return {tree_.mark(), chain_}; }
    void reset(Mark mark);

private:
    MerkleTree tree_;
    Digest chain_{kChainStart};
};

/// Reads the leaf hashes of proofs from a snapshot, which must outlive the source.
[[nodiscard]] LeafSource leaves_of(ReadSnapshot& ledger);

}  // namespace stemma
