// Tests on two-by-two tables: is what failed over-represented among what was exposed? Exact where it can be, pure, any thread.
//
//                failed   not failed
//   exposed        a          b
//   not exposed    c          d
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stemma {

/// Counts of whole things. Any of them may be zero; their sum is below 2^53.
struct Table2x2 {
    std::uint64_t a{0};  ///< exposed and failed
    std::uint64_t b{0};  ///< exposed and not failed
    std::uint64_t c{0};  ///< not exposed and failed
    std::uint64_t d{0};  ///< not exposed and not failed

    [[nodiscard]] constexpr std::uint64_t exposed() const noexcept { return a + b; }
    [[nodiscard]] constexpr std::uint64_t failed() const noexcept { return a + c; }
    [[nodiscard]] constexpr std::uint64_t total() const noexcept { return a + b + c + d; }
    friend bool operator==(const Table2x2&, const Table2x2&) = default;
};

/// Fisher's exact test, one-sided: the natural logarithm of P[X >= a], where X, the failed among the exposed, is hypergeometric when
/// exposure has nothing to do with failing:
///     P[X = x] = C(K, x) C(N - K, n - x) / C(N, n),   n = a + b exposed, K = a + c failed, N = a + b + c + d in all.
/// 0 (p = 1) where no table with these sums has fewer. A logarithm, since p may be far below the smallest double; exp() of it is p.
/// Relative error of p below 1e-8 for N up to 1e9: log-factorials by Stirling's series in long double, the tail summed term by term.
/// R. A. Fisher, The Design of Experiments (1935), chapter II; A. Agresti, Categorical Data Analysis, 3rd ed. (2013), section 3.5.
[[nodiscard]] double fisher_log_p(const Table2x2& table);

/// The same question asked within each stratum and answered once: the natural logarithm of P[sum of X_i >= sum of a_i], where X_i are
/// independent and hypergeometric with the sums of stratum i. It is the exact form of the test of Mantel and Haenszel (J. Natl. Cancer
/// Inst. 22:719, 1959): exact conditional test of independence given the strata, one-sided. A stratum whose things are all exposed, or all
/// not, says nothing and changes nothing. 0 (p = 1) without strata. Time grows with the square of the failed things.
/// M. W. Birch, J. R. Stat. Soc. B 26:313 (1964); A. Agresti, A Survey of Exact Inference for Contingency Tables, Stat. Sci. 7:131 (1992).
[[nodiscard]] double stratified_log_p(std::span<const Table2x2> strata);

/// Share of failed among the exposed over the share among the unexposed, with its 95 % confidence interval.
struct RiskRatio {
    double ratio{0};  ///< infinite when none of the unexposed failed; NaN when nothing is exposed, nothing is unexposed or nothing failed
    double low{0};    ///< NaN where `ratio` is
    double high{0};
    bool corrected{false};  ///< a or c is zero: the interval is of the table with 1/2 added to each cell
};
/// ratio = (a / (a + b)) / (c / (c + d)); interval = ratio * exp(-+ 1.959964 s), s^2 = 1/a - 1/(a + b) + 1/c - 1/(c + d):
/// D. Katz et al., Biometrics 34:469 (1978). Where a or c is zero, 1/2 is added to all four cells for the interval alone
/// (J. B. S. Haldane, Ann. Hum. Genet. 20:309, 1956; F. J. Anscombe, Biometrika 43:461, 1956).
[[nodiscard]] RiskRatio risk_ratio(const Table2x2& table);

/// Benjamini and Hochberg's adjusted p-values ("q"), in the order of `p`: naming all with q <= alpha keeps the expected share of wrong
/// names at alpha or below. q of the i-th smallest = min over j >= i of tests * p(j) / j, at most 1. `tests` counts every hypothesis that
/// was looked at; those that `p` does not hold count as p = 1, so it is never below p.size().
/// Y. Benjamini, Y. Hochberg, J. R. Stat. Soc. B 57:289 (1995).
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p, std::size_t tests);

}  // namespace stemma
