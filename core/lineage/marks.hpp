// What a walk needs room for: marks of the nodes it has met, and the queue that is its answer. Marks are a bitmap that is cleared
// through what was marked, never by a fill over all nodes; a queue grows without being filled. Pools keep both between walks. A pool is
// safe from any thread, what it lends belongs to one walk at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/lineage/memory.hpp"
#include "core/lineage/types.hpp"

namespace stemma::lineage {

class Marks {
public:
    /// Room for nodes [0, nodes). New room is unmarked.
    void reserve(std::size_t nodes) {
        if (words_.size() * 64 >= nodes) return;
        Array<std::uint64_t> grown{std::max((nodes + 63) / 64, words_.size() * 5 / 4)};
        words_ = std::move(grown);  // between walks all is unmarked: nothing to copy
    }
    /// Marks the node; false when it was marked before.
    bool mark(Node node) noexcept {
        std::uint64_t& word = words_[slot(node) / 64];
        const std::uint64_t bit = std::uint64_t{1} << (slot(node) % 64);
        const bool fresh = (word & bit) == 0;
        word |= bit;
        return fresh;
    }
    void unmark(Node node) noexcept { words_[slot(node) / 64] &= ~(std::uint64_t{1} << (slot(node) % 64)); }
    /// Unmarks all there is, which must be among these: whole words are cleared.
    void clear(std::span<const Node> nodes) noexcept {
        std::uint64_t* const words = words_.data();
        for (const Node node : nodes) words[slot(node) / 64] = 0;
    }
    /// 64 nodes each, for walks that go by the million.
    [[nodiscard]] std::uint64_t* words() noexcept { return words_.data(); }

private:
    Array<std::uint64_t> words_;
};

/// Nodes in a row, with room for more that nobody fills in vain.
class NodeQueue {
public:
    [[nodiscard]] Node* data() noexcept { return nodes_.data(); }
    [[nodiscard]] const Node* data() const noexcept { return nodes_.data(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return nodes_.size(); }
    /// Room for `wanted` nodes, of which the first `used` are kept.
    void reserve(std::size_t wanted, std::size_t used) {
        if (wanted > capacity()) grow(wanted, used);
    }

private:
    void grow(std::size_t wanted, std::size_t used) {
        Array<Node> grown{std::max({wanted, capacity() * 2, kFirst})};
        std::copy_n(nodes_.data(), used, grown.data());
        nodes_ = std::move(grown);
    }
    static constexpr std::size_t kFirst = 1024;
    Array<Node> nodes_;
};

/// Lends things that are dear to make and takes them back. Shared by those that lend from it: it lives as long as the last of them.
template <class T>
class Pool : public std::enable_shared_from_this<Pool<T>> {
    struct GiveBack {
        std::shared_ptr<Pool> pool;
        void operator()(T* thing) const {
            std::unique_ptr<T> owned{thing};
            const std::lock_guard lock{pool->mutex_};
            if (pool->free_.size() < kKept) pool->free_.push_back(std::move(owned));
        }
    };

public:
    using Lease = std::unique_ptr<T, GiveBack>;

    [[nodiscard]] Lease take() {
        const GiveBack back{this->shared_from_this()};
        const std::lock_guard lock{mutex_};
        if (free_.empty()) return Lease{new T, back};
        Lease lease{free_.back().release(), back};
        free_.pop_back();
        return lease;
    }

private:
    static constexpr std::size_t kKept = 8;
    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> free_;
};

/// What an index lends to walks.
struct WalkRoom {
    std::shared_ptr<Pool<Marks>> marks{std::make_shared<Pool<Marks>>()};  ///< all unmarked; to be given back all unmarked
    std::shared_ptr<Pool<NodeQueue>> queues{std::make_shared<Pool<NodeQueue>>()};
};

}  // namespace stemma::lineage
