// The goods of one item while they are packed, unpacked and moved: what is in which unit, what is in none, and what goes along with units.
// The rules are containment.hpp's; this is their state. To be fed in order of time. What a movement takes from is found by an index, so
// that many movements of a lot in many units cost no more than what they take.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "core/lineage/index.hpp"
#include "core/lineage/packed_in.hpp"
#include "core/lineage/steps.hpp"

namespace stemma::lineage {

/// Where goods are: at a place, none where no movement says at which, with a customer, or used up, sent back, written off.
struct Where {
    enum class Kind : unsigned char { place, customer, gone };
    Kind kind{Kind::place};
    std::uint32_t number{kNone};
    friend auto operator<=>(const Where&, const Where&) = default;

    [[nodiscard]] bool unknown() const noexcept { return kind == Kind::place && number == kNone; }
};
[[nodiscard]] inline Where at(PlaceNo place) noexcept { return {Where::Kind::place, static_cast<std::uint32_t>(place)}; }
[[nodiscard]] inline Where with(PartyNo party) noexcept { return {Where::Kind::customer, static_cast<std::uint32_t>(party)}; }

/// Received, produced or found.
[[nodiscard]] bool comes_into_being(MovementKind kind) noexcept;

/// How often units took parts along by then.
enum class StepNo : std::uint32_t { none = 0 };  // NOLINT(performance-enum-size): its other values are given at run time

/// Goods of the item in one unit.
struct Part {
    UnitNo unit{UnitNo::other};
    Where where;
    std::int64_t micros{0};
    bool along{true};    ///< since it was packed or last went along, no movement of its own has put it elsewhere
    bool unsaid{false};  ///< nothing brought it in
    /// How units took it here since its last movement of its own: the first and the last step, none for none. Steps belong to one part.
    StepNo first_step{StepNo::none};
    StepNo last_step{StepNo::none};

    /// All but the amount. Parts are taken in this order.
    [[nodiscard]] auto key() const { return std::tie(where, along, unsaid, first_step, last_step, unit); }
};
using Parts = std::vector<Part>;

/// What units are asked for: those with parts of a unit of measure that are there, at any place, or that a unit took from there or out.
struct Holding {
    enum class By : unsigned char { being_there, being_at_a_place, taken_from, taken_out };
    By by{By::being_there};
    UnitNo unit{UnitNo::other};
    Where where;  ///< none for being_at_a_place and taken_out
    friend auto operator<=>(const Holding&, const Holding&) = default;
};

/// All of one item: what is in which unit, what is in none, and how it moved.
class Goods {
public:
    /// `steps` counts what is looked at.
    Goods(const View& view, Node item, bool brought_in, Steps& steps)
        : view_{view}, steps_{steps}, one_thing_{is_one_thing(view.kind(item))}, brought_in_{brought_in} {}

    void join(const UnitBond& bond);
    void part(const UnitBond& bond);
    /// `units`: those that the same event moves.
    void move(const Movement& own, const std::vector<Node>& units);
    void go_along(Node unit, const Movement& movement);
    /// Whether anything is in the unit that may go along with it.
    [[nodiscard]] bool are_in(Node unit) const;
    [[nodiscard]] Node unit() const noexcept { return in_; }  ///< of one thing: the one it is in
    /// What went along with units, in order.
    [[nodiscard]] std::vector<Movement> along() &&;

private:
    struct Step {
        Movement movement;
        Where from;
        StepNo before{StepNo::none};  // of the same part
    };
    static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

    void put(Node unit, const Part& part);
    void put_loose(UnitNo code, Where where, std::int64_t micros);
    void take_up(Node unit);
    void join_lot(const UnitBond& bond, PlaceNo place);
    std::int64_t take_loose(UnitNo code, Where where, std::int64_t wanted);
    template <class Take>
    std::int64_t take_loose_anywhere(UnitNo code, std::int64_t wanted, const Take& take);
    [[nodiscard]] std::vector<UnitNo> loose_codes() const;
    template <class Fits, class Take>
    std::int64_t take_from(Node unit, std::int64_t wanted, const Fits& fits, const Take& take);
    template <class Fits, class Take>
    std::int64_t take_from_all(std::span<const Holding> asked, std::int64_t wanted, const Fits& fits, const Take& take);
    std::int64_t take_loose_for(const Movement& own, Where from, std::int64_t wanted);
    std::int64_t take_back(UnitNo code, Where from, std::int64_t wanted);
    void index_all();
    void index(Node unit, const Part& part);
    void index(Node unit, UnitNo code, const Step& step);
    [[nodiscard]] Step& step(StepNo number) { return along_[std::to_underlying(number) - 1]; }
    [[nodiscard]] StepNo step_from(const Part& part, Where from);
    void arrive(const Movement& own, Node unit, std::int64_t micros, bool same_event);

    const View& view_;
    Steps& steps_;
    bool one_thing_;
    bool brought_in_;
    bool existed_{false};
    Node in_{Node::none};                                     // one thing: its unit, if it is in one, be it there already or not
    std::map<std::pair<UnitNo, Where>, std::int64_t> loose_;  // below zero where more was taken than was there
    std::map<Node, Parts> units_;
    std::vector<Step> along_;
    // Units that may have such parts: all that do, and some that did. Made when it is first asked for, which few items need.
    bool indexed_{false};
    std::map<Holding, std::set<Node>> index_;
};

}  // namespace stemma::lineage
