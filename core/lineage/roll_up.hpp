// Roll-ups: what a set of items comes to by status, place, customer, product, party and document, without a list of the items. The same
// counts as those of a recall, which is the report over the same lines.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "core/lineage/stock.hpp"

namespace stemma::lineage {

/// A line of a roll-up: `items` counts each item once, `end_items` those of them that are ends. Amounts are sums per unit, by unit.
struct Tally {
    std::size_t items{0};
    std::size_t end_items{0};
    std::vector<Amount> amounts;
    friend bool operator==(const Tally&, const Tally&) = default;
};
/// Of one product. Pieces of different products are never added up.
struct ProductTally {
    ProductNo product{ProductNo::none};  ///< none: logistic units, or items whose product is not known
    bool logistic_units{false};          ///< cartons, pallets: beside the goods, never among them
    Tally tally;
};
/// A line over several products counts their items and has the amounts of goods only where these are of one product. What it comes to per
/// product follows, logistic units last.
struct StatusTally {
    Status status{Status::unknown};
    Tally tally;
    std::vector<ProductTally> by_product;
};
struct PlaceTally {
    PlaceNo place{PlaceNo::none};
    bool transit{false};
    Tally tally;
    std::vector<ProductTally> by_product;
};
struct PartyTally {
    PartyNo party{PartyNo::none};
    bool over_returned{false};  ///< of lots: more came back from it than was delivered to it; amounts below zero
    Tally tally;
    std::vector<ProductTally> by_product;
};

/// Counts over one set of affected items, each list in order of its key.
struct RollUp {
    Tally all;  ///< amounts left empty
    /// A serial counts once, as one piece, under its status. A lot counts under each status that a part of it has, with that part:
    /// so the lines of lots may count an item several times. What is shipped is the sum of by_customer: below zero where more came back
    /// than was shipped.
    std::vector<StatusTally> by_status;
    std::vector<PlaceTally> by_place;      ///< positive amounts on hand and in transit
    std::vector<PartyTally> by_customer;   ///< shipped less returned; what was over-returned stands apart, behind the party's other line
    std::vector<ProductTally> by_product;  ///< amounts: what came into being of them (received, produced, found), a thing once
};

/// A document of the affected items' movements, per kind of movement: a delivery, a return, a production order.
struct DocumentLine {
    DocumentNo document{DocumentNo::none};
    MovementKind kind{MovementKind::shipped};  ///< never `moved`
    bool certain{true};                        ///< names at least one certain item; the counts are over both sets
    std::size_t items{0};
    std::vector<Amount> amounts;  ///< of goods, where they are of one product
};

/// A party of the affected items' movements, per kind: who delivered, who was delivered to, who sent back, who was sent back to.
struct PartyLine {
    PartyNo party{PartyNo::none};
    MovementKind kind{MovementKind::shipped};  ///< received, shipped, returned_by_customer, returned_to_supplier
    bool certain{true};
    std::size_t items{0};
    std::vector<Amount> amounts;  ///< of goods, where they are of one product
};

/// What is counted.
struct RollUpKeys {
    bool status{false};
    bool place{false};
    bool customer{false};
    bool product{false};
    bool party{false};
    bool document{false};
};

/// Of one set of items: lists that were not asked for are empty.
struct SetRollUp {
    RollUp counts;
    std::vector<PartyLine> parties;       ///< by kind, then by party; `certain` says which set it is
    std::vector<DocumentLine> documents;  ///< likewise
};

struct RollUps {
    SetRollUp certain;
    SetRollUp possible;  ///< what comes on top in the worst case
    bool cancelled{false};
};

struct RollUpOptions {
    RollUpKeys keys;
    /// Beside the nodes: an item counts with what came into it since then (stock_since), as in a recall by time. Empty: with all.
    std::span<const Instant> since;
    const std::atomic<bool>* cancel{nullptr};
};

/// Counts the items among `nodes`, of which the first `certain` are certain. Transformations are passed over.
[[nodiscard]] RollUps roll_up(const View& view, std::span<const Node> nodes, std::size_t certain, const RollUpOptions& options);

}  // namespace stemma::lineage
