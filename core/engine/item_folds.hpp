// The folds that the writer keeps of the items it judges, so that an item with a long history is not read again for each of its events.
// One thread at a time.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/item_dates.hpp"
#include "core/engine/item_life.hpp"

namespace stemma::engine {

/// Folds of one kind, by item.
template <class Fold>
class FoldCache {
public:
    /// Folds that reach beyond `size` saw entries of a command that was taken back.
    void begin_unit(Sequence size) {
        for (const std::string& item : used_)
            if (const auto fold = folds_.find(item); fold != folds_.end() && fold->second.position() > size) folds_.erase(fold);
        used_.clear();
    }

    void clear() {
        folds_.clear();
        used_.clear();
        weight_ = 0;
    }

    /// The item's fold up to `position`. Valid until the next call of the cache.
    template <class... Limits>
    [[nodiscard]] Result<const Fold*> at(ReadSnapshot& snapshot, const std::string& item, Sequence position, Limits... limits) {
        if (folds_.size() >= kFoldsKept || weight_ >= kWeightKept) {
            folds_.clear();
            weight_ = 0;
        }
        used_.push_back(item);
        Fold& fold = folds_[item];
        const std::size_t before = fold.weight();
        if (auto advanced = fold.advance(snapshot, item, position, limits...); !advanced) return fail(std::move(advanced));
        if (fold.weight() > before) weight_ += fold.weight() - before;
        return &fold;
    }

private:
    static constexpr std::size_t kFoldsKept = 100'000;   ///< then all are dropped: a fold can always be made again
    static constexpr std::size_t kWeightKept = 500'000;  ///< likewise, in rows that they keep: some 150 MB

    std::unordered_map<std::string, Fold> folds_;
    std::vector<std::string> used_;  ///< by the running command
    std::size_t weight_{0};
};

struct ItemFolds {
    FoldCache<ItemDates> dates;
    FoldCache<ItemLife> lives;

    /// Call at the start of each command.
    void begin_unit(Sequence size) {
        dates.begin_unit(size);
        lives.begin_unit(size);
    }
    /// Forgets all folds, as after a group of commands that was not committed.
    void clear() {
        dates.clear();
        lives.clear();
    }
};

}  // namespace stemma::engine
