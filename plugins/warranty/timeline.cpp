#include "plugins/warranty/timeline.hpp"

#include <algorithm>
#include <utility>

namespace stemma::warranty {
namespace {

using List = std::vector<const Coverage*>;

/// Longest first; then what the law gives; then the order of the policies.
const Coverage* longest(const List& coverages, auto&& wanted) {
    const Coverage* best = nullptr;
    for (const Coverage* one : coverages) {
        if (!wanted(*one)) continue;
        const bool wins =
            best == nullptr || one->last() > best->last() || (one->last() == best->last() && one->policy->kind < best->policy->kind);
        if (wins) best = one;
    }
    return best;
}

bool was_real(const Coverage& coverage) { return coverage.standing == Coverage::Standing::applies && coverage.last() >= coverage.start; }

std::string covered_reason(const Coverage& by, bool tolled) {
    if (tolled) return by.policy->title + ": in repair, its clock stands";
    return by.policy->title + ": from its " + by.basis + " on " + to_text(by.start) + " to " + to_text(by.last());
}

/// What a day that no coverage holds is, by what was before it, else by what comes.
Segment uncovered(const List& coverages, Day day) {
    Segment out;
    const Coverage* before = longest(coverages, [&](const Coverage& c) { return was_real(c) && c.last() < day; });
    const Coverage* of = before;
    if (before == nullptr) {
        for (const Coverage* one : coverages)
            if (was_real(*one) && one->start > day && (of == nullptr || one->start < of->start)) of = one;
        if (of != nullptr) out.reason = "it begins with its " + of->basis + " on " + to_text(of->start);
    } else if (before->cut && before->cut->day == before->last()) {
        out.state = State::ended;
        out.reason = before->cut->why;
    } else {
        out.reason = "the last day was " + to_text(before->last());
    }
    if (of == nullptr) return out;
    out.basis = of->basis;
    out.policy = of->policy->id;
    out.citation = of->policy->citation;
    return out;
}

Segment segment_on(const List& coverages, Day day) {
    const Coverage* by = longest(coverages, [&](const Coverage& c) { return c.covers(day); });
    if (by == nullptr) return uncovered(coverages, day);
    Segment out;
    const bool tolled = by->tolled_on(day);
    out.state = tolled ? State::tolled : State::in_warranty;
    out.basis = by->basis;
    out.policy = by->policy->id;
    out.reason = covered_reason(*by, tolled);
    out.citation = by->policy->citation;
    return out;
}

bool same_but_days(const Segment& a, const Segment& b) {
    return a.state == b.state && a.basis == b.basis && a.policy == b.policy && a.reason == b.reason;
}

/// Cuts time at each day on which anything may change, and joins what did not.
void add_timeline(const List& coverages, const std::string& subject, Side side, std::vector<Segment>& out) {
    std::vector<Day> edges;
    for (const Coverage* one : coverages) {
        if (!was_real(*one)) continue;
        edges.push_back(one->start);
        edges.push_back(plus(one->last(), 1));
        for (const Range& range : one->tolled) {
            edges.push_back(range.from);
            edges.push_back(plus(range.to, 1));
        }
    }
    if (edges.empty()) return;
    std::ranges::sort(edges);
    const auto twice = std::ranges::unique(edges);
    edges.erase(twice.begin(), twice.end());
    const std::size_t first = out.size();
    for (std::size_t i = 0; i <= edges.size(); ++i) {
        Segment segment = segment_on(coverages, i == 0 ? plus(edges.front(), -1) : edges[i - 1]);
        segment.subject = subject;
        segment.side = side;
        if (i > 0) segment.from = edges[i - 1];
        if (i < edges.size()) segment.last = plus(edges[i], -1);
        if (out.size() > first && same_but_days(out.back(), segment))
            out.back().last = segment.last;
        else
            out.push_back(std::move(segment));
    }
}

List pointers(const std::vector<Coverage>& coverages) {
    List out;
    for (const Coverage& one : coverages) out.push_back(&one);
    return out;
}

void presume(Verdict& verdict, const List& coverages, auto&& today) {
    for (const Coverage* one : coverages) {
        if (!one->presumed_to || !one->covers(today(*one))) continue;
        if (!verdict.presumed_to || *verdict.presumed_to < *one->presumed_to) verdict.presumed_to = one->presumed_to;
        verdict.presumed = verdict.presumed.value_or(false) || today(*one) <= *one->presumed_to;
    }
}

std::string why_covered(const Verdict& verdict) {
    const Policy& policy = *verdict.by->policy;
    return "on " + to_text(verdict.today) + " it is in warranty by " + policy.id + " (" + policy.title + "), to " +
           to_text(*verdict.until) + ", that day included" +
           (verdict.state == State::tolled ? "; it is in repair and its clock stands" : "");
}

Verdict judge(const List& coverages, std::int64_t as_of_us) {
    const auto today = [&](const Coverage& c) { return day_of(as_of_us, false, c.policy->calendar); };
    Verdict out;
    out.today = day_of(as_of_us, false, {});
    out.by = longest(coverages, [&](const Coverage& c) { return c.covers(today(c)); });
    if (out.by != nullptr) {
        out.today = today(*out.by);
        out.state = out.by->tolled_on(out.today) ? State::tolled : State::in_warranty;
        out.until = out.by->last();
        for (bool grew = true; grew;) {
            grew = false;
            for (const Coverage* one : coverages)
                if (was_real(*one) && one->start <= plus(*out.until, 1) && one->last() > *out.until) {
                    out.until = one->last();
                    grew = true;
                }
        }
        presume(out, coverages, today);
        out.why = why_covered(out);
        return out;
    }
    const auto missing = std::ranges::find(coverages, Coverage::Standing::unknown, &Coverage::standing);
    if (missing != coverages.end()) {
        out.decided = false;
        out.by = *missing;
        out.why = "nothing that is recorded covers " + to_text(out.today) + ", and " + (*missing)->policy->id + " cannot be reckoned";
        return out;
    }
    out.by = longest(coverages, [&](const Coverage& c) { return was_real(c) && c.last() < today(c); });
    if (out.by != nullptr) {
        out.today = today(*out.by);
        out.until = out.by->last();
    }
    const Segment segment = uncovered(coverages, out.today);
    out.state = segment.state;
    out.why = "on " + to_text(out.today) + (coverages.empty() ? " no policy is for it" : " it is not in warranty: " + segment.reason);
    return out;
}

/// One timeline for each part, in the order in which they come.
void add_parts(const std::vector<Coverage>& parts, std::vector<Segment>& out) {
    std::vector<std::string> done;
    for (const Coverage& one : parts) {
        if (std::ranges::find(done, one.subject) != done.end()) continue;
        done.push_back(one.subject);
        List of_part;
        for (const Coverage& other : parts)
            if (other.subject == one.subject) of_part.push_back(&other);
        add_timeline(of_part, one.subject, Side::component, out);
    }
}

}  // namespace

std::string_view to_string(State state) noexcept {
    switch (state) {
        case State::in_warranty: return "in_warranty";
        case State::tolled: return "tolled";
        case State::out: return "out";
        case State::ended: return "ended";
    }
    return "out";
}

std::string_view to_string(Side side) noexcept {
    switch (side) {
        case Side::customer: return "customer";
        case Side::component: return "component";
        case Side::supplier: return "supplier";
    }
    return "customer";
}

Answer assess(const std::vector<Policy>& policies, const Facts& facts) {
    Answer out;
    std::vector<std::vector<Cycle>> cycles;
    cycles.reserve(facts.chain.size());
    for (const Unit& unit : facts.chain) cycles.push_back(cycles_of(unit));
    for (const Policy& policy : policies) {
        std::vector<Coverage>& to = policy.kind == Kind::component  ? out.parts
                                    : policy.kind == Kind::supplier ? out.supplier
                                                                    : out.customer;
        for (Coverage& one : cover(policy, facts, cycles)) to.push_back(std::move(one));
    }
    const List customer = pointers(out.customer);
    const List supplier = pointers(out.supplier);
    out.verdict = judge(customer, facts.as_of_us);
    out.claim = judge(supplier, facts.as_of_us);
    const std::string& item = facts.chain.front().item;
    add_timeline(customer, item, Side::customer, out.timeline);
    add_parts(out.parts, out.timeline);
    add_timeline(supplier, item, Side::supplier, out.timeline);
    return out;
}

}  // namespace stemma::warranty
