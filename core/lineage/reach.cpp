// Two phases, as in trace.cpp: recorded edges first, then what inferred ones add. Nearly all nodes of the first are plain rows of a
// segment: their offset says so by itself, and the loop over them reads nothing but offsets, rows and marks. The rest take the long way.
#include "core/lineage/reach.hpp"

#include <algorithm>
#include <array>

namespace stemma::lineage {
namespace {

constexpr std::size_t kOffsetsAhead = 16;  // measured: performance notes in core/DESIGN.md
constexpr std::size_t kRowsAhead = 8;
constexpr std::size_t kLookEvery = 1024;  // nodes between two looks at the limits and the cancel flag

void fetch(const void* address) noexcept { __builtin_prefetch(address); }

/// A segment as the loop needs it.
struct Home {
    std::uint32_t first_node;
    std::uint32_t node_end;
    const Rows* rows;
};

}  // namespace

class ReachWalk {
public:
    ReachWalk(const View& view, Direction direction, const TraceOptions& options)
        : view_{view}, options_{options}, direction_{direction}, marks_{view.room().marks->take()}, queue_{view.room().queues->take()} {
        marks_->reserve(view.node_count());
        for (const auto& segment : view.layers().segments) {
            homes_.push_back({segment->first_node(), segment->node_end(), &segment->rows(direction)});
            if (segment->events_end() > view.events_end()) past_ = true;
        }
    }

    Reach run(std::span<const Node> seeds) {
        queue_->reserve(seeds.size(), 0);
        for (const Node seed : seeds)
            if (seed != Node::none && slot(seed) < view_.node_count()) push(seed);
        walk_recorded();
        marked_ = size_;
        cut_at_limit();
        answer_.certain_ = size_;
        if (options_.include_inferred && !answer_.cancelled_) walk_inferred();
        for (std::size_t i = 0; i < marked_; ++i) marks_->unmark(queue_->data()[i]);
        for (const Node node : left_out_) marks_->unmark(node);
        answer_.direction_ = direction_;
        answer_.as_of_ = view_.as_of();
        answer_.size_ = size_;
        answer_.seen_ = certain_seen_ + (size_ - answer_.certain_) + left_out_.size();
        answer_.queue_ = std::move(queue_);
        return std::move(answer_);
    }

private:
    /// An inferred edge met by the first phase, from a place in the answer.
    struct Pending {
        std::uint32_t from;
        Node to;
    };

    [[nodiscard]] Node at(std::size_t place) const noexcept { return queue_->data()[place]; }

    /// Room for one more is there.
    void push(Node node) noexcept {
        queue_->data()[size_] = node;
        size_ += static_cast<std::size_t>(marks_->mark(node));
    }

    [[nodiscard]] bool stop(std::size_t place) {
        if (place % kLookEvery != 0) return false;
        if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) answer_.cancelled_ = true;
        const std::size_t items = place - answer_.transformations_;
        if (answer_.cancelled_ || items > options_.items_max || answer_.transformations_ > options_.items_max) return true;
        looked_at_ = place;
        size_then_ = size_;
        return false;
    }

    // --- recorded edges ----------------------------------------------------------------------------------------------

    void walk_recorded() {
        std::size_t place = 0;
        while (place < size_ && !answer_.cancelled_) {
            const std::size_t level_end = size_;
            for (; place < level_end; ++place) {
                if (stop(place)) {
                    processed_ = place;
                    return;
                }
                expand(place);
            }
            answer_.certain_levels_.push_back(static_cast<std::uint32_t>(level_end));
        }
        processed_ = place;
    }

    [[nodiscard]] const Home* home_of(Node node) const noexcept {
        for (const Home& home : homes_)
            if (static_cast<std::uint32_t>(node) < home.node_end) return &home;
        return nullptr;
    }

    void fetch_ahead(std::size_t place) const noexcept {
        if (place + kOffsetsAhead < size_) {
            const Node node = at(place + kOffsetsAhead);
            if (const Home* home = home_of(node)) fetch(&home->rows->offsets[static_cast<std::uint32_t>(node) - home->first_node]);
        }
        if (place + kRowsAhead < size_) {
            const Node node = at(place + kRowsAhead);
            if (const Home* home = home_of(node))
                fetch(&home->rows->others[home->rows->offset(static_cast<std::uint32_t>(node) - home->first_node) & Rows::kBegin]);
        }
    }

    void expand(std::size_t place) {
        fetch_ahead(place);
        const Node node = at(place);
        const Home* home = past_ ? nullptr : home_of(node);
        if (home == nullptr) return expand_slowly(place, node);
        const std::uint32_t number = static_cast<std::uint32_t>(node) - home->first_node;
        const std::uint32_t offset = home->rows->offset(number);
        if ((offset & Rows::kSpecial) != 0) return expand_slowly(place, node);
        answer_.transformations_ += static_cast<std::size_t>((offset & Rows::kTransformation) != 0);
        const std::uint32_t first = offset & Rows::kBegin;
        const std::uint32_t last = home->rows->offset(number + 1) & Rows::kBegin;
        queue_->reserve(size_ + (last - first) + 1, size_);
        for (std::uint32_t i = first; i < last; ++i) push(home->rows->others[i]);
    }

    void expand_slowly(std::size_t place, Node node) {
        answer_.transformations_ += static_cast<std::size_t>(view_.is_transformation(node));
        if (view_.is_checked(node, direction_)) return expand_checked(place, node);
        view_.layers().for_each_edge(node, direction_, view_.events_end(), [&](EdgeNo, Node other) {
            queue_->reserve(size_ + 1, size_);
            push(other);
        });
    }

    void expand_checked(std::size_t place, Node node) {
        const bool from_untracked = view_.is_untracked(node);
        const std::size_t met_before = answer_.untracked_.size();
        view_.for_each_edge(node, direction_, [&](EdgeNo, Node other) {
            const bool to_untracked = view_.is_untracked(other);
            if (to_untracked) meet_untracked(place, node, other, met_before);
            if (from_untracked || to_untracked) {
                pending_.push_back({static_cast<std::uint32_t>(place), other});
                return;
            }
            queue_->reserve(size_ + 1, size_);
            push(other);
        });
    }

    void meet_untracked(std::size_t place, Node node, Node product, std::size_t met_before) {
        if (!view_.is_transformation(node)) return;
        const auto first = answer_.untracked_.begin() + static_cast<std::ptrdiff_t>(met_before);
        if (std::ranges::find(first, answer_.untracked_.end(), product, &UntrackedMet::product) != answer_.untracked_.end()) return;
        answer_.untracked_.push_back({node, product, !inferring_});
        untracked_places_.push_back(static_cast<std::uint32_t>(place));
    }

    /// The answer ends before the first node that would be one too many of its kind.
    void cut_at_limit() {
        certain_seen_ = size_;
        const std::size_t items = size_ - answer_.transformations_;
        const bool all_counted = processed_ == size_;
        if (all_counted && items <= options_.items_max && answer_.transformations_ <= options_.items_max) return;
        std::size_t counted_items = 0;
        std::size_t transformations = 0;
        std::size_t end = 0;
        for (; end < size_; ++end) {
            std::size_t& count = view_.is_transformation(at(end)) ? transformations : counted_items;
            if (count == options_.items_max) break;
            ++count;
        }
        answer_.transformations_ = transformations;
        answer_.truncated_ = end < size_;
        if (answer_.truncated_) forget_beyond(end);
        size_ = end;
        while (!untracked_places_.empty() && untracked_places_.back() >= end) {
            untracked_places_.pop_back();
            answer_.untracked_.pop_back();
        }
        for (std::uint32_t& level : answer_.certain_levels_) level = std::min(level, static_cast<std::uint32_t>(end));
        if (answer_.certain_levels_.empty() || answer_.certain_levels_.back() < end)
            answer_.certain_levels_.push_back(static_cast<std::uint32_t>(end));
    }

    /// What was met by the nodes from `end` on alone is taken back: marks, inferred edges, the count of nodes met. The walk was within the
    /// limits when it last looked at them, so that is the place to go over again.
    void forget_beyond(std::size_t end) {
        for (std::size_t i = size_then_; i < size_; ++i) marks_->unmark(at(i));
        certain_seen_ = size_then_;
        for (std::size_t place = looked_at_; place < end; ++place) {
            const Node node = at(place);
            const bool from_untracked = view_.is_untracked(node);
            view_.for_each_edge(node, direction_, [&](EdgeNo, Node other) {
                if (!from_untracked && !view_.is_untracked(other)) certain_seen_ += static_cast<std::size_t>(marks_->mark(other));
            });
        }
        while (!pending_.empty() && pending_.back().from >= end) pending_.pop_back();
    }

    // --- inferred edges ----------------------------------------------------------------------------------------------

    /// Pending edges stand in order of depth, and so does what this phase adds: taking the less deep of the two keeps it so.
    void walk_inferred() {
        inferring_ = true;
        std::size_t pending = 0;
        std::size_t next = answer_.certain_;
        for (std::size_t step = 0; pending < pending_.size() || next < size_; ++step) {
            if (step % kLookEvery == 0 && options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) {
                answer_.cancelled_ = true;
                break;
            }
            const bool take_pending = pending < pending_.size() && (next == size_ || depth(pending_[pending].from) <= depth(next));
            if (take_pending) {
                const Pending& edge = pending_[pending++];
                add_possible(edge.to, depth(edge.from) + 1);
                continue;
            }
            const std::size_t place = next++;
            const Node node = at(place);
            const std::uint32_t deeper = depth(place) + 1;
            const std::size_t met_before = answer_.untracked_.size();
            view_.for_each_edge(node, direction_, [&](EdgeNo, Node other) {
                if (view_.is_untracked(other)) meet_untracked(place, node, other, met_before);
                add_possible(other, deeper);
            });
        }
        marked_ = std::max(marked_, size_);
    }

    void add_possible(Node node, std::uint32_t depth) {
        if (!marks_->mark(node)) return;
        const bool transformation = view_.is_transformation(node);
        const std::size_t count = transformation ? answer_.transformations_ : size_ - answer_.transformations_;
        if (answer_.truncated_ || count == options_.items_max) {
            answer_.truncated_ = true;
            left_out_.push_back(node);
            return;
        }
        answer_.transformations_ += static_cast<std::size_t>(transformation);
        queue_->reserve(size_ + 1, size_);
        queue_->data()[size_++] = node;
        std::vector<std::uint32_t>& levels = answer_.possible_levels_;
        if (levels.size() <= depth) levels.resize(depth + 1, static_cast<std::uint32_t>(size_ - 1));
        levels[depth] = static_cast<std::uint32_t>(size_);
    }

    [[nodiscard]] std::uint32_t depth(std::size_t place) const noexcept { return answer_.depth(place); }

    const View& view_;
    const TraceOptions& options_;
    Direction direction_;
    Pool<Marks>::Lease marks_;
    Pool<NodeQueue>::Lease queue_;
    std::vector<Home> homes_;
    bool past_{false};  // some rows hold edges later than the view
    bool inferring_{false};
    Reach answer_;
    std::size_t size_{0};
    std::size_t processed_{0};  // of the first phase
    std::size_t looked_at_{0};  // the last place at which it was within the limits
    std::size_t size_then_{0};
    std::size_t certain_seen_{0};
    std::size_t marked_{0};     // nodes of the queue that are marked: those that were cut off, too
    std::vector<Pending> pending_;
    std::vector<std::uint32_t> untracked_places_;
    std::vector<Node> left_out_;
};

std::uint32_t Reach::depth(std::size_t place) const noexcept {
    const std::vector<std::uint32_t>& levels = place < certain_ || possible_levels_.empty() ? certain_levels_ : possible_levels_;
    return static_cast<std::uint32_t>(std::ranges::upper_bound(levels, place) - levels.begin());
}

Reach reach(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options) {
    return ReachWalk{view, direction, options}.run(seeds);
}

std::vector<KindCount> count_kinds(const View& view, const Reach& reach) {
    std::array<KindCount, slot(NodeKind::transformation) + 1> counts;  // it is the last one
    const std::span<const Node> nodes = reach.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        KindCount& count = counts[slot(view.kind(nodes[i]))];
        ++count.nodes;
        count.certain += static_cast<std::size_t>(i < reach.certain());
    }
    std::vector<KindCount> met;
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
        counts[kind].kind = static_cast<NodeKind>(kind);
        if (counts[kind].nodes > 0) met.push_back(counts[kind]);
    }
    return met;
}

}  // namespace stemma::lineage
