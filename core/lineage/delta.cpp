#include "core/lineage/delta.hpp"

#include <algorithm>

namespace stemma::lineage {
namespace {

constexpr std::size_t kFirstSlots = 256;

std::size_t place_of(std::uint32_t node, std::size_t capacity) noexcept {
    const std::uint32_t spread = node * 0x9E3779B1U;
    return static_cast<std::size_t>((static_cast<std::uint64_t>(spread) * capacity) >> 32U);
}

void place(const Array<std::uint64_t>& slots, std::uint64_t slot) noexcept {
    std::size_t i = place_of(static_cast<std::uint32_t>(slot >> 32U), slots.size());
    while (slots[i] != 0) i = i + 1 == slots.size() ? 0 : i + 1;
    std::atomic_ref<std::uint64_t>{slots[i]}.store(slot, std::memory_order_release);
}

}  // namespace

std::uint32_t NodeMap::find(Node node) const noexcept {
    const Array<std::uint64_t>* slots = table_.load(std::memory_order_acquire);
    if (slots == nullptr) return kNone;
    const auto wanted = static_cast<std::uint32_t>(node);
    for (std::size_t i = place_of(wanted, slots->size());; i = i + 1 == slots->size() ? 0 : i + 1) {
        const std::uint64_t slot = load_from((*slots)[i]);
        if (slot == 0) return kNone;
        if (static_cast<std::uint32_t>(slot >> 32U) == wanted) return static_cast<std::uint32_t>(slot) - 1;
    }
}

void NodeMap::insert(Node node, std::uint32_t number) {
    const std::size_t capacity = tables_.empty() ? 0 : tables_.back()->size();
    if ((used_ + 1) * 2 > capacity) {
        auto grown = std::make_unique<Array<std::uint64_t>>(std::max(kFirstSlots, capacity * 2));
        if (!tables_.empty())
            for (const std::uint64_t slot : tables_.back()->all())
                if (slot != 0) place(*grown, slot);
        tables_.push_back(std::move(grown));
        table_.store(tables_.back().get(), std::memory_order_release);
    }
    place(*tables_.back(), (static_cast<std::uint64_t>(node) << 32U) | (number + 1));
    ++used_;
}

std::size_t NodeMap::memory_bytes() const noexcept {
    std::size_t bytes = 0;
    for (const auto& table : tables_) bytes += table->memory_bytes();
    return bytes;
}

Delta::Heads& Delta::heads_of(Node node) {
    const auto number = static_cast<std::uint32_t>(node);
    if (number >= first_node_) {
        heads_.reach(number - first_node_);
        return heads_.edit(number - first_node_);
    }
    std::uint32_t place = older_.find(node);
    if (place == kNone) {
        place = static_cast<std::uint32_t>(older_heads_.size());
        older_heads_.push_back({});
        older_.insert(node, place);
    }
    return older_heads_.edit(place);
}

void Delta::link(std::uint32_t& first, std::uint32_t& last, std::uint32_t& next_of_last, std::uint32_t edge) noexcept {
    std::atomic_ref<std::uint32_t>{last == 0 ? first : next_of_last}.store(edge + 1, std::memory_order_release);
    last = edge + 1;
}

void Delta::add(Node from, Node to, const EdgeFacts& facts) {
    const auto edge = static_cast<std::uint32_t>(edges_.size());
    edges_.push_back({from, to, 0, 0, facts});
    Heads& out = heads_of(from);
    link(out.first_out, out.last_out, out.last_out == 0 ? out.first_out : edges_.edit(out.last_out - 1).next_out, edge);
    Heads& in = heads_of(to);
    link(in.first_in, in.last_in, in.last_in == 0 ? in.first_in : edges_.edit(in.last_in - 1).next_in, edge);
}

std::uint32_t Delta::first(Node node, Direction direction) const noexcept {
    const auto number = static_cast<std::uint32_t>(node);
    const Heads* heads = nullptr;
    if (number >= first_node_) {
        if (number - first_node_ < heads_.size()) heads = &heads_[number - first_node_];
    } else if (const std::uint32_t place = older_.find(node); place != kNone) {
        heads = &older_heads_[place];
    }
    if (heads == nullptr) return 0;
    return load_from(direction == Direction::forward ? heads->first_out : heads->first_in);
}

std::size_t Delta::memory_bytes() const noexcept {
    return edges_.memory_bytes() + heads_.memory_bytes() + older_.memory_bytes() + older_heads_.memory_bytes();
}

}  // namespace stemma::lineage
