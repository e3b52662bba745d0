// /lineage/amounts: how much of an item's goods can be, and must be, in everything that it went into.
#include <fmt/format.h>

#include "adapters/http/trace_question.hpp"
#include "core/lineage/quantities.hpp"

namespace stemma::http {
namespace {

struct Measured {
    lineage::View view;
    lineage::Trace trace;
    lineage::Contents contents;
    LargeTraces::Lease lease;  ///< held until the answer is made
};

Result<Measured> measure(Api& api, const engine::ItemHit& seed, Sequence as_of, const lineage::TraceOptions& options) {
    TraceQuestion question;
    question.walked = {as_of, options.include_inferred, options.timed};
    question.cancel = options.cancel;
    question.seeds.push_back({seed.item.id.str(), {}, lineage::NodeKind::unknown, {}, {}});
    std::optional<Admitted> small = admit_small(api, question, api.engine.limits().large_trace_items);
    auto lease = lease_for(api, small ? 0 : SIZE_MAX);
    if (!lease) return std::unexpected(lease.error());
    const lineage::View view = small ? small->view : api.engine.index().view(as_of);
    WalkedNodes found = small ? *std::move(small->found) : walk(api, view, question);
    Measured measured{view, std::move(found).take_trace(), {}, *std::move(lease)};
    if (!measured.trace.cancelled && !measured.trace.truncated) measured.contents = contents_of(view, measured.trace, options.cancel);
    return measured;
}

void write_content(json::Writer& out, LineageText& text, const lineage::Reached& reached, const lineage::Content& content,
                   const NodeText& node) {
    out.begin_object();
    write_node(out, node);
    out.number("depth", reached.depth);
    write_flag(out, "comparable", content.comparable);
    if (content.comparable) {
        const auto amount = [&](std::string_view name, std::int64_t micros) {
            out.key(name);
            out.raw(format_micros(micros));
        };
        amount("certain", content.certain);
        amount("possible", content.possible);
        amount("atMost", content.at_most);
        out.field("uom", text.unit(content.unit));
    }
    out.end_object();
}

Result<lineage::TraceOptions> options_of(const Request& request) {
    lineage::TraceOptions options;
    options.cancel = request.cancel;
    const auto inferred = flag_of(request, "inferred", true);
    if (!inferred) return std::unexpected(inferred.error());
    options.include_inferred = *inferred;
    const auto timed = flag_of(request, "timed", false);
    if (!timed) return std::unexpected(timed.error());
    options.timed = *timed;
    return options;
}

Result<std::string> amounts(Api& api, const Request& request) {
    const auto as_of = as_of_of(api, request);
    if (!as_of) return std::unexpected(as_of.error());
    const auto options = options_of(request);
    if (!options) return std::unexpected(options.error());
    const auto item = request.parameter("item");
    if (!item) return fail(Errc::invalid_input, "name an item", "?item", "give an id or any identifier: ?item=S4-L17");
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    const auto known = queries.resolve(*item);
    if (!known) return std::unexpected(known.error());
    const auto seed = queries.then(*known, *as_of);
    if (!seed) return std::unexpected(seed.error());
    const Result<Measured> measured = measure(api, *seed, *as_of, *options);
    if (!measured) return std::unexpected(measured.error());
    const Measured& found = *measured;
    if (found.trace.truncated)
        return fail(Errc::too_large, "the trace passes limits.trace_items_max, and the amounts of a part of it would be wrong", "?item",
                    "raise limits.trace_items_max in stemma.yaml, or ask with inferred=false or timed=true");

    DisplayNames names{**snapshot, api.engine.index(), api.engine.limits()};
    LineageText text{found.view, names, request.cancel};
    json::Writer out;
    out.begin_object();
    write_walked(out, {found.trace.as_of, options->include_inferred, options->timed});
    write_stale(out, api.engine);
    out.key("seed");
    out.begin_object();
    write_item(out, *seed);
    out.end_object();
    out.key("items");
    out.begin_array();
    const auto reached = [&](const lineage::Content& content) -> const lineage::Reached& { return found.trace.nodes[content.in_trace]; };
    in_slices(
        text, found.contents.items,
        [&](const lineage::View& view, const lineage::Content& content) { return copy_node(view, reached(content).node); },
        [&](const lineage::Content& content, const NodeText& node) { write_content(out, text, reached(content), content, node); });
    out.end_array();
    out.end_object();
    if (found.trace.cancelled || found.contents.cancelled || request.cancelled())
        return fail(Errc::unavailable, "the answer was not ready within limits.request_seconds_max", {},
                    "ask for less (inferred=false), or raise the limit in stemma.yaml");
    return out.take();
}

}  // namespace

void add_amount_route(Router& router, Api& api) {
    router.add({"GET", "/api/v1/lineage/amounts", {"item", "as_of", "inferred", "timed"}, json_handler([&](const Request& r) {
                    return amounts(api, r);
                })});
}

}  // namespace stemma::http
