// What the audit's kinds mean, and what to look for: the words that people read, in one place.
#include "core/lineage/audit.hpp"

namespace stemma::lineage {

std::string_view meaning_of(AuditKind kind) noexcept {
    switch (kind) {
        case AuditKind::unknown_item: return "events name it, and no master data says what it is";
        case AuditKind::never_came_in: return "it was used, shipped, lost or moved, and nothing says that it was received, made or found";
        case AuditKind::no_origin:
            return "it was used or shipped, and came in by counts or opening stock alone: nobody delivered or made it";
        case AuditKind::out_before_in: return "more had left than had come in; the rest is dated later";
        case AuditKind::negative_stock: return "more was taken from the place than was put there";
        case AuditKind::returned_never_shipped: return "customers brought back more than was shipped";
        case AuditKind::missing_place: return "movements take from stock or put to stock, but name no place";
        case AuditKind::outside: return "goods moved to a place outside without a delivery, return or write-off";
        case AuditKind::unit_mismatch: return "movements are in another unit of measure than the item's";
        case AuditKind::untracked_intermediate: return "goods without lots that are made and used";
        case AuditKind::no_inputs: return "the production puts out and takes nothing in";
        case AuditKind::no_outputs: return "the production takes in and puts nothing out";
        case AuditKind::returned_by_another: return "a customer brought back more than was delivered to it";
        case AuditKind::serial_twice: return "one thing came in again while it was there";
        case AuditKind::packed_before_in: return "it was packed before it came in";
        case AuditKind::order_unclear: return "packed, moved or unpacked on one day, with a time here and a date alone there";
        case AuditKind::too_large: return "the amounts are too large to be added up";
        case AuditKind::two_places: return "one thing is at two places at once";
        case AuditKind::consumed_yet_available: return "it went into a production, and is available or left again all the same";
        case AuditKind::delivered_twice: return "it was delivered, and delivered again without having come back";
        case AuditKind::left_twice: return "it had left, and left again without having come back";
        case AuditKind::not_one_piece: return "one thing with a serial number moves in pieces other than one";
        case AuditKind::negative_for_a_time: return "the place held less than nothing until more was put there";
        case AuditKind::moved_nowhere: return "it was moved from a place to the same place";
        case AuditKind::in_the_future: return "it is dated after the moment at which it was read";
        case AuditKind::expired_before_received: return "it had expired when it was received";
        case AuditKind::expires_before_made: return "it expires before it was made";
        case AuditKind::same_number: return "the numbers differ in case, blanks, separators or leading zeros alone";
        case AuditKind::amounts_differ: return "the production puts out another amount than it takes in";
    }
    return {};
}

std::string_view look_for(AuditKind kind) noexcept {
    switch (kind) {
        case AuditKind::unknown_item: return "a lot or serial that was deleted while its movements stayed";
        case AuditKind::never_came_in: return "the receipt or production order that was never posted, or a typed number";
        case AuditKind::no_origin: return "an inventory count that found what a receipt or production should have brought";
        case AuditKind::out_before_in: return "a receipt or production posted late, a wrong date, or another lot meant in the delivery";
        case AuditKind::negative_stock: return "movements that name another lot or place than the one the goods were taken from";
        case AuditKind::returned_never_shipped: return "the delivery that is missing, or the serial or lot that really came back";
        case AuditKind::missing_place: return "documents whose lines have no source or target location";
        case AuditKind::outside: return "transfers to a location that is no stock: is it a delivery, a loss, a place of yours?";
        case AuditKind::unit_mismatch: return "lines in a unit that the product is not kept in";
        case AuditKind::untracked_intermediate: return "whether these goods should have lots";
        case AuditKind::no_inputs: return "a production order that was finished without its components";
        case AuditKind::no_outputs: return "a production order whose finished goods were never posted or were cancelled";
        case AuditKind::returned_by_another: return "the customer on the return, or on the delivery, or a sale between the two";
        case AuditKind::serial_twice: return "two receipts or productions with one serial number: one of them is typed wrongly";
        case AuditKind::packed_before_in: return "the dates of the packing and of the receipt";
        case AuditKind::order_unclear: return "the times of day of the packing and of the movement";
        case AuditKind::too_large: return "a line with a mistyped amount";
        case AuditKind::two_places: return "a move or delivery from a place where it was not: the other place still has it";
        case AuditKind::consumed_yet_available: return "the production order that used it: was another serial really built in?";
        case AuditKind::delivered_twice: return "the return that is missing between the deliveries, or the serial of one of them";
        case AuditKind::left_twice: return "the document that should have brought it back, or the serial on one of the two";
        case AuditKind::not_one_piece: return "the line's quantity, or a lot that is marked as a serial";
        case AuditKind::negative_for_a_time: return "a transfer or receipt posted late, or its date";
        case AuditKind::moved_nowhere: return "a transfer whose source and target are the same location";
        case AuditKind::in_the_future: return "a mistyped year or a planned document that was posted";
        case AuditKind::expired_before_received: return "the expiry date of the lot, and whether the goods should have been taken in";
        case AuditKind::expires_before_made: return "the two dates of the lot: one of them is typed wrongly";
        case AuditKind::same_number: return "one lot or serial that was entered twice: then all its movements belong together";
        case AuditKind::amounts_differ: return "a line that is missing or mistyped on the production order, or its unit of measure";
    }
    return {};
}

}  // namespace stemma::lineage
