// /events, /master: reading events, and capture: what a user or a program records. A command is judged and may be refused;
// a refused one records nothing and answers 422 with the findings.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "adapters/http/api.hpp"
#include "adapters/http/signing.hpp"
#include "core/base/text.hpp"
#include "core/ledger/codec_parts.hpp"
#include "core/ledger/entry_codec.hpp"

namespace stemma::http {
namespace {

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

/// What a body asks to be recorded.
struct Body {
    enum class Shape : unsigned char { single, array, lines };
    Shape shape{Shape::single};
    std::vector<std::variant<Event, Master>> records;
    std::vector<std::size_t> lines;  ///< of each record, where the body has lines; the first one is 1
};

std::unexpected<Error> too_many(const engine::Limits& limits, std::string_view found) {
    return fail(Errc::too_large, fmt::format("{} records in one request, {} are allowed", found, limits.batch_events_max), {},
                "limits.batch_events_max in stemma.yaml sets the limit; split the batch");
}

Error at_line(std::size_t line, Error error) {
    error.where = error.where.empty() ? fmt::format("line {}", line) : fmt::format("line {}: {}", line, error.where);
    return error;
}

JsonLimits json_limits(const engine::Limits& limits) {
    return {limits.event_bytes_max * limits.batch_events_max, JsonLimits{}.depth_max, JsonLimits{}.values_max};
}

/// One line is a record and others follow: not JSON, but what is sent as lines.
bool is_lines(std::string_view text, const JsonLimits& limits) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return false;
    const std::size_t end = text.find('\n', begin);
    return end != std::string_view::npos && json::parse(text.substr(begin, end - begin), limits).has_value();
}

/// One record, or an array of them. Pointers of errors lead into the body as it was sent.
template <class Record>
Result<void> read_json(const Request& request, const engine::Limits& limits, Body& body) {
    const std::string_view text = without_byte_order_mark(request.body);
    Result<json::Node> tree = json::parse(text, json_limits(limits));
    if (!tree) {
        if (tree.error().hint.empty() && is_lines(text, json_limits(limits)))
            tree.error().hint = "one record a line is sent as Content-Type: application/x-ndjson; stemma event capture --lines does that";
        return std::unexpected(tree.error());
    }
    json::Reading reading;
    const auto read_one = [&](const json::Node& node) {
        Record record;
        json::read(reading, node, record);
        body.records.emplace_back(std::move(record));
    };
    body.shape = tree->kind == json::Node::Kind::array ? Body::Shape::array : Body::Shape::single;
    if (body.shape == Body::Shape::single) {
        read_one(*tree);
    } else {
        if (tree->children.size() > limits.batch_events_max) return too_many(limits, fmt::format("{}", tree->children.size()));
        reading.each(*tree, read_one);
    }
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return {};
}

/// A record a line; empty lines are passed over. Errors name the line and lead into it.
template <class Record>
Result<void> read_lines(std::string_view text, const engine::Limits& limits, Body& body) {
    body.shape = Body::Shape::lines;
    text = without_byte_order_mark(text);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        if (body.records.size() == limits.batch_events_max) return too_many(limits, fmt::format("more than {}", limits.batch_events_max));
        const Result<json::Node> tree = json::parse(line, json_limits(limits));
        if (!tree) return std::unexpected(at_line(number, tree.error()));
        json::Reading reading;
        Record record;
        json::read(reading, *tree, record);
        if (reading.refused()) return std::unexpected(at_line(number, std::move(reading).error()));
        body.records.emplace_back(std::move(record));
        body.lines.push_back(number);
    }
    return {};
}

/// The engine numbers the records ("/16/eventTime"); the sender knows a body, an array or lines.
Error in_terms_of_body(Error error, const Body& body) {
    if (body.shape == Body::Shape::array || !error.where.starts_with('/')) return error;
    const std::size_t end = std::min(error.where.find('/', 1), error.where.size());
    std::size_t index = 0;
    const auto [rest, wrong] = std::from_chars(error.where.data() + 1, error.where.data() + end, index);
    if (wrong != std::errc{} || rest != error.where.data() + end) return error;
    error.where.erase(0, end);
    return body.shape == Body::Shape::single ? error : at_line(body.lines.at(index), std::move(error));
}

/// Where a record stands in the body; "" of a body that is one record.
std::string place_of(std::size_t record, const Body& body) {
    if (body.shape == Body::Shape::single) return {};
    return body.shape == Body::Shape::array ? fmt::format("/{}", record) : fmt::format("line {}", body.lines.at(record));
}

Response receipt_response(const engine::Receipt& receipt, const Body& body) {
    json::Writer out;
    out.begin_object();
    if (!receipt.recorded) {
        const bool undecided = receipt.verdict.outcome == Outcome::undecided;
        out.field("type", undecided ? "/problems/undecided" : "/problems/refused");
        out.field("title", undecided ? "No verdict" : "Refused");
        out.number("status", 422);
        out.field("detail", undecided ? "a plugin could not decide; nothing was recorded"
                                      : "a rule or numbering plugin refused it; nothing was recorded");
        if (const std::string place = place_of(receipt.worst, body); !place.empty()) out.field("pointer", place);
    } else {
        out.number("first", receipt.first);
        out.number("count", receipt.count);
        write_flag(out, "replayed", receipt.replayed);
        write_flag(out, "judged", receipt.judged);
        write_texts(out, "ids", receipt.ids);
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
    Body body;
    const engine::Limits& limits = api.engine.limits();
    const Result<void> read =
        request.is_ndjson() ? read_lines<Record>(request.body, limits, body) : read_json<Record>(request, limits, body);
    if (!read) return problem(read.error());
    command.records = std::move(body.records);
    constexpr Act kAct = std::is_same_v<Record, Event> ? Act::events_record : Act::master_record;
    if (may_need_signature(api, kAct)) {
        const Signable signable{kAct, {}, {}, {{}, engine::signed_digest(command.records)}};
        if (auto answer = take_signatures(api, request, signable, command.signatures)) return *std::move(answer);
    }
    command.lines = body.lines;
    const auto receipt = api.engine.capture(std::move(command));
    return receipt ? receipt_response(*receipt, body) : problem(in_terms_of_body(receipt.error(), body));
}

}  // namespace

void add_event_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/events", {"limit", "cursor", "biz_step"}, json_handler([&](const Request& r) { return list(api, r); })});
    router.add({"GET", "/api/v1/events/{id}", {}, json_handler([&](const Request& r) { return show(api, r); })});
    router.add({"POST", "/api/v1/events", {"reason"}, [&](const Request& r) { return capture<Event>(api, r); }, {}, true});
    router.add({"POST", "/api/v1/master", {"reason"}, [&](const Request& r) { return capture<Master>(api, r); }, {}, true});
}

}  // namespace stemma::http
