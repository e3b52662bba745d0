#include "core/lineage/graph.hpp"

#include <algorithm>
#include <tuple>

#include "core/lineage/node_flags.hpp"

namespace stemma::lineage {

// --- layers ----------------------------------------------------------------------------------------------------------

template <class InSegment, class InDelta>
auto Layers::at(EdgeNo edge, const InSegment& in_segment, const InDelta& in_delta) const {
    auto place = static_cast<std::uint32_t>(edge);
    for (const auto& segment : segments) {
        if (place < segment->size()) return in_segment(*segment, place);
        place -= static_cast<std::uint32_t>(segment->size());
    }
    if (frozen != nullptr) {
        if (place < frozen->size()) return in_delta(*frozen, place);
        place -= static_cast<std::uint32_t>(frozen->size());
    }
    return in_delta(*active, place);
}

EdgeFacts Layers::facts(EdgeNo edge) const noexcept {
    return at(
        edge, [](const Segment& segment, std::uint32_t place) { return segment.facts(place); },
        [](const Delta& delta, std::uint32_t place) { return delta.facts(place); });
}

Node Layers::from(EdgeNo edge) const noexcept {
    return at(
        edge, [](const Segment& segment, std::uint32_t place) { return segment.from(place); },
        [](const Delta& delta, std::uint32_t place) { return delta.from(place); });
}

Node Layers::to(EdgeNo edge) const noexcept {
    return at(
        edge, [](const Segment& segment, std::uint32_t place) { return segment.to(place); },
        [](const Delta& delta, std::uint32_t place) { return delta.to(place); });
}

// --- one edge at a time ----------------------------------------------------------------------------------------------

EdgeWalk::EdgeWalk(const Layers& layers, Node node, Direction direction) : layers_{layers}, node_{node}, direction_{direction} {}

std::optional<EdgeWalk::Step> EdgeWalk::next() {
    for (; layer_ < layers_.segments.size(); ++layer_, entered_ = false) {
        const Segment& segment = *layers_.segments[layer_];
        if (!entered_) std::tie(place_, last_) = segment.row(node_, direction_);
        entered_ = true;
        if (place_ < last_) {
            const std::uint32_t place = place_++;
            return Step{EdgeNo{base_ + segment.edge_at(place, direction_)}, segment.rows(direction_).others[place]};
        }
        base_ += static_cast<std::uint32_t>(segment.size());
    }
    for (; layer_ < layers_.segments.size() + 2; ++layer_, entered_ = false) {
        const Delta* delta = layer_ == layers_.segments.size() ? layers_.frozen.get() : layers_.active.get();
        if (delta == nullptr) continue;
        if (!entered_) place_ = delta->first(node_, direction_);
        entered_ = true;
        if (place_ != 0) {
            const std::uint32_t edge = place_ - 1;
            place_ = delta->next(edge, direction_);
            return Step{EdgeNo{base_ + edge}, delta->other(edge, direction_)};
        }
        base_ += static_cast<std::uint32_t>(delta->size());
    }
    return std::nullopt;
}

// --- writing ---------------------------------------------------------------------------------------------------------

Graph::Graph(GraphSettings settings, Column<std::uint8_t>& flags)
    : settings_{settings}, flags_{flags}, active_{std::make_shared<Delta>(0)} {
    settings_.segment_edges_max = std::min(settings_.segment_edges_max, Segment::kEdgesMax / 2);
    publish();
}

void Graph::publish() {
    auto layers = std::make_shared<Layers>();
    layers->segments = segments_;
    layers->frozen = frozen_;
    layers->active = active_;
    const std::lock_guard lock{layers_mutex_};
    layers_ = std::move(layers);
}

std::shared_ptr<const Layers> Graph::layers() const {
    const std::lock_guard lock{layers_mutex_};
    return layers_;
}

void Graph::mark_special(Node node, Direction direction) const noexcept {
    for (const auto& segment : segments_)
        if (slot(node) < segment->node_end())
            return segment->rows(direction).mark_special(static_cast<std::uint32_t>(node) - segment->first_node());
}

void Graph::add(Node from, Node to, const EdgeFacts& facts) {
    active_->add(from, to, facts);
    mark_special(from, Direction::forward);
    mark_special(to, Direction::back);
}

void Graph::check(Node node, Direction direction) {
    const std::uint8_t flag = direction == Direction::forward ? NodeFlags::kCheckForward : NodeFlags::kCheckBack;
    if ((flags_.load(slot(node)) & flag) != 0) return;
    flags_.set_bits(slot(node), flag);
    mark_special(node, direction);
    if (frozen_ != nullptr) checked_.emplace_back(node, direction);
}

// --- merging ---------------------------------------------------------------------------------------------------------

bool Graph::wants_merge() const noexcept {
    return frozen_ == nullptr && active_->size() >= std::max(settings_.merge_edges_min, segment_edges_ / 100 * settings_.merge_percent);
}

bool Graph::begin_merge(std::uint32_t nodes) {
    if (frozen_ != nullptr || active_->size() == 0) return false;
    frozen_ = active_;
    frozen_nodes_ = nodes;
    active_ = std::make_shared<Delta>(nodes);
    checked_.clear();
    publish();
    return true;
}

bool Graph::extends_last() const noexcept {
    return !segments_.empty() && segments_.back()->size() + frozen_->size() <= settings_.segment_edges_max;
}

std::shared_ptr<Segment> Graph::build() const {
    const Segment* old = extends_last() ? segments_.back().get() : nullptr;
    std::uint32_t first_node = 0;
    if (old != nullptr)
        first_node = old->first_node();
    else if (!segments_.empty())
        first_node = segments_.back()->node_end();
    return std::make_shared<Segment>(old, *frozen_, first_node, frozen_nodes_, flags_);
}

void Graph::end_merge(std::shared_ptr<Segment> built) {
    if (extends_last()) segments_.pop_back();
    segment_edges_ += frozen_->size();
    segments_.push_back(std::move(built));
    frozen_.reset();
    // What happened while it was built.
    for (const auto& [node, direction] : checked_) mark_special(node, direction);
    active_->for_each_older([&](Node node) {
        for (const Direction direction : {Direction::forward, Direction::back})
            if (active_->first(node, direction) != 0) mark_special(node, direction);
    });
    checked_.clear();
    publish();
}

// --- snapshot, size --------------------------------------------------------------------------------------------------

void Graph::save(SnapshotWriter& out) const {
    out.value(std::uint64_t{segments_.size()});
    for (const auto& segment : segments_) segment->save(out);
}

void Graph::load(SnapshotReader& in, std::uint32_t nodes) {
    const std::size_t count = in.count(1);
    for (std::size_t i = 0; i < count && in.good(); ++i) {
        segments_.push_back(std::make_shared<Segment>(in));
        segment_edges_ += segments_.back()->size();
    }
    active_ = std::make_shared<Delta>(nodes);
    publish();
}

Graph::Size Graph::size() const {
    const std::shared_ptr<const Layers> now = layers();
    Size size;
    for (const auto& segment : now->segments) {
        size.edges += segment->size();
        size.bytes += segment->memory_bytes();
    }
    for (const Delta* delta : {now->frozen.get(), now->active.get()}) {
        if (delta == nullptr) continue;
        size.unmerged += delta->size();
        size.bytes += delta->memory_bytes();
    }
    size.edges += size.unmerged;
    size.segments = now->segments.size();
    return size;
}

}  // namespace stemma::lineage
