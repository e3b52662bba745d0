// The catalogue of plugins in force, and its reload: a new generation is built aside and swapped in at once, or it is not and
// the old one stays. current() is safe from any thread and never waits for a load; start, reload and load_kept run on the caller's thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/plugin_host/wanted.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma {

class Generation;
class Preflights;

/// Which plugin a stored verdict names (domain Judgement): all that is needed to load it as it was.
struct KeptPlugin {
    std::string name;  ///< any bare name; for messages
    std::string binary_sha256;
    std::string options_sha256;
    std::string data_sha256;  ///< "" without data
};

class PluginHost final : public PluginCatalog {
public:
    /// Cleans the state folder of old generations and loads the first set. Errors: as Generation::load.
    [[nodiscard]] static Result<std::unique_ptr<PluginHost>> start(HostSettings settings, const std::vector<WantedPlugin>& wanted);

    ~PluginHost() override;
    [[nodiscard]] std::shared_ptr<const PluginSet> current() const override;
    [[nodiscard]] std::shared_ptr<const Generation> current_generation() const;

    /// Loads a set aside and keeps its files for replay; what is in force stays. Errors: as Generation::load.
    [[nodiscard]] Result<std::shared_ptr<const Generation>> load_aside(const std::vector<WantedPlugin>& wanted);
    /// Swaps in a set that load_aside gave.
    void put_in_force(std::shared_ptr<const Generation> set);

    /// Replaces the set. On an error (as Generation::load; logged as PLUGIN_RELOAD_REFUSED) the old one stays in force.
    [[nodiscard]] Result<void> reload(const std::vector<WantedPlugin>& wanted);

    /// A set of one plugin as a stored verdict names it, from by-sha256/, whatever is in force now. Errors: Errc::not_found when it
    /// was never loaded here, else as Generation::load. The first call for these digests costs a load; the set is then kept as long as the
    /// host, since code once mapped stays mapped: there are as many as were ever in force, however often they are asked for.
    [[nodiscard]] Result<std::shared_ptr<const PluginSet>> load_kept(const KeptPlugin& kept);

private:
    explicit PluginHost(HostSettings settings);
    using ArchivedKey = std::array<std::string, 3>;  // SHA-256 of binary, options, data
    [[nodiscard]] Result<std::shared_ptr<const PluginSet>> read_kept(const KeptPlugin& kept);
    [[nodiscard]] Result<void> keep(const Generation& set, const std::vector<WantedPlugin>& wanted) const;
    [[nodiscard]] std::filesystem::path kept_file(const std::string& sha256_hex, std::string_view extension) const;

    HostSettings settings_;
    std::unique_ptr<Preflights> preflights_;
    std::mutex loading_;                                                // one load at a time
    std::map<ArchivedKey, std::shared_ptr<const PluginSet>> archived_;  // under loading_
    // No std::atomic<std::shared_ptr>: libstdc++ 12's load() releases its lock relaxed, which is a race (the thread sanitizer sees it).
    mutable std::mutex swapping_;  // held for the copy of a pointer
    std::shared_ptr<const Generation> current_;
};

}  // namespace stemma
