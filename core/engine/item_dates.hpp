// When an item was made and first came in, folded from its events. A fold goes on where it ended: the writer keeps the folds of the
// items it judges, so that an item with a long history is not read again for each of its events.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// The fold of one item over the ledger's entries [0, position). Events that were declared wrong do not count.
class ItemDates {
public:
    /// Takes in the entries up to `position`, which is not below the one before. Errors: Errc::storage.
    [[nodiscard]] Result<void> advance(ReadSnapshot& snapshot, const std::string& item, Sequence position);

    [[nodiscard]] Sequence position() const noexcept { return position_; }
    [[nodiscard]] std::size_t weight() const noexcept { return made_.size() + received_.size(); }  ///< of what is kept
    [[nodiscard]] std::size_t entries() const noexcept { return entries_; }                        ///< that name the item
    [[nodiscard]] bool known() const noexcept { return entries_ != 0; }                            ///< some entry speaks of the item
    /// Time of its first output of a transformation, or of its commissioning.
    [[nodiscard]] std::optional<Instant> made() const;
    /// Time of its first receiving.
    [[nodiscard]] std::optional<Instant> received() const;

private:
    void apply(const Event& event, const std::string& item);

    Sequence position_{0};
    std::size_t entries_{0};
    std::map<EventId, Instant> made_;
    std::map<EventId, Instant> received_;
};

}  // namespace stemma::engine
