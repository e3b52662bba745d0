#include "adapters/http/trace_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace stemma::http {
namespace {

constexpr std::size_t kSeedsMax = 1000;  ///< items that one trace or recall may start from

/// Nodes that were met: a set that costs a small walk next to nothing.
class Met {
public:
    /// False for one that was there.
    bool add(lineage::Node node) {
        if (2 * (count_ + 1) > slots_.size()) grow();
        lineage::Node& slot = find(node);
        if (slot == node) return false;
        slot = node;
        ++count_;
        return true;
    }

private:
    lineage::Node& find(lineage::Node node) noexcept {
        constexpr std::size_t kSpread = 0x9E3779B97F4A7C15ULL;  // Knuth, The Art of Computer Programming, section 6.4: 2^64 / golden ratio
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = lineage::slot(node) * kSpread >> 32U & mask;
        while (slots_[at] != node && slots_[at] != lineage::Node::none) at = (at + 1) & mask;
        return slots_[at];
    }
    void grow() {
        const std::vector<lineage::Node> before = std::exchange(slots_, std::vector<lineage::Node>(2 * slots_.size(), lineage::Node::none));
        for (const lineage::Node node : before)
            if (node != lineage::Node::none) find(node) = node;
    }

    std::vector<lineage::Node> slots_ = std::vector<lineage::Node>(256, lineage::Node::none);  ///< as many as a power of two
    std::size_t count_{0};
};

/// Whether a walk stays within so many items and as many transformations. Ends with the first one past: a node may have a million edges.
bool fits(const lineage::View& view, const std::vector<lineage::Node>& seeds, const TraceQuestion& question, std::size_t most) {
    struct Enough {};  // thrown, since for_each_edge has no other way out
    Met met;
    std::vector<lineage::Node> queue;
    std::size_t items = 0;
    std::size_t transformations = 0;
    const auto meet = [&](lineage::Node node) {
        if (!met.add(node)) return;
        if (++(view.is_transformation(node) ? transformations : items) > most) throw Enough{};
        queue.push_back(node);
    };
    try {
        for (const lineage::Node seed : seeds) meet(seed);
        for (std::size_t next = 0; next < queue.size();) {
            const lineage::Node here = queue[next++];
            const bool possible = view.is_untracked(here);
            view.for_each_edge(here, question.direction, [&](lineage::EdgeNo, lineage::Node other) {
                if (question.walked.inferred || (!possible && !view.is_untracked(other))) meet(other);
            });
        }
    } catch (const Enough&) {
        return false;
    }
    return true;
}

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

Result<TraceQuestion> ask_of(Api& api, const Request& request, const std::vector<std::string>& items, const Walked& walked, Seeds seeds) {
    if (items.empty()) return fail(Errc::invalid_input, "name at least one item", "?item", "give an id or any identifier: ?item=S4-L17");
    if (items.size() > kSeedsMax)
        return fail(Errc::too_large, fmt::format("{} items to start from, {} are allowed", items.size(), kSeedsMax));
    if (seeds == Seeds::by_lineage && items.size() == 1)
        if (auto question = ask_lineage(api, request, items.front(), walked)) return *std::move(question);
    const auto snapshot = api.engine.read();
    if (!snapshot) return std::unexpected(snapshot.error());
    engine::Queries queries{**snapshot, api.engine.index(), api.engine.limits()};
    TraceQuestion question;
    question.walked = walked;
    question.cancel = request.cancel;
    for (const std::string& text : items) {
        auto hit = queries.resolve(text);
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

WalkedNodes::WalkedNodes(lineage::Reach reach)
    : reach_{std::move(reach)}, counts_{reach_->items(), reach_->transformations(), reach_->certain(),
                                        reach_->seen(),  reach_->truncated(),       reach_->cancelled()} {}

std::vector<lineage::KindCount> WalkedNodes::by_kind(const lineage::View& view) const {
    if (reach_) return lineage::count_kinds(view, *reach_);
    std::map<lineage::NodeKind, lineage::KindCount> counts;
    for (const lineage::Reached& reached : trace_.nodes) {
        lineage::KindCount& count = counts[view.kind(reached.node)];
        ++count.nodes;
        if (reached.certain) ++count.certain;
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
    if (reach_) return lineage::roll_up(view, reach_->nodes(), counts_.certain, options);
    std::vector<lineage::Node> nodes;
    nodes.reserve(trace_.nodes.size());
    for (const lineage::Reached& reached : trace_.nodes) nodes.push_back(reached.node);
    return lineage::roll_up(view, nodes, counts_.certain, options);
}

std::expected<Admitted, Response> admit(Api& api, TraceQuestion& question) {
    const engine::Limits& limits = api.engine.limits();
    const lineage::TraceOptions options = options_of(api, question);
    const lineage::View view = api.engine.index().view(question.walked.as_of);
    question.walked.as_of = view.as_of();
    api.large_traces.asked.fetch_add(1, std::memory_order_relaxed);
    const std::vector<lineage::Node> seeds = nodes_of(view, question.seeds);
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
    const std::vector<lineage::Node> seeds = nodes_of(view, question.seeds);
    if (!fits(view, seeds, question, std::min({items, options.items_max, api.engine.limits().large_trace_items}))) return std::nullopt;
    question.walked.as_of = view.as_of();
    api.large_traces.asked.fetch_add(1, std::memory_order_relaxed);
    return Admitted{view, walk_from(view, seeds, question, options)};
}

WalkedNodes walk(Api& api, const lineage::View& view, const TraceQuestion& question) {
    return walk_from(view, nodes_of(view, question.seeds), question, options_of(api, question));
}

std::vector<lineage::Node> nodes_of(const lineage::View& view, const std::vector<NodeText>& seeds) {
    std::vector<lineage::Node> nodes;
    for (const NodeText& seed : seeds)
        if (const lineage::Node node = view.find(ItemId{seed.id}); node != lineage::Node::none) nodes.push_back(node);
    return nodes;
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

Response end_late(Api& api) {
    api.large_traces.cancelled.fetch_add(1, std::memory_order_relaxed);
    return problem(not_in_time());
}

void write_cut(json::Writer& out, bool truncated) {
    if (truncated) out.field("cutBy", "limits.trace_items_max");
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
    out.number("asOf", question.walked.as_of);
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
