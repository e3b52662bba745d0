// The host's side of stm_sink: takes what one call gives, copies it, and notes the first thing that cannot be right.
// A call is only believed when nothing was wrong: a text that is not UTF-8, an index out of range, a struct too short, a limit passed, or
// an answer to a question that was not asked spoil the whole call. Used by one thread, for one call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ports/plugin_catalog.hpp"
#include "stemma/plugin/abi.h"

namespace stemma {

namespace limits {
inline constexpr std::size_t plugin_text_bytes_max = 64UL * 1024;         ///< bytes of one text from a plugin
inline constexpr std::size_t plugin_given_max = 100'000;                  ///< things one call may give
inline constexpr std::size_t plugin_list_max = 10'000;                    ///< elements of one list inside them (reasons, fields, states)
inline constexpr std::size_t plugin_rows_max = 1'000'000;                 ///< rows of a report that one call may give
inline constexpr std::size_t plugin_rows_bytes_max = 64UL * 1024 * 1024;  ///< bytes of the texts in them
inline constexpr std::size_t plugin_columns_max = 100;                    ///< columns of a report
}  // namespace limits

/// What a call may give; combined with |.
using Gives = unsigned;
namespace gives {
inline constexpr Gives nothing = 0;
inline constexpr Gives text = 1U << 0U;
inline constexpr Gives scheme = 1U << 1U;
inline constexpr Gives section = 1U << 2U;
inline constexpr Gives rule = 1U << 3U;
inline constexpr Gives request = 1U << 4U;
inline constexpr Gives finding = 1U << 5U;
inline constexpr Gives assessment = 1U << 6U;
inline constexpr Gives answer = 1U << 7U;
inline constexpr Gives workflow = 1U << 8U;
inline constexpr Gives case_event = 1U << 9U;
inline constexpr Gives case_state = 1U << 10U;
inline constexpr Gives report = 1U << 11U;
inline constexpr Gives row = 1U << 12U;
}  // namespace gives

struct DescribedReason {
    std::string code;
    std::string text;
};
struct DescribedScheme {
    std::string name;
    std::string summary;
    std::string example;
    std::vector<DescribedReason> reasons;
    Attributes fields;  ///< what format wants, with example values
    bool has_counter{false};
    std::uint64_t counter_max{0};
};
struct DescribedAssessment {
    std::string name;
    std::string summary;
    std::vector<Column> answers;
    std::vector<FactTable> tables;  ///< without rows
};
struct DescribedCommand {
    std::string name;
    std::string summary;
};
struct DescribedWorkflow {
    std::string name;
    std::string summary;
    std::vector<std::string> states;
    std::vector<DescribedCommand> commands;
    std::vector<Transition> transitions;
};

/// Everything that one call gave, by kind.
struct Given {
    std::string error;
    std::vector<std::string> texts;
    std::vector<DescribedScheme> schemes;
    std::vector<NumberSection> sections;
    std::vector<RuleInfo> rules;
    std::vector<std::pair<std::uint32_t, FactRequest>> requests;
    std::vector<std::pair<std::uint32_t, Finding>> findings;
    std::vector<DescribedAssessment> assessments;
    std::vector<std::pair<std::string, Value>> answers;
    std::vector<FactTable> answer_tables;
    std::vector<std::string> reasons;
    std::vector<DescribedWorkflow> workflows;
    std::vector<WorkflowStep> case_events;
    std::vector<WorkflowState> case_states;
    std::vector<ReportInfo> reports;
    std::vector<std::pair<std::uint32_t, ReportRow>> rows;
};

class Sink {
public:
    /// `n_inputs`: how many inputs the call has; an index must be below it.
    explicit Sink(Gives allowed, std::size_t n_inputs = 1) noexcept;
    /// For rows of these columns, which outlive the sink.
    Sink(const std::vector<ReportColumn>& columns, std::size_t n_inputs) noexcept;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    [[nodiscard]] const stm_sink* c() const noexcept { return &c_; }
    [[nodiscard]] Given& given() noexcept { return given_; }
    /// What was wrong with the call's output; "" when nothing was.
    [[nodiscard]] const std::string& garbage() const noexcept { return garbage_; }
    /// Notes what is wrong, once; for callers that find a mistake in a result array.
    void spoil(std::string_view what) noexcept;

private:
    friend struct SinkCalls;

    stm_sink c_;
    Gives allowed_;
    std::size_t n_inputs_;
    std::size_t n_given_{0};
    const std::vector<ReportColumn>* columns_{nullptr};  ///< of the rows it takes
    std::size_t row_bytes_{0};
    Given given_;
    std::string garbage_;
};

}  // namespace stemma
