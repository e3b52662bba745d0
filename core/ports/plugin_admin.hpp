// What an administrator does to the plugin set of a running Stemma. Implemented by core/app over the configuration and the plugin host.
// Every change is all or none: it is checked, written to conf.d/ with comments kept, and the set is reloaded; a failure leaves all as it
// was.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/domain/verdict.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma {

/// What a change adds, removes and alters.
struct PluginChange {
    std::vector<std::string> added;  ///< "scheme serial", "rule food.expiry"
    std::vector<std::string> removed;
    std::vector<std::string> changed;     ///< "data of compliance", "options of lot", "code of serial": by digest, its plugin stays
    std::vector<std::string> data_files;  ///< of the plugin that is enabled: all that are then in force, absolute paths
    std::string file;                     ///< the conf.d file that was (or would be) written; empty for a reload
    std::string text;                     ///< its new text, for a dry run
    std::uint64_t generation{0};          ///< of the set in force afterwards
};

/// What an administrator sets with a plugin that is enabled; what is empty stays as it is configured.
struct PluginWish {
    std::string options_yaml;       ///< the text under `options:`
    std::vector<std::string> data;  ///< paths of its data files, taken literally; relative ones begin at conf.d
};

class PluginAdmin {
public:
    virtual ~PluginAdmin() = default;
    /// Plugin files in the plugin directory: names without ".so", sorted; enabled or not.
    [[nodiscard]] virtual Result<std::vector<std::string>> available() = 0;
    /// With `dry_run` nothing is written or reloaded.
    [[nodiscard]] virtual Result<PluginChange> enable(const std::string& name, const PluginWish& wish, bool dry_run,
                                                      const std::string& actor) = 0;
    [[nodiscard]] virtual Result<PluginChange> disable(const std::string& name, bool dry_run, const std::string& actor) = 0;
    /// Reads the configuration again and swaps the set.
    [[nodiscard]] virtual Result<PluginChange> reload(const std::string& actor) = 0;
    /// The plugin as it was when a verdict was given; null when it is no longer kept.
    [[nodiscard]] virtual std::shared_ptr<const PluginSet> archived(const Judgement& judgement) = 0;
};

}  // namespace stemma
