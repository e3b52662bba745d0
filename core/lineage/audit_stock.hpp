// What the audit folds over an item's movements: how much each place held at each time, and whether one thing left more than once.
#pragma once

#include <vector>

#include "core/lineage/audit.hpp"

namespace stemma::lineage {

/// A place's stock of one item over time.
struct PlaceHistory {
    PlaceNo place{PlaceNo::none};
    UnitNo unit{UnitNo::other};
    std::int64_t end{0};           ///< micros, after the last movement
    std::int64_t least{0};         ///< the least it ever was, 0 at most
    EventNo first{EventNo::none};  ///< by which it first was below zero; none: it never was
};
/// One for each place of stock or transit and each unit of measure, in order of their numbers. Of an item's movements in any order.
[[nodiscard]] std::vector<PlaceHistory> place_histories(const View& view, const std::vector<Movement>& movements);

/// How one thing left though it was not there.
struct Departure {
    AuditKind kind{AuditKind::left_twice};  ///< consumed_yet_available, delivered_twice or left_twice
    std::size_t before{0};                  ///< the movement by which it had left
    std::size_t again{0};                   ///< the movement by which it left again
};
struct OneThing {
    std::vector<Departure> departures;    ///< at most one of each kind: the first
    std::optional<std::size_t> last_out;  ///< the movement by which it left at last; none when it is there, or never left
    std::vector<std::size_t> not_one;     ///< movements in pieces other than one
};
/// Of a serial's or logistic unit's movements. What a transformation takes in and puts out again stays where it is.
[[nodiscard]] OneThing follow_one_thing(const View& view, const std::vector<Movement>& movements);

}  // namespace stemma::lineage
