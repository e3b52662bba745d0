#include "core/plugin_host/conformance.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/domain/names.hpp"

namespace stemma {
namespace {

namespace json = boost::json;
using Outcome_ = PropertyResult::Outcome;

constexpr NameTable<Outcome_, 3> kOutcomes{{{Outcome_::passed, "passed"}, {Outcome_::failed, "failed"}, {Outcome_::skipped, "skipped"}}};

constexpr Instant kAsOf{1'772'409'600'000'000};  // 2026-03-02: any fixed day, so that a check can be repeated
constexpr std::size_t kRandomTexts = 5'000;      // texts per scheme
constexpr std::size_t kRandomBytesMax = 80;      // bytes of one
constexpr std::uint64_t kCountersTried = 300;    // numbers made per scheme
constexpr std::size_t kTimedNumbers = 1'000;     // numbers of a timed batch
constexpr int kTimedBatches = 10;

/// Throws nothing and returns nothing: "" = holds, else what failed.
using Property = std::function<std::string()>;

class Runner {
public:
    explicit Runner(const std::function<void(std::string_view)>& on_property) : on_property_{on_property} {}

    void subject(std::string name) { subject_ = std::move(name); }
    void holds(std::string_view property, const Property& test) {
        on_property_(fmt::format("'{}' of {}", property, subject_));
        std::string why = test();
        const auto outcome = why.empty() ? Outcome_::passed : Outcome_::failed;
        results_.push_back({subject_, std::string(property), outcome, std::move(why)});
    }
    void note(std::string_view property, Outcome_ outcome, std::string detail) {
        results_.push_back({subject_, std::string(property), outcome, std::move(detail)});
    }
    [[nodiscard]] std::vector<PropertyResult> take() { return std::move(results_); }

private:
    const std::function<void(std::string_view)>& on_property_;
    std::string subject_;
    std::vector<PropertyResult> results_;
};

// --- numbering

bool is_valid(const NumberCheck& check) { return check.outcome != NumberCheck::Outcome::invalid; }

std::string why_invalid(const PluginScheme& scheme, const std::string& number) {
    const std::string_view view = number;
    const auto checked = scheme.check({&view, 1});
    if (!checked) return checked.error().text();
    const NumberCheck& check = checked->front();
    return is_valid(check) ? "" : fmt::format("'{}' is not valid: {} (byte {})", number, check.message, check.offset);
}

/// Counter values worth trying: the first ones, both sides of every power of ten, the last ones.
std::vector<std::uint64_t> counters_of(const DescribedScheme& about) {
    if (!about.has_counter) return {0};
    std::set<std::uint64_t> values;
    for (std::uint64_t i = 1; i <= std::min(kCountersTried, about.counter_max); ++i) values.insert(i);
    for (std::uint64_t power = 10; power <= about.counter_max; power *= 10) {
        values.insert({power - 1, power});
        if (power > about.counter_max / 10) break;
    }
    if (about.counter_max > 0) values.insert({about.counter_max - 1, about.counter_max});
    values.erase(0);  // a series begins at 1
    return {values.begin(), values.end()};
}

struct Made {
    std::vector<std::string> numbers;
    std::string failure;
    bool check_only{false};  ///< the very first number was refused: the scheme writes none
};

Made make_numbers(const PluginScheme& scheme) {
    Made made;
    for (const std::uint64_t counter : counters_of(scheme.about())) {
        auto number = scheme.format(scheme.about().fields, counter, kAsOf);
        if (!number) {
            made.check_only = made.numbers.empty() && number.error().code == Errc::invalid_input;
            made.failure = fmt::format("counter {}: {}", counter, number.error().text());
            break;
        }
        made.numbers.push_back(std::move(*number));
    }
    return made;
}

std::vector<std::string> random_texts(std::string_view example) {
    std::mt19937 random(20260302);  // fixed: a failure must come back
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    std::vector<std::string> texts{"", std::string(kRandomBytesMax * 100, '0'), std::string(1, '\0')};
    while (texts.size() < kRandomTexts) {
        std::string text;
        if (texts.size() % 2 == 0) {  // a number with a few bytes changed comes further into a parser than noise
            text = example;
            for (std::size_t i = 0; i <= below(3) && !text.empty(); ++i) text[below(text.size())] = static_cast<char>(below(256));
        } else {
            for (std::size_t i = below(kRandomBytesMax); i > 0; --i) text += static_cast<char>(below(256));
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

std::string each(const std::vector<std::string>& texts, const std::function<std::string(const std::string&)>& test) {
    for (const std::string& text : texts)
        if (std::string why = test(text); !why.empty()) return fmt::format("{} (bytes {})", why, to_hex(clip(text)));
    return {};
}

std::string idempotent(const PluginScheme& scheme, const std::string& text) {
    if (!is_clean_utf8(text)) return {};
    const auto once = scheme.normalise(text);
    if (!once) return once.error().text();
    const auto twice = scheme.normalise(*once);
    if (!twice) return twice.error().text();
    return *once == *twice ? "" : fmt::format("'{}' becomes '{}', and that becomes '{}'", clip(text), clip(*once), clip(*twice));
}

/// A check gets what people type: the example in lower case is valid, where normalise brings it back.
std::string lower_case(const PluginScheme& scheme, const std::string& example) {
    std::string text = example;
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto normal = scheme.normalise(text);
    if (!normal) return normal.error().text();
    return *normal == example ? why_invalid(scheme, text) : "";
}

std::string survives(const PluginScheme& scheme, const std::string& text) {
    const std::string_view view = text;
    if (const auto checked = scheme.check({&view, 1}); !checked) return checked.error().text();
    if (!is_clean_utf8(text)) return {};
    const auto decoded = scheme.decode(text);
    return decoded ? "" : decoded.error().text();
}

/// Check and normalise again: the same answers.
std::string repeats(const PluginScheme& scheme, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto first = scheme.check(views);
    const auto second = scheme.check(views);
    if (!first || !second) return first ? second.error().text() : first.error().text();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const NumberCheck& a = (*first)[i];
        const NumberCheck& b = (*second)[i];
        if (a.outcome != b.outcome || a.code != b.code || a.offset != b.offset || a.length != b.length)
            return fmt::format("'{}' was checked twice with two results", clip(texts[i]));
    }
    return {};
}

/// The best of a few batches: the machine may be busy, the plugin is not.
std::string time_per_check(const PluginScheme& scheme) {
    const std::vector<std::string_view> numbers(kTimedNumbers, scheme.example());
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < kTimedBatches; ++i) {
        const auto start = std::chrono::steady_clock::now();
        [[maybe_unused]] const auto checked = scheme.check(numbers);
        best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    return fmt::format("{} ns per number", best.count() / static_cast<long>(kTimedNumbers));
}

/// The properties of the numbers that the scheme writes; a scheme that writes none has none of them.
void check_formatted(Runner& run, const PluginScheme& scheme) {
    constexpr std::string_view kFormats = "numbers can be formatted from the example fields";
    const DescribedScheme& about = scheme.about();
    const Made made = make_numbers(scheme);
    if (made.check_only) {
        run.note(kFormats, Outcome_::skipped, fmt::format("it does not format numbers: {}", made.failure));
        return;
    }
    run.holds(kFormats, [&] { return made.failure; });
    run.holds("formatted numbers are valid",
              [&] { return each(made.numbers, [&](const auto& number) { return why_invalid(scheme, number); }); });
    run.holds("formatted numbers are their own normal form", [&] {
        return each(made.numbers, [&](const std::string& number) -> std::string {
            const auto normal = scheme.normalise(number);
            if (!normal) return normal.error().text();
            return *normal == number ? "" : fmt::format("'{}' becomes '{}'", number, *normal);
        });
    });
    run.holds("formatted numbers do not repeat", [&]() -> std::string {
        const std::set<std::string> distinct(made.numbers.begin(), made.numbers.end());
        return distinct.size() == made.numbers.size()
                   ? ""
                   : fmt::format("{} numbers, {} of them distinct", made.numbers.size(), distinct.size());
    });
    if (about.has_counter && about.counter_max < UINT64_MAX) {
        run.holds("a counter past the last is refused", [&]() -> std::string {
            const auto past = scheme.format(about.fields, about.counter_max + 1, kAsOf);
            if (past) return fmt::format("counter {} gives '{}'", about.counter_max + 1, *past);
            return past.error().code == Errc::invalid_input ? "" : past.error().text();
        });
    }
}

void check_scheme(Runner& run, const PluginScheme& scheme) {
    run.subject("scheme " + scheme.name());
    const DescribedScheme& about = scheme.about();
    run.holds("the example is valid", [&] { return why_invalid(scheme, about.example); });
    run.holds("the example has sections", [&]() -> std::string {
        const auto sections = scheme.decode(about.example);
        if (!sections) return sections.error().text();
        return sections->empty() ? fmt::format("'{}' decodes to nothing", about.example) : "";
    });
    run.holds("what normalises to a valid number is valid", [&] { return lower_case(scheme, about.example); });
    check_formatted(run, scheme);
    const auto texts = random_texts(about.example);
    run.holds("normalise is idempotent", [&] { return each(texts, [&](const auto& text) { return idempotent(scheme, text); }); });
    run.holds("random bytes do no harm", [&] { return each(texts, [&](const auto& text) { return survives(scheme, text); }); });
    run.holds("the same input gets the same answer", [&] { return repeats(scheme, texts); });
    run.note("time of a check", Outcome_::passed, time_per_check(scheme));
}

// --- decisions

FactTable row(std::string name, std::vector<Column> columns, std::vector<Value> values) {
    return {std::move(name), {}, std::move(columns), {std::move(values)}};
}

/// An event as the engine hands it to rules: food, shipped.
DecisionInput shipped_event() {
    using enum ColumnType;
    const std::string item = "urn:stemma:check:lot:1";
    const std::string product = "urn:stemma:check:product:1";
    return {
        kAsOf,
        {row("event",
             {{"event_id", text},
              {"type", text},
              {"action", text},
              {"biz_step", text},
              {"disposition", text},
              {"event_time", time},
              {"from_place", text},
              {"place", text},
              {"from_party", text},
              {"party", text},
              {"document", text}},
             {std::string("urn:stemma:check:event:1"), std::string("ObjectEvent"), std::string("OBSERVE"), std::string("shipping"),
              std::string("in_transit"), kAsOf, std::monostate{}, std::monostate{}, std::monostate{}, std::monostate{}, std::monostate{}}),
         row("event.items", {{"item", text}, {"product", text}, {"kind", text}, {"role", text}, {"quantity", quantity}},
             {item, product, std::string("lot"), std::string("object"), Quantity{2'500'000, "KGM"}})},
        {},
        0};
}

DecisionInput one_item() {
    using enum ColumnType;
    return {kAsOf,
            {row("item", {{"item", text}, {"product", text}, {"kind", text}},
                 {std::string("urn:stemma:check:lot:1"), std::string("urn:stemma:check:product:1"), std::string("lot")})},
            {},
            0};
}

DecisionInput command_on(const WorkflowState& state, std::int64_t version, const std::string& command) {
    using enum ColumnType;
    FactTable the_case =
        row("case", {{"state", text}, {"version", int64}, {"item", text}}, {state.state, version, std::string("urn:stemma:check:lot:1")});
    for (const auto& [name, value] : state.fields) {
        the_case.columns.push_back({name, text});
        the_case.rows.front().emplace_back(value);
    }
    return {kAsOf, {std::move(the_case), row("command", {{"name", text}}, {command})}, {}, 0};
}

/// Plans to the end, answering every request with a table without rows. "" when it ends in time.
std::string plan_to_end(const Decision& decision, DecisionInput& input) {
    for (input.round = 0; input.round < kFactRoundsMax; ++input.round) {
        auto requests = decision.plan({&input, 1});
        if (!requests) return requests.error().text();
        if (requests->front().empty()) return {};
        for (FactRequest& request : requests->front())
            input.facts.push_back({std::move(request.name), std::move(request.arguments), {}, {}});
    }
    const auto requests = decision.plan({&input, 1});
    if (!requests) return requests.error().text();
    if (requests->front().empty()) return {};
    return fmt::format("it still asks for '{}' after {} rounds", requests->front().front().name, kFactRoundsMax);
}

void check_rules(Runner& run, const PluginRules& rules) {
    run.subject("rules");
    if (rules.rules().empty()) {
        run.note("rules are described", Outcome_::skipped, "it describes no rule; with its data files there would be more to check");
        return;
    }
    run.holds("every rule is explained", [&]() -> std::string {
        for (const RuleInfo& rule : rules.rules()) {
            const auto words = rules.explain(rule.id);
            if (!words) return words.error().text();
            if (words->empty()) return fmt::format("rule '{}' has no words", rule.id);
        }
        return {};
    });
    DecisionInput input = shipped_event();
    run.holds("planning ends, with facts that have no rows", [&] { return plan_to_end(rules, input); });
    run.holds("it judges without facts", [&]() -> std::string {
        const auto verdicts = rules.judge({&input, 1});
        return verdicts ? "" : verdicts.error().text();
    });
    run.holds("the same input gets the same answer", [&]() -> std::string {
        const auto first = rules.judge({&input, 1});
        const auto second = rules.judge({&input, 1});
        return first && second && *first == *second ? "" : "two verdicts on one event differ";
    });
}

void check_assessment(Runner& run, const PluginAssessment& assessment) {
    run.subject("assessment " + assessment.kind());
    DecisionInput input = one_item();
    run.holds("planning ends, with facts that have no rows", [&] { return plan_to_end(assessment, input); });
    run.holds("it answers without facts", [&]() -> std::string {
        const auto answer = assessment.assess(input);
        if (!answer) return answer.error().text();
        return answer->reasons.empty() ? "the answer has no reason" : "";
    });
    run.holds("the same input gets the same answer", [&]() -> std::string {
        const auto first = assessment.assess(input);
        const auto second = assessment.assess(input);
        const bool same = first && second && first->decided == second->decided && first->values == second->values &&
                          first->reasons == second->reasons && first->tables == second->tables;
        return same ? "" : "two answers on one item differ";
    });
}

std::string act_everywhere(const PluginWorkflow& workflow) {
    for (const std::string& state : workflow.states()) {
        for (const std::string& command : workflow.commands()) {
            DecisionInput input = command_on({state, {}}, 1, command);
            if (std::string why = plan_to_end(workflow, input); !why.empty()) return fmt::format("'{}' in '{}': {}", command, state, why);
            const auto outcome = workflow.act(input);
            if (!outcome) return fmt::format("'{}' in '{}': {}", command, state, outcome.error().text());
            const auto declared = std::ranges::any_of(
                workflow.transitions(), [&](const Transition& step) { return step.from == state && step.command == command; });
            if (!declared && std::holds_alternative<std::vector<WorkflowStep>>(*outcome))
                return fmt::format("'{}' in '{}' is done, though no transition allows it", command, state);
        }
    }
    return {};
}

/// Every state is the end of a chain of transitions that opens a case.
std::string unreachable_state(const PluginWorkflow& workflow) {
    std::set<std::string> reached{""};
    for (std::size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const Transition& step : workflow.transitions())
            if (reached.contains(step.from)) reached.insert(step.to);
    }
    for (const std::string& state : workflow.states())
        if (!reached.contains(state)) return fmt::format("no chain of commands leads to '{}'", state);
    return {};
}

/// Opens a case and folds what came; the state must be one that the transition table names.
std::string opens(const PluginWorkflow& workflow) {
    for (const Transition& step : workflow.transitions()) {
        if (!step.from.empty()) continue;
        DecisionInput input = command_on({}, 0, step.command);
        if (std::string why = plan_to_end(workflow, input); !why.empty()) return why;
        const auto outcome = workflow.act(input);
        if (!outcome) return outcome.error().text();
        const auto* steps = std::get_if<std::vector<WorkflowStep>>(&*outcome);
        if (steps == nullptr) continue;  // refused: it wants fields that only its documentation names
        WorkflowState state;
        for (const WorkflowStep& one : *steps) {
            auto folded = workflow.apply(state, one);
            if (!folded) return folded.error().text();
            state = std::move(*folded);
        }
        if (std::ranges::none_of(workflow.transitions(), [&](const Transition& other) {
                return other.from.empty() && other.command == step.command && other.to == state.state;
            }))
            return fmt::format("'{}' leads to '{}', which its transitions do not say", step.command, state.state);
    }
    return {};
}

void check_workflow(Runner& run, const PluginWorkflow& workflow) {
    run.subject("workflow " + workflow.name());
    run.holds("every state can be reached", [&] { return unreachable_state(workflow); });
    run.holds("a case can be opened, and the fold agrees with the transitions", [&] { return opens(workflow); });
    run.holds("every command is answered in every state", [&] { return act_everywhere(workflow); });
}

DecisionInput subject_of(const ReportInfo& about) {
    using enum ColumnType;
    DecisionInput input = one_item();
    FactTable& table = input.tables.front();
    table.name = "subject";
    if (about.subject == ReportSubject::product) table = row("subject", {{"product", text}}, {std::string("urn:stemma:check:product:1")});
    if (about.subject == ReportSubject::case_)
        table = row("subject", {{"case", text}, {"workflow", text}, {"state", text}, {"version", int64}, {"item", text}},
                    {std::string("check-000001"), std::string("check"), std::string("open"), std::int64_t{1},
                     std::string("urn:stemma:check:lot:1")});
    FactTable parameters{"parameters", {}, {}, {{}}};
    for (const ReportParameter& one : about.parameters) {
        parameters.columns.push_back({one.name, one.type});
        parameters.rows.front().emplace_back();
    }
    input.tables.push_back(std::move(parameters));
    return input;
}

void check_report(Runner& run, const PluginReport& report) {
    const ReportInfo& about = report.about();
    run.subject("report " + about.name);
    DecisionInput input = subject_of(about);
    run.holds("planning ends, with facts that have no rows", [&] { return plan_to_end(report, input); });
    run.holds("it collects without facts, and without parameters", [&]() -> std::string {
        const auto rows = report.collect({&input, 1});
        return rows ? "" : rows.error().text();
    });
    run.holds("the same input gets the same rows", [&]() -> std::string {
        const auto first = report.collect({&input, 1});
        const auto second = report.collect({&input, 1});
        return first && second && *first == *second ? "" : "two answers on one subject differ";
    });
    if (about.gathered.empty()) return;
    run.holds("it composes a table of no rows", [&]() -> std::string {
        FactTable none{"rows", {}, {}, {}};
        for (const ReportColumn& column : about.gathered) none.columns.push_back({column.name, column.type});
        const auto rows = report.compose({kAsOf, {std::move(none), input.tables.back()}, {}, 0});
        return rows ? "" : rows.error().text();
    });
}

}  // namespace

std::string_view to_string(PropertyResult::Outcome outcome) noexcept { return name_of(kOutcomes, outcome); }

bool CheckReport::passed() const noexcept {
    return std::ranges::none_of(properties, [](const PropertyResult& one) { return one.outcome == Outcome_::failed; });
}

std::string CheckReport::to_json() const {
    json::array results;
    for (const PropertyResult& one : properties)
        results.push_back(json::object{
            {"subject", one.subject}, {"property", one.property}, {"outcome", to_string(one.outcome)}, {"detail", one.detail}});
    return json::serialize(json::object{{"id", plugin.id},
                                        {"name", plugin.name},
                                        {"version", plugin.version},
                                        {"summary", plugin.summary},
                                        {"sha256", plugin.binary_sha256},
                                        {"capabilities", json::array(plugin.capabilities.begin(), plugin.capabilities.end())},
                                        {"offers", json::array(plugin.offers.begin(), plugin.offers.end())},
                                        {"passed", passed()},
                                        {"properties", std::move(results)}});
}

Result<CheckReport> CheckReport::from_json(std::string_view text) {
    try {
        const json::value parsed = json::parse(text);
        const json::object& object = parsed.as_object();
        const auto text_of = [](const json::object& from, std::string_view key) { return std::string(from.at(key).as_string()); };
        CheckReport report;
        report.plugin.id = text_of(object, "id");
        report.plugin.name = text_of(object, "name");
        report.plugin.version = text_of(object, "version");
        report.plugin.summary = text_of(object, "summary");
        report.plugin.binary_sha256 = text_of(object, "sha256");
        for (const json::value& one : object.at("capabilities").as_array()) report.plugin.capabilities.emplace_back(one.as_string());
        for (const json::value& one : object.at("offers").as_array()) report.plugin.offers.emplace_back(one.as_string());
        for (const json::value& one : object.at("properties").as_array()) {
            const json::object& property = one.as_object();
            auto outcome = value_of(kOutcomes, text_of(property, "outcome"), "outcome");
            if (!outcome) return fail(std::move(outcome));
            report.properties.push_back(
                {text_of(property, "subject"), text_of(property, "property"), *outcome, text_of(property, "detail")});
        }
        return report;
    } catch (const std::exception& error) {
        return fail(Errc::internal, fmt::format("the checker's report cannot be read: {}", error.what()));
    }
}

CheckReport check_conformance(const LoadedPlugin& plugin, const Offers& offers, const std::function<void(std::string_view)>& on_property) {
    Runner run(on_property);
    for (const auto& scheme : offers.schemes) check_scheme(run, *scheme);
    if (offers.rules) check_rules(run, *offers.rules);
    if (offers.assessment) check_assessment(run, *offers.assessment);
    if (offers.workflow) check_workflow(run, *offers.workflow);
    for (const auto& report : offers.reports) check_report(run, *report);
    return {plugin.info(), run.take()};
}

}  // namespace stemma
