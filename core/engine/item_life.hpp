// What happened to an item and which cases are about it, folded from the entries that name it. A fold goes on where it ended, as that of
// its dates (item_dates.hpp): the writer keeps those of the items it judges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/milestones.hpp"
#include "core/ports/store.hpp"

namespace stemma::engine {

/// One milestone, from an event or a case's step. Texts are "" where there is nothing to say.
struct Happening {
    Sequence sequence{0};
    Milestone kind{Milestone::made};
    EventPart part{EventPart::object};
    Instant time;  ///< of the event, of a case's step when it was recorded; of what was made the event's productionDate where it has one
    bool date_only{false};
    std::string event;
    std::string party;
    std::string place;
    std::string document;
    std::string errand;            ///< what joins the events of one repair: errand_of(), or the case
    std::string case_id;           ///< of a case's step
    std::string other;             ///< the item at the other end of a replacement
    std::optional<Quantity> much;  ///< so much of the item; none for all of it
    bool whole{false};             ///< one event tells the whole of a repair, or its middle
};

/// A case as its newest step left it.
struct CaseLife {
    Sequence first{0};
    std::string workflow;
    std::string state;
    std::uint64_t version{0};
    Instant opened;
    Instant changed;
    std::optional<Instant> held_since;  ///< since when it has held the item without a break; none: it does not
    std::string hold_reason;
    std::string hold_stage;
};

/// The fold of one id over the ledger's entries [0, position). Events that were declared wrong do not count.
class ItemLife {
public:
    /// Takes in the entries up to `position`, which is not below the one before. Errors: Errc::too_large where more than `entries_max`
    /// entries name the item; Errc::storage.
    [[nodiscard]] Result<void> advance(ReadSnapshot& snapshot, const std::string& item, Sequence position, std::size_t entries_max);

    [[nodiscard]] Sequence position() const noexcept { return position_; }
    [[nodiscard]] std::size_t entries() const noexcept { return entries_; }  ///< that name the item
    /// In order: happens_before().
    [[nodiscard]] const std::vector<Happening>& happenings() const noexcept { return happenings_; }
    [[nodiscard]] const std::map<std::string, CaseLife>& cases() const noexcept { return cases_; }
    /// Rows that are kept: what a cache of folds is measured by.
    [[nodiscard]] std::size_t weight() const noexcept { return happenings_.size() + cases_.size(); }

private:
    void keep(Happening happening);
    void apply(Sequence sequence, const Event& event, const std::string& item);
    void apply(Sequence sequence, Instant recorded_at, const CaseEvent& step, const std::string& item);

    Sequence position_{0};
    std::size_t entries_{0};
    std::vector<Happening> happenings_;
    std::map<std::string, CaseLife> cases_;
};

/// By event time, then the ledger's order, then the order of the kinds.
[[nodiscard]] bool happens_before(const Happening& a, const Happening& b) noexcept;

}  // namespace stemma::engine
