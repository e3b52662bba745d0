#include "core/engine/capture.hpp"

#include <fmt/format.h>

#include <span>

#include "core/base/text.hpp"
#include "core/engine/idempotency.hpp"
#include "core/engine/judge.hpp"
#include "core/engine/stored.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::engine {
namespace {

std::string body_json(const std::variant<Event, Master>& record) {
    const Event* event = std::get_if<Event>(&record);
    if (event == nullptr) return encode_json(std::get<Master>(record));
    if (!event->id.empty()) return encode_event(*event);
    Event named = *event;
    named.id = content_id(named);
    return encode_event(named);
}

std::unexpected<Error> at_record(std::size_t index, Error error) {
    error.where = fmt::format("/{}{}", index, error.where);
    return std::unexpected(std::move(error));
}

/// Digest over everything the caller said but the key: the same key with other content is a conflict.
std::string digest_of_command(const Capture& command) {
    std::string canonical = command.actor + '\n' + command.reason + '\n';
    for (const auto& record : command.records) {
        Entry entry;
        std::visit([&](const auto& body) { entry.body = body; }, record);
        canonical += encode(entry) + '\n';
    }
    return to_hex(sha256(canonical));
}

Result<void> check_frame(const Capture& command, const Limits& limits) {
    if (command.records.empty()) return fail(Errc::invalid_input, "there is nothing to record");
    if (command.records.size() > limits.batch_events_max)
        return fail(Errc::too_large,
                    fmt::format("{} records in one command, {} are allowed", command.records.size(), limits.batch_events_max), {},
                    "split the batch");
    return check_key_and_reason(command.key, command.reason, limits.event);
}

/// The command's signatures, as this entry has them.
void sign(Entry& entry, const Capture& command, const std::string& body) {
    entry.signatures = command.signatures;
    for (ElectronicSignature& signature : entry.signatures) {
        if (command.records.size() > 1) signature.command = signature.digest;
        signature.digest = to_hex(sha256(body));
    }
}

Result<void> check_size(std::size_t bytes, const Limits& limits) {
    if (bytes <= limits.event_bytes_max) return {};
    return fail(Errc::too_large, fmt::format("the event has {} bytes, {} are allowed", bytes, limits.event_bytes_max), {},
                "split it into several events; limits.event_bytes_max in stemma.yaml sets the limit");
}

Result<void> check_identifiers(const Item& item, const Limits& limits) {
    for (std::size_t i = 0; i < item.identifiers.size(); ++i) {
        const std::string& value = item.identifiers[i].value;
        const std::string where = fmt::format("/identifiers/{}/value", i);
        if (value.empty()) return fail(Errc::invalid_input, "an identifier is empty", where);
        if (value.size() > limits.identifier_bytes_max)
            return fail(Errc::invalid_input,
                        fmt::format("the {} '{}' has {} bytes, {} are allowed", item.identifiers[i].scheme, clip(value, 32), value.size(),
                                    limits.identifier_bytes_max),
                        where, "limits.identifier_bytes_max in stemma.yaml sets the limit");
        if (!is_clean_utf8(value)) return fail(Errc::invalid_input, "an identifier is not well-formed UTF-8, or holds a NUL", where);
    }
    return {};
}

Result<void> check_attributes(const Attributes& attributes, const Limits& limits) {
    for (const auto& [name, value] : attributes)
        if (name.empty() || name.size() > limits.event.text_bytes_max || value.size() > limits.event.text_bytes_max ||
            !is_clean_utf8(name) || !is_clean_utf8(value))
            return fail(Errc::invalid_input,
                        fmt::format("an attribute's name and value have at most {} bytes of clean text", limits.event.text_bytes_max),
                        "/attributes/" + clip(name));
    return {};
}

/// Of a party or place: the ledger cannot forget what it says of persons.
Result<void> check_open_attributes(const Attributes& attributes, const Limits& limits) {
    for (const auto& [name, value] : attributes)
        if (!is_open_attribute(name))
            return fail(Errc::invalid_input, fmt::format("'{}' is no attribute of a party or a place", clip(name)),
                        "/attributes/" + clip(name), "it may be country, market or kind");
    return check_attributes(attributes, limits);
}

Result<void> check_id_at(const std::string& id, const char* where) {
    Result<void> checked = check_uri(id);
    if (!checked) checked.error().where = where;
    return checked;
}

Result<void> check_short_texts(std::initializer_list<std::pair<const char*, const std::string*>> texts, const Limits& limits) {
    for (const auto& [where, text] : texts)
        if (text->size() > limits.event.text_bytes_max || !is_clean_utf8(*text))
            return fail(Errc::invalid_input, fmt::format("a text has at most {} bytes of well-formed UTF-8", limits.event.text_bytes_max),
                        where);
    return {};
}

Result<void> check_references(const Master& master) {
    const Item* item = std::get_if<Item>(&master);
    if (item != nullptr && !item->product.empty()) return check_id_at(item->product.str(), "/product");
    const Place* place = std::get_if<Place>(&master);
    if (place != nullptr && !place->parent.empty()) return check_id_at(place->parent.str(), "/parent");
    return {};
}

EventId id_by_content(Event event) {
    event.id = EventId{};
    return content_id(event);
}

/// Where an entry of this command stands in what was sent; "" for one that was recorded before it.
std::string place_in_command(Sequence sequence, const Receipt& receipt, std::span<const std::size_t> lines) {
    if (sequence < receipt.first) return {};
    const std::size_t record = sequence - receipt.first;
    return record < lines.size() ? fmt::format("line {}", lines[record]) : fmt::format("/{}", record);
}

/// A new id, or an error declaration about a known one. Ids of Stemma's own form are given by syncs: one that came first by another way
/// would keep the ERP's row out.
Result<void> check_event_id(Appending& tx, const Event& event, const Receipt& receipt, std::span<const std::size_t> lines) {
    const auto known = tx.unit().event(event.id);
    if (!known) return std::unexpected(known.error());
    if (!event.error) {
        if (event.id.str().starts_with(kUrnStart) && event.id != id_by_content(event))
            return fail(Errc::invalid_input, fmt::format("event ids that begin with {} are given by Stemma", kUrnStart), "/eventID",
                        "leave the eventID out, or take a URI of your own");
        if (const std::string place = *known ? place_in_command((*known)->sequence, receipt, lines) : ""; !place.empty())
            return fail(Errc::conflict, fmt::format("the event id {} stands here twice, also in {}", clip(event.id.str(), 128), place),
                        "/eventID", "nothing was recorded: send each event once, two different ones under ids of their own");
        if (*known)
            return fail(Errc::conflict,
                        fmt::format("the event id {} is already recorded, in entry {}", clip(event.id.str(), 128), (*known)->sequence),
                        "/eventID",
                        "an event is never changed: declare it wrong with an errorDeclaration and send the right one under a new id");
        return {};
    }
    if (!*known) return fail(Errc::not_found, fmt::format("there is no event {} to declare wrong", clip(event.id.str(), 128)), "/eventID");
    if ((*known)->voided_by)
        return fail(Errc::conflict, fmt::format("the event was already declared wrong, in entry {}", *(*known)->voided_by),
                    "/errorDeclaration");
    const auto rows = tx.unit().entries_at({(*known)->sequence});
    if (!rows) return std::unexpected(rows.error());
    const Result<Entry> recorded = decode_stored(rows->front());
    if (!recorded) return std::unexpected(recorded.error());
    Event taken_back = normalised(event);
    taken_back.error.reset();
    if (const auto* said = std::get_if<Event>(&recorded->body); said == nullptr || encode_event(*said) != encode_event(taken_back))
        return fail(Errc::conflict, fmt::format("the event says something else than entry {}, which it declares wrong", (*known)->sequence),
                    "/eventID", "repeat the event as it was recorded and add the errorDeclaration; send the right one under a new id");
    return {};
}

/// What a receipt says of one entry: its id and its verdict. In the order of the entries.
void add_to(Receipt& receipt, const EntryBody& body, const std::vector<Judgement>& judgements) {
    if (const Event* event = std::get_if<Event>(&body)) receipt.ids.push_back(event->id.str());
    if (const Master* master = std::get_if<Master>(&body)) receipt.ids.push_back(id_of(*master));
    receipt.judged = receipt.judged || !judgements.empty();
    const Verdict verdict = sum_of(judgements);
    if (worse(receipt.verdict.outcome, verdict.outcome) != receipt.verdict.outcome) receipt.worst = receipt.count;
    receipt.verdict.outcome = worse(receipt.verdict.outcome, verdict.outcome);
    receipt.verdict.findings.insert(receipt.verdict.findings.end(), verdict.findings.begin(), verdict.findings.end());
}

/// The receipt of a command that is already in the ledger: the verdict is the one given then.
Result<void> answer_again(Appending& tx, const CommandRow& command, Receipt& receipt) {
    const auto entries = entries_of(tx.unit(), command);
    if (!entries) return std::unexpected(entries.error());
    receipt.first = command.first;
    receipt.replayed = receipt.recorded = true;
    for (const Entry& entry : *entries) {
        add_to(receipt, entry.body, entry.judgements);
        ++receipt.count;
    }
    return {};
}

}  // namespace

std::string signed_digest(const std::vector<std::variant<Event, Master>>& records) {
    if (records.size() == 1) return to_hex(sha256(body_json(records.front())));
    std::string lines;
    for (const auto& record : records) lines += to_hex(sha256(body_json(record))) + '\n';
    return to_hex(sha256(lines));
}

EventId content_id(const Event& event) { return EventId{make_urn("event", "sha256", to_hex(sha256(encode_event(event))))}; }

Result<void> check_master(const Master& master, const Limits& limits) {
    if (auto ok = check_id_at(id_of(master), "/id"); !ok) return ok;
    if (auto ok = check_references(master); !ok) return ok;
    if (const Item* item = std::get_if<Item>(&master)) {
        if (auto ok = check_identifiers(*item, limits); !ok) return ok;
        return check_attributes(item->attributes, limits);
    }
    if (const Product* product = std::get_if<Product>(&master)) {
        if (!is_unit_code(product->unit))
            return fail(Errc::invalid_input, fmt::format("'{}' is not a unit code", clip(product->unit)), "/unit");
        if (auto ok = check_short_texts({{"/sku", &product->sku}, {"/name", &product->name}, {"/category", &product->category}}, limits);
            !ok)
            return ok;
        return check_attributes(product->attributes, limits);
    }
    if (const Place* place = std::get_if<Place>(&master)) {
        if (auto ok = check_short_texts({{"/code", &place->code}, {"/name", &place->name}}, limits); !ok) return ok;
        return check_open_attributes(place->attributes, limits);
    }
    const auto& party = std::get<Party>(master);
    if (auto ok = check_short_texts({{"/code", &party.code}}, limits); !ok) return ok;
    return check_open_attributes(party.attributes, limits);
}

Capturing::Capturing(Appender& appender, const PluginCatalog& plugins, const Limits& limits, UndecidedPolicy undecided)
    : appender_{appender}, plugins_{plugins}, limits_{limits}, undecided_{undecided} {}

/// A command whose form was checked. Records come before the first bad one, whose error stands beside them: what is to be said of the
/// others, and whether the command was carried out before, is only known at its turn.
struct Capturing::Prepared {
    std::string digest;
    std::vector<std::size_t> lines;  ///< as Capture::lines
    std::vector<Draft> drafts;
    std::optional<Error> bad;
    std::size_t bytes{0};
};

Result<Receipt> Capturing::capture(Capture command) {
    if (auto ok = check_frame(command, limits_); !ok) return fail(std::move(ok));
    const Instant at = appender_.entry_time();
    Prepared prepared = prepare(command, at);
    if (prepared.bad && prepared.drafts.empty() && command.key.empty()) return std::unexpected(*std::move(prepared.bad));
    const Demand demand{command.records.size(), prepared.bytes, true, at};
    Receipt receipt;
    const Result<void> done = appender_.run(
        [&](Appending& tx) -> Result<void> {
            const auto known = find_command(tx.unit(), command.key, prepared.digest);
            if (!known) return std::unexpected(known.error());
            if (*known) return answer_again(tx, **known, receipt);
            receipt.first = tx.position();
            if (auto ok = record_all(tx, prepared, receipt); !ok) return ok;
            const Outcome outcome = receipt.verdict.outcome;
            receipt.recorded = outcome != Outcome::refused && (outcome != Outcome::undecided || undecided_.allow);
            if (!receipt.recorded) tx.withdraw();
            return {};
        },
        demand);
    if (!done) return std::unexpected(done.error());
    if (!receipt.recorded) {
        receipt.first = 0;
        receipt.count = 0;
        receipt.ids.clear();
    }
    return receipt;
}

/// Takes the records out of the command.
Capturing::Prepared Capturing::prepare(Capture& command, Instant at) const {
    Prepared prepared;
    prepared.lines = std::move(command.lines);
    if (!command.key.empty()) prepared.digest = digest_of_command(command);
    prepared.drafts.reserve(command.records.size());
    for (std::size_t i = 0; i < command.records.size(); ++i) {
        Result<Draft> draft = prepare_one(command, std::move(command.records[i]), prepared.digest, at);
        if (!draft) {
            prepared.bad = at_record(i, std::move(draft.error())).error();
            break;
        }
        prepared.bytes += draft->encoded.bytes().size();
        prepared.drafts.push_back(*std::move(draft));
    }
    return prepared;
}

Result<Draft> Capturing::prepare_one(const Capture& command, std::variant<Event, Master> record, const std::string& digest,
                                     Instant at) const {
    Entry entry;
    entry.recorded_at = at;
    entry.actor = command.actor;
    entry.reason = command.reason;
    entry.command = command.key;
    entry.command_digest = digest;
    if (Event* event = std::get_if<Event>(&record)) {
        if (event->id.empty()) event->id = content_id(*event);
        const std::string json = encode_event(*event);
        if (auto ok = check_size(json.size(), limits_); !ok) return fail(std::move(ok));
        if (auto ok = check_event(*event, at, limits_.event); !ok) return fail(std::move(ok));
        entry.body = std::move(*event);
        sign(entry, command, json);
        return make_draft(std::move(entry), json);
    }
    auto& master = std::get<Master>(record);
    if (auto ok = check_master(master, limits_); !ok) return fail(std::move(ok));
    if (!command.signatures.empty()) sign(entry, command, encode_json(master));
    entry.body = std::move(master);
    return make_draft(std::move(entry));
}

Result<void> Capturing::record_all(Appending& tx, Prepared& prepared, Receipt& receipt) const {
    const std::shared_ptr<const PluginSet> plugins = plugins_.current();
    for (std::size_t i = 0; i < prepared.drafts.size(); ++i)
        if (auto ok = record_one(tx, *plugins, prepared, std::move(prepared.drafts[i]), receipt); !ok) {
            return ok.error().where.starts_with('/') ? at_record(i, std::move(ok.error())) : std::move(ok);
        }
    if (prepared.bad) return std::unexpected(*prepared.bad);
    return {};
}

/// Judges an event where it stands and appends it. To take back what should not stand is never refused.
Result<void> Capturing::record_one(Appending& tx, const PluginSet& plugins, const Prepared& prepared, Draft draft, Receipt& receipt) const {
    std::vector<Judgement> judgements;
    if (const Event* event = std::get_if<Event>(&draft.entry.body)) {
        if (auto ok = check_event_id(tx, *event, receipt, prepared.lines); !ok) return ok;
        if (!event->error) {
            FactReader reader = tx.facts(limits_);
            auto judged = judge_event(plugins, *event, Standing::commanded, tx.recorded_at(), reader);
            if (!judged) return std::unexpected(judged.error());
            judgements = *std::move(judged);
        }
    } else if (const Item* item = std::get_if<Item>(std::get_if<Master>(&draft.entry.body))) {
        judgements = judge_identifiers(plugins, *item, Standing::commanded, tx.position());
    }
    add_to(receipt, draft.entry.body, judgements);
    if (auto added = tx.add(std::move(draft), std::move(judgements)); !added) return std::unexpected(added.error());
    ++receipt.count;
    return {};
}

}  // namespace stemma::engine
