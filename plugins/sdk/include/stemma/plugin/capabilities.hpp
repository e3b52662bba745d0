// What a plugin's author implements: one class that derives from one or more of Numbering, Rules, Assessment, Workflow,
// Report.
// Every function is const, pure and called from any thread. An exception that leaves one makes the call "failed", never "accepted".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "stemma/plugin/abi.h"
#include "stemma/plugin/json.hpp"
#include "stemma/plugin/values.hpp"

namespace stemma::sdk {

/// A data file the configuration gave to the plugin.
struct DataFile {
    std::string kind;
    std::string name;
    std::string sha256_hex;
    std::string content;  ///< YAML arrives as JSON: Json::parse(content)
};

/// What an instance is made from: options (checked against the plugin's schema by the host) and data files.
class Config {
public:
    Config(Json options, std::vector<DataFile> files, const stm_host* host)
        : options_{std::move(options)}, files_{std::move(files)}, host_{host} {}

    [[nodiscard]] const Json& options() const noexcept { return options_; }
    [[nodiscard]] const std::vector<DataFile>& files() const noexcept { return files_; }

    /// The option, or the fallback where it is not set. Throws BadOption for another type.
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const {
        const Json* found = options_.find(key);
        return found == nullptr ? fallback : found->flag();
    }
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback) const {
        const Json* found = options_.find(key);
        return found == nullptr ? fallback : found->integer();
    }
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const {
        const Json* found = options_.find(key);
        return std::string(found == nullptr ? fallback : found->text());
    }
    /// A line for the daemon's log, during create only. Level: STM_LOG_INFO ...
    void log(std::int32_t level, std::string_view line) const { host_->log(host_->ctx, level, c_text(line)); }

private:
    Json options_;
    std::vector<DataFile> files_;
    const stm_host* host_;
};

/// "This question has no answer", with a sentence why. Not a failure of the plugin.
struct Refused {
    std::string why;
};

// ---- numbering

struct Reason {
    std::string code;  ///< stable: "serial.check_digit"
    std::string text;  ///< for a person
};

struct Scheme {
    std::string name;
    std::string summary;
    std::string example;          ///< a valid number
    std::vector<Reason> reasons;  ///< CheckResult::reason points into it
    Attributes fields;            ///< what format wants besides the counter, with example values that work
    bool has_counter{false};
    std::uint64_t counter_max{0};  ///< highest counter that fits; 0 without counter
};

/// How one number came out. reason: index into the scheme's reasons. offset and length: the place in the text, in bytes.
struct CheckResult {
    std::int32_t verdict{STM_VALID};
    std::uint32_t reason{STM_NO_REASON};
    std::uint32_t offset{0};
    std::uint32_t length{0};

    [[nodiscard]] static constexpr CheckResult valid() noexcept { return {}; }
    [[nodiscard]] static constexpr CheckResult remark(std::uint32_t reason, std::uint32_t offset = 0, std::uint32_t length = 0) noexcept {
        return {STM_VALID_WITH_REMARKS, reason, offset, length};
    }
    [[nodiscard]] static constexpr CheckResult invalid(std::uint32_t reason, std::uint32_t offset = 0, std::uint32_t length = 0) noexcept {
        return {STM_INVALID, reason, offset, length};
    }
};

struct Section {
    std::string name;
    std::string value;
    std::size_t offset{0};  ///< bytes of the text passed to decode
    std::size_t length{0};
};

struct FormatRequest {
    Attributes fields;
    std::uint64_t counter{0};
    std::int64_t as_of_us{0};
};

class Numbering {
public:
    virtual ~Numbering() = default;
    /// Asked once, when the instance is made; the other functions get the index.
    [[nodiscard]] virtual std::vector<Scheme> schemes() const = 0;
    /// The hot one: no allocation if it can be helped. Gets the text as it was typed or scanned, not its normal form, and accepts what
    /// normalises to a valid number; offset and length of the result are places in that text.
    [[nodiscard]] virtual CheckResult check(std::size_t scheme, std::string_view text) const = 0;
    /// Idempotent; what is no such number comes back as near as can be.
    [[nodiscard]] virtual std::string normalise(std::size_t scheme, std::string_view text) const = 0;
    /// In the text's order; empty for an invalid number. Gets the same text as check.
    [[nodiscard]] virtual std::vector<Section> decode(std::size_t scheme, std::string_view text) const = 0;
    /// Writes only what check calls valid.
    [[nodiscard]] virtual std::variant<std::string, Refused> format(std::size_t scheme, const FormatRequest& request) const = 0;
};

// ---- rules

// NOLINTNEXTLINE(performance-enum-size): as wide as stm_severity, so that it crosses the border as it is
enum class Severity : std::int32_t { finding = STM_SEVERITY_FINDING, hold = STM_SEVERITY_HOLD, refuse = STM_SEVERITY_REFUSE };

struct Rule {
    std::string id;
    std::string title;
    std::string citation;
    Severity severity{Severity::finding};
    std::int64_t valid_from_us{STM_TIME_OPEN_FROM};  ///< inclusive
    std::int64_t valid_to_us{STM_TIME_OPEN_TO};      ///< exclusive
};

struct Finding {
    Severity severity{Severity::finding};
    std::string rule;
    std::string code;
    std::string message;
    std::string subject;
};

struct Judgement {
    bool decided{true};  ///< false: a fact it needs does not exist; the verdict becomes "undecided"
    std::vector<Finding> findings;
};

class Rules {
public:
    virtual ~Rules() = default;
    [[nodiscard]] virtual std::vector<Rule> rules() const = 0;
    /// Facts still wanted; none = ready.
    [[nodiscard]] virtual std::vector<FactRequest> facts_to_judge(const Input& input) const = 0;
    [[nodiscard]] virtual Judgement judge(const Input& input) const = 0;
    /// The rule in plain words.
    [[nodiscard]] virtual std::variant<std::string, Refused> explain(std::string_view rule) const = 0;
};

// ---- assessment

/// An answer of several rows. Each row has one value per column, of the column's type or null. In AssessmentKind it has no rows.
struct AnswerTable {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows{};
};

struct AssessmentKind {
    std::string name;  ///< "expiry"
    std::string summary;
    std::vector<Column> answers;        ///< the keys assess may answer
    std::vector<AnswerTable> tables{};  ///< the tables assess may answer
};

struct Assessed {
    bool decided{true};
    std::vector<Field> answers;
    std::vector<Reason> reasons;
    std::vector<AnswerTable> tables{};
};

class Assessment {
public:
    virtual ~Assessment() = default;
    [[nodiscard]] virtual AssessmentKind assessment_kind() const = 0;
    [[nodiscard]] virtual std::vector<FactRequest> facts_to_assess(const Input& input) const = 0;
    [[nodiscard]] virtual Assessed assess(const Input& input) const = 0;
};

// ---- workflow

struct Command {
    std::string name;
    std::string summary;
    std::vector<Column> fields;
};

struct Transition {
    std::string from;  ///< empty: the command opens a case
    std::string command;
    std::string to;
};

struct WorkflowKind {
    std::string name;  ///< "rma"
    std::string summary;
    std::vector<std::string> states;
    std::vector<Command> commands;
    std::vector<Transition> transitions;
};

struct CaseEvent {
    std::string type;
    Attributes fields;
};

struct CaseState {
    std::string name;  ///< empty: no case yet
    Attributes fields;
};

/// Either events or refusals, never both, never neither.
struct Acted {
    std::vector<CaseEvent> events;
    std::vector<Finding> refusals;  ///< rule = the command's name
};

class Workflow {
public:
    virtual ~Workflow() = default;
    [[nodiscard]] virtual WorkflowKind workflow_kind() const = 0;
    [[nodiscard]] virtual std::vector<FactRequest> facts_to_act(const Input& input) const = 0;
    [[nodiscard]] virtual Acted act(const Input& input) const = 0;
    /// The state after the event: a pure fold.
    [[nodiscard]] virtual CaseState apply(const CaseState& before, const CaseEvent& event) const = 0;
};

// ---- report

struct Parameter {
    std::string name;  ///< lower case, digits, '_'
    std::string summary;
    Type type{Type::text};  ///< int64, boolean, text or time_us
    bool required{false};
    std::string fallback;  ///< its value where the caller sets none: "30", "true", "2026-03-01"; empty: none
};

/// Whom a report asks about: collect is called for each of them.
enum class Subject : std::uint8_t { item, product, case_ };

struct ReportKind {
    std::string name;   ///< "fefo"
    std::string title;  ///< for people
    std::string summary;
    Subject subject{Subject::item};
    std::vector<Column> columns;
    std::vector<Column> gathered;  ///< of collect's rows, where compose makes the report's rows of them; empty: collect gives these
    std::vector<Parameter> parameters;
    std::vector<std::string> order;  ///< columns that the host sorts the rows by, empty cells last; empty: they stay as they were given
};

/// One value for each column, of the column's type.
using Row = std::vector<Value>;

class Report {
public:
    virtual ~Report() = default;
    /// Asked once, when the instance is made; the other functions get the index.
    [[nodiscard]] virtual std::vector<ReportKind> reports() const = 0;
    /// Facts still wanted about the subject of table "subject"; none = ready.
    [[nodiscard]] virtual std::vector<FactRequest> facts_to_collect(std::size_t report, const Input& input) const = 0;
    /// The subject's rows; none: it does not belong into the report.
    [[nodiscard]] virtual std::vector<Row> collect(std::size_t report, const Input& input) const = 0;
    /// The report's rows, made of table "rows". Called only for a report with `gathered` columns.
    [[nodiscard]] virtual std::vector<Row> compose(std::size_t /*report*/, const Input& /*input*/) const { return {}; }
};

}  // namespace stemma::sdk
