// The benchmarks' own correctness: the plant is the same each time, and every contender gives the same items. No times.
#include <gtest/gtest.h>

#include <set>

#include "tests/bench/feed.hpp"
#include "tests/bench/postgres.hpp"
#include "tests/bench/seeds.hpp"
#include "tests/support/postgres.hpp"

namespace stemma::bench {
namespace {

const test::SupplyChainOptions kSmall{10'000, 7};

TEST(SupplyChain, is_the_same_for_the_same_seed_and_another_for_another) {
    const auto digest = [](std::uint64_t seed) {
        std::uint64_t sum = 0;
        test::run_supply_chain({10'000, seed}, [&](const test::Step& step) {
            for (const auto parts : {step.inputs, step.outputs})
                for (const test::Part& part : parts)
                    sum = sum * 31 + part.item + static_cast<std::uint64_t>(step.time_us) + static_cast<std::uint64_t>(part.micros);
        });
        return sum;
    };
    EXPECT_EQ(digest(1), digest(1));
    EXPECT_NE(digest(1), digest(2));
}

TEST(SupplyChain, numbers_items_densely_and_counts_what_it_gave) {
    std::set<std::uint32_t> items;
    std::uint64_t links = 0;
    std::uint64_t steps = 0;
    std::int64_t time = 0;
    const auto totals = test::run_supply_chain(kSmall, [&](const test::Step& step) {
        EXPECT_EQ(step.number, steps++);
        EXPECT_GE(step.time_us, time);
        time = step.time_us;
        for (const auto parts : {step.inputs, step.outputs})
            for (const test::Part& part : parts) items.insert(part.item);
        links += step.inputs.size() * step.outputs.size();
    });
    EXPECT_EQ(totals.links, links);
    EXPECT_EQ(totals.steps, steps);
    EXPECT_GE(totals.links, kSmall.links);
    EXPECT_EQ(totals.items, items.size());
    EXPECT_EQ(*items.rbegin() + 1, items.size());
}

TEST(SupplyChain, names_have_27_characters_and_give_the_number_back) {
    EXPECT_EQ(test::item_name(17), "urn:sn:ST-2026-000000000017");
    for (const std::uint32_t item : {0U, 9U, 10U, 4'294'967'295U}) {
        EXPECT_EQ(test::item_name(item).size(), test::kItemNameBytes);
        EXPECT_EQ(test::item_number(test::item_name(item)), item);
    }
}

/// An oracle of its own, over a set of pairs: each link once, from item to item.
std::set<std::uint32_t> reached(const std::set<std::pair<std::uint32_t, std::uint32_t>>& links, std::uint32_t seed) {
    std::set<std::uint32_t> found{seed};
    for (std::vector<std::uint32_t> open{seed}; !open.empty();) {
        const std::uint32_t item = open.back();
        open.pop_back();
        for (auto link = links.lower_bound({item, 0}); link != links.end() && link->first == item; ++link)
            if (found.insert(link->second).second) open.push_back(link->second);
    }
    return found;
}

TEST(Contenders, give_the_same_items_as_each_other_and_as_the_links_themselves) {
    const Graph graph = make_graph(kSmall);
    lineage::Index index;
    const auto totals = fill(index, kSmall);
    EXPECT_EQ(index.counts().items, totals.items);
    EXPECT_EQ(index.counts().transformations, totals.transformations);
    std::vector<std::unique_ptr<Tracer>> tracers;
    tracers.push_back(bare_walk(graph, false));
    tracers.push_back(bare_walk(graph, true));
    for (auto& tracer : stemma_traces(index, graph)) tracers.push_back(std::move(tracer));
    tracers.push_back(sqlite_cte(graph));
    std::unique_ptr<test::Postgres> server;
    if (test::Postgres::installed()) {
        auto started = test::Postgres::start();
        ASSERT_TRUE(started) << started.error().text();
        server = *std::move(started);
        tracers.push_back(postgres_cte(graph, libpq_form(server->connection())));
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> forward;
    std::set<std::pair<std::uint32_t, std::uint32_t>> back;
    test::run_supply_chain(kSmall, [&](const test::Step& step) {
        for (const test::Part& input : step.inputs)
            for (const test::Part& output : step.outputs) {
                forward.emplace(input.item, output.item);
                back.emplace(output.item, input.item);
            }
    });
    for (const TraceCase& wanted : trace_cases(graph)) {
        EXPECT_NO_THROW(check_equal(tracers, wanted));
        for (const std::uint32_t seed : wanted.seeds) {
            tracers.front()->run(seed, wanted.way);
            const auto items = tracers.front()->items();
            EXPECT_EQ(std::set(items.begin(), items.end()), reached(wanted.way == Way::forward ? forward : back, seed));
        }
    }
}

/// Answers all but the last item.
class Forgetful final : public Tracer {
public:
    explicit Forgetful(std::unique_ptr<Tracer> real) : real_{std::move(real)} {}
    [[nodiscard]] std::string name() const override { return "forgetful"; }
    void run(std::uint32_t seed, Way way) override { real_->run(seed, way); }
    [[nodiscard]] std::vector<std::uint32_t> items() const override {
        auto items = real_->items();
        items.pop_back();
        return items;
    }

private:
    std::unique_ptr<Tracer> real_;
};

TEST(Contenders, one_that_leaves_an_item_out_is_an_error) {
    const Graph graph = make_graph(kSmall);
    std::vector<std::unique_ptr<Tracer>> tracers;
    tracers.push_back(bare_walk(graph, true));
    tracers.push_back(std::make_unique<Forgetful>(bare_walk(graph, true)));
    EXPECT_THROW(check_equal(tracers, trace_cases(graph).front()), std::runtime_error);
}

}  // namespace
}  // namespace stemma::bench
