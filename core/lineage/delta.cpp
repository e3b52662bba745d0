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

Delta::Heads& Delta::heads_of(Side& side, Node node) {
    const auto number = static_cast<std::uint32_t>(node);
    if (number >= first_node_) {
        side.home.reach(number - first_node_);
        return side.home.edit(number - first_node_);
    }
    std::uint32_t place = older_.find(node);
    if (place == kNone) {
        place = older_count_++;
        older_.insert(node, place);
    }
    side.older.reach(place);
    return side.older.edit(place);
}

void Delta::link(Side& side, Node node, std::uint32_t edge) {
    Heads& heads = heads_of(side, node);
    std::uint32_t& before = heads.last == 0 ? heads.first : side.links.edit(heads.last - 1).next;
    std::atomic_ref<std::uint32_t>{before}.store(edge + 1, std::memory_order_release);
    heads.last = edge + 1;
    if (heads.count < kAhead) {
        if (heads.count++ == 0) heads.behind = edge + 1;
        return;
    }
    Link& behind = side.links.edit(heads.behind - 1);
    std::atomic_ref<std::uint32_t>{behind.ahead}.store(edge + 1, std::memory_order_relaxed);
    heads.behind = behind.next;
}

void Delta::add(Node from, Node to, const EdgeFacts& facts) {
    const auto edge = static_cast<std::uint32_t>(facts_.size());
    forward_.links.push_back({to, 0, 0});
    back_.links.push_back({from, 0, 0});
    facts_.push_back(facts);
    link(forward_, from, edge);
    link(back_, to, edge);
}

std::uint32_t Delta::edges_below(std::uint32_t events_end) const noexcept {
    const std::size_t size = facts_.size();
    if (size == 0 || slot(facts_[size - 1].event) < events_end) return static_cast<std::uint32_t>(size);
    std::size_t first = 0;
    for (std::size_t count = size; count > 0;) {
        const std::size_t half = count / 2;
        if (slot(facts_[first + half].event) < events_end) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return static_cast<std::uint32_t>(first);
}

std::uint32_t Delta::first(Node node, Direction direction) const noexcept {
    const auto number = static_cast<std::uint32_t>(node);
    const Side& lists = side(direction);
    if (number >= first_node_) return number - first_node_ < lists.home.size() ? load_from(lists.home[number - first_node_].first) : 0;
    const std::uint32_t place = older_.find(node);
    return place < lists.older.size() ? load_from(lists.older[place].first) : 0;
}

std::size_t Delta::memory_bytes() const noexcept {
    std::size_t bytes = older_.memory_bytes() + facts_.memory_bytes();
    for (const Side* lists : {&forward_, &back_})
        bytes += lists->links.memory_bytes() + lists->home.memory_bytes() + lists->older.memory_bytes();
    return bytes;
}

}  // namespace stemma::lineage
