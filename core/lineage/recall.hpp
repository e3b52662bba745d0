// A recall: the forward trace of what is bad, and for each affected item where it is now; counted by status, place, customer and
// product, certain apart from possible, with the documents to look up and the mass balance of each seed.
#pragma once

#include <span>
#include <vector>

#include "core/lineage/stock.hpp"
#include "core/lineage/trace.hpp"

namespace stemma::lineage {

/// An affected item: any node of the trace that is no transformation, seeds included.
struct AffectedItem {
    Node node{Node::none};
    std::uint32_t depth{0};
    bool certain{true};
    bool end{true};  ///< false: all of it went into further transformations, so that what they put out stands for it
    ItemStock stock;
};

/// A line of a roll-up: `items` counts each item once, `end_items` those of them that are ends. Amounts are sums per unit, by unit.
struct Tally {
    std::size_t items{0};
    std::size_t end_items{0};
    std::vector<Amount> amounts;
    friend bool operator==(const Tally&, const Tally&) = default;
};
struct StatusTally {
    Status status{Status::unknown};
    Tally tally;
};
struct PlaceTally {
    PlaceNo place{PlaceNo::none};
    bool transit{false};
    Tally tally;
};
struct PartyTally {
    PartyNo party{PartyNo::none};
    Tally tally;
};
struct ProductTally {
    ProductNo product{ProductNo::none};  ///< none: items whose product is not known
    Tally tally;                         ///< amounts: what came into being of them (received, produced, found)
};

/// Counts over one set of affected items, each list in order of its key.
struct RollUp {
    Tally all;  ///< amounts left empty
    /// A serial counts once, as one piece, under its status. A lot counts under each status that a part of it has, with that part:
    /// so the lines of lots may count an item several times.
    std::vector<StatusTally> by_status;
    std::vector<PlaceTally> by_place;     ///< positive amounts on hand and in transit
    std::vector<PartyTally> by_customer;  ///< positive amounts: shipped less returned
    std::vector<ProductTally> by_product;
};

/// A document of the affected items' movements, per kind of movement: a delivery, a return, a production order.
struct DocumentLine {
    DocumentNo document{DocumentNo::none};
    MovementKind kind{MovementKind::shipped};  ///< never `moved`
    bool certain{true};                        ///< names at least one certain item; the counts are over both sets
    std::size_t items{0};
    std::vector<Amount> amounts;
};

struct RecallReport {
    Sequence as_of{0};  ///< the ledger position it is true for
    Trace trace;
    std::vector<AffectedItem> items;  ///< in the trace's order
    RollUp certain;
    RollUp possible;                      ///< what comes on top in the worst case
    std::vector<DocumentLine> documents;  ///< certain ones first, then by kind, then by document
    std::vector<MassBalance> seeds;       ///< of each seed that is an item, in the trace's order
};

/// `options` as for trace; a truncated trace gives a report over the part that was reached, and a cancelled recall one over the items
/// looked at by then, without documents. Its trace says so.
[[nodiscard]] RecallReport recall(const View& view, std::span<const Node> seeds, const TraceOptions& options = {});

}  // namespace stemma::lineage
