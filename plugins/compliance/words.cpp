// A rule in plain words, and what it saw: for people who decide whether the rule says what the law says.
#include <algorithm>

#include "plugins/compliance/evaluate.hpp"
#include "plugins/compliance/rule.hpp"

namespace stemma::compliance {
namespace {

constexpr std::size_t kValuesShownMax = 3;  // of one place, in a verdict's reason

std::string value_words(const ValueView& value) {
    switch (value.type) {
        case ValueType::day: return to_text(Day{value.count});
        case ValueType::number: return to_text(Number{value.count});
        case ValueType::amount: return to_text(Number{value.count}) + (value.text.empty() ? "" : " " + std::string(value.text));
        case ValueType::text: break;
    }
    return "'" + std::string(value.text) + "'";
}

std::string values_words(const std::vector<Value>& values) {
    std::string out;
    for (const Value& value : values) out += (out.empty() ? "" : ", ") + value_words(view_of(value));
    return out;
}

std::string place_words(const Reference& what) {
    if (what.source == Source::event) return "the event's " + what.column;
    if (what.source == Source::item) return "the item's " + what.column;
    std::string out = what.fact + "." + (what.key.empty() ? what.column : what.key);
    if (what.from) out += " of where it came from";
    if (!what.second.empty()) out += " up to " + what.second;
    std::string filters;
    for (const Filter& filter : what.where)
        if (what.key.empty() || filter.column != what.form->key_column)
            filters += (filters.empty() ? "" : " and ") + filter.column + " " + (filter.values.size() > 1 ? "one of " : "") +
                       values_words(filter.values);
    return filters.empty() ? out : out + " (where " + filters + ")";
}

std::string duration_words(const Duration& by) {
    const std::int64_t count = by.count < 0 ? -by.count : by.count;
    std::string out = std::to_string(count) + " ";
    switch (by.period) {
        case Period::days: out += "day"; break;
        case Period::months: out += "month"; break;
        case Period::years: out += "year"; break;
        case Period::business_days: out += "business day"; break;
    }
    if (count != 1) out += "s";
    if (by.calendar) out += " (calendar '" + by.calendar->name + "')";
    if (by.period == Period::months || by.period == Period::years)
        out += by.month_end == MonthEnd::clamp ? " (a day the month does not have: its last)"
                                               : " (a day the month does not have: the next first)";
    return out;
}

/// What a comparison compares with.
std::string operand_words(const Comparison& comparison) {
    if (!comparison.other) return values_words(comparison.values);
    std::string place = place_words(*comparison.other);
    if (!comparison.by) return place;
    return duration_words(*comparison.by) + (comparison.by->count < 0 ? " before " : " after ") + place;
}

std::string within_words(const Comparison& comparison) {
    const char* side = comparison.side == Side::after ? " after " : comparison.side == Side::before ? " before " : " of ";
    return " is within " + duration_words(*comparison.by) + side + place_words(*comparison.other);
}

std::string comparison_words(const Comparison& comparison) {
    std::string place = place_words(comparison.what);
    const bool dates = comparison.what.value_type() == ValueType::day;
    switch (comparison.op) {
        case Operator::equals: return place + " is " + operand_words(comparison);
        case Operator::in:
            return place + (comparison.set.empty() ? " is one of " : " is in the set '" + comparison.set + "': ") +
                   operand_words(comparison);
        case Operator::less_than: return place + (dates ? " is before " : " is less than ") + operand_words(comparison);
        case Operator::at_most: return place + (dates ? " is not after " : " is at most ") + operand_words(comparison);
        case Operator::more_than: return place + (dates ? " is after " : " is more than ") + operand_words(comparison);
        case Operator::at_least: return place + (dates ? " is not before " : " is at least ") + operand_words(comparison);
        case Operator::present: return place + (comparison.present ? " is known" : " is not known");
        case Operator::matches: return place + " matches '" + comparison.pattern->text() + "'";
        case Operator::within: return place + within_words(comparison);
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

std::string fields_words(const std::vector<RequiredField>& fields) {
    std::string out = "the record must have\n";
    for (const RequiredField& field : fields) {
        std::string places;
        for (const Reference& place : field.places) places += (places.empty() ? "" : " or ") + place_words(place);
        out += "  - " + field.name + ": " + places + "\n";
    }
    return out;
}

void add_places(const Condition& condition, std::vector<const Reference*>& out) {
    const auto add = [&](const Reference& what) {
        if (std::ranges::none_of(out, [&](const Reference* seen) { return *seen == what; })) out.push_back(&what);
    };
    if (condition.kind == Condition::Kind::comparison) {
        add(condition.comparison.what);
        if (condition.comparison.other) add(*condition.comparison.other);
    }
    for (const Condition& part : condition.parts) add_places(part, out);
}

std::string seen_words(const Reference& what, const Scene& scene) {
    std::vector<std::string> seen;
    const bool read = each_value(SceneAccess{scene}, what, [&](const ValueView& value) {
        seen.push_back(seen.size() < kValuesShownMax ? value_words(value) : "…");
        return seen.size() > kValuesShownMax;
    });
    if (!read) return place_words(what) + " was not read";
    return place_words(what) + (seen.empty() ? " is not known" : " is " + listed(seen));
}

}  // namespace

std::string because(const Rule& rule, const Scene& scene) {
    std::vector<const Reference*> places;
    add_places(rule.when, places);
    if (rule.fields.empty()) add_places(rule.require, places);
    std::string out;
    for (const Reference* what : places) out += (out.empty() ? "" : "; ") + seen_words(*what, scene);
    return out;
}

std::string in_words(const Rule& rule) {
    std::string out = rule.title + " (" + rule.id + ")\n";
    out += "For each item of an event, when\n" + condition_words(rule.when, 2);
    out += rule.fields.empty() ? "this must hold\n" + condition_words(rule.require, 2) : fields_words(rule.fields);
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
    if (!rule.unverified.empty()) out += "Unverified: " + rule.unverified + "\n";
    return out;
}

}  // namespace stemma::compliance
