// Bonds: which child is in which parent. Two that were joined once and never touched again, nearly all, are an edge and nothing more.
// A pair with more to tell has a bond here: every fact that joined or parted the two. Whether it holds is folded from the facts that
// a view sees, in order of event time, then ledger order: an amount is never below none, and of goods that were packed without an amount
// a part taken out leaves a rest. What a thing does by itself ends its bond as well: packed_in.hpp.
// One writer, any number of readers; readers share a lock, for the look-up alone.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "core/lineage/events.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

/// A child, a parent and how they are joined (packed or installed).
struct Pair {
    Node child{Node::none};
    Node parent{Node::none};
    EdgeKind kind{EdgeKind::packed};
    friend bool operator==(const Pair&, const Pair&) = default;
};
[[nodiscard]] std::uint64_t hash_of(const Pair& pair) noexcept;
struct PairHash {
    [[nodiscard]] std::size_t operator()(const Pair& pair) const noexcept { return static_cast<std::size_t>(hash_of(pair)); }
};

/// A fact about a bond. `whole` = without quantity: ADD counts as one piece and takes along all that is there (containment.hpp), DELETE
/// takes out all there is.
struct BondFact {
    EventNo event{EventNo::none};
    Amount amount;
    bool adds{true};
    bool whole{true};
    bool empties{false};  ///< a DELETE of the parent without children: takes out what was joined by its kind of event alone
};

class Bonds {
public:
    /// What of the child is in the parent, and the last event that added.
    struct State {
        Amount amount;
        EventNo event{EventNo::none};
    };

    // Of the writer.
    [[nodiscard]] bool known(const Pair& pair) const { return facts_.contains(pair); }
    void record(const Pair& pair, const BondFact& fact);

    /// The state that facts of one pair come to, in any order; none when the two are not together.
    [[nodiscard]] static std::optional<State> fold(const std::vector<BondFact>& facts, const EventTable& events);
    /// Appends what a view sees of the facts of a pair that has a bond, in ledger order. False: the pair has none.
    bool append_facts(const Pair& pair, const EventTable& events, const Cut& cut, std::vector<BondFact>& out) const;
    [[nodiscard]] std::size_t memory_bytes() const;
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);

private:
    std::unordered_map<Pair, std::vector<BondFact>, PairHash> facts_;  // few
    mutable std::shared_mutex mutex_;
};

/// Pairs that may have been joined before, by a part of their hash: a no is certain, a yes wants a look. Of the writer.
class PairFilter {
public:
    /// Adds the pair; whether its hash was there before.
    bool met(const Pair& pair);
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return slots_.memory_bytes(); }
    void save(SnapshotWriter& out) const;
    void load(SnapshotReader& in);

private:
    bool place(Array<std::uint32_t>& slots, std::uint32_t mark) const noexcept;

    Array<std::uint32_t> slots_;  // 0: empty
    std::size_t used_{0};
};

}  // namespace stemma::lineage
