#include "core/lineage/segment.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/lineage/node_flags.hpp"

namespace stemma::lineage {

// --- rows ------------------------------------------------------------------------------------------------------------

std::pair<std::uint32_t, std::uint32_t> Rows::row_of_stranger(Node node) const noexcept {
    const auto all = strangers.all();
    const auto found = std::ranges::lower_bound(all, node);
    if (found == all.end() || *found != node) return {0, 0};
    const auto place = static_cast<std::size_t>(found - all.begin());
    return {stranger_offsets[place], stranger_offsets[place + 1]};
}

Node Rows::owner(std::uint32_t place, std::uint32_t first_node) const noexcept {
    const auto last_not_above = [&](std::size_t count, const auto& begin) {
        std::size_t first = 0;
        while (count > 0) {
            const std::size_t half = count / 2;
            if (begin(first + half) <= place) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return static_cast<std::uint32_t>(first - 1);
    };
    if (strangers.size() > 0 && place >= stranger_offsets[0])
        return strangers[last_not_above(strangers.size(), [&](std::size_t i) { return stranger_offsets[i]; })];
    return Node{first_node +
                last_not_above(offsets.size() - 1, [&](std::size_t i) { return offset(static_cast<std::uint32_t>(i)) & kBegin; })};
}

void Rows::save(SnapshotWriter& out) const {
    out.array(offsets);
    out.array(strangers);
    out.array(stranger_offsets);
    out.array(others);
}

void Rows::load(SnapshotReader& in) {
    in.array(offsets);
    in.array(strangers);
    in.array(stranger_offsets);
    in.array(others);
}

// --- building --------------------------------------------------------------------------------------------------------

/// Counting sort of the old rows and the delta's edges into new rows, one way after the other.
class Segment::Builder {
public:
    Builder(Segment& made, const Segment* old, const Delta& delta) : made_{made}, old_{old}, delta_{delta}, places_{delta.size()} {}

    void run(const Column<std::uint8_t>& flags) {
        const std::size_t edges = (old_ != nullptr ? old_->size() : 0) + delta_.size();
        find_ranges();
        made_.events_ = Packed{edges, made_.events_end_ - 1 - made_.first_event_};
        made_.bits_ = Packed{edges, made_.largest_amount_ << 2U | 3U};
        made_.in_edges_ = Packed{edges, static_cast<std::uint32_t>(edges)};
        fill(made_.out_, Direction::forward);
        fill(made_.in_, Direction::back);
        mark(made_.out_, flags, NodeFlags::kCheckForward);
        mark(made_.in_, flags, NodeFlags::kCheckBack);
    }

private:
    [[nodiscard]] std::uint32_t homes() const noexcept { return made_.node_end_ - made_.first_node_; }
    [[nodiscard]] const Rows* old_rows(Direction direction) const noexcept { return old_ != nullptr ? &old_->rows(direction) : nullptr; }
    [[nodiscard]] Node owner(std::uint32_t edge, Direction direction) const noexcept {
        return direction == Direction::forward ? delta_.from(edge) : delta_.to(edge);
    }

    void find_ranges() const noexcept {
        if (old_ != nullptr) {
            made_.first_event_ = old_->first_event_;
            made_.events_end_ = old_->events_end_;
            made_.largest_amount_ = old_->largest_amount_;
        } else {
            made_.first_event_ = static_cast<std::uint32_t>(delta_.facts(0).event);
        }
        for (std::uint32_t edge = 0; edge < delta_.size(); ++edge) {
            const EdgeFacts& facts = delta_.facts(edge);
            made_.first_event_ = std::min(made_.first_event_, static_cast<std::uint32_t>(facts.event));
            made_.events_end_ = std::max(made_.events_end_, static_cast<std::uint32_t>(facts.event) + 1);
            made_.largest_amount_ = std::max(made_.largest_amount_, facts.amount());
        }
    }

    void fill(Rows& rows, Direction direction) {
        find_strangers(rows, direction);
        count(rows, direction);
        rows.others = Array<Node>{made_.size()};
        copy_old_rows(rows, direction);
        for (std::uint32_t edge = 0; edge < delta_.size(); ++edge) {
            const std::uint32_t place = begin_of(rows, owner(edge, direction))++;
            rows.others[place] = delta_.other(edge, direction);
            if (direction == Direction::forward) {
                made_.keep(place, delta_.facts(edge));
                places_[edge] = place;
            } else {
                made_.in_edges_.set(place, places_[edge]);
            }
        }
        // Each row's begin has moved to its end: the next one's begin.
        const std::uint32_t at_home = homes() == 0 ? 0 : rows.offsets[homes() - 1];
        for (std::size_t i = homes(); i > 0; --i) rows.offsets[i] = rows.offsets[i - 1];
        rows.offsets[0] = 0;
        for (std::size_t i = rows.strangers.size(); i > 0; --i) rows.stranger_offsets[i] = rows.stranger_offsets[i - 1];
        rows.stranger_offsets[0] = at_home;
    }

    void find_strangers(Rows& rows, Direction direction) {
        std::vector<Node> found;
        if (old_ != nullptr) found.assign(old_rows(direction)->strangers.all().begin(), old_rows(direction)->strangers.all().end());
        for (std::uint32_t edge = 0; edge < delta_.size(); ++edge)
            if (const Node node = owner(edge, direction); slot(node) < made_.first_node_) found.push_back(node);
        std::ranges::sort(found);
        found.erase(std::ranges::unique(found).begin(), found.end());
        rows.strangers = Array<Node>{found.size()};
        std::ranges::copy(found, rows.strangers.data());
    }

    /// Row lengths, then begins.
    void count(Rows& rows, Direction direction) {
        rows.offsets = Array<std::uint32_t>{std::size_t{homes()} + 1};
        rows.stranger_offsets = Array<std::uint32_t>{rows.strangers.size() + 1};
        if (const Rows* old = old_rows(direction)) {
            for (std::uint32_t i = 0; i + 1 < old->offsets.size(); ++i) {
                const auto [first, last] = old->row_at_home(i);
                rows.offsets[i] = last - first;
            }
            for (std::size_t i = 0; i < old->strangers.size(); ++i)
                begin_of(rows, old->strangers[i]) = old->stranger_offsets[i + 1] - old->stranger_offsets[i];
        }
        for (std::uint32_t edge = 0; edge < delta_.size(); ++edge) ++begin_of(rows, owner(edge, direction));
        std::uint32_t begin = 0;
        const auto sum = [&](std::span<std::uint32_t> lengths) {
            for (std::uint32_t& length : lengths) begin += std::exchange(length, begin);
        };
        sum(rows.offsets.all().first(homes()));
        sum(rows.stranger_offsets.all().first(rows.strangers.size()));
    }

    void copy_old_rows(Rows& rows, Direction direction) {
        const Rows* old = old_rows(direction);
        if (old == nullptr) return;
        const auto copy = [&](Node node, std::uint32_t first, std::uint32_t last) {
            std::uint32_t& begin = begin_of(rows, node);
            for (std::uint32_t place = first; place < last; ++place, ++begin) {
                rows.others[begin] = old->others[place];
                if (direction == Direction::forward)
                    made_.keep(begin, old_->facts(place));
                else
                    made_.in_edges_.set(begin, moved(old->others[place], old_->in_edges_[place]));
            }
        };
        for (std::uint32_t i = 0; i + 1 < old->offsets.size(); ++i) {
            const auto [first, last] = old->row_at_home(i);
            copy(Node{old_->first_node_ + i}, first, last);
        }
        for (std::size_t i = 0; i < old->strangers.size(); ++i)
            copy(old->strangers[i], old->stranger_offsets[i], old->stranger_offsets[i + 1]);
    }

    /// Where an edge of the old forward rows stands in the new ones, which are filled by now.
    [[nodiscard]] std::uint32_t moved(Node from, std::uint32_t old_place) {
        const std::uint32_t old_begin = old_->row(from, Direction::forward).first;
        return made_.row(from, Direction::forward).first + (old_place - old_begin);
    }

    std::uint32_t& begin_of(Rows& rows, Node node) const noexcept {
        if (slot(node) >= made_.first_node_) return rows.offsets[slot(node) - made_.first_node_];
        const auto all = rows.strangers.all();
        return rows.stranger_offsets[static_cast<std::size_t>(std::ranges::lower_bound(all, node) - all.begin())];
    }

    void mark(Rows& rows, const Column<std::uint8_t>& flags, std::uint8_t check) const {
        for (std::uint32_t i = 0; i < homes(); ++i) {
            const std::uint8_t flag = flags.load(made_.first_node_ + i);
            if ((flag & NodeFlags::kTransformation) != 0) rows.offsets[i] |= Rows::kTransformation;
            if ((flag & check) != 0) rows.offsets[i] |= Rows::kSpecial;
        }
    }

    Segment& made_;
    const Segment* old_;
    const Delta& delta_;
    Array<std::uint32_t> places_;  // of each of the delta's edges in the new forward rows
};

Segment::Segment(const Segment* old, const Delta& delta, std::uint32_t first_node, std::uint32_t node_end,
                 const Column<std::uint8_t>& flags)
    : first_node_{first_node}, node_end_{node_end} {
    Builder{*this, old, delta}.run(flags);
}

void Segment::keep(std::uint32_t edge, const EdgeFacts& facts) const noexcept {
    events_.set(edge, static_cast<std::uint32_t>(facts.event) - first_event_);
    bits_.set(edge, facts.amount() << 2U | std::to_underlying(facts.kind()));
}

Segment::Segment(SnapshotReader& in) {
    in.value(first_node_);
    in.value(node_end_);
    in.value(first_event_);
    in.value(events_end_);
    in.value(largest_amount_);
    out_.load(in);
    in_.load(in);
    for (Packed* packed : {&in_edges_, &events_, &bits_}) packed->load(in);
}

void Segment::save(SnapshotWriter& out) const {
    out.value(first_node_);
    out.value(node_end_);
    out.value(first_event_);
    out.value(events_end_);
    out.value(largest_amount_);
    out_.save(out);
    in_.save(out);
    for (const Packed* packed : {&in_edges_, &events_, &bits_}) packed->save(out);
}

std::pair<std::uint32_t, std::uint32_t> Segment::row(Node node, Direction direction) const noexcept {
    const auto number = static_cast<std::uint32_t>(node);
    const Rows& rows = this->rows(direction);
    if (number < first_node_) return rows.row_of_stranger(node);
    if (number >= node_end_) return {0, 0};
    return rows.row_at_home(number - first_node_);
}

}  // namespace stemma::lineage
