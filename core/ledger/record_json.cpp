// Master data, case events, system changes and meetings as JSON.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/domain/names.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::json {
namespace {

enum class MasterType : unsigned char { product, item, place, party };  // in the order of the variant
constexpr NameTable<MasterType, 4> kMasterType{
    {{MasterType::product, "product"}, {MasterType::item, "item"}, {MasterType::place, "place"}, {MasterType::party, "party"}}};

Result<MasterType> master_type_from(std::string_view text) { return value_of(kMasterType, text, "type of master record"); }

void write_attributes(Writer& out, std::string_view name, const Attributes& attributes) {
    if (attributes.empty()) return;
    out.key(name);
    write(out, attributes);
}

void read_attributes(Reading& in, Fields& fields, std::string_view name, Attributes& out) {
    fields.with(name, [&](const Node& node) { read(in, node, out); });
}

void write_record(Writer& out, const Product& product) {
    out.field("sku", product.sku);
    out.field("name", product.name);
    out.field("tracking", to_string(product.tracking));
    out.field("unit", product.unit);
    out.field("category", product.category);
    write_attributes(out, "attributes", product.attributes);
}

void write_record(Writer& out, const Item& item) {
    out.field("kind", to_string(item.kind));
    out.field("product", item.product.str());
    out.list("identifiers", item.identifiers, [&](const Identifier& identifier) {
        out.begin_object();
        out.field("scheme", identifier.scheme);
        out.field("value", identifier.value);
        out.end_object();
    });
    write_attributes(out, "attributes", item.attributes);
}

void write_record(Writer& out, const Place& place) {
    out.field("code", place.code);
    out.field("name", place.name);
    out.field("kind", to_string(place.kind));
    out.field("parent", place.parent.str());
    write_attributes(out, "attributes", place.attributes);
}

void write_record(Writer& out, const Party& party) {
    out.field("code", party.code);
    out.field("contactDigest", party.contact_digest);
    write_attributes(out, "attributes", party.attributes);
}

void read_record(Reading& in, Fields& fields, Product& product) {
    fields.read("sku", product.sku);
    fields.read("name", product.name);
    fields.require("tracking");
    fields.choose("tracking", product.tracking, tracking_from);
    product.unit.clear();
    fields.read("unit", product.unit);
    fields.read("category", product.category);
    read_attributes(in, fields, "attributes", product.attributes);
}

void read_record(Reading& in, Fields& fields, Item& item) {
    fields.require("kind");
    fields.choose("kind", item.kind, item_kind_from);
    fields.read("product", item.product);
    fields.each("identifiers", [&](const Node& node) {
        Fields identifier{in, node};
        Identifier& read = item.identifiers.emplace_back();
        identifier.read("scheme", read.scheme);
        identifier.read("value", read.value);
        identifier.done();
    });
    read_attributes(in, fields, "attributes", item.attributes);
}

void read_record(Reading& in, Fields& fields, Place& place) {
    fields.read("code", place.code);
    fields.read("name", place.name);
    fields.require("kind");
    fields.choose("kind", place.kind, place_kind_from);
    fields.read("parent", place.parent);
    read_attributes(in, fields, "attributes", place.attributes);
}

void read_record(Reading& in, Fields& fields, Party& party) {
    fields.read("code", party.code);
    fields.read("contactDigest", party.contact_digest);
    read_attributes(in, fields, "attributes", party.attributes);
}

Master empty_record(MasterType type) {
    switch (type) {
        case MasterType::product: return Product{};
        case MasterType::item: return Item{};
        case MasterType::place: return Place{};
        case MasterType::party: break;
    }
    return Party{};
}

}  // namespace

void write(Writer& out, const Attributes& attributes) {
    out.begin_object();
    for (const auto& [name, value] : attributes) {
        out.key(name);
        out.string(value);
    }
    out.end_object();
}

void read(Reading& in, const Node& node, Attributes& attributes) {
    if (!in.expect(node, Node::Kind::object)) return;
    for (const Node& child : node.children) in.inside(child.key, [&] { attributes[child.key] = in.string(child); });
}

void write(Writer& out, const Master& master) {
    out.begin_object();
    out.field("type", stemma::name_of(kMasterType, static_cast<MasterType>(master.index())));
    out.field("id", id_of(master));
    std::visit([&](const auto& record) { write_record(out, record); }, master);
    out.end_object();
}

void read(Reading& in, const Node& node, Master& master) {
    Fields fields{in, node};
    MasterType type{};
    fields.require("type");
    fields.choose("type", type, master_type_from);
    master = empty_record(type);
    std::visit(
        [&](auto& record) {
            fields.read("id", record.id);
            read_record(in, fields, record);
        },
        master);
    fields.done();
}

void write(Writer& out, const CaseEvent& event) {
    out.begin_object();
    out.field("case", event.case_id.str());
    out.field("workflow", event.workflow);
    out.number("version", event.version);
    out.field("type", event.type);
    out.field("item", event.item.str());
    write_attributes(out, "fields", event.fields);
    out.field("state", event.state);
    out.field("command", event.command);
    write_attributes(out, "given", event.given);
    out.end_object();
}

void read(Reading& in, const Node& node, CaseEvent& event) {
    Fields fields{in, node};
    fields.read("case", event.case_id);
    fields.read("workflow", event.workflow);
    fields.require("version");
    fields.read("version", event.version);
    fields.read("type", event.type);
    fields.read("item", event.item);
    read_attributes(in, fields, "fields", event.fields);
    fields.read("state", event.state);
    fields.read("command", event.command);
    read_attributes(in, fields, "given", event.given);
    fields.done();
}

void write(Writer& out, const SystemChange& change) {
    out.begin_object();
    out.field("subject", change.subject);
    out.field("action", change.action);
    write_attributes(out, "details", change.details);
    out.end_object();
}

void read(Reading& in, const Node& node, SystemChange& change) {
    Fields fields{in, node};
    fields.read("subject", change.subject);
    fields.read("action", change.action);
    read_attributes(in, fields, "details", change.details);
    fields.done();
}

void write(Writer& out, const Meeting& meeting) {
    out.begin_object();
    out.field("of", meeting.products ? "products" : "items");
    out.field("first", meeting.first);
    out.field("second", meeting.second);
    out.field("rule", to_string(meeting.rule));
    write_attributes(out, "agreed", meeting.agreed);
    if (meeting.apart) {
        out.key("apart");
        out.raw("true");
    }
    out.field("why", meeting.why);
    out.end_object();
}

void read(Reading& in, const Node& node, Meeting& meeting) {
    Fields fields{in, node};
    std::string of;
    fields.require("of");
    fields.read("of", of);
    meeting.products = of == "products";
    if (!meeting.products && of != "items") in.refuse("a meeting is one of products or of items", {}, "of");
    fields.require("first");
    fields.read("first", meeting.first);
    fields.require("second");
    fields.read("second", meeting.second);
    fields.require("rule");
    fields.choose("rule", meeting.rule, meeting_rule_from);
    read_attributes(in, fields, "agreed", meeting.agreed);
    fields.read("apart", meeting.apart);
    fields.read("why", meeting.why);
    fields.done();
}

}  // namespace stemma::json
