// The C side of the SDK: functions of the ABI's tables that call the author's class. Nothing here is for authors.
// Every function is noexcept: what the author's code throws becomes STM_FAILED with its text in the sink.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "stemma/plugin/abi.h"
#include "stemma/plugin/capabilities.hpp"
#include "stemma/plugin/values.hpp"

namespace stemma::sdk {

/// A short list of names, written as {"item.lot", "lot.expiry"}; one past the limit does not compile.
class Names {
public:
    static constexpr std::size_t kMax = 32;  // names

    constexpr Names() noexcept = default;
    constexpr Names(std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names) add(name);
    }
    constexpr void add(std::string_view name) { items_.at(size_++) = c_text(name); }
    [[nodiscard]] constexpr const stm_text* data() const noexcept { return items_.data(); }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

private:
    std::array<stm_text, kMax> items_{};
    std::size_t size_{0};
};

/// What the plugin says of itself; the capabilities follow from the base classes.
struct Info {
    std::string_view id{};
    std::string_view version{};
    std::string_view summary{};
    std::string_view options_schema{R"({"type":"object","additionalProperties":false})"};
    Names facts{};       ///< names of facts it may ask for
    Names data_kinds{};  ///< kinds of data files it takes
};

}  // namespace stemma::sdk

/// The SDK's instance: the author's object seen through each capability it has.
struct stm_plugin {
    const stemma::sdk::Numbering* numbering{nullptr};
    const stemma::sdk::Rules* rules{nullptr};
    const stemma::sdk::Assessment* assessment{nullptr};
    const stemma::sdk::Workflow* workflow{nullptr};
    const stemma::sdk::Report* report{nullptr};
    std::vector<stemma::sdk::Scheme> schemes{};
    std::vector<stemma::sdk::ReportKind> reports{};
};

namespace stemma::sdk::detail {

/// Runs `work`, which returns a status; nothing thrown leaves.
template <class Work>
stm_status guarded(const stm_sink* sink, Work&& work) noexcept {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& error) {
        sink->error(sink->ctx, c_text(error.what()));
    } catch (...) {
        sink->error(sink->ctx, c_text("an exception of unknown type"));
    }
    return STM_FAILED;
}

[[nodiscard]] inline stm_status refuse(const stm_sink* sink, std::string_view why) {
    sink->error(sink->ctx, c_text(why));
    return STM_REFUSED;
}

/// Gives the text, or the refusal.
[[nodiscard]] inline stm_status give(const stm_sink* sink, const std::variant<std::string, Refused>& answer) {
    if (const auto* refused = std::get_if<Refused>(&answer)) return refuse(sink, refused->why);
    sink->text(sink->ctx, c_text(std::get<std::string>(answer)));
    return STM_OK;
}

[[nodiscard]] inline stm_field c_field(const Field& field) noexcept {
    return {c_text(field.name), static_cast<stm_type>(field.value.type()), 0, field.value.c_cell()};
}
[[nodiscard]] inline std::vector<stm_attribute> c_attributes(const Attributes& attributes) {
    std::vector<stm_attribute> out;
    out.reserve(attributes.size());
    for (const auto& [name, value] : attributes) out.push_back({c_text(name), c_text(value)});
    return out;
}
[[nodiscard]] inline Attributes from_c(const stm_attribute* attributes, std::size_t n) {
    Attributes out;
    for (std::size_t i = 0; i < n; ++i) out.emplace(view(attributes[i].name), view(attributes[i].value));
    return out;
}
[[nodiscard]] inline std::vector<stm_column> c_columns(const std::vector<Column>& columns) {
    std::vector<stm_column> out;
    out.reserve(columns.size());
    for (const Column& column : columns) out.push_back({c_text(column.name), static_cast<stm_type>(column.type), column.required ? 1 : 0});
    return out;
}
[[nodiscard]] inline std::vector<stm_text> c_texts(const std::vector<std::string>& texts) {
    std::vector<stm_text> out;
    out.reserve(texts.size());
    for (const std::string& text : texts) out.push_back(c_text(text));
    return out;
}
[[nodiscard]] inline std::vector<stm_reason> c_reasons(const std::vector<Reason>& reasons) {
    std::vector<stm_reason> out;
    out.reserve(reasons.size());
    for (const Reason& reason : reasons) out.push_back({c_text(reason.code), c_text(reason.text)});
    return out;
}

inline void give_requests(const stm_sink* sink, std::size_t input, const std::vector<FactRequest>& requests) {
    for (const FactRequest& request : requests) {
        const auto args = c_texts(request.args);
        const stm_request out{sizeof(stm_request), static_cast<std::uint32_t>(input), c_text(request.fact), args.data(), args.size()};
        sink->request(sink->ctx, &out);
    }
}

inline void give_finding(const stm_sink* sink, std::size_t input, const Finding& finding) {
    const stm_finding out{sizeof(stm_finding),
                          static_cast<std::uint32_t>(input),
                          static_cast<stm_severity>(finding.severity),
                          0,
                          c_text(finding.rule),
                          c_text(finding.code),
                          c_text(finding.message),
                          c_text(finding.subject)};
    sink->finding(sink->ctx, &out);
}

// ---- stm.numbering/0

inline std::uint32_t numbering_n_schemes(const stm_plugin* plugin) noexcept { return static_cast<std::uint32_t>(plugin->schemes.size()); }

[[nodiscard]] inline bool has_scheme(const stm_plugin* plugin, std::uint32_t scheme) noexcept { return scheme < plugin->schemes.size(); }

inline stm_status numbering_describe(const stm_plugin* plugin, std::uint32_t index, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_scheme(plugin, index)) return refuse(sink, "no such scheme");
        const Scheme& scheme = plugin->schemes[index];
        const auto reasons = c_reasons(scheme.reasons);
        const auto fields = c_attributes(scheme.fields);
        const stm_scheme out{sizeof(stm_scheme),
                             static_cast<std::uint32_t>(reasons.size()),
                             c_text(scheme.name),
                             c_text(scheme.summary),
                             c_text(scheme.example),
                             reasons.data(),
                             fields.data(),
                             static_cast<std::uint32_t>(fields.size()),
                             scheme.has_counter ? 1 : 0,
                             scheme.counter_max};
        sink->scheme(sink->ctx, &out);
        return STM_OK;
    });
}

inline stm_status numbering_check(const stm_plugin* plugin, std::uint32_t scheme, const stm_text* in, std::size_t n, stm_check_result* out,
                                  const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_scheme(plugin, scheme)) return refuse(sink, "no such scheme");
        for (std::size_t i = 0; i < n; ++i) {
            const CheckResult result = plugin->numbering->check(scheme, view(in[i]));
            out[i] = {result.verdict, result.reason, result.offset, result.length};
        }
        return STM_OK;
    });
}

inline stm_status numbering_normalise(const stm_plugin* plugin, std::uint32_t scheme, stm_text in, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_scheme(plugin, scheme)) return refuse(sink, "no such scheme");
        const std::string text = plugin->numbering->normalise(scheme, view(in));
        sink->text(sink->ctx, c_text(text));
        return STM_OK;
    });
}

inline stm_status numbering_decode(const stm_plugin* plugin, std::uint32_t scheme, stm_text in, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_scheme(plugin, scheme)) return refuse(sink, "no such scheme");
        for (const Section& section : plugin->numbering->decode(scheme, view(in))) {
            const stm_section out{sizeof(stm_section),
                                  static_cast<std::uint32_t>(section.offset),
                                  static_cast<std::uint32_t>(section.length),
                                  0,
                                  c_text(section.name),
                                  c_text(section.value)};
            sink->section(sink->ctx, &out);
        }
        return STM_OK;
    });
}

inline stm_status numbering_format(const stm_plugin* plugin, std::uint32_t scheme, const stm_format_request* request,
                                   const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_scheme(plugin, scheme)) return refuse(sink, "no such scheme");
        const FormatRequest wanted{from_c(request->fields, request->n_fields), request->counter, request->as_of_us};
        return give(sink, plugin->numbering->format(scheme, wanted));
    });
}

inline constexpr stm_numbering kNumberingTable{
    sizeof(stm_numbering), 0, numbering_n_schemes, numbering_describe, numbering_check, numbering_normalise, numbering_decode,
    numbering_format};

// ---- stm.rules/0

inline stm_status rules_describe(const stm_plugin* plugin, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (const Rule& rule : plugin->rules->rules()) {
            const stm_rule out{sizeof(stm_rule),      static_cast<stm_severity>(rule.severity),
                               c_text(rule.id),       c_text(rule.title),
                               c_text(rule.citation), rule.valid_from_us,
                               rule.valid_to_us};
            sink->rule(sink->ctx, &out);
        }
        return STM_OK;
    });
}

inline stm_status rules_plan(const stm_plugin* plugin, const stm_input* const* in, std::size_t n, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (std::size_t i = 0; i < n; ++i) give_requests(sink, i, plugin->rules->facts_to_judge(Input{*in[i]}));
        return STM_OK;
    });
}

inline stm_status rules_judge(const stm_plugin* plugin, const stm_input* const* in, std::size_t n, stm_result* out,
                              const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (std::size_t i = 0; i < n; ++i) {
            const Judgement judgement = plugin->rules->judge(Input{*in[i]});
            for (const Finding& finding : judgement.findings) give_finding(sink, i, finding);
            out[i] = {judgement.decided ? STM_DECIDED : STM_UNDECIDED, static_cast<std::uint32_t>(judgement.findings.size())};
        }
        return STM_OK;
    });
}

inline stm_status rules_explain(const stm_plugin* plugin, stm_text rule, const stm_sink* sink) noexcept {
    return guarded(sink, [&] { return give(sink, plugin->rules->explain(view(rule))); });
}

inline constexpr stm_rules kRulesTable{sizeof(stm_rules), 0, rules_describe, rules_plan, rules_judge, rules_explain};

// ---- stm.assessment/0

/// The C form of one answer's tables; valid as long as they are.
class CAnswerTables {
public:
    explicit CAnswerTables(const std::vector<AnswerTable>& tables) {
        columns_.reserve(tables.size());
        cells_.reserve(tables.size());
        tables_.reserve(tables.size());
        for (const AnswerTable& table : tables) {
            const auto& columns = columns_.emplace_back(c_columns(table.columns));
            auto& cells = cells_.emplace_back();
            cells.reserve(table.rows.size() * columns.size());
            for (const auto& row : table.rows) {
                if (row.size() != columns.size()) throw std::logic_error("a row of the table '" + table.name + "' has other columns");
                for (const Value& value : row) cells.push_back(value.c_cell());
            }
            tables_.push_back({sizeof(stm_table), static_cast<std::uint32_t>(columns.size()), c_text(table.name), columns.data(),
                               table.rows.size(), cells.data(), nullptr, 0});
        }
        for (const stm_table& table : tables_) pointers_.push_back(&table);
    }
    [[nodiscard]] const std::vector<const stm_table*>& c() const noexcept { return pointers_; }

private:
    std::vector<std::vector<stm_column>> columns_;
    std::vector<std::vector<stm_cell>> cells_;
    std::vector<stm_table> tables_;
    std::vector<const stm_table*> pointers_;
};

inline stm_status assessment_describe(const stm_plugin* plugin, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        const AssessmentKind kind = plugin->assessment->assessment_kind();
        const auto answers = c_columns(kind.answers);
        const CAnswerTables tables{kind.tables};
        const stm_assessment_kind out{sizeof(stm_assessment_kind),
                                      static_cast<std::uint32_t>(answers.size()),
                                      c_text(kind.name),
                                      c_text(kind.summary),
                                      answers.data(),
                                      tables.c().data(),
                                      tables.c().size()};
        sink->assessment(sink->ctx, &out);
        return STM_OK;
    });
}

inline stm_status assessment_plan(const stm_plugin* plugin, const stm_input* const* in, std::size_t n, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (std::size_t i = 0; i < n; ++i) give_requests(sink, i, plugin->assessment->facts_to_assess(Input{*in[i]}));
        return STM_OK;
    });
}

inline stm_status assessment_assess(const stm_plugin* plugin, const stm_input* const* in, std::size_t n, stm_result* out,
                                    const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (std::size_t i = 0; i < n; ++i) {
            const Assessed assessed = plugin->assessment->assess(Input{*in[i]});
            for (const Field& answer : assessed.answers) {
                const stm_field field = c_field(answer);
                sink->answer(sink->ctx, static_cast<std::uint32_t>(i), &field);
            }
            const CAnswerTables tables{assessed.tables};
            for (const stm_table* table : tables.c()) sink->answer_table(sink->ctx, static_cast<std::uint32_t>(i), table);
            for (const Reason& reason : assessed.reasons) {
                const stm_reason given{c_text(reason.code), c_text(reason.text)};
                sink->reason(sink->ctx, static_cast<std::uint32_t>(i), &given);
            }
            out[i] = {assessed.decided ? STM_DECIDED : STM_UNDECIDED, static_cast<std::uint32_t>(assessed.answers.size())};
        }
        return STM_OK;
    });
}

inline constexpr stm_assessment kAssessmentTable{sizeof(stm_assessment), 0, assessment_describe, assessment_plan, assessment_assess};

// ---- stm.workflow/0

inline stm_status workflow_describe(const stm_plugin* plugin, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        const WorkflowKind kind = plugin->workflow->workflow_kind();
        const auto states = c_texts(kind.states);
        std::vector<std::vector<stm_column>> columns;
        std::vector<stm_command> commands;
        for (const Command& command : kind.commands) {
            columns.push_back(c_columns(command.fields));
            commands.push_back({c_text(command.name), c_text(command.summary), columns.back().data(), columns.back().size()});
        }
        std::vector<stm_transition> transitions;
        transitions.reserve(kind.transitions.size());
        for (const Transition& step : kind.transitions) transitions.push_back({c_text(step.from), c_text(step.command), c_text(step.to)});
        const stm_workflow_kind out{sizeof(stm_workflow_kind),
                                    0,
                                    c_text(kind.name),
                                    c_text(kind.summary),
                                    states.data(),
                                    states.size(),
                                    commands.data(),
                                    commands.size(),
                                    transitions.data(),
                                    transitions.size()};
        sink->workflow(sink->ctx, &out);
        return STM_OK;
    });
}

inline stm_status workflow_plan(const stm_plugin* plugin, const stm_input* const* in, std::size_t n, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        for (std::size_t i = 0; i < n; ++i) give_requests(sink, i, plugin->workflow->facts_to_act(Input{*in[i]}));
        return STM_OK;
    });
}

inline stm_status workflow_act(const stm_plugin* plugin, const stm_input* in, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        const Acted acted = plugin->workflow->act(Input{*in});
        for (const CaseEvent& event : acted.events) {
            const auto fields = c_attributes(event.fields);
            const stm_case_event out{sizeof(stm_case_event), static_cast<std::uint32_t>(fields.size()), c_text(event.type), fields.data()};
            sink->case_event(sink->ctx, &out);
        }
        for (const Finding& refusal : acted.refusals) give_finding(sink, 0, refusal);
        return STM_OK;
    });
}

inline stm_status workflow_apply(const stm_plugin* plugin, const stm_case_state* before, const stm_case_event* event,
                                 const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        const CaseState state{std::string(view(before->name)), from_c(before->fields, before->n_fields)};
        const CaseState after = plugin->workflow->apply(state, {std::string(view(event->type)), from_c(event->fields, event->n_fields)});
        const auto fields = c_attributes(after.fields);
        const stm_case_state out{sizeof(stm_case_state), static_cast<std::uint32_t>(fields.size()), c_text(after.name), fields.data()};
        sink->case_state(sink->ctx, &out);
        return STM_OK;
    });
}

inline constexpr stm_workflow kWorkflowTable{sizeof(stm_workflow), 0, workflow_describe, workflow_plan, workflow_act, workflow_apply};

// ---- stm.report/0

inline std::uint32_t report_n_reports(const stm_plugin* plugin) noexcept { return static_cast<std::uint32_t>(plugin->reports.size()); }

[[nodiscard]] inline bool has_report(const stm_plugin* plugin, std::uint32_t report) noexcept { return report < plugin->reports.size(); }

[[nodiscard]] constexpr std::string_view subject_name(Subject subject) noexcept {
    if (subject == Subject::product) return STM_SUBJECT_PRODUCT;
    return subject == Subject::case_ ? STM_SUBJECT_CASE : STM_SUBJECT_ITEM;
}

/// A row is held against its columns here, where the cells still know their types.
inline void give_row(const stm_sink* sink, std::size_t input, const std::vector<Column>& columns, const Row& row) {
    if (row.size() != columns.size())
        throw std::logic_error("a row has " + std::to_string(row.size()) + " cells for " + std::to_string(columns.size()) + " columns");
    std::vector<stm_cell> cells;
    cells.reserve(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].type() != columns[i].type) throw std::logic_error("the column '" + columns[i].name + "' got a value of another type");
        cells.push_back(row[i].c_cell());
    }
    const stm_row out{sizeof(stm_row), static_cast<std::uint32_t>(input), cells.data(), cells.size()};
    sink->row(sink->ctx, &out);
}

inline stm_status report_describe(const stm_plugin* plugin, std::uint32_t index, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_report(plugin, index)) return refuse(sink, "no such report");
        const ReportKind& kind = plugin->reports[index];
        const auto columns = c_columns(kind.columns);
        const auto gathered = c_columns(kind.gathered);
        const auto order = c_texts(kind.order);
        std::vector<stm_parameter> parameters;
        parameters.reserve(kind.parameters.size());
        for (const Parameter& one : kind.parameters)
            parameters.push_back(
                {c_text(one.name), c_text(one.summary), c_text(one.fallback), static_cast<stm_type>(one.type), one.required ? 1 : 0});
        const stm_report_kind out{sizeof(stm_report_kind),
                                  0,
                                  c_text(kind.name),
                                  c_text(kind.title),
                                  c_text(kind.summary),
                                  c_text(subject_name(kind.subject)),
                                  columns.data(),
                                  columns.size(),
                                  gathered.data(),
                                  gathered.size(),
                                  parameters.data(),
                                  parameters.size(),
                                  order.data(),
                                  order.size()};
        sink->report(sink->ctx, &out);
        return STM_OK;
    });
}

inline stm_status report_plan(const stm_plugin* plugin, std::uint32_t report, const stm_input* const* in, std::size_t n,
                              const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_report(plugin, report)) return refuse(sink, "no such report");
        for (std::size_t i = 0; i < n; ++i) give_requests(sink, i, plugin->report->facts_to_collect(report, Input{*in[i]}));
        return STM_OK;
    });
}

inline stm_status report_collect(const stm_plugin* plugin, std::uint32_t report, const stm_input* const* in, std::size_t n,
                                 const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_report(plugin, report)) return refuse(sink, "no such report");
        const ReportKind& kind = plugin->reports[report];
        const std::vector<Column>& columns = kind.gathered.empty() ? kind.columns : kind.gathered;
        for (std::size_t i = 0; i < n; ++i)
            for (const Row& row : plugin->report->collect(report, Input{*in[i]})) give_row(sink, i, columns, row);
        return STM_OK;
    });
}

inline stm_status report_compose(const stm_plugin* plugin, std::uint32_t report, const stm_input* in, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if (!has_report(plugin, report)) return refuse(sink, "no such report");
        for (const Row& row : plugin->report->compose(report, Input{*in})) give_row(sink, 0, plugin->reports[report].columns, row);
        return STM_OK;
    });
}

inline constexpr stm_report kReportTable{sizeof(stm_report), 0, report_n_reports, report_describe, report_plan, report_collect,
                                         report_compose};

// ---- the entry

template <class Type>
struct Instance final : stm_plugin {
    explicit Instance(const Config& config) : value{config} {
        if constexpr (std::derived_from<Type, Numbering>) {
            numbering = &value;
            schemes = value.schemes();
        }
        if constexpr (std::derived_from<Type, Rules>) rules = &value;
        if constexpr (std::derived_from<Type, Assessment>) assessment = &value;
        if constexpr (std::derived_from<Type, Workflow>) workflow = &value;
        if constexpr (std::derived_from<Type, Report>) {
            report = &value;
            reports = value.reports();
        }
    }

    Type value;
};

template <class Type>
stm_status create(const stm_host* host, stm_text options, const stm_data_file* const* files, std::size_t n_files, const stm_sink* sink,
                  stm_plugin** out) noexcept {
    *out = nullptr;
    return guarded(sink, [&] {
        std::vector<DataFile> data;
        data.reserve(n_files);
        for (std::size_t i = 0; i < n_files; ++i)
            data.push_back({std::string(view(files[i]->kind)), std::string(view(files[i]->name)), std::string(view(files[i]->sha256_hex)),
                            std::string(view(files[i]->content))});
        *out = std::make_unique<Instance<Type>>(Config{Json::parse(view(options)), std::move(data), host}).release();
        return STM_OK;
    });
}

template <class Type>
void destroy(stm_plugin* plugin) noexcept {
    delete static_cast<Instance<Type>*>(plugin);
}

inline const void* capability(stm_plugin* plugin, const char* id) noexcept {
    const std::string_view wanted{id};
    if (wanted == STM_NUMBERING_ID && plugin->numbering != nullptr) return &kNumberingTable;
    if (wanted == STM_RULES_ID && plugin->rules != nullptr) return &kRulesTable;
    if (wanted == STM_ASSESSMENT_ID && plugin->assessment != nullptr) return &kAssessmentTable;
    if (wanted == STM_WORKFLOW_ID && plugin->workflow != nullptr) return &kWorkflowTable;
    if (wanted == STM_REPORT_ID && plugin->report != nullptr) return &kReportTable;
    return nullptr;
}

template <class Type>
stm_status self_check(const stm_plugin* plugin, const stm_sink* sink) noexcept {
    return guarded(sink, [&] {
        if constexpr (requires(const Type& value) { value.self_check(); }) static_cast<const Instance<Type>*>(plugin)->value.self_check();
        return STM_OK;
    });
}

template <class Type>
constexpr Names capability_ids() {
    constexpr bool kNumbering = std::derived_from<Type, Numbering>;
    constexpr bool kRules = std::derived_from<Type, Rules>;
    constexpr bool kAssessment = std::derived_from<Type, Assessment>;
    constexpr bool kWorkflow = std::derived_from<Type, Workflow>;
    constexpr bool kReport = std::derived_from<Type, Report>;
    static_assert(kNumbering || kRules || kAssessment || kWorkflow || kReport, "a plugin derives from at least one capability");
    Names ids;
    if (kNumbering) ids.add(STM_NUMBERING_ID);
    if (kRules) ids.add(STM_RULES_ID);
    if (kAssessment) ids.add(STM_ASSESSMENT_ID);
    if (kWorkflow) ids.add(STM_WORKFLOW_ID);
    if (kReport) ids.add(STM_REPORT_ID);
    return ids;
}

constexpr stm_info info_table(const Info& info, const Names& capabilities) {
    return {sizeof(stm_info),      static_cast<std::uint32_t>(capabilities.size()),
            c_text(info.id),       c_text(info.version),
            c_text(info.summary),  c_text(info.options_schema),
            capabilities.data(),   info.facts.data(),
            info.facts.size(),     info.data_kinds.data(),
            info.data_kinds.size()};
}

template <class Type>
constexpr stm_entry entry_table(const stm_info& info) {
    return {sizeof(stm_entry), STM_ABI_MAJOR, STM_ABI_MINOR, &info, &create<Type>, &destroy<Type>, &capability, &self_check<Type>};
}

}  // namespace stemma::sdk::detail
