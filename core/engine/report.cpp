#include "core/engine/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/text.hpp"
#include "core/engine/facts.hpp"
#include "core/engine/known_as.hpp"

namespace stemma::engine {
namespace {

constexpr std::size_t kSubjectsAtOnce = 500;  ///< asked about in one call; a reader's memory lasts as long

Value text_or_none(std::string_view text) { return text.empty() ? Value{} : Value{std::string{text}}; }

/// The one row of "parameters". `used` gets what has a value.
Result<FactTable> parameter_table(const ReportInfo& about, const ReportWish& wish, std::map<std::string, std::string>& used) {
    FactTable table{"parameters", {}, {}, {{}}};
    std::vector<std::string> names;
    for (const ReportParameter& one : about.parameters) {
        names.push_back(one.name);
        const auto given = wish.parameters.find(one.name);
        const std::string& text = given == wish.parameters.end() ? one.fallback : given->second;
        table.columns.push_back({one.name, one.type});
        if (text.empty() && one.required)
            return fail(Errc::invalid_input, fmt::format("report '{}' needs the parameter '{}': {}", about.name, one.name, one.summary),
                        "?" + one.name);
        if (text.empty()) {
            table.rows.front().emplace_back();
            continue;
        }
        auto value = read_value(one.type, text);
        if (!value) return fail(Errc::invalid_input, value.error().message, "?" + one.name, one.summary);
        table.rows.front().push_back(*std::move(value));
        used.emplace(one.name, text);
    }
    for (const auto& [name, value] : wish.parameters)
        if (std::ranges::find(names, name) == names.end())
            return fail(Errc::invalid_input, fmt::format("report '{}' has no parameter '{}'", about.name, clip(name)), "?" + name,
                        names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", ")));
    return table;
}

/// Facts for all inputs, a plan call for all of them in each round.
Result<void> gather(const Report& report, std::vector<DecisionInput>& inputs, FactReader& reader) {
    const std::string where = "plugin:" + report.plugin().id;
    for (std::uint32_t round = 0; round <= kFactRoundsMax; ++round) {
        for (DecisionInput& input : inputs) input.round = round;
        auto plans = report.plan(inputs);
        if (!plans) return std::unexpected(plans.error());
        if (std::ranges::all_of(*plans, [](const auto& plan) { return plan.empty(); })) return {};
        if (round == kFactRoundsMax) break;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            for (const FactRequest& request : (*plans)[i]) {
                auto& facts = inputs[i].facts;
                const auto told = [&](const FactTable& fact) { return fact.name == request.name && fact.arguments == request.arguments; };
                if (std::ranges::any_of(facts, told)) continue;
                if (facts.size() == kFactRequestsMax)
                    return fail(Errc::plugin, fmt::format("it asked for more than {} facts about one subject", kFactRequestsMax), where);
                auto fact = reader.answer(request);
                if (!fact) return std::unexpected(fact.error());
                facts.push_back(*std::move(fact));
            }
        }
    }
    return fail(Errc::plugin, fmt::format("it still asks for facts after {} rounds", kFactRoundsMax), where);
}

std::size_t bytes_of(const ReportRow& row) noexcept {
    std::size_t bytes = 0;
    for (const Value& value : row)
        if (const std::string* text = std::get_if<std::string>(&value)) bytes += text->size();
    return bytes;
}

/// Rows that grow up to the limits.
class Rows {
public:
    explicit Rows(const Limits& limits) : limits_{limits} {}

    Result<void> take(std::vector<ReportRow> more) {
        for (ReportRow& row : more) {
            bytes_ += bytes_of(row);
            rows_.push_back(std::move(row));
        }
        constexpr const char* kHint = "ask about one product, or with narrower parameters; or raise {} in stemma.yaml";
        if (rows_.size() > limits_.report_rows_max)
            return fail(Errc::too_large, fmt::format("the report has more than {} rows", limits_.report_rows_max), {},
                        fmt::format(kHint, "limits.report_rows_max"));
        if (bytes_ > limits_.report_bytes_max)
            return fail(Errc::too_large, fmt::format("the texts of the report have more than {} bytes", limits_.report_bytes_max), {},
                        fmt::format(kHint, "limits.report_bytes_max"));
        return {};
    }
    [[nodiscard]] std::vector<ReportRow> give() { return std::move(rows_); }

private:
    const Limits& limits_;
    std::vector<ReportRow> rows_;
    std::size_t bytes_{0};
};

std::vector<Column> plain(const std::vector<ReportColumn>& columns) {
    std::vector<Column> out;
    out.reserve(columns.size());
    for (const ReportColumn& column : columns) out.push_back({column.name, column.type});
    return out;
}

/// Empty cells last; else numbers, times and texts by what they are, amounts by unit first.
bool less(const Value& a, const Value& b) {
    const bool a_none = std::holds_alternative<std::monostate>(a);
    const bool b_none = std::holds_alternative<std::monostate>(b);
    if (a_none || b_none) return !a_none && b_none;
    if (const auto* x = std::get_if<Quantity>(&a))
        if (const auto* y = std::get_if<Quantity>(&b)) return std::pair{x->unit, x->micros} < std::pair{y->unit, y->micros};
    if (const auto* x = std::get_if<std::string>(&a)) return *x < std::get<std::string>(b);
    if (const auto* x = std::get_if<std::int64_t>(&a)) return *x < std::get<std::int64_t>(b);
    if (const auto* x = std::get_if<Instant>(&a)) return *x < std::get<Instant>(b);
    if (const auto* x = std::get_if<bool>(&a)) return *x < std::get<bool>(b);
    return false;
}

/// Rows that are equal in all these columns stay as they were.
void sort_rows(std::vector<ReportRow>& rows, const std::vector<std::size_t>& order) {
    if (order.empty()) return;
    std::vector<std::size_t> places;
    places.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) places.push_back(i);
    std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
        for (const std::size_t column : order) {
            if (less(rows[a][column], rows[b][column])) return true;
            if (less(rows[b][column], rows[a][column])) return false;
        }
        return a < b;
    });
    std::vector<ReportRow> sorted;
    sorted.reserve(rows.size());
    for (const std::size_t place : places) sorted.push_back(std::move(rows[place]));
    rows = std::move(sorted);
}

/// One run: walks the subjects in batches of kSubjectsAtOnce.
class Run {
public:
    Run(ReadSnapshot& snapshot, const Report& report, const ReportWish& wish, const Limits& limits, Sequence position, FactTable parameters)
        : snapshot_{snapshot},
          report_{report},
          wish_{wish},
          limits_{limits},
          position_{position},
          parameters_{std::move(parameters)},
          rows_{limits} {}

    Result<void> walk() {
        if (report_.about().subject == ReportSubject::case_) return walk_cases();
        const bool items = report_.about().subject == ReportSubject::item;
        KnownAs known_as{snapshot_, position_};
        if (!wish_.product.empty()) {
            auto group = known_as.all(wish_.product.str());
            if (!group) return std::unexpected(group.error());
            products_ = *std::move(group);
        }
        for (std::uint64_t after = 0;;) {
            const auto page = snapshot_.subjects(items ? Subject::Kind::item : Subject::Kind::product, after, kSubjectsAtOnce);
            if (!page) return std::unexpected(page.error());
            if (page->empty()) return {};
            after += page->size();
            std::vector<std::string> ids;
            for (const SubjectRow& row : *page) {
                const auto first = known_as.first(row.id);  // ids that are one are one subject
                if (!first) return std::unexpected(first.error());
                if (*first == row.id && (items || is_wanted(row.id))) ids.push_back(row.id);
            }
            if (auto done = items ? ask_items(ids) : ask_products(ids); !done) return done;
        }
    }
    [[nodiscard]] std::uint64_t subjects() const noexcept { return subjects_; }
    [[nodiscard]] const FactTable& parameters() const noexcept { return parameters_; }
    [[nodiscard]] std::vector<ReportRow> rows() { return rows_.give(); }

private:
    [[nodiscard]] bool is_wanted(const std::string& product) const {
        return products_.empty() || std::ranges::find(products_, product) != products_.end();
    }

    Result<void> walk_cases() {
        const auto cases = snapshot_.cases("", limits_.report_subjects_max + 1);
        if (!cases) return std::unexpected(cases.error());
        const std::vector<Column> columns{{"case", ColumnType::text},
                                          {"workflow", ColumnType::text},
                                          {"state", ColumnType::text},
                                          {"version", ColumnType::int64},
                                          {"item", ColumnType::text}};
        FactReader reader{snapshot_, position_, limits_};
        std::vector<DecisionInput> inputs;
        for (const CaseState& one : *cases) {
            inputs.push_back(input_of(
                {"subject",
                 {},
                 columns,
                 {{one.case_id.str(), one.workflow, one.state, static_cast<std::int64_t>(one.version), text_or_none(one.item.str())}}}));
            if (inputs.size() < kSubjectsAtOnce) continue;
            if (auto asked = ask(std::exchange(inputs, {}), reader); !asked) return asked;
        }
        return ask(std::move(inputs), reader);
    }

    Result<void> ask_items(const std::vector<std::string>& ids) {
        FactReader reader{snapshot_, position_, limits_};
        std::vector<const std::string*> wanted;
        wanted.reserve(ids.size());
        for (const std::string& id : ids) wanted.push_back(&id);
        const auto records = reader.items(wanted);
        if (!records) return std::unexpected(records.error());
        std::vector<DecisionInput> inputs;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const Item* const item = (*records)[i];
            if (!products_.empty() && (item == nullptr || !is_wanted(item->product.str()))) continue;
            inputs.push_back(input_of({"subject",
                                       {},
                                       {{"item", ColumnType::text}, {"product", ColumnType::text}, {"kind", ColumnType::text}},
                                       {{ids[i], item != nullptr ? text_or_none(item->product.str()) : Value{},
                                         item != nullptr ? Value{std::string{to_string(item->kind)}} : Value{}}}}));
        }
        return ask(std::move(inputs), reader);
    }

    Result<void> ask_products(const std::vector<std::string>& ids) {
        FactReader reader{snapshot_, position_, limits_};
        std::vector<DecisionInput> inputs;
        inputs.reserve(ids.size());
        for (const std::string& id : ids) inputs.push_back(input_of({"subject", {}, {{"product", ColumnType::text}}, {{id}}}));
        return ask(std::move(inputs), reader);
    }

    [[nodiscard]] DecisionInput input_of(FactTable subject) const { return {wish_.as_of, {std::move(subject), parameters_}, {}, 0}; }

    Result<void> ask(std::vector<DecisionInput> inputs, FactReader& reader) {
        if (wish_.cancel != nullptr && wish_.cancel->load(std::memory_order_relaxed))
            return fail(Errc::unavailable, "the report was given up: its reader has left, or it took too long", {},
                        "ask about one product, or raise limits.request_seconds_max in stemma.yaml");
        if (inputs.empty()) return {};
        subjects_ += inputs.size();
        if (subjects_ > limits_.report_subjects_max)
            return fail(Errc::too_large, fmt::format("the report asks about more than {} subjects", limits_.report_subjects_max), {},
                        "ask about one product, or raise limits.report_subjects_max in stemma.yaml");
        if (auto gathered = gather(report_, inputs, reader); !gathered) return gathered;
        auto rows = report_.collect(inputs);
        if (!rows) return std::unexpected(rows.error());
        return rows_.take(*std::move(rows));
    }

    ReadSnapshot& snapshot_;
    const Report& report_;
    const ReportWish& wish_;
    const Limits& limits_;
    Sequence position_;
    FactTable parameters_;
    std::vector<std::string> products_;  ///< all ids of the one that was wished for; empty: all products
    Rows rows_;
    std::uint64_t subjects_{0};
};

}  // namespace

Result<const Report*> find_report(const PluginSet& plugins, const std::string& name) {
    std::vector<std::string> names;
    for (const Report* report : plugins.reports()) {
        if (report->about().name == name) return report;
        names.push_back(report->about().name);
    }
    std::string hint = did_you_mean(name, names);
    if (hint.empty()) hint = names.empty() ? "stemma plugin enable expiry" : fmt::format("there is {}", fmt::join(names, ", "));
    return fail(Errc::not_found, fmt::format("no enabled plugin offers the report '{}'", clip(name)), {}, std::move(hint));
}

Result<ReportTable> run_report(ReadSnapshot& snapshot, const Report& report, const ReportWish& wish, const Limits& limits) {
    const ReportInfo& about = report.about();
    ReportTable out{about, report.plugin(), 0, wish.as_of, {}, 0, {about.name, {}, plain(about.columns), {}}};
    const auto position = snapshot.size();
    if (!position) return std::unexpected(position.error());
    out.position = *position;
    auto parameters = parameter_table(about, wish, out.parameters);
    if (!parameters) return std::unexpected(parameters.error());
    Run run{snapshot, report, wish, limits, *position, *std::move(parameters)};
    if (auto walked = run.walk(); !walked) return std::unexpected(walked.error());
    out.subjects = run.subjects();
    out.table.rows = run.rows();
    if (!about.gathered.empty()) {
        const DecisionInput gathered{wish.as_of, {{"rows", {}, plain(about.gathered), std::move(out.table.rows)}, run.parameters()}, {}, 0};
        auto composed = report.compose(gathered);
        if (!composed) return std::unexpected(composed.error());
        Rows rows{limits};
        if (auto fits = rows.take(*std::move(composed)); !fits) return std::unexpected(fits.error());
        out.table.rows = rows.give();
    }
    sort_rows(out.table.rows, about.order);
    return out;
}

}  // namespace stemma::engine
