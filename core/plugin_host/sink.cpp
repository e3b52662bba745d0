#include "core/plugin_host/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <stdexcept>

#include "core/base/quantity.hpp"
#include "core/base/text.hpp"

namespace stemma {
namespace {

/// Thrown and caught in this file only: the plugin's output cannot be right.
struct Garbage : std::runtime_error {
    using std::runtime_error::runtime_error;
};

constexpr std::int64_t kTimeMin = -62'135'596'800LL * kMicrosPerSecond;  // 0001-01-01
constexpr std::int64_t kTimeMax = 253'402'300'800LL * kMicrosPerSecond;  // 10000-01-01, exclusive

std::string text_from(stm_text text, std::string_view what) {
    if (text.size == 0) return {};
    if (text.data == nullptr) throw Garbage(fmt::format("{} is a null text of {} bytes", what, text.size));
    if (text.size > limits::plugin_text_bytes_max)
        throw Garbage(fmt::format("{} has {} bytes, at most {} are taken", what, text.size, limits::plugin_text_bytes_max));
    const std::string_view bytes{text.data, text.size};
    if (!is_clean_utf8(bytes)) throw Garbage(fmt::format("{} is not UTF-8", what));
    return std::string(bytes);
}

std::string filled_text_from(stm_text text, std::string_view what) {
    std::string out = text_from(text, what);
    if (out.empty()) throw Garbage(fmt::format("{} is empty", what));
    return out;
}

/// The elements of a list that a struct points to.
template <class T>
std::vector<const T*> list_from(const T* items, std::size_t n, std::string_view what) {
    if (n > limits::plugin_list_max)
        throw Garbage(fmt::format("{} has {} elements, at most {} are taken", what, n, limits::plugin_list_max));
    if (n > 0 && items == nullptr) throw Garbage(fmt::format("{} is a null list of {} elements", what, n));
    std::vector<const T*> out;
    out.reserve(n);
    for (std::size_t i = 0; i < n; ++i) out.push_back(items + i);
    return out;
}

/// The struct, if it is there and not shorter than in the ABI's first draft.
template <class T>
const T& whole(const T* given, std::string_view what) {
    if (given == nullptr) throw Garbage(fmt::format("{} is null", what));
    if (given->size < sizeof(T)) throw Garbage(fmt::format("{} says it has {} bytes, {} are needed", what, given->size, sizeof(T)));
    return *given;
}

Attributes attributes_from(const stm_attribute* attributes, std::size_t n, std::string_view what) {
    Attributes out;
    for (const stm_attribute* one : list_from(attributes, n, what)) {
        std::string name = filled_text_from(one->name, "a field's name");
        std::string value = text_from(one->value, "a field's value");
        if (!out.emplace(name, std::move(value)).second) throw Garbage(fmt::format("{} names '{}' twice", what, clip(name)));
    }
    return out;
}

Severity severity_from_c(stm_severity severity) {
    switch (severity) {
        case STM_SEVERITY_FINDING: return Severity::finding;
        case STM_SEVERITY_HOLD: return Severity::hold;
        case STM_SEVERITY_REFUSE: return Severity::refuse;
        default: throw Garbage(fmt::format("{} is no severity", severity));
    }
}

ColumnType type_from(stm_type type) {
    switch (type) {
        case STM_INT64: return ColumnType::int64;
        case STM_BOOL: return ColumnType::boolean;
        case STM_TEXT: return ColumnType::text;
        case STM_TIME_US: return ColumnType::time;
        case STM_QUANTITY: return ColumnType::quantity;
        default: throw Garbage(fmt::format("{} is no type", type));
    }
}

Instant instant_from(std::int64_t us) {
    if (us < kTimeMin || us >= kTimeMax) throw Garbage(fmt::format("{} us is outside the years 1 to 9999", us));
    return Instant{us};
}

Value value_from(const stm_cell& cell, ColumnType type) {
    if (cell.is_null > 1) throw Garbage("a cell's null mark is neither 0 nor 1");
    if (cell.is_null == 1) return std::monostate{};
    switch (type) {
        case ColumnType::int64: return cell.i;
        case ColumnType::boolean:
            if (cell.i != 0 && cell.i != 1) throw Garbage("a truth value is neither 0 nor 1");
            return cell.i == 1;
        case ColumnType::text: return text_from(cell.t, "an answer");
        case ColumnType::time: return instant_from(cell.i);
        case ColumnType::quantity: break;
    }
    std::string unit = text_from(cell.t, "a unit");
    if (!is_unit_code(unit)) throw Garbage(fmt::format("'{}' is no unit of UN/CEFACT Recommendation 20", clip(unit)));
    return Quantity{cell.i, std::move(unit)};
}

std::vector<Column> columns_from(const stm_column* columns, std::size_t n, std::string_view what) {
    std::vector<Column> out;
    for (const stm_column* one : list_from(columns, n, what)) out.push_back({filled_text_from(one->name, what), type_from(one->type)});
    return out;
}

FactTable table_from(const stm_table* given, std::string_view what) {
    const stm_table& table = whole(given, "stm_table");
    FactTable out{filled_text_from(table.name, what), {}, columns_from(table.columns, table.n_columns, what), {}};
    if (out.columns.empty()) throw Garbage(fmt::format("{} has no columns", what));
    if (table.n_rows > limits::plugin_list_max)
        throw Garbage(fmt::format("{} has {} rows, at most {} are taken", what, table.n_rows, limits::plugin_list_max));
    if (table.n_rows > 0 && table.cells == nullptr) throw Garbage(fmt::format("{} has {} rows and no cells", what, table.n_rows));
    const stm_cell* cell = table.cells;
    for (std::uint64_t i = 0; i < table.n_rows; ++i) {
        std::vector<Value>& row = out.rows.emplace_back();
        for (const Column& column : out.columns) row.push_back(value_from(*cell++, column.type));
    }
    return out;
}

DescribedScheme scheme_from(const stm_scheme& scheme) {
    DescribedScheme out{filled_text_from(scheme.name, "a scheme's name"),
                        text_from(scheme.summary, "a scheme's summary"),
                        filled_text_from(scheme.example, "a scheme's example"),
                        {},
                        attributes_from(scheme.fields, scheme.n_fields, "a scheme's fields"),
                        scheme.has_counter != 0,
                        scheme.counter_max};
    for (const stm_reason* reason : list_from(scheme.reasons, scheme.n_reasons, "a scheme's reasons"))
        out.reasons.push_back({filled_text_from(reason->code, "a reason's code"), filled_text_from(reason->text, "a reason's text")});
    return out;
}

RuleInfo rule_from(const stm_rule& rule) {
    const bool from_ever = rule.valid_from_us == STM_TIME_OPEN_FROM;
    const bool to_ever = rule.valid_to_us == STM_TIME_OPEN_TO;
    return {filled_text_from(rule.id, "a rule's id"),
            filled_text_from(rule.title, "a rule's title"),
            text_from(rule.citation, "a rule's citation"),
            severity_from_c(rule.severity),
            from_ever ? std::string{} : format_date(instant_from(rule.valid_from_us)),
            to_ever ? std::string{} : format_date(instant_from(rule.valid_to_us))};
}

FactRequest request_from(const stm_request& request) {
    FactRequest out{filled_text_from(request.fact, "a fact's name"), {}};
    for (const stm_text* argument : list_from(request.args, request.n_args, "a fact's arguments"))
        out.arguments.push_back(text_from(*argument, "a fact's argument"));
    return out;
}

Finding finding_from(const stm_finding& finding) {
    return {filled_text_from(finding.code, "a finding's code"),       severity_from_c(finding.severity),
            filled_text_from(finding.message, "a finding's message"), text_from(finding.subject, "a finding's subject"),
            filled_text_from(finding.rule, "a finding's rule"),       {}};
}

std::vector<ReportColumn> report_columns_from(const stm_column* columns, std::size_t n, std::string_view what) {
    std::vector<ReportColumn> out;
    if (n > limits::plugin_columns_max) throw Garbage(fmt::format("{} are {}, at most {} are taken", what, n, limits::plugin_columns_max));
    for (const stm_column* one : list_from(columns, n, what))
        out.push_back({filled_text_from(one->name, "a column's name"), type_from(one->type), one->required != 0});
    return out;
}

ReportSubject subject_from(stm_text text) {
    const std::string name = text_from(text, "a report's subject");
    for (const ReportSubject subject : {ReportSubject::item, ReportSubject::product, ReportSubject::case_})
        if (name == to_string(subject)) return subject;
    throw Garbage(fmt::format("'{}' is no subject of a report: item, product, case", clip(name)));
}

ReportInfo report_from(const stm_report_kind& kind) {
    ReportInfo out{filled_text_from(kind.name, "a report's name"),
                   filled_text_from(kind.title, "a report's title"),
                   text_from(kind.summary, "a report's summary"),
                   subject_from(kind.subject),
                   report_columns_from(kind.columns, kind.n_columns, "a report's columns"),
                   report_columns_from(kind.gathered, kind.n_gathered, "a report's gathered columns"),
                   {},
                   {}};
    for (const stm_parameter* one : list_from(kind.parameters, kind.n_parameters, "a report's parameters"))
        out.parameters.push_back({filled_text_from(one->name, "a parameter's name"), text_from(one->summary, "a parameter's summary"),
                                  type_from(one->type), one->required != 0, text_from(one->fallback, "a parameter's fallback")});
    for (const stm_text* one : list_from(kind.order, kind.n_order, "a report's order")) {
        const std::string name = text_from(*one, "a column's name");
        const auto column = std::ranges::find(out.columns, name, &ReportColumn::name);
        if (column == out.columns.end()) throw Garbage(fmt::format("it is sorted by '{}', which is no column", clip(name)));
        out.order.push_back(static_cast<std::size_t>(column - out.columns.begin()));
    }
    return out;
}

/// A cell of another type than its column's gives itself away by what it should not hold.
ReportRow row_from(const stm_row& row, const std::vector<ReportColumn>& columns) {
    if (row.n_cells != columns.size()) throw Garbage(fmt::format("a row has {} cells for {} columns", row.n_cells, columns.size()));
    ReportRow out;
    out.reserve(columns.size());
    const auto cells = list_from(row.cells, row.n_cells, "a row's cells");
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ReportColumn& column = columns[i];
        const stm_cell& cell = *cells[i];
        if (cell.is_null == 0 && column.type == ColumnType::text && cell.i != 0)
            throw Garbage(fmt::format("column '{}' is {}, its cell has a number", column.name, to_string(column.type)));
        if (cell.is_null == 0 && column.type != ColumnType::text && column.type != ColumnType::quantity && cell.t.size != 0)
            throw Garbage(fmt::format("column '{}' is {}, its cell has a text", column.name, to_string(column.type)));
        out.push_back(value_from(cell, column.type));
        if (column.required && std::holds_alternative<std::monostate>(out.back()))
            throw Garbage(fmt::format("column '{}' is never empty, its cell is", column.name));
    }
    return out;
}

std::size_t bytes_of(const ReportRow& row) noexcept {
    std::size_t bytes = 0;
    for (const Value& value : row)
        if (const std::string* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

DescribedWorkflow workflow_from(const stm_workflow_kind& kind) {
    DescribedWorkflow out{filled_text_from(kind.name, "a workflow's name"), text_from(kind.summary, "a workflow's summary"), {}, {}, {}};
    for (const stm_text* state : list_from(kind.states, kind.n_states, "a workflow's states"))
        out.states.push_back(filled_text_from(*state, "a state's name"));
    for (const stm_command* command : list_from(kind.commands, kind.n_commands, "a workflow's commands")) {
        (void)columns_from(command->fields, command->n_fields, "a command's fields");
        out.commands.push_back({filled_text_from(command->name, "a command's name"), text_from(command->summary, "a command's summary")});
    }
    for (const stm_transition* step : list_from(kind.transitions, kind.n_transitions, "a workflow's transitions"))
        out.transitions.push_back({text_from(step->from, "a transition's start"), filled_text_from(step->command, "a transition's command"),
                                   filled_text_from(step->to, "a transition's end")});
    return out;
}

}  // namespace

/// The functions behind stm_sink. None throws: what goes wrong is noted in the sink.
struct SinkCalls {
    template <class Work>
    static void take(void* ctx, Gives kind, std::string_view name, Work&& work) noexcept {
        Sink& sink = *static_cast<Sink*>(ctx);
        if (!sink.garbage_.empty()) return;
        try {
            if ((sink.allowed_ & kind) == 0) throw Garbage(fmt::format("it gave a {} where none was asked for", name));
            if (++sink.n_given_ > limits::plugin_given_max)
                throw Garbage(fmt::format("it gave more than {} things in one call", limits::plugin_given_max));
            work(sink);
        } catch (const std::exception& error) {
            sink.spoil(error.what());
        }
    }

    static std::uint32_t index(const Sink& sink, std::uint32_t input) {
        if (input >= sink.n_inputs_) throw Garbage(fmt::format("it speaks of input {}, but there are {}", input, sink.n_inputs_));
        return input;
    }

    static void error(void* ctx, stm_text message) noexcept {
        Sink& sink = *static_cast<Sink*>(ctx);
        try {
            sink.given_.error = clip(text_from(message, "the error's text"), limits::plugin_text_bytes_max);
        } catch (const std::exception& failed) {
            sink.spoil(failed.what());
        }
    }
    static void text(void* ctx, stm_text text) noexcept {
        take(ctx, gives::text, "text", [&](Sink& sink) { sink.given_.texts.push_back(text_from(text, "the text")); });
    }
    static void scheme(void* ctx, const stm_scheme* scheme) noexcept {
        take(ctx, gives::scheme, "scheme", [&](Sink& sink) { sink.given_.schemes.push_back(scheme_from(whole(scheme, "stm_scheme"))); });
    }
    static void section(void* ctx, const stm_section* section) noexcept {
        take(ctx, gives::section, "section", [&](Sink& sink) {
            const stm_section& given = whole(section, "stm_section");
            sink.given_.sections.push_back({filled_text_from(given.name, "a section's name"), text_from(given.value, "a section's value"),
                                            given.offset, given.length});
        });
    }
    static void rule(void* ctx, const stm_rule* rule) noexcept {
        take(ctx, gives::rule, "rule", [&](Sink& sink) { sink.given_.rules.push_back(rule_from(whole(rule, "stm_rule"))); });
    }
    static void request(void* ctx, const stm_request* request) noexcept {
        take(ctx, gives::request, "request", [&](Sink& sink) {
            const stm_request& given = whole(request, "stm_request");
            sink.given_.requests.emplace_back(index(sink, given.input), request_from(given));
        });
    }
    static void finding(void* ctx, const stm_finding* finding) noexcept {
        take(ctx, gives::finding, "finding", [&](Sink& sink) {
            const stm_finding& given = whole(finding, "stm_finding");
            sink.given_.findings.emplace_back(index(sink, given.input), finding_from(given));
        });
    }
    static void assessment(void* ctx, const stm_assessment_kind* kind) noexcept {
        take(ctx, gives::assessment, "assessment", [&](Sink& sink) {
            const stm_assessment_kind& given = whole(kind, "stm_assessment_kind");
            std::vector<FactTable> tables;
            for (const stm_table* const* one : list_from(given.tables, given.n_tables, "an assessment's tables"))
                tables.push_back(table_from(*one, "an assessment's table"));
            sink.given_.assessments.push_back({filled_text_from(given.name, "an assessment's name"),
                                               text_from(given.summary, "an assessment's summary"),
                                               columns_from(given.answers, given.n_answers, "an answer's key"), std::move(tables)});
        });
    }
    static void answer(void* ctx, std::uint32_t input, const stm_field* answer) noexcept {
        take(ctx, gives::answer, "answer", [&](Sink& sink) {
            (void)index(sink, input);
            if (answer == nullptr) throw Garbage("an answer is null");
            sink.given_.answers.emplace_back(filled_text_from(answer->name, "an answer's key"),
                                             value_from(answer->value, type_from(answer->type)));
        });
    }
    static void answer_table(void* ctx, std::uint32_t input, const stm_table* table) noexcept {
        take(ctx, gives::answer, "answer table", [&](Sink& sink) {
            (void)index(sink, input);
            sink.given_.answer_tables.push_back(table_from(table, "an answer's table"));
        });
    }
    static void reason(void* ctx, std::uint32_t input, const stm_reason* reason) noexcept {
        take(ctx, gives::answer, "reason", [&](Sink& sink) {
            (void)index(sink, input);
            if (reason == nullptr) throw Garbage("a reason is null");
            sink.given_.reasons.push_back(filled_text_from(reason->text, "a reason's text"));
        });
    }
    static void workflow(void* ctx, const stm_workflow_kind* kind) noexcept {
        take(ctx, gives::workflow, "workflow",
             [&](Sink& sink) { sink.given_.workflows.push_back(workflow_from(whole(kind, "stm_workflow_kind"))); });
    }
    static void case_event(void* ctx, const stm_case_event* event) noexcept {
        take(ctx, gives::case_event, "case event", [&](Sink& sink) {
            const stm_case_event& given = whole(event, "stm_case_event");
            sink.given_.case_events.push_back(
                {filled_text_from(given.type, "a case event's type"), attributes_from(given.fields, given.n_fields, "a case event")});
        });
    }
    static void case_state(void* ctx, const stm_case_state* state) noexcept {
        take(ctx, gives::case_state, "case state", [&](Sink& sink) {
            const stm_case_state& given = whole(state, "stm_case_state");
            sink.given_.case_states.push_back(
                {filled_text_from(given.name, "a state's name"), attributes_from(given.fields, given.n_fields, "a case's state")});
        });
    }
    static void report(void* ctx, const stm_report_kind* kind) noexcept {
        take(ctx, gives::report, "report", [&](Sink& sink) { sink.given_.reports.push_back(report_from(whole(kind, "stm_report_kind"))); });
    }
    /// Rows have limits of their own: they are what a report is made of.
    static void row(void* ctx, const stm_row* row) noexcept {
        Sink& sink = *static_cast<Sink*>(ctx);
        if (sink.columns_ == nullptr) return take(ctx, gives::row, "row", [](Sink&) {});
        if (!sink.garbage_.empty()) return;
        try {
            const stm_row& given = whole(row, "stm_row");
            auto& rows = sink.given_.rows;
            if (rows.size() == limits::plugin_rows_max)
                throw Garbage(fmt::format("it gave more than {} rows in one call", limits::plugin_rows_max));
            rows.emplace_back(index(sink, given.input), row_from(given, *sink.columns_));
            sink.row_bytes_ += bytes_of(rows.back().second);
            if (sink.row_bytes_ > limits::plugin_rows_bytes_max)
                throw Garbage(fmt::format("the texts of its rows have more than {} bytes in one call", limits::plugin_rows_bytes_max));
        } catch (const std::exception& error) {
            sink.spoil(error.what());
        }
    }
};

Sink::Sink(const std::vector<ReportColumn>& columns, std::size_t n_inputs) noexcept : Sink(gives::row, n_inputs) { columns_ = &columns; }

Sink::Sink(Gives allowed, std::size_t n_inputs) noexcept
    : c_{sizeof(stm_sink),
         0,
         this,
         SinkCalls::error,
         SinkCalls::text,
         SinkCalls::scheme,
         SinkCalls::section,
         SinkCalls::rule,
         SinkCalls::request,
         SinkCalls::finding,
         SinkCalls::assessment,
         SinkCalls::answer,
         SinkCalls::reason,
         SinkCalls::workflow,
         SinkCalls::case_event,
         SinkCalls::case_state,
         SinkCalls::report,
         SinkCalls::row,
         SinkCalls::answer_table},
      allowed_{allowed},
      n_inputs_{n_inputs} {}

void Sink::spoil(std::string_view what) noexcept {
    if (!garbage_.empty()) return;
    try {
        garbage_ = what;
    } catch (const std::bad_alloc&) {
        garbage_ = "no memory";  // fits without an allocation
    }
}

}  // namespace stemma
