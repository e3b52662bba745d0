// Traces against a brute-force oracle on random ledgers: plain structs and sets, edges rebuilt from the entries for every question,
// distances by relaxing all edges until nothing changes. The oracle knows nothing of the index, whose deltas are merged at random
// moments into segments of a few edges, so that every question goes through all kinds of layers.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/lineage/reach.hpp"
#include "core/lineage/trace.hpp"
#include "tests/unit/lineage/builders.hpp"
#include "tests/unit/lineage/random_ledger.hpp"

namespace stemma::lineage {
namespace {

constexpr int kGraphs = 10'000;

// --- the oracle ------------------------------------------------------------------------------------------------------

struct PlainEdge {
    std::string from;  // "i:..." or "t:..."
    std::string to;
    bool inferred;
    auto operator<=>(const PlainEdge&) const = default;
};

struct Graph {
    std::set<PlainEdge> edges;
    std::set<std::string> nodes;
    std::set<std::string> untracked;
};

using Standing = std::vector<std::pair<Sequence, Event>>;

Standing standing_events(const std::vector<Entry>& entries, Sequence as_of) {
    Standing standing;
    for (Sequence sequence = 0; sequence < as_of; ++sequence) {
        const auto* event = std::get_if<Event>(&entries[sequence].body);
        if (event == nullptr) continue;
        const auto same_id = [&](const auto& other) { return !event->id.empty() && other.second.id == event->id; };
        if (event->error)
            std::erase_if(standing, same_id);
        else if (std::ranges::none_of(standing, same_id))
            standing.emplace_back(sequence, *event);
    }
    return standing;
}

using Pair = std::tuple<EventType, std::string, std::string>;  // how, child, parent

bool bonds(const Event& event) {
    return (event.type == EventType::aggregation || event.type == EventType::association) && event.action != Action::observe;
}

bool lists(const std::vector<ItemQuantity>& items, const std::string& id) {
    return std::ranges::any_of(items, [&](const ItemQuantity& item) { return item.item.str() == id; });
}

/// Uses it up, delivers it, sends it back, writes it off, or it comes back. The random ledger says these in four ways.
bool takes_away(const Event& event, const std::string& id) {
    if (event.type == EventType::transformation) return lists(event.inputs, id);
    const bool out = event.biz_step == "shipping" || event.biz_step == "destroying" ||
                     (event.biz_step == "receiving" && event.disposition == "returned");
    return !bonds(event) && out && lists(event.items, id);
}

/// All that happened, replayed in order of time: who is in what at the end.
class Replay {
public:
    Replay(const Standing& standing, std::map<std::string, ItemKind> kinds, std::set<std::string> untracked)
        : kinds_{std::move(kinds)}, untracked_{std::move(untracked)} {
        std::vector<std::tuple<std::int64_t, Sequence, const Event*>> order;
        for (const auto& [sequence, event] : standing) {
            order.emplace_back(event.time.instant.us, sequence, &event);
            if (!bonds(event) || event.action != Action::add) continue;
            for (const ItemQuantity& item : event.items) put_in_[item.item.str()].insert(event.parent.str());
        }
        std::ranges::sort(order);
        for (const auto& [time, sequence, event] : order) take_in(*event);
    }

    [[nodiscard]] bool is_inside(const Pair& pair) const {
        const auto& [how, child, parent] = pair;
        if (is_thing(child) && is_unit(parent)) {
            const auto unit = unit_of_.find(child);
            return unit != unit_of_.end() && unit->second.second == parent;
        }
        const auto goods = inside_.find(pair);
        return goods != inside_.end() &&
               (goods->second.all || std::ranges::any_of(goods->second.amounts, [](const auto& one) { return one.second > 0; }));
    }

private:
    struct Goods {
        bool all{false};  // packed without an amount
        std::map<std::string, std::int64_t> amounts;
    };

    [[nodiscard]] bool is_thing(const std::string& id) const {
        const auto kind = kinds_.find(id);
        return kind != kinds_.end() && kind->second != ItemKind::lot;
    }
    [[nodiscard]] bool is_unit(const std::string& id) const {
        return is_thing(id) || (!kinds_.contains(id) && !untracked_.contains("i:" + id));
    }

    void take_in(const Event& event) {
        if (bonds(event)) return event.action == Action::add ? pack(event) : unpack(event);
        for (auto unit = unit_of_.begin(); unit != unit_of_.end();)
            unit = takes_away(event, unit->first) && !takes_around(event, unit->second.second) ? unit_of_.erase(unit) : std::next(unit);
    }
    /// The unit, or something it was ever put in.
    [[nodiscard]] bool takes_around(const Event& event, const std::string& unit) const {
        std::set<std::string> around;
        const auto look = [&](const auto& self, const std::string& id) -> bool {
            if (!around.insert(id).second) return false;
            if (takes_away(event, id)) return true;
            const auto in = put_in_.find(id);
            return in != put_in_.end() &&
                   std::ranges::any_of(in->second, [&](const auto& next) { return is_unit(next) && self(self, next); });
        };
        return look(look, unit);
    }
    void pack(const Event& event) {
        for (const ItemQuantity& item : event.items) {
            if (is_unit(event.parent.str())) unit_of_[item.item.str()] = {event.type, event.parent.str()};
            Goods& goods = inside_[{event.type, item.item.str(), event.parent.str()}];
            if (item.quantity)
                goods.amounts[item.quantity->unit] += item.quantity->micros;
            else
                goods = {true, {}};
        }
    }
    void unpack(const Event& event) {
        for (auto unit = unit_of_.begin(); unit != unit_of_.end();) {
            const bool named = event.items.empty() ? unit->second.first == event.type : lists(event.items, unit->first);
            const bool out = unit->second.second == event.parent.str() && named;
            unit = out ? unit_of_.erase(unit) : std::next(unit);
        }
        for (auto& [pair, goods] : inside_) {
            if (std::get<2>(pair) != event.parent.str()) continue;
            if (event.items.empty() && std::get<0>(pair) == event.type) goods = {};
            for (const ItemQuantity& item : event.items) {
                if (item.item.str() != std::get<1>(pair)) continue;
                if (!item.quantity) goods = {};
                if (!item.quantity) continue;
                std::int64_t& there = goods.amounts[item.quantity->unit];
                there = std::max(there - item.quantity->micros, std::int64_t{0});
            }
        }
    }

    std::map<std::string, ItemKind> kinds_;
    std::set<std::string> untracked_;
    std::map<std::string, std::set<std::string>> put_in_;
    std::map<std::string, std::pair<EventType, std::string>> unit_of_;
    std::map<Pair, Goods> inside_;
};

Graph graph_of(const std::vector<Entry>& entries, Sequence as_of) {
    Graph graph;
    std::set<std::string> products;
    std::set<std::string> items;
    std::map<std::string, ItemKind> kinds;
    for (Sequence sequence = 0; sequence < as_of; ++sequence)
        if (const auto* master = std::get_if<Master>(&entries[sequence].body)) {
            if (const auto* record = std::get_if<Product>(master)) products.insert("i:" + record->id.str());
            if (const auto* record = std::get_if<Item>(master)) {
                items.insert("i:" + record->id.str());
                kinds[record->id.str()] = record->kind;
            }
        }
    std::ranges::set_difference(products, items, std::inserter(graph.untracked, graph.untracked.end()));

    std::set<Pair> pairs;
    const auto join = [&](const std::string& from, const std::string& to) {
        graph.edges.insert({from, to, graph.untracked.contains(from) || graph.untracked.contains(to)});
    };
    const Standing standing = standing_events(entries, as_of);
    for (const auto& [sequence, event] : standing) {
        const std::string own = event.transformation.empty() ? event.id.str() : event.transformation.str();
        const std::string transformation = "t:" + (own.empty() ? fmt::format("urn:stemma:entry:{}", sequence) : own);
        for (const ItemQuantity& input : event.inputs) join("i:" + input.item.str(), transformation);
        for (const ItemQuantity& output : event.outputs) join(transformation, "i:" + output.item.str());
        if (event.type == EventType::aggregation || event.type == EventType::association)
            for (const ItemQuantity& item : event.items) pairs.emplace(event.type, item.item.str(), event.parent.str());
    }
    const Replay replay{standing, std::move(kinds), graph.untracked};
    for (const Pair& pair : pairs)
        if (replay.is_inside(pair)) join("i:" + std::get<1>(pair), "i:" + std::get<2>(pair));
    for (const PlainEdge& edge : graph.edges) graph.nodes.insert({edge.from, edge.to});
    return graph;
}

struct Answer {
    std::map<std::string, std::uint32_t> certain;  // node -> depth
    std::map<std::string, std::uint32_t> possible;
    std::set<std::tuple<std::string, std::string, bool>> untracked;
};

Answer answer_of(const Graph& graph, const std::set<std::string>& seeds, Direction direction, bool include_inferred) {
    Answer answer;
    for (const std::string& seed : seeds) answer.certain[seed] = 0;
    const auto relax = [&](std::map<std::string, std::uint32_t>& into, bool inferred_too) {
        for (bool changed = true; changed;) {
            changed = false;
            for (const PlainEdge& edge : graph.edges) {
                const std::string& here = direction == Direction::forward ? edge.from : edge.to;
                const std::string& there = direction == Direction::forward ? edge.to : edge.from;
                if (edge.inferred && !inferred_too) continue;
                if (&into == &answer.possible && answer.certain.contains(there)) continue;
                const auto certain = answer.certain.find(here);
                const auto possible = answer.possible.find(here);
                if (certain == answer.certain.end() && possible == answer.possible.end()) continue;
                const std::uint32_t depth = (certain != answer.certain.end() ? certain->second : possible->second) + 1;
                const auto known = into.find(there);
                if (known != into.end() && known->second <= depth) continue;
                into[there] = depth;
                changed = true;
            }
        }
    };
    relax(answer.certain, false);
    if (include_inferred) relax(answer.possible, true);
    for (const PlainEdge& edge : graph.edges) {
        const std::string& here = direction == Direction::forward ? edge.from : edge.to;
        const std::string& there = direction == Direction::forward ? edge.to : edge.from;
        if (here.front() != 't' || !graph.untracked.contains(there)) continue;
        if (answer.certain.contains(here)) answer.untracked.emplace(here, there, true);
        if (answer.possible.contains(here)) answer.untracked.emplace(here, there, false);
    }
    return answer;
}

// --- comparison ------------------------------------------------------------------------------------------------------

std::string name_of(const View& view, Node node) { return (view.is_transformation(node) ? "t:" : "i:") + std::string{view.id(node)}; }

Answer read_answer(const View& view, const Trace& trace) {
    Answer answer;
    for (const Reached& reached : trace.nodes)
        (reached.certain ? answer.certain : answer.possible)[name_of(view, reached.node)] = reached.depth;
    for (const UntrackedMet& met : trace.untracked)
        answer.untracked.emplace(name_of(view, met.transformation), name_of(view, met.product), met.certain);
    return answer;
}

void check_paths(const View& view, const Graph& graph, const Trace& trace) {
    for (const Reached& reached : trace.nodes) {
        const std::vector<Reached> steps = path(trace, reached.node);
        ASSERT_EQ(steps.size(), reached.depth + 1U);
        ASSERT_EQ(steps.front().depth, 0U);
        for (std::size_t i = 1; i < steps.size(); ++i) {
            const Edge edge = view.edge(steps[i].edge);
            const bool forward = trace.direction == Direction::forward;
            ASSERT_EQ(forward ? edge.from : edge.to, steps[i - 1].node);
            ASSERT_EQ(forward ? edge.to : edge.from, steps[i].node);
            const bool inferred = edge.confidence == Confidence::inferred;
            ASSERT_TRUE(graph.edges.contains({name_of(view, edge.from), name_of(view, edge.to), inferred}));
            ASSERT_FALSE(reached.certain && inferred);
        }
    }
}

void check_order(const Trace& trace) {
    for (std::size_t i = 1; i < trace.nodes.size(); ++i) {
        if (i == trace.certain) continue;
        ASSERT_LE(trace.nodes[i - 1].depth, trace.nodes[i].depth);
    }
    for (std::size_t i = 0; i < trace.nodes.size(); ++i) ASSERT_EQ(trace.nodes[i].certain, i < trace.certain);
    ASSERT_EQ(trace.seen, trace.nodes.size());
    ASSERT_EQ(trace.items + trace.transformations, trace.nodes.size());
}

std::vector<std::string> order_of(const View& view, const Trace& trace) {
    std::vector<std::string> order;
    order.reserve(trace.nodes.size());
    for (const Reached& reached : trace.nodes) order.push_back(name_of(view, reached.node));
    return order;
}

/// The walk without paths says the same, in the same order.
void check_reach(const View& view, const std::vector<Node>& seeds, const Trace& trace, const TraceOptions& options) {
    const Reach found = reach(view, seeds, trace.direction, options);
    ASSERT_EQ(found.nodes().size(), trace.nodes.size());
    for (std::size_t i = 0; i < trace.nodes.size(); ++i) {
        ASSERT_EQ(found.nodes()[i], trace.nodes[i].node);
        ASSERT_EQ(found.depth(i), trace.nodes[i].depth);
    }
    ASSERT_EQ(found.certain(), trace.certain);
    ASSERT_EQ(found.items(), trace.items);
    ASSERT_EQ(found.transformations(), trace.transformations);
    ASSERT_EQ(found.truncated(), trace.truncated);
    ASSERT_EQ(found.seen(), trace.seen);
    std::map<NodeKind, std::pair<std::size_t, std::size_t>> kinds;  // all, certain
    for (const Reached& reached : trace.nodes) {
        auto& [all, certain] = kinds[view.kind(reached.node)];
        ++all;
        if (reached.certain) ++certain;
    }
    const std::vector<KindCount> counted = count_kinds(view, found);
    ASSERT_EQ(counted.size(), kinds.size());
    for (const KindCount& count : counted) ASSERT_EQ(kinds[count.kind], std::pair(count.nodes, count.certain));
    ASSERT_EQ(found.untracked().size(), trace.untracked.size());
    for (std::size_t i = 0; i < trace.untracked.size(); ++i) {
        ASSERT_EQ(found.untracked()[i].transformation, trace.untracked[i].transformation);
        ASSERT_EQ(found.untracked()[i].product, trace.untracked[i].product);
        ASSERT_EQ(found.untracked()[i].certain, trace.untracked[i].certain);
    }
}

/// One question to the view and to the oracle. Returns the order of the answer.
std::vector<std::string> ask(const View& view, const Graph& graph, const std::set<std::string>& seeds, Direction direction, bool inferred) {
    std::vector<Node> nodes;
    std::set<std::string> known;
    for (const std::string& seed : seeds) {
        nodes.push_back(node_of(view, seed));
        if (nodes.back() != Node::none) known.insert("i:" + seed);
    }
    TraceOptions options;
    options.include_inferred = inferred;
    const Trace found = trace(view, nodes, direction, options);
    const Answer expected = answer_of(graph, known, direction, inferred);
    const Answer actual = read_answer(view, found);
    EXPECT_EQ(actual.certain, expected.certain);
    EXPECT_EQ(actual.possible, expected.possible);
    EXPECT_EQ(actual.untracked, expected.untracked);
    check_order(found);
    check_paths(view, graph, found);
    check_reach(view, nodes, found, options);
    return order_of(view, found);
}

TEST(RandomTrace, equals_the_closure_by_brute_force_at_every_kind_of_position) {
    std::size_t certain_and_possible = 0;
    for (std::uint32_t seed = 0; seed < kGraphs; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger ledger{seed};
        const auto entries = static_cast<int>(ledger.fed.entries.size());
        for (const int as_of : {entries, ledger.dice().below(entries + 1), ledger.dice().below(entries + 1)}) {
            const auto position = static_cast<Sequence>(as_of);
            const Graph graph = graph_of(ledger.fed.entries, position);
            Index prefix;  // an as-of view is what an index of the entries below it shows, order included
            for (Sequence i = 0; i < position; ++i) prefix.apply(i, ledger.fed.entries[i]);
            std::set<std::string> seeds{ledger.any_item()};
            if (ledger.dice().one_in(3)) seeds.insert(ledger.any_item());
            for (const Direction direction : {Direction::forward, Direction::back})
                for (const bool inferred : {true, false}) {
                    std::vector<std::string> order;
                    {
                        const View view = ledger.fed.index.view(position);
                        order = ask(view, graph, seeds, direction, inferred);
                    }
                    ASSERT_EQ(order, ask(prefix.view(), graph, seeds, direction, inferred));
                    if (inferred && order.size() > 4) ++certain_and_possible;
                }
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(certain_and_possible, 12'000U);  // the ledgers are not trivial
}

TEST(RandomTrace, under_a_limit_is_the_beginning_of_the_whole_answer) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        RandomLedger ledger{seed};
        const View view = ledger.fed.index.view();
        const std::vector<Node> seeds{node_of(view, ledger.any_item())};
        const Trace whole = trace(view, seeds, Direction::forward);
        const std::vector<std::string> order = order_of(view, whole);
        const std::size_t enough = std::max(whole.items, whole.transformations);
        for (std::size_t limit = 0; limit <= enough; ++limit) {
            std::size_t items = 0;
            std::size_t transformations = 0;
            std::ptrdiff_t kept = 0;  // up to the first item or transformation that is one too many
            for (const Reached& reached : whole.nodes) {
                if (++(view.is_transformation(reached.node) ? transformations : items) > limit) break;
                ++kept;
            }
            TraceOptions options;
            options.items_max = limit;
            const Trace cut = trace(view, seeds, Direction::forward, options);
            ASSERT_EQ(cut.truncated, limit < enough);
            ASSERT_EQ(order_of(view, cut), std::vector<std::string>(order.begin(), order.begin() + kept));
            ASSERT_LE(cut.items, limit);
            ASSERT_EQ(cut.items + cut.transformations, cut.nodes.size());
            ASSERT_LE(cut.seen, whole.seen);
            ASSERT_TRUE(!cut.truncated || cut.seen > cut.nodes.size());
            check_reach(view, seeds, cut, options);
            if (HasFatalFailure()) return;
        }
    }
}

/// A lot that goes into thousands of orders, whose products are packed: more than a walk does between two looks at its limits. Merged
/// after half of it and after four fifths, or not at all.
struct Wide {
    Wide(std::size_t segment_edges, bool merged) : fed{small_segments(segment_edges)} {
        for (int i = 0; i < kOrders; ++i) {
            if (merged && (i == kOrders / 2 || i == kOrders * 4 / 5)) fed.index.merge();
            const std::string lot = dice.one_in(3) ? "urn:lot" : fmt::format("urn:part:{}", dice.below(i + 1));
            Event order = transformation(fmt::format("urn:order:{}", i), {instance(lot), instance("urn:lot")},
                                         {instance(fmt::format("urn:part:{}", i)), instance(fmt::format("urn:rest:{}", i / 7))});
            order.id = EventId{fmt::format("urn:e:{}", i)};
            fed.add(order);
            if (dice.one_in(5)) fed.add(packing(Action::add, fmt::format("urn:box:{}", i / 20), {instance(fmt::format("urn:part:{}", i))}));
            if (dice.one_in(400)) fed.add(declared_wrong(order));
        }
    }
    static constexpr int kOrders = 3000;
    Dice dice{7};
    Fed fed;
};

TEST(RandomTrace, of_thousands_of_nodes_says_the_same_with_paths_and_without_in_any_layers_and_at_any_limit) {
    const std::vector<std::pair<std::size_t, bool>> layers{{0, false}, {1'000'000, true}, {2000, true}};
    for (const auto& [segment_edges, merged] : layers) {
        const Wide wide{segment_edges, merged};
        for (const Sequence as_of : {Sequence{1200}, Sequence{2800}, kLatest}) {
            const View view = wide.fed.index.view(as_of);
            const std::vector<Node> seeds{node_of(view, "urn:lot"), node_of(view, "urn:part:3")};
            for (const std::size_t limit : {0UL, 1UL, 900UL, 1023UL, 1024UL, 1025UL, 2047UL, 2600UL, 1'000'000UL}) {
                SCOPED_TRACE(fmt::format("{} edges, as of {}, {} items", segment_edges, as_of, limit));
                TraceOptions options;
                options.items_max = limit;
                const Trace found = trace(view, seeds, Direction::forward, options);
                check_reach(view, seeds, found, options);
                if (limit == 1'000'000 && as_of == kLatest) {
                    ASSERT_GT(found.nodes.size(), 6000U);
                }
            }
            for (const char* last : {"urn:box:50", "urn:rest:200", "urn:part:1100"}) {
                const std::vector<Node> end{node_of(view, last)};
                check_reach(view, end, trace(view, end, Direction::back), {});
            }
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace stemma::lineage
