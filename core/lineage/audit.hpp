// The consistency audit: what in the records of items and productions cannot be as it stands, or contradicts itself. Beyond the broken
// links, which it takes over under their names: one thing in two places, gone and still there, numbers that are one number, dates and
// amounts that cannot be. One item or transformation at a time; each fault once, with the events behind it. Judges nothing, changes
// nothing.
//
// Where dates leave the order open, the order that fits is taken: what came in came early, what went out went late. So equal times and
// dates are never a fault.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/lineage/broken_links.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/packing_dates.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::lineage {

enum class AuditKind : unsigned char {
    // As GapKind, in its order and under its names. untracked_intermediate is no fault and never told here.
    unknown_item,
    never_came_in,
    no_origin,
    out_before_in,
    negative_stock,
    returned_never_shipped,
    missing_place,
    outside,
    unit_mismatch,
    untracked_intermediate,
    no_inputs,
    no_outputs,
    returned_by_another,
    serial_twice,
    packed_before_in,
    order_unclear,
    too_large,
    // Of the audit alone. Of one thing (a serial, a logistic unit), which then has no stock below zero and no out_before_in besides:
    two_places,              ///< it is at two places, or at a place and with a customer
    consumed_yet_available,  ///< it went into a transformation, and is on hand or left again without having come back
    delivered_twice,         ///< delivered, and delivered again without having come back
    left_twice,              ///< delivered, sent back or written off, and then left in another way without having come back
    not_one_piece,           ///< it moves in pieces other than one
    // Of an item:
    negative_for_a_time,  ///< a place held less than nothing for a time, and later it was made good; the item as a whole was never short
    moved_nowhere,        ///< moved from a place to the same place
    in_the_future,        ///< an event dated after the moment at which it was recorded
    expired_before_received,
    expires_before_made,  ///< its expiry is before its production
    same_number,          ///< several items of one product have numbers that differ in case, blanks, separators or leading zeros alone
    // Of a transformation:
    amounts_differ,  ///< of one product it puts out more or less than it took in; or by weight or volume more than all it took in
};
inline constexpr std::size_t kAuditKinds = 29;
[[nodiscard]] std::string_view to_string(AuditKind kind) noexcept;
/// What is wrong, for people: one sentence without a full stop.
[[nodiscard]] std::string_view meaning_of(AuditKind kind) noexcept;
/// What to look for in the ERP: one sentence without a full stop.
[[nodiscard]] std::string_view look_for(AuditKind kind) noexcept;

/// One event behind a fault, and what it did to the item.
struct AuditedEvent {
    EventNo event{EventNo::none};
    Node item{Node::none};
    std::optional<MovementKind> movement;  ///< none where the event joined or parted items
    Amount amount;
    PlaceNo from{PlaceNo::none};
    PlaceNo to{PlaceNo::none};
    PartyNo party{PartyNo::none};
};

inline constexpr std::size_t kAuditEventsMax = 20;  ///< events, and items of one number, named with a fault

struct AuditFault {
    AuditKind kind{AuditKind::unknown_item};
    Node item{Node::none};            ///< of a transformation the first item that it takes in or puts out
    Node transformation{Node::none};  ///< no_inputs, no_outputs, amounts_differ
    PlaceNo place{PlaceNo::none};
    Amount amount;                 ///< what is missing or in question; no micros where that says nothing
    EventNo since{EventNo::none};  ///< the event by which it begins; its time is the moment, as it is dated
    std::vector<AuditedEvent>
        events;  ///< by time, then ledger order: `since` and the others that the ledger named first, kAuditEventsMax at most
    std::size_t more_events{0};
    std::vector<DocumentNo> documents;  ///< of all events behind it; the first kGapDocumentsMax
    std::size_t more_documents{0};
    std::vector<Node> others;  ///< same_number: the other items, in order of first appearance, kAuditEventsMax at most
    std::size_t more_others{0};
};

/// What master data says of an item's life; none where it does not say.
struct ItemLife {
    std::optional<EventSpan> expires;   ///< itemExpirationDate: a date is its whole day
    std::optional<EventSpan> produced;  ///< productionDate
};

struct AuditOptions {
    /// Events dated later are in the future: when the newest entry was recorded, and what clocks and zones may differ by.
    Instant latest{kForEver};
    const std::atomic<bool>* cancel{nullptr};  ///< set from another thread to end early: what was given last is not whole
};

/// Of what is made and taken in by weight or volume, this part more may come out: scales differ.
inline constexpr std::int64_t kAmountTolerancePercent = 1;

/// For many nodes of one view, one after the other. The view outlives it. One thread.
class Audit {
public:
    explicit Audit(const View& view, const AuditOptions& options = {})
        : options_{options}, counted_{view, options.cancel}, packing_{view} {}

    /// The faults of an item or a transformation, by kind.
    [[nodiscard]] std::vector<AuditFault> of(Node node, const ItemLife& life = {});

private:
    AuditOptions options_;
    CountedMovements counted_;
    PackingDates packing_;
};

/// The same for numbers that people take for one: letters in one case (ASCII), without blanks, separators (-./:_) and a digit group's
/// leading zeros. Where a letter meets a digit, a separator makes no difference: "S4-L017", "s4 l17" and "S4L17" are one; "L1-12" and
/// "L11-2" are two.
[[nodiscard]] std::string number_form(std::string_view number);

/// Faults of kind same_number, one for each number, in order of the first item. Goes by the number that people see, of lots, serials and
/// logistic units of the same product and kind.
[[nodiscard]] std::vector<AuditFault> same_numbers(const View& view, const AuditOptions& options = {});

}  // namespace stemma::lineage
