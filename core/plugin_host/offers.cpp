#include "core/plugin_host/offers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/base/text.hpp"
#include "core/plugin_host/c_input.hpp"
#include "core/plugin_host/messages.hpp"

namespace stemma {
namespace {

namespace msg = plugin_msg;

constexpr std::uint32_t kSchemesMax = 1'000;  // schemes of one plugin
constexpr std::uint32_t kReportsMax = 100;    // reports of one plugin

/// What is wrong with a workflow's table, or "".
std::string wrong_workflow(const DescribedWorkflow& kind) {
    const auto is_state = [&](const std::string& name) { return std::ranges::find(kind.states, name) != kind.states.end(); };
    const auto is_command = [&](const std::string& name) {
        return std::ranges::find(kind.commands, name, &DescribedCommand::name) != kind.commands.end();
    };
    if (kind.states.empty() || kind.commands.empty()) return fmt::format("workflow '{}' has no states or no commands", kind.name);
    if (std::ranges::none_of(kind.transitions, [](const Transition& step) { return step.from.empty(); }))
        return fmt::format("workflow '{}' has no command that opens a case", kind.name);
    for (const Transition& step : kind.transitions) {
        const std::string text = fmt::format("the transition from '{}' by '{}' to '{}'", step.from, step.command, step.to);
        if (!step.from.empty() && !is_state(step.from)) return text + " starts in a state that is not declared";
        if (!is_state(step.to)) return text + " ends in a state that is not declared";
        if (!is_command(step.command)) return text + " names a command that is not declared";
    }
    return {};
}

/// No rule at all is right: the rules may stand in data files, and none was given.
std::string wrong_rules(const std::vector<RuleInfo>& rules) {
    std::set<std::string_view> ids;
    for (const RuleInfo& rule : rules)
        if (!ids.insert(rule.id).second) return fmt::format("it describes rule '{}' twice", rule.id);
    return {};
}

std::string wrong_schemes(const std::vector<std::unique_ptr<PluginScheme>>& schemes) {
    std::set<std::string_view> names;
    for (const auto& scheme : schemes)
        if (!names.insert(scheme->name()).second) return fmt::format("it describes scheme '{}' twice", scheme->name());
    return schemes.empty() ? "it has no numbering scheme" : "";
}

Result<void> describe_schemes(const LoadedPlugin& plugin, Offers& offers) {
    std::uint32_t n = 0;
    Sink counting{gives::nothing};
    if (auto done = plugin.call("n_schemes", counting,
                                [&](const stm_plugin* instance, const stm_sink*) {
                                    n = plugin.numbering()->n_schemes(instance);
                                    return STM_OK;
                                });
        !done)
        return done;
    if (n > kSchemesMax) return plugin.garbage("n_schemes", fmt::format("{} schemes, at most {} are taken", n, kSchemesMax));
    for (std::uint32_t i = 0; i < n; ++i) {
        Sink sink{gives::scheme};
        if (auto done =
                plugin.call("describe", sink,
                            [&](const stm_plugin* instance, const stm_sink* to) { return plugin.numbering()->describe(instance, i, to); });
            !done)
            return done;
        if (sink.given().schemes.size() != 1) return plugin.garbage("describe", fmt::format("scheme {} is not described exactly once", i));
        offers.schemes.push_back(std::make_unique<PluginScheme>(plugin, i, std::move(sink.given().schemes.front())));
    }
    if (const std::string wrong = wrong_schemes(offers.schemes); !wrong.empty()) return plugin.garbage("describe", wrong);
    return {};
}

Result<void> describe_rules(const LoadedPlugin& plugin, Offers& offers) {
    Sink sink{gives::rule};
    if (auto done = plugin.call("describe", sink,
                                [&](const stm_plugin* instance, const stm_sink* to) { return plugin.rules()->describe(instance, to); });
        !done)
        return done;
    if (const std::string wrong = wrong_rules(sink.given().rules); !wrong.empty()) return plugin.garbage("describe", wrong);
    offers.rules = std::make_unique<PluginRules>(plugin, std::move(sink.given().rules));
    return {};
}

Result<void> describe_assessment(const LoadedPlugin& plugin, Offers& offers) {
    Sink sink{gives::assessment};
    if (auto done = plugin.call(
            "describe", sink, [&](const stm_plugin* instance, const stm_sink* to) { return plugin.assessment()->describe(instance, to); });
        !done)
        return done;
    if (sink.given().assessments.size() != 1) return plugin.garbage("describe", "the assessment is not described exactly once");
    if (sink.given().assessments.front().answers.empty()) return plugin.garbage("describe", "the assessment has no answers");
    offers.assessment = std::make_unique<PluginAssessment>(plugin, std::move(sink.given().assessments.front()));
    return {};
}

Result<void> describe_workflow(const LoadedPlugin& plugin, Offers& offers) {
    Sink sink{gives::workflow};
    if (auto done = plugin.call("describe", sink,
                                [&](const stm_plugin* instance, const stm_sink* to) { return plugin.workflow()->describe(instance, to); });
        !done)
        return done;
    if (sink.given().workflows.size() != 1) return plugin.garbage("describe", "the workflow is not described exactly once");
    if (const std::string wrong = wrong_workflow(sink.given().workflows.front()); !wrong.empty()) return plugin.garbage("describe", wrong);
    offers.workflow = std::make_unique<PluginWorkflow>(plugin, std::move(sink.given().workflows.front()));
    return {};
}

bool is_name(std::string_view name, char joint) {
    const auto fits = [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint; };
    return !name.empty() && name.size() <= 64 && name.front() != joint && std::ranges::all_of(name, fits);
}

std::string wrong_parameters(const std::vector<ReportParameter>& parameters) {
    static constexpr std::array<std::string_view, 3> kTaken{"format", "product", "as_of_time"};  // the host's own
    std::set<std::string_view> names;
    for (const ReportParameter& one : parameters) {
        if (!is_name(one.name, '_')) return fmt::format("the parameter '{}' is not written in a-z, 0-9 and '_'", clip(one.name));
        if (std::ranges::find(kTaken, one.name) != kTaken.end()) return fmt::format("the parameter '{}' is the host's own", one.name);
        if (one.type == ColumnType::quantity) return fmt::format("the parameter '{}' is a quantity", one.name);
        if (!names.insert(one.name).second) return fmt::format("it has two parameters '{}'", one.name);
        if (!one.fallback.empty() && !read_value(one.type, one.fallback))
            return fmt::format("the parameter '{}' is {}, its fallback '{}' is not", one.name, to_string(one.type), clip(one.fallback));
    }
    return {};
}

/// What is wrong with a report's description, or "".
std::string wrong_report(const ReportInfo& about) {
    if (!is_name(about.name, '-')) return fmt::format("the report's name '{}' is not written in a-z, 0-9 and '-'", clip(about.name));
    if (about.columns.empty()) return fmt::format("report '{}' has no columns", about.name);
    for (const auto* columns : {&about.columns, &about.gathered}) {
        std::set<std::string_view> names;
        for (const ReportColumn& column : *columns)
            if (!names.insert(column.name).second) return fmt::format("report '{}' has two columns '{}'", about.name, clip(column.name));
    }
    const std::string wrong = wrong_parameters(about.parameters);
    return wrong.empty() ? "" : fmt::format("report '{}': {}", about.name, wrong);
}

Result<void> describe_reports(const LoadedPlugin& plugin, Offers& offers) {
    std::uint32_t n = 0;
    Sink counting{gives::nothing};
    const auto count = [&](const stm_plugin* instance, const stm_sink*) {
        n = plugin.report()->n_reports(instance);
        return STM_OK;
    };
    if (auto done = plugin.call("n_reports", counting, count); !done) return done;
    if (n == 0) return plugin.garbage("n_reports", "it has no report");
    if (n > kReportsMax) return plugin.garbage("n_reports", fmt::format("{} reports, at most {} are taken", n, kReportsMax));
    std::set<std::string> names;
    for (std::uint32_t i = 0; i < n; ++i) {
        Sink sink{gives::report};
        const auto ask = [&](const stm_plugin* instance, const stm_sink* to) { return plugin.report()->describe(instance, i, to); };
        if (auto done = plugin.call("describe", sink, ask); !done) return done;
        if (sink.given().reports.size() != 1) return plugin.garbage("describe", fmt::format("report {} is not described exactly once", i));
        ReportInfo& about = sink.given().reports.front();
        if (const std::string wrong = wrong_report(about); !wrong.empty()) return plugin.garbage("describe", wrong);
        if (!names.insert(about.name).second) return plugin.garbage("describe", fmt::format("it describes report '{}' twice", about.name));
        offers.reports.push_back(std::make_unique<PluginReport>(plugin, i, std::move(about)));
    }
    return {};
}

/// Requests as a plan call gave them, a list for each input.
Result<std::vector<std::vector<FactRequest>>> planned(const LoadedPlugin& plugin, Sink& sink, std::size_t n_inputs) {
    std::vector<std::vector<FactRequest>> out(n_inputs);
    for (auto& [index, request] : sink.given().requests) {
        if (!plugin.may_ask(request.name))
            return plugin.garbage("plan", fmt::format("it asks for the fact '{}', which its info does not list", clip(request.name)));
        if (out[index].size() == kFactRequestsMax) return plugin.garbage("plan", fmt::format("more than {} requests", kFactRequestsMax));
        out[index].push_back(std::move(request));
    }
    return out;
}

/// One plan call, whatever the capability; `table` has a member `plan`.
template <class Table>
Result<std::vector<std::vector<FactRequest>>> plan_with(const LoadedPlugin& plugin, const Table& table,
                                                        std::span<const DecisionInput> inputs) {
    auto in = CInputs::from(inputs);
    if (!in) return fail(std::move(in));
    Sink sink{gives::request, inputs.size()};
    if (auto done = plugin.call(
            "plan", sink, [&](const stm_plugin* instance, const stm_sink* to) { return table.plan(instance, in->data(), in->size(), to); });
        !done)
        return fail(std::move(done));
    return planned(plugin, sink, inputs.size());
}

/// A question with text in it that is not text has no answer; the plugin is not asked.
Result<void> must_be_text(std::string_view number) {
    if (is_clean_utf8(number)) return {};
    return fail(Errc::invalid_input, "the number is not UTF-8 text");
}

/// The one text of a call.
Result<std::string> only_text(const LoadedPlugin& plugin, std::string_view what, Sink& sink) {
    if (sink.given().texts.size() != 1) return plugin.garbage(what, fmt::format("{} texts instead of one", sink.given().texts.size()));
    return std::move(sink.given().texts.front());
}

}  // namespace

// --- numbering

PluginScheme::PluginScheme(const LoadedPlugin& plugin, std::uint32_t index, DescribedScheme about)
    : plugin_{plugin}, index_{index}, about_{std::move(about)} {}

Result<std::vector<NumberCheck>> PluginScheme::check(std::span<const std::string_view> numbers) const {
    std::vector<stm_text> texts;
    texts.reserve(numbers.size());
    for (const std::string_view number : numbers) texts.push_back(to_c(number));
    std::vector<stm_check_result> results(numbers.size());
    Sink sink{gives::nothing};
    if (auto done = plugin_.call("check", sink,
                                 [&](const stm_plugin* instance, const stm_sink* to) {
                                     return plugin_.numbering()->check(instance, index_, texts.data(), texts.size(), results.data(), to);
                                 });
        !done)
        return fail(std::move(done));
    std::vector<NumberCheck> out(numbers.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        const stm_check_result& result = results[i];
        if (result.verdict == STM_VALID) continue;
        if (result.verdict != STM_INVALID && result.verdict != STM_VALID_WITH_REMARKS)
            return plugin_.garbage("check", fmt::format("number {} got no verdict", i));
        if (result.reason >= about_.reasons.size())
            return plugin_.garbage("check", fmt::format("reason {}, but the scheme has {}", result.reason, about_.reasons.size()));
        if (result.offset > numbers[i].size() || numbers[i].size() - result.offset < result.length)
            return plugin_.garbage("check", fmt::format("a place outside the number of {} bytes", numbers[i].size()));
        const DescribedReason& reason = about_.reasons[result.reason];
        const auto outcome = result.verdict == STM_INVALID ? NumberCheck::Outcome::invalid : NumberCheck::Outcome::valid_with_remarks;
        out[i] = {outcome, reason.code, reason.text, result.offset, result.length};
    }
    return out;
}

Result<std::string> PluginScheme::normalise(std::string_view number) const {
    if (auto text = must_be_text(number); !text) return fail(std::move(text));
    Sink sink{gives::text};
    if (auto done = plugin_.call("normalise", sink,
                                 [&](const stm_plugin* instance, const stm_sink* to) {
                                     return plugin_.numbering()->normalise(instance, index_, to_c(number), to);
                                 });
        !done)
        return fail(std::move(done));
    return only_text(plugin_, "normalise", sink);
}

Result<std::vector<NumberSection>> PluginScheme::decode(std::string_view number) const {
    if (auto text = must_be_text(number); !text) return fail(std::move(text));
    Sink sink{gives::section};
    if (auto done = plugin_.call("decode", sink,
                                 [&](const stm_plugin* instance, const stm_sink* to) {
                                     return plugin_.numbering()->decode(instance, index_, to_c(number), to);
                                 });
        !done)
        return fail(std::move(done));
    for (const NumberSection& section : sink.given().sections)
        if (section.offset > number.size() || number.size() - section.offset < section.length)
            return plugin_.garbage("decode", fmt::format("section '{}' lies outside the number", section.name));
    return std::move(sink.given().sections);
}

Result<std::string> PluginScheme::format(const Attributes& fields, std::uint64_t counter, Instant as_of) const {
    const CAttributes c_fields{fields};
    const stm_format_request request{sizeof(stm_format_request), 0, c_fields.data(), c_fields.size(), counter, as_of.us};
    Sink sink{gives::text};
    if (auto done = plugin_.call(
            "format", sink,
            [&](const stm_plugin* instance, const stm_sink* to) { return plugin_.numbering()->format(instance, index_, &request, to); });
        !done)
        return fail(std::move(done));
    return only_text(plugin_, "format", sink);
}

// --- rules

Result<std::vector<std::vector<FactRequest>>> PluginRules::plan(std::span<const DecisionInput> inputs) const {
    return plan_with(plugin_, *plugin_.rules(), inputs);
}

Result<std::vector<Verdict>> PluginRules::judge(std::span<const DecisionInput> inputs) const {
    auto in = CInputs::from(inputs);
    if (!in) return fail(std::move(in));
    std::vector<stm_result> results(inputs.size());
    Sink sink{gives::finding, inputs.size()};
    if (auto done = plugin_.call("judge", sink,
                                 [&](const stm_plugin* instance, const stm_sink* to) {
                                     return plugin_.rules()->judge(instance, in->data(), in->size(), results.data(), to);
                                 });
        !done)
        return fail(std::move(done));
    std::vector<Verdict> out(inputs.size());
    for (auto& [index, finding] : sink.given().findings) {
        const auto rule = std::ranges::find(rules_, finding.rule, &RuleInfo::id);
        if (rule == rules_.end())
            return plugin_.garbage("judge", fmt::format("a finding of rule '{}', which it does not have", clip(finding.rule)));
        finding.citation = rule->citation;
        out[index].findings.push_back(std::move(finding));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        const std::size_t n = out[i].findings.size();
        if ((results[i].outcome != STM_DECIDED && results[i].outcome != STM_UNDECIDED) || results[i].n_given != n)
            return plugin_.garbage("judge", fmt::format("input {} has {} findings, its result says {}", i, n, results[i].n_given));
        out[i].outcome =
            results[i].outcome == STM_UNDECIDED ? worse(Outcome::undecided, outcome_of(out[i].findings)) : outcome_of(out[i].findings);
    }
    return out;
}

Result<std::string> PluginRules::explain(std::string_view rule) const {
    if (std::ranges::find(rules_, rule, &RuleInfo::id) == rules_.end())
        return fail(Errc::not_found, fmt::format("plugin {} has no rule '{}'", plugin_.info().id, clip(rule)));
    Sink sink{gives::text};
    if (auto done = plugin_.call(
            "explain", sink,
            [&](const stm_plugin* instance, const stm_sink* to) { return plugin_.rules()->explain(instance, to_c(rule), to); });
        !done)
        return fail(std::move(done));
    return only_text(plugin_, "explain", sink);
}

// --- assessment

Result<std::vector<std::vector<FactRequest>>> PluginAssessment::plan(std::span<const DecisionInput> inputs) const {
    return plan_with(plugin_, *plugin_.assessment(), inputs);
}

Result<Answer> PluginAssessment::assess(const DecisionInput& input) const {
    auto in = CInputs::from({&input, 1});
    if (!in) return fail(std::move(in));
    stm_result result{};
    Sink sink{gives::answer};
    if (auto done = plugin_.call("assess", sink,
                                 [&](const stm_plugin* instance, const stm_sink* to) {
                                     return plugin_.assessment()->assess(instance, in->data(), in->size(), &result, to);
                                 });
        !done)
        return fail(std::move(done));
    const auto& answers = sink.given().answers;
    if ((result.outcome != STM_DECIDED && result.outcome != STM_UNDECIDED) || result.n_given != answers.size())
        return plugin_.garbage("assess", fmt::format("{} answers, its result says {}", answers.size(), result.n_given));
    for (const auto& [key, value] : answers)
        if (std::ranges::find(about_.answers, key, &Column::name) == about_.answers.end())
            return plugin_.garbage("assess", fmt::format("an answer '{}', which it does not declare", clip(key)));
    for (const FactTable& table : sink.given().answer_tables) {
        const auto declared = std::ranges::find(about_.tables, table.name, &FactTable::name);
        if (declared == about_.tables.end() || declared->columns != table.columns)
            return plugin_.garbage("assess", fmt::format("a table '{}' with columns that it does not declare", clip(table.name)));
        if (std::ranges::count(sink.given().answer_tables, table.name, &FactTable::name) > 1)
            return plugin_.garbage("assess", fmt::format("the table '{}' twice", clip(table.name)));
    }
    return Answer{result.outcome == STM_DECIDED, std::move(sink.given().answers), std::move(sink.given().reasons),
                  std::move(sink.given().answer_tables)};
}

// --- workflow

PluginWorkflow::PluginWorkflow(const LoadedPlugin& plugin, DescribedWorkflow about) : plugin_{plugin}, about_{std::move(about)} {
    for (const DescribedCommand& command : about_.commands) commands_.push_back(command.name);
}

Result<std::vector<std::vector<FactRequest>>> PluginWorkflow::plan(std::span<const DecisionInput> inputs) const {
    return plan_with(plugin_, *plugin_.workflow(), inputs);
}

Result<std::variant<std::vector<WorkflowStep>, std::vector<Finding>>> PluginWorkflow::act(const DecisionInput& input) const {
    auto in = CInputs::from({&input, 1});
    if (!in) return fail(std::move(in));
    Sink sink{gives::case_event | gives::finding};
    if (auto done = plugin_.call(
            "act", sink,
            [&](const stm_plugin* instance, const stm_sink* to) { return plugin_.workflow()->act(instance, in->data()[0], to); });
        !done)
        return fail(std::move(done));
    Given& given = sink.given();
    if (given.case_events.empty() == given.findings.empty())
        return plugin_.garbage("act", given.findings.empty() ? "neither a step nor a refusal" : "steps and refusals at once");
    if (!given.case_events.empty()) return std::move(given.case_events);
    std::vector<Finding> refusals;
    refusals.reserve(given.findings.size());
    for (auto& [index, finding] : given.findings) refusals.push_back(std::move(finding));
    return refusals;
}

Result<WorkflowState> PluginWorkflow::apply(const WorkflowState& state, const WorkflowStep& step) const {
    const CAttributes before{state.fields};
    const CAttributes change{step.fields};
    const stm_case_state c_state{sizeof(stm_case_state), static_cast<std::uint32_t>(before.size()), to_c(state.state), before.data()};
    const stm_case_event c_event{sizeof(stm_case_event), static_cast<std::uint32_t>(change.size()), to_c(step.type), change.data()};
    Sink sink{gives::case_state};
    if (auto done = plugin_.call(
            "apply", sink,
            [&](const stm_plugin* instance, const stm_sink* to) { return plugin_.workflow()->apply(instance, &c_state, &c_event, to); });
        !done)
        return fail(std::move(done));
    if (sink.given().case_states.size() != 1) return plugin_.garbage("apply", "not exactly one state");
    WorkflowState& after = sink.given().case_states.front();
    if (std::ranges::find(about_.states, after.state) == about_.states.end())
        return plugin_.garbage("apply", fmt::format("the state '{}', which it does not declare", clip(after.state)));
    return std::move(after);
}

// --- reports

Result<std::vector<std::vector<FactRequest>>> PluginReport::plan(std::span<const DecisionInput> inputs) const {
    auto in = CInputs::from(inputs);
    if (!in) return fail(std::move(in));
    Sink sink{gives::request, inputs.size()};
    const auto ask = [&](const stm_plugin* instance, const stm_sink* to) {
        return plugin_.report()->plan(instance, index_, in->data(), in->size(), to);
    };
    if (auto done = plugin_.call("plan", sink, ask); !done) return fail(std::move(done));
    return planned(plugin_, sink, inputs.size());
}

Result<std::vector<ReportRow>> PluginReport::collect(std::span<const DecisionInput> inputs) const {
    auto in = CInputs::from(inputs);
    if (!in) return fail(std::move(in));
    Sink sink{about_.collected(), inputs.size()};
    const auto ask = [&](const stm_plugin* instance, const stm_sink* to) {
        return plugin_.report()->collect(instance, index_, in->data(), in->size(), to);
    };
    if (auto done = plugin_.call("collect", sink, ask); !done) return fail(std::move(done));
    std::vector<std::vector<ReportRow>> by_input(inputs.size());
    for (auto& [input, row] : sink.given().rows) by_input[input].push_back(std::move(row));
    std::vector<ReportRow> out;
    out.reserve(sink.given().rows.size());
    for (std::vector<ReportRow>& rows : by_input)
        for (ReportRow& row : rows) out.push_back(std::move(row));
    return out;
}

Result<std::vector<ReportRow>> PluginReport::compose(const DecisionInput& input) const {
    auto in = CInputs::from({&input, 1});
    if (!in) return fail(std::move(in));
    Sink sink{about_.columns, 1};
    const auto ask = [&](const stm_plugin* instance, const stm_sink* to) {
        return plugin_.report()->compose(instance, index_, in->data()[0], to);
    };
    if (auto done = plugin_.call("compose", sink, ask); !done) return fail(std::move(done));
    std::vector<ReportRow> out;
    out.reserve(sink.given().rows.size());
    for (auto& [one, row] : sink.given().rows) out.push_back(std::move(row));
    return out;
}

// --- all of them

std::vector<std::string> Offers::names() const {
    std::vector<std::string> out;
    out.reserve(schemes.size());
    for (const auto& scheme : schemes) out.push_back("scheme " + scheme->name());
    if (rules)
        for (const RuleInfo& rule : rules->rules()) out.push_back("rule " + rule.id);
    if (assessment) out.push_back("assessment " + assessment->kind());
    if (workflow) out.push_back("workflow " + workflow->name());
    for (const auto& report : reports) out.push_back("report " + report->about().name);
    return out;
}

Result<Offers> describe(const LoadedPlugin& plugin) {
    Offers offers;
    Result<void> done;
    if (plugin.numbering() != nullptr) done = describe_schemes(plugin, offers);
    if (done && plugin.rules() != nullptr) done = describe_rules(plugin, offers);
    if (done && plugin.assessment() != nullptr) done = describe_assessment(plugin, offers);
    if (done && plugin.workflow() != nullptr) done = describe_workflow(plugin, offers);
    if (done && plugin.report() != nullptr) done = describe_reports(plugin, offers);
    if (!done)
        return msg::refuse(msg::describe_wrong, plugin.place(),
                           fmt::format("{} cannot say what it offers: {}", plugin.info().id, done.error().message));
    return offers;
}

}  // namespace stemma
