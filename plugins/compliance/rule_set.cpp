#include "plugins/compliance/rule_set.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace stemma::compliance {
namespace {

using Steps = std::optional<std::set<std::string>>;

/// The business steps outside of which the condition is false; nothing where there is no such list.
Steps steps_of(const Condition& condition) {
    if (condition.kind == Condition::Kind::comparison) {
        const Comparison& comparison = condition.comparison;
        const bool listed = comparison.op == Operator::equals || comparison.op == Operator::in;
        if (comparison.what.source != Source::event || comparison.what.column_id != kBizStep || comparison.other || !listed)
            return std::nullopt;
        std::set<std::string> out;
        for (const Value& value : comparison.values) out.insert(std::get<std::string>(value));
        return out;
    }
    if (condition.kind == Condition::Kind::none) return std::nullopt;
    Steps sum;
    for (const Condition& part : condition.parts) {
        Steps steps = steps_of(part);
        if (condition.kind == Condition::Kind::all && steps) return steps;
        if (condition.kind == Condition::Kind::any && !steps) return std::nullopt;
        if (condition.kind == Condition::Kind::any) {
            if (!sum) sum.emplace();
            sum->insert(steps->begin(), steps->end());
        }
    }
    return sum;
}

bool of_the_event(const Condition& condition) {
    if (condition.kind != Condition::Kind::comparison) return std::ranges::all_of(condition.parts, of_the_event);
    const Comparison& comparison = condition.comparison;
    return comparison.what.source == Source::event && (!comparison.other || comparison.other->source == Source::event);
}

Condition guard_of(const Condition& when) {
    Condition out{Condition::Kind::all, {}, {}};
    if (of_the_event(when)) {
        out.parts.push_back(when);
    } else if (when.kind == Condition::Kind::all) {
        std::ranges::copy_if(when.parts, std::back_inserter(out.parts), of_the_event);
    }
    return out;
}

}  // namespace

RuleSet::RuleSet(std::vector<Rule> rules) {
    std::vector<Steps> steps;
    for (Rule& rule : rules) {
        Condition guard = guard_of(rule.when);
        steps.push_back(steps_of(rule.when));
        if (steps.back())
            for (const std::string& step : *steps.back()) by_step_[step];
        rules_.push_back({std::move(rule), std::move(guard)});
    }
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
        if (!steps[i]) any_step_.push_back(i);
        for (auto& [step, list] : by_step_)
            if (!steps[i] || steps[i]->contains(step)) list.push_back(i);
    }
}

const std::vector<std::uint32_t>& RuleSet::about(std::string_view biz_step) const {
    const auto it = by_step_.find(biz_step);
    return it == by_step_.end() ? any_step_ : it->second;
}

const Rule* RuleSet::find(std::string_view id) const noexcept {
    for (const Compiled& compiled : rules_)
        if (compiled.rule.id == id) return &compiled.rule;
    return nullptr;
}

}  // namespace stemma::compliance
