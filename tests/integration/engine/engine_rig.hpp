// An engine for tests: a real SQLite store (or the one in memory), index, appender and sync in a temporary folder, no network.
#pragma once

#include <memory>
#include <string>

#include "adapters/memory/clock.hpp"
#include "core/engine/engine.hpp"
#include "core/engine/rebuild.hpp"
#include "tests/support/temp_folder.hpp"

namespace stemma::test {

/// A set without any plugin.
class NoPlugins final : public PluginSet, public PluginCatalog {
public:
    [[nodiscard]] std::uint64_t generation() const override { return 0; }
    [[nodiscard]] const std::vector<PluginInfo>& plugins() const override { return infos_; }
    [[nodiscard]] const std::vector<const NumberScheme*>& schemes() const override { return schemes_; }
    [[nodiscard]] const std::vector<const Rules*>& rules() const override { return rules_; }
    [[nodiscard]] const std::vector<const Assessment*>& assessments() const override { return assessments_; }
    [[nodiscard]] const std::vector<const Workflow*>& workflows() const override { return workflows_; }
    [[nodiscard]] const std::vector<const Report*>& reports() const override { return reports_; }
    [[nodiscard]] std::shared_ptr<const PluginSet> current() const override { return {std::shared_ptr<const void>{}, this}; }

private:
    std::vector<PluginInfo> infos_;
    std::vector<const NumberScheme*> schemes_;
    std::vector<const Rules*> rules_;
    std::vector<const Assessment*> assessments_;
    std::vector<const Workflow*> workflows_;
    std::vector<const Report*> reports_;
};

class EngineRig {
public:
    /// Opens (or reopens) the ledger in the folder with the key "ledger.key" beside it.
    explicit EngineRig(const std::string& folder);
    /// The same on another store; key and checkpoint file stay in the folder.
    EngineRig(const std::string& folder, std::unique_ptr<Store> store);

    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] engine::Appender& appender() { return *appender_; }
    [[nodiscard]] lineage::Index& index() { return index_; }
    [[nodiscard]] memory::SetClock& clock() { return clock_; }
    [[nodiscard]] const engine::Limits& limits() const { return limits_; }
    [[nodiscard]] const PluginCatalog& plugins() const { return plugins_; }
    [[nodiscard]] std::string database() const { return folder_ + "/stemma.db"; }
    [[nodiscard]] std::string checkpoint_file() const { return folder_ + "/ledger.checkpoint"; }

    /// Reports a failure and returns an empty report when the sync fails.
    engine::SyncReport sync(ErpSource& source, bool full = false);
    engine::SyncReport sync(ErpSource& source, engine::SyncReach reach);
    engine::Receipt capture(const engine::Capture& command);
    /// Every entry, decoded.
    [[nodiscard]] std::vector<Entry> entries();
    [[nodiscard]] std::string read_model_digest();

private:
    std::string folder_;
    memory::SetClock clock_{Instant{1'795'219'200 * kMicrosPerSecond}};  // 2026-11-21, after every date in the data
    engine::Limits limits_;
    NoPlugins plugins_;
    std::unique_ptr<Store> store_;
    lineage::Index index_;
    std::unique_ptr<engine::Appender> appender_;
};

}  // namespace stemma::test
