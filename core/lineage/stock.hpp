// Stock and mass balance of one item: folds over the movements that count for it, so the order in which they were recorded does not matter.
// What is packed or installed moves along with its unit: containment.hpp says how, and it is part of every figure here.
// Each unit of measure is folded apart; nothing is ever converted or added across units.
#pragma once

#include <vector>

#include "core/lineage/index.hpp"

namespace stemma::lineage {

class CountedMovements;  // containment.hpp

/// Where an item stands. A serial or logistic unit has one status; for a lot it is the one of its greatest part.
enum class Status : unsigned char {
    unknown,               ///< no movement says
    received,              ///< on hand, and nothing but receipts has happened to it
    in_stock,              ///< on hand
    returned,              ///< came back, and the last that brought it in (by event time) was a customer's return; not for lots
    in_transit,            ///< at a place of kind transit
    shipped,               ///< with customers
    consumed,              ///< went into transformations
    returned_to_supplier,  ///< went back
    written_off,           ///< written off or wasted
};
[[nodiscard]] std::string_view to_string(Status status) noexcept;

struct PlaceAmount {
    PlaceNo place{PlaceNo::none};
    std::int64_t micros{0};
    friend bool operator==(const PlaceAmount&, const PlaceAmount&) = default;
};
struct PartyAmount {
    PartyNo party{PartyNo::none};  ///< none where the delivery names no party
    std::int64_t micros{0};
    friend bool operator==(const PartyAmount&, const PartyAmount&) = default;
};

/// All in micros of one unit. A list holds what is not zero, negative included, in order of number.
struct UnitStock {
    UnitNo unit{UnitNo::other};
    std::vector<PlaceAmount> on_hand;     ///< at places of kind stock
    std::vector<PlaceAmount> in_transit;  ///< at places of kind transit
    std::vector<PlaceAmount> outside;     ///< moved to places outside without a delivery or write-off that says so
    /// Shipped less returned, per party: below zero where more came back from it than was delivered to it. One thing (a serial, a logistic
    /// unit) is with the party of its last delivery while its status is `shipped`, else with none.
    std::vector<PartyAmount> with_customer;
    std::int64_t received{0};
    std::int64_t produced{0};  ///< waste included
    std::int64_t found{0};
    std::int64_t returned_by_customer{0};
    std::int64_t consumed{0};
    std::int64_t shipped{0};
    std::int64_t returned_to_supplier{0};
    std::int64_t written_off{0};
    std::int64_t wasted{0};

    [[nodiscard]] std::int64_t on_hand_total() const noexcept;
    [[nodiscard]] std::int64_t in_transit_total() const noexcept;
    [[nodiscard]] std::int64_t with_customer_total() const noexcept;
    [[nodiscard]] std::int64_t inflow() const noexcept;   ///< received + produced + found + returned by customers
    [[nodiscard]] std::int64_t outflow() const noexcept;  ///< consumed + shipped + returned to suppliers + written off + wasted
    friend bool operator==(const UnitStock&, const UnitStock&) = default;
};

struct ItemStock {
    Node item{Node::none};
    NodeKind kind{NodeKind::unknown};
    Status status{Status::unknown};
    Status on_hand_status{Status::in_stock};  ///< received, in_stock or returned: what its part on hand counts as
    std::vector<UnitStock> units;  ///< the item's own unit first (its product's, else the first movement's, else C62), always there
};

/// All that ever came into being (received, produced, found) went into transformations.
[[nodiscard]] bool is_consumed_entirely(const ItemStock& stock) noexcept;

/// `item` must be a node of the view; a transformation has no stock.
[[nodiscard]] ItemStock stock_of(const View& view, Node item);
[[nodiscard]] ItemStock stock_of(CountedMovements& counted, Node item);  ///< for many items of one view, one after the other

/// What of `stock`, the item's, can be of goods that came into it at `since` at the earliest. What left before is not counted (consumed,
/// shipped, returned to suppliers, written off), and a customer has at most what was shipped to it since then: of what came back, it
/// may have been the older part. What is on hand or in transit stays as it is, and so does the status.
[[nodiscard]] ItemStock stock_since(const View& view, ItemStock stock, Instant since);
[[nodiscard]] ItemStock stock_since(CountedMovements& counted, ItemStock stock, Instant since);

/// Something that keeps a balance from closing, or that cannot be as recorded.
struct Discrepancy {
    enum class Kind : unsigned char {
        negative_stock,  ///< more was taken from a place than was put there
        missing_from,    ///< a movement takes from stock, but names no place
        missing_to,      ///< a movement puts to stock, but names no place
        outside,         ///< goods moved to a place outside without a delivery, return or write-off
        unit_mismatch,   ///< a movement in another unit than the item's
        serial_twice,    ///< one thing (a serial, a logistic unit) is there more than once at a time, or moves in pieces other than one
        too_large,       ///< amounts too large to be added up
    };
    Kind kind{Kind::negative_stock};
    Amount amount;
    PlaceNo place{PlaceNo::none};       ///< negative_stock, outside
    Sequence sequence{kNever};          ///< of the movement, of serial_twice the first; kNever for a sum
    std::vector<DocumentNo> documents;  ///< of the movements behind it, each once: the first kGapDocumentsMax that the ledger named
    std::size_t more_documents{0};      ///< there are so many more
};
[[nodiscard]] std::string_view to_string(Discrepancy::Kind kind) noexcept;

inline constexpr std::size_t kGapDocumentsMax = 20;      ///< documents named with a gap or discrepancy
inline constexpr std::size_t kMovementRemarksMax = 100;  ///< discrepancies of one movement each that a balance tells, of each kind

/// Sorts the documents and keeps the first kGapDocumentsMax, each once. How many others there were.
[[nodiscard]] std::size_t keep_first_documents(std::vector<DocumentNo>& documents);

/// inflow - outflow = on hand + in transit + difference, per unit.
struct UnitBalance {
    UnitNo unit{UnitNo::other};
    std::int64_t inflow{0};
    std::int64_t outflow{0};
    std::int64_t on_hand{0};
    std::int64_t in_transit{0};
    std::int64_t difference{0};
};

struct MassBalance {
    ItemStock stock;
    std::vector<UnitBalance> units;          ///< in the order of stock.units
    std::vector<Discrepancy> discrepancies;  ///< by kind, then ledger order
    std::size_t more_discrepancies{0};       ///< left out, past kMovementRemarksMax of their kind

    /// No difference in any unit and nothing to remark.
    [[nodiscard]] bool closes() const noexcept;
};
[[nodiscard]] MassBalance balance_of(const View& view, Node item);
[[nodiscard]] MassBalance balance_of(CountedMovements& counted, Node item);
[[nodiscard]] MassBalance balance_of(const View& view, ItemStock stock);  ///< of what stock_of() gave
[[nodiscard]] MassBalance balance_of(CountedMovements& counted, ItemStock stock);
/// The same answer as balance_of()'s closes(), without a list made.
[[nodiscard]] bool balance_closes(const View& view, const ItemStock& stock);
[[nodiscard]] bool balance_closes(CountedMovements& counted, const ItemStock& stock);

}  // namespace stemma::lineage
