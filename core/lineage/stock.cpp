#include "core/lineage/stock.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/domain/names.hpp"
#include "core/lineage/containment.hpp"
#include "core/lineage/stock_fold.hpp"

namespace stemma::lineage {
namespace {

constexpr NameTable<Status, 9> kStatus{{{Status::unknown, "unknown"},
                                        {Status::received, "received"},
                                        {Status::in_stock, "in_stock"},
                                        {Status::returned, "returned"},
                                        {Status::in_transit, "in_transit"},
                                        {Status::shipped, "shipped"},
                                        {Status::consumed, "consumed"},
                                        {Status::returned_to_supplier, "returned_to_supplier"},
                                        {Status::written_off, "written_off"}}};

void add(std::int64_t& total, std::int64_t micros) { total = add_clamped(total, micros); }

template <class Amounts>
std::int64_t sum(const Amounts& amounts) noexcept {
    std::int64_t total = 0;
    for (const auto& amount : amounts) add(total, amount.micros);
    return total;
}

void count(UnitStock& stock, MovementKind kind, std::int64_t micros) {
    switch (kind) {
        case MovementKind::received: return add(stock.received, micros);
        case MovementKind::produced: return add(stock.produced, micros);
        case MovementKind::found: return add(stock.found, micros);
        case MovementKind::returned_by_customer: return add(stock.returned_by_customer, micros);
        case MovementKind::consumed: return add(stock.consumed, micros);
        case MovementKind::shipped: return add(stock.shipped, micros);
        case MovementKind::returned_to_supplier: return add(stock.returned_to_supplier, micros);
        case MovementKind::written_off: return add(stock.written_off, micros);
        case MovementKind::wasted: add(stock.produced, micros); return add(stock.wasted, micros);
        case MovementKind::moved: return;
    }
}

bool later(const Movement& a, const std::optional<Movement>& b) {
    return !b || std::tuple(a.time, a.sequence) >= std::tuple(b->time, b->sequence);
}

Status status_of_outflow(MovementKind kind) noexcept {
    switch (kind) {
        case MovementKind::consumed: return Status::consumed;
        case MovementKind::shipped: return Status::shipped;
        case MovementKind::returned_to_supplier: return Status::returned_to_supplier;
        default: return Status::written_off;
    }
}

void clear(UnitStock& unit) noexcept {
    unit.on_hand.clear();
    unit.in_transit.clear();
    unit.outside.clear();
    unit.with_customer.clear();
    for (std::int64_t* sum : {&unit.received, &unit.produced, &unit.found, &unit.returned_by_customer, &unit.consumed, &unit.shipped,
                              &unit.returned_to_supplier, &unit.written_off, &unit.wasted})
        *sum = 0;
}

}  // namespace

// --- the fold --------------------------------------------------------------------------------------------------------

void StockFold::begin(Node item) {
    if (stock_.units.size() > 1) stock_.units.resize(1);
    if (!stock_.units.empty()) clear(stock_.units.front());
    units_ = 0;
    changes_.clear();
    movements_ = 0;
    receipts_ = 0;
    last_in_.reset();
    last_out_.reset();
    stock_.item = item;
    stock_.kind = view_.kind(item);
    stock_.status = Status::unknown;
    stock_.on_hand_status = Status::in_stock;
    const ProductNo number = view_.product(item);
    if (number == ProductNo::none) return;
    const auto [known, fresh] = product_units_.try_emplace(number);
    if (fresh)
        if (const ProductInfo product = view_.product(number); product.known) known->second = product.unit;
    if (known->second) unit_of(*known->second);
}

const ItemStock& StockFold::of(Node item) {
    begin(item);
    counted_.for_each(item, [&](const Movement& movement) { count(movement); });
    if (units_ == 0) unit_of(UnitNo::piece);
    sum_changes();
    std::sort(stock_.units.begin() + 1, stock_.units.end(), [](const UnitStock& a, const UnitStock& b) { return a.unit < b.unit; });
    if (movements_ > 0 && receipts_ == movements_) stock_.on_hand_status = Status::received;
    if (is_one_thing(stock_.kind) && last_in_ && last_in_->kind == MovementKind::returned_by_customer)
        stock_.on_hand_status = Status::returned;
    if (movements_ > 0) stock_.status = is_one_thing(stock_.kind) ? status_of_one() : status_of_most();
    if (is_one_thing(stock_.kind)) give_to_last_customer();
    return stock_;
}

ItemStock StockFold::take(Node item) {
    (void)of(item);
    return std::exchange(stock_, {});
}

UnitStock& StockFold::unit_of(UnitNo unit) {
    for (std::size_t i = 0; i < units_; ++i)
        if (stock_.units[i].unit == unit) return stock_.units[i];
    if (++units_ > stock_.units.size()) stock_.units.emplace_back();
    stock_.units[units_ - 1].unit = unit;
    return stock_.units[units_ - 1];
}

void StockFold::count(const Movement& movement) {
    const auto [unit, micros] = movement.amount;
    lineage::count(unit_of(unit), movement.kind, micros);
    ++movements_;
    if (movement.kind == MovementKind::received) ++receipts_;

    const bool half = is_half(movement);
    const std::int64_t less = subtract_clamped(0, micros);
    if (!half && needs_from(movement.kind) && !lacks_from(movement))
        changes_.push_back({unit, false, static_cast<std::uint32_t>(movement.from), less});
    if (!half && needs_to(movement.kind) && !lacks_to(movement))
        changes_.push_back({unit, false, static_cast<std::uint32_t>(movement.to), micros});
    if (movement.kind == MovementKind::shipped) changes_.push_back({unit, true, static_cast<std::uint32_t>(movement.party), micros});
    if (movement.kind == MovementKind::returned_by_customer)
        changes_.push_back({unit, true, static_cast<std::uint32_t>(movement.party), less});

    if (is_inflow(movement.kind) && later(movement, last_in_)) last_in_ = movement;
    if (is_outflow(movement.kind) && later(movement, last_out_)) last_out_ = movement;
}

void StockFold::sum_changes() {
    const auto key = [](const Change& change) { return std::tuple(change.unit, change.party, change.where); };
    std::ranges::sort(changes_, {}, key);
    for (auto at = changes_.begin(); at != changes_.end();) {
        const Change first = *at;
        std::int64_t micros = 0;
        for (; at != changes_.end() && key(*at) == key(first); ++at) add(micros, at->micros);
        if (micros == 0) continue;
        UnitStock& unit = unit_of(first.unit);
        if (first.party)
            unit.with_customer.push_back({PartyNo{first.where}, micros});
        else
            list_of(unit, PlaceNo{first.where}).push_back({PlaceNo{first.where}, micros});
    }
}

std::vector<PlaceAmount>& StockFold::list_of(UnitStock& unit, PlaceNo place) {
    const auto [known, fresh] = place_kinds_.try_emplace(place);
    if (fresh) known->second = view_.place(place).kind;
    if (known->second == PlaceKind::stock) return unit.on_hand;
    return known->second == PlaceKind::transit ? unit.in_transit : unit.outside;
}

/// A lot stands where most of it is; of equals, the first of: on hand, in transit, shipped, consumed, returned, written off.
Status StockFold::status_of_most() const {
    for (const UnitStock& unit : stock_.units) {
        if (unit.inflow() == 0 && unit.outflow() == 0) continue;
        const std::array<std::pair<std::int64_t, Status>, 6> parts{{{unit.on_hand_total(), stock_.on_hand_status},
                                                                    {unit.in_transit_total(), Status::in_transit},
                                                                    {unit.with_customer_total(), Status::shipped},
                                                                    {unit.consumed, Status::consumed},
                                                                    {unit.returned_to_supplier, Status::returned_to_supplier},
                                                                    {add_clamped(unit.written_off, unit.wasted), Status::written_off}}};
        const auto most = std::ranges::max_element(parts, {}, &std::pair<std::int64_t, Status>::first);
        if (most->first > 0) return most->second;
    }
    return Status::unknown;
}

Status StockFold::status_of_one() const {
    // Gone without saying from where: the place it was last put to still shows it, its status does not.
    if (last_out_ && last_out_->from == PlaceNo::none && (!last_in_ || later(*last_out_, last_in_)))
        return status_of_outflow(last_out_->kind);
    for (const UnitStock& unit : stock_.units)
        if (unit.on_hand_total() > 0) return stock_.on_hand_status;
    for (const UnitStock& unit : stock_.units)
        if (unit.in_transit_total() > 0) return Status::in_transit;
    const bool came_back = last_in_ && last_in_->kind == MovementKind::returned_by_customer;
    if (came_back && last_out_ && !later(*last_out_, last_in_)) return Status::returned;
    return last_out_ ? status_of_outflow(last_out_->kind) : Status::unknown;
}

/// One thing is with the customer it was delivered to last, or, whoever brought it back, with none.
void StockFold::give_to_last_customer() {
    for (std::size_t i = 0; i < units_; ++i) stock_.units[i].with_customer.clear();
    if (stock_.status != Status::shipped) return;
    const auto [unit, micros] = last_out_->amount;
    unit_of(unit).with_customer.push_back({last_out_->party, unit == UnitNo::piece ? kQuantityScale : micros});
}

std::int64_t UnitStock::on_hand_total() const noexcept { return sum(on_hand); }
std::int64_t UnitStock::in_transit_total() const noexcept { return sum(in_transit); }
std::int64_t UnitStock::with_customer_total() const noexcept { return sum(with_customer); }

std::int64_t UnitStock::inflow() const noexcept {
    return add_clamped(add_clamped(received, produced), add_clamped(found, returned_by_customer));
}

std::int64_t UnitStock::outflow() const noexcept {
    return add_clamped(add_clamped(add_clamped(consumed, shipped), add_clamped(returned_to_supplier, written_off)), wasted);
}

std::string_view to_string(Status status) noexcept { return name_of(kStatus, status); }

ItemStock stock_of(CountedMovements& counted, Node item) { return StockFold{counted}.take(item); }

ItemStock stock_of(const View& view, Node item) {
    CountedMovements counted{view};
    return stock_of(counted, item);
}

ItemStock stock_since(const View& view, ItemStock stock, Instant since) {
    CountedMovements counted{view};
    return stock_since(counted, std::move(stock), since);
}

ItemStock stock_since(CountedMovements& counted, ItemStock stock, Instant since) {
    std::map<std::pair<UnitNo, PartyNo>, std::int64_t> shipped;  // since then
    counted.for_each(stock.item, [&](const Movement& movement) {
        const Instant last{movement.time.us + (movement.date_only ? kMicrosPerDay - 1 : 0)};
        if (last >= since) {
            if (movement.kind == MovementKind::shipped) add(shipped[{movement.amount.unit, movement.party}], movement.amount.micros);
            return;
        }
        if (!is_outflow(movement.kind)) return;
        const auto unit = std::ranges::find(stock.units, movement.amount.unit, &UnitStock::unit);
        if (unit != stock.units.end()) count(*unit, movement.kind, subtract_clamped(0, movement.amount.micros));
    });
    for (UnitStock& unit : stock.units) {
        for (PartyAmount& customer : unit.with_customer) {
            const auto most = shipped.find({unit.unit, customer.party});
            customer.micros = std::min(customer.micros, most == shipped.end() ? 0 : most->second);
        }
        std::erase_if(unit.with_customer, [](const PartyAmount& customer) { return customer.micros == 0; });
    }
    return stock;
}

bool is_consumed_entirely(const ItemStock& stock) noexcept {
    const auto all_used = [](const UnitStock& unit) { return unit.consumed >= subtract_clamped(unit.inflow(), unit.returned_by_customer); };
    return std::ranges::all_of(stock.units, all_used) &&
           std::ranges::any_of(stock.units, [](const UnitStock& unit) { return unit.consumed > 0; });
}

}  // namespace stemma::lineage
