// Broken links: where the records of how goods came and went do not join, so that a trace ends or a balance cannot close. Each gap once,
// with the documents around it and what would mend it. Looks at every item and every transformation, page by page; keeps nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/lineage/index.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::lineage {

class CountedMovements;  // containment.hpp
class PackingDates;      // packing_dates.hpp

// Of an item; where nothing ever came in, what follows from that (stock below zero, an origin) is not told again.
// Goods without lots are looked at as one item per product.
enum class GapKind : unsigned char {
    unknown_item,            ///< events name it, and no master data says what it is
    never_came_in,           ///< it was used, shipped, lost or moved; nothing says that it was received, made or found
    no_origin,               ///< it was used or shipped, and came in by counts or opening stock alone: nobody delivered or made it
    out_before_in,           ///< at a time more had gone out than had come in; it came in later. Equal times and dates are no gap
    negative_stock,          ///< more was taken from a place than was put there
    returned_never_shipped,  ///< customers brought back more than was shipped
    missing_place,           ///< movements take from stock or put to stock, but name no place
    outside,                 ///< goods moved to a place outside without a delivery, return or write-off
    unit_mismatch,           ///< movements in another unit than the item's, or packing in one that nothing came in in
    untracked_intermediate,  ///< goods without lots that are made and used: every trace through them is only possible
    no_inputs,               ///< of a transformation: it puts out and takes nothing in
    no_outputs,              ///< of a transformation: it takes in and puts nothing out
    returned_by_another,     ///< a customer brought back more than was delivered to it, though no more than was delivered to all
    serial_twice,            ///< a serial or logistic unit is there more than once at a time, or moves in pieces other than one
    packed_before_in,        ///< packed before it came in, so that it is left behind when the unit goes on
    order_unclear,           ///< packed, moved or unpacked on one day, with a time here and a date alone there
    too_large,               ///< amounts too large to be added up
};
inline constexpr std::size_t kGapKinds = 17;
[[nodiscard]] std::string_view to_string(GapKind kind) noexcept;
/// What would mend it, for people: one sentence without a full stop.
[[nodiscard]] std::string_view mend_of(GapKind kind) noexcept;

struct Gap {
    GapKind kind{GapKind::unknown_item};
    Node item{Node::none};              ///< of a transformation the first item that it takes in or puts out
    Node transformation{Node::none};    ///< no_inputs, no_outputs; of untracked_intermediate the first that made the goods
    PlaceNo place{PlaceNo::none};       ///< negative_stock, outside; else where the goods were first taken from, if that is known
    Amount amount;                      ///< what is missing or in question; no micros where that says nothing
    Sequence sequence{kNever};          ///< of the first event behind it; kNever where none names a movement or an edge
    std::vector<DocumentNo> documents;  ///< the first kGapDocumentsMax that the ledger named
    std::size_t more_documents{0};      ///< there are so many more
    std::vector<EventNo> events;        ///< behind it, ascending: the first kGapDocumentsMax that the ledger named
    std::size_t more_events{0};         ///< there are so many more
};

struct GapOptions {
    std::uint64_t after{0};                    ///< `next`, the cursor of the page before; 0 for the first page
    std::size_t limit{50};                     ///< gaps of a page, at least 1
    const std::vector<Node>* among{nullptr};   ///< these nodes alone, ascending, each once; null: all
    std::uint32_t kinds{~std::uint32_t{0}};    ///< a bit per kind, 1 << kind
    const std::atomic<bool>* cancel{nullptr};  ///< set from another thread to end early
};

struct GapPage {
    std::vector<Gap> gaps;  ///< in the order in which the ledger first named what they are of
    std::uint64_t next{0};  ///< the cursor of the next page, for the same as-of and nodes; 0: this was the last
    bool cancelled{false};
};
[[nodiscard]] GapPage find_gaps(const View& view, const GapOptions& options);

struct GapCounts {
    std::array<std::size_t, kGapKinds> by_kind{};
    std::size_t gaps{0};
    std::size_t nodes{0};  ///< items and transformations looked at
    bool cancelled{false};
};
/// Of one node, which the view that both were made for has. Where the flag was set meanwhile they are not whole.
[[nodiscard]] std::vector<Gap> gaps_of(CountedMovements& counted, PackingDates& packing, Node node, const std::atomic<bool>* cancel);

/// Of all pages; `after` and `limit` play no part.
[[nodiscard]] GapCounts count_gaps(const View& view, const GapOptions& options);

}  // namespace stemma::lineage
