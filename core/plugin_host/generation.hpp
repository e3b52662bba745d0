// One set of plugins, loaded together or not at all. Immutable once made; who holds its pointer keeps its instances alive.
// Loading: each file read once and checked, copied to a fresh file, tried in a child process, opened, created, described; then the whole
// set is checked for names that two plugins claim. A failure undoes all of it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/plugin_host/files.hpp"
#include "core/plugin_host/loaded_plugin.hpp"
#include "core/plugin_host/offers.hpp"
#include "core/plugin_host/wanted.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma {

/// What has already passed in a child process: binary, options and data, by digest. Safe from any thread.
class Preflights {
public:
    [[nodiscard]] bool passed(const std::string& key) const;
    void add(std::string key);

private:
    mutable std::mutex mutex_;
    std::set<std::string> passed_;
};

/// Where the bytes of a wanted plugin come from: the plugin folder, or what was kept for replay.
using ReadPlugin = std::function<Result<PluginFile>(const WantedPlugin&)>;

class Generation final : public PluginSet {
public:
    /// Loads the set. Errors: the first refusal, naming how many more there are; those are logged as PLUGIN_LOAD_REFUSED.
    [[nodiscard]] static Result<std::shared_ptr<const Generation>> load(const HostSettings& settings,
                                                                        const std::vector<WantedPlugin>& wanted, const ReadPlugin& read,
                                                                        Preflights& preflights);

    /// Removes the generation's folder; code that is still mapped from it stays mapped.
    ~Generation() override;
    Generation(const Generation&) = delete;
    Generation& operator=(const Generation&) = delete;

    [[nodiscard]] std::uint64_t generation() const override { return number_; }
    [[nodiscard]] const std::vector<PluginInfo>& plugins() const override { return infos_; }
    [[nodiscard]] const std::vector<const NumberScheme*>& schemes() const override { return schemes_; }
    [[nodiscard]] const std::vector<const Rules*>& rules() const override { return rules_; }
    [[nodiscard]] const std::vector<const Assessment*>& assessments() const override { return assessments_; }
    [[nodiscard]] const std::vector<const Workflow*>& workflows() const override { return workflows_; }
    [[nodiscard]] const std::vector<const Report*>& reports() const override { return reports_; }

    /// Calls since this generation was loaded, in the order of plugins().
    [[nodiscard]] std::vector<CallCounts> counts() const;
    /// Where the code in force was opened: SHA-256 of the bytes -> file in the generation's folder.
    [[nodiscard]] const std::map<std::string, std::filesystem::path>& copies() const noexcept { return copies_; }

private:
    struct Member {
        std::unique_ptr<LoadedPlugin> plugin;
        Offers offers;  // after the plugin: refers to it
    };

    Generation() = default;
    [[nodiscard]] Result<Member> load_one(const HostSettings& settings, const WantedPlugin& wanted, const ReadPlugin& read,
                                          Preflights& preflights, const std::filesystem::path& copy);
    [[nodiscard]] Result<void> check_unique() const;
    void publish();

    std::uint64_t number_{0};
    std::filesystem::path folder_;
    std::vector<Member> members_;
    std::map<std::string, std::filesystem::path> copies_;
    std::vector<PluginInfo> infos_;
    std::vector<const NumberScheme*> schemes_;
    std::vector<const Rules*> rules_;
    std::vector<const Assessment*> assessments_;
    std::vector<const Workflow*> workflows_;
    std::vector<const Report*> reports_;
};

}  // namespace stemma
