// Plugins made of lambdas, so that the engine's use of them can be tested without a shared object.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/plugin_catalog.hpp"

namespace stemma::test {

inline PluginInfo plugin_named(const std::string& id) {
    return {id, id, "1.0.0", "", std::string(64, 'b'), std::string(64, 'c'), "", {}, {}};
}

class FakeRules final : public Rules {
public:
    std::function<Result<std::vector<FactRequest>>(const DecisionInput&)> on_plan = [](const DecisionInput&) {
        return std::vector<FactRequest>{};
    };
    std::function<Result<Verdict>(const DecisionInput&)> on_judge = [](const DecisionInput&) { return Verdict{}; };

    [[nodiscard]] const PluginInfo& plugin() const override { return info; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override {
        std::vector<std::vector<FactRequest>> all;
        for (const DecisionInput& input : inputs) {
            auto one = on_plan(input);
            if (!one) return std::unexpected(one.error());
            all.push_back(*std::move(one));
        }
        return all;
    }
    [[nodiscard]] const std::vector<RuleInfo>& rules() const override { return infos; }
    [[nodiscard]] Result<std::vector<Verdict>> judge(std::span<const DecisionInput> inputs) const override {
        std::vector<Verdict> all;
        for (const DecisionInput& input : inputs) {
            auto one = on_judge(input);
            if (!one) return std::unexpected(one.error());
            all.push_back(*std::move(one));
        }
        return all;
    }
    [[nodiscard]] Result<std::string> explain(std::string_view) const override { return std::string{"in words"}; }

    PluginInfo info = plugin_named("test.rules");
    std::vector<RuleInfo> infos;
};

/// Accepts numbers that do not begin with "X".
class FakeScheme final : public NumberScheme {
public:
    [[nodiscard]] const PluginInfo& plugin() const override { return info; }
    [[nodiscard]] const std::string& name() const override { return scheme; }
    [[nodiscard]] const std::string& summary() const override { return scheme; }
    [[nodiscard]] const std::string& example() const override { return scheme; }
    [[nodiscard]] Result<std::vector<NumberCheck>> check(std::span<const std::string_view> numbers) const override {
        std::vector<NumberCheck> all;
        for (const std::string_view number : numbers)
            all.push_back(number.starts_with('X') ? NumberCheck{NumberCheck::Outcome::invalid, "serial.x", "it begins with X", 0, 1}
                                                  : NumberCheck{});
        return all;
    }
    [[nodiscard]] Result<std::string> normalise(std::string_view number) const override { return std::string{number}; }
    [[nodiscard]] Result<std::vector<NumberSection>> decode(std::string_view) const override { return std::vector<NumberSection>{}; }
    [[nodiscard]] Result<std::string> format(const Attributes&, std::uint64_t, Instant) const override { return std::string{"1"}; }

    PluginInfo info = plugin_named("test.serial");
    std::string scheme{"serial"};
};

/// open -> requested; "close" -> closed, refused twice; "hurry" closes in two steps.
class FakeWorkflow final : public Workflow {
public:
    [[nodiscard]] const PluginInfo& plugin() const override { return info; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override {
        return std::vector<std::vector<FactRequest>>(inputs.size());
    }
    [[nodiscard]] const std::string& name() const override { return workflow; }
    [[nodiscard]] const std::vector<std::string>& states() const override { return all_states; }
    [[nodiscard]] const std::vector<std::string>& commands() const override { return all_commands; }
    [[nodiscard]] const std::vector<Transition>& transitions() const override { return all_transitions; }
    [[nodiscard]] Result<std::variant<std::vector<WorkflowStep>, std::vector<Finding>>> act(const DecisionInput& input) const override {
        const std::string state = to_text(input.tables[0].at(0, "state"));
        const std::string command = to_text(input.tables[1].at(0, "name"));
        const std::string why = to_text(input.tables[1].at(0, "why"));
        if (state.empty() && command == "open") return std::vector{WorkflowStep{"opened", {{"why", why}}}};
        if (state == "requested" && command == "close") return std::vector{WorkflowStep{"closed", {}}};
        if (state == "requested" && command == "hurry")
            return std::vector{WorkflowStep{"noted", {{"why", why}}}, WorkflowStep{"closed", {}}};
        return std::vector{Finding{"case.refused", Severity::refuse, command + " is not possible in state '" + state + "'", "", "", ""}};
    }
    [[nodiscard]] Result<WorkflowState> apply(const WorkflowState& state, const WorkflowStep& step) const override {
        WorkflowState next{step.type == "closed" ? closed_name : "requested", state.fields};
        for (const auto& [name, value] : step.fields) next.fields[name] = value;
        return next;
    }

    PluginInfo info = plugin_named("test.workflow");
    std::string workflow{"rma"};
    std::string closed_name{"closed"};
    std::vector<std::string> all_states{"requested", "closed"};
    std::vector<std::string> all_commands{"open", "close"};
    std::vector<Transition> all_transitions{{"", "open", "requested"}, {"requested", "close", "closed"}};
};

/// One row for each subject: its id and what `on_row` makes of it.
class FakeReport final : public Report {
public:
    std::function<std::vector<FactRequest>(const DecisionInput&)> on_plan = [](const DecisionInput&) { return std::vector<FactRequest>{}; };
    std::function<std::vector<ReportRow>(const DecisionInput&)> on_row = [](const DecisionInput& input) {
        return std::vector<ReportRow>{{input.tables.front().rows.front().front(), Value{}}};
    };
    std::function<std::vector<ReportRow>(const DecisionInput&)> on_compose = [](const DecisionInput&) { return std::vector<ReportRow>{}; };

    [[nodiscard]] const PluginInfo& plugin() const override { return info; }
    [[nodiscard]] const ReportInfo& about() const override { return kind; }
    [[nodiscard]] Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const override {
        std::vector<std::vector<FactRequest>> all;
        for (const DecisionInput& input : inputs) all.push_back(on_plan(input));
        return all;
    }
    [[nodiscard]] Result<std::vector<ReportRow>> collect(std::span<const DecisionInput> inputs) const override {
        std::vector<ReportRow> all;
        for (const DecisionInput& input : inputs)
            for (ReportRow& row : on_row(input)) all.push_back(std::move(row));
        return all;
    }
    [[nodiscard]] Result<std::vector<ReportRow>> compose(const DecisionInput& input) const override { return on_compose(input); }

    PluginInfo info = plugin_named("test.report");
    ReportInfo kind{"fake", "A fake", "", ReportSubject::item, {{"id", ColumnType::text, true}, {"note", ColumnType::text}}, {}, {}, {}};
};

class FakeSet final : public PluginSet, public PluginCatalog {
public:
    FakeSet() { describe_anew(); }
    /// After an info was changed.
    void describe_anew() { infos_ = {rule_plugin.info, scheme.info, workflow.info}; }
    [[nodiscard]] std::uint64_t generation() const override { return 1; }
    [[nodiscard]] const std::vector<PluginInfo>& plugins() const override { return infos_; }
    [[nodiscard]] const std::vector<const NumberScheme*>& schemes() const override { return schemes_; }
    [[nodiscard]] const std::vector<const Rules*>& rules() const override { return rules_; }
    [[nodiscard]] const std::vector<const Assessment*>& assessments() const override { return assessments_; }
    [[nodiscard]] const std::vector<const Workflow*>& workflows() const override { return workflows_; }
    [[nodiscard]] const std::vector<const Report*>& reports() const override { return reports_; }
    [[nodiscard]] std::shared_ptr<const PluginSet> current() const override { return {std::shared_ptr<const void>{}, this}; }

    FakeRules rule_plugin;
    FakeScheme scheme;
    FakeWorkflow workflow;
    FakeReport report;

private:
    std::vector<PluginInfo> infos_;
    std::vector<const NumberScheme*> schemes_{&scheme};
    std::vector<const Rules*> rules_{&rule_plugin};
    std::vector<const Assessment*> assessments_;
    std::vector<const Workflow*> workflows_{&workflow};
    std::vector<const Report*> reports_{&report};
};

}  // namespace stemma::test
