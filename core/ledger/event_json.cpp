// An event as EPCIS 2.0 JSON (GS1 EPCIS 2.0 section 10, JSON Schema of the standard), with two fields of our own: stemma:dateOnly and
// stemma:number. Vocabulary is written by its CBV 2.0 short name and read in each of the standard's spellings.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::json {
namespace {

constexpr std::string_view kPieces = "C62";

/// The standard's other spellings of one vocabulary: "urn:epcglobal:cbv:<urn>:name", "https://ref.gs1.org/cbv/<web>-name",
/// "cbv:<web>-name".
struct Vocabulary {
    std::string_view urn;
    std::string_view web;
};
constexpr Vocabulary kBizStep{"bizstep", "BizStep"};
constexpr Vocabulary kDisposition{"disp", "Disp"};
constexpr Vocabulary kDocumentType{"btt", "BTT"};
constexpr Vocabulary kEndType{"sdt", "SDT"};
constexpr Vocabulary kErrorReason{"er", "ER"};

const std::vector<std::string_view> kEventFieldsNotKept{"certificationInfo", "persistentDisposition"};
const std::vector<std::string_view> kMetadataFieldsNotKept{"bizRules", "dataProcessingMethod", "deviceMetadata", "endTime", "rawData",
                                                           "startTime"};
const std::vector<std::string_view> kReportFieldsNotKept{"bizRules",
                                                         "booleanValue",
                                                         "chemicalSubstance",
                                                         "component",
                                                         "coordinateReferenceSystem",
                                                         "dataProcessingMethod",
                                                         "deviceMetadata",
                                                         "exception",
                                                         "hexBinaryValue",
                                                         "maxValue",
                                                         "meanValue",
                                                         "microorganism",
                                                         "minValue",
                                                         "percRank",
                                                         "percValue",
                                                         "rawData",
                                                         "sDev",
                                                         "uriValue"};

bool is_parented(EventType type) noexcept { return type == EventType::aggregation || type == EventType::association; }

/// The two EPCIS lists that one list of ours is written to.
struct ItemLists {
    std::string_view instances;
    std::string_view classes;
};
constexpr ItemLists kObjects{"epcList", "quantityList"};
constexpr ItemLists kChildren{"childEPCs", "childQuantityList"};
constexpr ItemLists kInputs{"inputEPCList", "inputQuantityList"};
constexpr ItemLists kOutputs{"outputEPCList", "outputQuantityList"};

void write_items(Writer& out, const ItemLists& names, const std::vector<ItemQuantity>& items) {
    std::vector<const ItemQuantity*> instances;
    std::vector<const ItemQuantity*> classes;
    for (const ItemQuantity& entry : items) (entry.quantity ? classes : instances).push_back(&entry);
    out.list(names.instances, instances, [&](const ItemQuantity* entry) { out.string(entry->item.str()); });
    out.list(names.classes, classes, [&](const ItemQuantity* entry) {
        out.begin_object();
        out.field("epcClass", entry->item.str());
        write_quantity(out, "quantity", *entry->quantity);
        out.end_object();
    });
}

void write_place(Writer& out, std::string_view name, const PlaceId& place) {
    if (place.empty()) return;
    out.key(name);
    out.begin_object();
    out.field("id", place.str());
    out.end_object();
}

void write_ends(Writer& out, std::string_view list, std::string_view name, const std::vector<SourceDest>& ends) {
    out.list(list, ends, [&](const SourceDest& end) {
        out.begin_object();
        out.field("type", end.type);
        out.field(name, end.id);
        out.end_object();
    });
}

void write_sensor(Writer& out, const SensorReport& report) {
    out.begin_object();
    out.field("type", report.type);
    if (report.time) out.field("time", format_instant(*report.time));
    out.field("deviceID", report.device);
    if (report.value) write_quantity(out, "value", *report.value);
    out.field("stringValue", report.string_value);
    out.end_object();
}

void write_sensors(Writer& out, const std::vector<SensorReport>& reports) {
    if (reports.empty()) return;
    out.key("sensorElementList");
    out.begin_array();
    out.begin_object();
    out.list("sensorReport", reports, [&](const SensorReport& report) { write_sensor(out, report); });
    out.end_object();
    out.end_array();
}

void write_error(Writer& out, const ErrorDeclaration& error) {
    out.key("errorDeclaration");
    out.begin_object();
    out.field("declarationTime", format_instant(error.declared_at));
    out.field("reason", error.reason);
    out.list("correctiveEventIDs", error.corrective_events, [&](const EventId& id) { out.string(id.str()); });
    out.end_object();
}

/// Also a prefix of a prefix goes, so that a name that was read is read as itself ever after.
std::string short_name(std::string text, const Vocabulary& vocabulary) {
    if (!text.contains(':')) return text;
    const std::array prefixes{fmt::format("urn:epcglobal:cbv:{}:", vocabulary.urn),
                              fmt::format("https://ref.gs1.org/cbv/{}-", vocabulary.web), fmt::format("cbv:{}-", vocabulary.web)};
    const auto begins = [&](const std::string& prefix) { return text.starts_with(prefix); };
    for (auto found = std::ranges::find_if(prefixes, begins); found != prefixes.end(); found = std::ranges::find_if(prefixes, begins))
        text.erase(0, found->size());
    return text;
}

void read_name(Reading& in, Fields& fields, std::string_view name, const Vocabulary& vocabulary, std::string& out) {
    fields.with(name, [&](const Node& node) { out = short_name(in.string(node), vocabulary); });
}

void read_offset(Reading& in, const Node& node, std::string& out) {
    const std::string text = in.string(node);
    if (in.refused()) return;
    const auto written = parse_time("2000-01-01T00:00:00" + text);
    if (text.find_first_of("+-Z") != 0 || !written)
        return in.refuse(fmt::format("'{}' is not an offset from UTC", clip(text)), "write it as +02:00");
    out = written->offset;
}

void read_time(Reading& in, Fields& fields, WrittenTime& out) {
    fields.require("eventTime");
    fields.with("eventTime", [&](const Node& node) { out = in.time(node); });
    fields.with("eventTimeZoneOffset", [&](const Node& node) { read_offset(in, node, out.offset); });
    fields.with("stemma:dateOnly", [&](const Node& node) {
        out.date_only = in.flag(node) || out.date_only;
        if (!in.refused() && out.date_only && out.instant.us % kMicrosPerDay != 0)
            in.refuse("an eventTime that is only a date has a time of day", "write its time as 00:00:00Z");
    });
}

void read_items(Reading& in, Fields& fields, const ItemLists& names, std::vector<ItemQuantity>& out) {
    fields.with(names.instances, [&](const Node& list) {
        out.reserve(list.children.size());
        in.each(list, [&](const Node& node) { out.push_back({ItemId{in.string(node)}, std::nullopt}); });
    });
    fields.each(names.classes, [&](const Node& node) {
        Fields entry{in, node};
        ItemQuantity& read = out.emplace_back();
        entry.need("epcClass", read.item);
        entry.require("quantity");
        read.quantity = read_quantity(in, entry, "quantity");
        entry.done();
    });
}

/// Goods stand in epcList or, where the event has a parent, in childEPCs: never in the other.
void refuse_items(Reading& in, const Fields& fields, const ItemLists& wrong, const ItemLists& right, EventType type) {
    for (const std::string_view name : {wrong.instances, wrong.classes})
        if (fields.has(name))
            in.refuse(fmt::format("an {} has no {}", to_string(type), name),
                      fmt::format("its goods stand in {} and {}", right.instances, right.classes), name);
}

void read_place(Reading& in, Fields& fields, std::string_view name, PlaceId& out) {
    fields.with(name, [&](const Node& node) {
        Fields place{in, node};
        place.need("id", out);
        place.done();
    });
}

void read_documents(Reading& in, Fields& fields, std::vector<BizTransaction>& out) {
    fields.each("bizTransactionList", [&](const Node& node) {
        Fields document{in, node};
        BizTransaction& read = out.emplace_back();
        read_name(in, document, "type", kDocumentType, read.type);
        document.need("bizTransaction", read.id);
        document.read("stemma:number", read.number);
        document.done();
    });
}

void read_ends(Reading& in, Fields& fields, std::string_view list, std::string_view name, std::vector<SourceDest>& out) {
    fields.each(list, [&](const Node& node) {
        Fields end{in, node};
        SourceDest& read = out.emplace_back();
        end.require("type");
        read_name(in, end, "type", kEndType, read.type);
        end.need(name, read.id);
        end.done();
    });
}

/// What sensorMetadata says for all reports of its element.
struct SensorDefaults {
    std::optional<Instant> time;
    std::string device;
};

SensorReport read_sensor(Reading& in, const Node& node, const SensorDefaults& defaults) {
    Fields fields{in, node};
    SensorReport report{.type = {}, .value = {}, .string_value = {}, .time = defaults.time, .device = defaults.device};
    fields.read("type", report.type);
    fields.with("time", [&](const Node& time) { report.time = in.time(time).instant; });
    fields.read("deviceID", report.device);
    if (fields.has("value")) report.value = read_quantity(in, fields, "value");
    fields.ignore("uom");
    fields.read("stringValue", report.string_value);
    fields.done(kReportFieldsNotKept);
    if (!report.value && fields.has("uom")) in.refuse("a uom without a value", "write the value as a number beside it", "uom");
    return report;
}

void read_sensors(Reading& in, Fields& fields, std::vector<SensorReport>& out) {
    fields.each("sensorElementList", [&](const Node& node) {
        Fields element{in, node};
        SensorDefaults defaults;
        element.with("sensorMetadata", [&](const Node& node_of_metadata) {
            Fields metadata{in, node_of_metadata};
            metadata.with("time", [&](const Node& time) { defaults.time = in.time(time).instant; });
            metadata.read("deviceID", defaults.device);
            metadata.done(kMetadataFieldsNotKept);
        });
        element.require("sensorReport");
        element.each("sensorReport", [&](const Node& report) { out.push_back(read_sensor(in, report, defaults)); });
        element.done();
    });
}

void read_error(Reading& in, const Node& node, std::optional<ErrorDeclaration>& out) {
    Fields fields{in, node};
    out.emplace();
    fields.require("declarationTime");
    fields.read("declarationTime", out->declared_at);
    read_name(in, fields, "reason", kErrorReason, out->reason);
    fields.each("correctiveEventIDs", [&](const Node& id) { out->corrective_events.emplace_back(in.string(id)); });
    fields.done();
}

/// CBV's own names of ILMD come with its prefix; ours are bare.
void read_ilmd(Reading& in, const Node& node, Attributes& out) {
    constexpr std::array<std::string_view, 2> kPrefixes{"cbvmda:", "urn:epcglobal:cbv:mda:"};
    Attributes written;
    read(in, node, written);
    for (auto& [name, value] : written) {
        std::string_view bare = name;
        const auto begins = [&](std::string_view prefix) { return bare.starts_with(prefix); };
        for (auto found = std::ranges::find_if(kPrefixes, begins); found != kPrefixes.end();
             found = std::ranges::find_if(kPrefixes, begins))
            bare.remove_prefix(found->size());
        if (!out.emplace(bare, std::move(value)).second)
            return in.refuse(fmt::format("the field '{}' stands here twice", clip(bare)), "with and without its prefix", name);
    }
}

void read_action(Reading& in, Fields& fields, const Event& event, Action& out) {
    if (event.type != EventType::transformation)
        fields.require("action");
    else if (fields.has("action"))
        in.refuse("a TransformationEvent has no action", "leave it out", "action");
    fields.choose("action", out, action_from);
}

}  // namespace

void write_quantity(Writer& out, std::string_view name, const Quantity& quantity) {
    out.key(name);
    out.raw(format_micros(quantity.micros));
    if (quantity.unit != kPieces) out.field("uom", quantity.unit);
}

Quantity read_quantity(Reading& in, Fields& fields, std::string_view name) {
    Quantity quantity;
    fields.with(name, [&](const Node& node) { quantity.micros = in.micros(node); });
    fields.read("uom", quantity.unit);
    if (quantity.unit.empty()) quantity.unit = kPieces;
    return quantity;
}

void write(Writer& out, const Event& event) {
    out.begin_object();
    out.field("type", to_string(event.type));
    out.field("eventID", event.id.str());
    out.field("eventTime", format_instant(event.time.instant));
    out.field("eventTimeZoneOffset", event.time.offset);
    if (event.time.date_only) {
        out.key("stemma:dateOnly");
        out.raw("true");
    }
    if (event.type != EventType::transformation) out.field("action", to_string(event.action));
    out.field("bizStep", event.biz_step);
    out.field("disposition", event.disposition);
    write_place(out, "readPoint", event.read_point);
    write_place(out, "bizLocation", event.biz_location);
    if (!is_parented(event.type)) write_items(out, kObjects, event.items);
    out.field("parentID", event.parent.str());
    if (is_parented(event.type)) write_items(out, kChildren, event.items);
    write_items(out, kInputs, event.inputs);
    write_items(out, kOutputs, event.outputs);
    out.field("transformationID", event.transformation.str());
    out.list("bizTransactionList", event.documents, [&](const BizTransaction& document) {
        out.begin_object();
        out.field("type", document.type);
        out.field("bizTransaction", document.id.str());
        out.field("stemma:number", document.number);
        out.end_object();
    });
    write_ends(out, "sourceList", "source", event.sources);
    write_ends(out, "destinationList", "destination", event.destinations);
    write_sensors(out, event.sensors);
    if (!event.ilmd.empty()) {
        out.key("ilmd");
        write(out, event.ilmd);
    }
    if (event.error) write_error(out, *event.error);
    out.end_object();
}

void read(Reading& in, const Node& node, Event& event) {
    Fields fields{in, node};
    fields.require("type");
    fields.choose("type", event.type, event_type_from);
    fields.read("eventID", event.id);
    read_time(in, fields, event.time);
    read_action(in, fields, event, event.action);
    read_name(in, fields, "bizStep", kBizStep, event.biz_step);
    read_name(in, fields, "disposition", kDisposition, event.disposition);
    read_place(in, fields, "readPoint", event.read_point);
    read_place(in, fields, "bizLocation", event.biz_location);
    const bool parented = is_parented(event.type);
    const ItemLists& own = parented ? kChildren : kObjects;
    refuse_items(in, fields, parented ? kObjects : kChildren, own, event.type);
    read_items(in, fields, own, event.items);
    fields.read("parentID", event.parent);
    read_items(in, fields, kInputs, event.inputs);
    read_items(in, fields, kOutputs, event.outputs);
    fields.read("transformationID", event.transformation);
    read_documents(in, fields, event.documents);
    read_ends(in, fields, "sourceList", "source", event.sources);
    read_ends(in, fields, "destinationList", "destination", event.destinations);
    read_sensors(in, fields, event.sensors);
    fields.with("ilmd", [&](const Node& ilmd) { read_ilmd(in, ilmd, event.ilmd); });
    fields.with("errorDeclaration", [&](const Node& error) { read_error(in, error, event.error); });
    fields.ignore("recordTime");  // the repository's own: an entry has it
    for (const Node& field : node.children)
        if (field.key.starts_with("@context")) fields.ignore(field.key);
    fields.done(kEventFieldsNotKept);
}

}  // namespace stemma::json
