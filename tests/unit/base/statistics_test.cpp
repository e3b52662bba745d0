// Expected values are published ones, exact fractions worked out in Python (fractions.Fraction over math.comb), or come from an oracle
// that counts all tables in whole numbers.
#include "core/base/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace stemma {
namespace {

/// C(n, k) by Pascal's triangle, exact below 2^64.
std::uint64_t choose(std::uint64_t n, std::uint64_t k) {
    static const auto triangle = [] {
        std::array<std::array<std::uint64_t, 63>, 63> rows{};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i][0] = 1;
            for (std::size_t j = 1; j <= i; ++j) rows[i][j] = rows[i - 1][j - 1] + (j < i ? rows[i - 1][j] : 0);
        }
        return rows;
    }();
    return k > n ? 0 : triangle[n][k];
}

/// Tables with the same sums and at least `a` failed and exposed, and all tables with these sums.
struct Counted {
    std::vector<std::uint64_t> ways;  ///< per value of X
};
Counted count_tables(const Table2x2& table) {
    Counted counted;
    for (std::uint64_t x = 0; x <= table.failed(); ++x)
        counted.ways.push_back(x > table.exposed() ? 0 : choose(table.failed(), x) * choose(table.b + table.d, table.exposed() - x));
    return counted;
}

double oracle(const std::vector<Table2x2>& strata) {
    std::vector<long double> sum{1};
    std::uint64_t seen = 0;
    long double all = 1;
    for (const Table2x2& table : strata) {
        const Counted counted = count_tables(table);
        std::vector<long double> next(sum.size() + counted.ways.size(), 0);
        for (std::size_t i = 0; i < sum.size(); ++i)
            for (std::size_t x = 0; x < counted.ways.size(); ++x) next[i + x] += sum[i] * static_cast<long double>(counted.ways[x]);
        sum = std::move(next);
        all *= static_cast<long double>(choose(table.total(), table.exposed()));
        seen += table.a;
    }
    long double tail = 0;
    for (std::size_t i = seen; i < sum.size(); ++i) tail += sum[i];
    return static_cast<double>(tail / all);
}

TEST(Fisher, gives_the_published_answer_for_the_lady_tasting_tea) {
    EXPECT_NEAR(std::exp(fisher_log_p({3, 1, 1, 3})), 17.0 / 70, 1e-15);
    EXPECT_NEAR(std::exp(fisher_log_p({4, 0, 0, 4})), 1.0 / 70, 1e-15);
}

TEST(Fisher, gives_the_exact_fraction_for_large_populations) {
    const auto near = [](const Table2x2& table, double ln) { EXPECT_NEAR(fisher_log_p(table), ln, 1e-9); };
    near({25, 1817, 0, 58158}, -87.245908299814431);
    near({23, 1819, 2, 58156}, -74.609233715610998);
    near({10, 11990, 15, 47985}, -4.056397993918393);
    near({5, 11995, 20, 47980}, -0.545834050047538);
    near({2, 1840, 23, 58135}, -1.724755410405539);
    near({40, 99960, 60, 1899940}, -58.042740776185383);
    near({300, 20000, 9700, 1970000}, -132.962483360351655);
}

TEST(Fisher, keeps_what_is_far_below_the_smallest_double) { EXPECT_NEAR(fisher_log_p({1000, 0, 0, 59000}), -5081.600046918184489, 1e-9); }

TEST(Fisher, is_one_where_no_table_has_fewer) {
    EXPECT_EQ(fisher_log_p({0, 5, 3, 7}), 0);
    EXPECT_EQ(fisher_log_p({3, 7, 0, 0}), 0);  // all exposed
    EXPECT_EQ(fisher_log_p({0, 0, 3, 7}), 0);  // none exposed
    EXPECT_EQ(fisher_log_p({4, 0, 6, 0}), 0);  // all failed
    EXPECT_EQ(fisher_log_p({}), 0);
}

TEST(Fisher, equals_the_count_of_all_tables_for_every_small_table) {
    for (std::uint64_t a = 0; a <= 6; ++a)
        for (std::uint64_t b = 0; b <= 6; ++b)
            for (std::uint64_t c = 0; c <= 6; ++c)
                for (std::uint64_t d = 0; d <= 6; ++d) {
                    const Table2x2 table{a, b, c, d};
                    ASSERT_NEAR(std::exp(fisher_log_p(table)), oracle({table}), 1e-13) << a << ' ' << b << ' ' << c << ' ' << d;
                }
}

TEST(Fisher, equals_the_count_of_all_tables_for_random_tables) {
    std::mt19937_64 random{1935};
    for (int round = 0; round < 2000; ++round) {
        const Table2x2 table{random() % 16, random() % 16, random() % 16, random() % 16};
        const double expected = oracle({table});
        ASSERT_NEAR(std::exp(fisher_log_p(table)) / expected, 1, 1e-12);
    }
}

TEST(Stratified, gives_the_exact_fractions) {
    EXPECT_NEAR(std::exp(stratified_log_p(std::vector<Table2x2>{{3, 1, 1, 3}, {2, 2, 1, 5}})), 221.0 / 2100, 1e-15);
    EXPECT_NEAR(std::exp(stratified_log_p(std::vector<Table2x2>{{10, 290, 15, 1527}, {0, 500, 2, 57656}})), 3.906109148813213e-03, 1e-14);
}

TEST(Stratified, learns_nothing_where_all_or_none_are_exposed) {
    // A supplier beside its own lot: whoever has the lot has the supplier. What is left is the rest.
    const std::vector<Table2x2> strata{{23, 1819, 0, 0}, {1, 8000, 1, 50156}};
    EXPECT_NEAR(std::exp(stratified_log_p(strata)), 2.562225836916003e-01, 1e-12);
    EXPECT_NEAR(stratified_log_p(strata), fisher_log_p(strata.back()), 1e-12);
    EXPECT_EQ(stratified_log_p(std::vector<Table2x2>{{0, 0, 9, 9}}), 0);
    EXPECT_EQ(stratified_log_p({}), 0);
}

TEST(Stratified, equals_the_count_of_all_tables_for_random_strata) {
    std::mt19937_64 random{1959};
    for (int round = 0; round < 1000; ++round) {
        std::vector<Table2x2> strata(1 + random() % 4);
        for (Table2x2& table : strata) table = {random() % 8, random() % 8, random() % 8, random() % 8};
        const double expected = oracle(strata);
        ASSERT_NEAR(std::exp(stratified_log_p(strata)) / expected, 1, 1e-12);
    }
}

TEST(RiskRatio, gives_the_published_interval_of_the_aspirin_study) {
    // A. Agresti, Categorical Data Analysis, section 2.2: placebo 189 of 11034, aspirin 104 of 11037; 1.82 with (1.43, 2.31).
    const RiskRatio found = risk_ratio({189, 11034 - 189, 104, 11037 - 104});
    EXPECT_NEAR(found.ratio, 1.82, 0.005);
    EXPECT_NEAR(found.low, 1.43, 0.005);
    EXPECT_NEAR(found.high, 2.31, 0.005);
    EXPECT_FALSE(found.corrected);
}

TEST(RiskRatio, has_an_interval_where_none_of_the_unexposed_failed) {
    const RiskRatio found = risk_ratio({5, 5, 0, 10});
    EXPECT_TRUE(std::isinf(found.ratio));
    EXPECT_TRUE(found.corrected);
    // (5.5 / 11) / (0.5 / 11) = 11; s^2 = 1/5.5 - 1/11 + 1/0.5 - 1/11 = 2: exp(ln 11 -+ 1.959964 * 1.414214).
    EXPECT_NEAR(found.low, 11 / std::exp(1.959963984540054 * std::sqrt(2.0)), 1e-9);
    EXPECT_NEAR(found.high, 11 * std::exp(1.959963984540054 * std::sqrt(2.0)), 1e-9);
}

TEST(RiskRatio, is_zero_where_none_of_the_exposed_failed) {
    const RiskRatio found = risk_ratio({0, 10, 5, 5});
    EXPECT_EQ(found.ratio, 0);
    EXPECT_TRUE(found.corrected);
}

TEST(RiskRatio, is_no_number_without_a_contrast) {
    EXPECT_TRUE(std::isnan(risk_ratio({3, 7, 0, 0}).ratio));
    EXPECT_TRUE(std::isnan(risk_ratio({0, 0, 3, 7}).ratio));
    EXPECT_TRUE(std::isnan(risk_ratio({0, 3, 0, 7}).ratio));
}

TEST(BenjaminiHochberg, names_the_four_of_the_paper_of_1995) {
    // Section 3.1 of the paper: 15 comparisons, the first four are named at 0.05.
    const std::vector<double> p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    const std::vector<double> q = benjamini_hochberg(p, p.size());
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_EQ(q[i] <= 0.05, i < 4) << i;
    EXPECT_NEAR(q[0], 15 * 0.0001, 1e-15);
    EXPECT_NEAR(q[3], 15 * 0.0095 / 4, 1e-15);
    EXPECT_NEAR(q[4], 15 * 0.0201 / 5, 1e-15);
    EXPECT_NEAR(q[5], 15 * 0.0298 / 7, 1e-15);  // the smaller value of a greater p
    EXPECT_EQ(q[14], 1);
}

TEST(BenjaminiHochberg, answers_in_the_order_asked_and_counts_what_was_not_listed) {
    const std::vector<double> q = benjamini_hochberg(std::vector<double>{0.04, 0.001}, 10);
    EXPECT_NEAR(q[0], 10 * 0.04 / 2, 1e-15);
    EXPECT_NEAR(q[1], 10 * 0.001, 1e-15);
    EXPECT_TRUE(benjamini_hochberg({}, 3).empty());
}

}  // namespace
}  // namespace stemma
