#include "plugins/compliance/rule.hpp"

#include <algorithm>
#include <array>

#include "plugins/compliance/evaluate.hpp"

namespace stemma::compliance {
namespace {

bool unread_in(const Reference& what, const Scene& scene) { return !scene.values(what); }

void add_unread(const Condition& condition, const Scene& scene, std::vector<Reference>& out) {
    if (condition.kind == Condition::Kind::comparison) {
        const auto add = [&](const Reference& what) {
            if (unread_in(what, scene) && std::ranges::find(out, what) == out.end()) out.push_back(what);
        };
        add(condition.comparison.what);
        if (condition.comparison.other) add(*condition.comparison.other);
    }
    for (const Condition& part : condition.parts) add_unread(part, scene, out);
}

bool passes(const Example::Row& row, const Filter& filter) {
    const auto it = row.find(filter.column);
    return it != row.end() &&
           std::ranges::any_of(filter.values, [&](const Value& wanted) { return compare(view_of(it->second), view_of(wanted)) == 0; });
}

class ExampleScene final : public Scene {
public:
    explicit ExampleScene(const Example& example) : example_{&example} {}
    [[nodiscard]] std::optional<std::vector<Value>> values(const Reference& what) const override {
        std::vector<Value> out;
        if (what.source == Source::fact) {
            const auto fact = example_->facts.find(what.fact);
            if (fact == example_->facts.end()) return out;
            for (const Example::Row& row : fact->second)
                if (std::ranges::all_of(what.where, [&](const Filter& filter) { return passes(row, filter); })) add(row, what.column, out);
        } else {
            add(what.source == Source::event ? example_->event : example_->item, what.column, out);
        }
        return out;
    }

private:
    static void add(const Example::Row& row, const std::string& column, std::vector<Value>& out) {
        if (const auto it = row.find(column); it != row.end()) out.push_back(it->second);
    }

    const Example* example_;
};

/// "" when the example comes out as it says, else how it came out.
std::string remark_on(const Rule& rule, const Example& example) {
    const ExampleScene scene{example};
    const Standing standing = judge(rule, scene);
    const bool remarks = standing == Standing::broken;
    if (standing == Standing::unknown) return "the rule cannot be decided: its calendar does not reach";
    if (remarks == example.good) return remarks ? "the rule remarks on it" : "the rule has no remark";
    const std::string missing = listed(missing_fields(rule, scene));
    if (remarks && !example.missing.empty() && missing != example.missing)
        return "the rule misses '" + missing + "', not '" + example.missing + "'";
    return {};
}

}  // namespace

std::optional<Day> shifted(Day day, const Duration& by, int sign) noexcept {
    const std::int64_t count = by.count * sign;
    switch (by.period) {
        case Period::days: return Day{day.count + count};
        case Period::months: return plus_months(day, count, by.month_end);
        case Period::years: return plus_months(day, count * 12, by.month_end);
        case Period::business_days: return plus_business_days(day, count, *by.calendar);
    }
    return std::nullopt;
}

Truth compares(const Comparison& comparison, const ValueView& value, const ValueView& with) noexcept {
    ValueView low = with;
    ValueView high = with;
    if (comparison.by) {
        const Side side = comparison.op == Operator::within ? comparison.side : Side::after;
        const auto shift = [&](int sign, ValueView& bound) {
            const auto day = shifted(Day{with.count}, *comparison.by, sign);
            if (day) bound.count = day->count;
            return day.has_value();
        };
        if (side != Side::before && !shift(1, high)) return Truth::unknown;
        if (side != Side::after && !shift(-1, low)) return Truth::unknown;
    }
    const auto order = compare(value, high);
    if (!order) return Truth::no;
    const auto truth = [](bool holds) { return holds ? Truth::yes : Truth::no; };
    switch (comparison.op) {
        case Operator::equals:
        case Operator::in: return truth(*order == 0);
        case Operator::less_than: return truth(*order < 0);
        case Operator::at_most: return truth(*order <= 0);
        case Operator::more_than: return truth(*order > 0);
        case Operator::at_least: return truth(*order >= 0);
        case Operator::within: return truth(*order <= 0 && compare(value, low).value_or(-1) >= 0);
        case Operator::present:
        case Operator::matches: break;
    }
    return Truth::yes;
}

Truth evaluate(const Condition& condition, const Scene& scene) { return evaluate_with(condition, SceneAccess{scene}); }

Standing judge(const Rule& rule, const Scene& scene) { return judge_with(rule, SceneAccess{scene}); }

std::vector<Reference> unread(const Rule& rule, const Scene& scene) {
    std::vector<Reference> out;
    const Truth applies = evaluate(rule.when, scene);
    if (applies == Truth::unknown) add_unread(rule.when, scene, out);
    if (applies == Truth::yes && evaluate(rule.require, scene) == Truth::unknown) add_unread(rule.require, scene, out);
    return out;
}

bool in_force(const Rule& rule, Day day) noexcept {
    return (!rule.valid_from || *rule.valid_from <= day) && (!rule.valid_to || day <= *rule.valid_to);
}

std::vector<std::string> missing_fields(const Rule& rule, const Scene& scene) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rule.fields.size(); ++i)
        if (evaluate(rule.require.parts[i], scene) == Truth::no) out.push_back(rule.fields[i].name);
    return out;
}

std::string message_for(const Rule& rule, std::string_view item, std::string_view product, std::string_view missing,
                        std::string_view because) {
    // In one pass: a product whose name has braces must not become a place for another name.
    using Place = std::pair<std::string_view, std::string_view>;
    const std::array<Place, 4> places{Place{"{item}", item}, {"{product}", product}, {"{missing}", missing}, {"{because}", because}};
    std::string out;
    for (std::string_view rest = rule.message; !rest.empty();) {
        const auto* place = std::ranges::find_if(places, [&](const auto& p) { return rest.starts_with(p.first); });
        if (place != places.end()) {
            out += place->second;
            rest.remove_prefix(place->first.size());
        } else {
            out += rest.front();
            rest.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string> failing_example(const Rule& rule) {
    for (const Example& example : rule.examples)
        if (const std::string remark = remark_on(rule, example); !remark.empty())
            return "rule '" + rule.id + "': its example '" + example.name + "' is called " + (example.good ? "good" : "bad") + ", but " +
                   remark;
    return std::nullopt;
}

std::string examples_in_words(const Rule& rule) {
    std::string out;
    for (const Example& example : rule.examples) {
        const std::string remark = remark_on(rule, example);
        out += std::string("  ") + (remark.empty() ? "ok    " : "FAILS ") + (example.good ? "good: " : "bad:  ") + example.name;
        if (!remark.empty()) out += ", but " + remark;
        if (remark.empty() && !example.good) {
            const ExampleScene scene{example};
            out += "\n        " + message_for(rule, "(item)", "(product)", listed(missing_fields(rule, scene)), because(rule, scene));
        }
        out += "\n";
    }
    return out;
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

std::string_view to_string(Severity severity) noexcept {
    return severity == Severity::refuse ? "refuse" : severity == Severity::hold ? "hold" : "finding";
}

}  // namespace stemma::compliance
