// An administrator's changes to the plugin set: worked out, tried aside, written to conf.d/, put in force, recorded. All or none.
#pragma once

#include <functional>
#include <mutex>

#include "core/config/settings.hpp"
#include "core/domain/entry.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "core/ports/plugin_admin.hpp"

namespace stemma::app {

/// Writes a change of the system into the ledger.
using RecordChange = std::function<Result<void>(const SystemChange&, const std::string& actor)>;

class PluginDesk final : public PluginAdmin {
public:
    /// `host` outlives the desk. `to_mend`: the settings' set was refused and none is in force, so a plugin may be disabled while others
    /// are still refused.
    PluginDesk(config::Settings settings, PluginHost& host, RecordChange record, bool to_mend);

    [[nodiscard]] Result<std::vector<std::string>> available() override;
    [[nodiscard]] Result<PluginChange> enable(const std::string& name, const PluginWish& wish, bool dry_run,
                                              const std::string& actor) override;
    [[nodiscard]] Result<PluginChange> disable(const std::string& name, bool dry_run, const std::string& actor) override;
    [[nodiscard]] Result<PluginChange> reload(const std::string& actor) override;
    [[nodiscard]] std::shared_ptr<const PluginSet> archived(const Judgement& judgement) override;

private:
    struct Edit;
    Result<PluginChange> change(const Edit& edit, bool dry_run, const std::string& actor);
    Result<PluginChange> put_in_force(const config::Settings& settings, std::shared_ptr<const Generation> set, PluginChange change,
                                      const SystemChange& record, const std::string& actor);

    std::mutex mutex_;  ///< one change at a time
    config::Settings settings_;
    PluginHost& host_;
    RecordChange record_;
    bool to_mend_;
};

}  // namespace stemma::app
