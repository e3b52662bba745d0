// One plugin's code and its one instance: opens the file, does the handshake step by step, calls through the guard.
// The instance dies before the code is released. After create nothing changes but the counters: call() is safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin_host/path_policy.hpp"
#include "core/plugin_host/sink.hpp"
#include "core/plugin_host/wanted.hpp"
#include "core/ports/plugin_catalog.hpp"
#include "stemma/plugin/abi.h"

namespace stemma {

/// How often a plugin was called, and how often that went wrong; since its generation was loaded.
struct CallCounts {
    std::uint64_t calls{0};
    std::uint64_t failed{0};  ///< failed, or gave what cannot be right
    std::uint64_t slow{0};    ///< took longer than HostSettings::call_ms_slow
};

/// Digest over a plugin's data files in order; "" without any.
[[nodiscard]] std::string data_digest(const std::vector<WantedData>& data);

class LoadedPlugin {
public:
    /// Opens `copy` (a fresh file that holds `file`'s bytes) and reads its entry and info; runs the file's constructors, nothing else of
    /// it. Errors: PLUGIN_OPEN_FAILED, PLUGIN_ENTRY_*, PLUGIN_ABI_*, PLUGIN_INFO_INVALID, PLUGIN_CAPABILITY_UNKNOWN.
    [[nodiscard]] static Result<std::unique_ptr<LoadedPlugin>> open(const PluginFile& file, const std::filesystem::path& copy,
                                                                    const HostSettings& settings, std::string place);
    ~LoadedPlugin();
    LoadedPlugin(const LoadedPlugin&) = delete;
    LoadedPlugin& operator=(const LoadedPlugin&) = delete;

    /// What the plugin says of its options; for OptionsCheck.
    [[nodiscard]] const std::string& options_schema() const noexcept { return info_.options_schema; }
    /// Makes the instance from options that were checked. Once. Errors: PLUGIN_DATA_UNWANTED, PLUGIN_CREATE_FAILED, PLUGIN_CAPABILITY_*.
    [[nodiscard]] Result<void> create(const WantedPlugin& wanted);
    /// The plugin's own check. Errors: PLUGIN_SELF_CHECK_FAILED.
    [[nodiscard]] Result<void> self_check() const;

    [[nodiscard]] const PluginInfo& info() const noexcept { return info_; }
    [[nodiscard]] PluginInfo& info() noexcept { return info_; }
    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    [[nodiscard]] CallCounts counts() const noexcept;
    [[nodiscard]] bool may_ask(std::string_view fact) const noexcept;

    /// The capability's table, null where the plugin does not offer it. Valid after create.
    [[nodiscard]] const stm_numbering* numbering() const noexcept { return numbering_; }
    [[nodiscard]] const stm_rules* rules() const noexcept { return rules_; }
    [[nodiscard]] const stm_assessment* assessment() const noexcept { return assessment_; }
    [[nodiscard]] const stm_workflow* workflow() const noexcept { return workflow_; }
    [[nodiscard]] const stm_report* report() const noexcept { return report_; }

    /// Runs work(instance, sink.c()) -> stm_status, times it and judges what came of it. `what` names the call in messages.
    /// Errors: Errc::plugin (failed, garbage); Errc::invalid_input with the plugin's sentence when it refused the question.
    template <class Work>
    [[nodiscard]] Result<void> call(std::string_view what, Sink& sink, Work&& work) const {
        const auto start = std::chrono::steady_clock::now();
        const stm_status status = std::forward<Work>(work)(static_cast<const stm_plugin*>(instance_), sink.c());
        return judge_call(what, status, sink, std::chrono::steady_clock::now() - start);
    }

    /// The failure of a call whose answer was found to be wrong after it was taken.
    [[nodiscard]] std::unexpected<Error> garbage(std::string_view what, std::string_view why) const;

private:
    struct Library;
    struct HostSide;

    LoadedPlugin(const PluginFile& file, const HostSettings& settings, std::string place);
    [[nodiscard]] Result<void> read_entry();
    [[nodiscard]] Result<void> read_info(const stm_info* info);
    [[nodiscard]] Result<void> read_capabilities();
    template <class Table>
    [[nodiscard]] Result<void> read_capability(const char* id, const Table*& slot);
    [[nodiscard]] Result<std::vector<const stm_data_file*>> to_c_files(const std::vector<WantedData>& data,
                                                                       std::vector<stm_data_file>& storage) const;
    [[nodiscard]] Result<void> judge_call(std::string_view what, stm_status status, Sink& sink, std::chrono::nanoseconds took) const;

    std::unique_ptr<Library> library_;  // first: the code goes last
    std::string place_;
    std::chrono::milliseconds call_ms_slow_;
    PluginInfo info_;
    std::vector<std::string> facts_;
    std::unique_ptr<HostSide> host_;
    const stm_entry* entry_{nullptr};
    stm_plugin* instance_{nullptr};
    const stm_numbering* numbering_{nullptr};
    const stm_rules* rules_{nullptr};
    const stm_assessment* assessment_{nullptr};
    const stm_workflow* workflow_{nullptr};
    const stm_report* report_{nullptr};
    mutable std::atomic<std::uint64_t> calls_{0};
    mutable std::atomic<std::uint64_t> failed_{0};
    mutable std::atomic<std::uint64_t> slow_{0};
};

}  // namespace stemma
