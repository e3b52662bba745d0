// The mass balance of an item: what came in, what went out, what is there, and every reason why these might not agree.
#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/domain/names.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/presence.hpp"
#include "core/lineage/stock.hpp"
#include "core/lineage/unit_goods.hpp"

namespace stemma::lineage {
namespace {

constexpr std::size_t kKinds = 7;
constexpr NameTable<Discrepancy::Kind, kKinds> kKind{{{Discrepancy::Kind::negative_stock, "negative_stock"},
                                                      {Discrepancy::Kind::missing_from, "missing_from"},
                                                      {Discrepancy::Kind::missing_to, "missing_to"},
                                                      {Discrepancy::Kind::outside, "outside"},
                                                      {Discrepancy::Kind::unit_mismatch, "unit_mismatch"},
                                                      {Discrepancy::Kind::serial_twice, "serial_twice"},
                                                      {Discrepancy::Kind::too_large, "too_large"}}};

void add_documents(const View& view, EventNo event, std::vector<DocumentNo>& documents) {
    for (const DocumentNo document : view.documents_of(event)) documents.push_back(document);
}

/// Sums of places that should not be, each with the documents of the movements that touched it: all, or only those that took from it.
void find_in_places(CountedMovements& counted, const ItemStock& stock, std::vector<Discrepancy>& found) {
    using Kind = Discrepancy::Kind;
    const auto key = [](const Discrepancy& one) { return std::pair{one.amount.unit, one.place}; };
    for (const UnitStock& unit : stock.units) {
        for (const auto* list : {&unit.on_hand, &unit.in_transit})
            for (const PlaceAmount& amount : *list)
                if (amount.micros < 0) found.push_back({Kind::negative_stock, {unit.unit, amount.micros}, amount.place, kNever, {}, 0});
        for (const PlaceAmount& amount : unit.outside)
            found.push_back({Kind::outside, {unit.unit, amount.micros}, amount.place, kNever, {}, 0});
    }
    if (found.empty()) return;
    std::ranges::sort(found, {}, key);
    counted.for_each(stock.item, [&](const Movement& movement) {
        const auto touch = [&](PlaceNo place, bool takes) {
            const auto at = std::ranges::lower_bound(found, std::pair{movement.amount.unit, place}, {}, key);
            if (at == found.end() || key(*at) != std::pair{movement.amount.unit, place}) return;
            if (takes || at->kind == Kind::outside) add_documents(counted.view(), movement.event, at->documents);
        };
        if (needs_from(movement.kind)) touch(movement.from, true);
        if (needs_to(movement.kind)) touch(movement.to, false);
    });
}

/// Movements that lack a place or are in another unit, but for those of a unit that it is in, which are remarked where the unit's balance
/// is; of each kind the first kMovementRemarksMax. How many others there are.
std::size_t find_in_movements(CountedMovements& counted, const ItemStock& stock, std::vector<Discrepancy>& found) {
    const UnitNo own = stock.units.front().unit;
    std::array<std::size_t, kKinds> told{};
    std::size_t more = 0;
    counted.for_each(stock.item, [&](const Movement& movement) {
        if (movement.through != Node::none) return;
        const auto remark = [&](Discrepancy::Kind kind) {
            if (told.at(std::to_underlying(kind))++ >= kMovementRemarksMax) {
                ++more;
                return;
            }
            found.push_back({kind, movement.amount, PlaceNo::none, movement.sequence, {}, 0});
            add_documents(counted.view(), movement.event, found.back().documents);
        };
        if (lacks_from(movement)) remark(Discrepancy::Kind::missing_from);
        if (lacks_to(movement)) remark(Discrepancy::Kind::missing_to);
        if (movement.amount.unit != own) remark(Discrepancy::Kind::unit_mismatch);
    });
    return more;
}

/// Whether one thing came in more often than once, so that serial_twice() is worth a look.
bool may_be_twice(const ItemStock& stock) {
    const auto came_in_again = [](const UnitStock& unit) { return unit.inflow() > kQuantityScale; };
    return is_one_thing(stock.kind) && (stock.units.size() > 1 || std::ranges::any_of(stock.units, came_in_again));
}

bool is_too_large(const UnitBalance& line) {
    return std::ranges::any_of(std::array{line.inflow, line.outflow, line.on_hand, line.in_transit, line.difference},
                               [](std::int64_t micros) { return lineage::is_too_large(micros); });
}

/// Of each unit of measure whose amounts cannot be added up, with the documents of all its movements.
void find_too_large(CountedMovements& counted, const MassBalance& balance, std::vector<Discrepancy>& found) {
    for (const UnitBalance& line : balance.units) {
        if (!is_too_large(line)) continue;
        Discrepancy one{Discrepancy::Kind::too_large, {line.unit, std::max(line.inflow, line.outflow)}, PlaceNo::none, kNever, {}, 0};
        counted.for_each(balance.stock.item, [&](const Movement& movement) {
            if (movement.amount.unit == line.unit) add_documents(counted.view(), movement.event, one.documents);
        });
        found.push_back(std::move(one));
    }
}

UnitBalance balance_of(const UnitStock& unit) {
    UnitBalance line{unit.unit, unit.inflow(), unit.outflow(), unit.on_hand_total(), unit.in_transit_total(), 0};
    line.difference = subtract_clamped(subtract_clamped(line.inflow, line.outflow), add_clamped(line.on_hand, line.in_transit));
    return line;
}

}  // namespace

std::string_view to_string(Discrepancy::Kind kind) noexcept { return name_of(kKind, kind); }

std::size_t keep_first_documents(std::vector<DocumentNo>& documents) {
    std::ranges::sort(documents);
    const auto twice = std::ranges::unique(documents);
    documents.erase(twice.begin(), twice.end());
    const std::size_t kept = std::min(documents.size(), kGapDocumentsMax);
    const std::size_t more = documents.size() - kept;
    documents.resize(kept);
    return more;
}

bool MassBalance::closes() const noexcept {
    return discrepancies.empty() && std::ranges::all_of(units, [](const UnitBalance& unit) { return unit.difference == 0; });
}

MassBalance balance_of(const View& view, Node item) {
    CountedMovements counted{view};
    return balance_of(counted, item);
}

MassBalance balance_of(CountedMovements& counted, Node item) { return balance_of(counted, stock_of(counted, item)); }

MassBalance balance_of(const View& view, ItemStock stock) {
    CountedMovements counted{view};
    return balance_of(counted, std::move(stock));
}

MassBalance balance_of(CountedMovements& counted, ItemStock stock) {
    MassBalance balance;
    balance.stock = std::move(stock);
    for (const UnitStock& unit : balance.stock.units) balance.units.push_back(balance_of(unit));
    find_in_places(counted, balance.stock, balance.discrepancies);
    balance.more_discrepancies = find_in_movements(counted, balance.stock, balance.discrepancies);
    if (is_one_thing(balance.stock.kind))
        if (auto twice = serial_twice(counted, balance.stock.item)) balance.discrepancies.push_back(*std::move(twice));
    find_too_large(counted, balance, balance.discrepancies);
    for (Discrepancy& one : balance.discrepancies) one.more_documents = keep_first_documents(one.documents);
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
            balance_of(unit).difference != 0 || is_too_large(balance_of(unit)))
            return false;
    const UnitNo own = stock.units.front().unit;
    bool closes = true;
    bool one_each = true;
    counted.for_each(stock.item, [&](const Movement& movement) {
        one_each = one_each && movement.amount.micros == kQuantityScale;
        if (movement.through != Node::none) return;
        closes = closes && !lacks_from(movement) && !lacks_to(movement) && movement.amount.unit == own;
    });
    if (!closes || !is_one_thing(stock.kind)) return closes;
    return (one_each && !may_be_twice(stock)) || !serial_twice(counted, stock.item);
}

}  // namespace stemma::lineage
