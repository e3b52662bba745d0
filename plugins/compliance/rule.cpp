#include "plugins/compliance/rule.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace stemma::compliance {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

Truth negated(Truth truth) noexcept { return truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : Truth::unknown; }

bool compares(const Value& value, Operator op, const std::vector<Value>& with) {
    switch (op) {
        case Operator::equals:
        case Operator::in: return std::ranges::find(with, value) != with.end();
        case Operator::less_than: return value < with.front();
        case Operator::at_most: return value <= with.front();
        case Operator::more_than: return value > with.front();
        case Operator::at_least: return value >= with.front();
        case Operator::present: return true;
    }
    return false;
}

Truth evaluate_comparison(const Comparison& comparison, const Scene& scene) {
    const auto values = scene.values(comparison.what);
    if (!values) return Truth::unknown;
    const bool any =
        std::any_of(values->begin(), values->end(), [&](const Value& v) { return compares(v, comparison.op, comparison.values); });
    return any == comparison.present ? Truth::yes : Truth::no;
}

void add_unread(const Condition& condition, const Scene& scene, std::vector<Reference>& out) {
    if (condition.kind == Condition::Kind::comparison) {
        const Reference& what = condition.comparison.what;
        if (!scene.values(what) && std::ranges::find(out, what) == out.end()) out.push_back(what);
    }
    for (const Condition& part : condition.parts) add_unread(part, scene, out);
}

class ExampleScene final : public Scene {
public:
    explicit ExampleScene(const Example& example) : example_{&example} {}
    [[nodiscard]] std::optional<std::vector<Value>> values(const Reference& reference) const override {
        std::vector<Value> out;
        for (const auto& [place, value] : example_->values)
            if (place == reference) out.push_back(value);
        return out;
    }

private:
    const Example* example_;
};

std::string padded(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string value_words(const Value& value) {
    if (const auto* day = std::get_if<Day>(&value)) return to_text(*day);
    return "'" + std::get<std::string>(value) + "'";
}

std::string place_words(const Reference& what) {
    if (what.source == Source::event) return "the event's " + what.column;
    if (what.source == Source::item) return "the item's " + what.column;
    return what.fact + "." + (what.key.empty() ? what.column : what.key);
}

std::string comparison_words(const Comparison& comparison) {
    std::string place = place_words(comparison.what);
    std::string list;
    for (const Value& value : comparison.values) list += (list.empty() ? "" : ", ") + value_words(value);
    switch (comparison.op) {
        case Operator::equals: return place + " is " + list;
        case Operator::in: return place + " is one of " + list;
        case Operator::less_than: return place + " is before " + list;
        case Operator::at_most: return place + " is not after " + list;
        case Operator::more_than: return place + " is after " + list;
        case Operator::at_least: return place + " is not before " + list;
        case Operator::present: return place + (comparison.present ? " is known" : " is not known");
    }
    return place;
}

std::string condition_words(const Condition& condition, std::size_t indent) {
    const std::string margin(indent, ' ');
    if (condition.kind == Condition::Kind::comparison) return margin + "- " + comparison_words(condition.comparison) + "\n";
    const char* head = condition.kind == Condition::Kind::all ? "all of:" : condition.kind == Condition::Kind::any ? "any of:" : "none of:";
    std::string out = margin + "- " + head + "\n";
    for (const Condition& part : condition.parts) out += condition_words(part, indent + 2);
    return out;
}

}  // namespace

Truth evaluate(const Condition& condition, const Scene& scene) {
    if (condition.kind == Condition::Kind::comparison) return evaluate_comparison(condition.comparison, scene);
    // `any` and `none` stop at the first yes, `all` at the first no; what is unknown stays so unless another part decides.
    const Truth stop = condition.kind == Condition::Kind::all ? Truth::no : Truth::yes;
    Truth sum = negated(stop);
    for (const Condition& part : condition.parts) {
        const Truth truth = evaluate(part, scene);
        if (truth == stop) {
            sum = stop;
            break;
        }
        if (truth == Truth::unknown) sum = Truth::unknown;
    }
    return condition.kind == Condition::Kind::none ? negated(sum) : sum;
}

Standing judge(const Rule& rule, const Scene& scene) {
    const Truth applies = evaluate(rule.when, scene);
    if (applies == Truth::no) return Standing::not_applicable;
    if (applies == Truth::unknown) return Standing::unknown;
    const Truth kept = evaluate(rule.require, scene);
    return kept == Truth::yes ? Standing::kept : kept == Truth::no ? Standing::broken : Standing::unknown;
}

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

std::string message_for(const Rule& rule, std::string_view item, std::string_view product) {
    // In one pass: a product whose name has braces must not become a place for another name.
    std::string out;
    for (std::string_view rest = rule.message; !rest.empty();) {
        if (rest.starts_with("{item}")) {
            out += item;
            rest.remove_prefix(6);
        } else if (rest.starts_with("{product}")) {
            out += product;
            rest.remove_prefix(9);
        } else {
            out += rest.front();
            rest.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string> failing_example(const Rule& rule) {
    for (const Example& example : rule.examples) {
        const bool remarks = judge(rule, ExampleScene{example}) == Standing::broken;
        if (remarks == example.good)
            return "rule '" + rule.id + "': its example '" + example.name + "' is called " + (example.good ? "good" : "bad") +
                   ", but the rule " + (remarks ? "remarks on it" : "has no remark");
    }
    return std::nullopt;
}

std::string in_words(const Rule& rule) {
    std::string out = rule.title + " (" + rule.id + ")\n";
    out += "For each item of an event, when\n" + condition_words(rule.when, 2);
    out += "this must hold\n" + condition_words(rule.require, 2);
    const std::string_view effect = rule.severity == Severity::refuse
                                        ? "the command is refused (an observed event is kept with this finding)"
                                    : rule.severity == Severity::hold ? "it is recorded with the finding that the item is to be kept back"
                                                                      : "it is recorded with this finding";
    out += "else " + std::string(effect) + ": " + rule.message + "\n";
    out += "In force";
    if (rule.valid_from) out += " from " + to_text(*rule.valid_from);
    if (rule.valid_to) out += " to " + to_text(*rule.valid_to) + " inclusive";
    if (!rule.valid_from && !rule.valid_to) out += " at any time";
    out += ", by the event's time.\n";
    if (!rule.citation.empty()) out += "Source: " + rule.citation + "\n";
    return out;
}

std::string_view to_string(Severity severity) noexcept {
    return severity == Severity::refuse ? "refuse" : severity == Severity::hold ? "hold" : "finding";
}

std::string to_text(Day day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.count}}};
    std::string year = std::to_string(static_cast<int>(date.year()));
    if (year.size() < 4) year.insert(0, 4 - year.size(), '0');
    return year + "-" + padded(static_cast<unsigned>(date.month())) + "-" + padded(static_cast<unsigned>(date.day()));
}

std::optional<Day> day_from(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    std::array<unsigned, 3> parts{};
    std::size_t part = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 4 || i == 7) {
            ++part;
        } else if (text[i] >= '0' && text[i] <= '9') {
            parts[part] = parts[part] * 10 + static_cast<unsigned>(text[i] - '0');
        } else {
            return std::nullopt;
        }
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(parts[0])}, std::chrono::month{parts[1]},
                                           std::chrono::day{parts[2]}};
    if (parts[0] < 1 || !date.ok()) return std::nullopt;
    return Day{std::chrono::sys_days{date}.time_since_epoch().count()};
}

Day day_of(std::int64_t us) noexcept {
    const std::int64_t day = us / kMicrosPerDay;
    return {us % kMicrosPerDay < 0 ? day - 1 : day};
}

}  // namespace stemma::compliance
