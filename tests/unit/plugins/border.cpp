#include "tests/unit/plugins/border.hpp"

namespace stemma::border {
namespace {

using sdk::c_text;
using sdk::view;

Given& given(void* ctx) { return *static_cast<Given*>(ctx); }
std::string owned(stm_text text) { return std::string(view(text)); }

sdk::Attributes owned(const stm_attribute* fields, std::size_t n) {
    sdk::Attributes out;
    for (std::size_t i = 0; i < n; ++i) out[owned(fields[i].name)] = owned(fields[i].value);
    return out;
}

stm_sink sink_into(Given& out) {
    stm_sink sink{};
    sink.size = sizeof(stm_sink);
    sink.ctx = &out;
    sink.error = [](void* ctx, stm_text message) { given(ctx).error = owned(message); };
    sink.text = [](void* ctx, stm_text text) { given(ctx).text = owned(text); };
    sink.scheme = [](void* ctx, const stm_scheme* s) { given(ctx).schemes.push_back(owned(s->name)); };
    sink.section = [](void* ctx, const stm_section* s) { given(ctx).sections.push_back(owned(s->name) + "=" + owned(s->value)); };
    sink.rule = [](void* ctx, const stm_rule* r) { given(ctx).rules.push_back(owned(r->id)); };
    sink.request = [](void* ctx, const stm_request* r) {
        std::vector<std::string> args;
        for (std::size_t i = 0; i < r->n_args; ++i) args.push_back(owned(r->args[i]));
        given(ctx).requests.emplace_back(owned(r->fact), args);
    };
    sink.finding = [](void* ctx, const stm_finding* f) {
        given(ctx).findings.push_back(
            {static_cast<sdk::Severity>(f->severity), owned(f->rule), owned(f->code), owned(f->message), owned(f->subject)});
    };
    sink.assessment = [](void*, const stm_assessment_kind*) {};
    sink.answer = [](void* ctx, std::uint32_t, const stm_field* a) {
        given(ctx).answers.emplace(owned(a->name), sdk::Value::from_c(a->type, a->value));
    };
    sink.answer_table = [](void* ctx, std::uint32_t, const stm_table* table) {
        auto& rows = given(ctx).tables[owned(table->name)];
        const stm_cell* cell = table->cells;
        for (std::uint64_t i = 0; i < table->n_rows; ++i) {
            auto& row = rows.emplace_back();
            for (std::uint32_t c = 0; c < table->n_columns; ++c)
                row.emplace(owned(table->columns[c].name), sdk::Value::from_c(table->columns[c].type, *cell++));
        }
    };
    sink.reason = [](void* ctx, std::uint32_t, const stm_reason* r) { given(ctx).reasons.push_back(owned(r->code)); };
    sink.workflow = [](void* ctx, const stm_workflow_kind* kind) {
        for (std::size_t i = 0; i < kind->n_transitions; ++i) {
            const stm_transition& t = kind->transitions[i];
            given(ctx).transitions.push_back(owned(t.from) + ">" + owned(t.command) + ">" + owned(t.to));
        }
    };
    sink.case_event = [](void* ctx, const stm_case_event* e) {
        given(ctx).events.emplace_back(owned(e->type), owned(e->fields, e->n_fields));
    };
    sink.case_state = [](void* ctx, const stm_case_state* s) { given(ctx).state = {owned(s->name), owned(s->fields, s->n_fields)}; };
    return sink;
}

/// The C form of tables; valid as long as the data it was made from.
class CTables {
public:
    explicit CTables(const std::vector<TableData>& tables) {
        for (const TableData& data : tables) {
            auto& columns = columns_.emplace_back();
            auto& cells = cells_.emplace_back();
            auto& args = args_.emplace_back();
            for (const auto& [name, type] : data.columns) columns.push_back({c_text(name), static_cast<stm_type>(type), 0});
            for (const Row& row : data.rows)
                for (const sdk::Value& value : row) cells.push_back(value.c_cell());
            for (const std::string& arg : data.args) args.push_back(c_text(arg));
            tables_.push_back({sizeof(stm_table), static_cast<std::uint32_t>(columns.size()), c_text(data.name), columns.data(),
                               data.rows.size(), cells.data(), args.data(), args.size()});
        }
        for (const stm_table& table : tables_) pointers_.push_back(&table);
    }
    [[nodiscard]] const stm_table* const* data() const { return pointers_.data(); }
    [[nodiscard]] std::size_t size() const { return pointers_.size(); }

private:
    std::deque<std::vector<stm_column>> columns_;
    std::deque<std::vector<stm_cell>> cells_;
    std::deque<std::vector<stm_text>> args_;
    std::deque<stm_table> tables_;
    std::vector<const stm_table*> pointers_;
};

}  // namespace

Plugin::Plugin(const std::string& file, const std::string& options, const std::vector<sdk::DataFile>& data) {
    library_ = dlopen((std::string(STEMMA_BINARY_DIR) + "/plugins/" + file).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<const stm_entry* (*)()>(dlsym(library_, "stm_plugin_entry_v1"));
    if (entry == nullptr) throw std::runtime_error(file + " has no entry");
    entry_ = entry();
    static constexpr auto kLog = [](void*, std::int32_t, stm_text) {};
    static constexpr auto kService = [](void*, const char*) -> const void* { return nullptr; };
    static const stm_host kHost{sizeof(stm_host), STM_ABI_MAJOR, STM_ABI_MINOR, nullptr, kLog, kService};
    std::vector<stm_data_file> files;
    std::vector<const stm_data_file*> pointers;
    for (const sdk::DataFile& d : data)
        files.push_back({sizeof(stm_data_file), 0, c_text(d.kind), c_text(d.name), c_text(d.sha256_hex), c_text(d.content)});
    for (const stm_data_file& f : files) pointers.push_back(&f);
    Given out;
    const stm_sink sink = sink_into(out);
    if (entry_->create(&kHost, c_text(options), pointers.data(), pointers.size(), &sink, &plugin_) != STM_OK)
        throw std::runtime_error(out.error);
}

// The code stays mapped, as in the host: a closed library would leave sanitizers without names.
Plugin::~Plugin() { entry_->destroy(plugin_); }

std::string Plugin::self_check() const {
    Given out;
    const stm_sink sink = sink_into(out);
    return entry_->self_check(plugin_, &sink) == STM_OK ? "" : out.error;
}

Given Plugin::scheme(std::uint32_t index) const {
    Given out;
    const stm_sink sink = sink_into(out);
    (void)table<stm_numbering>(STM_NUMBERING_ID).describe(plugin_, index, &sink);
    return out;
}

stm_check_result Plugin::check(std::uint32_t scheme, std::string_view number) const {
    Given out;
    const stm_sink sink = sink_into(out);
    const stm_text text = c_text(number);
    stm_check_result result{};
    (void)table<stm_numbering>(STM_NUMBERING_ID).check(plugin_, scheme, &text, 1, &result, &sink);
    return result;
}

Given Plugin::decode(std::uint32_t scheme, std::string_view number) const {
    Given out;
    const stm_sink sink = sink_into(out);
    (void)table<stm_numbering>(STM_NUMBERING_ID).decode(plugin_, scheme, c_text(number), &sink);
    return out;
}

Given Plugin::rules() const {
    Given out;
    const stm_sink sink = sink_into(out);
    (void)table<stm_rules>(STM_RULES_ID).describe(plugin_, &sink);
    return out;
}

Given Plugin::explain(std::string_view rule) const {
    Given out;
    const stm_sink sink = sink_into(out);
    (void)table<stm_rules>(STM_RULES_ID).explain(plugin_, c_text(rule), &sink);
    return out;
}

Given Plugin::workflow() const {
    Given out;
    const stm_sink sink = sink_into(out);
    (void)table<stm_workflow>(STM_WORKFLOW_ID).describe(plugin_, &sink);
    return out;
}

Given Plugin::apply(const std::string& state, const sdk::Attributes& fields, const std::string& event, const sdk::Attributes& told) const {
    Given out;
    const stm_sink sink = sink_into(out);
    const auto before = sdk::detail::c_attributes(fields);
    const auto with = sdk::detail::c_attributes(told);
    const stm_case_state c_state{sizeof(stm_case_state), static_cast<std::uint32_t>(before.size()), c_text(state), before.data()};
    const stm_case_event c_event{sizeof(stm_case_event), static_cast<std::uint32_t>(with.size()), c_text(event), with.data()};
    (void)table<stm_workflow>(STM_WORKFLOW_ID).apply(plugin_, &c_state, &c_event, &sink);
    return out;
}

Given Plugin::plan(Decision what, const std::vector<TableData>& tables, const std::vector<TableData>& facts, std::int64_t as_of_us) const {
    const CTables c_tables(tables);
    const CTables c_facts(facts);
    const stm_input input{sizeof(stm_input), 0, as_of_us, c_tables.size(), c_tables.data(), c_facts.size(), c_facts.data()};
    const stm_input* inputs[] = {&input};
    Given out;
    const stm_sink sink = sink_into(out);
    if (what == Decision::judge) (void)table<stm_rules>(STM_RULES_ID).plan(plugin_, inputs, 1, &sink);
    if (what == Decision::assess) (void)table<stm_assessment>(STM_ASSESSMENT_ID).plan(plugin_, inputs, 1, &sink);
    if (what == Decision::act) (void)table<stm_workflow>(STM_WORKFLOW_ID).plan(plugin_, inputs, 1, &sink);
    return out;
}

Given Plugin::decide(Decision what, const std::vector<TableData>& tables, const std::vector<TableData>& facts,
                     std::int64_t as_of_us) const {
    const CTables c_tables(tables);
    const CTables c_facts(facts);
    const stm_input input{sizeof(stm_input), 0, as_of_us, c_tables.size(), c_tables.data(), c_facts.size(), c_facts.data()};
    const stm_input* inputs[] = {&input};
    Given out;
    const stm_sink sink = sink_into(out);
    stm_result result{};
    if (what == Decision::judge) (void)table<stm_rules>(STM_RULES_ID).judge(plugin_, inputs, 1, &result, &sink);
    if (what == Decision::assess) (void)table<stm_assessment>(STM_ASSESSMENT_ID).assess(plugin_, inputs, 1, &result, &sink);
    if (what == Decision::act) (void)table<stm_workflow>(STM_WORKFLOW_ID).act(plugin_, &input, &sink);
    out.results.push_back(result);
    return out;
}

}  // namespace stemma::border
