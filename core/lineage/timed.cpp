// One algorithm for both directions: going back, times count backwards, so that "latest departure" is "earliest arrival" too.
#include "core/lineage/timed.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 1024;  // nodes between two looks at the cancel flag
constexpr std::int64_t kEarliest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNoGate = std::numeric_limits<std::int64_t>::max();

/// An edge as the walk takes it, in the walk's own time.
struct Step {
    std::int64_t gate{kNoGate};     // open for goods that are there by then
    std::int64_t floor{kEarliest};  // they arrive no earlier
    bool resets{false};             // they arrive at the floor, whatever the time before: out of a transformation
    bool lasts{false};              // a bond: what comes later goes on as well
    EdgeNo edge{EdgeNo::none};
    Node to{Node::none};
};

class TimedWalk {
public:
    TimedWalk(const View& view, Direction direction, const TraceOptions& options) : view_{view}, options_{options} {
        answer_.direction = direction;
        answer_.as_of = view.as_of();
    }

    TimedTrace run(std::span<const Node> seeds) {
        for (const Node seed : seeds)
            if (seed != Node::none && slot(seed) < view_.node_count()) offer(seed, kEarliest, {0, true, kNone, EdgeNo::none});
        work_off();
        answer_.certain = answer_.nodes.size();
        certain_ = false;
        if (options_.include_inferred) {
            for (const auto& [place, step] : std::exchange(inferred_, {})) attempt(place, step);
            for (auto& [place, rest] : rests_) order(rest);
            work_off();
        }
        return finish();
    }

private:
    /// What an item that was expanded keeps for the case that earlier goods come in.
    struct Rest {
        std::vector<Step> waiting;  // edges that left too early, the earliest first
        std::vector<Step> lasting;
    };
    struct How {
        std::uint32_t depth;
        bool certain;
        std::uint32_t previous;
        EdgeNo edge;
    };
    static constexpr std::uint32_t kLeftOut = kNone;

    [[nodiscard]] bool forward() const noexcept { return answer_.direction == Direction::forward; }

    TimedTrace finish() {
        TimedTrace timed;
        timed.times.reserve(arrivals_.size());
        for (const std::int64_t arrival : arrivals_) {
            if (forward())
                timed.times.push_back(Instant{arrival});
            else
                timed.times.push_back(arrival == kEarliest ? kForEver : Instant{-arrival});
        }
        timed.trace = std::move(answer_);
        return timed;
    }

    void offer(Node node, std::int64_t arrival, const How& how) {
        const auto [known, fresh] = places_.try_emplace(node, kLeftOut);
        if (fresh) {
            known->second = reach(node, arrival, how);
            return;
        }
        const std::uint32_t place = known->second;
        if (place == kLeftOut || view_.is_transformation(node) || arrival >= arrivals_[place]) return;
        arrivals_[place] = arrival;
        if (!queued_[place]) queue(place);
    }

    std::uint32_t reach(Node node, std::int64_t arrival, const How& how) {
        ++answer_.seen;
        const bool transformation = view_.is_transformation(node);
        std::size_t& count = transformation ? answer_.transformations : answer_.items;
        if (answer_.truncated || count == options_.items_max) {
            answer_.truncated = true;
            return kLeftOut;
        }
        ++count;
        const auto place = static_cast<std::uint32_t>(answer_.nodes.size());
        answer_.nodes.push_back({node, how.depth, how.certain, how.previous, how.edge});
        arrivals_.push_back(transformation ? kEarliest : arrival);
        queued_.push_back(false);
        expanded_.push_back(false);
        queue(place);
        return place;
    }

    void queue(std::uint32_t place) {
        queued_[place] = true;
        queue_.push_back(place);
    }

    void work_off() {
        for (std::size_t step = 0; !queue_.empty(); ++step) {
            if (step % kCancelEvery == 0 && options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed))
                answer_.cancelled = true;
            if (answer_.cancelled) return;
            const std::uint32_t place = queue_.front();
            queue_.pop_front();
            queued_[place] = false;
            if (expanded_[place])
                go_on(place);
            else
                expand(place);
        }
    }

    void expand(std::uint32_t place) {
        expanded_[place] = true;
        const Node here = answer_.nodes[place].node;
        const bool from_untracked = view_.is_untracked(here);
        const std::size_t met_before = answer_.untracked.size();
        view_.for_each_edge(here, answer_.direction, [&](EdgeNo edge, Node other) {
            const bool to_untracked = view_.is_untracked(other);
            if (to_untracked) meet_untracked(answer_.nodes[place], other, met_before);
            const Step step = step_of(here, edge, other);
            if (certain_ && (from_untracked || to_untracked))
                inferred_.emplace_back(place, step);
            else
                attempt(place, step);
        });
        if (const auto rest = rests_.find(place); rest != rests_.end()) order(rest->second);
    }

    /// Earlier goods than before are in an item: they take the edges that were too early, and what lasts takes them on.
    void go_on(std::uint32_t place) {
        const auto found = rests_.find(place);
        if (found == rests_.end()) return;
        Rest& rest = found->second;
        std::vector<Step> open;
        while (!rest.waiting.empty() && rest.waiting.back().gate >= arrivals_[place]) {
            open.push_back(rest.waiting.back());
            rest.waiting.pop_back();
        }
        const std::vector<Step> lasting = rest.lasting;
        for (const Step& step : lasting) pass(place, step);
        for (const Step& step : open) attempt(place, step);
    }

    void attempt(std::uint32_t place, const Step& step) {
        if (arrivals_[place] > step.gate) {
            rests_[place].waiting.push_back(step);
            return;
        }
        if (step.lasts) rests_[place].lasting.push_back(step);
        pass(place, step);
    }

    void pass(std::uint32_t place, const Step& step) {
        const std::int64_t arrival = step.resets ? step.floor : std::max(arrivals_[place], step.floor);
        offer(step.to, arrival, {answer_.nodes[place].depth + 1, certain_, place, step.edge});
    }

    static void order(Rest& rest) {
        std::ranges::sort(rest.waiting, {}, [](const Step& step) { return std::pair(step.gate, step.edge); });
    }

    [[nodiscard]] Step step_of(Node here, EdgeNo number, Node other) const {
        const Edge edge = view_.edge(number);
        Step step;
        step.edge = number;
        step.to = other;
        step.lasts = edge.kind == EdgeKind::packed || edge.kind == EdgeKind::installed;
        const EventSpan when = edge.event == EventNo::none ? EventSpan{kAlways, kForEver} : span_of(view_, edge.event);
        if (step.lasts) {
            if (!is_one_thing(view_.kind(edge.from)) || edge.event == EventNo::none) return step;  // its parts may have come one by one
            (forward() ? step.floor : step.gate) = forward() ? when.first.us : -when.first.us;
        } else if (view_.is_transformation(here)) {
            step.resets = true;
            step.floor = forward() ? when.first.us : -when.last.us;
        } else {
            step.gate = forward() ? when.last.us : -when.first.us;
        }
        return step;
    }

    void meet_untracked(const Reached& here, Node product, std::size_t met_before) {
        if (!view_.is_transformation(here.node)) return;
        const auto first = answer_.untracked.begin() + static_cast<std::ptrdiff_t>(met_before);
        if (std::ranges::find(first, answer_.untracked.end(), product, &UntrackedMet::product) != answer_.untracked.end()) return;
        answer_.untracked.push_back({here.node, product, here.certain});
    }

    const View& view_;
    const TraceOptions& options_;
    Trace answer_;
    bool certain_{true};
    std::unordered_map<Node, std::uint32_t> places_;
    std::vector<std::int64_t> arrivals_;  // beside answer_.nodes
    std::vector<bool> queued_;
    std::vector<bool> expanded_;
    std::deque<std::uint32_t> queue_;
    std::unordered_map<std::uint32_t, Rest> rests_;
    std::vector<std::pair<std::uint32_t, Step>> inferred_;  // edges met by recorded ways alone, for the second walk
};

}  // namespace

EventSpan span_of(const View& view, EventNo event) {
    const Instant first = view.time_of(event);
    return {first, view.date_only(event) ? Instant{first.us + kMicrosPerDay - 1} : first};
}

TimedTrace timed_trace(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options) {
    return TimedWalk{view, direction, options}.run(seeds);
}

}  // namespace stemma::lineage
