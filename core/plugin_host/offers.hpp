// What one plugin adds to a set, as the port's interfaces: each asked once to describe itself, when the plugin is loaded.
// An offer refers to its plugin, which must outlive it. Calls: any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/plugin_host/loaded_plugin.hpp"
#include "core/plugin_host/sink.hpp"
#include "core/ports/plugin_catalog.hpp"

namespace stemma {

class PluginScheme final : public NumberScheme {
public:
    PluginScheme(const LoadedPlugin& plugin, std::uint32_t index, DescribedScheme about);

    [[nodiscard]] const PluginInfo& plugin() const override { return plugin_.info(); }
    [[nodiscard]] const std::string& name() const override { return about_.name; }
    [[nodiscard]] const std::string& summary() const override { return about_.summary; }
    [[nodiscard]] const std::string& example() const override { return about_.example; }
    [[nodiscard]] const DescribedScheme& about() const noexcept { return about_; }
    [[nodiscard]] Result<std::vector<NumberCheck>> check(std::span<const std::string_view> numbers) const override;
    [[nodiscard]] Result<std::string> normalise(std::string_view number) const override;
    [[nodiscard]] Result<std::vector<NumberSection>> decode(std::string_view number) const override;
    [[nodiscard]] Result<std::string> format(const Attributes& fields, std::uint64_t counter, Instant as_of) const override;

private:
    const LoadedPlugin& plugin_;
    std::uint32_t index_;
    DescribedScheme about_;
};

class PluginRules final : public Rules {
public:
    PluginRules(const LoadedPlugin& plugin, std::vector<RuleInfo> rules) : plugin_{plugin}, rules_{std::move(rules)} {}

    [[nodiscard]] const PluginInfo& plugin() const override { return plugin_.info(); }
    [[nodiscard]] const std::vector<RuleInfo>& rules() const override { return rules_; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<std::vector<Verdict>> judge(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<std::string> explain(std::string_view rule) const override;

private:
    const LoadedPlugin& plugin_;
    std::vector<RuleInfo> rules_;
};

class PluginAssessment final : public Assessment {
public:
    PluginAssessment(const LoadedPlugin& plugin, DescribedAssessment about) : plugin_{plugin}, about_{std::move(about)} {}

    [[nodiscard]] const PluginInfo& plugin() const override { return plugin_.info(); }
    [[nodiscard]] const std::string& kind() const override { return about_.name; }
    [[nodiscard]] const std::string& summary() const override { return about_.summary; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<Answer> assess(const DecisionInput& input) const override;

private:
    const LoadedPlugin& plugin_;
    DescribedAssessment about_;
};

class PluginWorkflow final : public Workflow {
public:
    PluginWorkflow(const LoadedPlugin& plugin, DescribedWorkflow about);

    [[nodiscard]] const PluginInfo& plugin() const override { return plugin_.info(); }
    [[nodiscard]] const std::string& name() const override { return about_.name; }
    [[nodiscard]] const std::vector<std::string>& states() const override { return about_.states; }
    [[nodiscard]] const std::vector<std::string>& commands() const override { return commands_; }
    [[nodiscard]] const std::vector<Transition>& transitions() const override { return about_.transitions; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<std::variant<std::vector<WorkflowStep>, std::vector<Finding>>> act(const DecisionInput& input) const override;
    [[nodiscard]] Result<WorkflowState> apply(const WorkflowState& state, const WorkflowStep& step) const override;

private:
    const LoadedPlugin& plugin_;
    DescribedWorkflow about_;
    std::vector<std::string> commands_;
};

class PluginReport final : public Report {
public:
    PluginReport(const LoadedPlugin& plugin, std::uint32_t index, ReportInfo about)
        : plugin_{plugin}, index_{index}, about_{std::move(about)} {}

    [[nodiscard]] const PluginInfo& plugin() const override { return plugin_.info(); }
    [[nodiscard]] const ReportInfo& about() const override { return about_; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<std::vector<ReportRow>> collect(std::span<const DecisionInput> inputs) const override;
    [[nodiscard]] Result<std::vector<ReportRow>> compose(const DecisionInput& input) const override;

private:
    const LoadedPlugin& plugin_;
    std::uint32_t index_;
    ReportInfo about_;
};

struct Offers {
    std::vector<std::unique_ptr<PluginScheme>> schemes;
    std::unique_ptr<PluginRules> rules;
    std::unique_ptr<PluginAssessment> assessment;
    std::unique_ptr<PluginWorkflow> workflow;
    std::vector<std::unique_ptr<PluginReport>> reports;

    /// "scheme serial", "rule food.expiry", "assessment expiry", "workflow rma", "report fefo": unique within a set.
    [[nodiscard]] std::vector<std::string> names() const;
};

/// Asks the plugin what it adds. Errors: PLUGIN_DESCRIBE_WRONG at the plugin's place.
[[nodiscard]] Result<Offers> describe(const LoadedPlugin& plugin);

}  // namespace stemma
