// Meetings kept as the rules say, by the one writer: when a record changes, the pairs that it brings together or parts are entries of the
// same transaction. A meeting of a record that is new stands before it, so that the lineage never sees the id alone. And the list of
// conflicts, made when it is asked for.
#pragma once

#include <atomic>
#include <functional>

#include "core/engine/append.hpp"
#include "core/engine/meeting_rules.hpp"

namespace stemma::engine {

inline constexpr std::size_t kConflictsMax = 1000;  ///< told at a time

struct ConflictList {
    std::vector<Conflict> conflicts;  ///< in order of kind and what they are about, at most kConflictsMax
    bool more{false};
    Sequence position{0};  ///< as of the entries before it
    bool complete{true};   ///< false: stopped before all was looked at
};

/// A meeting as it stands.
struct MetPair {
    Meeting meeting;
    Sequence sequence{0};
    Instant since;
    std::string actor;
    std::string reason;
};

/// Lives as long as the engine; begin(), meet() and finish() on the writer's thread, in one command.
class MeetingDesk {
public:
    explicit MeetingDesk(MeetingSettings settings);
    [[nodiscard]] const MeetingSettings& settings() const noexcept { return settings_; }
    /// Whether anything can meet at all: two sources are configured.
    [[nodiscard]] bool is_wanted() const noexcept { return settings_.sources.size() > 1; }

    /// At the beginning of each command that gives records.
    void begin();
    /// Before `record` of an ERP source is added: what it meets now, and what it meets no longer.
    [[nodiscard]] Result<void> meet(Appending& tx, const std::string& actor, const Master& record);
    /// At the end of the command: the items of products that met or parted in it.
    [[nodiscard]] Result<void> finish(Appending& tx, const std::string& actor);
    /// All products looked at anew, and the items of those that met or parted: for settings that may have changed.
    [[nodiscard]] Result<void> look_at_all(Appending& tx, const std::string& actor);
    /// A person says that two ids are one, or not. Errors: Errc::not_found for an unknown id; Errc::conflict where it is so already, or the
    /// two are a product and an item; Errc::invalid_input without a reason.
    [[nodiscard]] Result<Meeting> declare(Appending& tx, const std::string& actor, const std::string& reason, const std::string& first,
                                          const std::string& second, bool apart);

    /// Any thread, with a snapshot of its own.
    [[nodiscard]] Result<ConflictList> conflicts(ReadSnapshot& snapshot, const std::function<bool()>& stop);
    /// Whether records came in since it was asked last.
    [[nodiscard]] bool take_changed() noexcept { return changed_.exchange(false); }
    /// How many the newest conflicts() found; 0 before the first.
    [[nodiscard]] std::uint64_t conflicts_known() const noexcept { return conflicts_known_; }
    /// The first `limit` pairs that stand, and those that people parted, products first. `id`: those of this id alone; "": all.
    [[nodiscard]] Result<std::vector<MetPair>> pairs(ReadSnapshot& snapshot, const std::string& id, std::uint64_t limit);

private:
    [[nodiscard]] Result<void> settle(Appending& tx, MeetingRules& rules, const std::string& actor, const std::string& id, bool products);
    [[nodiscard]] Result<void> settle_items_of(Appending& tx, const std::string& actor, const std::set<std::string>& products);

    MeetingSettings settings_;
    std::set<std::string> changed_products_;  ///< in the running command: those whose pairs changed
    std::atomic<bool> changed_{true};
    std::atomic<std::uint64_t> conflicts_known_{0};
};

}  // namespace stemma::engine
