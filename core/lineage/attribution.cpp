#include "core/lineage/attribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>

#include "core/domain/names.hpp"
#include "core/lineage/attribution_naming.hpp"
#include "core/lineage/attribution_suspects.hpp"

namespace stemma::lineage {
namespace {

constexpr NameTable<CauseKind, 8> kCauseKind{{{CauseKind::item, "item"},
                                              {CauseKind::production, "production"},
                                              {CauseKind::product, "product"},
                                              {CauseKind::supplier, "supplier"},
                                              {CauseKind::place, "place"},
                                              {CauseKind::day, "day"},
                                              {CauseKind::revision, "revision"},
                                              {CauseKind::condition, "condition"}}};

constexpr std::size_t kListedFrom = 2;  ///< failed items that a line needs: one of them alone says nothing

/// Two independent 64-bit keys of a number (splitmix64: G. Steele et al., OOPSLA 2014). The keys of a set's members, joined by exclusive
/// or, tell two sets apart but for one case in 2^128.
std::uint64_t key_of(std::uint64_t number, std::uint64_t stream) {
    std::uint64_t z = (number * 2 + stream + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

/// A suspect with its table, before those that cannot be told apart are joined.
struct Candidate {
    std::size_t suspect{0};
    std::uint64_t failed{0};
    std::uint64_t exposed{0};
    std::array<std::uint64_t, 2> set{};  // key of the set of the exposed
};

/// Suspects with the same exposed items, under the one that comes first by Cause.
struct Line {
    std::size_t suspect{0};
    std::vector<Cause> same;
    Table2x2 table;
    double log_p{0};
};

}  // namespace

std::string_view to_string(CauseKind kind) noexcept { return name_of(kCauseKind, kind); }

struct Investigation::State {
    AttributionOptions options;
    Sequence as_of{0};
    Chosen chosen;
    ReachGraph graph;
    std::vector<std::uint32_t> items;  // numbers in the graph, of the population
    Suspects suspects;
    std::vector<ProductNo> product_of;  // per number in the graph
    std::vector<Condition> conditions;
    std::size_t conditions_left_out{0};

    [[nodiscard]] bool cancelled() const { return options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed); }
    // When cancelled, what these give is not whole.
    /// The failed exposed to each suspect.
    [[nodiscard]] std::vector<std::uint64_t> count_failed() const;
    [[nodiscard]] std::vector<std::uint64_t> words_of(std::span<const std::size_t> some) const;
    [[nodiscard]] Result<std::vector<Candidate>> candidates(const std::vector<std::uint64_t>& failed, Attribution& answer) const;
    [[nodiscard]] Result<void> count_exposed(std::vector<Candidate>& all) const;
    [[nodiscard]] std::vector<Line> lines(std::vector<Candidate> candidates) const;
    [[nodiscard]] Exposures exposures(std::span<const Line> rivals) const;
};

std::vector<std::uint64_t> Investigation::State::count_failed() const {
    std::vector<std::uint64_t> counts(suspects.size(), 0);
    std::vector<std::uint64_t> words(graph.components());
    for (std::size_t begin = 0; begin < chosen.failed.size() && !cancelled(); begin += 64) {
        std::ranges::fill(words, 0);
        for (std::size_t i = begin; i < std::min(begin + 64, chosen.failed.size()); ++i)
            words[graph.component(items[chosen.failed[i]])] |= std::uint64_t{1} << (i - begin);
        graph.spread(words);
        for (std::size_t suspect = 0; suspect < suspects.size(); ++suspect) {
            std::uint64_t bits = 0;
            for (const std::uint32_t node : suspects.members(suspect)) bits |= words[graph.component(node)];
            counts[suspect] += static_cast<std::uint64_t>(std::popcount(bits));
        }
    }
    return counts;
}

/// Per component which of up to 64 suspects lie upstream of it.
std::vector<std::uint64_t> Investigation::State::words_of(std::span<const std::size_t> some) const {
    std::vector<std::uint64_t> words(graph.components(), 0);
    for (std::size_t bit = 0; bit < some.size(); ++bit)
        for (const std::uint32_t node : suspects.members(some[bit])) words[graph.component(node)] |= std::uint64_t{1} << bit;
    graph.gather(words);
    return words;
}

/// Those past kCandidatesMax count as tested, with p = 1: that makes every q larger, never smaller.
Result<std::vector<Candidate>> Investigation::State::candidates(const std::vector<std::uint64_t>& failed, Attribution& answer) const {
    const Shared shared{graph, items, options.failed_min};
    const std::size_t least = std::min({kListedFrom, options.failed_min, chosen.failed.size()});
    std::vector<Candidate> found;
    for (std::size_t suspect = 0; suspect < suspects.size(); ++suspect) {
        if (!shared.holds(graph, suspects.members(suspect))) continue;
        ++answer.tests;
        if (failed[suspect] >= least) found.push_back({suspect, failed[suspect], 0, {}});
    }
    std::ranges::sort(found, {}, [](const Candidate& c) { return std::pair{~c.failed, c.suspect}; });
    if (found.size() > kCandidatesMax) {
        answer.not_counted = found.size() - kCandidatesMax;
        found.resize(kCandidatesMax);
    }
    if (auto counted = count_exposed(found); !counted) return std::unexpected(counted.error());
    return found;
}

Result<void> Investigation::State::count_exposed(std::vector<Candidate>& all) const {
    std::vector<std::size_t> some;
    for (std::size_t begin = 0; begin < all.size(); begin += 64) {
        if (cancelled()) return fail(Errc::unavailable, "cancelled");
        const std::span batch = std::span{all}.subspan(begin, std::min<std::size_t>(64, all.size() - begin));
        some.clear();
        for (const Candidate& candidate : batch) some.push_back(candidate.suspect);
        const std::vector<std::uint64_t> words = words_of(some);
        for (std::size_t item = 0; item < items.size(); ++item) {
            const std::array keys{key_of(item, 0), key_of(item, 1)};
            for (std::uint64_t bits = words[graph.component(items[item])]; bits != 0; bits &= bits - 1) {
                Candidate& candidate = batch[static_cast<std::size_t>(std::countr_zero(bits))];
                ++candidate.exposed;
                candidate.set[0] ^= keys[0];
                candidate.set[1] ^= keys[1];
            }
        }
    }
    return {};
}

std::vector<Line> Investigation::State::lines(std::vector<Candidate> candidates) const {
    const auto set_and_cause = [&](const Candidate& c) { return std::tuple(c.exposed, c.set, suspects.cause(c.suspect)); };
    std::ranges::sort(candidates, {}, set_and_cause);
    std::vector<Line> lines;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& here = candidates[i];
        if (i > 0 && here.exposed == candidates[i - 1].exposed && here.set == candidates[i - 1].set) {
            lines.back().same.push_back(suspects.cause(here.suspect));
            continue;
        }
        Line line;
        line.suspect = here.suspect;
        line.table = {here.failed, here.exposed - here.failed, chosen.failed.size() - here.failed, 0};
        line.table.d = items.size() - line.table.a - line.table.b - line.table.c;
        line.log_p = fisher_log_p(line.table);
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines, {},
                      [&](const Line& line) { return std::tuple(line.log_p, line.table.exposed(), suspects.cause(line.suspect)); });
    return lines;
}

Exposures Investigation::State::exposures(std::span<const Line> rivals) const {
    Exposures all{items.size(), rivals.size()};
    for (std::size_t begin = 0; begin < rivals.size() && !cancelled(); begin += 64) {
        std::vector<std::size_t> some;
        for (std::size_t i = begin; i < std::min(begin + 64, rivals.size()); ++i) some.push_back(rivals[i].suspect);
        const std::vector<std::uint64_t> words = words_of(some);
        for (std::size_t item = 0; item < items.size(); ++item) all.set(item, begin / 64, words[graph.component(items[item])]);
    }
    return all;
}

Result<Investigation> Investigation::open(const View& view, std::span<const Node> failed, const Population& population,
                                          const AttributionOptions& options) {
    auto chosen = choose(view, failed, population, options);
    if (!chosen) return std::unexpected(chosen.error());
    auto graph = ReachGraph::build(view, chosen->items, Direction::back, {options.items_max, options.include_inferred, options.cancel});
    if (!graph) return std::unexpected(graph.error());
    auto state = std::make_shared<State>(State{options, view.as_of(), *std::move(chosen), *std::move(graph), {}, {}, {}, {}, 0});
    for (const Node item : state->chosen.items) state->items.push_back(state->graph.number(item));
    for (std::size_t number = 0; number < state->graph.size(); ++number)
        state->product_of.push_back(state->graph.is_transformation(number) ? ProductNo::none : view.product(state->graph.node(number)));
    state->suspects.collect(view, state->graph, options.cancel);
    if (state->cancelled()) return fail(Errc::unavailable, "cancelled");
    return Investigation{std::move(state)};
}

Sequence Investigation::as_of() const noexcept { return state_->as_of; }

std::vector<AskedItem> Investigation::asked(const View& view, std::size_t most) {
    State& state = *state_;
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t number = 0; number < state.graph.size(); ++number)
        if (!state.graph.is_transformation(number)) wanted.push_back(number);
    const std::size_t all = wanted.size();
    if (all > most) {
        const Shared shared{state.graph, state.items, state.options.failed_min};
        std::erase_if(wanted, [&](std::uint32_t number) { return !shared.holds(state.graph, std::span{&number, 1}); });
        if (wanted.size() > most) wanted.clear();
    }
    state.conditions_left_out = all - wanted.size();
    std::vector<AskedItem> asked;
    for (const std::uint32_t number : wanted) {
        const Node node = state.graph.node(number);
        AskedItem item{node, std::string{view.id(node)}, {}};
        view.for_each_movement(node, [&](const Movement& movement) {
            const MovementKind kind = movement.kind;
            if (kind == MovementKind::produced || kind == MovementKind::received || kind == MovementKind::found)
                item.births.push_back(movement.sequence);
        });
        asked.push_back(std::move(item));
    }
    return asked;
}

void Investigation::add(std::vector<ItemCondition> conditions) {
    State& state = *state_;
    std::map<std::tuple<ProductNo, bool, std::string>, std::vector<std::size_t>> by_name;
    for (std::size_t i = 0; i < conditions.size(); ++i)
        if (const std::uint32_t number = state.graph.number(conditions[i].item); number != kNone && !conditions[i].value.empty())
            by_name[{state.product_of[number], conditions[i].revision, conditions[i].name}].push_back(i);
    std::map<Condition, std::uint32_t> known;
    for (std::uint32_t i = 0; i < state.conditions.size(); ++i) known.emplace(state.conditions[i], i);
    for (const auto& [key, places] : by_name) {
        const auto& [product, revision, name] = key;
        std::vector<std::string*> values;
        for (const std::size_t i : places) values.push_back(&conditions[i].value);
        if (!revision) put_in_quarters(values);
        for (const std::size_t i : places) {
            const Condition condition{name, conditions[i].value};
            const auto [at, fresh] = known.try_emplace(condition, static_cast<std::uint32_t>(state.conditions.size()));
            if (fresh) state.conditions.push_back(condition);
            const CauseKind kind = revision ? CauseKind::revision : CauseKind::condition;
            state.suspects.add({kind, MovementKind::moved, product, at->second}, state.graph.number(conditions[i].item));
        }
    }
}

namespace {

Hypothesis hypothesis_of(const Line& line, const Cause& cause, double p, double q) {
    Hypothesis hypothesis;
    hypothesis.cause = cause;
    hypothesis.same = line.same;
    hypothesis.table = line.table;
    hypothesis.risk = risk_ratio(line.table);
    hypothesis.log_p = line.log_p;
    hypothesis.p = p;
    hypothesis.q = q;
    return hypothesis;
}

/// What the choice of the named ones says about the i-th of them all.
void put_beside(Hypothesis& hypothesis, const Naming& naming, std::size_t i, double alpha) {
    if (i >= naming.beside.size() || naming.named.empty()) return;
    hypothesis.p_beside = naming.beside[i].p;
    hypothesis.rest = naming.beside[i].rest;
    const auto by = std::ranges::find(naming.named, naming.explained_by[i]);
    if (by != naming.named.end() && hypothesis.q <= alpha) hypothesis.explained_by = static_cast<std::size_t>(by - naming.named.begin());
}

}  // namespace

Result<Attribution> Investigation::finish(const View& view) {
    State& state = *state_;
    state.suspects.seal();
    Attribution answer;
    answer.as_of = state.as_of;
    answer.products = state.chosen.products;
    answer.population = state.items.size();
    answer.failed = state.chosen.failed.size();
    answer.left_out = state.chosen.left_out;
    answer.conditions = state.conditions;
    answer.conditions_left_out = state.conditions_left_out;

    auto candidates = state.candidates(state.count_failed(), answer);
    if (!candidates) return std::unexpected(candidates.error());
    const std::size_t counted = candidates->size();
    const std::vector<Line> lines = state.lines(*std::move(candidates));
    answer.tests -= counted - lines.size();
    answer.candidates = lines.size();
    std::vector<double> p;
    p.reserve(lines.size());
    for (const Line& line : lines) p.push_back(std::exp(line.log_p));
    const std::vector<double> q = benjamini_hochberg(p, answer.tests);

    const auto rivals = std::min(kRivalsMax, static_cast<std::size_t>(std::ranges::upper_bound(p, state.options.alpha) - p.begin()));
    const NamingRule rule{state.options.alpha, state.options.failed_min, answer.tests, state.options.cancel};
    const Naming naming = name_causes(state.exposures(std::span{lines}.first(rivals)), state.chosen.failed, std::span{p}.first(rivals),
                                      std::span{q}.first(rivals), rule);
    if (state.cancelled()) return fail(Errc::unavailable, "cancelled");
    std::vector<std::size_t> order = naming.named;
    for (std::size_t i = 0; i < lines.size() && order.size() < std::min(state.options.listed_max, kListedMax); ++i)
        if (std::ranges::find(naming.named, i) == naming.named.end()) order.push_back(i);

    std::vector<std::size_t> listed;
    for (const std::size_t i : order) {
        Hypothesis hypothesis = hypothesis_of(lines[i], state.suspects.cause(lines[i].suspect), p[i], q[i]);
        hypothesis.named = listed.size() < naming.named.size();
        put_beside(hypothesis, naming, i, state.options.alpha);
        listed.push_back(lines[i].suspect);
        answer.hypotheses.push_back(std::move(hypothesis));
    }
    if (auto done = count_recalls(view, state.suspects, state.graph, listed, state.options, answer); !done)
        return std::unexpected(done.error());
    return answer;
}

Result<Attribution> attribute(const View& view, std::span<const Node> failed, const Population& population,
                              const AttributionOptions& options) {
    auto investigation = Investigation::open(view, failed, population, options);
    if (!investigation) return std::unexpected(investigation.error());
    return investigation->finish(view);
}

}  // namespace stemma::lineage
