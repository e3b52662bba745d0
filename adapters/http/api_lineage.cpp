#include "adapters/http/api_lineage.hpp"

#include <fmt/format.h>

namespace stemma::http {
namespace {

using lineage::PlaceInfo;
using lineage::PlaceNo;

void write_micros(json::Writer& out, std::string_view name, std::int64_t micros) {
    out.key(name);
    out.raw(format_micros(micros));
}

/// Totals that are zero say nothing and are left out.
void write_total(json::Writer& out, std::string_view name, std::int64_t micros) {
    if (micros != 0) write_micros(out, name, micros);
}

void write_place(json::Writer& out, const LineageText& text, PlaceNo place) {
    if (place == PlaceNo::none) return;
    const PlaceInfo info = text.view.place(place);
    out.field("place", info.id);
    out.field("code", info.code);
    out.field("name", info.name);
}

void write_places(json::Writer& out, std::string_view name, const LineageText& text, const std::vector<lineage::PlaceAmount>& places) {
    out.list(name, places, [&](const lineage::PlaceAmount& entry) {
        out.begin_object();
        write_place(out, text, entry.place);
        write_micros(out, "quantity", entry.micros);
        out.end_object();
    });
}

void write_discrepancy(json::Writer& out, const LineageText& text, const lineage::Discrepancy& discrepancy) {
    out.begin_object();
    out.field("kind", to_string(discrepancy.kind));
    write_micros(out, "quantity", discrepancy.amount.micros);
    out.field("uom", text.view.unit(discrepancy.amount.unit));
    write_place(out, text, discrepancy.place);
    if (discrepancy.sequence != lineage::kNever) out.number("sequence", discrepancy.sequence);
    out.list("documents", discrepancy.documents, [&](lineage::DocumentNo document) {
        out.begin_object();
        write_document(out, text, document);
        out.end_object();
    });
    out.end_object();
}

}  // namespace

std::string PartyNames::of(const lineage::View& view, lineage::PartyNo party) {
    if (party == lineage::PartyNo::none) return "no party named";
    const auto known = known_.find(party);
    if (known != known_.end()) return known->second;
    const std::string id{view.party(party).id};
    const Result<std::string> name = queries_.party_name(id);
    return known_[party] = name ? *name : id;
}

void write_node(json::Writer& out, const LineageText& text, lineage::Node node) {
    out.field("id", text.view.id(node));
    out.field("label", text.view.label(node));
    out.field("kind", to_string(text.view.kind(node)));
    if (text.view.is_transformation(node)) return;
    const lineage::ProductNo product = text.view.product(node);
    if (product == lineage::ProductNo::none) return;
    const lineage::ProductInfo info = text.view.product(product);
    out.field("sku", info.sku);
    out.field("product", info.name);
}

void write_amounts(json::Writer& out, std::string_view name, const LineageText& text, const std::vector<lineage::Amount>& amounts) {
    out.list(name, amounts, [&](const lineage::Amount& amount) {
        out.begin_object();
        write_micros(out, "quantity", amount.micros);
        out.field("uom", text.view.unit(amount.unit));
        out.end_object();
    });
}

void write_document(json::Writer& out, const LineageText& text, lineage::DocumentNo document) {
    const lineage::DocumentInfo info = text.view.document(document);
    out.field("type", info.type);
    out.field("number", info.number);
    out.field("id", info.id);
}

void write_unit_stock(json::Writer& out, const LineageText& text, const lineage::UnitStock& stock) {
    out.field("uom", text.view.unit(stock.unit));
    write_places(out, "onHand", text, stock.on_hand);
    write_places(out, "inTransit", text, stock.in_transit);
    write_places(out, "outside", text, stock.outside);
    out.list("withCustomer", stock.with_customer, [&](const lineage::PartyAmount& entry) {
        out.begin_object();
        if (entry.party != lineage::PartyNo::none) out.field("party", text.view.party(entry.party).id);
        out.field("name", text.names.of(text.view, entry.party));
        write_micros(out, "quantity", entry.micros);
        out.end_object();
    });
    write_total(out, "received", stock.received);
    write_total(out, "produced", stock.produced);
    write_total(out, "found", stock.found);
    write_total(out, "returnedByCustomer", stock.returned_by_customer);
    write_total(out, "consumed", stock.consumed);
    write_total(out, "shipped", stock.shipped);
    write_total(out, "returnedToSupplier", stock.returned_to_supplier);
    write_total(out, "writtenOff", stock.written_off);
    write_total(out, "wasted", stock.wasted);
}

void write_balance(json::Writer& out, const LineageText& text, const lineage::MassBalance& balance) {
    out.begin_object();
    write_flag(out, "closes", balance.closes());
    out.list("units", balance.units, [&](const lineage::UnitBalance& unit) {
        out.begin_object();
        out.field("uom", text.view.unit(unit.unit));
        write_micros(out, "inflow", unit.inflow);
        write_micros(out, "outflow", unit.outflow);
        write_micros(out, "onHand", unit.on_hand);
        write_micros(out, "inTransit", unit.in_transit);
        write_micros(out, "difference", unit.difference);
        out.end_object();
    });
    out.list("discrepancies", balance.discrepancies, [&](const lineage::Discrepancy& d) { write_discrepancy(out, text, d); });
    out.end_object();
}

Result<void> write_stock_of(json::Writer& out, engine::Engine& engine, engine::Queries& queries, const ItemId& item, Sequence as_of) {
    const lineage::View view = engine.index().view(as_of);
    out.number("asOf", view.as_of());
    const lineage::Node node = view.find(item);
    if (node == lineage::Node::none) return {};
    PartyNames names{queries};
    const LineageText text{view, names};
    const lineage::MassBalance balance = lineage::balance_of(view, node);
    out.field("status", to_string(balance.stock.status));
    out.list("stock", balance.stock.units, [&](const lineage::UnitStock& stock) {
        out.begin_object();
        write_unit_stock(out, text, stock);
        out.end_object();
    });
    out.key("massBalance");
    write_balance(out, text, balance);
    return {};
}

void write_value(json::Writer& out, std::string_view name, const Value& value) {
    out.key(name);
    struct Visitor {
        json::Writer& out;
        void operator()(std::monostate) const { out.raw("null"); }
        void operator()(std::int64_t number) const { out.raw(std::to_string(number)); }
        void operator()(bool flag) const { out.raw(flag ? "true" : "false"); }
        void operator()(const std::string& text) const { out.string(text); }
        void operator()(Instant instant) const { out.string(format_instant(instant)); }
        void operator()(const Quantity& quantity) const {
            out.begin_object();
            write_micros(out, "quantity", quantity.micros);
            out.field("uom", quantity.unit);
            out.end_object();
        }
    };
    std::visit(Visitor{out}, value);
}

}  // namespace stemma::http
