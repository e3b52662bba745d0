#include "plugins/warranty/coverage.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "plugins/warranty/cycles.hpp"
#include "plugins/warranty/match.hpp"

namespace stemma::warranty {
namespace {

/// What a fold reads: the unit's repairs and what else happened to it in the cycle.
struct Life {
    const Unit& unit;
    std::vector<const Milestone*> milestones;
    std::optional<Day> limit;  ///< nothing later counts
};

Day day_in(const Policy& policy, Moment moment) { return day_of(moment.us, moment.date_only, policy.calendar); }

int& times_used(Coverage& coverage, const std::string& extension) {
    const auto found = std::ranges::find(coverage.used, extension, &std::pair<std::string, int>::first);
    if (found != coverage.used.end()) return found->second;
    return coverage.used.emplace_back(extension, 0).second;
}

void say(Coverage& coverage, const char* code, std::string text) {
    coverage.reasons.push_back({code, coverage.policy->id + ": " + std::move(text)});
}

// ---- what prolongs it

/// Stops the clock for the part of the repair in which it runs.
void toll(Coverage& coverage, Day from, Day to) {
    from = std::max(from, coverage.start);
    if (!coverage.tolled.empty()) from = std::max(from, plus(coverage.tolled.back().to, 1));
    if (from > to) return;
    for (Run& run : coverage.runs) {
        const Day begin = std::max(from, run.anchor);
        if (begin <= to) run.period.days += static_cast<int>((to - begin).count()) + 1;
    }
    coverage.tolled.push_back({from, to});
    say(coverage, "warranty.tolled",
        "in repair from " + to_text(from) + " to " + to_text(to) + ", its clock stands for " + days_in_words((to - from).count() + 1) +
            "; the last day is then " + to_text(coverage.term_end()));
}

/// Whether the extension takes an event of that day; says why not where one would wonder.
bool takes(Coverage& coverage, const Extension& extension, Day day) {
    const auto leave = [&](const std::string& why) {
        say(coverage, "warranty.not_extended", extension.id + " does not count for " + to_text(day) + ": " + why);
        return false;
    };
    if (extension.event_from && day < *extension.event_from) return leave("it is given from " + to_text(*extension.event_from) + " on");
    if (extension.event_to && day > *extension.event_to) return leave("it was given to " + to_text(*extension.event_to));
    if (extension.sold_from && (!coverage.sold || *coverage.sold < *extension.sold_from))
        return leave("it is given for sales from " + to_text(*extension.sold_from) + " on");
    if (extension.within_days && day > plus(coverage.start, *extension.within_days))
        return leave("that is more than " + days_in_words(*extension.within_days) + " after the start");
    int& used = times_used(coverage, extension.id);
    if (used >= extension.times_max)
        return leave("it is given " + (extension.times_max == 1 ? std::string("once") : std::to_string(extension.times_max) + " times"));
    ++used;
    return true;
}

void extend(Coverage& coverage, const Extension& extension, Day day, const std::string& because) {
    if (extension.own_term) {
        coverage.runs.push_back({day, extension.period, false});
    } else {
        for (Run& run : coverage.runs) {
            if (!run.is_term) continue;
            run.period.months = std::min(run.period.months + extension.period.months, 12 * 9'999);
            run.period.days += extension.period.days;
        }
    }
    say(coverage, "warranty.extended",
        extension.title + ": " + in_words(extension.period) + (extension.own_term ? " from " + to_text(day) : " more") + ", because " +
            because + "; the last day is then " + to_text(coverage.term_end()) +
            (extension.citation.empty() ? "" : " (" + extension.citation + ")"));
}

void fold_repair(Coverage& coverage, const Repair& repair, const Life& life, Day today) {
    const Policy& policy = *coverage.policy;
    const Day from = day_in(policy, repair.started);
    Day to = repair.ended ? day_in(policy, *repair.ended) : std::max(today, from);
    const bool open = !repair.ended || (life.limit && to > *life.limit);
    if (life.limit) to = std::min(to, *life.limit);
    if (to < from || to < coverage.start || from > coverage.term_end()) return;
    if (policy.tolling != Tolling::none) toll(coverage, from, open || policy.tolling == Tolling::days_begun ? to : plus(to, -1));
    if (open) {
        if (!repair.ended) say(coverage, "warranty.in_repair", "it went to repair on " + to_text(from) + " and is not back yet");
        return;
    }
    for (const Extension& extension : policy.extensions)
        if (extension.after == Extension::After::repair && takes(coverage, extension, to))
            extend(coverage, extension, to, "it was repaired from " + to_text(from) + " to " + to_text(to));
}

void fold_milestone(Coverage& coverage, const Milestone& milestone) {
    const Day day = day_in(*coverage.policy, milestone.at);
    if (day > coverage.term_end()) return;
    for (const Extension& extension : coverage.policy->extensions)
        if (extension.after == Extension::After::milestone && milestone.kind == milestone_of(extension.milestone) &&
            takes(coverage, extension, day))
            extend(coverage, extension, day, "of its " + std::string(to_string(extension.milestone)) + " on " + to_text(day));
}

void fold_attributes(Coverage& coverage, const Unit& unit) {
    for (const Extension& extension : coverage.policy->extensions) {
        if (extension.after != Extension::After::attribute) continue;
        const auto found = unit.attributes.find(extension.attribute);
        if (found == unit.attributes.end() || found->second.empty()) continue;
        if (!extension.equals.empty() && found->second != extension.equals) continue;
        if (takes(coverage, extension, coverage.start))
            extend(coverage, extension, coverage.start, "its " + extension.attribute + " is " + found->second);
    }
}

/// Everything that prolongs, in the order in which it happened: each is judged by the term as it stood then.
void fold(Coverage& coverage, const Life& life, Day today) {
    struct Step {
        Day day;
        const Milestone* milestone;
        const Repair* repair;
    };
    std::vector<Step> steps;
    const auto late = [&](Day day) { return (life.limit && day > *life.limit) || (coverage.cut && day > coverage.cut->day); };
    for (const Milestone* milestone : life.milestones)
        if (const Day day = day_in(*coverage.policy, milestone->at); !late(day)) steps.push_back({day, milestone, nullptr});
    for (const Repair& repair : life.unit.repairs)
        if (const Day day = day_in(*coverage.policy, repair.started); !late(day)) steps.push_back({day, nullptr, &repair});
    const auto place = [](const Step& step) { return std::tuple(step.day, step.repair, step.milestone); };  // milestones first
    std::ranges::sort(steps, {}, place);
    fold_attributes(coverage, life.unit);
    for (const Step& step : steps) {
        if (step.milestone != nullptr) fold_milestone(coverage, *step.milestone);
        if (step.repair != nullptr) fold_repair(coverage, *step.repair, life, today);
    }
}

// ---- what ends it

void cut_at(Coverage& coverage, Day day, const std::string& why) {
    if (day < coverage.start || (coverage.cut && coverage.cut->day <= day)) return;
    coverage.cut = Cut{day, why};
}

void find_cuts(Coverage& coverage, const Unit& unit, const Cycle& cycle, bool whole_life, bool may_be_replaced) {
    const Policy& policy = *coverage.policy;
    const auto end = cycle.ended != nullptr && !whole_life ? std::optional{day_in(policy, cycle.ended->at)} : std::nullopt;
    if (end) cut_at(coverage, *end, "it came back on " + to_text(*end) + " and was sold anew");
    for (const Milestone& milestone : unit.milestones) {
        const Day day = day_in(policy, milestone.at);
        if (milestone.kind == "scrapped") cut_at(coverage, day, "it was scrapped on " + to_text(day));
        if (milestone.kind == "transferred" && policy.transfer_ends)
            cut_at(coverage, day, "it passed to another owner on " + to_text(day) + ", with which the warranty ends");
    }
    for (const Swap& swap : unit.swaps) {
        const Day day = day_in(policy, swap.at);
        if (!swap.replaces && may_be_replaced)
            cut_at(coverage, day, "it was replaced on " + to_text(day) + " by " + swap.item + ", to which its rights went over");
    }
}

// ---- where it begins

class Coverer {
public:
    Coverer(const Policy& policy, const Facts& facts, const std::vector<std::vector<Cycle>>& cycles)
        : policy_{policy}, facts_{facts}, cycles_{cycles}, today_{day_of(facts.as_of_us, false, policy.calendar)} {}

    /// `limit`: the day the unit was replaced; nothing later counts, and what is asked is how it stood then.
    [[nodiscard]] std::vector<Coverage> unit(std::size_t index, std::optional<Day> limit) const {
        const Unit& unit = facts_.chain[index];
        std::vector<Coverage> out;
        const std::vector<Cycle>& cycles = cycles_[index];
        for (const Cycle& cycle : cycles) {
            if (policy_.resale_continues && cycle.used) break;
            std::optional<Coverage> begun = cycle.inherited ? inherited(index, cycle) : sold(unit, cycle);
            if (!begun) continue;
            begun->subject = unit.item;
            if (begun->standing == Coverage::Standing::applies) {
                find_cuts(*begun, unit, cycle, policy_.resale_continues, !limit);
                Life life{unit, cycle.all, limit};
                if (policy_.resale_continues)
                    for (std::size_t i = 1; i < cycles.size(); ++i)
                        life.milestones.insert(life.milestones.end(), cycles[i].all.begin(), cycles[i].all.end());
                fold(*begun, life, today_);
            }
            out.push_back(*std::move(begun));
        }
        return out;
    }

    [[nodiscard]] std::vector<Coverage> parts() const {
        std::vector<Coverage> out;
        const std::vector<Coverage> of_unit = unit(0, {});
        for (const Component& part : facts_.components) {
            if (!names_part(policy_, part)) continue;
            for (Coverage coverage : of_unit) {
                coverage.subject = part.item;
                if (!part.replaced.empty() && coverage.standing == Coverage::Standing::applies && !swap_part(coverage, part)) continue;
                out.push_back(std::move(coverage));
            }
        }
        return out;
    }

private:
    [[nodiscard]] Coverage blank() const {
        Coverage out;
        out.policy = &policy_;
        return out;
    }
    [[nodiscard]] Coverage unknown(const std::string& why) const {
        Coverage out = blank();
        out.standing = Coverage::Standing::unknown;
        say(out, "warranty.unknown", why);
        return out;
    }

    [[nodiscard]] std::optional<Coverage> sold(const Unit& unit, const Cycle& cycle) const {
        const Match matched = match(policy_, facts_, unit, cycle);
        if (matched.is == Match::Is::no) return std::nullopt;
        if (matched.is == Match::Is::unknown) return unknown(matched.why);
        const auto start = start_of(policy_, cycle);
        if (!start) {
            std::string names;
            for (const Basis basis : policy_.start) names += (names.empty() ? "" : ", ") + std::string(to_string(basis));
            return unknown("it cannot be told when it begins: none of " + names + " is recorded");
        }
        Coverage out = blank();
        if (!matched.why.empty()) say(out, "warranty.assumed", matched.why);
        begin(out, start->day, std::string(to_string(start->basis)));
        out.sold = sold_day(policy_, cycle);
        std::string from = "it begins with its " + out.basis + " on " + to_text(start->happened);
        if (start->day != start->happened) from += " and " + in_words(policy_.manufacture_grace) + " of grace, on " + to_text(start->day);
        say(out, "warranty.term", from + "; " + term_text(out));
        cap(out, cycle);
        return out;
    }

    void begin(Coverage& coverage, Day start, std::string basis) const {
        coverage.start = start;
        coverage.basis = std::move(basis);
        coverage.runs = {{start, policy_.period, true}};
        coverage.presumed_to.reset();
        if (!policy_.presumption.empty()) coverage.presumed_to = last_day_of(start, policy_.presumption, policy_.calendar);
    }

    [[nodiscard]] std::string term_text(const Coverage& coverage) const {
        return in_words(policy_.period) + (policy_.calendar.first_day_counts ? ", that day counted," : "") + " end on " +
               to_text(coverage.term_end()) + ", that day included";
    }

    void cap(Coverage& coverage, const Cycle& cycle) const {
        if (!policy_.cap) return;
        const Milestone* from = cycle.at(policy_.cap->basis);
        const std::string name{to_string(policy_.cap->basis)};
        if (from == nullptr) {
            say(coverage, "warranty.no_cap", "no " + name + " is recorded, so that its limit cannot be reckoned and does not count");
            return;
        }
        coverage.cap = last_day_of(day_in(policy_, from->at), policy_.cap->period, policy_.calendar);
        say(coverage, "warranty.cap",
            "it ends at the latest on " + to_text(*coverage.cap) + ", " + in_words(policy_.cap->period) + " after its " + name);
    }

    /// A unit that went out in place of another one: by its terms, not as a sale.
    [[nodiscard]] std::optional<Coverage> inherited(std::size_t index, const Cycle& cycle) const {
        const Unit& unit = facts_.chain[index];
        const auto swap = std::ranges::find_if(unit.swaps, [&](const Swap& s) { return s.replaces && s.at.us == cycle.swapped.us; });
        const Day day = day_in(policy_, cycle.swapped);
        if (index + 1 >= facts_.chain.size() || facts_.chain[index + 1].item != swap->item)
            return unknown("it replaces " + swap->item + ", of which no more is asked: a chain of replacements is followed over " +
                           std::to_string(kChainMax) + " units");
        std::vector<Coverage> before = this->unit(index + 1, day);
        if (before.empty()) return std::nullopt;
        const auto held = std::ranges::find_if(before, [&](const Coverage& c) { return c.covers(day); });
        Coverage out = held != before.end() ? std::move(*held) : std::move(before.back());
        if (out.standing == Coverage::Standing::unknown) return out;
        out.cut.reset();
        out.tolled.clear();
        if (held == before.end()) {
            out.start = day;
            say(out, "warranty.replacement",
                "it replaced " + swap->item + " on " + to_text(day) + ", whose term was over; it begins no new one");
            return out;
        }
        take_over(out, swap->item, day);
        return out;
    }

    void take_over(Coverage& out, const std::string& original, Day day) const {
        const std::string from = "it replaced " + original + " on " + to_text(day);
        if (policy_.replacement.new_term) {
            begin(out, day, "replacement");
            say(out, "warranty.replacement", from + " and has a term of its own; " + term_text(out));
            return;
        }
        const Day left = out.term_end();
        out.start = day;
        out.basis = "replacement";
        if (!policy_.replacement.at_least.empty()) out.runs.push_back({day, policy_.replacement.at_least, true});
        std::string text = from + " and has what was left of its term, to " + to_text(left);
        if (!policy_.replacement.at_least.empty())
            text += ", but at least " + in_words(policy_.replacement.at_least) + "; the last day is then " + to_text(out.term_end());
        say(out, "warranty.replacement", text);
    }

    /// False: the part was built in when another term of the item ran.
    [[nodiscard]] bool swap_part(Coverage& coverage, const Component& part) const {
        if (!part.installed) {
            coverage = unknown("when the part " + part.item + " was built in is not recorded");
            coverage.subject = part.item;
            return true;
        }
        const Day day = day_in(policy_, *part.installed);
        if (day < coverage.start || (coverage.cut && day > coverage.cut->day)) return false;
        const std::string from = "the part took the place of " + part.replaced + " on " + to_text(day);
        if (policy_.swapped_part_continues) {
            coverage.start = day;
            say(coverage, "warranty.part", from + " and has what was left of its term, to " + to_text(coverage.term_end()));
            return true;
        }
        const auto cut = coverage.cut;
        Coverage fresh = blank();
        fresh.subject = part.item;
        fresh.sold = coverage.sold;
        begin(fresh, day, "installation");
        fresh.cut = cut;
        say(fresh, "warranty.part", from + " and has a term of its own; " + term_text(fresh));
        Life life{facts_.chain.front(), {}, {}};
        fold_after(fresh, life, day);
        coverage = std::move(fresh);
        return true;
    }

    /// Repairs that began after the part was built in: the one that built it in is not its own.
    void fold_after(Coverage& coverage, const Life& life, Day day) const {
        std::vector<const Repair*> order;
        for (const Repair& repair : life.unit.repairs)
            if (day_in(policy_, repair.started) > day) order.push_back(&repair);
        std::ranges::sort(order, {}, [](const Repair* repair) { return std::pair(repair->started.us, repair); });
        for (const Repair* repair : order) fold_repair(coverage, *repair, life, today_);
    }

    const Policy& policy_;
    const Facts& facts_;
    const std::vector<std::vector<Cycle>>& cycles_;
    Day today_;
};

}  // namespace

Day Coverage::term_end() const noexcept {
    Day end = kFirstDay;
    for (const Run& run : runs) end = std::max(end, last_day_of(run.anchor, run.period, policy->calendar));
    return cap ? std::min(end, *cap) : end;
}

Day Coverage::last() const noexcept {
    const Day end = term_end();
    return cut ? std::min(end, cut->day) : end;
}

bool Coverage::tolled_on(Day day) const noexcept {
    return std::ranges::any_of(tolled, [&](const Range& range) { return day >= range.from && day <= range.to; });
}

std::vector<Coverage> cover(const Policy& policy, const Facts& facts, const std::vector<std::vector<Cycle>>& cycles) {
    const Coverer coverer{policy, facts, cycles};
    return policy.kind == Kind::component ? coverer.parts() : coverer.unit(0, {});
}

}  // namespace stemma::warranty
