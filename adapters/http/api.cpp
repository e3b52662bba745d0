#include "adapters/http/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"
#include "core/ledger/codec_parts.hpp"

namespace stemma::http {
namespace {

constexpr std::size_t kActorBytesMax = 64;
constexpr std::size_t kDateChars = 10;  ///< of 2026-03-03

}  // namespace

void add_routes(Router& router, Api& api) {
    add_status_routes(router, api);
    add_metric_routes(router, api);
    add_item_routes(router, api);
    add_event_routes(router, api);
    add_trace_routes(router, api);
    add_attribution_routes(router, api);
    add_gap_route(router, api);
    add_audit_route(router, api);
    add_amount_route(router, api);
    add_ledger_routes(router, api);
    add_erp_routes(router, api);
    add_meeting_routes(router, api);
    add_plugin_routes(router, api);
    add_case_routes(router, api);
    add_access_routes(router, api);
    add_approval_routes(router, api);
    add_report_routes(router, api);
}

Handler json_handler(std::function<Result<std::string>(const Request&)> work) {
    return [work = std::move(work)](const Request& request) {
        Result<std::string> body = work(request);
        return body ? Response{200, "application/json", *std::move(body), {}} : problem(body.error());
    };
}

Result<std::string> actor_of(const Request& request) {
    if (request.who) return request.who->actor;
    const std::string_view claimed = request.header("stemma-actor");
    if (claimed.empty()) return std::string{"user:local"};
    if (claimed.size() > kActorBytesMax || !is_clean_utf8(claimed))
        return fail(Errc::invalid_input, fmt::format("an actor's name has at most {} bytes of clean text", kActorBytesMax), "Stemma-Actor");
    return fmt::format("user:{}", claimed);
}

Result<std::uint64_t> number_of(const Request& request, const std::string& name, std::uint64_t fallback, std::uint64_t least,
                                std::uint64_t most) {
    const std::optional<std::string> text = request.parameter(name);
    if (!text) return fallback;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < least || value > most)
        return fail(Errc::invalid_input, fmt::format("'{}' is not a whole number from {} to {}", clip(*text), least, most), "?" + name);
    return value;
}

Result<void> check_as_of(Api& api, Sequence as_of, std::string_view where) {
    if (as_of == lineage::kLatest || as_of <= api.engine.index().position()) return {};  // most are, and this does not wait for the writer
    const auto newest = api.engine.ledger().checkpoint();
    const Sequence size = std::max(newest ? newest->size : 0, api.engine.index().position());
    if (as_of <= size) return {};
    return fail(Errc::invalid_input, fmt::format("the ledger has {} entries, {} is beyond", size, as_of), std::string{where},
                "as of N counts the entries 0 to N-1: to include entry N, ask as of N+1");
}

Result<Sequence> position_of(Api& api, std::string_view text, std::string_view where) {
    const std::string written{text};
    const char* const written_end = written.data() + written.size();
    Sequence position = 0;
    const auto [end, error] = std::from_chars(written.data(), written_end, position);
    if (error == std::errc{} && end == written_end) {
        if (auto known = check_as_of(api, position, where); !known) return std::unexpected(known.error());
        return position;
    }
    const auto time = parse_time(text);
    if (!time)
        return fail(Errc::invalid_input, fmt::format("'{}' is neither a ledger position nor a time", clip(text)), std::string{where},
                    "a position: 1565; a record time: 2026-03-03T10:00:00Z; a day, to its end: 2026-03-03");
    if (!time->date_only && text.find_first_of("Zz+-", kDateChars) == std::string_view::npos)
        return fail(Errc::invalid_input, fmt::format("'{}' does not say in which zone", clip(text)), std::string{where},
                    fmt::format("add Z for UTC, {0}Z, or what your zone is ahead of it: {0}+01:00", clip(text)));
    const Instant last{time->instant.us + (time->date_only ? kMicrosPerDay - 1 : 0)};
    api.engine.ledger().settle(last);
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    return engine::Queries{**snapshot, api.engine.index(), api.engine.limits()}.position_at(last);
}

Result<Sequence> as_of_of(Api& api, const Request& request) {
    const std::optional<std::string> text = request.parameter("as_of");
    return text ? position_of(api, *text, "?as_of") : Result<Sequence>{lineage::kLatest};
}

Result<bool> flag_of(const Request& request, const std::string& name, bool fallback) {
    const std::optional<std::string> text = request.parameter(name);
    if (!text) return fallback;
    if (*text == "true" || *text == "false") return *text == "true";
    return fail(Errc::invalid_input, fmt::format("'{}' is neither true nor false", clip(*text)), "?" + name);
}

Result<void> read_object(const Request& request, const std::function<void(json::Reading&, json::Fields&)>& read) {
    const Result<json::Node> tree = json::parse(request.body, JsonLimits{});
    if (!tree) return std::unexpected(tree.error());
    json::Reading reading;
    json::Fields fields{reading, *tree};
    read(reading, fields);
    fields.done();
    if (reading.refused()) return std::unexpected(std::move(reading).error());
    return {};
}

void write_attributes(json::Writer& out, std::string_view name, const Attributes& attributes) {
    if (attributes.empty()) return;
    out.key(name);
    json::write(out, attributes);
}

void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
    out.key(name);
    out.begin_array();
    for (const std::string& text : texts) out.string(text);
    out.end_array();
}

void write_flag(json::Writer& out, std::string_view name, bool flag) {
    out.key(name);
    out.raw(flag ? "true" : "false");
}

void write_item(json::Writer& out, const engine::ItemHit& hit) {
    out.field("id", hit.item.id.str());
    out.field("label", label_of(hit));
    out.field("kind", to_string(hit.kind));
    out.list("identifiers", hit.item.identifiers, [&](const Identifier& identifier) {
        out.begin_object();
        out.field("scheme", identifier.scheme);
        out.field("value", identifier.value);
        out.end_object();
    });
    write_attributes(out, "attributes", hit.item.attributes);
    out.list("knownAs", hit.known_as, [&](const std::string& id) {
        out.begin_object();
        out.field("source", source_of(id));
        out.field("id", id);
        out.end_object();
    });
    if (!hit.product) return;
    out.key("product");
    out.begin_object();
    out.field("id", hit.product->id.str());
    out.field("sku", hit.product->sku);
    out.field("name", hit.product->name);
    out.field("category", hit.product->category);
    out.field("tracking", to_string(hit.product->tracking));
    out.field("unit", hit.product->unit);
    out.end_object();
}

namespace {

/// What people call a subject; its id where there is nothing better.
const std::string& name_of(const Subject& subject, DisplayNames& names, NamesOf which) {
    switch (subject.kind) {
        case Subject::Kind::place: return names.place(subject.id);
        case Subject::Kind::party: return names.party(subject.id);
        case Subject::Kind::item:
        case Subject::Kind::product:
            if (which == NamesOf::items_too) return names.item(subject.id);
            break;
        default: break;
    }
    return subject.id;
}

void write_names(json::Writer& out, const EntryBody& body, DisplayNames& names, NamesOf which) {
    bool any = false;
    for (const Subject& subject : subjects_of(body)) {
        const std::string& name = name_of(subject, names, which);
        if (name == subject.id) continue;
        if (!any) {
            out.key("names");
            out.begin_object();
        }
        any = true;
        out.field(subject.id, name);
    }
    if (any) out.end_object();
}

}  // namespace

void write_entry_line(json::Writer& out, const engine::EntryLine& line, DisplayNames& names, NamesOf which) {
    out.begin_object();
    out.number("sequence", line.sequence);
    out.field("recordedAt", format_instant(line.entry.recorded_at));
    out.field("actor", line.entry.actor);
    out.field("reason", line.entry.reason);
    const std::string_view kind = kind_of(line.entry.body);
    out.field("kind", kind);
    out.key(kind == "event" || kind == "case" || kind == "system" || kind == "meeting" ? kind : "record");
    std::visit([&](const auto& body) { json::write(out, body); }, line.entry.body);
    write_names(out, line.entry.body, names, which);
    out.list("signatures", line.entry.signatures, [&](const ElectronicSignature& signature) { json::write(out, signature); });
    if (line.entry.source) {
        out.key("source");
        out.begin_object();
        out.field("source", line.entry.source->source);
        out.field("query", line.entry.source->query);
        out.field("key", line.entry.source->key);
        out.end_object();
    }
    if (!line.entry.judgements.empty()) {
        out.key("verdict");
        json::write(out, sum_of(line.entry.judgements));
        out.list("judgements", line.entry.judgements, [&](const Judgement& judgement) { json::write(out, judgement); });
    }
    if (line.voided_by) out.number("voidedBy", *line.voided_by);
    out.end_object();
}

namespace {

std::vector<engine::SourceStatus> stale_of(engine::Engine& engine) {
    std::vector<engine::SourceStatus> stale = engine.syncs().status();
    std::erase_if(stale, [](const engine::SourceStatus& status) { return !status.stale(); });
    return stale;
}

}  // namespace

std::vector<std::string> stale_sources(engine::Engine& engine) {
    std::vector<std::string> names;
    for (engine::SourceStatus& status : stale_of(engine)) names.push_back(std::move(status.source));
    return names;
}

void write_stale(json::Writer& out, engine::Engine& engine) {
    out.list("stale", stale_of(engine), [&](const engine::SourceStatus& status) {
        out.begin_object();
        out.field("source", status.source);
        out.field("why", status.why_stale());
        if (status.good_at.us != 0) out.field("since", format_instant(status.good_at));
        out.end_object();
    });
}

}  // namespace stemma::http
