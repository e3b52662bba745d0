// The mass balance of an item: what came in, what went out, what is there, and every reason why these might not agree.
#include <algorithm>
#include <tuple>

#include "core/domain/names.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/stock.hpp"

namespace stemma::lineage {
namespace {

constexpr NameTable<Discrepancy::Kind, 5> kKind{{{Discrepancy::Kind::negative_stock, "negative_stock"},
                                                 {Discrepancy::Kind::missing_from, "missing_from"},
                                                 {Discrepancy::Kind::missing_to, "missing_to"},
                                                 {Discrepancy::Kind::outside, "outside"},
                                                 {Discrepancy::Kind::unit_mismatch, "unit_mismatch"}}};

void add_documents(const View& view, EventNo event, std::vector<DocumentNo>& documents) {
    for (const DocumentNo document : view.documents_of(event))
        if (std::ranges::find(documents, document) == documents.end()) documents.push_back(document);
}

/// A place's sum that should not be, with the documents of the movements that touched it: all, or only those that took from it.
Discrepancy at_place(CountedMovements& counted, Node item, Discrepancy::Kind kind, UnitNo unit, const PlaceAmount& amount) {
    Discrepancy found{kind, {unit, amount.micros}, amount.place, kNever, {}};
    counted.for_each(item, [&](const Movement& movement) {
        const bool takes = needs_from(movement.kind) && movement.from == amount.place;
        const bool puts = needs_to(movement.kind) && movement.to == amount.place && kind == Discrepancy::Kind::outside;
        if (movement.amount.unit == unit && (takes || puts)) add_documents(counted.view(), movement.event, found.documents);
    });
    return found;
}

void find_in_places(CountedMovements& counted, const ItemStock& stock, std::vector<Discrepancy>& found) {
    for (const UnitStock& unit : stock.units) {
        for (const auto* list : {&unit.on_hand, &unit.in_transit})
            for (const PlaceAmount& amount : *list)
                if (amount.micros < 0) found.push_back(at_place(counted, stock.item, Discrepancy::Kind::negative_stock, unit.unit, amount));
        for (const PlaceAmount& amount : unit.outside)
            found.push_back(at_place(counted, stock.item, Discrepancy::Kind::outside, unit.unit, amount));
    }
}

/// What a unit's movements lack is remarked where the unit's balance is.
void find_in_movements(CountedMovements& counted, const ItemStock& stock, std::vector<Discrepancy>& found) {
    const UnitNo own = stock.units.front().unit;
    counted.for_each(stock.item, [&](const Movement& movement) {
        if (movement.through != Node::none) return;
        const auto remark = [&](Discrepancy::Kind kind) {
            found.push_back({kind, movement.amount, PlaceNo::none, movement.sequence, {}});
            add_documents(counted.view(), movement.event, found.back().documents);
        };
        if (needs_from(movement.kind) && movement.from == PlaceNo::none) remark(Discrepancy::Kind::missing_from);
        if (needs_to(movement.kind) && movement.to == PlaceNo::none) remark(Discrepancy::Kind::missing_to);
        if (movement.amount.unit != own) remark(Discrepancy::Kind::unit_mismatch);
    });
}

UnitBalance balance_of(const UnitStock& unit) {
    UnitBalance line{unit.unit, unit.inflow(), unit.outflow(), unit.on_hand_total(), unit.in_transit_total(), 0};
    line.difference = subtract_clamped(subtract_clamped(line.inflow, line.outflow), add_clamped(line.on_hand, line.in_transit));
    return line;
}

}  // namespace

std::string_view to_string(Discrepancy::Kind kind) noexcept { return name_of(kKind, kind); }

bool MassBalance::closes() const noexcept {
    return discrepancies.empty() && std::ranges::all_of(units, [](const UnitBalance& unit) { return unit.difference == 0; });
}

MassBalance balance_of(const View& view, Node item) {
    CountedMovements counted{view};
    return balance_of(counted, stock_of(counted, item));
}

MassBalance balance_of(const View& view, ItemStock stock) {
    CountedMovements counted{view};
    return balance_of(counted, std::move(stock));
}

MassBalance balance_of(CountedMovements& counted, ItemStock stock) {
    MassBalance balance;
    balance.stock = std::move(stock);
    for (const UnitStock& unit : balance.stock.units) balance.units.push_back(balance_of(unit));
    find_in_places(counted, balance.stock, balance.discrepancies);
    find_in_movements(counted, balance.stock, balance.discrepancies);
    std::ranges::sort(balance.discrepancies, {},
                      [](const Discrepancy& one) { return std::tuple(one.kind, one.sequence, one.amount, one.place); });
    return balance;
}

bool balance_closes(const View& view, const ItemStock& stock) {
    CountedMovements counted{view};
    return balance_closes(counted, stock);
}

bool balance_closes(CountedMovements& counted, const ItemStock& stock) {
    const auto is_negative = [](const PlaceAmount& amount) { return amount.micros < 0; };
    for (const UnitStock& unit : stock.units)
        if (!unit.outside.empty() || std::ranges::any_of(unit.on_hand, is_negative) || std::ranges::any_of(unit.in_transit, is_negative) ||
            balance_of(unit).difference != 0)
            return false;
    const UnitNo own = stock.units.front().unit;
    bool closes = true;
    counted.for_each(stock.item, [&](const Movement& movement) {
        if (movement.through != Node::none) return;
        const bool no_place =
            (needs_from(movement.kind) && movement.from == PlaceNo::none) || (needs_to(movement.kind) && movement.to == PlaceNo::none);
        closes = closes && !no_place && movement.amount.unit == own;
    });
    return closes;
}

}  // namespace stemma::lineage
