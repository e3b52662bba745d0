// /erp/meetings, /erp/conflicts: which products and items of several sources are one and why, and what could be and is not.
#include <fmt/format.h>

#include "adapters/http/api.hpp"
#include "adapters/http/signing.hpp"
#include "core/engine/stored.hpp"

namespace stemma::http {
namespace {

constexpr std::uint64_t kMeetingsMax = 10'000;  ///< in one answer

std::string label_of_id(ReadSnapshot& snapshot, const std::string& id) {
    if (const auto item = engine::read_master<Item>(snapshot, id); item && *item) return stemma::label_of(**item);
    if (const auto product = engine::read_master<Product>(snapshot, id); product && *product) return engine::label_of(**product);
    return id;
}

void write_side(json::Writer& out, std::string_view name, ReadSnapshot& snapshot, const std::string& id) {
    out.key(name);
    out.begin_object();
    out.field("source", source_of(id));
    out.field("id", id);
    out.field("label", label_of_id(snapshot, id));
    out.end_object();
}

void write_pair(json::Writer& out, ReadSnapshot& snapshot, const engine::MetPair& pair) {
    out.begin_object();
    out.field("of", pair.meeting.products ? "products" : "items");
    write_side(out, "first", snapshot, pair.meeting.first);
    write_side(out, "second", snapshot, pair.meeting.second);
    out.field("rule", to_string(pair.meeting.rule));
    write_attributes(out, "agreed", pair.meeting.agreed);
    write_flag(out, "apart", pair.meeting.apart);
    out.number("sequence", pair.sequence);
    out.field("since", format_instant(pair.since));
    out.field("actor", pair.actor);
    out.field("reason", pair.reason);
    out.end_object();
}

Result<std::string> meetings(Api& api, const Request& request) {
    const auto limit = number_of(request, "limit", kPageMax, 1, kMeetingsMax);
    if (!limit) return std::unexpected(limit.error());
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    std::string id = request.parameter("item").value_or("");
    if (!id.empty()) {
        const auto subject = (*snapshot)->subject(id);
        if (!subject) return std::unexpected(subject.error());
        if (!*subject) {
            const auto hit = engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.resolve(id);
            if (!hit) return std::unexpected(hit.error());
            id = hit->item.id.str();
        }
    }
    const auto pairs = api.engine.meetings().pairs(**snapshot, id, *limit + 1);
    if (!pairs) return std::unexpected(pairs.error());
    json::Writer out;
    out.begin_object();
    out.key("meetings");
    out.begin_array();
    for (std::size_t i = 0; i < pairs->size() && i < *limit; ++i) write_pair(out, **snapshot, (*pairs)[i]);
    out.end_array();
    if (pairs->size() > *limit) write_flag(out, "more", true);
    out.end_object();
    return out.take();
}

Response declare(Api& api, const Request& request) {
    std::string first;
    std::string second;
    std::string reason;
    bool apart = false;
    auto read = read_object(request, [&](json::Reading&, json::Fields& fields) {
        fields.need("first", first);
        fields.need("second", second);
        fields.need("reason", reason);
        fields.require("apart");
        fields.read("apart", apart);
    });
    if (!read) return problem(read.error());
    const auto actor = actor_of(request);
    if (!actor) return problem(actor.error());
    if (auto answer = take_signed_words(api, request, Act::erp_declare,
                                        {{"first", first}, {"second", second}, {"apart", apart ? "true" : "false"}, {"reason", reason}}))
        return *std::move(answer);
    const auto meeting = api.engine.declare_meeting(first, second, apart, *actor, reason);
    if (!meeting) return problem(meeting.error());
    json::Writer out;
    out.begin_object();
    out.field("of", meeting->products ? "products" : "items");
    out.field("first", meeting->first);
    out.field("second", meeting->second);
    write_flag(out, "apart", meeting->apart);
    out.end_object();
    return {200, "application/json", out.take(), {}};
}

Result<std::string> conflicts(Api& api, const Request& request) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto found = api.engine.meetings().conflicts(**snapshot, [&] { return request.cancelled(); });
    if (!found) return std::unexpected(found.error());
    if (!found->complete)
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {},
                    "ask again later, or raise the limit in stemma.yaml: all items are looked at");
    json::Writer out;
    out.begin_object();
    out.number("asOf", found->position);
    out.key("conflicts");
    out.begin_array();
    for (const engine::Conflict& conflict : found->conflicts) {
        out.begin_object();
        out.field("kind", engine::to_string(conflict.kind));
        out.field("what", conflict.what);
        write_flag(out, "met", conflict.met);
        out.list("sides", conflict.sides, [&](const engine::ConflictSide& side) {
            out.begin_object();
            out.field("source", side.source);
            out.field("id", side.id);
            out.field("label", side.label);
            out.field("said", side.said);
            out.end_object();
        });
        out.field("hint", engine::hint_of(conflict.kind));
        out.end_object();
    }
    out.end_array();
    if (found->more) write_flag(out, "more", true);
    out.end_object();
    return out.take();
}

}  // namespace

void add_meeting_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/erp/meetings", {"item", "limit"}, json_handler([&](const Request& r) { return meetings(api, r); })});
    router.add({"POST", "/api/v1/erp/meetings", {}, [&](const Request& r) { return declare(api, r); }, {}, true});
    router.add({"GET", "/api/v1/erp/conflicts", {}, json_handler([&](const Request& r) { return conflicts(api, r); })});
}

}  // namespace stemma::http
