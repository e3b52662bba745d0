// What the core needs from plugins, in the domain's own types; core/plugin_host implements it over the C ABI.
// A PluginSet is immutable: a reload makes a new one, and a request keeps the one it began with. All calls: any thread.
// A plugin that fails returns Errc::plugin ("plugin:<id>"); callers turn that into an undecided verdict, never into acceptance.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/master.hpp"
#include "core/domain/verdict.hpp"

namespace stemma {

/// Who a plugin is, exactly: what a verdict must name to be replayed.
struct PluginInfo {
    std::string id;    ///< "org.stemma.serial"
    std::string name;  ///< file name without ".so", as in stemma.yaml
    std::string version;
    std::string summary;
    std::string binary_sha256;
    std::string options_sha256;
    std::string data_sha256;                ///< "" without data files
    std::vector<std::string> capabilities;  ///< "stm.numbering/0" ...
    std::vector<std::string> offers;        ///< what it adds, in words: "scheme serial", "rule food.expiry", "workflow rma"
    std::vector<std::string> data_kinds{};  ///< kinds of data files it takes: "rule_pack"
    std::string options_schema{};           ///< JSON Schema (draft 7) of its options, one line
};

// --- numbering -----------------------------------------------------------------------------------------------------

struct NumberCheck {
    enum class Outcome : unsigned char { valid, valid_with_remarks, invalid };
    Outcome outcome{Outcome::valid};
    std::string code;  ///< "check_digit", "length"; "" when valid
    std::string message;
    std::size_t offset{0};  ///< byte place in the text, and how many bytes
    std::size_t length{0};
};

struct NumberSection {
    std::string name;   ///< "plant", "year", "sequence", "check"
    std::string value;  ///< decoded
    std::size_t offset{0};
    std::size_t length{0};
};

class NumberScheme {
public:
    virtual ~NumberScheme() = default;
    [[nodiscard]] virtual const PluginInfo& plugin() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;  ///< "serial"
    [[nodiscard]] virtual const std::string& summary() const = 0;
    [[nodiscard]] virtual const std::string& example() const = 0;
    [[nodiscard]] virtual Result<std::vector<NumberCheck>> check(std::span<const std::string_view> numbers) const = 0;
    [[nodiscard]] virtual Result<std::string> normalise(std::string_view number) const = 0;
    [[nodiscard]] virtual Result<std::vector<NumberSection>> decode(std::string_view number) const = 0;
    [[nodiscard]] virtual Result<std::string> format(const Attributes& fields, std::uint64_t counter, Instant as_of) const = 0;
};

// --- rules, assessments, workflows: all plan their facts first -------------------------------------------------------

/// What a pure decision sees: input tables, and the facts answered so far.
struct DecisionInput {
    Instant as_of;                  ///< the only "now" a plugin knows
    std::vector<FactTable> tables;  ///< "event" and "event.items"; "item"; "case" and "command"
    std::vector<FactTable> facts;
    std::uint32_t round{0};  ///< 0, 1, 2: at most kFactRoundsMax plans
};
inline constexpr std::uint32_t kFactRoundsMax = 3;
inline constexpr std::size_t kFactRequestsMax = 10'000;  ///< per decision, over all rounds

class Decision {
public:
    virtual ~Decision() = default;
    [[nodiscard]] virtual const PluginInfo& plugin() const = 0;
    /// Requests for facts it does not have yet; empty = ready. One list per input.
    [[nodiscard]] virtual Result<std::vector<std::vector<FactRequest>>> plan(std::span<const DecisionInput> inputs) const = 0;
};

struct RuleInfo {
    std::string id;
    std::string title;  ///< plain words
    std::string citation;
    Severity severity{Severity::finding};
    std::string valid_from;  ///< date or ""
    std::string valid_to;
};

class Rules : public Decision {
public:
    [[nodiscard]] virtual const std::vector<RuleInfo>& rules() const = 0;
    /// One verdict per input: outcome_of its findings, or undecided where a fact it needs is missing.
    [[nodiscard]] virtual Result<std::vector<Verdict>> judge(std::span<const DecisionInput> inputs) const = 0;
    /// The rule in words. Errors: Errc::not_found.
    [[nodiscard]] virtual Result<std::string> explain(std::string_view rule) const = 0;
};

/// A structured answer with its reasons.
struct Answer {
    bool decided{true};  ///< false: a fact it needs is missing; the reasons say which
    std::vector<std::pair<std::string, Value>> values;
    std::vector<std::string> reasons;
    std::vector<FactTable> tables{};  ///< answers of several rows, such as a timeline
};

class Assessment : public Decision {
public:
    [[nodiscard]] virtual const std::string& kind() const = 0;  ///< "expiry"
    [[nodiscard]] virtual const std::string& summary() const = 0;
    [[nodiscard]] virtual Result<Answer> assess(const DecisionInput& input) const = 0;
};

struct Transition {
    std::string from;
    std::string command;
    std::string to;
};

/// A step that a workflow takes: becomes a CaseEvent.
struct WorkflowStep {
    std::string type;
    Attributes fields;
};

struct WorkflowState {
    std::string state;
    Attributes fields;
};

class Workflow : public Decision {
public:
    [[nodiscard]] virtual const std::string& name() const = 0;  ///< "rma"
    [[nodiscard]] virtual const std::vector<std::string>& states() const = 0;
    [[nodiscard]] virtual const std::vector<std::string>& commands() const = 0;
    [[nodiscard]] virtual const std::vector<Transition>& transitions() const = 0;
    /// Steps to take, or the findings that refuse the command.
    [[nodiscard]] virtual Result<std::variant<std::vector<WorkflowStep>, std::vector<Finding>>> act(const DecisionInput& input) const = 0;
    /// Folds one step into a state. Pure.
    [[nodiscard]] virtual Result<WorkflowState> apply(const WorkflowState& state, const WorkflowStep& step) const = 0;
};

// --- reports ---------------------------------------------------------------------------------------------------------

struct ReportColumn {
    std::string name;
    ColumnType type{ColumnType::text};
    bool required{false};  ///< no cell of it is empty
};

struct ReportParameter {
    std::string name;
    std::string summary;
    ColumnType type{ColumnType::text};  ///< int64, boolean, text or time
    bool required{false};
    std::string fallback;  ///< as text; "" = none
};

/// Whom a report asks about, one by one.
enum class ReportSubject : unsigned char { item, product, case_ };
[[nodiscard]] constexpr std::string_view to_string(ReportSubject subject) noexcept {
    if (subject == ReportSubject::product) return "product";
    return subject == ReportSubject::case_ ? "case" : "item";
}

struct ReportInfo {
    std::string name;   ///< "fefo"
    std::string title;  ///< for people
    std::string summary;
    ReportSubject subject{ReportSubject::item};
    std::vector<ReportColumn> columns;
    std::vector<ReportColumn> gathered;  ///< of collect's rows, where compose makes the report's rows of them; else empty
    std::vector<ReportParameter> parameters;
    std::vector<std::size_t> order;  ///< places in `columns` that the rows are sorted by

    [[nodiscard]] const std::vector<ReportColumn>& collected() const noexcept { return gathered.empty() ? columns : gathered; }
};

/// One value per column, of the column's type or none.
using ReportRow = std::vector<Value>;

/// A table that a plugin makes of facts about many subjects.
class Report : public Decision {
public:
    [[nodiscard]] virtual const ReportInfo& about() const = 0;
    /// The rows of these subjects in their order, by about().collected(); a subject may have none.
    [[nodiscard]] virtual Result<std::vector<ReportRow>> collect(std::span<const DecisionInput> inputs) const = 0;
    /// The report's rows, made of the table "rows". For reports that gather.
    [[nodiscard]] virtual Result<std::vector<ReportRow>> compose(const DecisionInput& input) const = 0;
};

// --- the set --------------------------------------------------------------------------------------------------------

class PluginSet {
public:
    virtual ~PluginSet() = default;
    [[nodiscard]] virtual std::uint64_t generation() const = 0;
    [[nodiscard]] virtual const std::vector<PluginInfo>& plugins() const = 0;
    [[nodiscard]] virtual const std::vector<const NumberScheme*>& schemes() const = 0;
    [[nodiscard]] virtual const std::vector<const Rules*>& rules() const = 0;
    [[nodiscard]] virtual const std::vector<const Assessment*>& assessments() const = 0;
    [[nodiscard]] virtual const std::vector<const Workflow*>& workflows() const = 0;
    [[nodiscard]] virtual const std::vector<const Report*>& reports() const = 0;
};

class PluginCatalog {
public:
    virtual ~PluginCatalog() = default;
    /// The set in force. The pointer keeps its plugins alive.
    [[nodiscard]] virtual std::shared_ptr<const PluginSet> current() const = 0;
};

}  // namespace stemma
