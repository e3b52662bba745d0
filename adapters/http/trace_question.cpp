#include "adapters/http/trace_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace stemma::http {
namespace {

constexpr std::size_t kSeedsMax = 1000;  ///< items that one trace or recall may start from

Response too_busy(std::size_t most) {
    Response response = problem({Errc::busy,
                                 fmt::format("{} large traces are running, no more are taken", most),
                                 {},
                                 "try again in a moment, or ask for less (count=true needs its turn as well); limits.large_traces_max in "
                                 "stemma.yaml sets how many may run"});
    response.headers["Retry-After"] = "2";
    return response;
}

/// An item without any event has no node.
NodeText seed_of(const lineage::View& view, const engine::ItemHit& hit) {
    if (const lineage::Node node = view.find(hit.item.id); node != lineage::Node::none) return copy_node(view, node);
    NodeText seed{hit.item.id.str(), label_of(hit), hit.kind, {}, {}};
    if (hit.product) {
        seed.sku = hit.product->sku;
        seed.product = hit.product->name;
    }
    return seed;
}

/// The walk that finds what the answer says, and no more.
WalkedNodes walk_from(const lineage::View& view, const std::vector<lineage::Node>& seeds, const TraceQuestion& question,
                      const lineage::TraceOptions& options) {
    if (question.walked.timed) return WalkedNodes{lineage::timed_trace(view, seeds, question.direction, options)};
    if (question.paths) return WalkedNodes{lineage::trace(view, seeds, question.direction, options)};
    return WalkedNodes{lineage::reach(view, seeds, question.direction, options)};
}

}  // namespace

std::optional<TraceQuestion> ask_lineage(Api& api, const Request& request, const std::string& item, const Walked& walked) {
    TraceQuestion question;
    question.walked = walked;
    question.cancel = request.cancel;
    const lineage::View view = api.engine.index().view(walked.as_of);
    const lineage::Node node = view.find(ItemId{item});
    if (node == lineage::Node::none) return std::nullopt;
    question.seeds.push_back(copy_node(view, node));
    return question;
}

/// While the store is away: the lineage knows items by their ids. None where one of the texts is no id.
std::optional<TraceQuestion> ask_by_ids(Api& api, const Request& request, const std::vector<std::string>& items, const Walked& walked) {
    TraceQuestion question;
    question.walked = walked;
    question.cancel = request.cancel;
    const lineage::View view = api.engine.index().view(walked.as_of);
    for (const std::string& text : items) {
        const lineage::Node node = view.find(ItemId{text});
        if (node == lineage::Node::none) return std::nullopt;
        engine::ItemHit hit;
        hit.item.id = ItemId{text};
        hit.kind = view.kind(node);
        question.items.push_back(std::move(hit));
        question.seeds.push_back(copy_node(view, node));
    }
    return question;
}

Result<TraceQuestion> ask_of(Api& api, const Request& request, const std::vector<std::string>& items, const Walked& walked, Seeds seeds) {
    if (items.empty()) return fail(Errc::invalid_input, "name at least one item", "?item", "give an id or any identifier: ?item=S4-L17");
    if (items.size() > kSeedsMax)
        return fail(Errc::too_large, fmt::format("{} items to start from, {} are allowed", items.size(), kSeedsMax));
    if (seeds == Seeds::by_lineage && items.size() == 1)
        if (auto question = ask_lineage(api, request, items.front(), walked)) return *std::move(question);
    const auto snapshot = api.engine.read();
    if (!snapshot && snapshot.error().code == Errc::unavailable)
        if (auto question = ask_by_ids(api, request, items, walked)) return *std::move(question);
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    TraceQuestion question;
    question.walked = walked;
    question.cancel = request.cancel;
    for (const std::string& text : items) {
        const auto known = queries.resolve(text);
        if (!known) return std::unexpected(known.error());
        auto hit = queries.then(*known, walked.as_of);
        if (!hit) return std::unexpected(hit.error());
        question.items.push_back(*std::move(hit));
    }
    const lineage::View view = api.engine.index().view(walked.as_of);
    for (const engine::ItemHit& hit : question.items) question.seeds.push_back(seed_of(view, hit));
    return question;
}

WalkedNodes::WalkedNodes(lineage::Trace trace)
    : trace_{std::move(trace)}, counts_{trace_.items, trace_.transformations, trace_.certain,
                                        trace_.seen,  trace_.truncated,       trace_.cancelled} {}

WalkedNodes::WalkedNodes(lineage::TimedTrace timed) : WalkedNodes{std::move(timed.trace)} { times_ = std::move(timed.times); }

WalkedNodes::WalkedNodes(lineage::SmallReach small)
    : small_{std::move(small)}, places_{small_.nodes}, counts_{small_.nodes.size() - small_.transformations,
                                                               small_.transformations,
                                                               small_.nodes.size(),
                                                               small_.nodes.size(),
                                                               false,
                                                               false} {}

WalkedNodes::WalkedNodes(lineage::Reach reach)
    : reach_{std::move(reach)}, places_{reach_->nodes()}, counts_{reach_->items(), reach_->transformations(), reach_->certain(),
                                                                  reach_->seen(),  reach_->truncated(),       reach_->cancelled()} {}

std::vector<lineage::KindCount> WalkedNodes::by_kind(const lineage::View& view) const {
    if (reach_) return lineage::count_kinds(view, *reach_);
    std::map<lineage::NodeKind, lineage::KindCount> counts;
    for (std::size_t i = 0; i < size(); ++i) {
        lineage::KindCount& count = counts[view.kind(node(i))];
        ++count.nodes;
        if (i < counts_.certain) ++count.certain;
    }
    std::vector<lineage::KindCount> met;
    for (auto& [kind, count] : counts) {
        count.kind = kind;
        met.push_back(count);
    }
    return met;
}

lineage::RollUps WalkedNodes::roll_up(const lineage::View& view, const lineage::RollUpKeys& keys, const std::atomic<bool>* cancel) const {
    const lineage::RollUpOptions options{keys, times_, cancel};
    if (trace_.nodes.empty()) return lineage::roll_up(view, places_, counts_.certain, options);
    std::vector<lineage::Node> nodes;
    nodes.reserve(trace_.nodes.size());
    for (const lineage::Reached& reached : trace_.nodes) nodes.push_back(reached.node);
    return lineage::roll_up(view, nodes, counts_.certain, options);
}

lineage::Reached WalkedNodes::at(std::size_t place) const noexcept {
    if (!trace_.nodes.empty()) return trace_.nodes[place];
    const std::uint32_t depth = reach_ ? reach_->depth(place) : small_.depth(place);
    return {places_[place], depth, place < counts_.certain, lineage::kNone, lineage::EdgeNo::none};
}

std::expected<Admitted, Response> admit(Api& api, TraceQuestion& question) {
    const engine::Limits& limits = api.engine.limits();
    const lineage::TraceOptions options = options_of(api, question);
    const lineage::View view = api.engine.index().view(question.walked.as_of);
    question.walked.as_of = view.as_of();
    api.large_traces.asked.fetch_add(1, std::memory_order_relaxed);
    const std::vector<lineage::Node> seeds = nodes_of(api, view, question);
    if (limits.large_trace_items >= options.items_max) return Admitted{view, walk_from(view, seeds, question, options)};
    lineage::TraceOptions small = options;
    small.items_max = limits.large_trace_items;
    lineage::Reach probe = lineage::reach(view, seeds, question.direction, small);
    if (!probe.truncated()) {
        if (question.paths || question.walked.timed) return Admitted{view, walk_from(view, seeds, question, options)};
        return Admitted{view, WalkedNodes{std::move(probe)}};
    }
    LargeTraces::Lease lease = api.large_traces.take(limits.large_traces_max);
    if (!lease) return std::unexpected(too_busy(limits.large_traces_max));
    return Admitted{view, std::nullopt, std::move(lease)};
}

std::optional<Admitted> admit_small(Api& api, TraceQuestion& question, std::size_t items) {
    const lineage::TraceOptions options = options_of(api, question);
    const lineage::View view = api.engine.index().view(question.walked.as_of);
    const std::vector<lineage::Node> seeds = nodes_of(api, view, question);
    lineage::TraceOptions few = options;
    few.items_max = std::min({items, options.items_max, api.engine.limits().large_trace_items});
    std::optional<lineage::SmallReach> small = lineage::reach_small(view, seeds, question.direction, few);
    if (!small) return std::nullopt;
    question.walked.as_of = view.as_of();
    api.large_traces.asked.fetch_add(1, std::memory_order_relaxed);
    if (small->inferred || question.paths || question.walked.timed) return Admitted{view, walk_from(view, seeds, question, options)};
    return Admitted{view, WalkedNodes{*std::move(small)}};
}

WalkedNodes walk(Api& api, const lineage::View& view, const TraceQuestion& question) {
    return walk_from(view, nodes_of(api, view, question), question, options_of(api, question));
}

WalkedNodes found_or_walked(Api& api, Admitted& admitted, const TraceQuestion& question) {
    return admitted.found ? *std::move(admitted.found) : walk(api, admitted.view, question);
}

std::vector<lineage::Node> nodes_of(const lineage::View& view, const std::vector<NodeText>& seeds) {
    std::vector<lineage::Node> nodes;
    for (const NodeText& seed : seeds)
        if (const lineage::Node node = view.find(ItemId{seed.id}); node != lineage::Node::none) nodes.push_back(node);
    return nodes;
}

std::vector<lineage::Node> nodes_of(Api& api, const lineage::View& view, const TraceQuestion& question) {
    std::vector<lineage::Node> nodes = nodes_of(view, question.seeds);
    if (!question.contents) return nodes;
    std::unordered_set<lineage::Node> known{nodes.begin(), nodes.end()};
    for (const AskedUnit& unit : asked_units(api, view, question))
        for (const lineage::Node inside : unit.inside.items)
            if (known.insert(inside).second) nodes.push_back(inside);
    return nodes;
}

std::vector<AskedUnit> asked_units(Api& api, const lineage::View& view, const TraceQuestion& question) {
    std::vector<AskedUnit> units;
    std::size_t left = api.engine.limits().trace_items_max;
    for (const NodeText& seed : question.seeds) {
        const lineage::Node node = view.find(ItemId{seed.id});
        if (node == lineage::Node::none || view.kind(node) != lineage::NodeKind::logistic_unit) continue;
        lineage::PackedInside inside = lineage::packed_inside(view, node, left);
        left -= inside.items.size();
        if (!inside.items.empty() || inside.taken_out > 0) units.push_back({seed, std::move(inside)});
    }
    return units;
}

void write_units(json::Writer& out, const std::vector<AskedUnit>& units) {
    out.list("units", units, [&](const AskedUnit& unit) {
        out.begin_object();
        out.field("id", unit.unit.id);
        out.field("label", unit.unit.label);
        out.number("items", unit.inside.items.size());
        out.number("lots", unit.inside.lots);
        out.number("takenOut", unit.inside.taken_out);
        if (unit.inside.truncated) write_flag(out, "truncated", true);
        out.end_object();
    });
}

lineage::TraceOptions options_of(Api& api, const TraceQuestion& question) {
    lineage::TraceOptions options;
    options.items_max = api.engine.limits().trace_items_max;
    options.include_inferred = question.walked.inferred;
    options.timed = question.walked.timed;
    options.cancel = question.cancel;
    return options;
}

Error not_in_time() {
    return {Errc::unavailable,
            "the answer was not ready within limits.request_seconds_max",
            {},
            "ask for less (one item, inferred=false, a smaller limits.trace_items_max), or raise the limit in stemma.yaml"};
}

Response in_time(Api& api, const Request& request, bool cancelled, std::string document) {
    if (!cancelled && !request.cancelled()) return {200, "application/json", std::move(document), {}};
    api.large_traces.cancelled.fetch_add(1, std::memory_order_relaxed);
    return problem(not_in_time());
}

void write_asked(json::Writer& out, const TraceQuestion& question) {
    out.list("seeds", question.seeds, [&](const NodeText& seed) {
        out.begin_object();
        write_node(out, seed);
        out.end_object();
    });
}

void write_cut(json::Writer& out, bool truncated) {
    if (truncated) out.field("cutBy", "limits.trace_items_max");
}

void write_walked(json::Writer& out, const Walked& walked) {
    out.number("asOf", walked.as_of);
    write_flag(out, "inferred", walked.inferred);
    write_flag(out, "timed", walked.timed);
    if (walked.contents) write_flag(out, "contents", *walked.contents);
}

void write_trace_counts(json::Writer& out, const WalkCounts& counts) {
    out.number("items", counts.items);
    out.number("transformations", counts.transformations);
    out.number("certainNodes", counts.certain);
    write_flag(out, "truncated", counts.truncated);
    if (counts.truncated) out.number("seen", counts.seen);
    write_cut(out, counts.truncated);
}

std::string write_count(Api& api, const lineage::View& view, const TraceQuestion& question, const WalkedNodes& nodes) {
    json::Writer out;
    out.begin_object();
    out.field("direction", to_string(question.direction));
    write_walked(out, question.walked);
    write_trace_counts(out, nodes.counts());
    out.list("byKind", nodes.by_kind(view), [&](const lineage::KindCount& count) {
        out.begin_object();
        out.field("kind", to_string(count.kind));
        out.number("nodes", count.nodes);
        out.number("certain", count.certain);
        out.end_object();
    });
    write_stale(out, api.engine);
    out.end_object();
    return out.take();
}

}  // namespace stemma::http
