// Attribution: some items failed; which of all the lots, suppliers, places, days, revisions and process conditions behind them is
// over-represented? Each hypothesis is a two-by-two table over a population: exposed = it lies upstream of the item. Exposure follows the
// links of a backward trace (trace.hpp); each item counts as one, whatever its quantity.
//
// Which hypotheses are tested: all that lie upstream of at least `failed_min` items of the population. Those of fewer could never be
// named, which the sums of their tables say without a look at what failed, so that leaving them out biases nothing (R. E. Tarone,
// Biometrics 46:515, 1990). Hypotheses with the same exposed items cannot be told apart: they are one line and one test.
//
// Who is named: q <= alpha over all that were tested (Fisher's exact test, one-sided; Benjamini and Hochberg) and at least `failed_min`
// failed exposed; and beside those named before only for what they do not explain: attribution_naming.hpp. With failures at random
// nobody is named in 1 - alpha of all cases or more: proven for tests that are independent or rise together (Y. Benjamini, D. Yekutieli,
// Ann. Stat. 29:1165, 2001), as those of nested causes do; for lots that exclude each other it is held by a test of 100 random draws.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/statistics.hpp"
#include "core/lineage/attribution_graph.hpp"
#include "core/lineage/movement.hpp"

namespace stemma::lineage {

enum class CauseKind : unsigned char {
    item,        ///< a lot, serial, container or untracked stock: number = Node
    production,  ///< a transformation: number = Node
    product,     ///< any item of it
    supplier,    ///< items of the product received from it: number = PartyNo
    place,       ///< items of the product produced or received there or in a place below it: number = PlaceNo
    day,         ///< items of the product produced or received on that UTC date: number = days since 1970-01-01
    revision,    ///< items of the product with this revision: number = place in Attribution::conditions
    condition,   ///< likewise with this attribute or measured value
};
[[nodiscard]] std::string_view to_string(CauseKind kind) noexcept;

/// What a hypothesis is about.
struct Cause {
    CauseKind kind{CauseKind::item};
    MovementKind step{MovementKind::moved};  ///< of a place or day: produced or received; else moved
    ProductNo product{ProductNo::none};      ///< of an item or production none
    std::uint32_t number{kNone};
    friend auto operator<=>(const Cause&, const Cause&) = default;
};

/// A process condition or revision of an item, as an attribute or event gives it.
struct ItemCondition {
    Node item{Node::none};
    std::string name;   ///< "revision", "Temperature (CEL)"
    std::string value;  ///< "B", "243"
    bool revision{false};
};
struct Condition {
    std::string name;
    std::string value;  ///< as written; of numbers with many values a quarter of them: "above 243 up to 248"
    friend auto operator<=>(const Condition&, const Condition&) = default;
};

/// Among whom the failed are compared.
struct Population {
    std::vector<ProductNo> products;         ///< their items that came into being; without products and items those of the failed
    std::optional<std::vector<Node>> items;  ///< these items and the failed, and no others; none are an error, not everybody
    std::optional<Instant> from;    ///< came into being (produced, received, found; shipped where nothing else is known) at this time or
    std::optional<Instant> before;  ///< later, and before this time; not with `items`
};

inline constexpr std::size_t kFailedMinMax = 10;       ///< largest failed_min
inline constexpr std::size_t kCandidatesMax = 16'384;  ///< hypotheses whose tables are counted: those that most of the failed share
inline constexpr std::size_t kListedMax = 64;          ///< largest listed_max

struct AttributionOptions {
    double alpha{0.05};                        ///< above 0, below 1
    std::size_t failed_min{3};                 ///< 1 to kFailedMinMax
    bool include_inferred{false};              ///< follow links through untracked stock too, whose goods cannot be told apart
    std::size_t listed_max{20};                ///< hypotheses in the answer, 1 to kListedMax; named ones are always in it
    std::size_t items_max{1'000'000};          ///< most items in the population, upstream of it, and downstream of what is listed
    const std::atomic<bool>* cancel{nullptr};  ///< set from another thread to end early
};

/// What a recall of it would call back: itself and all downstream of it in the whole ledger, whatever the population.
struct Recall {
    std::size_t items{0};
    std::size_t of_products{0};  ///< of the population's products
};

inline constexpr std::size_t kNotExplained = SIZE_MAX;

struct Hypothesis {
    Cause cause;
    std::vector<Cause> same;  ///< with exactly the same items exposed: they cannot be told apart from it, nor from each other
    Table2x2 table;
    RiskRatio risk;
    double log_p{0};  ///< natural logarithm of p, Fisher's exact test, one-sided
    double p{1};
    double q{1};
    bool named{false};
    std::size_t explained_by{kNotExplained};  ///< place in Attribution::hypotheses of the named one that shares most of its failed;
                                              ///< only for one with q <= alpha that is not named
    double p_beside{1};                       ///< p given the named ones; 1 where it was not tested beside them
    Table2x2 rest;                            ///< its table among those exposed to none of the named ones, where it was
    std::optional<Recall> recall;             ///< none where it reaches more than items_max
};

struct Attribution {
    Sequence as_of{0};                ///< the ledger position it is true for
    std::vector<ProductNo> products;  ///< of the population
    std::size_t population{0};
    std::size_t failed{0};               ///< in the population
    std::vector<Node> left_out;          ///< failed items that the population leaves out
    std::size_t tests{0};                ///< hypotheses tested, those with the same exposed items counted once where a failed one is
    std::size_t candidates{0};           ///< lines there are: those with at least two failed exposed (or failed_min, where that is 1)
    std::size_t not_counted{0};          ///< of the tested ones those past kCandidatesMax, which fewer failed items share: not compared
    std::vector<Hypothesis> hypotheses;  ///< named ones first, then by p; the beginning of `candidates`
    std::vector<Condition> conditions;   ///< what the numbers of revisions and conditions mean
    std::size_t conditions_left_out{0};  ///< items whose attributes were not looked at
};

/// An item whose attributes are asked for, and the events by which it came into being, in ledger order.
struct AskedItem {
    Node node{Node::none};
    std::string id;
    std::vector<Sequence> births;
};

/// One question in steps, so that no view is held while a store is asked: open() under a view, then the caller may add conditions of
/// asked(), then finish() under a view of the same as-of. One thread. Cost: the graph upstream of the population is read once; then 64
/// hypotheses at a time in one run over it.
class Investigation {
public:
    /// Errors: Errc::invalid_input without failed items in the population, or where it lists items and none is in the view;
    /// Errc::too_large past items_max; Errc::unavailable when cancelled.
    [[nodiscard]] static Result<Investigation> open(const View& view, std::span<const Node> failed, const Population& population,
                                                    const AttributionOptions& options);

    [[nodiscard]] Sequence as_of() const noexcept;
    /// Items of the population and upstream of it, when there are at most `most`; else the shared ones alone, those upstream of at least
    /// failed_min of the population; none when these are more than `most` as well, for half of the conditions would mislead.
    [[nodiscard]] std::vector<AskedItem> asked(const View& view, std::size_t most);
    /// Values of one name that are numbers, more than kValuesMax different ones among items of one product, become quarters.
    void add(std::vector<ItemCondition> conditions);

    [[nodiscard]] Result<Attribution> finish(const View& view);

private:
    struct State;
    explicit Investigation(std::shared_ptr<State> state) : state_{std::move(state)} {}
    std::shared_ptr<State> state_;
};

inline constexpr std::size_t kValuesMax = 8;  ///< different numbers that stay as they are

/// All of it, without conditions.
[[nodiscard]] Result<Attribution> attribute(const View& view, std::span<const Node> failed, const Population& population = {},
                                            const AttributionOptions& options = {});

}  // namespace stemma::lineage
