// Which of many suspects are named: a pure choice over who is exposed to what. Rule: a suspect is named when
//   1. its q-value is at most alpha, and
//   2. at least `failed_min` of the failed are exposed to it,
// both first over all, then again within the groups that those named before it leave: a suspect beside others is tested by
// stratified_log_p with the named ones as strata, and only failed things in strata that can tell count for 2. So a supplier is not named
// for the sake of its own bad lot, nor a lot for the sake of its bad supplier. The one with the smallest p is named first; in the end a
// named one that those named after it make superfluous (p > alpha given them) is dropped again.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/statistics.hpp"

namespace stemma::lineage {

inline constexpr std::size_t kNamedMax = 8;     ///< most that are named in one answer
inline constexpr std::size_t kRivalsMax = 256;  ///< most suspects that are tested beside the named ones: those with the smallest p

/// Who of the population is exposed to which rival: bit r of row i.
class Exposures {
public:
    Exposures(std::size_t things, std::size_t rivals) : words_{(rivals + 63) / 64}, rivals_{rivals}, bits_(things * words_, 0) {}
    void set(std::size_t thing, std::size_t word, std::uint64_t bits) noexcept { bits_[thing * words_ + word] = bits; }
    [[nodiscard]] bool holds(std::size_t thing, std::size_t rival) const noexcept {
        return (bits_[thing * words_ + rival / 64] >> (rival % 64) & 1) != 0;
    }
    [[nodiscard]] std::span<const std::uint64_t> row(std::size_t thing) const noexcept {
        return std::span{bits_}.subspan(thing * words_, words_);
    }
    [[nodiscard]] std::size_t things() const noexcept { return words_ == 0 ? 0 : bits_.size() / words_; }
    [[nodiscard]] std::size_t rivals() const noexcept { return rivals_; }

private:
    std::size_t words_;
    std::size_t rivals_;
    std::vector<std::uint64_t> bits_;
};

/// How a rival stands beside the named ones.
struct Beside {
    double p{1};              ///< stratified, given the named ones
    std::uint64_t failed{0};  ///< failed and exposed, in strata where somebody is exposed, somebody is not, and somebody failed
    Table2x2 rest;            ///< its table among those exposed to none of the named ones
};

struct NamingRule {
    double alpha{0.05};
    std::uint64_t failed_min{3};
    std::size_t tests{0};                      ///< hypotheses looked at, rivals and others
    const std::atomic<bool>* cancel{nullptr};  ///< once set, the choice ends early and says nothing
};

struct Naming {
    std::vector<std::size_t> named;         ///< rivals, in the order in which they were named
    std::vector<Beside> beside;             ///< per rival; of a named one: beside the other named ones
    std::vector<std::size_t> explained_by;  ///< per rival: the named one that shares most of its failed; kNobody without a named one
};
inline constexpr std::size_t kNobody = SIZE_MAX;

/// `p` and `q` are the rivals' own, p in ascending order. `failed` are numbers of things, each once.
[[nodiscard]] Naming name_causes(const Exposures& exposures, std::span<const std::size_t> failed, std::span<const double> p,
                                 std::span<const double> q, const NamingRule& rule);

}  // namespace stemma::lineage
