// Lineage answers as JSON: nodes, stock, roll-ups. One view serves an answer from its walk to its last text: the numbers of edges that a
// walk gives hold for that view and its copies alone.
#pragma once

#include <atomic>
#include <unordered_map>
#include <utility>

#include "adapters/http/api.hpp"
#include "adapters/http/large_traces.hpp"
#include "core/lineage/recall.hpp"

namespace stemma::http {

/// For a question that may look at as many nodes: one of limits.large_traces_max leases where they are more than
/// limits.large_trace_items, else one that costs nothing. Errors: Errc::busy.
[[nodiscard]] Result<LargeTraces::Lease> lease_for(Api& api, std::size_t nodes);

inline constexpr std::size_t kSliceRows = 1000;  ///< rows between two looks at the cancel flag

/// What a lineage node is called.
struct NodeText {
    std::string id;
    std::string label;
    lineage::NodeKind kind{lineage::NodeKind::unknown};
    std::string sku;      ///< "" without a known product
    std::string product;  ///< its name
};
struct DocumentText {
    std::string id;
    std::string type;
    std::string number;
};
[[nodiscard]] NodeText copy_node(const lineage::View& view, lineage::Node node);
[[nodiscard]] DocumentText copy_document(const lineage::View& view, lineage::DocumentNo document);

/// The texts behind an answer's small numbers, of which there are few: each is copied when it is first asked for. One thread.
class LineageText {
public:
    /// `view`: the one that the answer was found with. `cancel` as in Request.
    LineageText(lineage::View view, DisplayNames& names, const std::atomic<bool>* cancel = nullptr)
        : view_{std::move(view)}, names_{names}, cancel_{cancel} {}

    struct Named {
        std::string id;
        std::string code;  ///< for a product its SKU
        std::string name;  ///< of a party as people know it
    };
    // The number must not be `none`, except for a party: a delivery may name none.
    [[nodiscard]] const Named& place(lineage::PlaceNo place);
    [[nodiscard]] const Named& party(lineage::PartyNo party);
    [[nodiscard]] const Named& product(lineage::ProductNo product);
    [[nodiscard]] const std::string& unit(lineage::UnitNo unit);
    [[nodiscard]] const std::string& contact(const std::string& party) { return names_.contact(party); }  ///< "" where none is kept
    [[nodiscard]] DocumentText document(lineage::DocumentNo document) const;                              ///< not kept: there may be many

    [[nodiscard]] const lineage::View& view() const noexcept { return view_; }
    [[nodiscard]] bool cancelled() const noexcept { return cancel_ != nullptr && cancel_->load(std::memory_order_relaxed); }

private:
    lineage::View view_;
    DisplayNames& names_;
    const std::atomic<bool>* cancel_;
    std::unordered_map<lineage::PlaceNo, Named> places_;
    std::unordered_map<lineage::PartyNo, Named> parties_;
    std::unordered_map<lineage::ProductNo, Named> products_;
    std::unordered_map<lineage::UnitNo, std::string> units_;
};

/// For a list that may have millions of rows: write(row, copy(view, row)) for each, in order. Looks every kSliceRows rows whether the
/// request is cancelled, and ends early then.
template <class Row, class Copy, class Write>
void in_slices(const LineageText& text, const std::vector<Row>& rows, Copy copy, Write write) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % kSliceRows == 0 && text.cancelled()) return;
        write(rows[i], copy(text.view(), rows[i]));
    }
}

/// "id", "label", "kind", "sku", "product" of a node, into an open object.
void write_node(json::Writer& out, const NodeText& node);
/// [{"quantity": 5, "uom": "KGM"}]; with "tooLarge" what is no sum.
void write_amounts(json::Writer& out, std::string_view name, LineageText& text, const std::vector<lineage::Amount>& amounts);
/// Per unit what is on hand and in transit by place, with customers by party, and the totals; left out when there is nothing.
void write_stock(json::Writer& out, LineageText& text, const lineage::ItemStock& stock);
void write_balance(json::Writer& out, LineageText& text, const lineage::MassBalance& balance);
/// An affected item of a recall, as an object.
void write_affected(json::Writer& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node);
/// {"type", "number", "id"} of a document, into an open object.
void write_document(json::Writer& out, const DocumentText& document);

/// "asOf", and "status", "stock" and "massBalance" of one item as of a position, into an open object; "asOf" alone for an item that lineage
/// does not know. Where `cancel`, as in Request, was set by then, what is written is not whole.
void write_stock_of(json::Writer& out, const lineage::Index& index, DisplayNames& names, const ItemId& item, Sequence as_of,
                    const std::atomic<bool>* cancel = nullptr);

/// A fact's value or an answer's, typed: number, boolean, text, {"quantity", "uom"}, null.
void write_value(json::Writer& out, std::string_view name, const Value& value);

}  // namespace stemma::http
