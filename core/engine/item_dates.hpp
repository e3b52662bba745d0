// When an item was made and first came in, folded from its events. A fold goes on where it ended: the writer keeps the folds of the
// items it judges, so that an item with a long history is not read again for each of its events.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// The fold of one item over the ledger's entries [0, position). Events that were declared wrong do not count.
class ItemDates {
public:
    /// Takes in the entries up to `position`, which is not below the one before. Errors: Errc::storage.
    [[nodiscard]] Result<void> advance(ReadSnapshot& snapshot, const std::string& item, Sequence position);

    [[nodiscard]] Sequence position() const noexcept { return position_; }
    [[nodiscard]] bool known() const noexcept { return known_; }  ///< some entry speaks of the item
    /// Time of its first output of a transformation, or of its commissioning.
    [[nodiscard]] std::optional<Instant> made() const;
    /// Time of its first receiving.
    [[nodiscard]] std::optional<Instant> received() const;

private:
    void apply(const Event& event, const std::string& item);

    Sequence position_{0};
    bool known_{false};
    std::map<EventId, Instant> made_;
    std::map<EventId, Instant> received_;
};

/// The writer's folds. One thread at a time.
class ItemDatesCache {
public:
    /// Call at the start of each command: folds that reach beyond `size` saw entries of a command that was taken back.
    void begin_unit(Sequence size);
    /// Forgets all folds, as after a group of commands that was not committed.
    void clear();
    /// The fold of an item, which the caller advances. Valid until the next call of the cache.
    [[nodiscard]] ItemDates& of(const std::string& item);

private:
    std::unordered_map<std::string, ItemDates> folds_;
    std::vector<std::string> used_;  ///< by the running command
};

}  // namespace stemma::engine
