// /erp/audit: what in a source's records cannot be, with the ERP's rows and the documents behind it. Reads only.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "adapters/http/api_lineage.hpp"
#include "core/base/text.hpp"
#include "core/engine/audit.hpp"

namespace stemma::http {
namespace {

using lineage::AuditKind;

struct AuditQuery {
    Sequence as_of{lineage::kLatest};
    engine::AuditQuestion question;
};

Result<std::uint32_t> kinds_of(const std::string& text) {
    std::vector<std::string> known;
    for (std::size_t kind = 0; kind < lineage::kAuditKinds; ++kind) {
        if (static_cast<AuditKind>(kind) == AuditKind::untracked_intermediate) continue;
        known.emplace_back(to_string(static_cast<AuditKind>(kind)));
        if (known.back() == text) return std::uint32_t{1} << kind;
    }
    std::string hint = did_you_mean(text, known);
    if (hint.empty()) hint = fmt::format("it may be {}", fmt::join(known, ", "));
    return fail(Errc::invalid_input, fmt::format("'{}' is no kind of finding", clip(text)), "?kind", std::move(hint));
}

/// A source that is enabled, or was once read: a mistyped one must not look as if all were well.
Result<void> check_source(Api& api, ReadSnapshot& snapshot, const std::string& source) {
    const auto enabled = api.engine.syncs().find(source);
    if (enabled) return {};
    const auto states = snapshot.source_states();
    if (!states) return std::unexpected(states.error());
    if (std::ranges::find(*states, source, &SourceState::source) != states->end()) return {};
    return std::unexpected(enabled.error());
}

Result<AuditQuery> read_query(Api& api, const Request& request, ReadSnapshot& snapshot) {
    AuditQuery query;
    query.question.cancel = request.cancel;
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    const auto size = snapshot.size();
    if (!size) return std::unexpected(size.error());
    query.as_of = std::min(*as_of, *size);
    const auto limit = number_of(request, "limit", kPageDefault, 1, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    query.question.limit = *limit;
    const auto after = number_of(request, "cursor", 0, 0, UINT64_MAX);
    if (!after) return std::unexpected(after.error());
    query.question.after = *after;
    const auto count = flag_of(request, "count", false);
    if (!count) return std::unexpected(count.error());
    query.question.count = *count;
    if (const auto kind = request.parameter("kind")) {
        const auto kinds = kinds_of(*kind);
        if (!kinds) return std::unexpected(kinds.error());
        query.question.kinds = *kinds;
    }
    if (const auto source = request.parameter("source")) {
        if (auto known = check_source(api, snapshot, *source); !known) return std::unexpected(known.error());
        query.question.source = *source;
    }
    return query;
}

/// What one view gives to the answer.
struct AuditAnswer {
    Sequence as_of{0};
    engine::AuditPage page;
};

Result<AuditAnswer> look(Api& api, ReadSnapshot& snapshot, const AuditQuery& query) {
    const lineage::View view = api.engine.index().view(query.as_of);
    const auto lease = lease_for(api, std::min(view.node_count(), query.question.nodes_max));
    if (!lease) return std::unexpected(lease.error());
    auto page = engine::audit(snapshot, view, query.question);
    if (!page) return std::unexpected(page.error());
    return AuditAnswer{view.as_of(), *std::move(page)};
}

void write_source(json::Writer& out, const std::optional<SourceRow>& source) {
    if (!source) return;
    out.field("source", source->source);
    out.field("query", source->query);
    out.field("key", source->key);
}

void write_place(json::Writer& out, LineageText& text, std::string_view name, lineage::PlaceNo place) {
    if (place != lineage::PlaceNo::none) out.field(name, text.place(place).name);
}

void write_amount(json::Writer& out, LineageText& text, const lineage::Amount& amount) {
    if (amount.micros == 0) return;
    out.key("quantity");
    out.raw(format_micros(amount.micros));
    out.field("uom", text.unit(amount.unit));
}

std::string time_text(const lineage::View& view, lineage::EventNo event) {
    return view.date_only(event) ? format_date(view.time_of(event)) : format_instant(view.time_of(event));
}

void write_row(json::Writer& out, LineageText& text, const engine::AuditRow& row) {
    out.begin_object();
    write_source(out, row.source);
    out.number("sequence", row.sequence);
    out.field("time", time_text(text.view(), row.event.event));
    out.field("movement", row.event.movement ? to_string(*row.event.movement) : "");
    out.field("item", text.view().label(row.event.item));
    write_amount(out, text, row.event.amount);
    write_place(out, text, "from", row.event.from);
    write_place(out, text, "to", row.event.to);
    if (row.event.party != lineage::PartyNo::none) out.field("party", text.party(row.event.party).name);
    out.end_object();
}

void write_items(json::Writer& out, const lineage::View& view, const lineage::AuditFault& fault) {
    out.key("item");
    out.begin_object();
    write_node(out, copy_node(view, fault.item));
    out.end_object();
    out.list("others", fault.others, [&](const lineage::Node other) {
        out.begin_object();
        write_node(out, copy_node(view, other));
        out.end_object();
    });
    if (fault.more_others > 0) out.number("moreOthers", fault.more_others);
}

void write_finding(json::Writer& out, LineageText& text, const engine::AuditFinding& finding) {
    const lineage::AuditFault& fault = finding.fault;
    out.begin_object();
    out.field("kind", to_string(fault.kind));
    write_items(out, text.view(), fault);
    if (fault.transformation != lineage::Node::none) out.field("transformation", text.view().id(fault.transformation));
    if (fault.place != lineage::PlaceNo::none) {
        const LineageText::Named& place = text.place(fault.place);
        out.field("place", place.id);
        out.field("code", place.code);
        out.field("name", place.name);
    }
    write_amount(out, text, fault.amount);
    if (fault.since != lineage::EventNo::none) out.field("since", time_text(text.view(), fault.since));
    out.list("records", finding.records, [&](const engine::AuditRecord& record) {
        out.begin_object();
        write_source(out, record.source);
        out.number("sequence", record.sequence);
        out.field("item", text.view().label(record.item));
        out.end_object();
    });
    out.list("rows", finding.rows, [&](const engine::AuditRow& row) { write_row(out, text, row); });
    if (fault.more_events > 0) out.number("moreRows", fault.more_events);
    out.list("documents", fault.documents, [&](const lineage::DocumentNo document) {
        out.begin_object();
        write_document(out, text.document(document));
        out.end_object();
    });
    if (fault.more_documents > 0) out.number("moreDocuments", fault.more_documents);
    out.end_object();
}

void write_kinds(json::Writer& out, const engine::AuditPage& page) {
    out.key("byKind");
    out.begin_array();
    for (std::size_t kind = 0; kind < lineage::kAuditKinds; ++kind) {
        if (page.by_kind.at(kind) == 0) continue;
        out.begin_object();
        out.field("kind", to_string(static_cast<AuditKind>(kind)));
        out.number("count", page.by_kind.at(kind));
        out.field("meaning", meaning_of(static_cast<AuditKind>(kind)));
        out.field("lookFor", look_for(static_cast<AuditKind>(kind)));
        out.end_object();
    }
    out.end_array();
}

Result<std::string> audit(Api& api, const Request& request) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto query = read_query(api, request, **snapshot);
    if (!query) return std::unexpected(query.error());
    const auto found = look(api, **snapshot, *query);
    if (!found) return std::unexpected(found.error());
    if (found->page.cancelled || request.cancelled())
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {}, "ask for less: a smaller limit");

    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits(), found->as_of};
    LineageText text{api.engine.index().view(found->as_of), names, request.cancel};
    json::Writer out;
    out.begin_object();
    out.number("asOf", found->as_of);
    write_stale(out, api.engine);
    out.field("source", query->question.source);
    out.number("nodes", found->page.nodes);
    out.number("count", found->page.count);
    write_kinds(out, found->page);
    if (!query->question.count) {
        out.key("findings");
        out.begin_array();
        for (const engine::AuditFinding& finding : found->page.findings) write_finding(out, text, finding);
        out.end_array();
    }
    if (found->page.next != 0) out.number("next", found->page.next);
    out.end_object();
    return out.take();
}

}  // namespace

void add_audit_route(Router& router, Api& api) {
    router.add({"GET", "/api/v1/erp/audit", {"source", "as_of", "kind", "limit", "cursor", "count"}, json_handler([&](const Request& r) {
                    return audit(api, r);
                })});
}

}  // namespace stemma::http
