// One policy over one unit: which days it covers, and by which steps it came to that. The fold over repairs, extensions, replacements,
// transfers and resale is here; how several policies come together is timeline.cpp's.
// Invariant: a repair or an extension never makes a coverage end earlier.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/warranty/cycles.hpp"
#include "plugins/warranty/facts.hpp"
#include "plugins/warranty/policy.hpp"

namespace stemma::warranty {

struct Reason {
    std::string code;  ///< stable: "warranty.tolled"
    std::string text;
};

struct Range {
    Day from;
    Day to;  ///< included
};

/// What ended a coverage before its time.
struct Cut {
    Day day;  ///< the last day that is covered
    std::string why;
};

/// A time that runs from one day: the term itself, a replacement's minimum, or an extension's own time.
struct Run {
    Day anchor;
    Period period;
    bool is_term{true};  ///< an extension's months are added to it
};

struct Coverage {
    enum class Standing : unsigned char {
        applies,
        unknown,  ///< what it needs to know is not recorded
    };

    const Policy* policy{nullptr};
    Standing standing{Standing::applies};
    std::string subject;  ///< the item, or the part
    std::string basis;    ///< "delivery", "replacement", "installation"; "" when unknown
    Day start{};
    std::vector<Run> runs;
    std::optional<Day> cap;
    std::vector<Range> tolled;  ///< in order, apart from each other
    std::optional<Cut> cut;
    std::optional<Day> presumed_to;
    std::optional<Day> sold;                        ///< the sale, or the receipt for a supplier's
    std::vector<std::pair<std::string, int>> used;  ///< how often each extension has counted
    std::vector<Reason> reasons;

    /// The last day, itself included, if nothing cuts it.
    [[nodiscard]] Day term_end() const noexcept;
    [[nodiscard]] Day last() const noexcept;  ///< with the cut
    [[nodiscard]] bool covers(Day day) const noexcept { return standing == Standing::applies && day >= start && day <= last(); }
    [[nodiscard]] bool tolled_on(Day day) const noexcept;
};

/// The coverages of the item (chain[0]) by a policy: one for each time it was sold; none where the policy is for others.
/// A policy of the kind component gives one for each of the parts it names.
/// `cycles`: cycles_of each unit of the chain; the same for all policies.
[[nodiscard]] std::vector<Coverage> cover(const Policy& policy, const Facts& facts, const std::vector<std::vector<Cycle>>& cycles);

}  // namespace stemma::warranty
