// Movements: what an event means for the stock of each item it names. The rule is one pure function with its table beside it;
// nothing else in Stemma decides whether an event was a receipt, a delivery or a loss.
#pragma once

#include <optional>
#include <string_view>

#include "core/domain/event.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

enum class MovementKind : unsigned char {
    received,              ///< from a supplier
    produced,              ///< came out of a transformation
    found,                 ///< came into being otherwise: opening stock, count
    returned_by_customer,  ///< came back
    consumed,              ///< went into a transformation
    shipped,               ///< to a customer
    returned_to_supplier,  ///< went back
    written_off,           ///< lost, scrapped, counted short
    wasted,                ///< came out of a transformation as waste: produced, and at once gone
    moved,                 ///< from place to place
};

// The rule, first line that fits. "others" are AggregationEvent, AssociationEvent, TransactionEvent: with ADD and DELETE they join or
// part items and move nothing; with OBSERVE they say what an ObjectEvent with OBSERVE would say, for parent and children alike.
//
//   event           action   bizStep                                    disposition, ends              kind
//   Transformation           (input)                                                                   consumed
//   Transformation           (output)                                   disposed | destroyed           wasted
//   Transformation           (output)                                                                  produced
//   others          ADD, DELETE                                                                        none
//   any             any      receiving                                  returned                       returned_by_customer
//   any             any      receiving                                  a source party                 received
//   any             any      shipping                                   returned                       returned_to_supplier
//   any             any      shipping                                   a destination party            shipped
//   any             any      commissioning | creating_class_instance                                   found
//   any             ADD      stock_taking | cycle_counting                                             found
//   any             any      decommissioning | destroying                                              written_off
//   any             DELETE   stock_taking | cycle_counting                                             written_off
//   any             any      any                                        a source or destination place  moved
//   any             any      a step that moves (below)                  a bizLocation alone            moved
//   any             any      any                                                                       none
//
// Steps that move goods by their very definition (CBV 2.0, 7.1): receiving, shipping, arriving, departing, loading, unloading,
// transporting, storing, stocking, picking, staging_outbound. For any other step a bizLocation alone says where the goods were seen.

/// The kind of movement of an item in this role, or none. Does not look at `event.error`.
[[nodiscard]] std::optional<MovementKind> movement_kind(const Event& event, ItemRole::Role role);

/// Between what a movement goes. Views into the event; empty where it does not say.
struct MovementEnds {
    std::string_view from;   ///< source of type location
    std::string_view to;     ///< destination of type location, else bizLocation
    std::string_view party;  ///< possessing_party, else owning_party: of the source for goods that come in, of the destination for goods
                             ///< that go out; none for the other kinds
};
[[nodiscard]] MovementEnds movement_ends(const Event& event, MovementKind kind);

[[nodiscard]] bool is_inflow(MovementKind kind) noexcept;   ///< adds to what there is; `wasted` adds and takes
[[nodiscard]] bool is_outflow(MovementKind kind) noexcept;  ///< takes from what there is
[[nodiscard]] bool needs_from(MovementKind kind) noexcept;  ///< stock is taken from a place
[[nodiscard]] bool needs_to(MovementKind kind) noexcept;    ///< stock is put to a place
[[nodiscard]] std::string_view to_string(MovementKind kind) noexcept;

/// One movement of an item as a view shows it.
struct Movement {
    Sequence sequence{0};
    Instant time;  ///< event time
    bool date_only{false};
    MovementKind kind{MovementKind::moved};
    Amount amount;
    PlaceNo from{PlaceNo::none};
    PlaceNo to{PlaceNo::none};
    PartyNo party{PartyNo::none};
    DocumentNo document{DocumentNo::none};  ///< the event's first; View::documents_of(event) lists all
    Node transformation{Node::none};
    EventNo event{EventNo::none};
    Sequence voided_at{kNever};  ///< from this entry on the event counts as declared wrong
    /// none: of the item itself. Else it went along with this unit (containment.hpp); the item itself where packing made it a unit.
    Node through{Node::none};
};

[[nodiscard]] bool lacks_from(const Movement& movement) noexcept;  ///< takes from stock, but names no place
[[nodiscard]] bool lacks_to(const Movement& movement) noexcept;    ///< puts to stock, but names no place
/// A move without one of its places. The balance alone tells it: half of a move would make or lose goods.
[[nodiscard]] bool is_half(const Movement& movement) noexcept;

}  // namespace stemma::lineage
