// Plain rows of a segment are read as reach.cpp reads them, from locals: their offset says that they are the whole truth. All other nodes
// are asked for their edges one by one. Where a node's offset lies is asked for when the node is met: nearly all that a small walk costs
// is waiting for memory.
#include "core/lineage/small_reach.hpp"

#include <algorithm>

namespace stemma::lineage {
namespace {

constexpr std::size_t kRowsAhead = 4;
constexpr std::size_t kLevels = 32;  // more than most walks have

class SmallWalk {
public:
    SmallWalk(const View& view, Direction direction, const TraceOptions& options)
        : view_{view}, options_{options}, direction_{direction}, marks_{view.room().marks->take()}, queue_{view.room().queues->take()} {
        marks_->reserve(view.node_count());
        queue_->reserve(2 * nodes_max() + 1, 0);
        found_.levels.reserve(kLevels);
        for (const auto& segment : view.layers().segments)
            if (segment->events_end() <= view.events_end()) homes_.emplace_back(*segment, direction);  // no edge is later than the view
    }
    ~SmallWalk() { marks_->clear({queue_->data(), size_}); }
    SmallWalk(const SmallWalk&) = delete;
    SmallWalk& operator=(const SmallWalk&) = delete;

    /// Whether it came to its end.
    bool run(std::span<const Node> seeds) {
        try {
            for (const Node seed : seeds)
                if (seed != Node::none && slot(seed) < view_.node_count()) meet(seed);
            for (std::size_t next = 0; next < size_;) {
                for (const std::size_t end = size_; next < end;) {
                    next = leave_plain(next, end);
                    if (next < end) leave_slowly(queue_->data()[next++]);
                }
                found_.levels.push_back(static_cast<std::uint32_t>(next));
            }
        } catch (const Enough&) {
            return false;
        }
        return found_.transformations <= options_.items_max && size_ - found_.transformations <= options_.items_max;
    }
    [[nodiscard]] SmallReach take() {
        found_.nodes.assign(queue_->data(), queue_->data() + size_);
        return std::move(found_);
    }

private:
    struct Enough {};  // thrown, since for_each_edge has no other way out

    [[nodiscard]] std::size_t nodes_max() const noexcept { return 2 * options_.items_max; }

    void push(Node node) noexcept {
        queue_->data()[size_] = node;
        size_ += static_cast<std::size_t>(marks_->mark(node));
    }
    void meet(Node node) {
        push(node);
        if (size_ > nodes_max()) throw Enough{};
    }

    /// The nodes at places [next, end) up to the first that is not a plain row; returns its place.
    std::size_t leave_plain(std::size_t next, const std::size_t end) {
        Node* const queue = queue_->data();
        std::uint64_t* const words = marks_->words();
        std::size_t size = size_;
        std::size_t transformations = found_.transformations;
        bool enough = false;
        for (; next < end && !enough; ++next) {
            const RowsAtHome* const home = home_of(queue[next]);
            if (home == nullptr) break;
            const std::uint32_t number = home->number(queue[next]);
            const std::uint32_t offset = home->offset(number);
            if ((offset & Rows::kSpecial) != 0) break;
            transformations += offset / Rows::kTransformation;
            const Node* const row_end = home->row(number + 1);
            const Node* other = home->others + (offset & Rows::kBegin);
            enough = static_cast<std::size_t>(row_end - other) > nodes_max();
            if (enough) break;
            for (; other != row_end; ++other) {
                std::uint64_t& word = words[slot(*other) / 64];
                const std::uint64_t bit = slot(*other) % 64;
                queue[size] = *other;
                size += ~(word >> bit) & 1U;
                word |= std::uint64_t{1} << bit;
                home->fetch_offset(*other);
            }
            enough = size > nodes_max();
            if (next + kRowsAhead < size) fetch_row(queue[next + kRowsAhead]);
        }
        size_ = size;
        found_.transformations = transformations;
        if (enough) throw Enough{};
        return next;
    }

    [[nodiscard]] const RowsAtHome* home_of(Node node) const noexcept {
        for (const RowsAtHome& home : homes_)
            if (home.number(node) < home.nodes) return &home;
        return nullptr;
    }
    void fetch_row(Node node) const noexcept {
        if (const RowsAtHome* home = home_of(node)) __builtin_prefetch(home->row(home->number(node)));
    }

    void leave_slowly(Node here) {
        found_.transformations += static_cast<std::size_t>(view_.is_transformation(here));
        const bool from_untracked = view_.is_untracked(here);
        view_.for_each_edge(here, direction_, [&](EdgeNo, Node other) {
            const bool inferred = from_untracked || view_.is_untracked(other);
            found_.inferred = found_.inferred || inferred;
            if (options_.include_inferred || !inferred) meet(other);
        });
    }

    const View& view_;
    const TraceOptions& options_;
    Direction direction_;
    Pool<Marks>::Lease marks_;
    Pool<NodeQueue>::Lease queue_;
    std::vector<RowsAtHome> homes_;
    std::size_t size_{0};
    SmallReach found_;
};

}  // namespace

std::uint32_t SmallReach::depth(std::size_t place) const noexcept {
    return static_cast<std::uint32_t>(std::ranges::upper_bound(levels, place) - levels.begin());
}

std::optional<SmallReach> reach_small(const View& view, std::span<const Node> seeds, Direction direction, const TraceOptions& options) {
    SmallWalk walk{view, direction, options};
    if (!walk.run(seeds)) return std::nullopt;
    return walk.take();
}

}  // namespace stemma::lineage
