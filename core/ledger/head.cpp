#include "core/ledger/head.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma {
namespace {

constexpr std::uint64_t kLoadBatch = 64 * kTileLeaves;  ///< leaf hashes read at once at start

Result<std::vector<Digest>> read_leaves(ReadSnapshot& ledger, std::uint64_t first, std::uint64_t count) {
    const Result<std::vector<std::string>> texts = ledger.leaf_hashes(first, count);
    if (!texts) return std::unexpected(texts.error());
    if (texts->size() != count)
        return fail(Errc::storage, fmt::format("entries {} to {} are {} rows, not {}", first, first + count - 1, texts->size(), count), {},
                    "run stemma ledger verify");
    std::vector<Digest> leaves;
    leaves.reserve(texts->size());
    for (const std::string& text : *texts) {
        const Result<Digest> leaf = digest_from_hex(text);
        if (!leaf)
            return fail(Errc::storage, fmt::format("the leaf hash of entry {} is no hash", first + leaves.size()), {},
                        "run stemma ledger verify");
        leaves.push_back(*leaf);
    }
    return leaves;
}

}  // namespace

Digest chain_hash(const Digest& before, const Digest& leaf) { return sha256({as_view(before), as_view(leaf)}); }

Result<LedgerHead> LedgerHead::load(ReadSnapshot& ledger, MerkleTree tree) {
    const Result<Sequence> size = ledger.size();
    if (!size) return std::unexpected(size.error());
    LedgerHead head;
    head.tree_ = std::move(tree);
    if (head.size() > *size)
        return fail(Errc::storage, fmt::format("the ledger has {} entries, there were {}", *size, head.size()), {},
                    "run stemma ledger verify");
    while (head.size() < *size) {
        const Result<std::vector<Digest>> leaves = read_leaves(ledger, head.size(), std::min(kLoadBatch, *size - head.size()));
        if (!leaves) return std::unexpected(leaves.error());
        for (const Digest& leaf : *leaves) head.tree_.append(leaf);
    }
    if (*size == 0) return head;
    const Result<std::vector<StoredEntry>> last = ledger.entries(*size - 1, 1);
    if (!last) return std::unexpected(last.error());
    const Result<Digest> chain = last->size() == 1 ? digest_from_hex(last->front().chain_hash) : Result<Digest>{fail(Errc::storage, "")};
    if (!chain) return fail(Errc::storage, fmt::format("entry {} has no chain hash", *size - 1), {}, "run stemma ledger verify");
    head.chain_ = *chain;
    return head;
}

StoredEntry LedgerHead::next(std::string bytes) {
    const Digest leaf = leaf_hash(bytes);
    return next(std::move(bytes), leaf);
}

StoredEntry LedgerHead::next(std::string bytes, const Digest& leaf) {
    const Sequence sequence = size();
    chain_ = chain_hash(chain_, leaf);
    tree_.append(leaf);
    return {.sequence = sequence, .bytes = std::move(bytes), .leaf_hash = to_hex(leaf), .chain_hash = to_hex(chain_)};
}

void LedgerHead::reset(Mark mark) {
    tree_.reset(std::move(mark.tree));
    chain_ = mark.chain;
}

LeafSource leaves_of(ReadSnapshot& ledger) {
    return [&ledger](std::uint64_t first, std::uint64_t count) { return read_leaves(ledger, first, count); };
}

}  // namespace stemma
