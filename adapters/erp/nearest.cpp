#include "adapters/erp/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stemma::erp {
namespace {

/// Names that are not there; a version that is another one for certain counts as one more. What is there and may not be read yet is a
/// matter of rights, not of versions.
std::size_t missed(const Fit& fit) {
    const auto absent = std::ranges::count_if(fit.missing, [](const Missing& missing) { return !missing.unreadable; });
    return static_cast<std::size_t>(absent) + (fit.mistaken ? 1 : 0);
}

}  // namespace

std::optional<SourceFinding> nearest_mapping(const Mapping& given, const std::vector<std::shared_ptr<const Mapping>>& others,
                                             const Catalogue& catalogue) {
    const std::size_t here = missed(compare(given, catalogue));
    const Mapping* best = nullptr;
    std::size_t least = 0;
    for (const std::shared_ptr<const Mapping>& other : others) {
        if (other->name == given.name) continue;
        const std::size_t misses = missed(compare(*other, catalogue));
        if (other->erp != given.erp && misses > 0) continue;  // another ERP's counts where it fits
        if (best != nullptr && misses >= least) continue;
        best = other.get();
        least = misses;
    }
    if (best == nullptr || here == 0) return std::nullopt;
    const std::string subject = "nearest mapping";
    if (least == 0)
        return SourceFinding{SourceFinding::Level::note, subject, fmt::format("{} fits this database", best->name),
                             fmt::format("set mapping: {}", best->name)};
    const bool closer = least < here;
    return SourceFinding{SourceFinding::Level::note, subject,
                         fmt::format("no mapping for {} fits this database; {} misses least: {} name{}", given.erp,
                                     closer ? best->name : given.name, closer ? least : here, (closer ? least : here) == 1 ? "" : "s"),
                         "the names are those that 'stemma erp check' lists"};
}

}  // namespace stemma::erp
