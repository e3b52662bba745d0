#include "core/lineage/attribution_naming.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace stemma::lineage {
namespace {

constexpr std::size_t kCancelEvery = 65'536;  // things between two looks at the cancel flag

bool cancelled(const NamingRule& rule) { return rule.cancel != nullptr && rule.cancel->load(std::memory_order_relaxed); }

/// Tables of every rival within each stratum that a set of named rivals makes: a stratum is who is exposed to the same of them.
class Strata {
public:
    /// When cancelled, they are not whole.
    Strata(const Exposures& exposures, std::span<const std::size_t> failed, const std::vector<std::size_t>& named, const NamingRule& rule)
        : exposures_{exposures} {
        for (std::size_t thing = 0; thing < exposures.things(); ++thing) {
            if (thing % kCancelEvery == 0 && cancelled(rule)) break;
            Counts& counts = counts_of(mask(thing, named));
            ++counts.things;
            each_rival(thing, [&](std::size_t rival) { ++counts.exposed[rival]; });
        }
        for (const std::size_t thing : failed) {
            Counts& counts = counts_of(mask(thing, named));
            ++counts.failed;
            each_rival(thing, [&](std::size_t rival) { ++counts.failed_exposed[rival]; });
        }
    }

    [[nodiscard]] Beside beside(std::size_t rival) const {
        Beside out;
        std::vector<Table2x2> tables;
        for (const auto& [key, counts] : strata_) {
            const Table2x2 table = table_of(counts, rival);
            if (key == 0) out.rest = table;
            if (table.failed() == 0 || table.exposed() == 0 || table.exposed() == table.total()) continue;
            out.failed += table.a;
            tables.push_back(table);
        }
        out.p = std::exp(stratified_log_p(tables));
        return out;
    }

private:
    struct Counts {
        std::uint64_t things{0};
        std::uint64_t failed{0};
        std::vector<std::uint64_t> exposed;
        std::vector<std::uint64_t> failed_exposed;
    };

    [[nodiscard]] std::uint32_t mask(std::size_t thing, const std::vector<std::size_t>& named) const noexcept {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < named.size(); ++i)
            if (exposures_.holds(thing, named[i])) bits |= 1U << i;
        return bits;
    }
    Counts& counts_of(std::uint32_t key) {
        const auto [place, fresh] = strata_.try_emplace(key);
        if (fresh) {
            place->second.exposed.resize(exposures_.rivals(), 0);
            place->second.failed_exposed.resize(exposures_.rivals(), 0);
        }
        return place->second;
    }
    template <class Visit>
    void each_rival(std::size_t thing, Visit visit) const {
        const auto row = exposures_.row(thing);
        for (std::size_t word = 0; word < row.size(); ++word)
            for (std::uint64_t bits = row[word]; bits != 0; bits &= bits - 1)
                visit(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    static Table2x2 table_of(const Counts& counts, std::size_t rival) {
        const std::uint64_t a = counts.failed_exposed[rival];
        const std::uint64_t b = counts.exposed[rival] - a;
        const std::uint64_t c = counts.failed - a;
        return {a, b, c, counts.things - a - b - c};
    }

    const Exposures& exposures_;
    std::map<std::uint32_t, Counts> strata_;
};

/// The rival to name next, or kNobody.
std::size_t next_named(const Exposures& exposures, std::span<const std::size_t> failed, const std::vector<std::size_t>& named,
                       const NamingRule& rule) {
    const Strata strata{exposures, failed, named, rule};
    std::vector<Beside> beside(exposures.rivals());
    std::vector<double> p(exposures.rivals(), 1);
    for (std::size_t rival = 0; rival < p.size(); ++rival) {
        if (cancelled(rule)) return kNobody;
        if (std::ranges::find(named, rival) != named.end()) continue;
        beside[rival] = strata.beside(rival);
        p[rival] = beside[rival].p;
    }
    const std::vector<double> q = benjamini_hochberg(p, rule.tests);
    std::size_t best = kNobody;
    for (std::size_t rival = 0; rival < p.size(); ++rival)
        if (q[rival] <= rule.alpha && beside[rival].failed >= rule.failed_min && (best == kNobody || p[rival] < p[best])) best = rival;
    return best;
}

std::vector<std::size_t> without(const std::vector<std::size_t>& named, std::size_t rival) {
    std::vector<std::size_t> others;
    for (const std::size_t other : named)
        if (other != rival) others.push_back(other);
    return others;
}

std::uint64_t shared_failed(const Exposures& exposures, std::span<const std::size_t> failed, std::size_t one, std::size_t other) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(failed, [&](std::size_t thing) { return exposures.holds(thing, one) && exposures.holds(thing, other); }));
}

}  // namespace

Naming name_causes(const Exposures& exposures, std::span<const std::size_t> failed, std::span<const double> p, std::span<const double> q,
                   const NamingRule& rule) {
    Naming naming;
    for (std::size_t rival = 0; rival < p.size() && naming.named.empty(); ++rival) {
        const auto exposed = [&](std::size_t thing) { return exposures.holds(thing, rival); };
        if (q[rival] <= rule.alpha && static_cast<std::uint64_t>(std::ranges::count_if(failed, exposed)) >= rule.failed_min)
            naming.named.push_back(rival);
    }
    while (!naming.named.empty() && naming.named.size() < kNamedMax) {
        const std::size_t more = next_named(exposures, failed, naming.named, rule);
        if (more == kNobody) break;
        naming.named.push_back(more);
    }
    for (std::size_t i = 0; i < naming.named.size() && naming.named.size() > 1;) {
        const std::vector<std::size_t> others = without(naming.named, naming.named[i]);
        if (cancelled(rule)) return {};
        if (Strata{exposures, failed, others, rule}.beside(naming.named[i]).p <= rule.alpha)
            ++i;
        else
            naming.named = others;
    }
    const Strata strata{exposures, failed, naming.named, rule};
    naming.explained_by.assign(p.size(), kNobody);
    for (std::size_t rival = 0; rival < p.size(); ++rival) {
        if (cancelled(rule)) return {};
        const bool named = std::ranges::find(naming.named, rival) != naming.named.end();
        naming.beside.push_back(named ? Strata{exposures, failed, without(naming.named, rival), rule}.beside(rival) : strata.beside(rival));
        std::uint64_t most = 0;
        for (const std::size_t other : naming.named) {
            const std::uint64_t shared = named ? 0 : shared_failed(exposures, failed, rival, other);
            if (shared > most) naming.explained_by[rival] = other;
            most = std::max(most, shared);
        }
    }
    return naming;
}

}  // namespace stemma::lineage
