// Plain rows of a segment are read as reach.cpp reads them: their offset says that they are the whole truth. All other nodes are asked
// for their edges one by one.
#include "core/lineage/small_reach.hpp"

#include <algorithm>

namespace stemma::lineage {
namespace {

class SmallWalk {
public:
    SmallWalk(const View& view, Direction direction, const TraceOptions& options)
        : view_{view}, options_{options}, direction_{direction}, marks_{view.room().marks->take()}, queue_{view.room().queues->take()} {
        marks_->reserve(view.node_count());
        queue_->reserve(2 * nodes_max() + 1, 0);
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
                for (const std::size_t end = size_; next < end; ++next) leave(queue_->data()[next]);
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

    void leave(Node here) {
        const auto number = static_cast<std::uint32_t>(here);
        for (const auto& segment : view_.layers().segments) {
            if (number < segment->first_node() || number >= segment->node_end() || segment->events_end() > view_.events_end()) continue;
            const Rows& rows = segment->rows(direction_);
            const std::uint32_t offset = rows.offset(number - segment->first_node());
            if ((offset & Rows::kSpecial) == 0) return leave_plain(rows, number - segment->first_node(), offset);
        }
        leave_slowly(here);
    }

    void leave_plain(const Rows& rows, std::uint32_t place, std::uint32_t offset) {
        found_.transformations += static_cast<std::size_t>((offset & Rows::kTransformation) != 0);
        const std::uint32_t first = offset & Rows::kBegin;
        const std::uint32_t last = rows.offset(place + 1) & Rows::kBegin;
        if (last - first > nodes_max()) throw Enough{};
        for (std::uint32_t i = first; i < last; ++i) push(rows.others[i]);
        if (size_ > nodes_max()) throw Enough{};
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
