// Lineage answers as JSON: nodes, stock, roll-ups. Labels come from the view; parties' names from the redactable table.
#pragma once

#include "adapters/http/api.hpp"
#include "core/lineage/recall.hpp"

namespace stemma::http {

/// Parties' names, looked up once per answer.
class PartyNames {
public:
    explicit PartyNames(engine::Queries& queries) : queries_{queries} {}
    [[nodiscard]] std::string of(const lineage::View& view, lineage::PartyNo party);

private:
    engine::Queries& queries_;
    std::map<lineage::PartyNo, std::string> known_;
};

/// What JSON of lineage needs at hand.
struct LineageText {
    const lineage::View& view;
    PartyNames& names;
};

/// "id", "label", "kind", "sku", "product" of a node, into an open object.
void write_node(json::Writer& out, const LineageText& text, lineage::Node node);
/// [{"quantity": 5, "uom": "KGM"}].
void write_amounts(json::Writer& out, std::string_view name, const LineageText& text, const std::vector<lineage::Amount>& amounts);
/// One unit's stock: on hand and in transit by place, with customers by party, and the totals, into an open object.
void write_unit_stock(json::Writer& out, const LineageText& text, const lineage::UnitStock& stock);
void write_balance(json::Writer& out, const LineageText& text, const lineage::MassBalance& balance);
/// {"type", "number", "id"} of a document, into an open object.
void write_document(json::Writer& out, const LineageText& text, lineage::DocumentNo document);

/// "status", "stock" and "massBalance" of one item as of a position, into an open object; nothing for an item that lineage does not know.
[[nodiscard]] Result<void> write_stock_of(json::Writer& out, engine::Engine& engine, engine::Queries& queries, const ItemId& item,
                                          Sequence as_of);

/// A fact's value or an answer's, typed: number, boolean, text, {"quantity", "uom"}, null.
void write_value(json::Writer& out, std::string_view name, const Value& value);

}  // namespace stemma::http
