// /events, /master: reading events, and capture: what a user or a program records. A command is judged and may be refused;
// a refused one records nothing and answers 422 with the findings.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "core/engine/stored.hpp"
#include "core/ledger/codec_parts.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::http {
namespace {

constexpr std::string_view kFirstRecord = "/0";  ///< the engine numbers records; one that was sent by itself is the whole body

Result<std::string> list(Api& api, const Request& request) {
    const auto limit = number_of(request, "limit", kPageDefault, 1, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    const auto cursor = number_of(request, "cursor", 0, 0, UINT64_MAX);
    if (!cursor) return std::unexpected(cursor.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto page = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.events(
        *cursor, *limit, request.parameter("biz_step").value_or(""));
    if (!page) return std::unexpected(page.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    json::Writer out;
    out.begin_object();
    out.key("events");
    out.begin_array();
    for (const engine::EntryLine& line : page->rows) write_entry_line(out, line, names);
    out.end_array();
    if (page->next != 0) out.number("next", page->next);
    out.end_object();
    return out.take();
}

Result<std::string> show(Api& api, const Request& request) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto line = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.event(EventId{request.argument("id")});
    if (!line) return std::unexpected(line.error());
    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    json::Writer out;
    write_entry_line(out, *line, names, NamesOf::items_too);
    return out.take();
}

/// One record, or an array of them. Pointers of errors lead into the body as it was sent.
template <class Record>
Result<void> read_records(const Request& request, const engine::Limits& limits, std::vector<std::variant<Event, Master>>& records,
                          bool& single) {
    const JsonLimits json_limits{limits.event_bytes_max * limits.batch_events_max, JsonLimits{}.depth_max, JsonLimits{}.values_max};
    const Result<json::Node> tree = json::parse(request.body, json_limits);
    if (!tree) return std::unexpected(tree.error());
    json::Reading reading;
    const auto read_one = [&](const json::Node& node) {
        Record record;
        json::read(reading, node, record);
        records.emplace_back(std::move(record));
    };
    single = tree->kind != json::Node::Kind::array;
    if (single) {
        read_one(*tree);
    } else {
        if (tree->children.size() > limits.batch_events_max)
            return fail(Errc::too_large,
                        fmt::format("{} records in one request, {} are allowed", tree->children.size(), limits.batch_events_max), {},
                        "limits.batch_events_max in stemma.yaml sets the limit; split the batch");
        reading.each(*tree, read_one);
    }
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return {};
}

/// What the records of a receipt are called, and whether any of them was judged.
struct Recorded {
    std::vector<std::string> ids;  ///< in the order they were sent
    bool judged{false};
};

Result<Recorded> read_recorded(Api& api, const engine::Receipt& receipt) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto rows = (*snapshot)->entries(receipt.first, receipt.count);
    if (!rows) return std::unexpected(rows.error());
    Recorded recorded;
    for (const StoredEntry& row : *rows) {
        const auto entry = engine::decode_stored(row);
        if (!entry) return std::unexpected(entry.error());
        if (const Event* event = std::get_if<Event>(&entry->body)) recorded.ids.push_back(event->id.str());
        if (const Master* master = std::get_if<Master>(&entry->body)) recorded.ids.push_back(id_of(*master));
        recorded.judged = recorded.judged || !entry->judgements.empty();
    }
    return recorded;
}

Response receipt_response(const engine::Receipt& receipt, const Recorded& recorded) {
    json::Writer out;
    out.begin_object();
    if (!receipt.recorded) {
        const bool undecided = receipt.verdict.outcome == Outcome::undecided;
        out.field("type", undecided ? "/problems/undecided" : "/problems/refused");
        out.field("title", undecided ? "No verdict" : "Refused");
        out.number("status", 422);
        out.field("detail", undecided ? "a plugin could not decide; nothing was recorded"
                                      : "a rule or numbering plugin refused it; nothing was recorded");
    } else {
        out.number("first", receipt.first);
        out.number("count", receipt.count);
        write_flag(out, "replayed", receipt.replayed);
        write_flag(out, "judged", recorded.judged);
        write_texts(out, "ids", recorded.ids);
    }
    out.key("verdict");
    json::write(out, receipt.verdict);
    out.end_object();
    return {receipt.recorded ? 201 : 422, receipt.recorded ? "application/json" : "application/problem+json", out.take(), {}};
}

template <class Record>
Response capture(Api& api, const Request& request) {
    const auto actor = actor_of(request);
    if (!actor) return problem(actor.error());
    if (request.body.empty())
        return problem(Error{Errc::invalid_input, "the body is empty", "", "send one JSON object or an array of them"});
    engine::Capture command{*actor, request.parameter("reason").value_or(""), std::string{request.header("idempotency-key")}, {}};
    bool single = false;
    if (auto read = read_records<Record>(request, api.engine.limits(), command.records, single); !read) return problem(read.error());
    auto receipt = api.engine.capture(command);
    if (receipt) {
        // It is recorded, whether it can be read again or not.
        return receipt_response(*receipt, receipt->recorded ? read_recorded(api, *receipt).value_or(Recorded{{}, true}) : Recorded{});
    }
    if (single && receipt.error().where.starts_with(kFirstRecord)) receipt.error().where.erase(0, kFirstRecord.size());
    return problem(receipt.error());
}

}  // namespace

void add_event_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/events", {"limit", "cursor", "biz_step"}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"GET", "/api/v1/events/{id}", {}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add({"POST", "/api/v1/events", {"reason"}, [&](const Request& r) { return capture<Event>(api, r); }});
    router.add({"POST", "/api/v1/master", {"reason"}, [&](const Request& r) { return capture<Master>(api, r); }});
}

}  // namespace stemma::http
