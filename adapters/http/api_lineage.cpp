#include "adapters/http/api_lineage.hpp"

#include <fmt/format.h>

#include "core/lineage/containment.hpp"

namespace stemma::http {
namespace {

using lineage::PlaceNo;

/// The value of a number, copied by `copy(view)` when it is asked for first.
template <class Number, class Text, class Copy>
const Text& kept(std::unordered_map<Number, Text>& known, Number number, const lineage::View& view, Copy copy) {
    const auto [place, fresh] = known.try_emplace(number);
    if (fresh) place->second = copy(view);
    return place->second;
}

void write_micros(json::Writer& out, std::string_view name, std::int64_t micros) {
    out.key(name);
    out.raw(format_micros(micros));
}

/// Totals that are zero say nothing and are left out.
void write_total(json::Writer& out, std::string_view name, std::int64_t micros) {
    if (micros != 0) write_micros(out, name, micros);
}

void write_place(json::Writer& out, LineageText& text, PlaceNo place) {
    if (place == PlaceNo::none) return;
    const LineageText::Named& named = text.place(place);
    out.field("place", named.id);
    out.field("code", named.code);
    out.field("name", named.name);
}

void write_places(json::Writer& out, std::string_view name, LineageText& text, const std::vector<lineage::PlaceAmount>& places) {
    out.list(name, places, [&](const lineage::PlaceAmount& entry) {
        out.begin_object();
        write_place(out, text, entry.place);
        write_micros(out, "quantity", entry.micros);
        out.end_object();
    });
}

void write_discrepancy(json::Writer& out, LineageText& text, const lineage::Discrepancy& discrepancy) {
    out.begin_object();
    out.field("kind", to_string(discrepancy.kind));
    write_micros(out, "quantity", discrepancy.amount.micros);
    out.field("uom", text.unit(discrepancy.amount.unit));
    if (discrepancy.kind == lineage::Discrepancy::Kind::too_large) write_flag(out, "tooLarge", true);
    write_place(out, text, discrepancy.place);
    if (discrepancy.sequence != lineage::kNever) out.number("sequence", discrepancy.sequence);
    out.list("documents", discrepancy.documents, [&](lineage::DocumentNo document) {
        out.begin_object();
        write_document(out, text.document(document));
        out.end_object();
    });
    if (discrepancy.more_documents > 0) out.number("moreDocuments", discrepancy.more_documents);
    out.end_object();
}

void write_unit_stock(json::Writer& out, LineageText& text, const lineage::UnitStock& stock) {
    out.begin_object();
    out.field("uom", text.unit(stock.unit));
    write_places(out, "onHand", text, stock.on_hand);
    write_places(out, "inTransit", text, stock.in_transit);
    write_places(out, "outside", text, stock.outside);
    out.list("withCustomer", stock.with_customer, [&](const lineage::PartyAmount& entry) {
        out.begin_object();
        out.field("party", text.party(entry.party).id);
        out.field("name", text.party(entry.party).name);
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
    out.end_object();
}

}  // namespace

Result<LargeTraces::Lease> lease_for(Api& api, std::size_t nodes) {
    const engine::Limits& limits = api.engine.limits();
    if (nodes <= limits.large_trace_items) return LargeTraces::none();
    LargeTraces::Lease lease = api.large_traces.take(limits.large_traces_max);
    if (!lease)
        return fail(Errc::busy, fmt::format("{} large questions are running, no more are taken", limits.large_traces_max), {},
                    "try again in a moment, or ask about one item or a shorter time; limits.large_traces_max in stemma.yaml sets how many "
                    "may run");
    return lease;
}

NodeText copy_node(const lineage::View& view, lineage::Node node) {
    NodeText text{std::string{view.id(node)}, std::string{view.label(node)}, view.kind(node), {}, {}};
    if (view.is_transformation(node)) return text;
    const lineage::ProductNo product = view.product(node);
    if (product == lineage::ProductNo::none) return text;
    const lineage::ProductInfo info = view.product(product);
    text.sku = info.sku;
    text.product = info.name;
    return text;
}

DocumentText copy_document(const lineage::View& view, lineage::DocumentNo document) {
    const lineage::DocumentInfo info = view.document(document);
    return {std::string{info.id}, std::string{info.type}, std::string{info.number}};
}

const LineageText::Named& LineageText::place(lineage::PlaceNo place) {
    return kept(places_, place, view_, [&](const lineage::View& view) {
        const lineage::PlaceInfo info = view.place(place);
        return Named{std::string{info.id}, std::string{info.code}, std::string{info.name}};
    });
}

const LineageText::Named& LineageText::party(lineage::PartyNo party) {
    const auto [known, fresh] = parties_.try_emplace(party);
    Named& named = known->second;
    if (!fresh) return named;
    if (party == lineage::PartyNo::none) {
        named.name = "no party named";
        return named;
    }
    const lineage::PartyInfo info = view_.party(party);
    named.id = info.id;
    named.code = info.code;
    named.name = names_.party(named.id);
    return named;
}

const LineageText::Named& LineageText::product(lineage::ProductNo product) {
    return kept(products_, product, view_, [&](const lineage::View& view) {
        const lineage::ProductInfo info = view.product(product);
        return Named{std::string{info.id}, std::string{info.sku}, std::string{info.name}};
    });
}

const std::string& LineageText::unit(lineage::UnitNo unit) {
    return kept(units_, unit, view_, [&](const lineage::View& view) { return std::string{view.unit(unit)}; });
}

DocumentText LineageText::document(lineage::DocumentNo document) const { return copy_document(view_, document); }

void write_node(json::Writer& out, const NodeText& node) {
    out.field("id", node.id);
    out.field("label", node.label);
    out.field("kind", to_string(node.kind));
    out.field("sku", node.sku);
    out.field("product", node.product);
}

void write_amounts(json::Writer& out, std::string_view name, LineageText& text, const std::vector<lineage::Amount>& amounts) {
    out.list(name, amounts, [&](const lineage::Amount& amount) {
        out.begin_object();
        write_micros(out, "quantity", amount.micros);
        out.field("uom", text.unit(amount.unit));
        if (lineage::is_too_large(amount.micros)) write_flag(out, "tooLarge", true);
        out.end_object();
    });
}

void write_document(json::Writer& out, const DocumentText& document) {
    out.field("type", document.type);
    out.field("number", document.number);
    out.field("id", document.id);
}

void write_stock(json::Writer& out, LineageText& text, const lineage::ItemStock& stock) {
    out.list("stock", stock.units, [&](const lineage::UnitStock& unit) { write_unit_stock(out, text, unit); });
}

void write_balance(json::Writer& out, LineageText& text, const lineage::MassBalance& balance) {
    out.begin_object();
    write_flag(out, "closes", balance.closes());
    out.list("units", balance.units, [&](const lineage::UnitBalance& unit) {
        out.begin_object();
        out.field("uom", text.unit(unit.unit));
        write_micros(out, "inflow", unit.inflow);
        write_micros(out, "outflow", unit.outflow);
        write_micros(out, "onHand", unit.on_hand);
        write_micros(out, "inTransit", unit.in_transit);
        write_micros(out, "difference", unit.difference);
        out.end_object();
    });
    out.list("discrepancies", balance.discrepancies, [&](const lineage::Discrepancy& d) { write_discrepancy(out, text, d); });
    if (balance.more_discrepancies > 0) out.number("moreDiscrepancies", balance.more_discrepancies);
    out.end_object();
}

void write_affected(json::Writer& out, LineageText& text, const lineage::AffectedItem& item, const NodeText& node) {
    out.begin_object();
    write_node(out, node);
    out.number("depth", item.depth);
    write_flag(out, "certain", item.certain);
    write_flag(out, "end", item.end);
    out.field("status", to_string(item.stock.status));
    write_stock(out, text, item.stock);
    out.end_object();
}

void write_stock_of(json::Writer& out, const lineage::Index& index, DisplayNames& names, const ItemId& item, Sequence as_of,
                    const std::atomic<bool>* cancel) {
    const lineage::View view = index.view(as_of);
    out.number("asOf", view.as_of());
    const lineage::Node node = view.find(item);
    if (node == lineage::Node::none) return;
    lineage::CountedMovements counted{view, cancel};
    const lineage::MassBalance balance = lineage::balance_of(counted, node);
    if (counted.cancelled()) return;
    LineageText text{view, names, cancel};
    out.field("status", to_string(balance.stock.status));
    write_stock(out, text, balance.stock);
    out.key("massBalance");
    write_balance(out, text, balance);
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
