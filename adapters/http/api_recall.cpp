#include "adapters/http/api_recall.hpp"

namespace stemma::http {
namespace {

void write_party(json::Writer& out, LineageText& text, const lineage::PartyLine& line) {
    const LineageText::Named& party = text.party(line.party);
    out.begin_object();
    out.field("party", party.id);
    out.field("code", party.code);
    out.field("name", party.name);
    out.field("contact", text.contact(party.id));
    out.field("movement", to_string(line.kind));
    write_flag(out, "certain", line.certain);
    out.number("items", line.items);
    write_amounts(out, "amounts", text, line.amounts);
    out.end_object();
}

}  // namespace

void write_recall_parts(json::Writer& out, LineageText& text, const lineage::RecallReport& report) {
    out.list("parties", report.parties, [&](const lineage::PartyLine& line) { write_party(out, text, line); });
    out.number("unbalancedItems", report.unbalanced_items);
    if (!report.unbalanced.empty()) {
        out.key("unbalanced");
        out.begin_array();
        const auto copy = [](const lineage::View& view, const lineage::MassBalance& balance) {
            return copy_node(view, balance.stock.item);
        };
        in_slices(text, report.unbalanced, copy, [&](const lineage::MassBalance& balance, const NodeText& node) {
            out.begin_object();
            write_node(out, node);
            out.key("balance");
            write_balance(out, text, balance);
            out.end_object();
        });
        out.end_array();
    }
    out.field("digest", to_hex(report.digest));
}

void read_as_of(Api& api, json::Reading& reading, const json::Node& node, std::uint64_t& as_of) {
    if (node.kind != json::Node::Kind::number && node.kind != json::Node::Kind::string)
        return reading.refuse("expected a number or a time");
    const auto position = position_of(api, node.text, {});
    if (!position) return reading.refuse(position.error());
    as_of = *position;
}

}  // namespace stemma::http
