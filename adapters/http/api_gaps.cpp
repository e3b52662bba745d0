// /lineage/gaps: where the records of how goods came and went do not join.
#include <fmt/format.h>

#include "adapters/http/trace_question.hpp"
#include "core/base/text.hpp"
#include "core/lineage/broken_links.hpp"

namespace stemma::http {
namespace {

using lineage::GapKind;

struct GapQuery {
    Sequence as_of{lineage::kLatest};
    std::optional<engine::ItemHit> item;  ///< its trace both ways alone
    lineage::GapOptions options;
    bool count{false};
};

Result<std::uint32_t> kinds_of(const std::string& text) {
    std::vector<std::string> known;
    for (std::size_t kind = 0; kind < lineage::kGapKinds; ++kind) {
        known.emplace_back(to_string(static_cast<GapKind>(kind)));
        if (known.back() == text) return std::uint32_t{1} << kind;
    }
    return fail(Errc::invalid_input, fmt::format("'{}' is no kind of gap", clip(text)), "?kind", did_you_mean(text, known));
}

Result<GapQuery> read_query(Api& api, const Request& request, engine::Queries& queries) {
    GapQuery query;
    query.options.cancel = request.cancel;
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    query.as_of = *as_of;
    const auto limit = number_of(request, "limit", kPageDefault, 1, kPageMax);
    if (!limit) return std::unexpected(limit.error());
    query.options.limit = *limit;
    const auto after = number_of(request, "cursor", 0, 0, UINT64_MAX);
    if (!after) return std::unexpected(after.error());
    query.options.after = *after;
    const auto count = flag_of(request, "count", false);
    if (!count) return std::unexpected(count.error());
    query.count = *count;
    if (const auto kind = request.parameter("kind")) {
        const auto kinds = kinds_of(*kind);
        if (!kinds) return std::unexpected(kinds.error());
        query.options.kinds = *kinds;
    }
    if (const auto item = request.parameter("item")) {
        const auto known = queries.resolve(*item);
        if (!known) return std::unexpected(known.error());
        auto hit = queries.then(*known, query.as_of);
        if (!hit) return std::unexpected(hit.error());
        query.item = *std::move(hit);
    }
    return query;
}

/// The nodes of the item's trace, back and forward, ascending. A large one takes a lease.
Result<std::vector<lineage::Node>> nodes_around(Api& api, const lineage::View& view, const GapQuery& query, LargeTraces::Lease& lease) {
    std::vector<lineage::Node> nodes;
    for (const auto direction : {lineage::Direction::back, lineage::Direction::forward}) {
        TraceQuestion question;
        question.direction = direction;
        question.walked.as_of = view.as_of();
        question.cancel = query.options.cancel;
        question.paths = false;
        question.seeds.push_back({query.item->item.id.str(), {}, lineage::NodeKind::unknown, {}, {}});
        std::optional<Admitted> small = admit_small(api, question, api.engine.limits().large_trace_items);
        if (!small && !lease) {
            auto taken = lease_for(api, SIZE_MAX);
            if (!taken) return std::unexpected(taken.error());
            lease = *std::move(taken);
        }
        const WalkedNodes found = small ? *std::move(small->found) : walk(api, view, question);
        if (found.counts().truncated)
            return fail(Errc::too_large, "the trace of the item passes limits.trace_items_max", "?item",
                        "ask without an item, page by page");
        for (std::size_t place = 0; place < found.size(); ++place) nodes.push_back(found.node(place));
    }
    std::ranges::sort(nodes);
    const auto twice = std::ranges::unique(nodes);
    nodes.erase(twice.begin(), twice.end());
    return nodes;
}

/// A gap with its texts.
struct GapText {
    lineage::Gap gap;
    NodeText item;
    std::optional<NodeText> transformation;
    std::vector<DocumentText> documents;
};

GapText copy_gap(const lineage::View& view, lineage::Gap gap) {
    GapText text{std::move(gap), {}, std::nullopt, {}};
    text.item = copy_node(view, text.gap.item);
    if (text.gap.transformation != lineage::Node::none) text.transformation = copy_node(view, text.gap.transformation);
    for (const lineage::DocumentNo document : text.gap.documents) text.documents.push_back(copy_document(view, document));
    return text;
}

void write_gap(json::Writer& out, LineageText& text, const GapText& shown) {
    const lineage::Gap& gap = shown.gap;
    out.begin_object();
    out.field("kind", to_string(gap.kind));
    out.key("item");
    out.begin_object();
    write_node(out, shown.item);
    out.end_object();
    if (shown.transformation) out.field("transformation", shown.transformation->id);
    if (gap.place != lineage::PlaceNo::none) {
        const LineageText::Named& place = text.place(gap.place);
        out.field("place", place.id);
        out.field("code", place.code);
        out.field("name", place.name);
    }
    if (gap.amount.micros != 0) {
        out.key("quantity");
        out.raw(format_micros(gap.amount.micros));
        out.field("uom", text.unit(gap.amount.unit));
    }
    if (gap.sequence != lineage::kNever) out.number("sequence", gap.sequence);
    out.list("documents", shown.documents, [&](const DocumentText& document) {
        out.begin_object();
        write_document(out, document);
        out.end_object();
    });
    if (gap.more_documents > 0) out.number("moreDocuments", gap.more_documents);
    out.field("mend", mend_of(gap.kind));
    out.end_object();
}

std::string write_counts(Api& api, Sequence as_of, const lineage::GapCounts& counts) {
    json::Writer out;
    out.begin_object();
    out.number("asOf", as_of);
    write_stale(out, api.engine);
    out.number("nodes", counts.nodes);
    out.number("count", counts.gaps);
    out.key("byKind");
    out.begin_array();
    for (std::size_t kind = 0; kind < lineage::kGapKinds; ++kind) {
        if (counts.by_kind.at(kind) == 0) continue;
        out.begin_object();
        out.field("kind", to_string(static_cast<GapKind>(kind)));
        out.number("count", counts.by_kind.at(kind));
        out.field("mend", mend_of(static_cast<GapKind>(kind)));
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

/// What one view gives to the answer.
struct GapAnswer {
    lineage::View view;  ///< the numbers in the gaps are this one's
    Sequence as_of{0};
    lineage::GapCounts counts;
    std::vector<GapText> gaps;
    std::uint64_t next{0};
    bool cancelled{false};
};

Result<GapAnswer> look(Api& api, const GapQuery& query) {
    const lineage::View view = api.engine.index().view(query.as_of);
    LargeTraces::Lease lease = LargeTraces::none();
    if (!query.item) {
        auto taken = lease_for(api, view.node_count());
        if (!taken) return std::unexpected(taken.error());
        lease = *std::move(taken);
    }
    GapAnswer answer{view, view.as_of(), {}, {}, 0, false};
    lineage::GapOptions options = query.options;
    std::vector<lineage::Node> among;
    if (query.item) {
        auto nodes = nodes_around(api, view, query, lease);
        if (!nodes) return std::unexpected(nodes.error());
        among = *std::move(nodes);
        options.among = &among;
    }
    if (query.count) {
        answer.counts = count_gaps(view, options);
        answer.cancelled = answer.counts.cancelled;
        return answer;
    }
    lineage::GapPage page = find_gaps(view, options);
    for (lineage::Gap& gap : page.gaps) answer.gaps.push_back(copy_gap(view, std::move(gap)));
    answer.next = page.next;
    answer.cancelled = page.cancelled;
    return answer;
}

Result<std::string> gaps(Api& api, const Request& request) {
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto query = read_query(api, request, queries);
    if (!query) return std::unexpected(query.error());
    const auto found = look(api, *query);
    if (!found) return std::unexpected(found.error());
    if (found->cancelled || request.cancelled())
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {},
                    "ask for less: ?item= for the gaps around one item, or a smaller limit");
    if (query->count) return write_counts(api, found->as_of, found->counts);

    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{found->view, names, request.cancel};
    json::Writer out;
    out.begin_object();
    out.number("asOf", found->as_of);
    write_stale(out, api.engine);
    out.key("gaps");
    out.begin_array();
    for (const GapText& gap : found->gaps) write_gap(out, text, gap);
    out.end_array();
    if (found->next != 0) out.number("next", found->next);
    out.end_object();
    return out.take();
}

}  // namespace

void add_gap_route(Router& router, Api& api) {
    router.add({"GET", "/api/v1/lineage/gaps", {"as_of", "item", "kind", "limit", "cursor", "count"}, json_handler([&](const Request& r) {
                    return gaps(api, r);
                })});
}

}  // namespace stemma::http
