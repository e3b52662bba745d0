// The goods of one item while they are packed, unpacked and moved: what is in which unit, what is in none, and what goes along with units.
// The rules are containment.hpp's; this is their state. To be fed in order of time.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "core/lineage/index.hpp"
#include "core/lineage/packed_in.hpp"

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

/// Goods of the item in one unit.
struct Part {
    UnitNo unit{UnitNo::other};
    Where where;
    std::int64_t micros{0};
    bool along{true};                ///< since it was packed or last went along, no movement of its own has put it elsewhere
    bool unsaid{false};              ///< nothing brought it in
    std::vector<std::size_t> steps;  ///< how units took it here since its last movement of its own, as numbers of Goods::along_

    /// All but the amount. Parts are taken in this order.
    [[nodiscard]] auto key() const { return std::tie(where, along, unsaid, steps, unit); }
};
using Parts = std::vector<Part>;

/// All of one item: what is in which unit, what is in none, and how it moved.
class Goods {
public:
    Goods(const View& view, Node item, bool brought_in) : view_{view}, one_thing_{is_one_thing(view.kind(item))}, brought_in_{brought_in} {}

    void join(const UnitBond& bond);
    void part(const UnitBond& bond);
    /// `units`: those that the same event moves.
    void move(const Movement& own, const std::vector<Node>& units);
    void go_along(Node unit, const Movement& movement);
    /// What went along with units, in order.
    [[nodiscard]] std::vector<Movement> along() &&;

private:
    struct Step {
        Movement movement;
        Where from;
    };
    static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

    void put(Node unit, Part part);
    void put_loose(UnitNo unit, Where where, std::int64_t micros);
    void take_up(Node unit);
    void join_lot(const UnitBond& bond, PlaceNo place);
    std::int64_t take_loose(UnitNo code, Where where, std::int64_t wanted);
    [[nodiscard]] std::vector<std::pair<UnitNo, Where>> loose_on_hand(const BondFact& fact, PlaceNo place) const;
    template <class Fits, class Take>
    std::int64_t take_from(Node unit, std::int64_t wanted, const Fits& fits, const Take& take);
    std::int64_t take_loose_for(const Movement& own, Where from, std::int64_t wanted);
    std::int64_t take_back(UnitNo code, Where from, std::int64_t wanted);
    [[nodiscard]] std::vector<Node> holding() const;
    [[nodiscard]] std::optional<std::size_t> step_from(const Part& part, Where from) const;
    void arrive(const Movement& own, Node unit, std::int64_t micros, bool same_event);

    const View& view_;
    bool one_thing_;
    bool brought_in_;
    bool existed_{false};
    Node in_{Node::none};                                     // one thing: its unit, if it is in one, be it there already or not
    std::map<std::pair<UnitNo, Where>, std::int64_t> loose_;  // below zero where more was taken than was there
    std::map<Node, Parts> units_;
    std::vector<Step> along_;
};

}  // namespace stemma::lineage
