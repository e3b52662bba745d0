// Two phases, as in trace.cpp: recorded edges first, then what inferred ones add. Nearly all nodes of the first are plain rows of a
// segment: their offset says so by itself, and the loop over them reads nothing but offsets, rows and marks, from locals, without a
// branch per edge. The rest take a longer way: rows and what the deltas add, or, where edges must be held to the view, one by one.
#include "core/lineage/reach.hpp"

#include <algorithm>
#include <array>

namespace stemma::lineage {
namespace {

constexpr std::size_t kOffsetsAhead = 16;  // measured, as the next: core/DESIGN.md, decision 28
constexpr std::size_t kRowsAhead = 8;
constexpr std::size_t kPrefetchFrom = 1000;  // below so many nodes waiting everything is near: the plain loop wins
constexpr std::size_t kLookEvery = 1024;     // nodes between two looks at the limits and the cancel flag

void fetch(const void* address) noexcept { __builtin_prefetch(address); }

/// Which segment a node is at home in, or any where it is in none: the only one, as nearly every index has it; or one of several.
class OneHome {
public:
    explicit OneHome(std::span<const RowsAtHome> homes) : home_{homes.front()} {}
    [[nodiscard]] const RowsAtHome& of(Node) const noexcept { return home_; }

private:
    RowsAtHome home_;
};
class ManyHomes {
public:
    explicit ManyHomes(std::span<const RowsAtHome> homes) : homes_{homes}, last_{homes.front()} {}
    /// Nodes that wait one behind the other are mostly of one time, and so at home in one segment: the one before is tried first.
    [[nodiscard]] const RowsAtHome& of(Node node) noexcept {
        if (last_.number(node) >= last_.nodes) last_ = find(node);
        return last_;
    }

private:
    [[nodiscard]] const RowsAtHome& find(Node node) const noexcept {
        std::size_t i = 0;
        for (std::size_t next = 1; next < homes_.size(); ++next)
            i += static_cast<std::size_t>(static_cast<std::uint32_t>(node) >= homes_[next].first_node);
        return homes_[i];
    }

    std::span<const RowsAtHome> homes_;
    RowsAtHome last_;
};

}  // namespace

class ReachWalk {
public:
    ReachWalk(const View& view, Direction direction, const TraceOptions& options)
        : view_{view}, options_{options}, direction_{direction}, marks_{view.room().marks->take()}, queue_{view.room().queues->take()} {
        marks_->reserve(view.node_count());
        for (const auto& segment : view.layers().segments) {
            homes_.emplace_back(*segment, direction);
            if (segment->events_end() > view.events_end()) past_ = true;
        }
        for (const Delta* delta : {view.layers().frozen.get(), view.layers().active.get()})
            if (delta != nullptr && delta->size() > 0) tails_.push_back({delta, delta->edges_below(view.events_end())});
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
        marks_->clear({queue_->data(), marked_});
        marks_->clear(left_out_);
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

    /// The part of a delta that the view sees.
    struct Tail {
        const Delta* delta;
        std::uint32_t edges;  // those below
    };

    /// The answer while a loop adds to it: all in locals, which no store to the queue can be thought to change. Written back at the end.
    struct Growing {
        explicit Growing(ReachWalk& of)
            : walk{of},
              queue{of.queue_->data()},
              room{of.queue_->capacity()},
              words{of.marks_->words()},
              size{of.size_},
              transformations{of.answer_.transformations_} {}
        Growing(const Growing&) = delete;
        Growing& operator=(const Growing&) = delete;
        ~Growing() {
            walk.size_ = size;
            walk.answer_.transformations_ = transformations;
        }
        /// For so many more, and one that will not be kept.
        void make_room(std::size_t more) {
            if (room - size > more) return;
            walk.queue_->reserve(size + more + 1, size);
            queue = walk.queue_->data();
            room = walk.queue_->capacity();
        }
        void push(Node node) noexcept {
            std::uint64_t& word = words[slot(node) / 64];
            const std::uint64_t bit = slot(node) % 64;
            queue[size] = node;
            size += ~(word >> bit) & 1U;
            word |= std::uint64_t{1} << bit;
        }

        ReachWalk& walk;
        Node* queue;
        std::size_t room;
        std::uint64_t* words;
        std::size_t size;
        std::size_t transformations;
    };

    [[nodiscard]] Node at(std::size_t place) const noexcept { return queue_->data()[place]; }

    /// Room for one more is there.
    void push(Node node) noexcept {
        queue_->data()[size_] = node;
        size_ += static_cast<std::size_t>(marks_->mark(node));
    }

    void push_with_room(Node node) {
        queue_->reserve(size_ + 1, size_);
        push(node);
    }

    /// Whether the walk ends here: cancelled, or past a limit.
    [[nodiscard]] bool stop(std::size_t place) {
        if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) answer_.cancelled_ = true;
        const std::size_t items = place - answer_.transformations_;
        if (answer_.cancelled_ || items > options_.items_max || answer_.transformations_ > options_.items_max) return true;
        looked_at_ = place;
        size_then_ = size_;
        return false;
    }

    // --- recorded edges ----------------------------------------------------------------------------------------------

    void walk_recorded() {
        std::size_t look_at = 0;
        for (std::size_t& place = processed_; place < size_;) {
            const std::size_t level_end = size_;
            while (place < level_end) {
                if (place >= look_at) {
                    if (stop(place)) return;
                    look_at = place + kLookEvery;
                }
                place = expand(place, std::min(level_end, look_at));
            }
            answer_.certain_levels_.push_back(static_cast<std::uint32_t>(level_end));
        }
    }

    /// The nodes at places [place, end); returns end.
    std::size_t expand(std::size_t place, std::size_t end) {
        const bool plain_ones = !past_ && !homes_.empty();
        while (place < end) {
            if (plain_ones) place = homes_.size() == 1 ? expand_plain<OneHome>(place, end) : expand_plain<ManyHomes>(place, end);
            if (place < end) place = expand_others(place, end);
        }
        return place;
    }

    /// Up to the first node that is not a plain row, or `end`.
    template <class Homes>
    std::size_t expand_plain(std::size_t place, std::size_t end) {
        if (size_ - place > kPrefetchFrom) {
            const std::size_t ahead_end = std::min(end, size_ - kOffsetsAhead);  // what is looked at ahead is in the queue by now
            place = expand_plain<true, Homes>(place, ahead_end);
            if (place < ahead_end) return place;
        }
        return expand_plain<false, Homes>(place, end);
    }

    template <bool kAhead, class Homes>
    std::size_t expand_plain(std::size_t place, const std::size_t end) {
        Growing found{*this};
        Homes far{homes_};
        Homes near{homes_};
        Homes here{homes_};
        for (; place < end; ++place) {
            if constexpr (kAhead) {
                fetch_offset(far, found.queue[place + kOffsetsAhead]);
                fetch_row(near, found.queue[place + kRowsAhead]);
            }
            const RowsAtHome& home = here.of(found.queue[place]);
            const std::uint32_t number = home.number(found.queue[place]);
            if (number >= home.nodes) break;
            const std::uint32_t offset = home.offset(number);
            if ((offset & Rows::kSpecial) != 0) break;
            found.transformations += offset / Rows::kTransformation;
            const std::uint32_t first = offset & Rows::kBegin;
            const std::uint32_t last = home.offset(number + 1) & Rows::kBegin;
            found.make_room(last - first);
            for (const Node *other = home.others + first, *const row_end = home.others + last; other != row_end; ++other)
                found.push(*other);
        }
        return place;
    }

    template <class Homes>
    static void fetch_offset(Homes& homes, Node node) noexcept {
        homes.of(node).fetch_offset(node);
    }
    template <class Homes>
    static void fetch_row(Homes& homes, Node node) noexcept {
        const RowsAtHome& home = homes.of(node);
        const std::uint32_t number = home.number(node);
        fetch(home.row(number < home.nodes ? number : 0));
    }

    /// At least the node at this place, up to the first one that is a plain row, or `end`.
    std::size_t expand_others(std::size_t place, std::size_t end) {
        do {
            const std::size_t before = place;
            if (!tails_.empty()) place = expand_newest(tails_.back(), place, end);
            if (place > before) continue;
            expand_other(place, at(place));
            ++place;
        } while (place < end && !is_plain(at(place)));
        return place;
    }

    /// Up to the first node that the last delta does not know alone, or that must be held to the view, or `end`.
    std::size_t expand_newest(const Tail& tail, std::size_t place, std::size_t end) {
        if (size_ - place > kOffsetsAhead) {
            const std::size_t ahead_end = std::min(end, size_ - kOffsetsAhead);
            place = expand_newest<true>(tail, place, ahead_end);
            if (place < ahead_end) return place;
        }
        return expand_newest<false>(tail, place, end);
    }

    template <bool kAhead>
    std::size_t expand_newest(const Tail& tail, std::size_t place, const std::size_t end) {
        const std::uint32_t first_node = tail.delta->first_node();
        const Delta::Lists lists = tail.delta->lists(direction_);
        const std::uint8_t check = direction_ == Direction::forward ? NodeFlags::kCheckForward : NodeFlags::kCheckBack;
        Growing found{*this};
        for (; place < end; ++place) {
            const auto number = [&](std::size_t ahead) { return static_cast<std::uint32_t>(found.queue[place + ahead]) - first_node; };
            if (slot(found.queue[place]) < first_node) break;
            if constexpr (kAhead) {
                lists.fetch_first(number(kOffsetsAhead));
                lists.fetch_link(number(kRowsAhead));
            }
            const std::uint8_t flags = view_.flags(found.queue[place]);
            if ((flags & check) != 0) break;
            found.transformations += flags & NodeFlags::kTransformation;
            for (std::uint32_t next = lists.first(number(0)); next != 0 && next <= tail.edges;) {
                const Delta::Link& link = lists.link(next - 1);
                found.make_room(1);
                found.push(link.other);
                next = load_from(link.next);
            }
        }
        return place;
    }

    [[nodiscard]] bool is_plain(Node node) const noexcept {
        if (past_ || homes_.empty()) return false;
        ManyHomes homes{homes_};
        const RowsAtHome& home = homes.of(node);
        const std::uint32_t number = home.number(node);
        return number < home.nodes && (home.offset(number) & Rows::kSpecial) == 0;
    }

    void expand_other(std::size_t place, Node node) {
        answer_.transformations_ += static_cast<std::size_t>(view_.is_transformation(node));
        if (view_.is_checked(node, direction_)) return expand_checked(place, node);
        if (past_)
            return view_.layers().for_each_edge(node, direction_, view_.events_end(), [&](EdgeNo, Node other) { push_with_room(other); });
        for (const auto& segment : view_.layers().segments) {
            const auto [first, last] = segment->row(node, direction_);
            Growing found{*this};
            found.make_room(last - first);
            for (std::uint32_t i = first; i < last; ++i) found.push(segment->rows(direction_).others[i]);
        }
        for (const Tail& tail : tails_) {
            const Delta::Lists lists = tail.delta->lists(direction_);
            Growing found{*this};
            for (std::uint32_t next = tail.delta->first(node, direction_); next != 0 && next <= tail.edges;) {
                const Delta::Link& link = lists.link(next - 1);
                if (const std::uint32_t ahead = load_from(link.ahead, std::memory_order_relaxed); ahead != 0) fetch(&lists.link(ahead - 1));
                found.make_room(1);
                found.push(link.other);
                next = load_from(link.next);
            }
        }
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
            push_with_room(other);
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
    std::vector<RowsAtHome> homes_;
    std::vector<Tail> tails_;
    bool past_{false};  // some rows hold edges later than the view
    bool inferring_{false};
    Reach answer_;
    std::size_t size_{0};
    std::size_t processed_{0};  // of the first phase
    std::size_t looked_at_{0};  // the last place at which it was within the limits
    std::size_t size_then_{0};
    std::size_t certain_seen_{0};
    std::size_t marked_{0};  // nodes of the queue that are marked: those that were cut off, too
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
