// Quantities along a forward trace: how much of the seeds' goods can be, and must be, in each item that the trace reaches.
//
// What is measured is the seeds' goods that ever came into an item, each part of them once, in the seeds' own unit. Nothing is converted
// and nothing is assumed about how goods mix; a share ("12 % of it") is never given, for no record supports it.
//   at most   no mixing that fits the records brings more into it, goods without lots included.
//   possible  the same by recorded edges alone.
//   certain   every mixing that fits the records brings at least so much into it, by recorded edges alone.
// Rules, with W = the most that there ever was of an item (quantities_whole.hpp: what came in, and what the records miss by their dates):
//   a seed holds itself: at most its W, at least the fewest that there can have been of it.
//   seed -> transformation, q taken:    all three are q.
//   x -> transformation, q taken of x:  at most min(q, most in x); at least max(0, least in x - (W of x - q)): the rest of x may hold the
//                                       other goods alone. Nothing where x has records in another unit: how much its rest is, is not told.
//   transformation -> item, q put out:  at most min(q, most taken in); at least max(0, q + least taken in - max(all in, all out)): all
//                                       other goods, and what was lost or came out of nowhere, may have filled it first.
//   sums are never more than the W of all seeds together. In a cycle and beyond one, the most is what came in, and the least is 0.
// So far for amounts that can be compared: lots and goods without lots, all of whose way is in one unit of mass or volume, or in any
// unit as long as it stays one product (split, merged, repacked). The unit is that of the seeds' own records, whatever their product's is.
// Where the unit changes, and of a seed whose records are in several units or tell no amount, the answer is "not comparable".
//
// A serial or logistic unit is asked whether it holds any of it: 0 or 1 piece, whatever the unit of the seeds. Certain is 1 when a part
// of the seeds' goods must have gone in: a production with one output has in it what it took in, unless by comparable amounts that may
// all have been lost, and a parent holds the serials in it.
#pragma once

#include <vector>

#include "core/lineage/trace.hpp"

namespace stemma::lineage {

struct Content {
    std::uint32_t in_trace{0};  ///< place of the item in Trace::nodes
    bool comparable{true};      ///< without it the amounts say nothing
    UnitNo unit{UnitNo::piece};
    std::int64_t certain{0};  ///< micros; certain <= possible <= at_most
    std::int64_t possible{0};
    std::int64_t at_most{0};
};

struct Contents {
    std::vector<Content> items;  ///< of each item of the trace, in its order
    bool cancelled{false};       ///< ended early: `items` is empty
};

/// `trace` is a forward trace of this view, timed or not, whole: of one that is truncated or cancelled the amounts may be too small.
[[nodiscard]] Contents contents_of(const View& view, const Trace& trace, const std::atomic<bool>* cancel = nullptr);

}  // namespace stemma::lineage
