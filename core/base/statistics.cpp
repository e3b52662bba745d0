#include "core/base/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace stemma {
namespace {

using Real = long double;

constexpr double kZ95 = 1.959963984540054;   ///< 97.5 % point of the normal distribution
constexpr std::uint64_t kStirlingFrom = 32;  ///< from here on the series below is exact to long double
constexpr Real kNegligible = 1e-22L;         ///< a term this much smaller than the sum ends it

/// ln n!. Stirling's series: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions (1964), 6.1.41. Unlike std::lgamma it writes no
/// global, so it may be called from any thread.
Real log_factorial(std::uint64_t n) {
    static const auto kSmall = [] {
        std::array<Real, kStirlingFrom> logs{};
        for (std::size_t i = 1; i < logs.size(); ++i) logs[i] = logs[i - 1] + std::log(static_cast<Real>(i));
        return logs;
    }();
    if (n < kStirlingFrom) return kSmall[n];
    const Real x = static_cast<Real>(n) + 1;
    const Real half_log_two_pi = std::log(2 * std::numbers::pi_v<Real>) / 2;
    const Real r = 1 / (x * x);
    const Real series =
        (1.0L / 12 - r * (1.0L / 360 - r * (1.0L / 1260 - r * (1.0L / 1680 - r * (1.0L / 1188 - r * 691.0L / 360360))))) / x;
    return (x - 0.5L) * std::log(x) - x + half_log_two_pi + series;
}

Real log_choose(std::uint64_t n, std::uint64_t k) { return log_factorial(n) - log_factorial(k) - log_factorial(n - k); }

/// The distribution of X for the sums of a table.
class Hypergeometric {
public:
    explicit Hypergeometric(const Table2x2& table)
        : exposed_{table.exposed()},
          failed_{table.failed()},
          total_{table.total()},
          least_{exposed_ + failed_ > total_ ? exposed_ + failed_ - total_ : 0},
          most_{std::min(exposed_, failed_)} {}

    [[nodiscard]] std::uint64_t least() const noexcept { return least_; }
    [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
    [[nodiscard]] std::uint64_t mode() const noexcept {
        const Real at = (static_cast<Real>(exposed_) + 1) * (static_cast<Real>(failed_) + 1) / (static_cast<Real>(total_) + 2);
        return std::clamp(static_cast<std::uint64_t>(at), least_, most_);
    }
    [[nodiscard]] Real log_of(std::uint64_t x) const {
        return log_choose(failed_, x) + log_choose(total_ - failed_, exposed_ - x) - log_choose(total_, exposed_);
    }
    /// P[X = x + 1] / P[X = x], for x below most().
    [[nodiscard]] Real step_up(std::uint64_t x) const {
        return static_cast<Real>(failed_ - x) * static_cast<Real>(exposed_ - x) /
               (static_cast<Real>(x + 1) * static_cast<Real>(total_ - failed_ + x + 1 - exposed_));
    }

    /// The sum of P[X = y] / P[X = x] over y = x, x + 1 ...; x at the mode or above.
    [[nodiscard]] Real up_from(std::uint64_t x) const {
        Real sum = 1;
        Real term = 1;
        for (; x < most_ && term > sum * kNegligible; ++x) sum += term *= step_up(x);
        return sum;
    }
    /// Likewise over y = x, x - 1 ...; x at the mode or below.
    [[nodiscard]] Real down_from(std::uint64_t x) const {
        Real sum = 1;
        Real term = 1;
        for (; x > least_ && term > sum * kNegligible; --x) sum += term /= step_up(x - 1);
        return sum;
    }

    /// P[X = least() + i].
    [[nodiscard]] std::vector<Real> all() const {
        std::vector<Real> p(static_cast<std::size_t>(most_ - least_) + 1, 0);
        const std::uint64_t top = mode();
        const auto place = [&](std::uint64_t x) -> Real& { return p[static_cast<std::size_t>(x - least_)]; };
        place(top) = std::exp(log_of(top));
        for (std::uint64_t x = top; x < most_; ++x) place(x + 1) = place(x) * step_up(x);
        for (std::uint64_t x = top; x > least_; --x) place(x - 1) = place(x) / step_up(x - 1);
        return p;
    }

private:
    std::uint64_t exposed_;
    std::uint64_t failed_;
    std::uint64_t total_;
    std::uint64_t least_;
    std::uint64_t most_;
};

double as_log(Real p) { return static_cast<double>(std::log(std::min(p, Real{1}))); }

}  // namespace

double fisher_log_p(const Table2x2& table) {
    const Hypergeometric x{table};
    if (table.a <= x.least()) return 0;
    if (table.a > x.mode()) return std::min(0.0, static_cast<double>(x.log_of(table.a) + std::log(x.up_from(table.a))));
    return as_log(1 - std::exp(x.log_of(table.a - 1)) * x.down_from(table.a - 1));
}

double stratified_log_p(std::span<const Table2x2> strata) {
    std::vector<Real> sum{1};  // P[sum of X - sum of least = i]
    std::uint64_t least = 0;
    std::uint64_t seen = 0;
    for (const Table2x2& table : strata) {
        const Hypergeometric x{table};
        const std::vector<Real> one = x.all();
        std::vector<Real> next(sum.size() + one.size() - 1, 0);
        for (std::size_t i = 0; i < sum.size(); ++i)
            for (std::size_t j = 0; j < one.size(); ++j) next[i + j] += sum[i] * one[j];
        sum = std::move(next);
        least += x.least();
        seen += table.a;
    }
    if (seen == least) return 0;
    return as_log(std::accumulate(sum.rbegin(), sum.rend() - static_cast<std::ptrdiff_t>(seen - least), Real{0}));
}

RiskRatio risk_ratio(const Table2x2& table) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (table.exposed() == 0 || table.exposed() == table.total() || table.failed() == 0) return {nan, nan, nan, false};
    RiskRatio out;
    const auto exposed = static_cast<double>(table.exposed());
    const auto unexposed = static_cast<double>(table.c + table.d);
    const auto share = [](double part, double whole) { return part / whole; };
    out.ratio = table.c == 0 ? std::numeric_limits<double>::infinity()
                             : share(static_cast<double>(table.a), exposed) / share(static_cast<double>(table.c), unexposed);
    out.corrected = table.a == 0 || table.c == 0;
    const double more = out.corrected ? 0.5 : 0;
    const double a = static_cast<double>(table.a) + more;
    const double c = static_cast<double>(table.c) + more;
    const double n = exposed + 2 * more;
    const double m = unexposed + 2 * more;
    const double middle = std::log(share(a, n) / share(c, m));
    const double spread = kZ95 * std::sqrt(1 / a - 1 / n + 1 / c - 1 / m);
    out.low = std::exp(middle - spread);
    out.high = std::exp(middle + spread);
    return out;
}

std::vector<double> benjamini_hochberg(std::span<const double> p, std::size_t tests) {
    std::vector<std::size_t> order(p.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair{p[i], i}; });
    const auto count = static_cast<double>(std::max(tests, p.size()));
    std::vector<double> q(p.size(), 1);
    double least = 1;
    for (std::size_t rank = p.size(); rank > 0; --rank) {
        least = std::min(least, count * p[order[rank - 1]] / static_cast<double>(rank));
        q[order[rank - 1]] = least;
    }
    return q;
}

}  // namespace stemma
