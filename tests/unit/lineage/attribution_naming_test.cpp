// Who is named: small populations made by hand, each with one question.
#include "core/lineage/attribution_naming.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace stemma::lineage {
namespace {

using Has = std::function<bool(std::size_t)>;

struct World {
    Exposures exposures;
    std::vector<std::size_t> failed;
    std::vector<double> p;
    std::vector<double> q;
    std::vector<std::size_t> order;  // rival -> place in the list it was given by
};

/// Rivals in order of p, as name_causes wants them.
World world(std::size_t things, const std::vector<Has>& rivals, const std::vector<std::size_t>& failed) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t r = 0; r < rivals.size(); ++r) {
        Table2x2 table;
        for (std::size_t thing = 0; thing < things; ++thing) {
            const bool bad = std::ranges::find(failed, thing) != failed.end();
            ++(rivals[r](thing) ? (bad ? table.a : table.b) : (bad ? table.c : table.d));
        }
        order.emplace_back(std::exp(fisher_log_p(table)), r);
    }
    std::ranges::sort(order);
    World made{Exposures{things, rivals.size()}, failed, {}, {}, {}};
    for (std::size_t thing = 0; thing < things; ++thing)
        for (std::size_t word = 0; word * 64 < rivals.size(); ++word) {
            std::uint64_t bits = 0;
            for (std::size_t r = word * 64; r < std::min(word * 64 + 64, rivals.size()); ++r)
                if (rivals[order[r].second](thing)) bits |= std::uint64_t{1} << (r % 64);
            made.exposures.set(thing, word, bits);
        }
    for (const auto& [p, place] : order) {
        made.p.push_back(p);
        made.order.push_back(place);
    }
    made.q = benjamini_hochberg(made.p, made.p.size());
    return made;
}

/// Named rivals, by their places in the list given.
std::vector<std::size_t> named(const World& world, double alpha = 0.05, std::uint64_t failed_min = 3) {
    std::vector<std::size_t> places;
    for (const std::size_t rival : name_causes(world.exposures, world.failed, world.p, world.q, {alpha, failed_min, world.p.size()}).named)
        places.push_back(world.order[rival]);
    return places;
}

Has between(std::size_t first, std::size_t last) {
    return [=](std::size_t thing) { return thing >= first && thing < last; };
}
std::vector<std::size_t> every(std::size_t first, std::size_t last, std::size_t step) {
    std::vector<std::size_t> all;
    for (std::size_t i = first; i < last; i += step) all.push_back(i);
    return all;
}

TEST(Naming, ends_when_the_time_is_over) {
    const World one = world(1000, {between(0, 50), between(0, 300)}, every(0, 50, 5));
    const std::atomic<bool> over{true};
    const Naming none = name_causes(one.exposures, one.failed, one.p, one.q, {0.05, 3, one.p.size(), &over});
    EXPECT_TRUE(none.beside.empty());
}

TEST(Naming, names_the_lot_and_not_the_supplier_around_it) {
    const World one = world(1000, {between(0, 50), between(0, 300)}, every(0, 50, 5));
    EXPECT_LE(one.q[1], 0.05);  // the supplier alone would be
    EXPECT_EQ(named(one), (std::vector<std::size_t>{0}));
    const Naming naming = name_causes(one.exposures, one.failed, one.p, one.q, {0.05, 3, 2});
    EXPECT_EQ(naming.explained_by, (std::vector<std::size_t>{kNobody, 0}));
    EXPECT_EQ(naming.beside[1].rest, (Table2x2{0, 250, 0, 700}));
    EXPECT_EQ(naming.beside[1].p, 1);
}

TEST(Naming, names_the_supplier_too_when_its_other_lots_fail) {
    std::vector<std::size_t> failed = every(0, 50, 2);
    for (const std::size_t more : every(50, 300, 10)) failed.push_back(more);
    EXPECT_EQ(named(world(1000, {between(0, 50), between(0, 300)}, failed)).size(), 2U);
}

TEST(Naming, names_the_supplier_and_none_of_its_lots_when_all_are_alike) {
    const std::vector<Has> rivals{between(0, 300), between(0, 100), between(100, 200), between(200, 300)};
    EXPECT_EQ(named(world(1000, rivals, every(0, 300, 10))), (std::vector<std::size_t>{0}));
}

TEST(Naming, names_two_causes_apart) {
    std::vector<std::size_t> failed = every(0, 50, 5);
    for (const std::size_t more : every(500, 560, 6)) failed.push_back(more);
    std::vector<std::size_t> both = named(world(1000, {between(0, 50), between(500, 560), between(40, 700)}, failed));
    std::ranges::sort(both);
    EXPECT_EQ(both, (std::vector<std::size_t>{0, 1}));
}

TEST(Naming, needs_the_least_number_of_failed) {
    const World few = world(10'000, {between(0, 10)}, {1, 2, 3, 4'000});
    EXPECT_EQ(named(few, 0.05, 3).size(), 1U);
    EXPECT_TRUE(named(few, 0.05, 4).empty());
}

TEST(Naming, drops_what_those_named_after_it_make_superfluous) {
    // Two bad lots, and a day that holds both and more: the day goes first, then the lots explain all of it.
    std::vector<std::size_t> failed = every(0, 400, 5);
    for (const std::size_t more : every(600, 1000, 5)) failed.push_back(more);
    const Has day = [](std::size_t thing) { return thing < 400 || (thing >= 600 && thing < 1500); };
    const World made = world(10'000, {between(0, 400), between(600, 1000), day}, failed);
    EXPECT_EQ(made.order.front(), 2U);
    std::vector<std::size_t> found = named(made);
    std::ranges::sort(found);
    EXPECT_EQ(found, (std::vector<std::size_t>{0, 1}));
}

TEST(Naming, names_nobody_without_rivals_and_at_most_kNamedMax) {
    EXPECT_TRUE(named(world(10, {}, {1, 2, 3})).empty());
    std::vector<Has> rivals;
    std::vector<std::size_t> failed;
    for (std::size_t i = 0; i < kNamedMax + 2; ++i) {
        rivals.push_back(between(i * 100, i * 100 + 20));
        for (const std::size_t bad : every(i * 100, i * 100 + 20, 2)) failed.push_back(bad);
    }
    EXPECT_EQ(named(world(20'000, rivals, failed)).size(), kNamedMax);
    rivals.resize(kNamedMax);
    EXPECT_EQ(named(world(20'000, rivals, failed)).size(), kNamedMax);
}

}  // namespace
}  // namespace stemma::lineage
