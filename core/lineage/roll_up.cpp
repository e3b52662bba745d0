#include "core/lineage/roll_up.hpp"

#include <algorithm>
#include <tuple>

#include "core/lineage/roll_up_maker.hpp"
#include "core/lineage/timed.hpp"

namespace stemma::lineage {
namespace {

void add(std::vector<Amount>& amounts, const Amount& amount) {
    auto at = std::ranges::lower_bound(amounts, amount.unit, {}, &Amount::unit);
    if (at == amounts.end() || at->unit != amount.unit) at = amounts.insert(at, {amount.unit, 0});
    at->micros = add_clamped(at->micros, amount.micros);
}

/// A party's or document's number and a kind of movement in one word.
template <class Number>
std::uint64_t key_of(Number number, MovementKind kind) noexcept {
    return (std::uint64_t{std::to_underlying(number)} << 8U) | std::to_underlying(kind);
}

}  // namespace

template <class Key>
void Tallies<Key>::count(const Key& key, const Sort& sort, Node item, bool end, const std::optional<Amount>& amount) {
    if (newest_ == nullptr || newest_->first != key) {
        newest_ = &*lines_.try_emplace(key).first;
        newest_part_ = nullptr;
    }
    Line& line = newest_->second;
    if (newest_part_ == nullptr || newest_part_->first != sort) newest_part_ = &*line.parts.try_emplace(sort).first;
    line.whole.count(item, end);
    Count& part = newest_part_->second;
    part.count(item, end);
    if (amount) add(part.tally.amounts, *amount);
}

void RollUpMaker::count(const ItemStock& stock, bool end) {
    ++roll_up_.all.items;
    if (end) ++roll_up_.all.end_items;
    const Sort sort{stock.kind == NodeKind::logistic_unit, view_.product(stock.item)};
    if (keys_.product) count_product(stock, sort, end);
    for (const UnitStock& unit : stock.units) {
        const auto amount = [&](std::int64_t micros) { return Amount{unit.unit, micros}; };
        if (keys_.place) {
            for (const PlaceAmount& place : unit.on_hand)
                if (place.micros > 0) by_place_.count({false, place.place}, sort, stock.item, end, amount(place.micros));
            for (const PlaceAmount& place : unit.in_transit)
                if (place.micros > 0) by_place_.count({true, place.place}, sort, stock.item, end, amount(place.micros));
        }
        if (keys_.customer)
            for (const PartyAmount& party : unit.with_customer)
                by_customer_.count({party.party, party.micros < 0}, sort, stock.item, end, amount(party.micros));
    }
    if (keys_.status) count_status(stock, sort, end);
}

void RollUpMaker::count_product(const ItemStock& stock, const Sort& sort, bool end) {
    by_product_.count(sort, sort, stock.item, end, std::nullopt);
    for (const UnitStock& unit : stock.units) {
        const std::int64_t made = subtract_clamped(unit.inflow(), unit.returned_by_customer);
        if (made <= 0) continue;
        if (is_one_thing(stock.kind))  // however often a repair or a tear-down gave it back
            return by_product_.count(sort, sort, stock.item, end, Amount{stock.units.front().unit, kQuantityScale});
        by_product_.count(sort, sort, stock.item, end, Amount{unit.unit, made});
    }
}

void RollUpMaker::count_status(const ItemStock& stock, const Sort& sort, bool end) {
    if (is_one_thing(stock.kind)) {
        by_status_.count(stock.status, sort, stock.item, end, Amount{stock.units.front().unit, kQuantityScale});
        return;
    }
    bool anywhere = false;
    for (const UnitStock& unit : stock.units) {
        const auto part = [&](Status status, std::int64_t micros) {
            if (micros == 0 || (micros < 0 && status != Status::shipped)) return;  // what came back too much keeps the customers' sum
            by_status_.count(status, sort, stock.item, end, Amount{unit.unit, micros});
            anywhere = true;
        };
        part(stock.on_hand_status, unit.on_hand_total());
        part(Status::in_transit, unit.in_transit_total());
        part(Status::shipped, unit.with_customer_total());
        part(Status::consumed, unit.consumed);
        part(Status::returned_to_supplier, unit.returned_to_supplier);
        part(Status::written_off, add_clamped(unit.written_off, unit.wasted));
    }
    if (!anywhere) by_status_.count(Status::unknown, sort, stock.item, end, std::nullopt);
}

RollUp RollUpMaker::finish() {
    using Parts = std::vector<ProductTally>;
    roll_up_.by_status = by_status_.lines([](Status key, Tally tally, Parts parts) {
        return StatusTally{key, std::move(tally), std::move(parts)};
    });
    roll_up_.by_place = by_place_.lines([](const auto& key, Tally tally, Parts parts) {
        return PlaceTally{key.second, key.first, std::move(tally), std::move(parts)};
    });
    roll_up_.by_customer = by_customer_.lines([](const auto& key, Tally tally, Parts parts) {
        return PartyTally{key.first, key.second, std::move(tally), std::move(parts)};
    });
    roll_up_.by_product = by_product_.lines([](const Sort& key, Tally tally, const Parts&) {
        return ProductTally{key.product, key.logistic_units, std::move(tally)};
    });
    return std::move(roll_up_);
}

void Mentions::count(CountedMovements& counted, Node item, bool certain, Instant since) {
    const View& view = counted.view();
    const std::optional<ProductNo> product = view.kind(item) == NodeKind::logistic_unit ? std::nullopt : std::optional{view.product(item)};
    counted.for_each(item, [&](const Movement& movement) {
        if (movement.kind == MovementKind::moved || (since != kAlways && span_of(view, movement.event).last < since)) return;
        if (with_documents_)
            for (const DocumentNo document : view.documents_of(movement.event))
                count(documents_[key_of(document, movement.kind)], item, certain, product, movement.amount);
        if (with_parties_ && movement.party != PartyNo::none)
            count(parties_[key_of(movement.party, movement.kind)], item, certain, product, movement.amount);
    });
}

void Mentions::count(Sum& sum, Node item, bool certain, std::optional<ProductNo> product, const Amount& amount) {
    if (sum.last != item) ++sum.items;
    sum.last = item;
    sum.certain = sum.certain || certain;
    if (!product) return;
    sum.several = sum.several || (sum.product && sum.product != product);
    sum.product = product;
    if (!sum.several) add(sum.amounts, amount);
}

template <class Line, auto Member>
std::vector<Line> Mentions::lines(Sums sums) {
    std::vector<Line> out;
    out.reserve(sums.size());
    for (auto& [key, sum] : sums) {
        Line& line = out.emplace_back();
        using Number = std::remove_reference_t<decltype(line.*Member)>;
        line.*Member = Number{static_cast<std::uint32_t>(key >> 8U)};
        line.kind = MovementKind{static_cast<unsigned char>(key & 0xFFU)};
        line.certain = sum.certain;
        line.items = sum.items;
        if (!sum.several) line.amounts = std::move(sum.amounts);
    }
    std::ranges::sort(out, {}, [](const Line& line) { return std::tuple(!line.certain, line.kind, line.*Member); });
    return out;
}

std::vector<DocumentLine> Mentions::documents() { return lines<DocumentLine, &DocumentLine::document>(std::exchange(documents_, {})); }
std::vector<PartyLine> Mentions::parties() { return lines<PartyLine, &PartyLine::party>(std::exchange(parties_, {})); }

// --- roll_up() -------------------------------------------------------------------------------------------------------

namespace {

/// One of the two sets, while its items go by.
struct Counting {
    RollUpMaker counts;
    Mentions mentions;

    [[nodiscard]] SetRollUp finish() { return {counts.finish(), mentions.parties(), mentions.documents()}; }
};

}  // namespace

RollUps roll_up(const View& view, std::span<const Node> nodes, std::size_t certain, const RollUpOptions& options) {
    const RollUpKeys& keys = options.keys;
    const bool mentions = keys.party || keys.document;
    Counting sure{{view, keys}, Mentions{keys.party, keys.document}};
    Counting perhaps{{view, keys}, Mentions{keys.party, keys.document}};
    CountedMovements counted{view, options.cancel};
    StockFold fold{counted};
    Steps items{options.cancel};
    for (std::size_t i = 0; i < nodes.size() && !items.over(); ++i) {
        const Node node = nodes[i];
        if (view.is_transformation(node)) continue;
        Counting& set = i < certain ? sure : perhaps;
        const Instant since = options.since.empty() ? kAlways : options.since[i];
        const ItemStock& stock = fold.of(node);
        if (counted.cancelled()) break;
        const bool end = !is_consumed_entirely(stock);
        if (since == kAlways)
            set.counts.count(stock, end);
        else
            set.counts.count(stock_since(counted, stock, since), end);
        if (mentions) set.mentions.count(counted, node, i < certain, since);
    }
    return {sure.finish(), perhaps.finish(), items.is_over() || counted.cancelled()};
}

}  // namespace stemma::lineage
