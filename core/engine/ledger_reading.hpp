// Reading the ledger from one entry to another: rows come from the store on one thread, are hashed and decoded on others, and are handed
// over in order on the caller's. What a start and a background snapshot have in common.
#pragma once

#include <functional>

#include "core/base/digest.hpp"
#include "core/lineage/index.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// An entry in its turn, with the leaf hash of its bytes. Its judgements, source and frame are left out: the lineage has no use for them.
using TakeEntry = std::function<void(Sequence sequence, const Digest& leaf, const Entry& entry)>;

/// Decoding threads for a start, which nothing else competes with.
[[nodiscard]] unsigned decoders_for_start();

/// Hands the entries [first, end) to `take`. With no `decoders` everything is done on the caller's thread. Errors: Errc::storage for an
/// entry that is missing, cannot be decoded, or whose bytes do not give its stored leaf hash; what came before it has been handed over by
/// then.
[[nodiscard]] Result<void> read_ledger(ReadSnapshot& ledger, Sequence first, Sequence end, unsigned decoders, const TakeEntry& take);

/// For an index, which asks for entries again when ids turn out to be one. The store outlives it. Throws std::runtime_error where
/// read_ledger() fails.
[[nodiscard]] lineage::ReadLedger reader_of(Store& store);

}  // namespace stemma::engine
