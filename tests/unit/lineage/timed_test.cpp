// Time-aware traces: cases derived by hand, and random ledgers against an oracle that tries every hour for every step.
#include "core/lineage/timed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/lineage/builders.hpp"

namespace stemma::lineage {
namespace {

using Names = std::set<std::string>;

Event on_day(Event event, int day) {
    event.time.instant.us = kStart.us - kStart.us % kMicrosPerDay + day * kMicrosPerDay;
    event.time.date_only = true;
    return event;
}

Names items_of(const View& view, const TimedTrace& found, bool certain_alone = false) {
    Names names;
    for (const Reached& reached : found.trace.nodes)
        if (!view.is_transformation(reached.node) && (reached.certain || !certain_alone)) names.emplace(view.id(reached.node));
    return names;
}

Names ask(const Fed& fed, const std::string& item, Direction direction) {
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, item)};
    return items_of(view, timed_trace(view, seeds, direction));
}

/// A tank that takes in milk A, gives to batch 1, takes in milk B, gives to batch 2.
struct RefilledTank : Fed {
    RefilledTank() {
        add(at_hour(transformation("fill 1", {some("milk A", 100)}, {some("tank", 100)}), 1));
        add(at_hour(transformation("draw 1", {some("tank", 100)}, {some("batch 1", 100)}), 2));
        add(at_hour(transformation("fill 2", {some("milk B", 100)}, {some("tank", 100)}), 3));
        add(at_hour(transformation("draw 2", {some("tank", 100)}, {some("batch 2", 100)}), 4));
    }
};

TEST(TimedTrace, does_not_take_an_outflow_before_the_inflow) {
    const RefilledTank fed;
    EXPECT_EQ(ask(fed, "milk B", Direction::forward), (Names{"milk B", "tank", "batch 2"}));
    EXPECT_EQ(ask(fed, "batch 1", Direction::back), (Names{"batch 1", "tank", "milk A"}));
}

TEST(TimedTrace, keeps_what_a_tank_may_still_hold_of_an_earlier_filling) {
    const RefilledTank fed;
    EXPECT_EQ(ask(fed, "milk A", Direction::forward), (Names{"milk A", "tank", "batch 1", "batch 2"}));
    EXPECT_EQ(ask(fed, "batch 2", Direction::back), (Names{"batch 2", "tank", "milk A", "milk B"}));
}

TEST(TimedTrace, says_when_goods_can_have_come_and_gone) {
    const RefilledTank fed;
    const View view = fed.index.view();
    const auto time_in = [&](const std::string& seed, Direction direction) {
        const std::vector<Node> seeds{node_of(view, seed)};
        const TimedTrace found = timed_trace(view, seeds, direction);
        const auto at = std::ranges::find(found.trace.nodes, node_of(view, "tank"), &Reached::node);
        return found.times[static_cast<std::size_t>(at - found.trace.nodes.begin())];
    };
    constexpr std::int64_t kHour = 3600 * kMicrosPerSecond;
    EXPECT_EQ(time_in("milk B", Direction::forward).us, kStart.us + 3 * kHour);
    EXPECT_EQ(time_in("batch 1", Direction::back).us, kStart.us + 2 * kHour);
    const std::vector<Node> seeds{node_of(view, "milk A")};
    EXPECT_EQ(timed_trace(view, seeds, Direction::forward).times.front(), kAlways);
    EXPECT_EQ(timed_trace(view, seeds, Direction::back).times.front(), kForEver);
}

TEST(TimedTrace, never_excludes_by_equal_dates) {
    Fed fed;
    fed.add(on_day(transformation("draw", {some("silo", 5)}, {some("flour", 5)}), 3));
    fed.add(on_day(transformation("fill", {some("wheat", 5)}, {some("silo", 5)}), 3));
    EXPECT_EQ(ask(fed, "wheat", Direction::forward), (Names{"wheat", "silo", "flour"}));
    EXPECT_EQ(ask(fed, "flour", Direction::back), (Names{"wheat", "silo", "flour"}));
}

TEST(TimedTrace, excludes_by_the_day_before) {
    Fed fed;
    fed.add(on_day(transformation("draw", {some("silo", 5)}, {some("flour", 5)}), 2));
    fed.add(on_day(transformation("fill", {some("wheat", 5)}, {some("silo", 5)}), 3));
    EXPECT_EQ(ask(fed, "wheat", Direction::forward), (Names{"wheat", "silo"}));
    EXPECT_EQ(ask(fed, "flour", Direction::back), (Names{"silo", "flour"}));
}

TEST(TimedTrace, takes_a_date_for_the_whole_day_beside_a_time_of_that_day) {
    Fed fed;
    Event fill = on_day(transformation("fill", {some("wheat", 5)}, {some("silo", 5)}), 3);
    fill.time.instant.us += kMicrosPerDay - 1;  // the last moment of the day
    fill.time.date_only = false;
    fed.add(fill);
    fed.add(on_day(transformation("draw", {some("silo", 5)}, {some("flour", 5)}), 3));
    EXPECT_EQ(ask(fed, "wheat", Direction::forward), (Names{"wheat", "silo", "flour"}));
    fill.time.instant.us += 1;  // the first moment of the next
    fill.transformation = TransformationId{"fill late"};
    fill.inputs.front().item = ItemId{"wheat late"};
    fed.add(fill);
    EXPECT_EQ(ask(fed, "wheat late", Direction::forward), (Names{"wheat late", "silo"}));
}

TEST(TimedTrace, takes_equal_times_for_possible) {
    Fed fed;
    fed.add(at_hour(transformation("draw", {some("silo", 5)}, {some("flour", 5)}), 3));
    fed.add(at_hour(transformation("fill", {some("wheat", 5)}, {some("silo", 5)}), 3));
    EXPECT_EQ(ask(fed, "wheat", Direction::forward), (Names{"wheat", "silo", "flour"}));
}

TEST(TimedTrace, takes_a_production_as_one_whatever_the_order_of_its_postings) {
    Fed fed;  // the ERP posts what was used when the order is closed
    fed.add(at_hour(transformation("order", {}, {some("cake", 5)}), 1));
    fed.add(at_hour(transformation("pack", {some("cake", 5)}, {some("box", 5)}), 2));
    fed.add(at_hour(transformation("order", {some("flour", 5)}, {}), 9));
    EXPECT_EQ(ask(fed, "flour", Direction::forward), (Names{"flour", "cake", "box"}));
    EXPECT_EQ(ask(fed, "box", Direction::back), (Names{"flour", "cake", "box"}));
}

TEST(TimedTrace, ends_in_a_cycle_and_in_a_production_that_takes_in_what_it_puts_out) {
    Fed fed;
    fed.add(at_hour(transformation("a to b", {some("a", 1)}, {some("b", 1)}), 1));
    fed.add(at_hour(transformation("b to a", {some("b", 1)}, {some("a", 1)}), 2));
    fed.add(at_hour(transformation("stir", {some("a", 1)}, {some("a", 1)}), 3));
    EXPECT_EQ(ask(fed, "a", Direction::forward), (Names{"a", "b"}));
    EXPECT_EQ(ask(fed, "b", Direction::back), (Names{"a", "b"}));
}

TEST(TimedTrace, goes_on_from_goods_that_come_in_earlier_by_a_longer_way) {
    Fed fed;  // x holds the seed's goods by the short way at 5, by the long way at 3; it is used at 4
    fed.add(at_hour(transformation("use", {some("x", 1)}, {some("end", 1)}), 4));
    fed.add(at_hour(transformation("short", {some("seed", 1)}, {some("x", 1)}), 5));
    fed.add(at_hour(transformation("long 1", {some("seed", 1)}, {some("y", 1)}), 1));
    fed.add(at_hour(transformation("long 2", {some("y", 1)}, {some("x", 1)}), 3));
    EXPECT_EQ(ask(fed, "seed", Direction::forward), (Names{"seed", "x", "y", "end"}));
    EXPECT_EQ(ask(fed, "end", Direction::back), (Names{"seed", "x", "y", "end"}));
}

TEST(TimedTrace, leaves_out_a_crate_that_was_emptied_before_the_serial_was_put_in) {
    Fed fed;
    fed.add_master(item("unit", ItemKind::serial, "p"));
    fed.add(at_hour(transformation("unpack", {some("crate", 1)}, {some("scrap", 1)}), 2));
    fed.add(at_hour(packing(Action::add, "crate", {instance("unit")}), 5));
    EXPECT_EQ(ask(fed, "unit", Direction::forward), (Names{"unit", "crate"}));
    EXPECT_EQ(ask(fed, "scrap", Direction::back), (Names{"scrap", "crate"}));
}

TEST(TimedTrace, takes_a_lot_for_packed_from_its_first_part_on) {
    Fed fed;
    fed.add_master(item("bolts", ItemKind::lot, "p"));
    fed.add(at_hour(packing(Action::add, "crate", {some("bolts", 4)}), 1));
    fed.add(at_hour(transformation("unpack", {some("crate", 1)}, {some("scrap", 1)}), 2));
    fed.add(at_hour(packing(Action::add, "crate", {some("bolts", 4)}), 5));
    EXPECT_EQ(ask(fed, "bolts", Direction::forward), (Names{"bolts", "crate", "scrap"}));
}

TEST(TimedTrace, keeps_certain_apart_from_possible_where_stock_without_lots_brings_goods_earlier) {
    Fed fed;  // the recorded way fills x at 5; through product p it may have been filled at 2
    fed.add_master(product("p", Tracking::none));
    fed.add(at_hour(transformation("direct", {some("seed", 1)}, {some("x", 1)}), 5));
    fed.add(at_hour(transformation("to p", {some("seed", 1)}, {some("p", 1)}), 1));
    fed.add(at_hour(transformation("from p", {some("p", 1)}, {some("x", 1)}), 2));
    fed.add(at_hour(transformation("early", {some("x", 1)}, {some("early end", 1)}), 3));
    fed.add(at_hour(transformation("late", {some("x", 1)}, {some("late end", 1)}), 6));
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "seed")};
    const TimedTrace found = timed_trace(view, seeds, Direction::forward);
    EXPECT_EQ(items_of(view, found, true), (Names{"seed", "x", "late end"}));
    EXPECT_EQ(items_of(view, found), (Names{"seed", "x", "late end", "p", "early end"}));
    ASSERT_EQ(found.trace.untracked.size(), 1U);
    EXPECT_EQ(view.id(found.trace.untracked.front().product), "p");
}

TEST(TimedTrace, is_cut_at_its_limit_and_says_so) {
    const RefilledTank fed;
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "milk A")};
    TraceOptions options;
    options.items_max = 4;
    EXPECT_FALSE(timed_trace(view, seeds, Direction::forward, options).trace.truncated);
    options.items_max = 3;
    const TimedTrace cut = timed_trace(view, seeds, Direction::forward, options);
    EXPECT_TRUE(cut.trace.truncated);
    EXPECT_EQ(cut.trace.items, 3U);
    EXPECT_GT(cut.trace.seen, cut.trace.nodes.size());
}

TEST(TimedTrace, ends_early_when_it_is_called_off) {
    const RefilledTank fed;
    const View view = fed.index.view();
    const std::vector<Node> seeds{node_of(view, "milk A")};
    const std::atomic<bool> cancel{true};
    TraceOptions options;
    options.cancel = &cancel;
    EXPECT_TRUE(timed_trace(view, seeds, Direction::forward, options).trace.cancelled);
}

// --- the oracle: goods in an item at an hour ---------------------------------------------------------------------------

constexpr int kHours = 72;
constexpr int kGraphs = 10'000;

struct Flow {  // an edge between an hour and another; hours both included
    std::string from;
    std::string to;
    int first;
    int last;
    enum class Kind : unsigned char { consumed, produced, held_since, held } kind;
    bool inferred;
};
using State = std::pair<std::string, int>;  // in the item, at the hour; a production has hour 0

/// Every state that goods can get to, hour by hour.
Names closure(const std::vector<Flow>& flows, const Names& seeds, bool inferred) {
    std::set<State> states;
    std::vector<State> open;
    const auto add = [&](const std::string& name, int hour) {
        if (states.emplace(name, hour).second) open.emplace_back(name, hour);
    };
    for (const std::string& seed : seeds) add(seed, 0);
    while (!open.empty()) {
        const auto [name, hour] = open.back();
        open.pop_back();
        if (name.front() == 'i' && hour + 1 < kHours) add(name, hour + 1);  // it stays where it is
        for (const Flow& flow : flows) {
            if (flow.from != name || (flow.inferred && !inferred)) continue;
            if (flow.kind == Flow::Kind::produced)
                for (int at = flow.first; at <= flow.last; ++at) add(flow.to, at);
            if (flow.kind == Flow::Kind::consumed && flow.first <= hour && hour <= flow.last) add(flow.to, 0);
            if (flow.kind == Flow::Kind::held_since && hour >= flow.first) add(flow.to, hour);
            if (flow.kind == Flow::Kind::held) add(flow.to, hour);
        }
    }
    Names names;
    for (const auto& [name, hour] : states) names.insert(name);
    return names;
}

/// Productions, packing and unpacking, errors declared, edges merged at random moments.
class RandomTimes {
public:
    explicit RandomTimes(std::uint32_t seed) : fed{settings(seed)}, engine_{seed} {
        items_ = 3 + below(6);
        for (int i = 0; i < items_; ++i)
            if (below(2) == 0) {
                fed.add_master(item(fmt::format("i{}", i), ItemKind::serial, ""));
                serials_.insert(fmt::format("i{}", i));
            }
        fed.add_master(product("ip", Tracking::none));
        const int events = 3 + below(14);
        for (int i = 0; i < events; ++i) {
            add_one();
            if (below(5) == 0) fed.index.merge();
        }
    }
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(n)); }
    std::string any() { return below(6) == 0 ? "ip" : fmt::format("i{}", below(items_)); }

    /// What holds as of a position.
    [[nodiscard]] std::vector<Flow> flows(Sequence as_of) const {
        std::vector<Flow> holding;
        for (const Fact& fact : facts_) {
            if (!stands(fact, as_of) || is_undone(fact, as_of)) continue;
            holding.insert(holding.end(), fact.flows.begin(), fact.flows.end());
        }
        return holding;
    }

    Fed fed;

private:
    using Pair = std::pair<std::string, std::string>;
    struct Fact {
        Event event;
        Sequence sequence{0};
        Sequence voided{kNever};
        std::vector<Flow> flows;  // none for unpacking
        Pair pair;                // of packing and unpacking
    };

    static IndexSettings settings(std::uint32_t seed) {
        IndexSettings few_edges;
        few_edges.graph.segment_edges_max = seed % 4 * 8;
        few_edges.merge_in_background = false;
        return few_edges;
    }
    static bool stands(const Fact& fact, Sequence as_of) { return fact.sequence < as_of && fact.voided >= as_of; }
    /// A packing, and later the same pair was parted, or the child, a serial, was put elsewhere or used without what it is in.
    [[nodiscard]] bool is_undone(const Fact& packed, Sequence as_of) const {
        const auto when = [](const Fact& fact) { return std::pair(fact.event.time.instant, fact.sequence); };
        const bool one_thing = serials_.contains(packed.pair.first) && packed.pair.second != "ip";
        return !packed.pair.first.empty() && std::ranges::any_of(facts_, [&](const Fact& fact) {
            if (!stands(fact, as_of) || when(fact) <= when(packed)) return false;
            if (is_unpacking(fact)) return fact.pair == packed.pair;
            if (!one_thing) return false;
            if (!fact.pair.first.empty())
                return fact.pair.first == packed.pair.first && fact.pair.second != packed.pair.second && fact.pair.second != "ip";
            return uses(fact, packed.pair.first) && !uses_around(fact, packed.pair.second, as_of);
        });
    }
    static bool is_unpacking(const Fact& fact) { return fact.flows.empty() && !fact.pair.first.empty(); }
    static bool uses(const Fact& fact, const std::string& name) {
        return std::ranges::any_of(fact.event.inputs, [&](const ItemQuantity& input) { return input.item.str() == name; });
    }
    /// Whether a production uses this unit, or one that it was ever put in.
    [[nodiscard]] bool uses_around(const Fact& production, const std::string& unit, Sequence as_of) const {
        Names around{unit};
        for (std::size_t before = 0; before != around.size();) {
            before = around.size();
            for (const Fact& fact : facts_)
                if (stands(fact, as_of) && !fact.pair.first.empty() && !is_unpacking(fact) && around.contains(fact.pair.first) &&
                    fact.pair.second != "ip")
                    around.insert(fact.pair.second);
        }
        return std::ranges::any_of(around, [&](const std::string& name) { return uses(production, name); });
    }

    void add_one() {
        const int what = below(10);
        if (what < 2)
            pack();
        else if (what < 3)
            unpack();
        else if (what < 4)
            declare_wrong();
        else
            make();
    }
    void record(Event event, std::vector<Flow> flows, Pair pair) {
        event.id = EventId{fmt::format("e{}", facts_.size())};
        const Sequence sequence = fed.add(event);
        facts_.push_back({std::move(event), sequence, kNever, std::move(flows), std::move(pair)});
    }
    Event timed(Event event, int& first, int& last) {
        event = on_day(std::move(event), below(3));
        first = static_cast<int>((event.time.instant.us - (kStart.us - kStart.us % kMicrosPerDay)) / (3600 * kMicrosPerSecond));
        last = first + 23;
        if (below(2) == 0) return event;
        event.time.date_only = false;
        const int hour = below(24);
        event.time.instant.us += std::int64_t{3600} * hour * kMicrosPerSecond;
        first = last = first + hour;
        return event;
    }
    void make() {
        const std::string id = fmt::format("t{}", below(5));
        Event event = transformation(id, {}, {});
        for (int n = below(3); n > 0; --n) event.inputs.push_back(some(any(), 1));
        for (int n = below(3); n > 0; --n) event.outputs.push_back(some(any(), 1));
        int first = 0;
        int last = 0;
        event = timed(std::move(event), first, last);
        std::vector<Flow> flows;
        for (const ItemQuantity& input : event.inputs)
            flows.push_back({input.item.str(), id, first, last, Flow::Kind::consumed, input.item.str() == "ip"});
        for (const ItemQuantity& output : event.outputs)
            flows.push_back({id, output.item.str(), first, last, Flow::Kind::produced, output.item.str() == "ip"});
        record(std::move(event), std::move(flows), {});
    }
    void pack() {
        const Pair pair{any(), any()};
        if (!pairs_.insert(pair).second) return;  // packed once, so that its hour is known to the oracle
        int first = 0;
        int last = 0;
        Event event = timed(packing(Action::add, pair.second, {instance(pair.first)}), first, last);
        const auto kind = serials_.contains(pair.first) ? Flow::Kind::held_since : Flow::Kind::held;
        record(std::move(event), {{pair.first, pair.second, first, last, kind, pair.first == "ip" || pair.second == "ip"}}, pair);
    }
    void unpack() {
        if (pairs_.empty()) return;
        const Pair pair = *std::next(pairs_.begin(), below(static_cast<int>(pairs_.size())));
        int first = 0;
        int last = 0;
        record(timed(packing(Action::remove, pair.second, {instance(pair.first)}), first, last), {}, pair);
    }
    void declare_wrong() {
        if (facts_.empty()) return;
        Fact& fact = facts_[static_cast<std::size_t>(below(static_cast<int>(facts_.size())))];
        fact.voided = std::min(fact.voided, fed.add(declared_wrong(fact.event)));
    }

    std::mt19937 engine_;
    int items_{0};
    Names serials_;
    std::set<Pair> pairs_;
    std::vector<Fact> facts_;
};

Names read_names(const View& view, const Trace& trace, bool certain_alone) {
    Names names;
    for (const Reached& reached : trace.nodes)
        if (reached.certain || !certain_alone) names.emplace(view.id(reached.node));
    return names;
}

/// Who reaches the target, by asking everybody.
Names sources_of(const std::vector<Flow>& flows, const View& view, const std::string& target, bool inferred) {
    Names names;
    for (std::uint32_t node = 0; node < view.node_count(); ++node) {
        const std::string name{view.id(Node{node})};
        if (closure(flows, {name}, inferred).contains(target)) names.insert(name);
    }
    return names;
}

TEST(RandomTimedTrace, equals_every_way_that_the_hours_allow) {
    std::size_t sharper = 0;
    std::size_t large = 0;
    for (std::uint32_t seed = 0; seed < kGraphs; ++seed) {
        SCOPED_TRACE(seed);
        RandomTimes ledger{seed};
        const auto size = static_cast<int>(ledger.fed.entries.size());
        const auto as_of = static_cast<Sequence>(ledger.below(3) == 0 ? size : size / 3 + ledger.below(size - size / 3 + 1));
        const View view = ledger.fed.index.view(as_of);
        const std::vector<Flow> flows = ledger.flows(as_of);
        const std::string name = ledger.any();
        if (node_of(view, name) == Node::none) continue;
        if (name == "ip" && !view.is_untracked(node_of(view, name))) continue;  // no product yet
        const std::vector<Node> seeds{node_of(view, name)};
        for (const Direction direction : {Direction::forward, Direction::back}) {
            const Trace found = timed_trace(view, seeds, direction).trace;
            const bool forward = direction == Direction::forward;
            const auto expected = [&](bool inferred) {
                return forward ? closure(flows, {name}, inferred) : sources_of(flows, view, name, inferred);
            };
            ASSERT_EQ(read_names(view, found, true), expected(false));
            ASSERT_EQ(read_names(view, found, false), expected(true));
            TraceOptions certain_only;
            certain_only.include_inferred = false;
            ASSERT_EQ(read_names(view, timed_trace(view, seeds, direction, certain_only).trace, false), expected(false));
            for (const Reached& reached : found.nodes) ASSERT_EQ(path(found, reached.node).size(), reached.depth + 1U);
            if (found.nodes.size() < trace(view, seeds, direction).nodes.size()) ++sharper;
            if (found.nodes.size() > 5) ++large;
        }
    }
    EXPECT_GT(sharper, 500U);  // the ledgers are not trivial
    EXPECT_GT(large, 500U);
}

}  // namespace
}  // namespace stemma::lineage
