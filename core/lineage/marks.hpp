// Marks: which nodes a walk has met. A bitmap that is cleared through what was marked, never by a fill over all nodes;
// a pool keeps them between walks. The pool is safe from any thread, a bitmap belongs to one walk at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/lineage/types.hpp"

namespace stemma::lineage {

class Marks {
public:
    /// Room for nodes [0, nodes). New room is unmarked.
    void reserve(std::size_t nodes) {
        if (words_.size() * 64 < nodes) words_.resize((nodes + 63) / 64, 0);
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

private:
    std::vector<std::uint64_t> words_;
};

class MarksPool {
public:
    /// All unmarked; to be given back all unmarked.
    [[nodiscard]] std::unique_ptr<Marks> take() {
        const std::lock_guard lock{mutex_};
        if (free_.empty()) return std::make_unique<Marks>();
        std::unique_ptr<Marks> marks = std::move(free_.back());
        free_.pop_back();
        return marks;
    }
    void give(std::unique_ptr<Marks> marks) {
        const std::lock_guard lock{mutex_};
        free_.push_back(std::move(marks));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Marks>> free_;
};

}  // namespace stemma::lineage
