// A recall: the forward trace of what is bad, and for each affected item where it is now; counted by status, place, customer and
// product, certain apart from possible, with the documents to look up, the parties behind them, and every mass balance that does not close.
//
// The digest tells whether two answers are the same: SHA-256 over the answer in a form that depends on the ledger's entries alone, so that
// the same question as of the same position has the same digest after a restart and on another machine. The form is UTF-8 text, each line
// ended by LF, fields separated by one TAB; in an id or unit a backslash, TAB or LF stands as "\\", "\t", "\n". Amounts are decimal numbers
// as format_micros() writes them. Lines of one kind stand in the order of their bytes, which are compared as unsigned numbers.
//   stemma-recall-2                       the form's name
//   as-of N                               the ledger position
//   walk F T C                            1 or 0 each: followed goods without lots; by time; cut at a limit
//   seed ID
//   item ID LABEL SET END STATUS          per affected item; LABEL: what people look for on it; SET: certain, possible; END: end, used
//    followed by its stock, one line per amount that is not zero, in the order of the bytes of these lines:
//     KIND UNIT WHERE AMOUNT              KIND: on_hand, in_transit, outside (WHERE: the place), with_customer (WHERE: the party),
//     received,
//                                         produced, found, returned_by_customer, consumed, shipped, returned_to_supplier, written_off,
//                                         wasted
//   document ID MOVEMENT SET ITEMS [UNIT AMOUNT]...
//   party ID MOVEMENT SET ITEMS [UNIT AMOUNT]...
//   unbalanced ID                         per item whose balance does not close
// Master data that can be redacted (names, contacts) is in no digest.
#pragma once

#include <span>
#include <vector>

#include "core/base/digest.hpp"
#include "core/lineage/roll_up.hpp"
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

struct RecallReport {
    Sequence as_of{0};  ///< the ledger position it is true for
    Trace trace;
    std::vector<AffectedItem> items;  ///< in the trace's order; none without list_items
    RollUp certain;
    RollUp possible;                      ///< what comes on top in the worst case
    std::vector<DocumentLine> documents;  ///< certain ones first, then by kind, then by document
    std::vector<PartyLine> parties;       ///< certain ones first, then by kind, then by party
    std::vector<MassBalance> seeds;       ///< of each seed that is an item, in the trace's order
    std::size_t unbalanced_items{0};      ///< affected items, seeds included, whose balance does not close
    std::vector<MassBalance> unbalanced;  ///< the first kUnbalancedMax of them, seeds left out, by id
    Digest digest{};                      ///< all zero for a cancelled recall
};

inline constexpr std::size_t kUnbalancedMax = 1000;  ///< balances that a report lists

struct RecallOptions {
    /// With `timed` an item counts with what can be of the bad goods (stock_since), and with the documents and parties of what happened to
    /// it since they came in. Its end and status are those of the whole item.
    TraceOptions walk;
    bool list_items{true};  ///< without it only counts are made: no stock is kept per item
};

/// `options` as for trace; a truncated trace gives a report over the part that was reached, and a cancelled recall one over the items
/// looked at by then, without documents and parties. Its trace says so.
[[nodiscard]] RecallReport recall(const View& view, std::span<const Node> seeds, const RecallOptions& options);
[[nodiscard]] inline RecallReport recall(const View& view, std::span<const Node> seeds, const TraceOptions& walk = {}) {
    return recall(view, seeds, RecallOptions{walk});
}

}  // namespace stemma::lineage
