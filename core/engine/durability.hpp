// The durability doctor: what the store database's own settings mean for an event that was acknowledged. A pure function from settings, as
// the engine reports them, to findings; each has an id that core/docs/durability.md explains. What must not be written to is refused.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/store.hpp"

namespace stemma::engine {

/// What is asked of the store. single: one machine, whose power may fail. team: also one that may be lost with its disks.
enum class StoreProfile : unsigned char { single, team };
[[nodiscard]] std::string_view to_string(StoreProfile profile) noexcept;  ///< "single", "team"

struct DurabilityFinding {
    enum class Level : unsigned char {
        ok,       ///< as it should be
        warning,  ///< the daemon starts, and says it
        refuse,   ///< the daemon does not write to this store
    };
    Level level{Level::ok};
    std::string id;       ///< "fsync_off"; "" for ok
    std::string setting;  ///< "fsync = off", as the engine has it
    std::string message;  ///< what may be lost, and when
    std::string hint;     ///< what to do
};

inline constexpr std::int64_t kClockDifferenceMsMax = 2'000;  ///< between this machine and the database's

/// One finding per setting that matters, the worst first. Settings that the engine did not report are passed over, except those without
/// which nothing can be said.
[[nodiscard]] std::vector<DurabilityFinding> judge_durability(const StoreSettings& settings, StoreProfile profile);

/// The findings of the newest look. Any thread.
class Durability {
public:
    explicit Durability(StoreProfile profile) : profile_{profile} {}

    /// Looks at the store, keeps the findings, and logs those that were not there at the last look. Errors: Errc::config where one refuses,
    /// naming all that do; those of the store.
    [[nodiscard]] Result<void> look(Store& store);
    [[nodiscard]] std::vector<DurabilityFinding> findings() const;
    /// "ok", or the ids and settings that are not: "warning: no_checksums (data_checksums = off)".
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::size_t count(DurabilityFinding::Level level) const;
    [[nodiscard]] StoreProfile profile() const noexcept { return profile_; }

private:
    StoreProfile profile_;
    mutable std::mutex mutex_;  ///< guards the next one
    std::vector<DurabilityFinding> findings_;
};

}  // namespace stemma::engine
