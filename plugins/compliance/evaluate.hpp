// How conditions come out, once for every kind of access to values: tables of the host where they stand, or a Scene.
// An access has `each(reference, visit)`: it calls visit(ValueView) for each value until visit returns true, and returns false where
// the reference's fact was not read.
#pragma once

#include <algorithm>

#include "plugins/compliance/rule.hpp"

namespace stemma::compliance {

[[nodiscard]] constexpr Truth negated(Truth truth) noexcept {
    return truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : Truth::unknown;
}

/// Whether a value stands as the operator says to a literal or to the other place's value.
[[nodiscard]] Truth compares(const Comparison& comparison, const ValueView& value, const ValueView& with) noexcept;

/// The access's values, read as the type that the reference wants.
template <class Access, class Visit>
bool each_value(const Access& access, const Reference& what, Visit&& visit) {
    return access.each(what, [&](const ValueView& raw) {
        if (!what.as || raw.type != ValueType::text) return visit(raw);
        const auto read = read_as(*what.as, raw.text);
        return read && visit(*read);
    });
}

/// Most conditions ask whether a text is one of a few; texts of another length are told apart without being looked at.
[[nodiscard]] inline bool is_one_of(const ValueView& value, const std::vector<Value>& values) noexcept {
    if (value.type != ValueType::text) return std::ranges::any_of(values, [&](const Value& v) { return compare(value, view_of(v)) == 0; });
    return std::ranges::any_of(values, [&](const Value& v) {
        const auto* text = std::get_if<std::string>(&v);
        return text != nullptr && *text == value.text;
    });
}

template <class Access>
Truth compares_with_all(const Comparison& comparison, const ValueView& value, const Access& access) {
    if (comparison.op == Operator::present) return Truth::yes;
    if (comparison.op == Operator::matches) return comparison.pattern->matches(value.text) ? Truth::yes : Truth::no;
    if (!comparison.other && (comparison.op == Operator::equals || comparison.op == Operator::in))
        return is_one_of(value, comparison.values) ? Truth::yes : Truth::no;
    Truth sum = Truth::no;
    const auto add = [&](const ValueView& with) {
        sum = std::max(sum, compares(comparison, value, with));
        return sum == Truth::yes;
    };
    if (comparison.other) {
        if (!each_value(access, *comparison.other, add)) return Truth::unknown;
    } else {
        for (const Value& with : comparison.values)
            if (add(view_of(with))) break;
    }
    return sum;
}

template <class Access>
Truth evaluate_comparison(const Comparison& comparison, const Access& access) {
    Truth sum = Truth::no;
    const bool read = each_value(access, comparison.what, [&](const ValueView& value) {
        sum = std::max(sum, compares_with_all(comparison, value, access));
        return sum == Truth::yes;
    });
    if (!read) return Truth::unknown;
    return comparison.present ? sum : negated(sum);
}

/// `any` and `none` stop at the first yes, `all` at the first no; what is unknown stays so unless another part decides.
template <class Access>
Truth evaluate_with(const Condition& condition, const Access& access) {
    if (condition.kind == Condition::Kind::comparison) return evaluate_comparison(condition.comparison, access);
    const Truth stop = condition.kind == Condition::Kind::all ? Truth::no : Truth::yes;
    Truth sum = negated(stop);
    for (const Condition& part : condition.parts) {
        const Truth truth = evaluate_with(part, access);
        if (truth == stop) {
            sum = stop;
            break;
        }
        if (truth == Truth::unknown) sum = Truth::unknown;
    }
    return condition.kind == Condition::Kind::none ? negated(sum) : sum;
}

template <class Access>
Standing judge_with(const Rule& rule, const Access& access) {
    const Truth applies = evaluate_with(rule.when, access);
    if (applies == Truth::no) return Standing::not_applicable;
    if (applies == Truth::unknown) return Standing::unknown;
    const Truth kept = evaluate_with(rule.require, access);
    return kept == Truth::yes ? Standing::kept : kept == Truth::no ? Standing::broken : Standing::unknown;
}

/// A Scene as an access.
class SceneAccess {
public:
    explicit SceneAccess(const Scene& scene) : scene_{&scene} {}

    template <class Visit>
    bool each(const Reference& what, Visit&& visit) const {
        const auto values = scene_->values(what);
        if (!values) return false;
        for (const Value& value : *values)
            if (visit(view_of(value))) break;
        return true;
    }

private:
    const Scene* scene_;
};

}  // namespace stemma::compliance
