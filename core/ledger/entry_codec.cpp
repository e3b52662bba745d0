#include "core/ledger/entry_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <utility>

#include "core/base/digest.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma {
namespace json {
namespace {

constexpr std::uint64_t kForm = 1;  ///< of the entry's JSON; another one means a newer Stemma wrote it

void write_source(Writer& out, const SourceRow& row) {
    out.key("source");
    out.begin_object();
    out.field("source", row.source);
    out.field("query", row.query);
    out.field("key", row.key);
    out.field("digest", row.digest);
    out.end_object();
}

SourceRow read_source(Reading& in, const Node& node) {
    SourceRow row;
    Fields fields{in, node};
    fields.read("source", row.source);
    fields.read("query", row.query);
    fields.read("key", row.key);
    fields.read("digest", row.digest);
    fields.done();
    return row;
}

constexpr std::array<std::string_view, 5> kBodies{"event", "master", "case", "system", "meeting"};  // in the order of the variant

std::string_view field_of(const EntryBody& body) { return kBodies[body.index()]; }

template <class Body>
void read_body(Reading& in, Fields& fields, std::string_view name, EntryBody& out) {
    fields.with(name, [&](const Node& node) {
        Body body;
        read(in, node, body);
        out = std::move(body);
    });
}

void read_form(Reading& in, Fields& fields) {
    std::uint64_t form = 0;
    fields.require("form");
    fields.read("form", form);
    if (!in.refused() && form != kForm)
        in.refuse(fmt::format("the entry is written in form {}, this version reads form {}", form, kForm), "use a newer Stemma", "form");
}

template <class WriteBody>
void write_entry(Writer& out, const Entry& entry, WriteBody write_body) {
    out.begin_object();
    out.number("form", kForm);
    out.field("recordTime", format_instant(entry.recorded_at));
    out.field("actor", entry.actor);
    out.field("reason", entry.reason);
    out.field("command", entry.command);
    out.field("commandDigest", entry.command_digest);
    if (entry.source) write_source(out, *entry.source);
    out.list("signatures", entry.signatures, [&](const ElectronicSignature& signature) { write(out, signature); });
    out.key(field_of(entry.body));
    write_body();
    out.list("judgements", entry.judgements, [&](const Judgement& judgement) { write(out, judgement); });
    out.end_object();
}

}  // namespace

void write(Writer& out, const ElectronicSignature& signature) {
    out.begin_object();
    out.field("user", signature.user);
    out.field("meaning", signature.meaning);
    out.field("reason", signature.reason);
    out.field("at", format_instant(signature.at));
    out.field("said", signature.said);
    out.field("digest", signature.digest);
    out.field("command", signature.command);
    out.end_object();
}

void read(Reading& in, const Node& node, ElectronicSignature& signature) {
    Fields fields{in, node};
    fields.need("user", signature.user);
    fields.need("meaning", signature.meaning);
    fields.read("reason", signature.reason);
    fields.require("at");
    fields.read("at", signature.at);
    fields.read("said", signature.said);
    fields.need("digest", signature.digest);
    fields.read("command", signature.command);
    fields.done();
}

void write(Writer& out, const Entry& entry) {
    write_entry(out, entry, [&] { std::visit([&](const auto& body) { write(out, body); }, entry.body); });
}

void read(Reading& in, const Node& node, Entry& entry) {
    Fields fields{in, node};
    read_form(in, fields);
    fields.require("recordTime");
    fields.read("recordTime", entry.recorded_at);
    fields.read("actor", entry.actor);
    fields.read("reason", entry.reason);
    fields.read("command", entry.command);
    fields.read("commandDigest", entry.command_digest);
    fields.with("source", [&](const Node& source) { entry.source = read_source(in, source); });
    fields.each("signatures", [&](const Node& signature) { read(in, signature, entry.signatures.emplace_back()); });
    int bodies = 0;
    for (const std::string_view body : kBodies) bodies += int{fields.has(body)};
    if (bodies != 1) in.refuse("an entry has exactly one of event, master, case, system and meeting");
    read_body<Event>(in, fields, "event", entry.body);
    read_body<Master>(in, fields, "master", entry.body);
    read_body<CaseEvent>(in, fields, "case", entry.body);
    read_body<SystemChange>(in, fields, "system", entry.body);
    read_body<Meeting>(in, fields, "meeting", entry.body);
    fields.each("judgements", [&](const Node& judgement) { read(in, judgement, entry.judgements.emplace_back()); });
    fields.done();
}

}  // namespace json

namespace {

template <class Value>
std::string encoded(const Value& value) {
    json::Writer out;
    json::write(out, value);
    return out.take();
}

template <class Value>
Result<Value> decoded(std::string_view text, const JsonLimits& limits) {
    const Result<json::Node> tree = json::parse(text, limits);
    if (!tree) return std::unexpected(tree.error());
    json::Reading reading;
    Value value;
    json::read(reading, *tree, value);
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return value;
}

void name_pieces(std::optional<Quantity>& quantity) {
    if (quantity && quantity->unit.empty()) quantity->unit = Quantity{}.unit;
}

void put_instances_first(std::vector<ItemQuantity>& list) {
    const auto is_instance = [](const ItemQuantity& entry) { return !entry.quantity.has_value(); };
    if (std::ranges::is_partitioned(list, is_instance)) return;  // nearly always
    std::vector<ItemQuantity> ordered;
    std::ranges::copy_if(list, std::back_inserter(ordered), is_instance);
    std::ranges::copy_if(list, std::back_inserter(ordered), std::not_fn(is_instance));
    list = std::move(ordered);
}

}  // namespace

Event normalised(Event event) {
    for (auto* list : {&event.items, &event.inputs, &event.outputs}) {
        put_instances_first(*list);
        for (ItemQuantity& entry : *list) name_pieces(entry.quantity);
    }
    for (SensorReport& report : event.sensors) name_pieces(report.value);
    if (event.type == EventType::transformation) event.action = Event{}.action;
    return event;
}

std::string encode(const Entry& entry) { return encoded(entry); }
std::string encode(const Entry& entry, std::string_view body_json) {
    json::Writer out;
    json::write_entry(out, entry, [&] { out.raw(body_json); });
    return out.take();
}
Result<Entry> decode(std::string_view bytes) { return decoded<Entry>(bytes, kEntryLimits); }
std::string encode_event(const Event& event) { return encoded(event); }
Result<Event> decode_event(std::string_view json, const JsonLimits& limits) { return decoded<Event>(json, limits); }
std::string wrong_signature(const Entry& entry) {
    for (const ElectronicSignature& signature : entry.signatures) {
        const std::string body = std::visit([](const auto& one) { return encoded(one); }, entry.body);
        if (to_hex(sha256(signature.said.empty() ? body : signature.said)) != signature.digest)
            return fmt::format("what {} signed is not what it holds", signature.user);
    }
    return {};
}
std::string command_digest(const Event& event) { return to_hex(sha256(encode_event(event))); }

std::string encode_json(const Master& master) { return encoded(master); }
std::string encode_json(const CaseEvent& event) { return encoded(event); }
std::string encode_json(const SystemChange& change) { return encoded(change); }
std::string encode_json(const FactTable& table) { return encoded(table); }
std::string encode_json(const Verdict& verdict) { return encoded(verdict); }
std::string encode_json(const Judgement& judgement) { return encoded(judgement); }

}  // namespace stemma
